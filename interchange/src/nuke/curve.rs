//! One coordinate of a roto shape over time: a number, or keys.

use shapes::Interp;
use shapes::interpolate::weights;

use super::cursor::{Cursor, Fault, Token, parse_number};

/// A key of a coordinate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct CurveKey {
    pub(crate) frame: f64,
    pub(crate) value: f64,
    pub(crate) interp: Interp,
}

/// A coordinate over time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Curve {
    Still(f64),
    /// By frame, ascending; at least one.
    Keyed(Box<[CurveKey]>),
}

/// What reading a curve met that a document cannot hold.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Met {
    pub(crate) expression: bool,
    pub(crate) cubic: bool,
    pub(crate) unsaid: bool,
}

impl Curve {
    /// Reads a number, `{{frame value ...} ...}`, or `{=expression value}` with any of both as its value.
    pub(crate) fn read(cursor: &mut Cursor<'_>, met: &mut Met) -> Result<Curve, Fault> {
        if cursor.peek() != Token::Open {
            return cursor.number().map(Curve::Still);
        }
        cursor.open("keys")?;
        let mut keys = Vec::new();
        let mut still = 0.0;
        loop {
            match cursor.next() {
                Token::Open if cursor.peek() == Token::Open => {
                    while cursor.peek() == Token::Open {
                        cursor.open("a key")?;
                        keys.push(read_key(cursor, met)?);
                    }
                    cursor.close()?;
                }
                Token::Open => keys.push(read_key(cursor, met)?),
                Token::Close => break,
                Token::Word(word) if word.starts_with('=') => met.expression = true,
                Token::Word(word) => {
                    still =
                        parse_number(word).ok_or_else(|| cursor.fault("a number is expected in a curve"))?;
                }
                Token::End => return Err(cursor.fault("a curve is never closed")),
            }
        }
        if keys.is_empty() {
            return Ok(Curve::Still(still));
        }
        keys.sort_by(|a, b| a.frame.total_cmp(&b.frame));
        keys.dedup_by_key(|k| k.frame);
        Ok(Curve::Keyed(keys.into_boxed_slice()))
    }

    pub(crate) fn keys(&self) -> &[CurveKey] {
        match self {
            Curve::Still(_) => &[],
            Curve::Keyed(keys) => keys,
        }
    }

    pub(crate) fn at(&self, frame: f64) -> f64 {
        match self {
            Curve::Still(value) => *value,
            Curve::Keyed(keys) => {
                let parts = weights(keys.len(), |i| (keys[i].frame, keys[i].interp), frame);
                parts.iter().map(|(i, weight)| keys[*i].value * weight).sum()
            }
        }
    }

    /// The value of the key before `frame`, or of the first one.
    pub(crate) fn at_key(&self, frame: f64) -> f64 {
        let keys = self.keys();
        let before = keys.partition_point(|k| k.frame <= frame).saturating_sub(1);
        keys.get(before).map_or_else(|| self.at(frame), |k| k.value)
    }

    /// How the value goes on after `frame`, where there is a key.
    pub(crate) fn interp_at(&self, frame: f64) -> Option<Interp> {
        let keys = self.keys();
        let i = keys.partition_point(|k| k.frame <= frame).checked_sub(1)?;
        keys.get(i).map(|k| k.interp)
    }

    /// Whether the value is this one on every frame.
    pub(crate) fn is_always(&self, value: f64) -> bool {
        match self {
            Curve::Still(v) => *v == value,
            Curve::Keyed(keys) => keys.iter().all(|k| k.value == value),
        }
    }
}

/// `frame value [left slope and length] [right slope and length] [interpolation]`, after its opening brace. A hyphen stands for what is
/// not said.
fn read_key(cursor: &mut Cursor<'_>, met: &mut Met) -> Result<CurveKey, Fault> {
    let frame = cursor.number()?;
    let value = cursor.number()?;
    let mut rest = 0;
    let mut last = None;
    loop {
        match cursor.next() {
            Token::Close => break,
            Token::Word("-") => {}
            Token::Word(word) => {
                last = Some(parse_number(word).ok_or_else(|| cursor.fault("a number is expected in a key"))?);
                rest += 1;
            }
            _ => return Err(cursor.fault("a key is frame, value, tangents and interpolation")),
        }
    }
    // Tangents are pairs: an odd count ends with the interpolation, in whose low byte 0 is hold, 1 linear, 2 cubic.
    let code = last.filter(|_| rest % 2 == 1).map(|code| code as i64 & 255);
    let interp = match code {
        Some(0) => Interp::Hold,
        Some(2) => {
            met.cubic = true;
            Interp::Smooth
        }
        Some(_) => Interp::Linear,
        None => {
            met.unsaid = true;
            Interp::Linear
        }
    };
    Ok(CurveKey { frame, value, interp })
}
