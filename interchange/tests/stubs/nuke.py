"""Runs a script that is meant for Nuke and prints the shapes and tables of tracks it made: python3 nuke.py SCRIPT"""
import json
import sys
import types


class Part:
    def __init__(self):
        self.keys = {}

    def addPositionKey(self, frame, position):
        assert len(position) == 2
        self.keys[frame] = list(position)


class Point:
    names = ("leftTangent", "center", "rightTangent", "featherLeftTangent", "featherCenter", "featherRightTangent")

    def __init__(self):
        for name in self.names:
            setattr(self, name, Part())


class Attributes(dict):
    def set(self, *told):
        """Of a name and a value, or of a frame before them."""
        if len(told) == 2:
            self[told[0]] = told[1]
        else:
            frame, name, value = told
            self.setdefault(name, {})[frame] = value


class Shape(list):
    def __init__(self, knob):
        self.flags, self.attributes = [], Attributes()

    def setFlag(self, flag, value):
        self.flags.append(flag)

    def getAttributes(self):
        return self.attributes


class Knob:
    def __init__(self):
        self.rootLayer, self.changes = [], 0

    def changed(self):
        self.changes += 1


class Table:
    def __init__(self):
        self.texts = []

    def fromScript(self, text):
        self.texts.append(text)
        return True


knob, table = Knob(), Table()
nuke = types.ModuleType("nuke")
nuke.createNode = lambda kind: {"Roto": {"curves": knob}, "Tracker4": {"tracks": table}}[kind]
rotopaint = types.ModuleType("nuke.rotopaint")
rotopaint.Shape, rotopaint.ShapeControlPoint = Shape, Point
rotopaint.FlagType = types.SimpleNamespace(eOpenFlag="open")
nuke.rotopaint = rotopaint
sys.modules.update({"nuke": nuke, "nuke.rotopaint": rotopaint})
exec(compile(open(sys.argv[1]).read(), sys.argv[1], "exec"), {})
assert knob.changes == 1
shapes = [
    {
        "name": shape.name,
        "open": "open" in shape.flags,
        "attributes": shape.attributes,
        "points": [{name: getattr(point, name).keys for name in Point.names} for point in shape],
    }
    for shape in knob.rootLayer
]
print(json.dumps({"shapes": shapes, "tables": table.texts}, sort_keys=True))
