//! A Python script that makes a Roto and a Tracker4 node through Nuke's own interface, for where its text is not certain.

use std::fmt::Write as _;

use shapes::{Document, Feather, Point};

use super::{BLENDS, tracker};
use crate::space::{Map, NUKE};
use crate::text::{frame, px, quoted_python};
use crate::{Shot, Warning, WriteError, fades};

const HEAD: &str = r#"# Makes nodes with shapes and tracks of Splitline, for Nuke 11 and later: File > Run Script, or the Script Editor.
import nuke
import nuke.rotopaint as rp


def splitline_shape(knob, name, closed, attributes, opacities, keys):
    shape = rp.Shape(knob)
    shape.name = name
    if not closed:
        shape.setFlag(rp.FlagType.eOpenFlag, True)
    for i in range(len(keys[0][1])):
        point = rp.ShapeControlPoint()
        parts = (
            point.leftTangent, point.center, point.rightTangent,
            point.featherLeftTangent, point.featherCenter, point.featherRightTangent,
        )
        for frame, points in keys:
            for part, position in zip(parts, points[i]):
                part.addPositionKey(frame, position)
        shape.append(point)
    for attribute, value in attributes:
        shape.getAttributes().set(attribute, value)
    for frame, value in opacities:
        shape.getAttributes().set(frame, "opc", value)
    knob.rootLayer.append(shape)
    return shape


def splitline_tracker(table):
    node = nuke.createNode("Tracker4")
    node["tracks"].fromScript(table)
    return node
"#;
const ROTO: &str = r#"

def splitline_roto():
    node = nuke.createNode("Roto")
    knob = node["curves"]
"#;
const ROTO_END: &str = "    knob.changed()\n    return node\n\n\nsplitline_node = splitline_roto()\n";

/// Writes the script.
pub(crate) fn write(
    document: &Document,
    shot: &Shot,
    _warnings: &mut Vec<Warning>,
) -> Result<String, WriteError> {
    let map = NUKE.of(shot);
    let mut out = HEAD.to_owned();
    if !document.shapes.is_empty() {
        out.push_str(ROTO);
        push_shapes(&mut out, document, &map);
        out.push_str(ROTO_END);
    }
    if !document.tracks.is_empty() {
        let mut table = String::new();
        tracker::push_table(&mut table, &document.tracks, &map);
        let _ = writeln!(out, "\n\nsplitline_tracks = splitline_tracker({})", quoted_python(&table));
    }
    Ok(out)
}

fn push_shapes(out: &mut String, document: &Document, map: &Map) {
    for shape in document.shapes.iter().rev() {
        let closed = if shape.closed { "True" } else { "False" };
        let _ = write!(out, "    splitline_shape(knob, {}, {closed}, [", quoted_python(&shape.name));
        let mut attribute = |name: &str, value: f64| {
            let _ = write!(out, "(\"{name}\", ");
            px(out, value);
            out.push_str("), ");
        };
        if let Some(opacity) = shape.opacity.filter(|_| shape.opacity_keys.is_empty()) {
            attribute("opc", opacity);
        }
        if shape.invert {
            attribute("inv", 1.0);
        }
        if let Some((code, _)) = BLENDS.iter().find(|(code, blend)| *blend == shape.blend && *code > 0) {
            attribute("bm", f64::from(*code));
        }
        for (name, value) in ["ro", "go", "bo"].iter().zip(shape.color.iter().flatten()) {
            attribute(name, *value);
        }
        out.push_str("], [");
        fades::push_python(out, shape, map);
        out.push_str("], [\n");
        for key in &shape.keys {
            let _ = write!(out, "        ({}, [", frame(map.frame(key.frame)));
            key.points.iter().for_each(|p| push_point(out, map, p));
            out.push_str("]),\n");
        }
        out.push_str("    ])\n");
    }
}

/// Incoming tangent, place, outgoing tangent; then the same of the feather, whose place is an offset.
fn push_point(out: &mut String, map: &Map, point: &Point) {
    let still = Feather { offset: [0.0; 2], tangent_in: point.tangent_in, tangent_out: point.tangent_out };
    let feather = point.feather.as_ref().unwrap_or(&still);
    let placed = map.placed(point);
    let pairs = [
        placed.handle_in,
        placed.at,
        placed.handle_out,
        map.vector(feather.tangent_in),
        map.vector(feather.offset),
        map.vector(feather.tangent_out),
    ];
    out.push('(');
    for [x, y] in pairs {
        out.push('(');
        px(out, x);
        out.push_str(", ");
        px(out, y);
        out.push_str("), ");
    }
    out.push_str("), ");
}
