"""Cairo and Skia for the bench `raster`: one request a line, one answer a line.

The first line holds the cases; the answer names the libraries there are. Then `LIBRARY CASE` (tab between) is answered by
the seconds that clearing, flattening and filling took, and `LIBRARY CASE FILE` by the mask in the file. Building the path
from Python is not counted.
"""
import json
import sys
import time


class Cairo:
    def __init__(self, cairo, case):
        self.surface = cairo.ImageSurface(cairo.FORMAT_A8, case["width"], case["height"])
        self.context = context = cairo.Context(self.surface)
        self.clear, self.over = cairo.OPERATOR_CLEAR, cairo.OPERATOR_OVER
        context.set_antialias(cairo.Antialias.BEST)
        context.set_source_rgba(1, 1, 1, 1)
        self.size = case["width"], case["height"]
        self.paths = []
        for outline in case["outlines"]:
            context.new_path()
            context.move_to(*outline[0][:2])
            for segment in outline:
                context.curve_to(*segment[2:])
            context.close_path()
            self.paths.append(context.copy_path())
        context.new_path()

    def draw(self):
        context = self.context
        context.set_operator(self.clear)
        context.paint()
        context.set_operator(self.over)
        for path in self.paths:
            context.append_path(path)
            context.fill()

    def mask(self):
        self.surface.flush()
        width, height = self.size
        stride, data = self.surface.get_stride(), bytes(self.surface.get_data())
        return b"".join(data[y * stride:y * stride + width] for y in range(height))


class Skia:
    def __init__(self, skia, case):
        self.skia = skia
        self.surface = skia.Surface.MakeRaster(skia.ImageInfo.MakeA8(case["width"], case["height"]))
        self.canvas = self.surface.getCanvas()
        self.paint = skia.Paint(AntiAlias=True)
        self.paths = []
        for outline in case["outlines"]:
            path = skia.Path()
            path.moveTo(*outline[0][:2])
            for segment in outline:
                path.cubicTo(*segment[2:])
            path.close()
            self.paths.append(path)

    def draw(self):
        self.canvas.clear(0)
        for path in self.paths:
            self.canvas.drawPath(path, self.paint)

    def mask(self):
        return self.surface.makeImageSnapshot().tobytes()


def libraries(cases):
    found = {}
    try:
        import cairo
        found["Cairo " + cairo.cairo_version_string()] = {c["name"]: Cairo(cairo, c) for c in cases}
    except ImportError:
        pass
    try:
        import skia
        found["Skia m" + skia.__version__.split(".")[0]] = {c["name"]: Skia(skia, c) for c in cases}
    except ImportError:
        pass
    return found


found = libraries(json.loads(sys.stdin.readline()))
print("\t".join(found), flush=True)
for line in sys.stdin:
    library, case, *path = line.rstrip("\n").split("\t")
    peer = found[library][case]
    start = time.perf_counter()
    peer.draw()
    seconds = time.perf_counter() - start
    for name in path:
        with open(name, "wb") as file:
            file.write(peer.mask())
    print(seconds, flush=True)
