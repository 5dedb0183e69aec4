//! Writes a Roto node.

use std::fmt::Write as _;

use shapes::{Interp, Key, Point, Shape};

use super::cursor::escaped;
use super::{BLENDS, OPEN};
use crate::Shot;
use crate::space::Map;
use crate::text::{frame, px};

/// Flag of every `cc`: its tangents are relative to their points.
const RELATIVE_TANGENTS: u32 = 1 << 13;

/// Appends a Roto node with these shapes.
pub(crate) fn push(out: &mut String, shapes: &[Shape], shot: &Shot, map: &Map) {
    let middle = (f64::from(shot.width) / 2.0, f64::from(shot.height) / 2.0);
    let _ = write!(
        out,
        "Roto {{\n output alpha\n cliptype none\n curves {{{{{{v x3f99999a}}\n  {{f 0}}\n  {{n\n   {{layer Root\n    {{f 2097152}}\n    {{t {} {}}}\n    {{a}}",
        middle.0, middle.1
    );
    for shape in shapes.iter().rev() {
        push_shape(out, shape, middle, map);
    }
    out.push_str("}}}}\n name Roto1\n}\n");
}

fn push_shape(out: &mut String, shape: &Shape, middle: (f64, f64), map: &Map) {
    let feathered = shape.keys.iter().any(|k| k.points.iter().any(|p| p.feather.is_some()));
    let _ = write!(out, "\n    {{curvegroup {} 512 bezier\n     {{", escaped(&shape.name));
    push_contour(out, shape, outline, map);
    if feathered {
        out.push_str("\n      ");
        push_contour(out, shape, feather, map);
    } else {
        out.push_str("     idem");
    }
    let first = shape.keys.first();
    let points = first.map_or(&[][..], |k| &k.points);
    let count = points.len().max(1) as f64;
    let pivot = points.iter().fold([0.0; 2], |sum, p| [sum[0] + p.x / count, sum[1] + p.y / count]);
    let [x, y] = map.point(pivot);
    let _ = write!(out, "}}\n     {{tx {} ", frame(first.map_or(0.0, |k| k.frame)));
    px(out, x);
    out.push(' ');
    px(out, y);
    out.push_str("}\n     {a");
    if !shape.opacity_keys.is_empty() {
        out.push_str(" opc {");
        for key in &shape.opacity_keys {
            push_key(out, &frame(key.frame), key.value, key.interp);
        }
        out.push('}');
    } else if let Some(opacity) = shape.opacity {
        out.push_str(" opc ");
        px(out, opacity);
    }
    if shape.invert {
        out.push_str(" inv 1");
    }
    if let Some((code, _)) = BLENDS.iter().find(|(code, blend)| *blend == shape.blend && *code > 0) {
        let _ = write!(out, " bm {code}");
    }
    if let Some(color) = shape.color {
        for (name, value) in ["ro", "go", "bo"].iter().zip(color) {
            let _ = write!(out, " {name} ");
            px(out, value);
        }
    }
    let _ = write!(out, " osw 10 osf 0 str 1 spx {} spy {} sb 1 tt 4}}}}", middle.0, middle.1);
}

/// The three pairs of a control point.
type Pairs = [[f64; 2]; 3];

fn outline(map: &Map, p: &Point) -> Pairs {
    let placed = map.placed(p);
    [placed.handle_in, placed.at, placed.handle_out]
}

fn feather(map: &Map, p: &Point) -> Pairs {
    match &p.feather {
        Some(f) => [map.vector(f.tangent_in), map.vector(f.offset), map.vector(f.tangent_out)],
        None => [map.vector(p.tangent_in), [0.0; 2], map.vector(p.tangent_out)],
    }
}

fn push_contour(out: &mut String, shape: &Shape, pairs: fn(&Map, &Point) -> Pairs, map: &Map) {
    let flags = if shape.closed { RELATIVE_TANGENTS } else { RELATIVE_TANGENTS | OPEN };
    let _ = write!(out, "{{cc\n       {{f {flags}}}\n       {{");
    let Some(first) = shape.keys.first() else { return };
    if let [key] = &shape.keys[..] {
        let _ = write!(out, "px {}", frame(key.frame));
    } else {
        out.push('p');
    }
    let heads: Vec<String> = shape.keys.iter().map(|k| frame(k.frame)).collect();
    let mut curves = vec![[[0.0; 2]; 3]; shape.keys.len()];
    for i in 0..first.points.len() {
        for (curve, key) in curves.iter_mut().zip(&shape.keys) {
            *curve = key.points.get(i).map_or([[0.0; 2]; 3], |p| pairs(map, p));
        }
        for (pair, is_place) in [(0, false), (1, true), (2, false)] {
            out.push_str("\n        {");
            push_coordinate(out, &shape.keys, &heads, |k| curves[k][pair][0], is_place);
            out.push(' ');
            push_coordinate(out, &shape.keys, &heads, |k| curves[k][pair][1], is_place);
            out.push('}');
        }
    }
    out.push_str("}}");
}

/// One coordinate: a number where there is one key, or where it is no place and stays; else its keys.
fn push_coordinate(
    out: &mut String,
    keys: &[Key],
    heads: &[String],
    value: impl Fn(usize) -> f64,
    is_place: bool,
) {
    if keys.len() == 1 || (!is_place && (1..keys.len()).all(|k| value(k) == value(0))) {
        px(out, value(0));
        return;
    }
    out.push('{');
    for (k, key) in keys.iter().enumerate() {
        push_key(out, &heads[k], value(k), key.interp);
    }
    out.push('}');
}

/// A key of a curve: frame, value, two tangents that linear keys do not use, and the interpolation.
fn push_key(out: &mut String, head: &str, value: f64, interp: Interp) {
    out.push('{');
    out.push_str(head);
    out.push(' ');
    px(out, value);
    out.push_str(if interp == Interp::Hold { " 0 0 0 0 256}" } else { " 0 0 0 0 257}" });
}
