"""Writes masks and tracking markers of a Blender file as a Splitline document.

    blender shot.blend --background --python export.py -- keys.json

Masks are read on every frame of the scene, as their keys cannot be; a key stays where a straight line between its neighbours would not do.
"""
import json
import math
import sys

import bpy

BLENDS = {
    "MERGE_ADD": "add", "ADD": "add", "MERGE_SUBTRACT": "subtract", "SUBTRACT": "subtract",
    "LIGHTEN": "max", "DARKEN": "intersect", "DIFFERENCE": "difference",
}
# A key this close to the straight line between others adds nothing, px.
NEAR_PX = 1e-3


def say(name, what):
    print(f"splitline: warning: \"{name}\", {what}", file=sys.stderr)


def size(scene):
    """Width and height of the pictures that masks lie on, and their pixel aspect."""
    clip = scene.active_clip or next(iter(bpy.data.movieclips), None)
    render = scene.render
    if clip and clip.size[0] and clip.size[1]:
        return clip.size[0], clip.size[1], clip.display_aspect[0] / clip.display_aspect[1]
    scale = render.resolution_percentage / 100
    aspect = render.pixel_aspect_x / render.pixel_aspect_y
    return int(render.resolution_x * scale), int(render.resolution_y * scale), aspect


def point_of(point, width, height):
    """Numbers of a control point, px from the top left: the longer side of the picture is 1, its middle (0.5, 0.5)."""
    longer = max(width, height)

    def place(co):
        return (co[0] - 0.5) * longer + width / 2, height / 2 - (co[1] - 0.5) * longer

    x, y = place(point.co)
    (lx, ly), (rx, ry) = place(point.handle_left), place(point.handle_right)
    return [x, y, lx - x, ly - y, rx - x, ry - y]


def thinned(keys):
    """The keys without those that straight lines between others make too. A key is a frame and numbers."""
    kept, low, high = [keys[0]], None, None
    for i in range(1, len(keys)):
        frame, numbers = keys[i]
        slopes = slopes_from(kept[-1], keys[i])
        if low and not all(lo <= s <= hi for lo, s, hi in zip(low, slopes, high)):
            kept.append(keys[i - 1])
            slopes, low, high = slopes_from(kept[-1], keys[i]), None, None
        # A later key's line passes this one within the distance if its slopes are within these.
        slack = NEAR_PX / (frame - kept[-1][0])
        low = [max(lo, s - slack) for lo, s in zip(low or [-math.inf] * len(slopes), slopes)]
        high = [min(hi, s + slack) for hi, s in zip(high or [math.inf] * len(slopes), slopes)]
    moved = any(abs(v - u) > NEAR_PX for u, v in zip(kept[0][1], keys[-1][1]))
    if len(kept) > 1 or moved:
        kept.append(keys[-1])
    return kept


def slopes_from(a, b):
    return [(v - u) / (b[0] - a[0]) for u, v in zip(a[1], b[1])]


def shapes_of(mask, scene, width, height):
    """One shape for each spline, in drawing order; a layer's splines are composed as the layer is."""
    splines = [(layer, spline) for layer in mask.layers for spline in layer.splines if len(spline.points)]
    seen, alphas = [[] for _ in splines], [[] for _ in splines]
    now = scene.frame_current
    for frame in range(scene.frame_start, scene.frame_end + 1):
        scene.frame_set(frame)
        for keys, opacities, (layer, spline) in zip(seen, alphas, splines):
            keys.append((frame, [n for p in spline.points for n in point_of(p, width, height)]))
            opacities.append((frame, [0 if layer.hide_render else layer.alpha]))
    scene.frame_set(now)
    shapes = []
    for keys, opacities, (layer, spline) in zip(seen, alphas, splines):
        several = len(layer.splines) > 1
        name = f"{layer.name} {list(layer.splines).index(spline) + 1}" if several else layer.name
        if layer.blend not in BLENDS:
            say(name, f"blend: {layer.blend} is not known, written as add")
        if any(len(p.feather_points) for p in spline.points) or any(p.weight for p in spline.points):
            say(name, "feather: not written")
        if any(p.parent.id for p in spline.points):
            say(name, "parent: the points are written where they are without it")
        shape = {"name": name, "closed": spline.use_cyclic, "blend": BLENDS.get(layer.blend, "add")}
        opacities = thinned(opacities)
        if len(opacities) > 1:
            shape["opacity_keys"] = [{"frame": frame, "value": value} for frame, (value,) in opacities]
        elif opacities[0][1] == [0]:
            say(name, "hidden: written with an opacity of 0")
            shape["opacity"] = 0
        elif opacities[0][1] != [1]:
            shape["opacity"] = opacities[0][1][0]
        if layer.invert:
            shape["invert"] = True
        shape["keys"] = [
            {"frame": frame, "points": [
                {"x": n[i], "y": n[i + 1], "in": n[i + 2:i + 4], "out": n[i + 4:i + 6]} for i in range(0, len(n), 6)
            ]}
            for frame, n in thinned(keys)
        ]
        shapes.append(shape)
    return shapes


def tracks_of(clip):
    """Tracks of a clip and its objects; a muted marker is not seen."""
    width, height = clip.size
    aspect = clip.display_aspect[0] / clip.display_aspect[1]
    known, tracks = set(), []
    for group in [clip.tracking] + list(clip.tracking.objects):
        for track in group.tracks:
            if track.as_pointer() in known:
                continue
            known.add(track.as_pointer())
            keys = {}
            for marker in track.markers:
                key = {
                    "frame": marker.frame + clip.frame_start - 1,
                    "x": marker.co[0] * width * aspect,
                    "y": (1 - marker.co[1]) * height,
                }
                if marker.mute:
                    key["visible"] = False
                keys[key["frame"]] = key
            tracks.append({"name": track.name, "keys": [keys[f] for f in sorted(keys)]})
    return tracks


def document():
    scene = bpy.context.scene
    width, height, aspect = size(scene)
    told = {"format": "shapes", "version": 1, "width": width, "height": height, "fps": scene.render.fps / scene.render.fps_base}
    if aspect != 1:
        told["par"] = aspect
    told["shapes"] = [s for mask in bpy.data.masks for s in shapes_of(mask, scene, width * aspect, height)]
    told["tracks"] = [t for clip in bpy.data.movieclips if clip.size[0] for t in tracks_of(clip)]
    return told


def main(arguments):
    if len(arguments) != 1:
        sys.exit("splitline: say where the document goes: -- keys.json")
    with open(arguments[0], "x", encoding="utf-8") as file:
        json.dump(document(), file, indent=1)


if __name__ == "__main__":
    main(sys.argv[sys.argv.index("--") + 1:] if "--" in sys.argv else [])
