"""Runs a script that is meant for Natron and prints the shapes it made: python3 natron.py SCRIPT"""
import json
import sys

shapes = []


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


class Context:
    def createBezier(self, x, y, time):
        shapes.append(Bezier())
        return shapes[-1]

    def getBaseLayer(self):
        return self

    def addItem(self, item):
        item.added = True


class Node:
    def getRotoContext(self):
        return Context()


class App:
    def createNode(self, plugin):
        assert plugin == "fr.inria.built-in.Roto"
        return Node()


exec(compile(open(sys.argv[1]).read(), sys.argv[1], "exec"), {"app1": App()})
assert all(shape.added for shape in shapes)
told = [
    {"name": s.label, "closed": s.closed, "opacity": s.opacity, "color": s.color, "points": s.points, "feather": s.feather}
    for s in shapes
]
print(json.dumps(told, sort_keys=True))
