//! An ExtendScript file that puts the shapes as masks on the selected layer.

use std::fmt::Write as _;

use shapes::{Blend, Document, Interp};

use crate::space::AFTER_EFFECTS;
use crate::text::{push_number, px, quoted_javascript};
use crate::{Shot, Warning, WriteError};

const HEAD: &str = r#"// Adds shapes of Splitline as masks to the selected layer: File > Scripts > Run Script File.
(function () {
    var comp = app.project.activeItem;
    var layer = comp && comp.selectedLayers && comp.selectedLayers.length ? comp.selectedLayers[0] : null;
    if (!layer) {
        alert("Select the layer that the masks are for, then run the script again.");
        return;
    }
    function shape(closed, numbers) {
        var path = new Shape();
        var vertices = [], ins = [], outs = [];
        for (var i = 0; i < numbers.length; i += 6) {
            vertices.push([numbers[i], numbers[i + 1]]);
            ins.push([numbers[i + 2], numbers[i + 3]]);
            outs.push([numbers[i + 4], numbers[i + 5]]);
        }
        path.closed = closed;
        path.vertices = vertices;
        path.inTangents = ins;
        path.outTangents = outs;
        return path;
    }
    function mask(name, closed, mode, opacity, inverted, color, keys) {
        var mask = layer.property("ADBE Mask Parade").addProperty("ADBE Mask Atom");
        mask.name = name;
        mask.maskMode = MaskMode[mode];
        mask.inverted = inverted;
        if (color) {
            mask.color = color;
        }
        if (opacity instanceof Array) {
            animate(mask.property("ADBE Mask Opacity"), opacity, function (value) { return value; });
        } else {
            mask.property("ADBE Mask Opacity").setValue(opacity);
        }
        animate(mask.property("ADBE Mask Shape"), keys, function (numbers) { return shape(closed, numbers); });
    }
    function animate(property, keys, made) {
        var times = [], values = [];
        for (var i = 0; i < keys.length; i++) {
            times.push(layer.startTime + keys[i][0] / rate);
            values.push(made(keys[i][2]));
        }
        if (keys.length === 1) {
            property.setValue(values[0]);
            return;
        }
        property.setValuesAtTimes(times, values);
        for (var k = 0; k < keys.length; k++) {
            var kind = keys[k][1] ? KeyframeInterpolationType.HOLD : KeyframeInterpolationType.LINEAR;
            property.setInterpolationTypeAtKey(property.nearestKeyIndex(times[k]), kind, kind);
        }
    }
    app.beginUndoGroup("Splitline masks");
"#;
const TAIL: &str = "    app.endUndoGroup();\n})();\n";

/// Writes the script.
pub(crate) fn write(
    document: &Document,
    shot: &Shot,
    _warnings: &mut Vec<Warning>,
) -> Result<String, WriteError> {
    let fps = shot.fps.ok_or(WriteError::RateUnknown)?;
    let map = AFTER_EFFECTS.of(shot);
    let mut out = HEAD.to_owned();
    out.push_str("    var rate = ");
    push_number::<6>(&mut out, fps);
    out.push_str(";\n");
    for shape in &document.shapes {
        let mode = match shape.blend {
            Blend::Subtract => "SUBTRACT",
            Blend::Intersect => "INTERSECT",
            Blend::Max => "LIGHTEN",
            Blend::Difference => "DIFFERENCE",
            Blend::Add | Blend::Holdout => "ADD",
        };
        let _ = write!(out, "    mask({}, {}, \"{mode}\", ", quoted_javascript(&shape.name), shape.closed);
        if shape.opacity_keys.is_empty() {
            px(&mut out, shape.opacity.unwrap_or(1.0) * 100.0);
        } else {
            for (i, key) in shape.opacity_keys.iter().enumerate() {
                out.push_str(if i == 0 { "[[" } else { ", [" });
                px(&mut out, map.frame(key.frame));
                out.push_str(if key.interp == Interp::Hold { ", 1, " } else { ", 0, " });
                px(&mut out, key.value * 100.0);
                out.push(']');
            }
            out.push(']');
        }
        out.push_str(if shape.invert { ", true" } else { ", false" });
        match shape.color {
            Some([r, g, b]) => {
                out.push_str(", [");
                for (value, end) in [(r, ", "), (g, ", "), (b, "]")] {
                    px(&mut out, value);
                    out.push_str(end);
                }
            }
            None => out.push_str(", null"),
        }
        out.push_str(", [");
        for (i, key) in shape.keys.iter().enumerate() {
            out.push_str(if i == 0 { "\n        [" } else { ",\n        [" });
            px(&mut out, map.frame(key.frame));
            out.push_str(if key.interp == Interp::Hold { ", 1, [" } else { ", 0, [" });
            for (j, point) in key.points.iter().enumerate() {
                let placed = map.placed(point);
                let numbers = [placed.at, placed.handle_in, placed.handle_out];
                for (k, value) in numbers.into_iter().flatten().enumerate() {
                    out.push_str(if j == 0 && k == 0 { "" } else { "," });
                    px(&mut out, value);
                }
            }
            out.push_str("]]");
        }
        out.push_str("\n    ]);\n");
    }
    out.push_str(TAIL);
    Ok(out)
}
