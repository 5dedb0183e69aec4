#!/usr/bin/env python3
"""Proves the loop on pictures that it draws itself: trains on few, exports, opens the file with Splitline's own code, and measures.

  check.py LOCATE LIBRARY     LOCATE: the example `locate` of the crate `inference`; LIBRARY: ONNX Runtime
"""
import math
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import export
import made_up
from samples import SampleError, from_document, from_sir_lionel, names_of
from train import train

MEDIAN, WORST = 1.5, 6.0  # Pixels, of heads that are 56 to 80 px high.


def located(locate, library, model, pictures):
    """-> {picture: {name: (x, y)}}, {picture: score}, as Splitline's code sees them."""
    ran = subprocess.run([locate, library, model, *pictures], capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.exit(f"check: locate failed: {ran.stderr}")
    places, scores = {}, {}
    for line in ran.stdout.splitlines():
        picture, name, x, y, confidence = line.split("\t")
        if name == "score":
            scores[picture] = float(confidence)
        else:
            places.setdefault(picture, {})[name] = (float(x), float(y))
    return places, scores


def readers(folder):
    """Both kinds of input give the same samples."""
    made_up.shot(folder, [1, 2])
    made_up.sir_lionel(folder, [1, 2])
    documents = from_document(folder / "keys.json", folder / "plate.####.png")
    published = from_sir_lionel(folder)
    assert names_of(documents) == made_up.NAMES
    for one, other in zip(documents, published, strict=True):
        assert list(one.places.values()) == list(other.places.values())
    (folder / "revec_shapes-shot0-frame000.json").unlink()
    (folder / "points-shot0-frame000.json").write_text("[[0, 0], [5, 6], [7, 8]]")
    assert from_sir_lionel(folder)[0].places == {"point_01": (5.0, 6.0, True), "point_02": (7.0, 8.0, True)}
    version_1 = '{"format":"shapes","version":1'
    for wrong in ("{}", "[]", "[", '{"format":"shapes","version":2}', version_1 + "}", version_1 + ',"tracks":[{}]}'):
        (folder / "keys.json").write_text(wrong)
        try:
            from_document(folder / "keys.json", folder / "plate.####.png")
        except SampleError:
            continue
        raise AssertionError(f"read {wrong}")


def main():
    locate, library = sys.argv[1:]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("readers", "shot"):
            (folder / part).mkdir()
        readers(folder / "readers")
        made_up.shot(folder / "shot", range(12))
        samples = from_document(folder / "shot/keys.json", folder / "shot/plate.####.png")
        network = train(samples, names_of(samples), size=96, steps=180, batch=12, device="cpu", width=0.75)
        model = folder / "made_up.onnx"
        export.write(network, model, "Made-up", names_of(samples), "MIT OR Apache-2.0")

        truth, without = {}, []
        for seed in range(100, 116):
            picture, places = made_up.draw(seed)
            truth[str(folder / f"{seed}.ppm")] = places
            picture.save(folder / f"{seed}.ppm")
            without.append(str(folder / f"none{seed}.ppm"))
            made_up.draw(seed, head=False)[0].save(without[-1])
        places, scores = located(locate, library, str(model), [*truth, *without])

    off = [math.dist(places[p][n], there) for p, named in truth.items() for n, there in named.items()]
    yes, no = [scores[p] for p in truth], [scores[p] for p in without]
    print(f"unseen pictures: median {statistics.median(off):.2f} px, worst {max(off):.2f} px of {len(off)} landmarks")
    print(f"score with the head: {min(yes):.2f} to {max(yes):.2f}, without: {min(no):.2f} to {max(no):.2f}")
    fine = statistics.median(off) <= MEDIAN and max(off) <= WORST and statistics.median(yes) > 0.5 > statistics.median(no)
    return 0 if fine else f"check: outside of the tolerance: median {MEDIAN} px, worst {WORST} px, scores 0.5"


if __name__ == "__main__":
    sys.exit(main())
