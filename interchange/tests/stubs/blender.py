"""Runs a script in Blender's Python module and prints what Blender then has on some frames, and what our own script writes of it as a
document: python blender.py SCRIPT EXPORT FRAMES..."""
import json
import os
import runpy
import sys
import tempfile

import bpy

scene = bpy.context.scene
scene.frame_start, scene.frame_end = 1001, 1012
with tempfile.TemporaryDirectory() as folder:
    plate = os.path.join(folder, "plate.png")
    image = bpy.data.images.new("plate", 320, 240)
    image.filepath_raw, image.file_format = plate, "PNG"
    image.save()
    clip = bpy.data.movieclips.load(plate)
    clip.display_aspect = (2, 1)
    clip.frame_start = 1001
    assert tuple(clip.size) == (320, 240)

    scope = {"__name__": "__main__"}
    exec(compile(open(sys.argv[1]).read(), sys.argv[1], "exec"), scope)
    mask = scope["splitline_mask"]
    told = []
    for frame in map(int, sys.argv[3:]):
        scene.frame_set(frame)
        for layer in mask.layers:
            spline = layer.splines[0]
            points = [[*p.co, *p.handle_left, *p.handle_right] for p in spline.points]
            told.append([frame, layer.name, layer.blend, layer.alpha, spline.use_cyclic, layer.invert, points])
    tracks = {t.name: [[m.frame, *m.co, m.mute] for m in t.markers] for t in clip.tracking.tracks}
    document = runpy.run_path(sys.argv[2])["document"]()
print("\n" + json.dumps({"masks": told, "tracks": tracks, "document": document}))
