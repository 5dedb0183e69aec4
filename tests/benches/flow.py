#!/usr/bin/env python3
"""How long our flow takes beside OpenCV's: the two take turns on the same pictures, in one run, with the same number of
threads; medians of wall time, without reading files. Writes the table into docs/benchmarks.md.

  make bench-flow [PYTHON=python3 of an environment with opencv-contrib-python-headless]
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

try:
    import cv2
    import numpy as np
    cv2.optflow.createOptFlow_DeepFlow
except (ImportError, AttributeError):
    sys.exit("bench-flow needs OpenCV with its contributed modules: pip install opencv-contrib-python-headless")

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGE = os.path.join(ROOT, "docs", "benchmarks.md")
BEGIN, END = "<!-- bench-flow -->", "<!-- /bench-flow -->"
SIZES = {"640x480": (640, 480, 7), "1920x1080": (1920, 1080, 3), "3840x2160": (3840, 2160, 3)}
THREADS = (1, 2)


def dis(tuned):
    made = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    if tuned:
        made.setFinestScale(0)
        made.setGradientDescentIterations(40)
        made.setVariationalRefinementIterations(20)
    return made


# Quality of ours, the peer, how the peer is called, what there is of it.
PAIRS = (("fast", "DIS medium", lambda: dis(False)),
         ("balanced", "DIS tuned", lambda: dis(True)),
         ("best", "DeepFlow", cv2.optflow.createOptFlow_DeepFlow))


def pictures(width, height):
    """Two frames of noise of many sizes: a turning, growing ground and two pieces that move by up to 4 % of the width."""
    random = np.random.default_rng(1)

    def texture():
        out = np.zeros((height, width), np.float32)
        for octave in range(2, 9):
            small = random.random((max(2, height >> octave), max(2, width >> octave)), np.float32)
            out += cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC) * 1.4 ** octave
        return 30 + 195 * (out - out.min()) / (out.max() - out.min())

    ground = texture()
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 0.6, 1.01)
    first, second = ground, cv2.warpAffine(ground, turn, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    for at, move in (((0.3, 0.4), (0.04, 0.01)), ((0.7, 0.6), (-0.02, 0.02))):
        piece, mask = texture(), np.zeros((height, width), np.float32)
        cv2.circle(mask, (int(at[0] * width), int(at[1] * height)), height // 6, 1, -1, cv2.LINE_AA)
        shift = np.float32([[1, 0, move[0] * width], [0, 1, move[1] * width]])
        moved, moved_mask = (cv2.warpAffine(p, shift, (width, height), flags=cv2.INTER_CUBIC) for p in (piece, mask))
        first = first * (1 - mask) + piece * mask
        second = second * (1 - moved_mask) + moved * moved_mask
    grain = lambda p: np.clip(p + random.normal(0, 1.5, p.shape), 0, 255).astype(np.uint8)
    return grain(first), grain(second)


def build():
    command = ["cargo", "bench", "-p", "engine", "--bench", "flow", "--no-run", "--message-format=json"]
    lines = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    made = [m for m in map(json.loads, lines) if m.get("executable") and m["target"]["name"] == "flow"]
    return made[-1]["executable"]


class Ours:
    def __init__(self, program, threads):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=os.environ | {"RAYON_NUM_THREADS": str(threads)})

    def seconds(self, quality, a, b):
        self.process.stdin.write(f"{quality} {a} {b}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def save(path, picture):
    with open(path, "wb") as file:
        file.write(b"P5 %d %d 255\n" % picture.shape[::-1] + picture.tobytes())


def measure(program, folder):
    rows = []
    for name, (width, height, runs) in SIZES.items():
        a, b = pictures(width, height)
        files = [os.path.join(folder, f"{name}-{i}.pgm") for i in "ab"]
        for path, picture in zip(files, (a, b)):
            save(path, picture)
        for threads in THREADS:
            cv2.setNumThreads(threads)
            ours = Ours(program, threads)
            for quality, peer, make in PAIRS:
                mine, theirs = [], []
                for _ in range(runs):
                    mine.append(ours.seconds(quality, *files))
                    flow = make()
                    start = time.perf_counter()
                    flow.calc(a, b, None)
                    theirs.append(time.perf_counter() - start)
                pair = statistics.median(mine), statistics.median(theirs)
                ratio = statistics.median(m / t for m, t in zip(mine, theirs))
                rows.append(f"| {name} | {threads} | `{quality}` {pair[0]:.3f} | {peer} {pair[1]:.3f} | {ratio:.2f} |")
                print(rows[-1], flush=True)
            ours.close()
    return rows


def page():
    """The text before and after the table."""
    with open(PAGE, encoding="utf-8") as file:
        text = file.read()
    if BEGIN not in text or END not in text:
        sys.exit(f"bench-flow: {PAGE} lacks the marks {BEGIN} and {END}")
    return text.split(BEGIN)[0], text.split(END)[1]


def main():
    page()
    program = build()
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(program, folder)
    table = "\n".join(["| size | threads | ours, s | OpenCV, s | ours / OpenCV |", "|---|---|---|---|---|"] + rows)
    before, after = page()
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(f"{before}{BEGIN}\n{table}\n{END}{after}")


if __name__ == "__main__":
    main()
