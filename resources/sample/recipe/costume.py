"""What the puppet wears: hair in sculpted locks, and a jumper knitted stitch by stitch."""

import numpy as np

from . import geometry as g
from . import puppet


def hair(parent, material):
    """Tapered, grooved locks laid over the scalp, swept back and to one side, with a quiff."""
    random = np.random.default_rng(11)
    scalp, parts, tints = [], [], []
    for _ in range(6000):
        a, b = random.uniform(-np.pi, np.pi), np.arccos(random.uniform(-0.45, 1))
        d = np.array([np.sin(b) * np.sin(a), -np.sin(b) * np.cos(a), np.cos(b)])
        p = np.array([0.0, 8.0, 12.0]) + d * 60
        for _ in range(40):
            p = p - d * puppet.head_sdf(p[None])[0] * 0.9
        if puppet.hairline(p[None])[0] > 0.5 and (not scalp or np.min(np.linalg.norm(np.array(scalp) - p, axis=1)) > 4.6):
            scalp.append(p)
    ridges = 1 + 0.10 * np.sin(np.linspace(0, 2 * np.pi, 30, endpoint=False) * 9) + random.normal(0, 0.03, 30)
    for p in scalp:
        front = np.clip((-p[1] - 4) / 26, 0, 1) * np.clip((p[2] - 24) / 14, 0, 1)
        length = 25 + 11 * front + random.uniform(-4, 6)
        lift = 4.0 + 13.0 * front + random.uniform(0, 3.5)
        flow = np.array([0.75 * front, 1.0, 0.15 + 1.2 * front - 0.9 * (p[2] < 30)]) + random.normal(0, 0.2, 3)
        path, at, height = [], p.copy(), -1.2
        n = 18
        for i in range(n):
            t = i / (n - 1)
            normal = g.gradient(puppet.head_sdf, at[None])[0]
            path.append(at + normal * height)
            step = flow - normal * (flow @ normal) * (1 - 0.35 * front)
            step /= np.linalg.norm(step)
            bend = np.array([0.35 * front * t, 0.25 * front * t, -0.5 * front * t * t])
            at = at + (step + bend) * length / n
            at = at - normal * puppet.head_sdf(at[None])[0]
            height = -1.2 + lift * (1 - (1 - t) ** 2) * (1 - 0.45 * t * (1 - front))
        t = np.linspace(0, 1, n)
        radius = random.uniform(2.9, 4.6) * np.clip(0.55 + 1.2 * t, 0, 1) * np.sqrt(np.clip(1 - t ** 2.6, 0.0004, 1))
        v, f = g.tube(np.array(path), radius, 30, flatten=0.72, ridges=np.roll(ridges, random.integers(30)))
        parts.append((v, f))
        tint = puppet.HAIR * random.uniform(0.72, 1.25) * np.array([1, random.uniform(0.85, 1.15), 1])
        tints.append(tint * (0.75 + 0.5 * np.repeat(t, 30)[:, None]))
    verts, faces = g.gather(parts)
    return g.mesh("hair", verts, faces, material, np.concatenate(tints), parent=parent)


# ---- jumper -------------------------------------------------------------------------------------------------------------

# Meridian of the body: height, half width, half depth. From the collar's fold down to below the picture.
BODY = np.array([(-52, 17.5, 17.5), (-60, 18.5, 18.5), (-67, 21, 20.5), (-70.5, 27, 23.5), (-74, 37, 27), (-79, 48, 30), (-87, 57, 33),
                 (-98, 62.5, 35), (-115, 65.5, 37), (-135, 66, 38), (-170, 65, 38)], float)
NAVY, CREAM, RUST = np.array([0.018, 0.045, 0.075]), np.array([0.60, 0.49, 0.34]), np.array([0.36, 0.075, 0.03])
MOTIF = ["................", "x...x...x...x...", ".x.x.x.x.x.x.x.x", "..x...x...x...x.", "................", "rrrrrrrrrrrrrrrr",
         "................", "x.......x.......", "xx.....xxx.....x", ".xx...xx.xx...xx", "..xx.xx...xx.xx.", "...xxx..r..xxx..",
         "..xx.xx...xx.xx.", ".xx...xx.xx...xx", "xx.....xxx.....x", "x.......x.......", "................", "rrrrrrrrrrrrrrrr",
         "................", "..x...x...x...x.", ".x.x.x.x.x.x.x.x", "x...x...x...x..."]


def jumper(parent, material):
    """Stockinette: each row of stitches is one yarn, each stitch a loop through the row below. A yoke with a motif."""
    dense = g.open_spline(BODY, 3000)
    arc = np.r_[0, np.cumsum(np.hypot(np.diff(dense[:, 0]), np.diff(np.maximum(dense[:, 1], dense[:, 2]))))]
    random = np.random.default_rng(3)
    parts, tints = [], []
    row_height, s, row = 2.0, 1.0, 0
    while s < arc[-1] - 1:
        z, a, b = (np.interp(s, arc, dense[:, i]) for i in range(3))
        size = {0: 44, 1: 80, 2: 128}[0 if s < 17 else 1 if s < 37 else 2]
        per = 24
        phi = np.linspace(0, 2 * np.pi * size, size * per + 1)
        around = (phi + 0.55 * np.sin(2 * phi)) / size  # angle round the body
        along = s + row_height * 0.95 * np.cos(phi) + random.normal(0, 0.06)
        out = 0.62 * np.cos(2 * phi) + 0.25 * np.cos(phi)
        if s < 17:
            out = out * 0.6 + 0.9 * np.cos(around * size / 2)  # collar: rib
        z, a, b = (np.interp(along, arc, dense[:, i]) for i in range(3))
        front = -np.cos(around)
        side = np.sin(around)
        power = 0.82
        x = np.sign(side) * np.abs(side) ** power
        y = np.sign(front) * np.abs(front) ** power
        k = np.clip((s - 17) / 20, 0, 1)
        x, y = side * (1 - k) + x * k, front * (1 - k) + y * k
        normal = np.stack([x / a, y / b, np.full_like(x, 0.012 * k * (s < 60))], -1)
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        path = np.stack([a * x, b * y + 10, z], -1) + normal * out[:, None]
        keep = path[:, 1] < 22
        radius = 0.70 if s >= 17 else 0.78
        for piece in np.split(np.arange(len(path)), np.nonzero(np.diff(keep.astype(int)))[0] + 1):
            if len(piece) < 4 or not keep[piece[0]]:
                continue
            v, f = g.tube(path[piece], np.full(len(piece), radius) * (1 + random.normal(0, 0.03)), 6, normals=normal[piece])
            parts.append((v, f))
            tint = np.tile(NAVY, (len(piece), 1))
            if s >= 24:
                line = MOTIF[row % len(MOTIF)] if 24 <= s < 24 + row_height * 38 else MOTIF[0]
                stitch = np.round(phi[piece] / (2 * np.pi)).astype(int) % 16
                code = np.array([{".": 0, "x": 1, "r": 2}[c] for c in line])[stitch]
                tint = np.stack([NAVY, CREAM, RUST])[code]
            tints.append(np.repeat(tint, 6, axis=0) * random.uniform(0.92, 1.08))
        if s >= 24:
            row += 1
        s += row_height
    verts, faces = g.gather(parts)
    knit = g.mesh("jumper", verts, faces, material, np.concatenate(tints), parent=parent)
    z, a, b = dense[::20].T
    angle = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    inner = np.stack([(a[:, None] - 1.2) * np.sin(angle), 10 - (b[:, None] - 1.2) * np.cos(angle),
                      np.broadcast_to(z[:, None], (len(z), 96))], -1).reshape(-1, 3)
    i, j = np.meshgrid(np.arange(len(z) - 1), np.arange(96), indexing="ij")
    n = (j + 1) % 96
    quads = np.stack([i * 96 + j, (i + 1) * 96 + j, (i + 1) * 96 + n, i * 96 + n], -1).reshape(-1, 4)
    g.mesh("lining", inner, quads, material, np.tile(NAVY * 0.5, (len(inner), 1)), parent=parent)
    return knit


def neck(parent, material):
    v, f = puppet.ball(48, 32)
    v = np.stack([v[:, 0] * 15, v[:, 1] * 15 + 10, v[:, 2] * 34 - 58], -1)
    return g.mesh("neck", v, f, material, np.tile(puppet.SKIN * [0.9, 0.8, 0.8], (len(v), 1)), parent=parent)
