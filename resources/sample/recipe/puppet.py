"""The puppet's head: skull, eyes, and a library of printed faces, each face in an upper and a lower piece."""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.interpolate import CubicSpline, RectBivariateSpline
from scipy.spatial import cKDTree
from shapely.geometry import LineString, Polygon
from shapely.ops import split

from . import geometry as g

EYE = np.array([16.5, -23.2, 5.0])  # centre of the L eyeball; the R one mirrored
EYE_RADIUS = 11.5
LID_THICK = 1.7
NOSE = np.array([0.0, -10.5])  # (x, z)
NOSE_REACH = 12.0
MOUTH_Z = -31.5
GAP = 0.34  # width of the joints between printed pieces, mm
SKIN = np.array([0.66, 0.335, 0.215])
LIP = np.array([0.42, 0.115, 0.095])
HAIR = np.array([0.30, 0.075, 0.018])


# ---- the lines a compositor would draw, in the flat domain (x, z) of the face --------------------------------------------

def mirrored(half):
    """A closed outline from its half with x >= 0, listed from the top to the bottom, both on the axis."""
    half = np.asarray(half, float)
    return np.vstack([half, half[-2:0:-1] * [-1, 1]])


BORDER = g.closed_spline(mirrored([(0, 33.5), (12, 32.5), (23.5, 26.5), (30.5, 15), (32.3, 1), (30.8, -13), (27, -26), (20.5, -38),
                                   (11.5, -46.8), (0, -49.8)]), 1600)
SEAM = g.open_spline([(-40, 2.6), (-32.3, 2.2), (-27.5, 0.2), (-16.5, -6.0), (-8.2, -0.2), (0, 4.8),
                      (8.2, -0.2), (16.5, -6.0), (27.5, 0.2), (32.3, 2.2), (40, 2.6)], 1600)


def eye_opening(side):
    """Starts at the inner corner, goes over the upper margin."""
    a = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    x = -8.9 * np.cos(a)
    z = np.sin(a) * np.where(np.sin(a) > 0, 7.3, 6.0) + 0.07 * x
    return np.stack([side * (EYE[0] + x), EYE[2] + z], -1)


@dataclass(frozen=True)
class Mouth:
    """One lower print; lengths in mm."""
    width: float  # half, corner to axis
    up: float  # outer border over the lip line
    low: float
    open_up: float
    open_low: float
    smile: float  # lift of the corners

    def outer(self):
        """Starts at the L corner, goes over the upper lip."""
        a = np.linspace(0, 2 * np.pi, 960, endpoint=False)
        x, s = self.width * np.cos(a), np.sin(a)
        z = np.where(s > 0, self.up * s - 0.9 * np.exp(-(x / 2.6) ** 2) * np.minimum(s * 2, 1) * min(self.up / 5, 1), self.low * s)
        return np.stack([x, MOUTH_Z + z + self.smile * (x / self.width) ** 2], -1)

    def inner(self):
        a = np.linspace(0, 2 * np.pi, 960, endpoint=False)
        width = self.width - 2.4
        x, s = width * np.cos(a), np.sin(a)
        z = np.where(s > 0, self.open_up, self.open_low) * s
        return np.stack([x, MOUTH_Z - 0.4 + z + self.smile * (x / self.width) ** 2], -1)


MOUTHS = {
    "rest": Mouth(12.6, 4.3, 5.0, 0.40, 0.40, 1.0),
    "oh": Mouth(9.2, 5.8, 7.4, 2.6, 3.6, 0.2),
    "ah": Mouth(11.8, 5.0, 9.2, 1.9, 5.4, 0.8),
    "eh": Mouth(12.8, 4.6, 7.2, 1.5, 3.2, 1.2),
    "ee": Mouth(14.6, 4.4, 6.0, 1.3, 1.9, 2.0),
    "em": Mouth(11.6, 3.8, 4.4, 0.30, 0.30, 0.4),
    "smile": Mouth(15.6, 4.1, 5.6, 0.5, 1.1, 3.2),
}


# ---- surface ------------------------------------------------------------------------------------------------------------

def head_sdf(p):
    """The head without nose and lips, both sides alike."""
    q = np.concatenate([np.abs(p[..., :1]), p[..., 1:]], -1)
    d = g.ellipsoid(q, (0, 8, 12), (42, 45, 43))
    d = g.join(d, g.ellipsoid(q, (0, -4, -26), (29, 29, 31)), 20)
    d = g.join(d, g.ellipsoid(q, (20, -22, -15), (13, 13, 12)), 12)  # cheek
    d = g.join(d, g.ellipsoid(q, (0, -24, -46), (10, 9, 8)), 10)  # chin
    d = g.join(d, g.capsule(q, (4, -33, 17), (24, -26, 17), 5), 9)  # brow
    d = g.cut(d, g.ellipsoid(q, (17, -42, 4), (11, 9, 9)), 9)  # socket
    d = g.join(d, g.capsule(q, (0, -34, 12), (0, -39, -8), 4.5), 9)  # bridge of the nose
    return g.join(d, np.linalg.norm(q - EYE.astype(q.dtype), axis=-1) - (EYE_RADIUS + LID_THICK), 4)  # lids bulge over the eyeball


def _heights():
    x, z = np.arange(-40, 40.1, 0.25), np.arange(-62, 44.1, 0.25)
    p = np.stack(np.broadcast_arrays(x[:, None], -70.0, z[None, :]), -1).astype(float)
    for _ in range(90):
        p[..., 1] += np.clip(head_sdf(p), -4, 4) * 0.8
        p[..., 1] = np.minimum(p[..., 1], 25)
    return RectBivariateSpline(x, z, p[..., 1], kx=3, ky=3)


_HEIGHT = _heights()


def skin(q):
    """The bare face at (x, z)."""
    return np.stack([q[:, 0], _HEIGHT.ev(q[:, 0], q[:, 1]), q[:, 1]], -1)


_profile = np.array([(NOSE_REACH, 0), (10.2, 0.1), (8.3, 1.3), (7.7, 4.5), (8.7, 10.0), (7.8, 15.0), (4.4, 18.4), (0, 19.4)])
_along = np.r_[0, np.cumsum(np.linalg.norm(np.diff(_profile, axis=0), axis=1))]
_NOSE = CubicSpline(_along / _along[-1], _profile, axis=0, bc_type=((1, (-20.0, 0.0)), (1, (-30.0, 0.0))))


def nose(q):
    """The bare face with a bulb for a nose, pulled out of a disc: it may overhang."""
    offset = q - NOSE
    r = np.linalg.norm(offset, axis=1)
    inside = r < NOSE_REACH
    out = skin(q)
    lateral, height = _NOSE(1 - r[inside] / NOSE_REACH).T
    direction = offset[inside] / np.maximum(r[inside], 1e-9)[:, None]
    foot = skin(NOSE + direction * lateral[:, None])
    middle = skin(NOSE[None])[0]
    weight = np.clip(height / 6, 0, 1)[:, None] ** 2 * 0.8
    foot[:, 1:2] = foot[:, 1:2] * (1 - weight) + middle[1] * weight
    out[inside] = foot + height[:, None] * np.array([0, -1.0, 0]) + (height[:, None] / 19) ** 2 * np.array([0, 0, -2.2])
    return out


def lower_lift(mouth):
    """(x, z) -> surface of the lower print with this mouth."""
    outer, inner = cKDTree(g.even(np.vstack([mouth.outer(), mouth.outer()[:1]]), 6000, True)), \
        cKDTree(g.even(np.vstack([mouth.inner(), mouth.inner()[:1]]), 6000, True))
    lips, hole = Polygon(mouth.outer()), Polygon(mouth.inner())
    opened = (mouth.open_up + mouth.open_low) / 8

    def lift(q):
        p = nose(q)
        to_outer, to_inner = outer.query(q)[0], inner.query(q)[0]
        u = to_outer / (to_outer + to_inner + 1e-9)
        in_lips, in_hole = shapely.contains_xy(lips, q[:, 0], q[:, 1]), shapely.contains_xy(hole, q[:, 0], q[:, 1])
        full = 2.3 * np.sin(np.pi * np.clip(u, 0, 1) ** 0.85 * 0.86) ** 0.9
        full[in_hole] = (2.3 * np.sin(np.pi * 0.86) ** 0.9)
        out = np.where(in_lips, full, -0.55 * np.exp(-(to_outer / 1.3) ** 2) * (1 - np.exp(-(to_outer / 0.35) ** 2)))
        cheek = np.exp(-(((np.abs(q[:, 0]) - 21) / 7) ** 2 + ((q[:, 1] + 19) / 7) ** 2)) * mouth.smile * 0.55
        x = np.abs(q[:, 0])  # fold from the wing of the nose to beside the corner of the mouth
        fold = LineString([(9.5, -17), (15.5, -23), (mouth.width + 4.2, MOUTH_Z + mouth.smile + 1)])
        to_fold = shapely.distance(fold, shapely.points(x, q[:, 1]))
        crease = -0.9 * np.exp(-(to_fold / 1.1) ** 2) * (0.35 + 0.25 * mouth.smile)
        chin = -1.1 * opened * np.exp(-((q[:, 0] / 9) ** 2 + ((q[:, 1] + 44) / 4) ** 2))
        p[:, 1] -= out + cheek + crease + chin
        return p

    return lift


def upper_lift(raised):
    def lift(q):
        p = skin(q)
        band = np.exp(-((q[:, 0] / 17) ** 4)) * np.exp(-((q[:, 1] - 25.5) / 4.2) ** 2)
        p[:, 1] += (0.45 if raised else 0.12) * band * np.cos((q[:, 1] - 25.5 + 0.02 * q[:, 0] ** 2 * 0.3) * 2 * np.pi / 2.9)
        return p
    return lift


# ---- paint --------------------------------------------------------------------------------------------------------------

def _freckles(seed):
    random = np.random.default_rng(seed)
    at = np.concatenate([random.normal((s * 19, -12), (6, 4), (26, 2)) for s in (-1, 1)] + [random.normal((0, -8), (5, 4), (14, 2))])
    return at, random.uniform(0.35, 0.7, len(at)), random.uniform(0.25, 0.6, len(at))


_FRECKLES = _freckles(7)


def face_paint(q, mouth=None):
    colour = np.tile(SKIN, (len(q), 1))

    def wash(amount, tint):
        nonlocal colour
        colour = colour * (1 - amount[:, None]) + amount[:, None] * np.asarray(tint)

    x, z = np.abs(q[:, 0]), q[:, 1]
    wash(0.55 * np.exp(-((x - 22) / 9) ** 2 - ((z + 15) / 7.5) ** 2), (0.60, 0.17, 0.12))
    wash(0.50 * np.exp(-(x / 7) ** 2 - ((z + 11) / 7) ** 2), (0.60, 0.17, 0.12))
    wash(0.25 * np.exp(-(x / 9) ** 2 - ((z + 45) / 5) ** 2), (0.60, 0.20, 0.14))
    eye = g.signed_2d(Polygon(eye_opening(1)), np.stack([x, z], -1))
    wash(0.42 * np.exp(-(np.maximum(eye, 0) / 3.2) ** 2), (0.40, 0.15, 0.13))
    wash(0.55 * np.exp(-(np.maximum(eye, 0) / 0.5) ** 2), (0.22, 0.07, 0.06))
    distance, nearest = cKDTree(_FRECKLES[0]).query(q)
    size, strength = _FRECKLES[1][nearest], _FRECKLES[2][nearest]
    wash(strength * np.clip(1.5 - distance / size, 0, 1), (0.30, 0.11, 0.055))
    if mouth is not None:
        inside = np.clip(0.5 - g.signed_2d(Polygon(mouth.outer()), q) / 0.3, 0, 1)
        wash(inside * 0.92, LIP)
        wash(np.clip(0.5 - g.signed_2d(Polygon(mouth.inner()), q) / 0.8, 0, 1) * 0.5, (0.16, 0.03, 0.03))
    return colour


# ---- pieces -------------------------------------------------------------------------------------------------------------

def _pieces():
    face = Polygon(BORDER)
    halves = [h.buffer(0) for h in split(face, LineString(SEAM)).geoms]
    halves.sort(key=lambda h: h.centroid.y)
    groove = LineString(SEAM).buffer(GAP / 2)
    lower, upper = (h.difference(groove) for h in halves)
    return upper, lower


def build_faces(parent, material, brow_material):
    """{"upper": {name: [objects]}, "lower": {...}}"""
    upper, lower = _pieces()
    for side in (-1, 1):
        upper = upper.difference(Polygon(eye_opening(side)))
    made = {"upper": {}, "lower": {}}
    for name, raised in (("rest", False), ("raised", True)):
        verts, faces, flat = g.plate(upper, upper_lift(raised), 0.42, depth=1.0)
        piece = g.mesh("upper_" + name, verts, faces, material, face_paint(flat), parent=parent)
        v, f = brows(raised)
        made["upper"][name] = [piece, g.mesh("brows_" + name, v, f, brow_material, parent=parent)]
    for name, mouth in MOUTHS.items():
        domain = lower.difference(Polygon(mouth.inner()))
        verts, faces, flat = g.plate(domain, lower_lift(mouth), 0.42, [mouth.outer()], (NOSE, NOSE_REACH, 0.24), depth=1.0)
        piece = g.mesh("lower_" + name, verts, faces, material, face_paint(flat, mouth), parent=parent)
        made["lower"][name] = [piece]
    return made


def brows(raised):
    """Short tufts glued on in a row."""
    random = np.random.default_rng(31)
    parts = []
    rise = 2.4 if raised else 0.0
    spine = g.open_spline([(6.5, 15.6 + rise * 0.7), (14, 18.9 + rise), (21, 19.0 + rise), (27.5, 15.2 + rise * 0.8)], 64)
    for side in (-1, 1):
        for i in range(46):
            u = random.uniform(0, 0.9)
            at = spine[int(u * 63)] + [0, random.normal(0, 0.55 * (1 - u * 0.5))]
            ahead = spine[min(int(u * 63) + 12, 63)] - spine[int(u * 63)]
            ahead = ahead / (np.linalg.norm(ahead) + 1e-9) + [0, 0.28 * (1 - u) + random.normal(0, 0.08)]
            t = np.linspace(0, 1, 7)[:, None]
            flat = at + ahead * t * (5.0 - 1.6 * u)
            path = skin(flat * [side, 1])
            path[:, 1] -= 0.5 + 0.9 * np.sin(np.pi * t[:, 0] * 0.8)
            parts.append(g.tube(path, 0.85 * (1 - t[:, 0] ** 2 * 0.9) * random.uniform(0.7, 1.1), 7))
    return g.gather(parts)


def skull_sdf(p):
    """What the face plates sit on: ears, a bed for the plates, room for eyeballs and mouth."""
    q = np.concatenate([np.abs(p[..., :1]), p[..., 1:]], -1)
    head = head_sdf(p)
    turn = np.radians(28)  # ears stand off
    axes = np.array([[np.sin(turn) * 0.9, np.cos(turn), 0.12], [0.05, -0.12, 1.0], [np.cos(turn), -np.sin(turn), 0.0]])
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    centre = np.array([43.5, 9.0, -1.0])
    local = (q - centre.astype(q.dtype)) @ axes.T.astype(q.dtype)
    ear = g.ellipsoid(local, (0, 0, 0), (9.5, 14, 3.0))
    ear = g.cut(ear, g.ellipsoid(local, (-1.5, 1.5, 4.2), (6.0, 9.0, 3.6)), 2)
    ear = g.join(ear, g.torus(local, (0, 0.5, 1.0), np.eye(3), 8.4, 1.5, 1.5), 2)
    ear = g.join(ear, g.ellipsoid(local, (-3.5, -11.5, 0.8), (4.2, 4.4, 2.6)), 2.5)  # lobe
    ear = g.join(ear, g.ellipsoid(local, (-6.5, -1.5, 1.5), (2.4, 3.6, 2.4)), 2.5)  # tragus
    d = g.join(head, ear, 3.0)
    near = (p[..., 1] < 6) & (np.abs(head) < 8)
    flat = np.full(head.shape, 9.0, p.dtype)
    if near.any():
        at = p[near]
        flat[near] = _BED.ev(at[:, 0], at[:, 2])
    bed = np.maximum(np.maximum(flat - GAP * 0.6, -(head + 2.1)), p[..., 1] - 3)
    d = g.cut(d, bed, 0.25)
    d = g.cut(d, np.linalg.norm(q - EYE.astype(q.dtype), axis=-1) - (EYE_RADIUS + 0.7), 0.3)
    lips_y = float(_HEIGHT.ev(0, MOUTH_Z))
    return g.cut(d, g.ellipsoid(p, (0, lips_y + 7, MOUTH_Z - 1.5), (17, 13, 10)), 0.5)


def _bed():
    x, z = np.arange(-50, 50.1, 0.4), np.arange(-66, 50.1, 0.4)
    points = np.stack(np.meshgrid(x, z, indexing="ij"), -1)
    return RectBivariateSpline(x, z, g.signed_2d(Polygon(BORDER), points.reshape(-1, 2)).reshape(points.shape[:2]), kx=1, ky=1)


_BED = _bed()


def hairline(p):
    """Positive inside the scalp."""
    line = np.interp(p[:, 1], [-40, -28, -14, 2, 14, 30, 50], [41, 38.5, 32, 20, 12, -12, -22])
    return p[:, 2] - line


def build_skull(parent, material, step):
    verts, faces = g.polygonise(skull_sdf, (-60, -46, -64), (60, 58, 62), step)
    for _ in range(2):  # take the worst of the voxel steps out
        total, count = np.zeros_like(verts), np.zeros(len(verts))
        for i in range(3):
            np.add.at(total, faces[:, i], verts[faces[:, (i + 1) % 3]])
            np.add.at(count, faces[:, i], 1)
        verts = verts * 0.5 + total / count[:, None] * 0.5
    plain = np.tile(SKIN, (len(verts), 1))
    ear = np.clip((np.abs(verts[:, 0]) - 43) / 5, 0, 1)[:, None] * 0.45
    colour = plain * (1 - ear) + np.array([0.62, 0.19, 0.13]) * ear
    scalp = np.clip(hairline(verts) / 1.5, 0, 1)[:, None] * (np.abs(verts[:, :1]) < 43)
    colour = colour * (1 - scalp) + HAIR * 0.6 * scalp
    deep = np.clip((-head_sdf(verts) - 0.5) / 0.6, 0, 1)[:, None] * (np.abs(verts[:, :1]) < 40)
    colour = colour * (1 - deep) + np.array([0.075, 0.035, 0.026]) * deep
    return g.mesh("skull", verts, faces, material, colour, parent=parent)


def build_mouth_inside(parent, teeth_material, tongue_material):
    x = np.linspace(-10.5, 10.5, 169)
    lips_y = float(_HEIGHT.ev(0, MOUTH_Z))
    tooth = np.abs(np.sin(np.pi * x / 3.5)) ** 0.35
    rows = []
    for z, out in ((5, 0), (3, 0.2), (1.2, 0.35), (0.5, 0.3), (0.2, -0.1), (0.2, -1.2)):
        droop = (1 - tooth) * 0.5 * (z < 1.3)
        rows.append(np.stack([x, lips_y + 3.0 + 0.045 * x * x - (out + 0.55 * tooth), np.full_like(x, MOUTH_Z + z) + droop], -1))
    n = len(x)
    i, j = np.meshgrid(np.arange(len(rows) - 1), np.arange(n - 1), indexing="ij")
    faces = np.stack([i * n + j, (i + 1) * n + j, (i + 1) * n + j + 1, i * n + j + 1], -1).reshape(-1, 4)
    g.mesh("teeth", np.concatenate(rows), faces, teeth_material, parent=parent)
    v, f = ball(48, 32)
    g.mesh("tongue", v * [7.5, 8, 3.0] + [0, lips_y + 11, MOUTH_Z - 5.2], f, tongue_material, parent=parent)


def ball(around, rows):
    """Unit sphere of quads, poles on y."""
    a, b = np.meshgrid(np.linspace(0, 2 * np.pi, around, endpoint=False), np.linspace(0.001, np.pi - 0.001, rows), indexing="xy")
    verts = np.stack([np.sin(b) * np.cos(a), -np.cos(b), np.sin(b) * np.sin(a)], -1).reshape(-1, 3)
    i, j = np.meshgrid(np.arange(rows - 1), np.arange(around), indexing="ij")
    k = (j + 1) % around
    faces = np.stack([i * around + j, i * around + k, (i + 1) * around + k, (i + 1) * around + j], -1).reshape(-1, 4)
    return verts, faces


def build_eyes(parent, eye_material, lid_material):
    """[(eyeball, upper lid)] for R and L; eyeballs turn for the gaze, lids about x."""
    made = []
    v, f = ball(96, 64)
    across = np.linspace(-np.pi / 2 * 0.99, np.pi / 2 * 0.99, 65)
    radius = EYE_RADIUS + 0.35
    rows = [(radius - 0.3, 0), (radius - 0.08, -0.006), (radius, 0.004)] + [(radius, a) for a in np.linspace(0.03, 1.7, 28)]
    lid = np.concatenate([np.stack([r * np.sin(across), -r * np.cos(across) * np.cos(a), r * np.cos(across) * np.sin(a)], -1)
                          for r, a in rows])
    n = len(across)
    i, j = np.meshgrid(np.arange(len(rows) - 1), np.arange(n - 1), indexing="ij")
    faces = np.stack([i * n + j, i * n + j + 1, (i + 1) * n + j + 1, (i + 1) * n + j], -1).reshape(-1, 4)
    colour = np.tile(SKIN * [0.80, 0.66, 0.64], (len(lid), 1))
    colour[: 3 * n] = SKIN * [0.5, 0.34, 0.33]
    for side in (-1, 1):
        at = EYE * [side, 1, 1]
        eyeball = g.mesh("eye", v * EYE_RADIUS, f, eye_material, parent=parent)
        cover = g.mesh("lid", lid, faces, lid_material, colour, parent=parent)
        eyeball.location = cover.location = at
        made.append((eyeball, cover))
    return made
