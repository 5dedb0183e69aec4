"""The truth: material lines of the puppet through the camera, as Bezier shapes of the project's document.

Pixels, origin at the top-left corner of the top-left pixel, y down, pixel centres at .5. L and R are the character's own.
"""

import json

import numpy as np
import bpy
from mathutils import Vector
from scipy.interpolate import CubicSpline
from scipy.optimize import least_squares
from shapely.geometry import Polygon

from . import geometry as g
from . import puppet
from . import stage

RIM = 0.15  # the edge of an opening shows half way down its rounding, mm


def _sunk(line, lift, depth):
    """The line, depth mm under a lifted surface."""
    e = 0.02
    dx, dz = lift(line + [e, 0]) - lift(line - [e, 0]), lift(line + [0, e]) - lift(line - [0, e])
    n = np.cross(dx, dz)
    n /= np.linalg.norm(n, axis=1, keepdims=True)
    return lift(line) - n * depth


def _at(matrix, points):
    m = np.array(matrix)
    return points @ m[:3, :3].T + m[:3, 3]


class Lines:
    """Dense material lines, each with the places of the artist's points on it (indices)."""

    def __init__(self):
        border = Polygon(puppet.BORDER).buffer(puppet.GAP * 0.3).exterior
        border = np.asarray(border.coords)[::-1]
        start = np.argmax(border[:-1, 1] - np.abs(border[:-1, 0]))
        self.border = g.even(np.roll(border[:-1], -start, 0)[list(range(len(border) - 1)) + [0]], 1600, True)
        inside = g.signed_2d(Polygon(puppet.BORDER), puppet.SEAM) < 0.1
        self.seam = g.even(puppet.SEAM[inside], 1201, False)
        self.points = {
            "head": np.arange(16) * 100,
            "eye_L": np.arange(8) * 90,
            "eye_R": np.arange(8) * 90,
            "mouth_outer": np.round(np.array([0, 42, 72, 90, 108, 138, 180, 225, 270, 315]) / 360 * 960).astype(int),
            "seam": np.arange(11) * 120,
        }
        self.closed = {name: name != "seam" for name in self.points}
        self.colour = {"head": [1, 0.75, 0.1], "eye_L": [0.2, 0.8, 1], "eye_R": [0.2, 1, 0.6], "mouth_outer": [1, 0.25, 0.3], "seam": [1, 0.2, 1]}

    def world(self, shot, frame):
        """name -> (n, 3), with the shot posed at that frame."""
        upper, _, lower, _ = shot.print_at(frame)
        up, low = puppet.upper_lift(upper == "raised"), puppet.lower_lift(puppet.MOUTHS[lower])
        out = {"head": _at(shot.head.matrix_world, puppet.skin(self.border))}
        for side, name in ((1, "eye_L"), (-1, "eye_R")):
            out[name] = _at(shot.upper.matrix_world, _sunk(puppet.eye_opening(side), up, RIM))
        out["mouth_outer"] = _at(shot.lower.matrix_world, low(puppet.MOUTHS[lower].outer()))
        seam = puppet.skin(self.seam)
        out["seam"] = 0.5 * (_at(shot.upper.matrix_world, seam) + _at(shot.lower.matrix_world, seam))
        return out

    def landmarks(self, shot, frame):
        lower = puppet.MOUTHS[shot.print_at(frame)[2]]
        low, outer = puppet.lower_lift(lower), lower.outer()
        flat = {"nose_tip": puppet.NOSE, "mouth_L": outer[0], "mouth_R": outer[480], "lip_upper": outer[240], "lip_lower": outer[720],
                "chin": np.array([0.0, -46.0])}
        points = _at(shot.lower.matrix_world, low(np.array(list(flat.values()))))
        out = dict(zip(flat, points))
        eyes = self.world(shot, frame)
        for side in "LR":
            out[f"eye_{side}_inner"], out[f"eye_{side}_outer"] = eyes["eye_" + side][0], eyes["eye_" + side][360]
        return out


def project(camera, points):
    p = _at(camera.matrix_world.inverted(), np.atleast_2d(points))
    focal = stage.LENS / stage.SENSOR * stage.WIDTH
    return np.stack([stage.WIDTH / 2 - focal * p[:, 0] / p[:, 2], stage.HEIGHT / 2 + focal * p[:, 1] / p[:, 2]], -1)


def hidden(camera, points, slack=1.2):
    """How many of the points something stands in front of, by more than slack mm."""
    graph = bpy.context.evaluated_depsgraph_get()
    eye = camera.matrix_world.translation
    count = 0
    for p in points:
        ray = Vector(p) - eye
        hit, where, *_ = bpy.context.scene.ray_cast(graph, eye, ray.normalized(), distance=ray.length - slack)
        count += bool(hit)
    return count


# ---- Bezier fit ---------------------------------------------------------------------------------------------------------

def _bezier(a, b, c, d, t):
    t = t[:, None]
    s = 1 - t
    return s ** 3 * a + 3 * s * s * t * b + 3 * s * t * t * c + t ** 3 * d


_T = np.linspace(0, 1, 120)


def _distance(points, curve):
    """From points to a polyline."""
    a, ab = curve[:-1], np.diff(curve, axis=0)
    t = np.clip(np.einsum("pij,ij->pi", points[:, None] - a, ab) / np.maximum((ab * ab).sum(1), 1e-12), 0, 1)
    return np.sqrt(((points[:, None] - a - t[..., None] * ab) ** 2).sum(2).min(1))


def fit(line, places, closed):
    """Bezier points through line[places], tangents along the line, handle lengths by least squares; and the largest distance."""
    n = len(line)
    if closed:
        d = CubicSpline(np.arange(n + 1), np.vstack([line, line[:1]]), bc_type="periodic")(places, 1)
    else:
        d = CubicSpline(np.arange(n), line)(places, 1)
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    at, count = line[places], len(places)
    handles_in, handles_out, worst = np.zeros((count, 2)), np.zeros((count, 2)), 0.0
    for k in range(count if closed else count - 1):
        j = (k + 1) % count
        stop = places[j] if j > k else places[j] + n
        piece = line[np.arange(places[k], stop + 1) % n]
        length = np.linalg.norm(np.diff(piece, axis=0), axis=1).sum()
        sample = piece[np.linspace(0, len(piece) - 1, 40).round().astype(int)]

        def curve(h):
            return _bezier(at[k], at[k] + d[k] * h[0], at[j] - d[j] * h[1], at[j], _T)

        def residual(h):
            return np.r_[_distance(sample, curve(h)), (h - length / 3) * 0.02]

        h = least_squares(residual, [length / 3] * 2, bounds=(length * 0.02, length * 1.2)).x
        handles_out[k], handles_in[j] = d[k] * h[0], -d[j] * h[1]
        worst = max(worst, _distance(piece, curve(h)).max(), _distance(curve(h), piece).max())
    return at, handles_in, handles_out, worst


# ---- document -----------------------------------------------------------------------------------------------------------

def _pair(v):
    return [round(float(v[0]), 3), round(float(v[1]), 3)]


def write(shot, frames, keys, folder):
    """keys.json and truth.json; returns a report of the shapes."""
    lines = Lines()
    shapes = {name: [] for name in lines.points}
    tracks, report = {}, {name: {"fit_px": 0.0, "hidden": 0, "path": []} for name in lines.points}
    for frame in frames:
        shot.stand(frame)
        for name, points in lines.world(shot, frame).items():
            flat = project(shot.camera, points)
            at, i, o, worst = fit(flat, lines.points[name], lines.closed[name])
            shapes[name].append({"frame": frame, "points": [
                {"x": _pair(p)[0], "y": _pair(p)[1], "in": _pair(a), "out": _pair(b)} for p, a, b in zip(at, i, o)]})
            r = report[name]
            r["fit_px"] = max(r["fit_px"], worst)
            r["hidden"] = max(r["hidden"], hidden(shot.camera, points[::10]))
            r["path"].append(at)
        for name, point in lines.landmarks(shot, frame).items():
            x, y = _pair(project(shot.camera, point)[0])
            tracks.setdefault(name, []).append({"frame": frame, "x": x, "y": y, "visible": True})

    def document(wanted, with_tracks):
        out = {"format": "shapes", "version": 1, "width": stage.WIDTH, "height": stage.HEIGHT, "fps": 24, "par": 1,
               "shapes": [{"name": n, "closed": lines.closed[n], "color": lines.colour[n], "keys": [k for k in s if k["frame"] in wanted]}
                          for n, s in shapes.items()]}
        if with_tracks:
            out["tracks"] = [{"name": n, "keys": t} for n, t in tracks.items()]
        return out

    (folder / "keys.json").write_text(_dump(document(keys, False)))
    (folder / "truth.json").write_text(_dump(document(list(frames), True)))
    for name, r in report.items():
        path = np.array(r.pop("path"))
        step = np.linalg.norm(np.diff(path, axis=0), axis=2)
        r["points"] = path.shape[1]
        r["travel_px"] = np.abs(path.mean(1)[-1] - path.mean(1)[0]).round(1).tolist()
        r["largest_step_px"] = round(float(step.max()), 1)
        size = np.ptp(path[0], axis=0), np.ptp(path[-1], axis=0)
        r["size_px"] = [s.round().tolist() for s in size]
    return report


def _dump(document):
    """JSON with one key a line: small, and readable in a diff."""
    head = {k: v for k, v in document.items() if k not in ("shapes", "tracks")}
    text = json.dumps(head)[:-1]
    for part in ("shapes", "tracks"):
        if part in document:
            things = []
            for thing in document[part]:
                first = json.dumps({k: v for k, v in thing.items() if k != "keys"})[:-1]
                rows = ",\n  ".join(json.dumps(k, separators=(",", ":")) for k in thing["keys"])
                things.append(f'{first}, "keys": [\n  {rows}]}}')
            text += f',\n"{part}": [\n ' + ",\n ".join(things) + "]"
    return text + "}\n"
