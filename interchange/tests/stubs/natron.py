"""Runs a script that is meant for Natron and prints the shapes and tracks it made: python3 natron.py SCRIPT"""
import json
import sys

shapes, tracks = [], []


class Bezier:
    def __init__(self):
        self.points, self.feather, self.count, self.closed = {}, {}, 1, False
        self.added, self.opacity, self.color = False, None, None

    def setScriptName(self, name):
        assert name.isidentifier()

    def setLabel(self, label):
        self.label = label

    def addControlPoint(self, x, y):
        assert not self.closed
        self.count += 1

    def setPointAtIndex(self, index, time, x, y, lx, ly, rx, ry):
        assert 0 <= index < self.count
        self.points.setdefault(time, {})[index] = [x, y, lx, ly, rx, ry]

    def setFeatherPointAtIndex(self, index, time, x, y, lx, ly, rx, ry):
        assert 0 <= index < self.count
        self.feather.setdefault(time, {})[index] = [x, y, lx, ly, rx, ry]

    def setCurveFinished(self, finished):
        self.closed = finished

    def setOverlayColor(self, r, g, b):
        self.color = [r, g, b]

    def getOpacityParam(self):
        return self

    def set(self, value):
        self.opacity = value

    def setValueAtTime(self, value, time):
        self.opacity = self.opacity or {}
        self.opacity[time] = value


class Context:
    def createBezier(self, x, y, time):
        shapes.append(Bezier())
        return shapes[-1]

    def getBaseLayer(self):
        return self

    def addItem(self, item):
        item.added = True


class Track:
    def __init__(self):
        self.values = {}

    def setScriptName(self, name):
        assert name.isidentifier()
        self.name = name

    def getParam(self, name):
        assert name == "centerPoint"
        return self

    def setValueAtTime(self, value, time, dimension):
        self.values.setdefault(time, [None, None])[dimension] = value


class Tracker:
    def createTrack(self):
        tracks.append(Track())
        return tracks[-1]


class Roto:
    def getRotoContext(self):
        return Context()


class TrackerNode:
    def getTrackerContext(self):
        return Tracker()


class App:
    def createNode(self, plugin):
        return {"fr.inria.built-in.Roto": Roto, "fr.inria.built-in.Tracker": TrackerNode}[plugin]()


exec(compile(open(sys.argv[1]).read(), sys.argv[1], "exec"), {"app1": App()})
assert all(shape.added for shape in shapes)
told = [
    {"name": s.label, "closed": s.closed, "opacity": s.opacity, "color": s.color, "points": s.points, "feather": s.feather}
    for s in shapes
]
print(json.dumps({"shapes": told, "tracks": {t.name: t.values for t in tracks}}, sort_keys=True))
