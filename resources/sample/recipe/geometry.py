"""Geometry by code: signed distances, smooth blends, tubes, triangulated plates, and the door into Blender.

Millimetres everywhere. Head space: x to the character's left, y to its back, z up; the face looks along -y.
"""

import bpy
import numpy as np
import shapely
from scipy.interpolate import CubicSpline
from scipy.spatial import Delaunay, cKDTree
from skimage.measure import marching_cubes


# ---- signed distances: arrays of points (..., 3) in, distances (...) out --------------------------------------------

def ellipsoid(p, centre, radii):
    """Approximate distance to an ellipsoid; exact on its surface."""
    q = p - np.asarray(centre, p.dtype)
    r = np.asarray(radii, p.dtype)
    k0 = np.linalg.norm(q / r, axis=-1)
    k1 = np.linalg.norm(q / (r * r), axis=-1)
    return k0 * (k0 - 1.0) / np.maximum(k1, 1e-6)


def capsule(p, a, b, radius):
    a, b = np.asarray(a, p.dtype), np.asarray(b, p.dtype)
    t = np.clip(((p - a) @ (b - a)) / ((b - a) @ (b - a)), 0.0, 1.0)
    return np.linalg.norm(p - a - t[..., None] * (b - a), axis=-1) - radius


def torus(p, centre, axes, major, minor, squash=1.0):
    """Ring in the plane of the first two axes (rows of a rotation); squash scales its second diameter."""
    q = (p - np.asarray(centre, p.dtype)) @ np.asarray(axes, p.dtype).T
    ring = np.hypot(q[..., 0], q[..., 1] / squash) - major
    return np.hypot(ring, q[..., 2]) - minor


def join(a, b, k):
    """Smooth union, blend radius k (polynomial smooth minimum)."""
    h = np.maximum(k - np.abs(a - b), 0.0) / k
    return np.minimum(a, b) - h * h * k * 0.25


def cut(a, b, k):
    """a without b, the new edge rounded over k."""
    return -join(-a, b, k)


def polygonise(sdf, low, high, step):
    """Marching cubes of sdf over a box, in slabs; returns vertices and triangles."""
    axes = [np.arange(l, h, step, dtype=np.float32) for l, h in zip(low, high)]
    field = np.empty([len(a) for a in axes], np.float32)
    y, z = np.meshgrid(axes[1], axes[2], indexing="ij")
    for i, x in enumerate(axes[0]):
        field[i] = sdf(np.stack([np.full_like(y, x), y, z], -1))
    verts, faces, _, _ = marching_cubes(field, 0.0, spacing=(step,) * 3)
    return verts + np.asarray(low), faces[:, ::-1]


def gradient(sdf, p, h=0.05):
    e = np.eye(3) * h
    g = np.stack([sdf(p + e[i]) - sdf(p - e[i]) for i in range(3)], -1)
    return g / np.maximum(np.linalg.norm(g, axis=-1, keepdims=True), 1e-9)


# ---- curves ---------------------------------------------------------------------------------------------------------

def closed_spline(points, count):
    """Periodic cubic spline through the points, count samples, even along its length."""
    p = np.asarray(points, float)
    p = np.vstack([p, p[:1]])
    t = np.r_[0.0, np.cumsum(np.linalg.norm(np.diff(p, axis=0), axis=1))]
    return even(CubicSpline(t, p, bc_type="periodic")(np.linspace(0, t[-1], 4001)), count, closed=True)


def open_spline(points, count):
    p = np.asarray(points, float)
    t = np.r_[0.0, np.cumsum(np.linalg.norm(np.diff(p, axis=0), axis=1))]
    return even(CubicSpline(t, p)(np.linspace(0, t[-1], 4001)), count, closed=False)


def even(line, count, closed):
    """Resample a dense line evenly; a closed line must repeat its first point, the result does not."""
    t = np.r_[0.0, np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))]
    s = np.linspace(0, t[-1], count, endpoint=not closed)
    return np.stack([np.interp(s, t, line[:, i]) for i in range(line.shape[1])], -1)


def tube(path, radius, sides=10, normals=None, flatten=1.0, ridges=None):
    """Skin round a path (n, 3) with radius (n,); a frame is carried along it. ridges: (sides,) factors of the radius."""
    path = np.asarray(path, float)
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    if normals is None:
        normal = np.cross(tangent[0], [0.3, 0.2, 1.0])
        normals = np.empty_like(path)
        for i, t in enumerate(tangent):
            normal = normal - t * (normal @ t)
            normal /= np.linalg.norm(normal)
            normals[i] = normal
    else:
        normals = normals - tangent * np.sum(normals * tangent, 1, keepdims=True)
        normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    side = np.cross(tangent, normals)
    a = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    r = np.ones(sides) if ridges is None else np.asarray(ridges)
    ring = (np.cos(a) * r)[None, :, None] * normals[:, None] * flatten + (np.sin(a) * r)[None, :, None] * side[:, None]
    verts = (path[:, None] + ring * np.asarray(radius)[:, None, None]).reshape(-1, 3)
    n = len(path)
    i, j = np.meshgrid(np.arange(n - 1), np.arange(sides), indexing="ij")
    k = (j + 1) % sides
    faces = np.stack([i * sides + j, i * sides + k, (i + 1) * sides + k, (i + 1) * sides + j], -1).reshape(-1, 4)
    return verts, faces


def gather(parts):
    """Join many (verts, faces) into one."""
    verts, faces, n = [], [], 0
    for v, f in parts:
        verts.append(v)
        faces.append(f + n)
        n += len(v)
    return np.concatenate(verts), np.concatenate(faces)


# ---- plates: a flat domain (x, z), triangulated so that its borders are edges of the mesh, lifted onto a surface -------

def signed_2d(polygon, points):
    """Signed distance of 2-D points to a shapely polygon, negative inside."""
    rings = [polygon.exterior, *polygon.interiors]
    dense = np.concatenate([np.asarray(r.segmentize(0.1).coords) for r in rings])
    distance, _ = cKDTree(dense).query(points)
    inside = shapely.contains_xy(polygon, points[:, 0], points[:, 1])
    return np.where(inside, -distance, distance)


def hexagonal(bounds, step):
    x0, y0, x1, y1 = bounds
    rows = np.arange(y0, y1, step * 0.866)
    return np.concatenate([np.stack([np.arange(x0, x1, step) + (i % 2) * step / 2, np.full(len(np.arange(x0, x1, step)), y)], -1)
                           for i, y in enumerate(rows)])


def ring_of(coords, step):
    """Even samples of a ring and their outward normals, for a counter-clockwise ring."""
    line = np.asarray(coords, float)
    length = np.linalg.norm(np.diff(line, axis=0), axis=1).sum()
    p = even(line, int(length / step), closed=True)
    d = np.roll(p, -1, 0) - np.roll(p, 1, 0)
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    return p, np.stack([d[:, 1], -d[:, 0]], -1)


def plate(polygon, lift, step, creases=(), dense=None, rounding=0.3, depth=2.2):
    """A thin printed piece with rounded rims.

    polygon: its outline in (x, z), holes included: the rims stand exactly there. lift: (n, 2) -> (n, 3), the surface.
    creases: closed lines that must be edges of the mesh. dense: (centre, radius, step), an area with finer triangles.
    Returns vertices, triangles and each vertex's place in the flat domain.
    """
    core = shapely.geometry.polygon.orient(polygon.buffer(-rounding))
    borders = [ring_of(r.coords, step * 0.8) for r in [core.exterior, *core.interiors]]
    fixed = np.concatenate([b[0] for b in borders] + [even(np.vstack([c, c[:1]]), int(2 * np.pi * 9 / (step * 0.8)), True)
                                                      for c in creases])
    fill = hexagonal(core.bounds, step)
    if dense is not None:
        centre, radius, fine = dense
        near = hexagonal((centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius), fine)
        fill = np.concatenate([fill[np.linalg.norm(fill - centre, axis=1) > radius],
                               near[np.linalg.norm(near - centre, axis=1) < radius - fine * 0.5]])
    fill = fill[shapely.contains_xy(core, fill[:, 0], fill[:, 1])]
    fill = fill[cKDTree(fixed).query(fill)[0] > step * 0.55]
    flat = np.concatenate([fixed, fill])
    triangles = Delaunay(flat).simplices
    middle = flat[triangles].mean(1)
    triangles = triangles[shapely.contains_xy(core, middle[:, 0], middle[:, 1])]
    a, b, c = (flat[triangles[:, i]] for i in range(3))
    area = np.cross(b - a, c - a)
    triangles = np.where((area > 0)[:, None], triangles, triangles[:, ::-1])[np.abs(area) > 1e-6]

    e = 0.02
    def frame(q):
        dx = lift(q + [e, 0]) - lift(q - [e, 0])
        dz = lift(q + [0, e]) - lift(q - [0, e])
        n = np.cross(dx, dz)
        return n / np.linalg.norm(n, axis=1, keepdims=True)

    verts, flats, faces = [lift(flat)], [flat], [triangles]
    start, total = 0, len(flat)
    for p, outward in borders:
        n = frame(p)
        top = lift(p)
        out = lift(p + outward * rounding) - top
        steps = []
        for angle in np.radians([30, 60, 90]):
            steps.append(top + out * np.sin(angle) - n * rounding * (1 - np.cos(angle)))
        steps.append(steps[-1] - n * depth)
        previous = np.arange(start, start + len(p))
        for s in steps:
            now = np.arange(total, total + len(p))
            verts.append(s)
            flats.append(p)
            q = np.stack([previous, now, np.roll(now, -1), np.roll(previous, -1)], -1)
            faces.append(np.concatenate([q[:, [0, 1, 2]], q[:, [0, 2, 3]]]))
            previous, total = now, total + len(p)
        start += len(p)
    return np.concatenate(verts), np.concatenate(faces), np.concatenate(flats)


# ---- Blender --------------------------------------------------------------------------------------------------------

def mesh(name, verts, faces, material, colour=None, smooth=True, parent=None):
    """Make an object. faces: (n, 3) or (n, 4). colour: (verts, 3) linear, stored as the attribute "paint"."""
    data = bpy.data.meshes.new(name)
    faces = np.asarray(faces, np.int32)
    count, sides = faces.shape
    data.vertices.add(len(verts))
    data.vertices.foreach_set("co", np.asarray(verts, np.float32).ravel())
    data.loops.add(count * sides)
    data.loops.foreach_set("vertex_index", faces.ravel())
    data.polygons.add(count)
    data.polygons.foreach_set("loop_start", np.arange(0, count * sides, sides, dtype=np.int32))
    data.update(calc_edges=True)
    data.polygons.foreach_set("use_smooth", np.full(count, smooth))
    if colour is not None:
        paint = data.attributes.new("paint", "FLOAT_COLOR", "POINT")
        paint.data.foreach_set("color", np.c_[colour, np.ones(len(verts))].astype(np.float32).ravel())
    data.validate()
    data.materials.append(material)
    thing = bpy.data.objects.new(name, data)
    thing.parent = parent
    bpy.context.scene.collection.objects.link(thing)
    return thing
