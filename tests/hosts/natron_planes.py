"""Mattes and motion as planes in Natron: switch them on, write each and all of them, read them back, edit shapes, save, reload.

Runs inside NatronRenderer, with the bundle's parent folder in OFX_PLUGIN_PATH, as a script whose sys.argv is
SCRIPT PLATE SHAPES OUT FRAME: a plate pattern (plate.####.png), a document with two shapes that add or more, a folder for
what is made (motion.####.exr, packed.####.exr, all.####.exr, gone.####.exr, NAME.####.exr of each plane, shot.ntp). Exits 1
with a sentence when something is wrong.
"""
import json
import os
import sys

EFFECTS = ["org.splitline.Motion2Roto", "org.splitline.FaceRoto", "org.splitline.MatteToRoto"]
MULTI_MATTE = 4


def fail(text):
    print("natron_planes.py: " + text, file=sys.stderr)
    sys.exit(1)


def named(node):
    """Layers of one channel beside the colour: Natron's own ones have two."""
    layers = [(l.getLayerName(), list(l.getComponentsNames())) for l in node.getAvailableLayers(-1)]
    return [name for name, channels in layers if channels == ["A"] and name != "Color"]


def offered(writer):
    return [o for o in writer.getParam("outputChannels").getOptions() if not o.startswith("uk.co.thefoundry.")]


def expect(what, got, wanted):
    if got != wanted:
        fail("%s: %s instead of %s" % (what, got, wanted))


class Folder:
    def __init__(self, path, frame):
        os.makedirs(path, exist_ok=True)
        self.path, self.frame = path, frame

    def write(self, app, node, name, plane=None, everything=False):
        pattern = os.path.join(self.path, name)
        file = pattern.replace("####", "%04d" % self.frame)
        if os.path.exists(file):
            os.remove(file)
        writer = app.createWriter(pattern)
        writer.connectInput(0, node)
        if plane:
            writer.getParam("outputChannels").set(plane)
        if everything:
            writer.getParam("processAllPlanes").setValue(True)
        app.render(writer, self.frame, self.frame)
        if not os.path.exists(file):
            fail("%s was not written" % name)
        return writer, file


def motion(reader, folder):
    """Motion Vectors' planes."""
    node = app.createNode("org.splitline.MotionVectors")
    node.connectInput(0, reader)
    node.getParam("motionPlanes").setValue(True)
    layers = {l.getLayerName(): list(l.getComponentsNames()) for l in node.getAvailableLayers(-1)}
    for name, channels in [("forward", ["u", "v"]), ("backward", ["u", "v"]), ("confidence", ["forward", "backward"]),
                           ("occlusion", ["forward", "backward"])]:
        expect("channels of " + name, layers.get(name), channels)
    _, file = folder.write(app, node, "motion.####.exr", everything=True)
    layers = {l.getLayerName() for l in app.createReader(file).getAvailableLayers(-1)}
    if not layers >= {"forward", "backward", "confidence", "occlusion"}:
        fail("layers of the file of motion: %s" % layers)


def main():
    plate, shapes, out, frame = sys.argv[1:4] + [int(sys.argv[4])]
    with open(shapes) as f:
        document = json.load(f)
    names = [s["name"] for s in document["shapes"] if s.get("blend", "add") in ("add", "max")]
    folder = Folder(out, frame)
    reader = app.createReader(plate)
    motion(reader, folder)
    for effect in EFFECTS:
        node = app.createNode(effect)
        if node is None:
            fail("Natron does not know " + effect)
        node.connectInput(0, reader)
        node.getParam("shapesFile").setValue(shapes)
        node.getParam("output").setValue(MULTI_MATTE)
        expect("planes of %s unasked" % effect, named(node), [])
        writer, _ = folder.write(app, node, "packed.####.exr")
        expect("a writer's menu before", offered(writer), [])
        node.getParam("shapePlanes").setValue(True)
        expect("planes of " + effect, named(node), names)
        expect("a writer's menu", offered(writer), names)
        _, file = folder.write(app, node, "all.####.exr", everything=True)
        expect("layers of the file", sorted(named(app.createReader(file))), sorted(names))
        for name in names:
            folder.write(app, node, name + ".####.exr", plane=name)

    document["shapes"][0]["name"] = "renamed shape"
    document["shapes"] = document["shapes"][:-1]
    node.getParam("shapesFile").setValue("")
    node.getParam("shapes").setValue(json.dumps(document))
    kept = ["renamed_shape"] + names[1:-1]
    expect("planes after an edit", named(node), kept)
    expect("a writer's menu after an edit", offered(writer), kept)
    # What was chosen is gone: that must not stop a render.
    writer, _ = folder.write(app, node, "gone.####.exr", plane=kept[-1])
    document["shapes"] = document["shapes"][:1]
    node.getParam("shapes").setValue(json.dumps(document))
    app.render(writer, frame, frame)

    node.setScriptName("Planes")
    project = os.path.join(out, "shot.ntp")
    app.saveProject(project)
    again = app.loadProject(project)
    if again is None:
        fail("the project does not load again")
    node = again.getNode("Planes")
    if node is None or not node.getParam("shapePlanes").getValue():
        fail("the switch is not what was saved")
    expect("planes of a loaded project", named(node), ["renamed_shape"])
    node.getParam("shapePlanes").setValue(False)
    expect("planes that were switched off", named(node), [])
    print("natron_planes.py: wrote %d mattes of %d effects and motion as planes on frame %d" % (len(names), len(EFFECTS), frame))


main()
