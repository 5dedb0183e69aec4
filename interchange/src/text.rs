//! Numbers and names as text: plain decimals that are the same on every machine, and readers that say where they stopped.

use std::fmt::Write as _;

use crate::ReadError;

/// The longest file a reader takes, in bytes.
pub(crate) const MAX_BYTES: usize = 256 << 20;
/// The most points that all keys of a file may have together.
pub(crate) const MAX_POINTS: usize = 2_000_000;
/// Shapes or tracks in one file.
pub(crate) const MAX_ITEMS: usize = 100_000;

/// Appends a number with up to `DECIMALS` digits after the point and no exponent; zeros at the end are left out.
pub(crate) fn push_number<const DECIMALS: u32>(out: &mut String, value: f64) {
    let scale = 10f64.powi(DECIMALS as i32);
    let scaled = (value * scale).round();
    if !scaled.is_finite() || scaled.abs() >= 9e15 {
        let _ = write!(out, "{}", if value.is_finite() { value.round() } else { 0.0 });
        return;
    }
    let magnitude = scaled.abs() as u64;
    let unit = 10u64.pow(DECIMALS);
    if scaled < 0.0 {
        out.push('-');
    }
    let mut digits = [0u8; 20];
    push_digits(out, &mut digits, magnitude / unit, 1);
    let mut fraction = magnitude % unit;
    if fraction > 0 {
        let mut places = DECIMALS as usize;
        while fraction.is_multiple_of(10) {
            fraction /= 10;
            places -= 1;
        }
        out.push('.');
        push_digits(out, &mut digits, fraction, places);
    }
}

fn push_digits(out: &mut String, digits: &mut [u8; 20], mut value: u64, at_least: usize) {
    let mut start = digits.len();
    while value > 0 || digits.len() - start < at_least {
        start -= 1;
        digits[start] = b'0' + (value % 10) as u8;
        value /= 10;
    }
    out.extend(digits[start..].iter().map(|d| char::from(*d)));
}

/// A number with up to four digits after the point: a ten-thousandth of a pixel.
pub(crate) fn px(out: &mut String, value: f64) {
    push_number::<4>(out, value);
}

/// A number with up to nine digits after the point, for units as large as a picture.
pub(crate) fn fine(out: &mut String, value: f64) {
    push_number::<9>(out, value);
}

/// A frame number as text.
pub(crate) fn frame(value: f64) -> String {
    let mut out = String::new();
    push_number::<4>(&mut out, value);
    out
}

/// A finite number of a file's text.
pub(crate) fn number(text: &str, line: usize) -> Result<f64, ReadError> {
    let value = text.parse::<f64>().ok().filter(|v| v.is_finite());
    value.ok_or_else(|| ReadError::line(line, format!("\"{}\" is not a number", excerpt(text))))
}

/// The beginning of a text that may be long, on one line.
pub(crate) fn excerpt(text: &str) -> String {
    let cut: String = text.chars().take(40).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if cut.len() < text.len() { format!("{cut}...") } else { cut }
}

/// A string as JavaScript writes it, in ASCII.
pub(crate) fn quoted_javascript(text: &str) -> String {
    quoted(text, |c, out| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    })
}

/// A string as Python writes it, in ASCII.
pub(crate) fn quoted_python(text: &str) -> String {
    quoted(text, |c, out| {
        let _ = write!(out, "\\U{:08x}", u32::from(c));
    })
}

fn quoted(text: &str, escape: impl Fn(char, &mut String)) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            _ => escape(c, &mut out),
        }
    }
    out.push('"');
    out
}

/// A name of ASCII letters, digits and underscores that does not begin with a digit.
pub(crate) fn identifier(name: &str, fallback: &str) -> String {
    let mut out: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(100).collect();
    if out.chars().all(|c| c == '_') {
        out = fallback.to_owned();
    }
    if out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert(0, '_');
    }
    out
}

/// Names made different where they are not, in their order.
pub(crate) fn unique(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut taken = std::collections::HashSet::new();
    let mut next = std::collections::HashMap::<String, usize>::new();
    names
        .map(|name| {
            if taken.insert(name.clone()) {
                return name;
            }
            let count = next.entry(name.clone()).or_insert(1);
            loop {
                *count += 1;
                let candidate = format!("{name}_{count}");
                if taken.insert(candidate.clone()) {
                    return candidate;
                }
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_plain_and_short() {
        let text = |v| {
            let mut out = String::new();
            px(&mut out, v);
            out
        };
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (-0.00001, "0"),
            (1.5, "1.5"),
            (-2.0625, "-2.0625"),
            (0.05, "0.05"),
            (1e20, "100000000000000000000"),
            (f64::NAN, "0"),
        ];
        for (value, expected) in cases {
            assert_eq!(text(value), expected);
        }
    }

    #[test]
    fn strings_and_names() {
        assert_eq!(quoted_javascript("a\"\\\u{1f600}"), r#""a\"\\\ud83d\ude00""#);
        assert_eq!(quoted_python("\n\u{e9}\u{1f600}"), r#""\U0000000a\U000000e9\U0001f600""#);
        assert_eq!(identifier("2 eyes", "x"), "_2_eyes");
        assert_eq!(identifier("\u{e9}", "x"), "x");
        let names = ["a", "a", "a_2", "a"].map(str::to_owned);
        assert_eq!(unique(names.into_iter()), ["a", "a_2", "a_2_2", "a_3"]);
    }

    proptest! {
        #[test]
        fn numbers_come_back(value in -1e6..1e6f64) {
            let mut out = String::new();
            fine(&mut out, value);
            prop_assert!((out.parse::<f64>().unwrap() - value).abs() <= 0.6e-9);
        }
    }
}
