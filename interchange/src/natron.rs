//! Natron: a Python script that makes a Roto and a Tracker node.

use std::fmt::Write as _;

use shapes::Document;

use crate::space::{Map, NATRON};
use crate::text::{frame, identifier, px, quoted_python, unique};
use crate::{Shot, Warning, WriteError, fades};

const HEAD: &str = r#"# Makes nodes with shapes and tracks of Splitline: run it in Natron's Script Editor, or NatronRenderer SCRIPT.
splitline_app = globals().get("app1") or app
"#;
const ROTO: &str = r#"

def splitline_shape(context, layer, name, label, closed, opacity, color, keys):
    bezier = context.createBezier(0, 0, keys[0][0])
    bezier.setScriptName(name)
    bezier.setLabel(label)
    if isinstance(opacity, list):
        for frame, value in opacity:
            bezier.getOpacityParam().setValueAtTime(value, frame)
    elif opacity is not None:
        bezier.getOpacityParam().set(opacity)
    if color is not None:
        bezier.setOverlayColor(*color)
    layer.addItem(bezier)
    for _ in keys[0][1][1:]:
        bezier.addControlPoint(0, 0)
    for frame, points in keys:
        for i, (outline, feather) in enumerate(points):
            bezier.setPointAtIndex(i, frame, *outline)
            bezier.setFeatherPointAtIndex(i, frame, *feather)
    if closed:
        bezier.setCurveFinished(True)


def splitline_roto(app):
    node = app.createNode("fr.inria.built-in.Roto")
    context = node.getRotoContext()
    layer = context.getBaseLayer()
"#;
const ROTO_END: &str = r#"    return node


splitline_node = splitline_roto(splitline_app)
"#;
const TRACKER: &str = r#"

def splitline_track(tracker, name, keys):
    track = tracker.createTrack()
    track.setScriptName(name)
    center = track.getParam("centerPoint")
    for frame, x, y in keys:
        center.setValueAtTime(x, frame, 0)
        center.setValueAtTime(y, frame, 1)


def splitline_tracker(app):
    node = app.createNode("fr.inria.built-in.Tracker")
    tracker = node.getTrackerContext()
"#;
const TRACKER_END: &str = r#"    return node


splitline_tracks = splitline_tracker(splitline_app)
"#;

/// Writes the script. A point is its place, its incoming and its outgoing handle, then the same of its feather.
pub(crate) fn write(
    document: &Document,
    shot: &Shot,
    warnings: &mut Vec<Warning>,
) -> Result<String, WriteError> {
    let map = NATRON.of(shot);
    let mut out = HEAD.to_owned();
    if !document.shapes.is_empty() {
        out.push_str(ROTO);
        push_shapes(&mut out, document, &map);
        out.push_str(ROTO_END);
    }
    if !document.tracks.is_empty() {
        out.push_str(TRACKER);
        push_tracks(&mut out, document, &map, warnings);
        out.push_str(TRACKER_END);
    }
    Ok(out)
}

/// Tracks have no name but the one that scripts use.
fn push_tracks(out: &mut String, document: &Document, map: &Map, warnings: &mut Vec<Warning>) {
    let names = unique(document.tracks.iter().map(|t| identifier(&t.name, "track")));
    for (track, name) in document.tracks.iter().zip(names) {
        if track.name != name {
            warnings.push(Warning::new(&track.name, "name", format!("written as {name}")));
        }
        let _ = writeln!(out, "    splitline_track(tracker, \"{name}\", [");
        for key in &track.keys {
            let _ = write!(out, "        ({}", frame(map.frame(key.frame)));
            for value in map.point([key.x, key.y]) {
                out.push_str(", ");
                px(out, value);
            }
            out.push_str("),\n");
        }
        out.push_str("    ])\n");
    }
}

fn push_shapes(out: &mut String, document: &Document, map: &Map) {
    let names = unique(document.shapes.iter().map(|s| identifier(&s.name, "Bezier")));
    for (shape, name) in document.shapes.iter().zip(names) {
        let closed = if shape.closed { "True" } else { "False" };
        let label = quoted_python(&shape.name);
        let _ = write!(out, "    splitline_shape(context, layer, \"{name}\", {label}, {closed}, ");
        match shape.opacity {
            _ if !shape.opacity_keys.is_empty() => {
                out.push('[');
                fades::push_python(out, shape, map);
                out.push(']');
            }
            Some(opacity) => px(out, opacity),
            None => out.push_str("None"),
        }
        match shape.color {
            Some([r, g, b]) => {
                for (value, before) in [(r, ", ("), (g, ", "), (b, ", ")] {
                    out.push_str(before);
                    px(out, value);
                }
                out.push(')');
            }
            None => out.push_str(", None"),
        }
        out.push_str(", [\n");
        for key in &shape.keys {
            let _ = write!(out, "        ({}, [", frame(map.frame(key.frame)));
            for point in &key.points {
                push_point(out, map, point);
            }
            out.push_str("]),\n");
        }
        out.push_str("    ])\n");
    }
}

fn push_point(out: &mut String, map: &Map, point: &shapes::Point) {
    out.push('(');
    for placed in [map.placed(point), map.placed_feather(point)] {
        let numbers = [placed.at, placed.handle_in, placed.handle_out];
        for (i, value) in numbers.into_iter().flatten().enumerate() {
            out.push_str(if i == 0 { "(" } else { ", " });
            px(out, value);
        }
        out.push_str("), ");
    }
    out.push_str("), ");
}
