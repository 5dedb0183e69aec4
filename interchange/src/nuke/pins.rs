//! Tracker3 and CornerPin2D nodes: four places, each a knob with two numbers.

use std::fmt::Write as _;

use shapes::{Document, Track};

use super::channel::{self, Channel};
use super::cursor::{Cursor, Fault, Part, Script};
use crate::corners::{self, Corner};
use crate::space::{Map, NUKE};
use crate::{Shot, Warning, WriteError};

/// Places of a Tracker3 node.
const TRACKS: [&str; 4] = ["track1", "track2", "track3", "track4"];
/// Where a CornerPin2D node takes the corners, in the order of [`Corner::ALL`].
const TO: [&str; 4] = ["to1", "to2", "to3", "to4"];

/// Appends the places of a node; `class` is its kind.
pub(crate) fn read(
    class: &str,
    body: &Part<'_>,
    map: &Map,
    tracks: &mut Vec<Track>,
    warnings: &mut Vec<Warning>,
) -> Result<(), Fault> {
    let is_pin = class == "CornerPin2D";
    let (knobs, mut node) = (if is_pin { TO } else { TRACKS }, class.to_owned());
    let mut places = [const { None }; 4];
    for knob in Script::new(body.text, body.at) {
        let knob = knob?;
        if knob.name == "name" {
            node = knob.value.text.trim().trim_matches('"').to_owned();
        }
        if let Some(i) = knobs.iter().position(|k| *k == knob.name) {
            places[i] = Some(knob.value);
        }
    }
    for (i, place) in places.iter().enumerate() {
        let Some(place) = place else { continue };
        let what = if is_pin { Corner::ALL[i].name() } else { TRACKS[i] };
        let name = format!("{node} {what}");
        let mut cursor = Cursor::new(place);
        cursor.open("two numbers")?;
        if place.text.contains("parent.") || place.text.contains("root.") {
            warnings.push(Warning::new(&name, "expression", "not read"));
            continue;
        }
        let (x, y) = (Channel::read(&mut cursor)?, Channel::read(&mut cursor)?);
        tracks.push(channel::track(&name, &x, &y, map));
    }
    Ok(())
}

/// Begins a script that is pasted.
fn head() -> String {
    String::from("set cut_paste_input [stack 0]\nversion 13.0 v1\n")
}

fn push_place(out: &mut String, knob: &str, track: &Track, map: &Map) {
    let _ = write!(out, " {knob} {{");
    channel::push(out, track, 0, map);
    out.push(' ');
    channel::push(out, track, 1, map);
    out.push_str("}\n");
}

/// Writes Tracker3 nodes with up to four tracks each.
pub(crate) fn write_trackers(
    document: &Document,
    shot: &Shot,
    warnings: &mut Vec<Warning>,
) -> Result<String, WriteError> {
    let map = NUKE.of(shot);
    let mut out = head();
    for (n, tracks) in document.tracks.chunks(TRACKS.len()).enumerate() {
        out.push_str("Tracker3 {\n");
        for (knob, track) in TRACKS.iter().zip(tracks) {
            let renamed = format!("written as Tracker{} {knob}", n + 1);
            warnings.push(Warning::new(&track.name, "name", renamed));
            push_place(&mut out, knob, track, &map);
        }
        let _ = writeln!(
            out,
            " center {{{} {}}}\n name Tracker{}\n}}",
            f64::from(shot.width) / 2.0,
            f64::from(shot.height) / 2.0,
            n + 1
        );
    }
    Ok(out)
}

/// Writes a CornerPin2D node that puts the picture's corners on four tracks.
pub(crate) fn write_pin(
    document: &Document,
    shot: &Shot,
    warnings: &mut Vec<Warning>,
) -> Result<String, WriteError> {
    let map = NUKE.of(shot);
    let found = corners::of(&document.tracks, warnings)?;
    let mut out = head();
    out.push_str("CornerPin2D {\n");
    for (knob, track) in TO.iter().zip(found) {
        push_place(&mut out, knob, track, &map);
    }
    let (width, height) = (shot.width, shot.height);
    let _ = writeln!(
        out,
        " from1 {{0 0}}\n from2 {{{width} 0}}\n from3 {{{width} {height}}}\n from4 {{0 {height}}}\n name CornerPin2D1\n}}"
    );
    Ok(out)
}
