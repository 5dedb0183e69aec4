//! What a param can hold, and how a person writes it.

use std::ffi::{CStr, CString};
use std::fmt;

use serde::{Deserialize, Serialize};

/// The types of params.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParamKind {
    /// One integer.
    Integer,
    /// Two integers.
    Integer2D,
    /// Three integers.
    Integer3D,
    /// One double.
    Double,
    /// Two doubles.
    Double2D,
    /// Three doubles.
    Double3D,
    /// A colour.
    Rgb,
    /// A colour with alpha.
    Rgba,
    /// On or off.
    Boolean,
    /// One of a list.
    Choice,
    /// Text.
    String,
    /// Text that only the plug-in understands.
    Custom,
    /// Curves.
    Parametric,
    /// Something to press.
    PushButton,
    /// A group of params.
    Group,
    /// A page of params.
    Page,
}

/// How a kind's values travel through the C interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    Int(usize),
    Double(usize),
    Text,
    Nothing,
}

impl ParamKind {
    const ALL: [(ParamKind, &'static CStr); 16] = [
        (ParamKind::Integer, ofx_sys::kOfxParamTypeInteger),
        (ParamKind::Integer2D, ofx_sys::kOfxParamTypeInteger2D),
        (ParamKind::Integer3D, ofx_sys::kOfxParamTypeInteger3D),
        (ParamKind::Double, ofx_sys::kOfxParamTypeDouble),
        (ParamKind::Double2D, ofx_sys::kOfxParamTypeDouble2D),
        (ParamKind::Double3D, ofx_sys::kOfxParamTypeDouble3D),
        (ParamKind::Rgb, ofx_sys::kOfxParamTypeRGB),
        (ParamKind::Rgba, ofx_sys::kOfxParamTypeRGBA),
        (ParamKind::Boolean, ofx_sys::kOfxParamTypeBoolean),
        (ParamKind::Choice, ofx_sys::kOfxParamTypeChoice),
        (ParamKind::String, ofx_sys::kOfxParamTypeString),
        (ParamKind::Custom, ofx_sys::kOfxParamTypeCustom),
        (ParamKind::Parametric, ofx_sys::kOfxParamTypeParametric),
        (ParamKind::PushButton, ofx_sys::kOfxParamTypePushButton),
        (ParamKind::Group, ofx_sys::kOfxParamTypeGroup),
        (ParamKind::Page, ofx_sys::kOfxParamTypePage),
    ];

    /// The OpenFX name.
    pub fn ofx_name(self) -> &'static CStr {
        ParamKind::ALL.iter().find(|k| k.0 == self).map_or(c"", |k| k.1)
    }

    /// The kind of an OpenFX name.
    pub fn from_ofx_name(name: &CStr) -> Option<ParamKind> {
        ParamKind::ALL.iter().find(|k| k.1 == name).map(|k| k.0)
    }

    pub(crate) fn wire(self) -> Wire {
        match self {
            ParamKind::Integer | ParamKind::Boolean | ParamKind::Choice => Wire::Int(1),
            ParamKind::Integer2D => Wire::Int(2),
            ParamKind::Integer3D => Wire::Int(3),
            ParamKind::Double => Wire::Double(1),
            ParamKind::Double2D => Wire::Double(2),
            ParamKind::Double3D | ParamKind::Rgb => Wire::Double(3),
            ParamKind::Rgba => Wire::Double(4),
            ParamKind::String | ParamKind::Custom => Wire::Text,
            ParamKind::Parametric | ParamKind::PushButton | ParamKind::Group | ParamKind::Page => {
                Wire::Nothing
            }
        }
    }

    /// Has a value that can be set and asked for.
    pub fn has_value(self) -> bool {
        self.wire() != Wire::Nothing
    }
}

impl fmt::Display for ParamKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.ofx_name().to_str().unwrap_or_default();
        f.write_str(name.strip_prefix("OfxParamType").unwrap_or(name))
    }
}

/// A param's value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A boolean.
    Bool(bool),
    /// One to three integers, or a choice's index.
    Ints(Vec<i32>),
    /// One to four doubles.
    Doubles(Vec<f64>),
    /// A string or a custom's text.
    Text(String),
}

impl Value {
    /// The doubles, an integer's or a boolean's turned into them; none of a text.
    pub fn to_doubles(&self) -> Vec<f64> {
        match self {
            Value::Bool(b) => vec![f64::from(u8::from(*b))],
            Value::Ints(v) => v.iter().map(|i| f64::from(*i)).collect(),
            Value::Doubles(v) => v.clone(),
            Value::Text(_) => Vec::new(),
        }
    }

    /// The first number: an integer, a boolean or a rounded double.
    pub fn to_int(&self) -> Option<i32> {
        self.to_doubles().first().map(|v| v.round() as i32)
    }

    /// The text, where it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(t) => Some(t),
            _ => None,
        }
    }

    /// This value in the form of a kind of param, or what that kind takes instead.
    pub fn fit(&self, kind: ParamKind) -> Result<Value, String> {
        let numbers = self.to_doubles();
        match (kind, kind.wire()) {
            (ParamKind::Boolean, _) if numbers.len() == 1 => Ok(Value::Bool(numbers[0] != 0.0)),
            (_, Wire::Int(n)) if numbers.len() == n => {
                Ok(Value::Ints(numbers.iter().map(|v| v.round() as i32).collect()))
            }
            (_, Wire::Double(n)) if numbers.len() == n => Ok(Value::Doubles(numbers)),
            (_, Wire::Text) => match self {
                Value::Text(t) if !t.contains('\0') => Ok(self.clone()),
                Value::Text(_) => Err("text without a zero byte".into()),
                _ => Err("a text".into()),
            },
            _ => Err(kind.takes()),
        }
    }

    /// A value as a person writes it: `0.5`, `10 20` or `10,20`, `true`, a choice's label or index, a text.
    pub fn parse(text: &str, kind: ParamKind, options: &[String]) -> Result<Value, String> {
        let trimmed = text.trim();
        match (kind, kind.wire()) {
            (ParamKind::Boolean, _) => match trimmed.to_ascii_lowercase().as_str() {
                "1" | "true" | "on" | "yes" => Ok(Value::Bool(true)),
                "0" | "false" | "off" | "no" => Ok(Value::Bool(false)),
                _ => Err(kind.takes()),
            },
            (ParamKind::Choice, _) => choice_index(trimmed, options).map(|i| Value::Ints(vec![i])),
            (_, Wire::Int(n)) => {
                let v: Option<Vec<i32>> = words(trimmed).map(|w| w.parse().ok()).collect();
                v.filter(|v| v.len() == n).map(Value::Ints).ok_or_else(|| kind.takes())
            }
            (_, Wire::Double(n)) => {
                let mut v = colour(trimmed, kind);
                if v.is_none() {
                    v = words(trimmed).map(|w| w.parse().ok().filter(|x: &f64| x.is_finite())).collect();
                }
                v.filter(|v| v.len() == n).map(Value::Doubles).ok_or_else(|| kind.takes())
            }
            (_, Wire::Text) => Value::Text(text.to_owned()).fit(kind),
            (_, Wire::Nothing) => Err(kind.takes()),
        }
    }

    pub(crate) fn to_c_text(&self) -> CString {
        match self {
            // `fit` lets no zero byte in.
            Value::Text(t) => CString::new(t.as_str()).unwrap_or_default(),
            _ => CString::default(),
        }
    }
}

impl ParamKind {
    fn takes(self) -> String {
        match (self, self.wire()) {
            (ParamKind::Boolean, _) => "it takes true or false".into(),
            (ParamKind::Rgb | ParamKind::Rgba, Wire::Double(n)) => format!("it takes {n} numbers or #rrggbb"),
            (ParamKind::PushButton, _) => "it is a button: press it".into(),
            (_, Wire::Int(1)) => "it takes an integer".into(),
            (_, Wire::Int(n)) => format!("it takes {n} integers"),
            (_, Wire::Double(1)) => "it takes a number".into(),
            (_, Wire::Double(n)) => format!("it takes {n} numbers"),
            (_, Wire::Text) => "it takes a text".into(),
            (_, Wire::Nothing) => "it holds no value".into(),
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', ',', '\t']).filter(|w| !w.is_empty())
}

fn colour(text: &str, kind: ParamKind) -> Option<Vec<f64>> {
    let hex = text.strip_prefix('#')?;
    let bytes: Option<Vec<f64>> = (0..hex.len() / 2)
        .map(|i| {
            let pair = hex.get(i * 2..i * 2 + 2)?;
            u8::from_str_radix(pair, 16).ok().map(|b| f64::from(b) / 255.0)
        })
        .collect();
    let mut v = bytes.filter(|v| v.len() * 2 == hex.len() && (v.len() == 3 || v.len() == 4))?;
    match kind {
        ParamKind::Rgb => v.truncate(3),
        ParamKind::Rgba if v.len() == 3 => v.push(1.0),
        ParamKind::Rgba => {}
        _ => return None,
    }
    Some(v)
}

fn choice_index(text: &str, options: &[String]) -> Result<i32, String> {
    let by_label = options
        .iter()
        .position(|o| o == text)
        .or_else(|| options.iter().position(|o| o.eq_ignore_ascii_case(text)));
    let found = by_label.or_else(|| text.parse::<usize>().ok().filter(|i| *i < options.len()));
    found.and_then(|i| i32::try_from(i).ok()).ok_or_else(|| format!("it takes one of {}", options.join(", ")))
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let join = |v: Vec<String>| v.join(" ");
        match self {
            Value::Bool(b) => write!(f, "{b}"),
            Value::Ints(v) => f.write_str(&join(v.iter().map(i32::to_string).collect())),
            Value::Doubles(v) => f.write_str(&join(v.iter().map(f64::to_string).collect())),
            Value::Text(t) => f.write_str(t),
        }
    }
}

impl From<f64> for Value {
    fn from(v: f64) -> Self {
        Value::Doubles(vec![v])
    }
}

impl From<i32> for Value {
    fn from(v: i32) -> Self {
        Value::Ints(vec![v])
    }
}

impl From<bool> for Value {
    fn from(v: bool) -> Self {
        Value::Bool(v)
    }
}

impl From<&str> for Value {
    fn from(v: &str) -> Self {
        Value::Text(v.to_owned())
    }
}

impl From<String> for Value {
    fn from(v: String) -> Self {
        Value::Text(v)
    }
}

impl<const N: usize> From<[f64; N]> for Value {
    fn from(v: [f64; N]) -> Self {
        Value::Doubles(v.to_vec())
    }
}

impl<const N: usize> From<[i32; N]> for Value {
    fn from(v: [i32; N]) -> Self {
        Value::Ints(v.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_write_values_in_their_own_ways() {
        let parse = |t: &str, k| Value::parse(t, k, &["Alpha".into(), "Source x matte".into()]);
        assert_eq!(parse(" 0.5", ParamKind::Double), Ok(0.5.into()));
        assert_eq!(parse("10 20", ParamKind::Double2D), Ok([10.0, 20.0].into()));
        assert_eq!(parse("10, 20", ParamKind::Integer2D), Ok([10, 20].into()));
        assert_eq!(parse("source X matte", ParamKind::Choice), Ok(1.into()));
        assert_eq!(parse("0", ParamKind::Choice), Ok(0.into()));
        assert!(parse("2", ParamKind::Choice).is_err());
        assert_eq!(parse("on", ParamKind::Boolean), Ok(true.into()));
        assert_eq!(parse("#ff0000", ParamKind::Rgba), Ok([1.0, 0.0, 0.0, 1.0].into()));
        assert_eq!(parse(" as it is ", ParamKind::String), Ok(" as it is ".into()));
        assert!(parse("nan", ParamKind::Double).is_err());
        assert!(parse("1 2", ParamKind::Double).is_err());
        assert!(parse("x", ParamKind::PushButton).is_err());
    }
}
