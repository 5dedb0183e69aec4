"""Runs a script that is meant for Silhouette and prints the trackers it made: python3 silhouette.py SCRIPT"""
import json
import sys
import types


class Property:
    def __init__(self):
        self.constant, self.keys = True, {0: [0, 0, 0]}


class Tracker:
    def __init__(self, label):
        self.label, self.position = label, Property()

    def property(self, name):
        assert name == "position"
        return self.position


class PropertyEditor:
    """Does nothing before it is executed."""

    def __init__(self, prop):
        self.prop, self.todo = prop, []

    def setValue(self, value, frame):
        assert not self.prop.constant
        self.todo.append(lambda: self.prop.keys.__setitem__(frame, value))

    def deleteKey(self, index):
        self.todo.append(lambda: self.prop.keys.pop(sorted(self.prop.keys)[index]))

    def execute(self):
        for step in self.todo:
            step()


class Objects:
    trackers = []

    def addObjects(self, objects):
        self.trackers += objects


undo = []
node = types.SimpleNamespace(property=lambda name: Objects() if name == "objects" else None)
fx = types.ModuleType("fx")
fx.Tracker, fx.PropertyEditor, fx.Point3D = Tracker, PropertyEditor, lambda x, y, z: [x, y, z]
fx.activeNode = lambda: node
fx.beginUndo, fx.endUndo = lambda name: undo.append(name), lambda: undo.append(None)
sys.modules["fx"] = fx
exec(compile(open(sys.argv[1]).read(), sys.argv[1], "exec"), {})
assert len(undo) == 2 and undo[1] is None
print(json.dumps([{"name": t.label, "keys": t.position.keys} for t in Objects.trackers]))
