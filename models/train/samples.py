"""What a network learns from: pictures, and where the landmarks are in them.

Places are in pixels, origin at the top-left corner of the top-left pixel, x right, y down, pixel centres at .5.
"""
import json
import re
from dataclasses import dataclass
from pathlib import Path

SURE = 0.9  # A solver's key counts from this confidence on.


class SampleError(Exception):
    """Says what to do."""


@dataclass
class Sample:
    """A picture and its landmarks: name -> (x, y, visible). What is not keyed there is missing."""

    picture: Path
    places: dict


def read_json(path):
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SampleError(f"cannot read {path}: {error}") from error


def plate_of(pattern, frame):
    """The picture of a frame: `####` in the pattern stands for its number."""
    path = Path(re.sub("#+", lambda hashes: f"{frame:0{len(hashes[0])}d}", str(pattern)))
    if not path.is_file():
        raise SampleError(f"{path} is missing: frame {frame} is keyed, so its picture is needed")
    return path


def from_document(document, plate):
    """The keyed frames of a shapes document (its tracks) and of its plate, such as `plate.####.png`."""
    content = read_json(document)
    if not isinstance(content, dict) or content.get("format") != "shapes" or content.get("version") != 1:
        raise SampleError(f"{document} is no shapes document of version 1")
    frames = {}
    try:
        for track in content.get("tracks", []):
            for key in track["keys"]:
                if key.get("locked") or key.get("confidence", 1.0) >= SURE:
                    place = (float(key["x"]), float(key["y"]), bool(key.get("visible", True)))
                    frames.setdefault(int(key["frame"]), {})[track["name"]] = place
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise SampleError(f"{document} has a damaged track: {error!r}") from error
    if not frames:
        raise SampleError(f"{document} has no keyed tracks: key the landmarks on a few frames first")
    return [Sample(plate_of(plate, frame), places) for frame, places in sorted(frames.items())]


def from_sir_lionel(folder):
    """All frames of a folder in the layout of the published “Sir Lionel” data: `image-SHOT-frameNNN.png`, and beside it either
    `revec_shapes-SHOT-frameNNN.json`, whose `points` are the landmarks, or `points-SHOT-frameNNN.json`; (0, 0) is hidden."""
    samples = []
    for picture in sorted(Path(folder).glob("image-*-frame*.png")):
        frame = picture.stem.removeprefix("image-")
        shapes, alone = (picture.with_name(f"{kind}-{frame}.json") for kind in ("revec_shapes", "points"))
        if shapes.is_file():
            points = read_json(shapes).get("points")
        elif alone.is_file():
            points = read_json(alone)
            points = points.get("points", points) if isinstance(points, dict) else points
        else:
            continue
        places = {name: (x, y, True) for name, (x, y) in named(points) if (x, y) != (0.0, 0.0)}
        if places:
            samples.append(Sample(picture, places))
    if not samples:
        raise SampleError(f"{folder} has no image-SHOT-frameNNN.png with landmarks beside it")
    return samples


def named(points):
    """Names and places of a list of pairs, of a list of all x and one of all y, or of names with pairs."""
    if isinstance(points, dict):
        pairs = list(points.items())
    else:
        if len(points or []) == 2 and len(points[0]) > 2:
            points = list(zip(*points))
        pairs = [(f"point_{k:02}", pair) for k, pair in enumerate(points or [])]
    return [(name, (float(pair[0]), float(pair[1]))) for name, pair in pairs]


def names_of(samples):
    """All landmarks' names, in the order in which they come up."""
    return list(dict.fromkeys(name for sample in samples for name in sample.places))
