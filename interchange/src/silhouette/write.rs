//! Writes a shape file.

use std::fmt::Write as _;

use quick_xml::escape::escape;
use shapes::{Document, Interp, Shape};

use super::MODES;
use crate::shot::last_key;
use crate::space::{Map, SILHOUETTE};
use crate::text::{fine, frame, px};
use crate::{Shot, Warning, WriteError};

/// Writes one layer with the shapes in drawing order.
pub(crate) fn write(
    document: &Document,
    shot: &Shot,
    warnings: &mut Vec<Warning>,
) -> Result<String, WriteError> {
    let map = SILHOUETTE.of(shot);
    let end = last_key(document).unwrap_or(shot.start_frame);
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = write!(
        out,
        "<Silhouette width=\"{}\" height=\"{}\" workRangeStart=\"{start}\" workRangeEnd=\"{}\" sessionStartFrame=\"{start}\">\n  \
         <Layer type=\"Layer\" label=\"Splitline\" expanded=\"True\">\n    <Properties>",
        shot.width,
        shot.height,
        frame(end),
        start = frame(shot.start_frame),
    );
    for (id, value) in [("color", "(1,1,1)"), ("invert", "false"), ("mode", "Add")] {
        push_constant(&mut out, "\n      ", id, value);
    }
    out.push_str("\n      <Property id=\"objects\" constant=\"True\" expanded=\"True\">\n");
    for shape in &document.shapes {
        if shape.keys.first().is_some_and(|k| k.points.len() < 2) {
            warnings.push(Warning::new(
                &shape.name,
                "points",
                "Silhouette refuses shapes of one point: left out",
            ));
            continue;
        }
        push_shape(&mut out, shape, &map);
    }
    out.push_str("      </Property>\n    </Properties>\n  </Layer>\n</Silhouette>\n");
    Ok(out)
}

fn push_constant(out: &mut String, indent: &str, id: &str, value: &str) {
    let _ = write!(out, "{indent}<Property constant=\"True\" id=\"{id}\"><Value>{value}</Value></Property>");
}

fn percent(share: f64) -> String {
    let mut out = String::new();
    px(&mut out, share * 100.0);
    out
}

fn word(interp: Interp) -> &'static str {
    if interp == Interp::Hold { "hold" } else { "linear" }
}

fn push_shape(out: &mut String, shape: &Shape, map: &Map) {
    let indent = "\n            ";
    // Characters that XML cannot hold at all.
    let label: String = shape.name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let _ = write!(
        out,
        "        <Object type=\"Shape\" label=\"{}\" shape_type=\"Bezier\" hidden=\"False\" locked=\"False\">\n          <Properties>",
        escape(label.as_str())
    );
    if shape.opacity_keys.is_empty() {
        push_constant(out, indent, "opacity", &percent(shape.opacity.unwrap_or(1.0)));
    } else {
        let _ = write!(out, "{indent}<Property id=\"opacity\">");
        for key in &shape.opacity_keys {
            let (frame, value) = (frame(map.frame(key.frame)), percent(key.value));
            let _ = write!(out, "<Key frame=\"{frame}\" interp=\"{}\">{value}</Key>", word(key.interp));
        }
        out.push_str("</Property>");
    }
    if let Some([r, g, b]) = shape.color {
        let mut color = String::from("(");
        for (value, end) in [(r, ","), (g, ","), (b, ")")] {
            px(&mut color, value);
            color.push_str(end);
        }
        push_constant(out, indent, "outlineColor", &color);
    }
    let mode = MODES.iter().find(|(_, blend)| *blend == shape.blend).map_or("Add", |(word, _)| word);
    push_constant(out, indent, "mode", mode);
    push_constant(out, indent, "invert", if shape.invert { "true" } else { "false" });
    push_constant(out, indent, "motionBlur", if shape.blur == Some(false) { "false" } else { "true" });
    out.push_str(indent);
    out.push_str("<Property id=\"path\">\n");
    let closed = if shape.closed { "True" } else { "False" };
    for key in &shape.keys {
        let _ = writeln!(
            out,
            "              <Key frame=\"{}\" interp=\"{}\"><Path closed=\"{closed}\" type=\"Bezier\">",
            frame(map.frame(key.frame)),
            word(key.interp)
        );
        for point in &key.points {
            let placed = map.placed(point);
            out.push_str("                <Point>");
            for (i, [x, y]) in [placed.at, placed.handle_out, placed.handle_in].into_iter().enumerate() {
                out.push_str(if i == 0 { "(" } else { ",(" });
                fine(out, x);
                out.push(',');
                fine(out, y);
                out.push(')');
            }
            out.push_str("</Point>\n");
        }
        out.push_str("              </Path></Key>\n");
    }
    out.push_str("            </Property>\n          </Properties>\n        </Object>\n");
}
