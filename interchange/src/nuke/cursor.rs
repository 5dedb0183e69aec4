//! The words of a Nuke script, one after another, without a tree: a script may be a hundred megabytes.

use std::borrow::Cow;

use crate::ReadError;
use crate::text::excerpt;

/// A fault at a byte of the script.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    at: usize,
    what: String,
}

impl Fault {
    pub(crate) fn new(at: usize, what: impl Into<String>) -> Self {
        Fault { at, what: what.into() }
    }

    /// The fault with its line.
    pub(crate) fn in_text(self, text: &str) -> ReadError {
        let before = text.as_bytes().get(..self.at).unwrap_or(text.as_bytes());
        ReadError::line(before.iter().filter(|b| **b == b'\n').count() + 1, self.what)
    }
}

/// A part of the script and where it begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    pub(crate) text: &'a str,
    pub(crate) at: usize,
}

/// One command of a script, or one knob of a node: a name, and the rest of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Command<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: Part<'a>,
}

impl<'a> Command<'a> {
    /// What is between the braces of a value that is one pair of them.
    pub(crate) fn braced(&self) -> Option<Part<'a>> {
        let inner = self.value.text.trim_end().strip_prefix('{')?.strip_suffix('}')?;
        Some(Part { text: inner, at: self.value.at + 1 })
    }
}

/// The commands of a script: each ends with a line whose braces and quotes are closed.
pub(crate) struct Script<'a> {
    text: &'a str,
    base: usize,
    at: usize,
}

impl<'a> Script<'a> {
    pub(crate) fn new(text: &'a str, base: usize) -> Self {
        Script { text, base, at: 0 }
    }

    /// The end of the command that begins at `self.at`.
    fn end(&self) -> Result<usize, Fault> {
        let bytes = self.text.as_bytes();
        let mut opened = Vec::new();
        let mut quoted = None;
        let mut i = self.at;
        while i < bytes.len() {
            match bytes[i] {
                b'\\' => i += 1,
                b'\n' if opened.is_empty() && quoted.is_none() => return Ok(i),
                b'"' if opened.is_empty() => quoted = if quoted.is_some() { None } else { Some(i) },
                b'{' if quoted.is_none() => opened.push(i),
                b'}' if quoted.is_none() && opened.pop().is_none() => {
                    return Err(Fault::new(self.base + i, "a brace is closed that was not opened"));
                }
                _ => {}
            }
            i += 1;
        }
        match (opened.first(), quoted) {
            (Some(at), _) => Err(Fault::new(self.base + at, "this brace is never closed")),
            (None, Some(at)) => Err(Fault::new(self.base + at, "this quote is never closed")),
            (None, None) => Ok(bytes.len()),
        }
    }
}

impl<'a> Iterator for Script<'a> {
    type Item = Result<Command<'a>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = self.text.get(self.at..)?;
            self.at += rest.len() - rest.trim_start().len();
            let rest = self.text.get(self.at..).filter(|r| !r.is_empty())?;
            if rest.starts_with('#') {
                self.at += rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            let begin = self.at;
            self.at = match self.end() {
                Ok(end) => end,
                Err(fault) => {
                    self.at = self.text.len();
                    return Some(Err(fault));
                }
            };
            let line = &self.text[begin..self.at];
            let name = line.split(|c: char| c.is_whitespace() || c == '{').next().unwrap_or("");
            let value = line[name.len()..].trim_start();
            let at = self.base + begin + line.len() - value.len();
            return Some(Ok(Command { name, value: Part { text: value, at } }));
        }
    }
}

/// One word of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    Open,
    Close,
    Word(&'a str),
    End,
}

/// Reads the words of a list.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    part: Part<'a>,
    at: usize,
    token_at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(part: &Part<'a>) -> Self {
        Cursor { part: *part, at: 0, token_at: 0 }
    }

    /// A fault at the last word read.
    pub(crate) fn fault(&self, what: impl Into<String>) -> Fault {
        Fault::new(self.part.at + self.token_at, what)
    }

    pub(crate) fn next(&mut self) -> Token<'a> {
        let bytes = self.part.text.as_bytes();
        while self.at < bytes.len() && bytes[self.at].is_ascii_whitespace() {
            self.at += 1;
        }
        self.token_at = self.at;
        let Some(first) = bytes.get(self.at) else { return Token::End };
        self.at += 1;
        match first {
            b'{' => Token::Open,
            b'}' => Token::Close,
            b'"' => {
                let begin = self.at;
                while self.at < bytes.len() && bytes[self.at] != b'"' {
                    self.at += if bytes[self.at] == b'\\' { 2 } else { 1 };
                }
                let word = self.part.text.get(begin..self.at.min(bytes.len())).unwrap_or("");
                self.at = (self.at + 1).min(bytes.len());
                Token::Word(word)
            }
            _ => {
                while self.at < bytes.len() && !matches!(bytes[self.at], b'{' | b'}' | b' ' | b'\t'..=b'\r') {
                    self.at += if bytes[self.at] == b'\\' { 2 } else { 1 };
                }
                self.at = self.at.min(bytes.len());
                Token::Word(self.part.text.get(self.token_at..self.at).unwrap_or(""))
            }
        }
    }

    /// The next word without taking it.
    pub(crate) fn peek(&self) -> Token<'a> {
        self.clone().next()
    }

    pub(crate) fn open(&mut self, what: &str) -> Result<(), Fault> {
        match self.next() {
            Token::Open => Ok(()),
            other => Err(self.unexpected(other, &format!("a list with {what}"))),
        }
    }

    pub(crate) fn close(&mut self) -> Result<(), Fault> {
        match self.next() {
            Token::Close => Ok(()),
            other => Err(self.unexpected(other, "the end of a list")),
        }
    }

    pub(crate) fn word(&mut self, what: &str) -> Result<&'a str, Fault> {
        match self.next() {
            Token::Word(word) => Ok(word),
            other => Err(self.unexpected(other, what)),
        }
    }

    /// A number in decimal, or the bits of a 32-bit float in hexadecimal behind an `x`.
    pub(crate) fn number(&mut self) -> Result<f64, Fault> {
        let word = self.word("a number")?;
        parse_number(word).ok_or_else(|| self.fault(format!("\"{}\" is not a number", excerpt(word))))
    }

    /// Whatever follows, to the end of the list that is open; its closing brace is taken.
    pub(crate) fn skip_rest(&mut self) -> Result<(), Fault> {
        let mut depth = 1usize;
        loop {
            match self.next() {
                Token::Open => depth += 1,
                Token::Close if depth == 1 => return Ok(()),
                Token::Close => depth -= 1,
                Token::Word(_) => {}
                Token::End => return Err(self.fault("a list is never closed")),
            }
        }
    }

    /// The next word, or the next list with all that is in it.
    pub(crate) fn skip_item(&mut self) -> Result<(), Fault> {
        match self.next() {
            Token::Open => self.skip_rest(),
            Token::Word(_) => Ok(()),
            other => Err(self.unexpected(other, "a value")),
        }
    }

    fn unexpected(&self, token: Token<'_>, wanted: &str) -> Fault {
        let found = match token {
            Token::Open => "the beginning of a list".to_owned(),
            Token::Close => "the end of a list".to_owned(),
            Token::Word(word) => format!("\"{}\"", excerpt(word)),
            Token::End => "the end of the file".to_owned(),
        };
        self.fault(format!("{wanted} is expected, not {found}"))
    }
}

/// A finite number in either notation.
pub(crate) fn parse_number(word: &str) -> Option<f64> {
    let hexadecimal = word.strip_prefix("0x").or_else(|| word.strip_prefix('x'));
    let value = match hexadecimal {
        Some(digits) if (1..=8).contains(&digits.len()) => {
            f64::from(f32::from_bits(u32::from_str_radix(digits, 16).ok()?))
        }
        _ => word.parse().ok()?,
    };
    value.is_finite().then_some(value)
}

/// A name without its backslashes.
pub(crate) fn unescaped(word: &str) -> Cow<'_, str> {
    if !word.contains('\\') {
        return Cow::Borrowed(word);
    }
    let mut out = String::with_capacity(word.len());
    let mut characters = word.chars();
    while let Some(c) = characters.next() {
        out.extend(if c == '\\' { characters.next() } else { Some(c) });
    }
    Cow::Owned(out)
}

/// A name as one word of a list.
pub(crate) fn escaped(name: &str) -> Cow<'_, str> {
    if !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Cow::Borrowed(name);
    }
    let mut out = String::from("\"");
    for c in name.chars() {
        match c {
            '"' | '\\' | '{' | '}' | '[' | ']' | '$' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_end_with_their_braces() {
        let text = "# c {\nversion 13.0\nRoto {\n curves {{a}\n {b}}\n label \"x \\} y\"\n}\nend_group\n";
        let commands: Vec<_> = Script::new(text, 0).map(|c| c.unwrap().name).collect();
        assert_eq!(commands, ["version", "Roto", "end_group"]);
        let roto = Script::new(text, 0).nth(1).unwrap().unwrap().braced().unwrap();
        let knobs: Vec<_> = Script::new(roto.text, roto.at).map(|c| c.unwrap()).collect();
        assert_eq!((knobs[0].name, knobs[1].name), ("curves", "label"));
        assert_eq!(&text[knobs[0].value.at..][..4], "{{a}");
    }

    #[test]
    fn faults_have_their_line() {
        let fault = Script::new("a b\nRoto {\n {\n", 0).nth(1).unwrap().unwrap_err();
        assert_eq!(fault.in_text("a b\nRoto {\n {\n").to_string(), "line 2: this brace is never closed");
    }

    #[test]
    fn numbers_in_both_notations() {
        assert_eq!(parse_number("x44852000"), Some(1065.0));
        assert_eq!(parse_number("0x3f800000"), Some(1.0));
        assert_eq!(parse_number("-2.5"), Some(-2.5));
        for bad in ["x7f800000", "x", "x123456789", "nan", "1e999", ""] {
            assert_eq!(parse_number(bad), None, "{bad}");
        }
    }

    #[test]
    fn names_come_back() {
        for name in ["eye_L", "", "a b", "q\"{}\\$[x]", "\u{e9}"] {
            let word = escaped(name);
            let mut cursor = Cursor::new(&Part { text: &word, at: 0 });
            let Token::Word(read) = cursor.next() else { panic!("{word}") };
            assert_eq!(unescaped(read), name);
        }
    }
}
