//! Lua tables as files hold them: constants, and tables with a name before them. Nothing is run.

use crate::ReadError;
use crate::text::{MAX_POINTS, excerpt};

/// Tables within tables that are followed.
const MAX_DEPTH: usize = 100;
/// Entries of all tables of a file that are kept, besides points' coordinates.
const MAX_ENTRIES: usize = 4_000_000;
/// What coordinates of a point are called.
const COORDINATES: [&str; 6] = ["X", "Y", "LX", "LY", "RX", "RY"];

/// A constant or a table.
#[derive(Debug)]
pub(crate) enum Value<'a> {
    Number(f64),
    /// The text between its quotes, with escapes as they are.
    Text(&'a str),
    True,
    /// `false`, `nil`, or a name that means nothing here.
    Other,
    Table(Table<'a>),
}

/// A table's key; `None` for one that is counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Key<'a> {
    Counted,
    Number(f64),
    Name(&'a str),
}

/// A table and the name before it, such as `Input { ... }`.
#[derive(Debug, Default)]
pub(crate) struct Table<'a> {
    pub(crate) kind: &'a str,
    pub(crate) entries: Vec<(Key<'a>, Value<'a>)>,
    /// X, Y, LX, LY, RX and RY, which a file may have millions of.
    pub(crate) place: Option<Box<[f64; 6]>>,
}

impl<'a> Table<'a> {
    pub(crate) fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.entries.iter().find(|(key, _)| *key == Key::Name(name)).map(|(_, value)| value)
    }

    pub(crate) fn table(&self, name: &str) -> Option<&Table<'a>> {
        match self.get(name)? {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        match self.get(name)? {
            Value::Number(n) => Some(*n),
            _ => None,
        }
    }

    pub(crate) fn text(&self, name: &str) -> Option<&'a str> {
        match self.get(name)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn is_true(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Value::True))
    }

    /// Entries without keys, in their order.
    pub(crate) fn counted(&self) -> impl Iterator<Item = &Value<'a>> {
        self.entries.iter().filter(|(key, _)| *key == Key::Counted).map(|(_, value)| value)
    }

    /// Numbers without keys, in their order.
    pub(crate) fn numbers(&self) -> Vec<f64> {
        let number = |value: &Value<'_>| if let Value::Number(n) = value { Some(*n) } else { None };
        self.counted().map_while(number).collect()
    }

    /// Tables with a name as key.
    pub(crate) fn named(&self) -> impl Iterator<Item = (&'a str, &Table<'a>)> {
        self.entries.iter().filter_map(|(key, value)| match (key, value) {
            (Key::Name(name), Value::Table(table)) => Some((*name, table)),
            _ => None,
        })
    }
}

/// Reads a text that is one table.
pub(crate) fn read(text: &str) -> Result<Table<'_>, ReadError> {
    let mut parser = Parser { text, at: 0, entries: 0, places: 0 };
    parser.space();
    let kind = parser.name();
    parser.space();
    if parser.rest().starts_with('{') {
        parser.table(kind, 0)
    } else {
        Err(parser.fault("a table is expected"))
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    entries: usize,
    places: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn fault(&self, what: impl Into<String>) -> ReadError {
        let before = self.text.as_bytes().get(..self.at).unwrap_or(self.text.as_bytes());
        ReadError::line(before.iter().filter(|b| **b == b'\n').count() + 1, what)
    }

    /// Passes over blanks and comments.
    fn space(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with("--") {
                return;
            }
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    fn eat(&mut self, token: char) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len_utf8();
        }
        found
    }

    /// A name, or nothing.
    fn name(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            return "";
        }
        self.at += end;
        &rest[..end]
    }

    fn number(&mut self) -> Result<f64, ReadError> {
        let rest = self.rest();
        let end =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c))).unwrap_or(rest.len());
        let word = &rest[..end];
        let value = word.parse::<f64>().ok().filter(|v| v.is_finite());
        let value = value.ok_or_else(|| self.fault(format!("\"{}\" is not a number", excerpt(word))))?;
        self.at += end;
        Ok(value)
    }

    /// A string, after its opening quote.
    fn string(&mut self, quote: u8) -> Result<&'a str, ReadError> {
        let begin = self.at;
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b'\\' => self.at += 2,
                b if *b == quote => {
                    self.at += 1;
                    return Ok(self.text.get(begin..self.at - 1).unwrap_or(""));
                }
                _ => self.at += 1,
            }
        }
        self.at = begin;
        Err(self.fault("a string is never closed"))
    }

    fn value(&mut self, depth: usize) -> Result<Value<'a>, ReadError> {
        match self.rest().bytes().next() {
            Some(b'{') => self.table("", depth).map(Value::Table),
            Some(quote @ (b'"' | b'\'')) => {
                self.at += 1;
                self.string(quote).map(Value::Text)
            }
            Some(b'-' | b'.' | b'0'..=b'9') => self.number().map(Value::Number),
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') => {
                let name = self.name();
                self.space();
                // `ordered() { ... }`
                if self.eat('(') {
                    self.space();
                    if !self.eat(')') {
                        return Err(self.fault("calls are not read"));
                    }
                    self.space();
                }
                match name {
                    _ if self.rest().starts_with('{') => self.table(name, depth).map(Value::Table),
                    "true" => Ok(Value::True),
                    _ => Ok(Value::Other),
                }
            }
            Some(_) => Err(self.fault("a constant or a table is expected")),
            None => Err(self.fault("a table is never closed")),
        }
    }

    /// A table, at its opening brace.
    fn table(&mut self, kind: &'a str, depth: usize) -> Result<Table<'a>, ReadError> {
        if depth > MAX_DEPTH {
            return Err(self.fault("tables are nested too deeply"));
        }
        let mut table = Table { kind, ..Table::default() };
        self.at += 1;
        loop {
            self.space();
            if self.eat('}') {
                return Ok(table);
            }
            let key = self.key()?;
            let value = self.value(depth + 1)?;
            self.put(&mut table, key, value)?;
            self.space();
            if !(self.eat(',') || self.eat(';') || self.rest().starts_with('}')) {
                return Err(self.fault("a comma or the end of the table is expected"));
            }
        }
    }

    /// A key with the sign behind it, where the entry has one.
    fn key(&mut self) -> Result<Key<'a>, ReadError> {
        let begin = self.at;
        let key = if self.eat('[') {
            self.space();
            let key = match self.value(MAX_DEPTH)? {
                Value::Number(n) => Key::Number(n),
                Value::Text(text) => Key::Name(text),
                _ => return Err(self.fault("a number or a string is expected as a key")),
            };
            self.space();
            if !self.eat(']') {
                return Err(self.fault("] is expected behind a key"));
            }
            key
        } else {
            Key::Name(self.name())
        };
        self.space();
        let equals = key != Key::Name("") && self.eat('=');
        if equals {
            self.space();
            return Ok(key);
        }
        self.at = begin;
        Ok(Key::Counted)
    }

    fn put(&mut self, table: &mut Table<'a>, key: Key<'a>, value: Value<'a>) -> Result<(), ReadError> {
        if let (Key::Name(name), Value::Number(n)) = (key, &value)
            && let Some(i) = COORDINATES.iter().position(|c| *c == name)
        {
            if table.place.is_none() {
                self.places += 1;
                if self.places > MAX_POINTS {
                    return Err(self.fault(format!("there are more than {MAX_POINTS} points")));
                }
            }
            table.place.get_or_insert_default()[i] = *n;
            return Ok(());
        }
        self.entries += 1;
        if self.entries > MAX_ENTRIES {
            return Err(self.fault(format!("the tables have more than {MAX_ENTRIES} entries")));
        }
        table.entries.push((key, value));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_with_all_kinds_of_entries() {
        let text = "Composition { -- a comment }\n Tools = ordered() { A = Input { Value = -1.5e1, }, [\"B.c\"] = 'q\\'}' ;},\n [5] = { 0, true, nil, X = 1, RY = .5 } }";
        let table = read(text).unwrap();
        assert_eq!(table.kind, "Composition");
        let tools = table.table("Tools").unwrap();
        assert_eq!((tools.kind, tools.text("B.c")), ("ordered", Some("q\\'}")));
        assert_eq!(tools.table("A").unwrap().number("Value"), Some(-15.0));
        let (key, Value::Table(last)) = &table.entries[1] else { panic!("{table:?}") };
        assert_eq!(*key, Key::Number(5.0));
        assert_eq!((last.numbers(), last.counted().count()), (vec![0.0], 3));
        assert_eq!(last.place.as_deref(), Some(&[1.0, 0.0, 0.0, 0.0, 0.0, 0.5]));
    }

    #[test]
    fn faults_have_their_line() {
        let said = |text: &str| read(text).unwrap_err().to_string();
        assert_eq!(said("hello"), "line 1: a table is expected");
        assert_eq!(said("{\n a = 1\n b = 2 }"), "line 3: a comma or the end of the table is expected");
        assert_eq!(said("{\n a = 1e999 }"), "line 2: \"1e999\" is not a number");
        assert_eq!(said("{ a = \"b }"), "line 1: a string is never closed");
        assert_eq!(said("{ a = os(1) }"), "line 1: calls are not read");
        assert_eq!(said("{ a = "), "line 1: a table is never closed");
        assert_eq!(said(&"{".repeat(1000)), "line 1: tables are nested too deeply");
        assert_eq!(said(&format!("{{{}", "[".repeat(100_000))), "line 1: a constant or a table is expected");
    }
}
