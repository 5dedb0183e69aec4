"""Motion2Roto in Natron: read frames, press Solve, render mattes, save, reload, render again.

Runs inside NatronRenderer, with the bundle's parent folder in OFX_PLUGIN_PATH, as a script whose sys.argv is
SCRIPT PLATE KEYS OUT FIRST LAST: a plate pattern (plate.####.png), the keyed document, a folder for what is made
(shapes.json, matte.####.exr, again.####.exr, shot.ntp). Exits 1 with a sentence when something is wrong.
"""
import json
import os
import sys

EFFECT = "org.splitline.Motion2Roto"


def fail(text):
    print("natron.py: " + text, file=sys.stderr)
    sys.exit(1)


def render(app, node, pattern, first, last):
    writer = app.createWriter(pattern)
    writer.connectInput(0, node)
    app.render(writer, first, last)
    missing = [f for f in range(first, last + 1) if not os.path.exists(pattern.replace("####", "%04d" % f))]
    if missing:
        fail("no matte for frames %s" % missing)


def main():
    plate, keys, out, first, last = sys.argv[1:4] + [int(v) for v in sys.argv[4:6]]
    os.makedirs(out, exist_ok=True)
    reader = app.createReader(plate)
    node = app.createNode(EFFECT)
    if node is None:
        fail("Natron does not know " + EFFECT)
    node.setScriptName("Roto")
    node.connectInput(0, reader)
    node.getParam("shapesFile").setValue(keys)
    node.getParam("useClipRange").setValue(False)
    node.getParam("firstFrame").setValue(first)
    node.getParam("lastFrame").setValue(last)
    node.getParam("output").setValue(1)  # Matte in RGB
    node.getParam("solve").trigger()
    text = node.getParam("shapes").getValue()
    if not text:
        fail("Solve left no shapes")
    with open(os.path.join(out, "shapes.json"), "w") as f:
        f.write(text)
    for shape in json.loads(text)["shapes"]:
        frames = [k["frame"] for k in shape["keys"]]
        if [f for f in range(first, last + 1) if f not in frames]:
            fail("shape %s was solved on %s only" % (shape["name"], frames))
    render(app, node, os.path.join(out, "matte.####.exr"), first, last)

    project = os.path.join(out, "shot.ntp")
    app.saveProject(project)
    again = app.loadProject(project)
    if again is None:
        fail("the project does not load again")
    node = again.getNode("Roto")
    if node is None or node.getParam("shapes").getValue() != text:
        fail("the shapes are not what was saved")
    render(again, node, os.path.join(out, "again.####.exr"), first, first)
    print("natron.py: solved, rendered, saved and reloaded frames %d to %d" % (first, last))


main()
