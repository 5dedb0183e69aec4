//! Tracker4 nodes: a table of 31 columns, one row for each track.

use std::fmt::Write as _;

use shapes::Track;

use super::channel::{self, Channel};
use super::cursor::{Cursor, Fault, Part, Token, escaped, unescaped};
use crate::space::Map;
use crate::text::{MAX_ITEMS, MAX_POINTS, frame};

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

/// Appends the tracks of a `tracks` knob.
pub(crate) fn read(knob: &Part<'_>, map: &Map, tracks: &mut Vec<Track>) -> Result<(), Fault> {
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
        let track = read_row(&mut cursor, &columns, map)?;
        points += track.keys.len();
        if points > MAX_POINTS || tracks.len() >= MAX_ITEMS {
            return Err(cursor.fault("there are too many tracks"));
        }
        tracks.push(track);
    }
    cursor.close()
}

/// Positions follow the feature that was first tracked, with or without an offset: that says only where the tracker looked.
fn read_row(cursor: &mut Cursor<'_>, columns: &[&str], map: &Map) -> Result<Track, Fault> {
    let mut name = String::new();
    let (mut enabled, mut x, mut y) = (Channel::Still(1.0), Channel::Still(0.0), Channel::Still(0.0));
    for column in columns {
        if cursor.peek() == Token::Close {
            break;
        }
        match *column {
            "name" => name = unescaped(cursor.word("a name")?).into_owned(),
            "enable" => enabled = Channel::read(cursor)?,
            "track_x" => x = Channel::read(cursor)?,
            "track_y" => y = Channel::read(cursor)?,
            _ => cursor.skip_item()?,
        }
    }
    cursor.close()?;
    let mut track = channel::track(&name, &x, &y, map);
    for key in &mut track.keys {
        key.visible = enabled.held_at(map.frame(key.frame)) != 0.0;
    }
    Ok(track)
}

/// Appends a Tracker4 node with these tracks.
pub(crate) fn push(out: &mut String, tracks: &[Track], map: &Map) {
    out.push_str("Tracker4 {\n tracks {");
    push_table(out, tracks, map);
    out.push_str("}\n name Tracker1\n}\n");
}

/// Appends what is between the braces of the knob `tracks`.
pub(crate) fn push_table(out: &mut String, tracks: &[Track], map: &Map) {
    let _ = writeln!(out, " {{ 1 31 {} }}", tracks.len());
    for (i, (kind, animated, width, name)) in COLUMNS.iter().enumerate() {
        let label = if *name == "enable" { "e" } else { name };
        let begin = if i == 0 { "{ {" } else { "{" };
        let _ = writeln!(out, "{begin} {kind} {animated} {width} {name} {label} 1 }}");
    }
    out.push_str("}\n{");
    for track in tracks {
        push_row(out, track, map);
    }
    out.push_str("\n}\n");
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
        out.push(' ');
        channel::push(out, track, axis, map);
    }
    out.push_str(
        " 0 0 1 0 0 {curve} 0 0 -15 -15 15 15 -10 -10 10 10 {curve} {curve} {curve} {curve} {curve} {curve} {curve} {curve} {curve} {curve} {curve} }",
    );
}
