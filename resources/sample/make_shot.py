#!/usr/bin/env python3
"""The sample shot: a stop-motion puppet built, lit, photographed and rotoscoped by code.

    python3.11 -m venv env && env/bin/pip install bpy==5.0.1 numpy scipy scikit-image shapely pillow
    env/bin/python make_shot.py

writes plate.0001.jpg .. plate.0024.jpg, keys.json and truth.json beside this file; see README.md. The same seed gives the
same shot. While working: --frames 1,12,24 --samples 16 --percent 50 --out elsewhere; --shapes writes the documents alone.
"""

import argparse
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import bpy  # noqa: E402
import numpy as np  # noqa: E402
from mathutils import Euler, Matrix, Vector  # noqa: E402
from PIL import Image  # noqa: E402
from scipy.interpolate import CubicSpline  # noqa: E402
from scipy.ndimage import gaussian_filter  # noqa: E402

from recipe import contours, costume, puppet, stage  # noqa: E402

FRAMES = range(1, 25)
KEYS = (1, 12, 24)
SEED = 20240

# The head's pose: frame, x, y, z (mm), yaw, pitch, roll (degrees; yaw to the character's left, pitch down, roll to its left).
POSE = np.array([
    (1, -6.5, 8.0, -3.0, -9.0, 2.0, -3.5),
    (6, -5.0, 2.0, -4.0, -7.5, 3.5, -2.5),
    (11, -0.5, -14.0, -6.0, 0.5, 4.0, 1.5),
    (16, 4.0, -32.0, -3.5, 6.5, 0.0, 3.0),
    (20, 5.5, -44.0, -1.5, 8.0, -1.5, 3.5),
    (24, 6.5, -52.0, -2.0, 8.5, -0.5, 3.0),
])
# Replacement prints, each held for two frames.
LOWER = "rest rest oh ah eh ee eh oh em em smile smile".split()
UPPER = "rest rest rest rest raised raised raised raised rest rest rest rest".split()
GAZE = [(-7, 1)] * 6 + [(2, 0)] * 5 + [(9, -1)] * 6 + [(3, 1)] * 7  # yaw, pitch in degrees beside the head's
LID = [24] * 6 + [16, 24] + [20] * 8 + [26] * 8  # degrees over the middle of the eyeball that the lid stands


class Shot:
    def __init__(self):
        bpy.ops.wm.read_factory_settings(use_empty=True)
        self.material = stage.materials()
        self.camera = stage.build_camera()
        stage.build_set(self.material)
        self.key_light = stage.build_lights()
        self.key_power = self.key_light.energy
        self.body = bpy.data.objects.new("body", None)
        self.head = bpy.data.objects.new("head", None)
        self.upper = bpy.data.objects.new("upper", None)
        self.lower = bpy.data.objects.new("lower", None)
        for thing in (self.body, self.head, self.upper, self.lower):
            bpy.context.scene.collection.objects.link(thing)
        self.upper.parent = self.lower.parent = self.head
        self.faces = puppet.build_faces(None, self.material["skin"], self.material["brow"])
        for half, owner in (("upper", self.upper), ("lower", self.lower)):
            for things in self.faces[half].values():
                for thing in things:
                    thing.parent = owner
        self.eyes = puppet.build_eyes(self.head, self.material["eye"], self.material["skin"])
        puppet.build_skull(self.head, self.material["skin"], 0.45)
        puppet.build_mouth_inside(self.head, self.material["teeth"], self.material["tongue"])
        costume.hair(self.head, self.material["hair"])
        costume.jumper(self.body, self.material["yarn"])
        costume.neck(self.body, self.material["skin"])
        self._chance()

    def _chance(self):
        """All that the animator's hand, the printer and the lamp do by chance."""
        random = np.random.default_rng(SEED)
        times = np.arange(1, 25)
        pose = CubicSpline(POSE[:, 0], POSE[:, 1:], bc_type="clamped")(times)
        self.pose = pose + random.normal(0, 1, pose.shape) * [0.13, 0.13, 0.10, 0.16, 0.13, 0.10]
        self.slip = random.normal(0, 0.06, (12, 2, 3)).clip(-0.1, 0.1)  # how each print sits, per swap: upper, lower
        self.tone = 1 + random.normal(0, 0.012, (12, 2, 3))
        self.flicker = 1 + random.normal(0, 0.016, 24)

    def print_at(self, frame):
        swap = (frame - 1) // 2
        upper = swap
        while upper > 0 and UPPER[upper - 1] == UPPER[upper]:
            upper -= 1
        lower = swap
        while lower > 0 and LOWER[lower - 1] == LOWER[lower]:
            lower -= 1
        return UPPER[swap], upper, LOWER[swap], lower

    def stand(self, frame):
        """Pose everything for a frame."""
        i = frame - 1
        x, y, z, yaw, pitch, roll = self.pose[i]
        pivot = Vector((0, 10, -52))
        turn = Euler((np.radians(pitch), np.radians(roll), np.radians(yaw)), "XYZ").to_matrix().to_4x4()
        self.head.matrix_world = Matrix.Translation(Vector((x, y, z)) + pivot) @ turn @ Matrix.Translation(-pivot)
        lean = Euler((0, np.radians(x * 0.12), np.radians(yaw * 0.35)), "XYZ").to_matrix().to_4x4()
        self.body.matrix_world = Matrix.Translation((x * 0.93, y * 0.93, z * 0.4)) @ lean
        upper, upper_swap, lower, lower_swap = self.print_at(frame)
        for half, name, owner, swap, row in (("upper", upper, self.upper, upper_swap, 0), ("lower", lower, self.lower, lower_swap, 1)):
            owner.location = self.slip[swap, row]
            for other, things in self.faces[half].items():
                for thing in things:
                    thing.hide_render = thing.hide_viewport = other != name
                    thing.color = (*self.tone[swap, row], 1)
        for eyeball, lid in self.eyes:
            eyeball.rotation_euler = (np.radians(-GAZE[i][1]), 0, np.radians(GAZE[i][0]))
            lid.rotation_euler = (np.radians(-LID[i]), 0, 0)
        self.key_light.energy = self.key_power * self.flicker[i]
        bpy.context.view_layer.update()
        focus = self.head.matrix_world @ Vector((0, -34, 2))
        self.camera.data.dof.focus_distance = -(self.camera.matrix_world.inverted() @ focus).z
        bpy.context.view_layer.update()

    def photograph(self, frame, path):
        scene = bpy.context.scene
        scene.cycles.seed = SEED + frame
        scene.render.filepath = str(path)
        bpy.ops.render.render(write_still=True)


def develop(source, target, frame):
    """The camera's grain, then 8 bits: strongest in the middle tones, a little coarser than a pixel, less in colour."""
    image = bpy.data.images.load(str(source))
    image.colorspace_settings.name = "Non-Color"
    width, height = image.size
    pixels = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(pixels)
    bpy.data.images.remove(image)
    rgb = pixels.reshape(height, width, 4)[::-1, :, :3]
    random = np.random.default_rng(SEED + 1000 + frame)
    noise = 0.8 * random.normal(0, 1, (height, width, 1)) + 0.45 * random.normal(0, 1, (height, width, 3))
    noise = gaussian_filter(noise, (0.55, 0.55, 0)) * 1.9
    luma = rgb @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    strength = 0.0105 * (0.35 + 1.3 * np.sqrt(np.clip(luma * (1 - luma), 0, 1)))
    rgb = np.clip(rgb + noise * strength[..., None], 0, 1)
    Image.fromarray((rgb * 255 + 0.5).astype(np.uint8)).save(target, quality=92, subsampling=0)


def main():
    parse = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parse.add_argument("--out", type=Path, default=HERE)
    parse.add_argument("--frames", default=",".join(map(str, FRAMES)))
    parse.add_argument("--samples", type=int, default=24)
    parse.add_argument("--percent", type=int, default=100)
    parse.add_argument("--threads", type=int, default=0)
    parse.add_argument("--shapes", action="store_true", help="write the documents, no pictures")
    options = parse.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)

    shot = Shot()
    stage.settings(options.samples, options.percent)
    if options.threads:
        bpy.context.scene.render.threads_mode, bpy.context.scene.render.threads = "FIXED", options.threads
    for name, line in contours.write(shot, FRAMES, KEYS, options.out).items():
        print(name, line, flush=True)
    if options.shapes:
        return
    for frame in map(int, options.frames.split(",")):
        shot.stand(frame)
        with tempfile.TemporaryDirectory() as folder:
            raw = Path(folder) / "raw.png"
            shot.photograph(frame, raw)
            develop(raw, options.out / f"plate.{frame:04}.jpg", frame)
        print("frame", frame, flush=True)


if __name__ == "__main__":
    main()
