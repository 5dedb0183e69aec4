//! Blender: a Python script that makes a mask with one layer for each shape, and markers on a movie clip.

use std::fmt::Write as _;

use shapes::{Blend, Document};

use crate::space::{BLENDER, BLENDER_CLIP, Map};
use crate::text::{fine, frame, px, quoted_python};
use crate::{Shot, Warning, WriteError, fades};

const HEAD: &str = r#"# Makes a mask and tracks of Splitline. In Blender: Scripting workspace > Open > Run Script, or blender --python SCRIPT.
import bpy
"#;
const MASK: &str = r#"


def splitline_shape(mask, name, closed, blend, alpha, invert, keys):
    layer = mask.layers.new(name=name)
    layer.blend = blend
    for frame, value in alpha:
        layer.alpha = value
        if frame is not None:
            layer.keyframe_insert("alpha", frame=frame)
    layer.invert = invert
    spline = layer.splines.new()
    spline.use_cyclic = closed
    spline.points.add(len(keys[0][1]) - len(spline.points))
    mask.layers.active = layer
    for point in spline.points:
        point.handle_left_type = "FREE"
        point.handle_right_type = "FREE"
        point.select = True
    scene = bpy.context.scene
    for frame, points in keys:
        scene.frame_set(frame)
        for point, (x, y, lx, ly, rx, ry) in zip(spline.points, points):
            point.co = (x, y)
            point.handle_left = (lx, ly)
            point.handle_right = (rx, ry)
        bpy.ops.mask.shape_key_insert()
    for point in spline.points:
        point.select = False


def splitline_masks(mask):
"#;
const MASK_END: &str = r#"

def splitline_run():
    mask = bpy.data.masks.new("Splitline")
    # Keys of a mask can only be set where a mask editor is: an area of the window becomes one for the time.
    window = bpy.context.window_manager.windows[0]
    area = window.screen.areas[0]
    was, scene = area.type, bpy.context.scene
    now = scene.frame_current
    area.type = "IMAGE_EDITOR"
    region = next(r for r in area.regions if r.type == "WINDOW")
    space = area.spaces.active
    space.ui_mode = "MASK"
    space.mask = mask
    try:
        with bpy.context.temp_override(window=window, area=area, region=region, space_data=space):
            splitline_masks(mask)
    finally:
        scene.frame_set(now)
        area.type = was
    mask.frame_start = scene.frame_start
    mask.frame_end = scene.frame_end
    return mask


splitline_mask = splitline_run()
"#;

const TRACKS: &str = r#"

def splitline_track(clip, name, keys):
    track = clip.tracking.tracks.new(name=name)
    # A new track has a marker of its own, and is never without one.
    own = {marker.frame for marker in track.markers}
    for frame, x, y, seen in keys:
        frame += 1 - clip.frame_start
        marker = track.markers.insert_frame(frame, co=(x, y))
        marker.mute = not seen
        own.discard(frame)
    for frame in own:
        track.markers.delete_frame(frame)


def splitline_tracks(clip):
"#;
const TRACKS_END: &str = r#"

def splitline_clip():
    clips = [bpy.context.scene.active_clip, *bpy.data.movieclips]
    clip = next((c for c in clips if c), None)
    if not clip:
        raise RuntimeError("Open the plate in the Movie Clip editor, then run the script again.")
    return clip


splitline_tracks(splitline_clip())
"#;

/// Writes the script.
pub(crate) fn write(
    document: &Document,
    shot: &Shot,
    _warnings: &mut Vec<Warning>,
) -> Result<String, WriteError> {
    let mut out = HEAD.to_owned();
    if !document.shapes.is_empty() {
        out.push_str(MASK);
        push_shapes(&mut out, document, &BLENDER.of(shot));
        out.push_str(MASK_END);
    }
    if !document.tracks.is_empty() {
        out.push_str(TRACKS);
        push_tracks(&mut out, document, &BLENDER_CLIP.of(shot));
        out.push_str(TRACKS_END);
    }
    Ok(out)
}

fn push_tracks(out: &mut String, document: &Document, map: &Map) {
    for track in document.tracks.iter().filter(|t| !t.keys.is_empty()) {
        let _ = writeln!(out, "    splitline_track(clip, {}, [", quoted_python(&track.name));
        for key in &track.keys {
            let _ = write!(out, "        ({}", frame(map.frame(key.frame)));
            for value in map.point([key.x, key.y]) {
                out.push_str(", ");
                fine(out, value);
            }
            out.push_str(if key.visible { ", True),\n" } else { ", False),\n" });
        }
        out.push_str("    ])\n");
    }
}

fn push_shapes(out: &mut String, document: &Document, map: &Map) {
    for shape in &document.shapes {
        let blend = match shape.blend {
            Blend::Subtract => "MERGE_SUBTRACT",
            Blend::Max => "LIGHTEN",
            Blend::Intersect => "DARKEN",
            Blend::Difference => "DIFFERENCE",
            Blend::Add | Blend::Holdout => "MERGE_ADD",
        };
        let closed = if shape.closed { "True" } else { "False" };
        let _ =
            write!(out, "    splitline_shape(mask, {}, {closed}, \"{blend}\", ", quoted_python(&shape.name));
        out.push('[');
        if shape.opacity_keys.is_empty() {
            out.push_str("(None, ");
            px(out, shape.opacity.unwrap_or(1.0));
            out.push_str("), ");
        }
        fades::push_python(out, shape, map);
        out.push(']');
        out.push_str(if shape.invert { ", True, [\n" } else { ", False, [\n" });
        for key in &shape.keys {
            let _ = write!(out, "        ({}, [", frame(map.frame(key.frame)));
            for point in &key.points {
                let placed = map.placed(point);
                let numbers = [placed.at, placed.handle_in, placed.handle_out];
                for (i, value) in numbers.into_iter().flatten().enumerate() {
                    out.push_str(if i == 0 { "(" } else { ", " });
                    fine(out, value);
                }
                out.push_str("), ");
            }
            out.push_str("]),\n");
        }
        out.push_str("    ])\n");
    }
}
