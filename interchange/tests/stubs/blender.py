"""Runs a script in Blender's Python module and prints the points that Blender has on some frames: python blender.py SCRIPT FRAMES..."""
import json
import sys

import bpy

scope = {"__name__": "__main__"}
exec(compile(open(sys.argv[1]).read(), sys.argv[1], "exec"), scope)
mask = scope["splitline_mask"]
told = []
for frame in map(int, sys.argv[2:]):
    bpy.context.scene.frame_set(frame)
    for layer in mask.layers:
        spline = layer.splines[0]
        points = [[*p.co, *p.handle_left, *p.handle_right] for p in spline.points]
        told.append([frame, layer.name, layer.blend, layer.alpha, spline.use_cyclic, layer.invert, points])
print("\n" + json.dumps(told))
