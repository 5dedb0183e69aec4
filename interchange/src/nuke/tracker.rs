//! Tracker4 nodes: a table of 31 columns, one row for each track.

use std::fmt::Write as _;

use shapes::{Track, TrackKey};

use super::cursor::{Cursor, Fault, Part, Token, escaped, unescaped};
use crate::Warning;
use crate::space::Map;
use crate::text::{MAX_ITEMS, MAX_POINTS, frame, px};

/// Kind, whether it can be animated, width, name of each column.
const COLUMNS: [(u32, u32, u32, &str); 31] = [
    (5, 1, 20, "enable"),
    (3, 1, 75, "name"),
    (2, 1, 58, "track_x"),
    (2, 1, 58, "track_y"),
    (2, 1, 63, "offset_x"),
    (2, 1, 63, "offset_y"),
    (4, 1, 27, "T"),
    (4, 1, 27, "R"),
    (4, 1, 27, "S"),
    (2, 0, 45, "error"),
    (1, 1, 0, "error_min"),
    (1, 1, 0, "error_max"),
    (1, 1, 0, "pattern_x"),
    (1, 1, 0, "pattern_y"),
    (1, 1, 0, "pattern_r"),
    (1, 1, 0, "pattern_t"),
    (1, 1, 0, "search_x"),
    (1, 1, 0, "search_y"),
    (1, 1, 0, "search_r"),
    (1, 1, 0, "search_t"),
    (2, 1, 0, "key_track"),
    (2, 1, 0, "key_search_x"),
    (2, 1, 0, "key_search_y"),
    (2, 1, 0, "key_search_r"),
    (2, 1, 0, "key_search_t"),
    (2, 1, 0, "key_track_x"),
    (2, 1, 0, "key_track_y"),
    (2, 1, 0, "key_track_r"),
    (2, 1, 0, "key_track_t"),
    (2, 1, 0, "key_centre_offset_x"),
    (2, 1, 0, "key_centre_offset_y"),
];

/// Frame and value, by frame.
type Curve = Vec<(f64, f64)>;

/// Appends the tracks of a `tracks` knob.
pub(crate) fn read(
    knob: &Part<'_>,
    map: &Map,
    tracks: &mut Vec<Track>,
    warnings: &mut Vec<Warning>,
) -> Result<(), Fault> {
    let mut cursor = Cursor::new(knob);
    cursor.open("tracks")?;
    cursor.open("the table's size")?;
    cursor.skip_rest()?;
    cursor.open("columns")?;
    let mut columns = Vec::new();
    while cursor.peek() == Token::Open {
        cursor.open("a column")?;
        for _ in 0..3 {
            cursor.number()?;
        }
        columns.push(cursor.word("a column's name")?);
        cursor.skip_rest()?;
        if columns.len() > 1000 {
            return Err(cursor.fault("the table has more than 1000 columns"));
        }
    }
    cursor.close()?;
    cursor.open("rows")?;
    let mut points = 0;
    while cursor.peek() == Token::Open {
        cursor.open("a track")?;
        let track = read_row(&mut cursor, &columns, map, warnings)?;
        points += track.keys.len();
        if points > MAX_POINTS || tracks.len() >= MAX_ITEMS {
            return Err(cursor.fault("there are too many tracks"));
        }
        tracks.push(track);
    }
    cursor.close()
}

fn read_row(
    cursor: &mut Cursor<'_>,
    columns: &[&str],
    map: &Map,
    warnings: &mut Vec<Warning>,
) -> Result<Track, Fault> {
    let (mut name, mut enabled) = (String::new(), Curve::new());
    let (mut x, mut y) = (Curve::new(), Curve::new());
    let mut offset = false;
    for column in columns {
        if cursor.peek() == Token::Close {
            break;
        }
        match *column {
            "name" => name = unescaped(cursor.word("a name")?).into_owned(),
            "enable" => enabled = read_curve(cursor)?,
            "track_x" => x = read_curve(cursor)?,
            "track_y" => y = read_curve(cursor)?,
            "offset_x" | "offset_y" => offset |= read_curve(cursor)?.iter().any(|(_, v)| *v != 0.0),
            _ => cursor.skip_item()?,
        }
    }
    cursor.close()?;
    if offset {
        warnings.push(Warning::new(&name, "offset", "not read"));
    }
    let mut frames: Vec<f64> = x.iter().chain(&y).map(|(f, _)| *f).collect();
    frames.sort_by(f64::total_cmp);
    frames.dedup();
    let keys = frames
        .into_iter()
        .map(|frame| {
            let [x, y] = map.point_back([linear(&x, frame), linear(&y, frame)]);
            let held = enabled.partition_point(|(f, _)| *f <= frame);
            let visible = enabled.get(held.saturating_sub(1)).is_none_or(|(_, v)| *v != 0.0);
            TrackKey { visible, ..TrackKey::new(map.frame_back(frame), x, y) }
        })
        .collect();
    Ok(Track { name, keys, extra: shapes::Extra::new() })
}

/// A number, or `{curve keys}`. A key is a value, before it perhaps `x` and its frame, and letters and tangents around it.
fn read_curve(cursor: &mut Cursor<'_>) -> Result<Curve, Fault> {
    if cursor.peek() != Token::Open {
        return Ok(vec![(0.0, cursor.number()?)]);
    }
    cursor.open("a curve")?;
    if cursor.next() != Token::Word("curve") {
        return Err(cursor.fault("a curve is expected; expressions are not read"));
    }
    let mut curve = Curve::new();
    let mut said = None;
    loop {
        let word = match cursor.next() {
            Token::Close => break,
            Token::Word(word) => word,
            _ => return Err(cursor.fault("a key is expected")),
        };
        let number = |text: &str| text.parse::<f64>().ok().filter(|v| v.is_finite());
        if let Some(value) = number(word) {
            curve.push((said.take().unwrap_or_else(|| next_frame(&curve)), value));
        } else if let Some(text) = word.strip_prefix('x') {
            said = Some(number(text).ok_or_else(|| cursor.fault("a frame is expected behind x"))?);
        } else if !word.starts_with(|c: char| "KLSRCklsiIstuv".contains(c)) {
            return Err(cursor.fault("a key is expected"));
        }
    }
    curve.sort_by(|a, b| a.0.total_cmp(&b.0));
    curve.dedup_by_key(|k| k.0);
    Ok(curve)
}

/// A key that does not say its frame is as far from the last as that one from the one before.
fn next_frame(curve: &Curve) -> f64 {
    match curve[..] {
        [] => 0.0,
        [(frame, _)] => frame + 1.0,
        [.., (a, _), (b, _)] => b + (b - a),
    }
}

fn linear(curve: &Curve, frame: f64) -> f64 {
    let next = curve.partition_point(|(f, _)| *f <= frame);
    match (next.checked_sub(1).and_then(|i| curve.get(i)), curve.get(next)) {
        (Some((a, from)), Some((b, to))) => from + (to - from) * (frame - a) / (b - a),
        (Some((_, value)), None) | (None, Some((_, value))) => *value,
        (None, None) => 0.0,
    }
}

/// Appends a Tracker4 node with these tracks.
pub(crate) fn push(out: &mut String, tracks: &[Track], map: &Map) {
    let _ = writeln!(out, "Tracker4 {{\n tracks {{ {{ 1 31 {} }}", tracks.len());
    for (i, (kind, animated, width, name)) in COLUMNS.iter().enumerate() {
        let label = if *name == "enable" { "e" } else { name };
        let begin = if i == 0 { "{ {" } else { "{" };
        let _ = writeln!(out, "{begin} {kind} {animated} {width} {name} {label} 1 }}");
    }
    out.push_str("}\n{");
    for track in tracks {
        push_row(out, track, map);
    }
    out.push_str("\n}\n}\n name Tracker1\n}\n");
}

fn push_row(out: &mut String, track: &Track, map: &Map) {
    out.push_str("\n { {curve");
    let mut shown = None;
    for key in &track.keys {
        if shown != Some(key.visible) {
            let _ = write!(out, " K x{} {}", frame(map.frame(key.frame)), u8::from(key.visible));
            shown = Some(key.visible);
        }
    }
    // A word in quotes even where it needs none, as Nuke writes it.
    let name = escaped(&track.name);
    let quotes = if name.starts_with('"') { "" } else { "\"" };
    let _ = write!(out, "}} {quotes}{name}{quotes}");
    for axis in 0..2 {
        out.push_str(" {curve");
        for key in &track.keys {
            let _ = write!(out, " x{} ", frame(map.frame(key.frame)));
            px(out, map.point([key.x, key.y])[axis]);
        }
        out.push('}');
    }
    out.push_str(
        " 0 0 1 0 0 {curve} 0 0 -15 -15 15 15 -10 -10 10 10 {curve} {curve} {curve} {curve} {curve} {curve} {curve} {curve} {curve} {curve} {curve} }",
    );
}
