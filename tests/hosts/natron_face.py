"""Face Roto in Natron: press Learn and Analyse, move a landmark in its param, analyse again, render, save, reload.

Runs inside NatronRenderer, with the bundle's parent folder in OFX_PLUGIN_PATH, as a script whose sys.argv is
SCRIPT PLATE KEYS OUT FIRST LAST: a plate pattern (plate.####.png), a document with keyed shapes and landmarks, a folder for
what is made (puppet.face, matte.####.exr, shot.ntp). Exits 1 with a sentence when something is wrong.
"""
import json
import os
import sys

EFFECT = "org.splitline.FaceRoto"


def fail(text):
    print("natron_face.py: " + text, file=sys.stderr)
    sys.exit(1)


def text_of(node, name):
    return node.getParam(name).getValue()


def press(node, button):
    node.getParam(button).trigger()


def key_of(node, landmark, frame):
    track = next(t for t in json.loads(text_of(node, "shapes"))["tracks"] if t["name"] == landmark)
    return next((k for k in track["keys"] if k["frame"] == frame), None)


def main():
    plate, keys, out, first, last = sys.argv[1:4] + [int(v) for v in sys.argv[4:6]]
    os.makedirs(out, exist_ok=True)
    face = os.path.join(out, "puppet.face")
    if os.path.exists(face):
        os.remove(face)
    with open(keys) as f:
        document = json.load(f)
    node = app.createNode(EFFECT)
    if node is None:
        fail("Natron does not know " + EFFECT)
    node.setScriptName("Face")
    node.connectInput(0, app.createReader(plate))
    for name, value in [("shapesFile", keys), ("faceFile", face), ("useClipRange", False), ("firstFrame", first),
                        ("lastFrame", last)]:
        node.getParam(name).setValue(value)

    press(node, "learn")
    if not os.path.exists(face) or "landmark" not in text_of(node, "learned"):
        fail("Learn wrote no face: " + text_of(node, "status"))
    press(node, "analyse")
    text = text_of(node, "shapes")
    if not text:
        fail("Analyse left no shapes")
    found = json.loads(text)
    for track in found["tracks"]:
        if len([k for k in track["keys"] if first <= k["frame"] <= last]) != last - first + 1:
            fail("landmark %s is not on every frame" % track["name"])

    names = text_of(node, "landmarkNames").split("\n")
    landmark = document["tracks"][0]["name"]
    slot = "landmark%02d" % (names.index(landmark) + 1)
    param = node.getParam(slot)
    if param.getNumKeys(0) < last - first + 1 or not param.getIsVisible():
        fail("%s is not shown as keys of %s" % (landmark, slot))
    if node.getParam("landmark96").getIsVisible():
        fail("a slot without a landmark is shown")
    keyed = {k["frame"] for k in document["tracks"][0]["keys"]}
    frame = next(f for f in range(first, last + 1) if f not in keyed)
    param.setValueAtTime(100.0, frame, 0)
    param.setValueAtTime(50.0, frame, 1)
    placed = key_of(node, landmark, frame)
    if not placed.get("locked") or placed["x"] != 100.0:
        fail("moving a landmark did not set it by hand: %s" % placed)
    press(node, "analyse")
    if key_of(node, landmark, frame) != placed:
        fail("a landmark set by hand has moved: %s" % key_of(node, landmark, frame))

    node.getParam("output").setValue(1)  # Matte in RGB
    writer = app.createWriter(os.path.join(out, "matte.####.exr"))
    writer.connectInput(0, node)
    app.render(writer, first, last)
    missing = [f for f in range(first, last + 1) if not os.path.exists(os.path.join(out, "matte.%04d.exr" % f))]
    if missing:
        fail("no matte for frames %s" % missing)

    text = text_of(node, "shapes")
    project = os.path.join(out, "shot.ntp")
    app.saveProject(project)
    again = app.loadProject(project)
    if again is None:
        fail("the project does not load again")
    node = again.getNode("Face")
    if node is None or text_of(node, "shapes") != text:
        fail("the document is not what was saved")
    if not node.getParam(slot).getIsVisible() or node.getParam("landmark96").getIsVisible():
        fail("the landmarks of a loaded project are not shown")
    print("natron_face.py: learned, analysed, edited, rendered, saved and reloaded frames %d to %d" % (first, last))


main()
