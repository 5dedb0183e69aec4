//! Natron: a Python script that makes a Roto node.

use std::fmt::Write as _;

use shapes::Document;

use crate::space::{Map, NATRON};
use crate::text::{frame, identifier, px, quoted_python, unique};
use crate::{Shot, Warning, WriteError};

const HEAD: &str = r#"# Makes a Roto node with shapes of Splitline: run it in Natron's Script Editor, or NatronRenderer SCRIPT.


def splitline_shape(context, layer, name, label, closed, opacity, color, keys):
    bezier = context.createBezier(0, 0, keys[0][0])
    bezier.setScriptName(name)
    bezier.setLabel(label)
    if opacity is not None:
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
const TAIL: &str = r#"    return node


splitline_node = splitline_roto(globals().get("app1") or app)
"#;

/// Writes the script. A point is its place, its incoming and its outgoing handle, then the same of its feather.
pub(crate) fn write(
    document: &Document,
    shot: &Shot,
    _warnings: &mut Vec<Warning>,
) -> Result<String, WriteError> {
    let map = NATRON.of(shot);
    let mut out = HEAD.to_owned();
    let names = unique(document.shapes.iter().map(|s| identifier(&s.name, "Bezier")));
    for (shape, name) in document.shapes.iter().zip(names) {
        let closed = if shape.closed { "True" } else { "False" };
        let label = quoted_python(&shape.name);
        let _ = write!(out, "    splitline_shape(context, layer, \"{name}\", {label}, {closed}, ");
        match shape.opacity {
            Some(opacity) => px(&mut out, opacity),
            None => out.push_str("None"),
        }
        match shape.color {
            Some([r, g, b]) => {
                for (value, before) in [(r, ", ("), (g, ", "), (b, ", ")] {
                    out.push_str(before);
                    px(&mut out, value);
                }
                out.push(')');
            }
            None => out.push_str(", None"),
        }
        out.push_str(", [\n");
        for key in &shape.keys {
            let _ = write!(out, "        ({}, [", frame(map.frame(key.frame)));
            for point in &key.points {
                push_point(&mut out, &map, point);
            }
            out.push_str("]),\n");
        }
        out.push_str("    ])\n");
    }
    out.push_str(TAIL);
    Ok(out)
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
