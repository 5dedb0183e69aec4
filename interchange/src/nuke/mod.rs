//! Nuke scripts: Roto, RotoPaint, trackers and corner pins as text, and a Python script that makes them.
//!
//! The grammar is Foundry's ("Roto serialisation format" and "Curve serialisation format" in the NDK developer guide). A point of a shape
//! is three pairs: incoming tangent, place, outgoing tangent. The second `cc` is the feather contour, with offsets from the points.

mod channel;
mod cursor;
mod curve;
mod life;
pub(crate) mod pins;
mod roto;
mod roto_out;
pub(crate) mod script;
mod tracker;
mod transform;

use shapes::Document;

use crate::space::NUKE;
use crate::{ReadError, Settings, Shot, Warning, WriteError};
use cursor::{Command, Script};

/// What blending modes are called in the attribute `bm`; 0 is over.
const BLENDS: [(u32, shapes::Blend); 5] = [
    (0, shapes::Blend::Add),
    (4, shapes::Blend::Max),
    (5, shapes::Blend::Intersect),
    (12, shapes::Blend::Subtract),
    (13, shapes::Blend::Difference),
];

/// Bit of a `cc`'s flags: the curve is open.
const OPEN: u32 = 1 << 5;
/// Bit of a `curvegroup`'s flags since Nuke 11: an open spline.
const OPEN_SPLINE: u32 = 1 << 20;

/// Reads every Roto, RotoPaint, tracker and corner pin of a script.
pub(crate) fn read(
    text: &str,
    settings: &Settings,
    warnings: &mut Vec<Warning>,
) -> Result<Document, ReadError> {
    let mut root = Settings::default();
    let mut nodes = Vec::new();
    for command in Script::new(text, 0) {
        let command = command.map_err(|e| e.in_text(text))?;
        let Some(body) = command.braced() else { continue };
        match command.name {
            "Root" => read_root(&body, &mut root),
            "Roto" | "RotoPaint" | "Tracker4" | "Tracker3" | "CornerPin2D" => {
                nodes.push((command.name, body))
            }
            "SplineWarp3" | "Bezier" => {
                let what = format!("{} nodes are not read", command.name);
                warnings.push(Warning::general("node", what));
            }
            _ => {}
        }
    }
    if nodes.is_empty() {
        let what = "there is no Roto, RotoPaint, Tracker4, Tracker3 or CornerPin2D node in it";
        return Err(ReadError::Nothing(what.to_owned()));
    }
    let asked = Settings {
        width: settings.width.or(root.width),
        height: settings.height.or(root.height),
        fps: settings.fps.or(root.fps),
        par: settings.par.or(root.par),
        start_frame: settings.start_frame,
    };
    let shot = Shot::of(&Document::new(0, 0), &asked).ok_or(ReadError::SizeUnknown)?;
    let map = NUKE.of(&shot);
    let mut document = shot.document();
    for (class, body) in nodes {
        if matches!(class, "Tracker3" | "CornerPin2D") {
            pins::read(class, &body, &map, &mut document.tracks, warnings).map_err(|e| e.in_text(text))?;
            continue;
        }
        for knob in Script::new(body.text, body.at) {
            let knob = knob.map_err(|e| e.in_text(text))?;
            match (class, knob.name) {
                ("Tracker4", "tracks") => tracker::read(&knob.value, &map, &mut document.tracks),
                ("Roto" | "RotoPaint", "curves") => {
                    roto::read(&knob.value, &map, &mut document.shapes, warnings)
                }
                _ => Ok(()),
            }
            .map_err(|e| e.in_text(text))?;
        }
    }
    Ok(document)
}

/// Takes size, pixel aspect and rate from a script's Root node.
fn read_root(body: &cursor::Part<'_>, root: &mut Settings) {
    for knob in Script::new(body.text, body.at).flatten() {
        let Command { name, value, .. } = knob;
        let text = value.text.trim().trim_matches('"');
        if name == "fps" {
            root.fps = text.parse().ok().filter(|f: &f64| f.is_finite() && *f > 0.0);
        } else if name == "format" {
            // width height x y right top aspect name
            let numbers: Vec<&str> = text.split_whitespace().collect();
            root.width = numbers.first().and_then(|n| n.parse().ok());
            root.height = numbers.get(1).and_then(|n| n.parse().ok());
            root.par =
                numbers.get(6).and_then(|n| n.parse().ok()).filter(|p: &f64| p.is_finite() && *p > 0.0);
        }
    }
}

/// Writes a Roto node with the shapes and a Tracker4 node with the tracks.
pub(crate) fn write(
    document: &Document,
    shot: &Shot,
    _warnings: &mut Vec<Warning>,
) -> Result<String, WriteError> {
    let map = NUKE.of(shot);
    let mut out = String::from("set cut_paste_input [stack 0]\nversion 13.0 v1\n");
    if !document.shapes.is_empty() {
        roto_out::push(&mut out, &document.shapes, shot, &map);
    }
    if !document.tracks.is_empty() {
        tracker::push(&mut out, &document.tracks, &map);
    }
    Ok(out)
}
