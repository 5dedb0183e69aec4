//! One number of an ordinary knob over time: `5`, or `{curve x1 5 x2 6}`.

use std::fmt::Write as _;

use shapes::{Track, TrackKey};

use super::cursor::{Cursor, Fault, Token};
use crate::space::Map;
use crate::text::{frame, px};

/// A number over time.
pub(crate) enum Channel {
    Still(f64),
    /// Frame and value, by frame; perhaps none.
    Keyed(Vec<(f64, f64)>),
}

impl Channel {
    /// Reads a number, or `{curve keys}`. A key is a value, before it perhaps `x` and its frame, and letters and tangents around it.
    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Result<Channel, Fault> {
        if cursor.peek() != Token::Open {
            return cursor.number().map(Channel::Still);
        }
        cursor.open("a curve")?;
        if cursor.next() != Token::Word("curve") {
            return Err(cursor.fault("a curve is expected; expressions are not read"));
        }
        let mut keys = Vec::new();
        let mut said = None;
        loop {
            let word = match cursor.next() {
                Token::Close => break,
                Token::Word(word) => word,
                _ => return Err(cursor.fault("a key is expected")),
            };
            let number = |text: &str| text.parse::<f64>().ok().filter(|v| v.is_finite());
            if let Some(value) = number(word) {
                keys.push((said.take().unwrap_or_else(|| next_frame(&keys)), value));
            } else if let Some(text) = word.strip_prefix('x') {
                said = Some(number(text).ok_or_else(|| cursor.fault("a frame is expected behind x"))?);
            } else if !word.starts_with(|c: char| "KLSRCklsiIstuv".contains(c)) {
                return Err(cursor.fault("a key is expected"));
            }
        }
        keys.sort_by(|a, b| a.0.total_cmp(&b.0));
        keys.dedup_by_key(|k| k.0);
        Ok(Channel::Keyed(keys))
    }

    fn keys(&self) -> &[(f64, f64)] {
        match self {
            Channel::Still(_) => &[],
            Channel::Keyed(keys) => keys,
        }
    }

    /// The value of the key at or before a frame, or of the first.
    pub(crate) fn held_at(&self, frame: f64) -> f64 {
        let Channel::Keyed(keys) = self else { return self.at(frame) };
        let next = keys.partition_point(|(f, _)| *f <= frame);
        // No keys at all are what a knob that was never touched has: it is on.
        keys.get(next.saturating_sub(1)).map_or(1.0, |(_, value)| *value)
    }

    fn at(&self, frame: f64) -> f64 {
        let keys = match self {
            Channel::Still(value) => return *value,
            Channel::Keyed(keys) => keys,
        };
        let next = keys.partition_point(|(f, _)| *f <= frame);
        match (next.checked_sub(1).and_then(|i| keys.get(i)), keys.get(next)) {
            (Some((a, from)), Some((b, to))) => from + (to - from) * (frame - a) / (b - a),
            (Some((_, value)), None) | (None, Some((_, value))) => *value,
            (None, None) => 0.0,
        }
    }
}

/// A key that does not say its frame is as far from the last as that one from the one before.
fn next_frame(keys: &[(f64, f64)]) -> f64 {
    match keys[..] {
        [] => 0.0,
        [(frame, _)] => frame + 1.0,
        [.., (a, _), (b, _)] => b + (b - a),
    }
}

/// The track of a place: a key wherever one of its numbers has one; one on frame 0 where none moves.
pub(crate) fn track(name: &str, x: &Channel, y: &Channel, map: &Map) -> Track {
    let mut frames: Vec<f64> = x.keys().iter().chain(y.keys()).map(|(f, _)| *f).collect();
    if let (Channel::Still(_), Channel::Still(_)) = (x, y) {
        frames.push(0.0);
    }
    frames.sort_by(f64::total_cmp);
    frames.dedup();
    let key = |frame: f64| {
        let [x, y] = map.point_back([x.at(frame), y.at(frame)]);
        TrackKey::new(map.frame_back(frame), x, y)
    };
    Track::new(name, frames.into_iter().map(key).collect())
}

/// Appends one axis of a track's place as a curve.
pub(crate) fn push(out: &mut String, track: &Track, axis: usize, map: &Map) {
    out.push_str("{curve");
    for key in &track.keys {
        let _ = write!(out, " x{} ", frame(map.frame(key.frame)));
        px(out, map.point([key.x, key.y])[axis]);
    }
    out.push('}');
}
