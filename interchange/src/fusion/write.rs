//! Writes tools.

use std::fmt::Write as _;

use shapes::{Document, Shape, Track};

use crate::space::{FUSION, Map};
use crate::text::{fine, frame, identifier, unique};
use crate::{Shot, Warning, WriteError};

/// Writes tools that paste into a composition.
pub(crate) fn write(
    document: &Document,
    shot: &Shot,
    warnings: &mut Vec<Warning>,
) -> Result<String, WriteError> {
    let map = FUSION.of(shot);
    let wanted = document.shapes.iter().map(|s| (&s.name, "Polygon"));
    let wanted = wanted.chain(document.tracks.iter().map(|t| (&t.name, "Track")));
    let names = unique(wanted.clone().map(|(name, fallback)| identifier(name, fallback)));
    for ((wanted, _), name) in wanted.zip(&names) {
        if wanted != name {
            warnings.push(Warning::new(wanted, "name", format!("written as {name}")));
        }
    }
    let mut out = String::from("{\n\tTools = ordered() {\n");
    let (shape_names, track_names) = names.split_at(document.shapes.len());
    for (i, (shape, name)) in document.shapes.iter().zip(shape_names).enumerate() {
        push_mask(&mut out, shape, name, i, shot, &map);
    }
    for (i, (track, name)) in document.tracks.iter().zip(track_names).enumerate() {
        push_track(&mut out, track, name, document.shapes.len() + i, &map);
    }
    out.push_str("\t},\n}\n");
    Ok(out)
}

fn push_mask(out: &mut String, shape: &Shape, name: &str, index: usize, shot: &Shot, map: &Map) {
    let _ = write!(
        out,
        "\t\t{name} = PolylineMask {{\n\t\t\tDrawMode = \"ModifyOnly\",\n\t\t\tDrawMode2 = \"InsertAndModify\",\n\t\t\tCtrlWZoom = false,\n\t\t\tInputs = {{\n"
    );
    let fades = !shape.opacity_keys.is_empty();
    if fades {
        let _ = writeln!(out, "\t\t\t\tLevel = Input {{ SourceOp = \"{name}Level\", Source = \"Value\", }},");
    } else if let Some(opacity) = shape.opacity {
        out.push_str("\t\t\t\tLevel = Input { Value = ");
        fine(out, opacity);
        out.push_str(", },\n");
    }
    if shape.invert {
        out.push_str("\t\t\t\tInvert = Input { Value = 1, },\n");
    }
    if !shape.closed {
        out.push_str(
            "\t\t\t\tSolid = Input { Value = 0, },\n\t\t\t\tBorderWidth = Input { Value = 0.001, },\n",
        );
    }
    let _ = write!(
        out,
        "\t\t\t\tMaskWidth = Input {{ Value = {}, }},\n\t\t\t\tMaskHeight = Input {{ Value = {}, }},\n\t\t\t\tPixelAspect = Input {{ Value = {{ {}, 1 }}, }},\n\t\t\t\tClippingMode = Input {{ Value = FuID {{ \"None\" }}, }},\n\t\t\t\tPolyline = Input {{\n\t\t\t\t\tSourceOp = \"{name}Polyline\",\n\t\t\t\t\tSource = \"Value\",\n\t\t\t\t}},\n\t\t\t}},\n\t\t\tViewInfo = OperatorInfo {{ Pos = {{ 0, {} }} }},\n\t\t}},\n",
        shot.width,
        shot.height,
        shot.par,
        index * 33
    );
    if fades {
        let keys = shape.opacity_keys.iter().map(|k| (map.frame(k.frame), k.value));
        push_spline(out, &format!("{name}Level"), keys);
    }
    let _ = write!(
        out,
        "\t\t{name}Polyline = BezierSpline {{\n\t\t\tSplineColor = {{ Red = 173, Green = 255, Blue = 47 }},\n\t\t\tNameSet = true,\n\t\t\tKeyFrames = {{\n"
    );
    for (i, key) in shape.keys.iter().enumerate() {
        let _ = write!(
            out,
            "\t\t\t\t[{}] = {{ {i}, Flags = {{ Linear = true, LockedY = true }}, Value = Polyline {{\n\t\t\t\t\t{}Points = {{\n",
            frame(map.frame(key.frame)),
            if shape.closed { "Closed = true, " } else { "" }
        );
        for point in &key.points {
            let placed = map.placed(point);
            out.push_str("\t\t\t\t\t\t{ ");
            let numbers = [placed.at, placed.handle_in, placed.handle_out];
            let names = ["X", "Y", "LX", "LY", "RX", "RY"];
            for (i, (name, value)) in names.iter().zip(numbers.into_iter().flatten()).enumerate() {
                out.push_str(if i == 0 { "" } else { ", " });
                out.push_str(name);
                out.push_str(" = ");
                fine(out, value);
            }
            out.push_str(" },\n");
        }
        out.push_str("\t\t\t\t\t},\n\t\t\t\t} },\n");
    }
    out.push_str("\t\t\t},\n\t\t},\n");
}

/// A path through the track's places, and a displacement along it that is at each place on its frame. A point control is what both
/// move; connect other tools to it.
fn push_track(out: &mut String, track: &Track, name: &str, index: usize, map: &Map) {
    let places: Vec<[f64; 2]> = track.keys.iter().map(|k| map.point([k.x, k.y])).collect();
    let _ = write!(
        out,
        "\t\t{name} = Transform {{\n\t\t\tInputs = {{\n\t\t\t\tCenter = Input {{\n\t\t\t\t\tSourceOp = \"{name}XY\",\n\t\t\t\t\tSource = \"Value\",\n\t\t\t\t}},\n\t\t\t}},\n\t\t\tViewInfo = OperatorInfo {{ Pos = {{ 0, {} }} }},\n\t\t}},\n",
        index * 33
    );
    let _ = write!(
        out,
        "\t\t{name}XY = XYPath {{\n\t\t\tShowKeyPoints = false,\n\t\t\tInputs = {{\n\t\t\t\tX = Input {{ SourceOp = \"{name}X\", Source = \"Value\", }},\n\t\t\t\tY = Input {{ SourceOp = \"{name}Y\", Source = \"Value\", }},\n\t\t\t}},\n\t\t}},\n"
    );
    for (axis, letter) in ["X", "Y"].iter().enumerate() {
        // Centres of tools count from the bottom-left corner, polylines from the middle.
        let keys = track.keys.iter().zip(&places).map(|(key, p)| (map.frame(key.frame), p[axis] + 0.5));
        push_spline(out, &format!("{name}{letter}"), keys);
    }
}

/// A number over time: frames and values, with straight lines between them.
fn push_spline(out: &mut String, name: &str, keys: impl Iterator<Item = (f64, f64)>) {
    let _ = write!(
        out,
        "\t\t{name} = BezierSpline {{\n\t\t\tSplineColor = {{ Red = 173, Green = 255, Blue = 47 }},\n\t\t\tNameSet = true,\n\t\t\tKeyFrames = {{\n"
    );
    for (at, value) in keys {
        let _ = write!(out, "\t\t\t\t[{}] = {{ ", frame(at));
        fine(out, value);
        out.push_str(", Flags = { Linear = true } },\n");
    }
    out.push_str("\t\t\t},\n\t\t},\n");
}
