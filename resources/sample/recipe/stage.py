"""Materials, set, lights and camera."""

import bpy
import numpy as np
from mathutils import Vector

from . import geometry as g

WIDTH, HEIGHT = 960, 540
LENS, SENSOR, DISTANCE, F_STOP = 85.0, 36.0, 830.0, 7.1
ORANGE_GLOW = (1.0, 0.50, 0.18, 1)


# ---- materials ----------------------------------------------------------------------------------------------------------

class Nodes:
    """A material's node tree, written as calls."""

    def __init__(self, name, **inputs):
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.shader = self.tree.nodes["Principled BSDF"]
        for key, value in inputs.items():
            self.put(self.shader, key.replace("_", " "), value)

    def put(self, node, key, value):
        socket = node.inputs[key]
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, socket)
        else:
            socket.default_value = value

    def add(self, kind, out=0, settings=None, **inputs):
        node = self.tree.nodes.new("ShaderNode" + kind)
        for key, value in (settings or {}).items():
            setattr(node, key, value)
        for key, value in inputs.items():
            self.put(node, key.replace("_", " "), value)
        return node.outputs[out]

    def maths(self, operation, a, b=0.0):
        node = self.tree.nodes.new("ShaderNodeMath")
        node.operation = operation
        self.put(node, 0, a)
        self.put(node, 1, b)
        return node.outputs[0]

    def mix(self, kind, amount, a, b):
        node = self.tree.nodes.new("ShaderNodeMix")
        node.data_type, node.blend_type = "RGBA", kind
        self.put(node, 0, amount)
        self.put(node, 6, a)
        self.put(node, 7, b)
        return node.outputs[2]

    def ramp(self, value, stops, constant=False):
        node = self.tree.nodes.new("ShaderNodeValToRGB")
        node.color_ramp.interpolation = "CONSTANT" if constant else "LINEAR"
        elements = node.color_ramp.elements
        while len(elements) < len(stops):
            elements.new(0.5)
        for element, (at, colour) in zip(elements, stops):
            element.position, element.color = at, colour
        self.put(node, 0, value)
        return node.outputs[0]

    def place(self, scale=(1, 1, 1)):
        """Object coordinates in millimetres, scaled."""
        return self.add("Mapping", 0, Vector=self.add("TexCoord", 3), Scale=scale)

    def noise(self, scale, detail=3.0, stretch=(1, 1, 1), roughness=0.5):
        return self.add("TexNoise", 0, Vector=self.place(stretch), Scale=scale, Detail=detail, Roughness=roughness)

    def bump(self, height, distance, strength=1.0):
        self.put(self.shader, "Normal", self.add("Bump", 0, Height=height, Distance=distance, Strength=strength))

    def paint(self):
        return self.add("Attribute", 0, settings={"attribute_name": "paint"})


def materials():
    made = {}

    n = Nodes("skin", Subsurface_Weight=0.30, Subsurface_Radius=(1.2, 0.45, 0.25), Subsurface_Scale=1.0, Specular_IOR_Level=0.42)
    blotch = n.noise(0.16, 4)
    brush = n.noise(0.9, 3, (1, 1, 0.35))
    colour = n.mix("MULTIPLY", 0.6, n.paint(), n.ramp(blotch, [(0.3, (0.80, 0.74, 0.72, 1)), (0.7, (1.12, 1.12, 1.12, 1))]))
    colour = n.mix("MULTIPLY", 0.5, colour, n.ramp(brush, [(0.3, (0.88, 0.86, 0.85, 1)), (0.7, (1.08, 1.08, 1.08, 1))]))
    tone = n.add("ObjectInfo", 1)  # the object's colour: the print's own tone
    n.put(n.shader, "Base Color", n.mix("MULTIPLY", 1.0, colour, tone))
    n.put(n.shader, "Roughness", n.ramp(n.noise(0.5, 2), [(0.3, (0.42,) * 3 + (1,)), (0.7, (0.58,) * 3 + (1,))]))
    n.bump(n.maths("ADD", n.noise(1.6, 3, (1, 1, 1)), n.maths("MULTIPLY", n.noise(0.35, 2), 1.2)), 0.16)
    made["skin"] = n.material

    n = Nodes("hair", Specular_IOR_Level=0.35, Subsurface_Weight=0.06, Subsurface_Radius=(1.0, 0.4, 0.2))
    n.put(n.shader, "Base Color", n.mix("MULTIPLY", 0.7, n.paint(), n.ramp(n.noise(0.5, 4), [(0.3, (0.6, 0.55, 0.5, 1)), (0.7, (1.2, 1.2, 1.2, 1))])))
    n.put(n.shader, "Roughness", 0.48)
    n.bump(n.noise(1.4, 3), 0.22)
    made["hair"] = n.material

    n = Nodes("brow", Base_Color=(0.13, 0.035, 0.012, 1), Roughness=0.6, Specular_IOR_Level=0.3)
    n.bump(n.noise(2.0, 3), 0.2)
    made["brow"] = n.material

    n = Nodes("eye", Roughness=0.22, Coat_Weight=1.0, Coat_Roughness=0.03, Subsurface_Weight=0.08, Subsurface_Radius=(0.6, 0.4, 0.35))
    place = n.place()
    split = n.tree.nodes.new("ShaderNodeSeparateXYZ")
    n.put(split, 0, place)
    r = n.maths("SQRT", n.maths("ADD", n.maths("POWER", split.outputs[0], 2.0), n.maths("POWER", split.outputs[2], 2.0)))
    r = n.maths("ADD", r, n.maths("MULTIPLY", n.maths("GREATER_THAN", split.outputs[1], 0.0), 100.0))
    angle = n.maths("ARCTAN2", split.outputs[0], split.outputs[2])
    rays = n.add("TexNoise", 0, settings={"noise_dimensions": "2D"}, Scale=1.0, Detail=3.0,
                 Vector=n.add("CombineXYZ", 0, X=n.maths("MULTIPLY", angle, 7.0), Y=n.maths("MULTIPLY", r, 0.35)))
    iris = n.ramp(rays, [(0.3, (0.012, 0.07, 0.085, 1)), (0.55, (0.05, 0.26, 0.27, 1)), (0.75, (0.22, 0.42, 0.34, 1))])
    iris = n.mix("MULTIPLY", n.maths("MULTIPLY", n.maths("GREATER_THAN", r, 4.6), 0.9), iris, (0.10, 0.15, 0.18, 1))
    ring = n.ramp(n.maths("DIVIDE", r, 20.0), [(0.0, (0, 0, 0, 1)), (2.35 / 20, (0, 0, 0, 1)), (2.5 / 20, (1, 1, 1, 1))])
    iris = n.mix("MULTIPLY", 1.0, iris, ring)
    white = n.mix("MIX", n.maths("MULTIPLY", n.noise(0.25, 4), 0.35), (0.70, 0.66, 0.60, 1), (0.55, 0.34, 0.28, 1))
    edge = n.ramp(n.maths("DIVIDE", r, 20.0), [(5.15 / 20, (0, 0, 0, 1)), (5.35 / 20, (1, 1, 1, 1))])
    n.put(n.shader, "Base Color", n.mix("MIX", edge, iris, white))
    made["eye"] = n.material

    made["teeth"] = Nodes("teeth", Base_Color=(0.62, 0.54, 0.42, 1), Roughness=0.28, Subsurface_Weight=0.15,
                          Subsurface_Radius=(0.5, 0.4, 0.3)).material
    made["tongue"] = Nodes("tongue", Base_Color=(0.36, 0.07, 0.06, 1), Roughness=0.35).material

    n = Nodes("yarn", Roughness=0.92, Specular_IOR_Level=0.15, Sheen_Weight=0.35, Sheen_Roughness=0.4)
    n.put(n.shader, "Base Color", n.mix("MULTIPLY", 0.8, n.paint(), n.ramp(n.noise(1.8, 3), [(0.3, (0.6, 0.6, 0.6, 1)), (0.7, (1.3, 1.3, 1.3, 1))])))
    n.bump(n.noise(2.2, 4), 0.5)
    made["yarn"] = n.material

    for name, paint, wear in (("planks", (0.038, 0.095, 0.098, 1), 0.55), ("shelf", (0.20, 0.10, 0.045, 1), 0.35)):
        n = Nodes(name, Roughness=0.6)
        stretch = (1, 1, 0.07) if name == "planks" else (0.07, 1, 1)
        grain = n.noise(0.22, 6, stretch, 0.65)
        wood = n.ramp(grain, [(0.3, (0.06, 0.03, 0.015, 1)), (0.5, (0.15, 0.08, 0.042, 1)), (0.7, (0.23, 0.135, 0.075, 1))])
        flake = n.ramp(n.maths("ADD", n.maths("MULTIPLY", n.noise(0.035, 7, (1, 1, 0.35), 0.7), 0.8), n.maths("MULTIPLY", grain, 0.2)),
                       [(wear - 0.02, (0, 0, 0, 1)), (wear + 0.02, (1, 1, 1, 1))])
        tint = n.mix("MULTIPLY", 0.8, paint, n.ramp(n.add("ObjectInfo", "Random"), [(0, (0.6, 0.62, 0.65, 1)), (1, (1.35, 1.3, 1.2, 1))]))
        n.put(n.shader, "Base Color", n.mix("MIX", flake, tint, wood))
        n.bump(n.maths("ADD", grain, n.maths("MULTIPLY", flake, -0.5)), 1.0)
        made[name] = n.material

    for name, colour, rough in (("amber", (0.20, 0.075, 0.02, 1), 0.15), ("green", (0.02, 0.06, 0.035, 1), 0.15), ("red", (0.30, 0.035, 0.025, 1), 0.5),
                                ("cream", (0.36, 0.29, 0.20, 1), 0.7), ("blue", (0.04, 0.08, 0.18, 1), 0.5), ("brass", (0.50, 0.30, 0.10, 1), 0.3),
                                ("card", (0.34, 0.28, 0.20, 1), 0.9), ("ink", (0.05, 0.06, 0.08, 1), 0.9), ("cloth", (0.30, 0.06, 0.035, 1), 0.95)):
        n = Nodes(name, Base_Color=colour, Roughness=rough)
        if name == "brass":
            n.put(n.shader, "Metallic", 1.0)
        n.bump(n.noise(0.4, 3), 0.3)
        made[name] = n.material

    n = Nodes("glow")
    n.put(n.shader, "Emission Color", ORANGE_GLOW)
    n.put(n.shader, "Emission Strength", 14.0)
    made["glow"] = n.material
    return made


# ---- set ----------------------------------------------------------------------------------------------------------------

def box(name, centre, size, material, soften=1.0):
    bpy.ops.mesh.primitive_cube_add(size=1, location=centre)
    thing = bpy.context.object
    thing.name, thing.dimensions = name, size
    bpy.ops.object.transform_apply(location=False, rotation=False, scale=True)
    bevel = thing.modifiers.new("soft", "BEVEL")
    bevel.width, bevel.segments = soften, 2
    thing.data.materials.append(material)
    return thing


def lathe(name, at, profile, material):
    """A turned thing standing at a place; profile: (radius, height)."""
    p = g.open_spline(np.asarray(profile, float), 60) if len(profile) > 2 else np.asarray(profile, float)
    a = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    verts = np.stack([p[:, :1] * np.cos(a), p[:, :1] * np.sin(a), np.broadcast_to(p[:, 1:], (len(p), 40))], -1).reshape(-1, 3)
    i, j = np.meshgrid(np.arange(len(p) - 1), np.arange(40), indexing="ij")
    k = (j + 1) % 40
    faces = np.stack([i * 40 + j, i * 40 + k, (i + 1) * 40 + k, (i + 1) * 40 + j], -1).reshape(-1, 4)
    thing = g.mesh(name, verts, faces, material)
    thing.location = at
    return thing


def build_set(m):
    random = np.random.default_rng(5)
    wall = 560.0
    x = -520.0
    while x < 520:
        w = random.uniform(46, 66)
        box("plank", (x + w / 2, wall + random.uniform(-1.5, 1.5), 60), (w - 1.6, 16, 900), m["planks"], 1.5)
        x += w
    box("shelf", (235, wall - 50, -38), (330, 90, 12), m["shelf"], 2)
    box("bracket", (130, wall - 30, -70), (10, 50, 54), m["shelf"], 2)
    box("shelf", (-280, wall - 45, 78), (240, 80, 11), m["shelf"], 2)
    bottle = [(0.1, 0), (20, 0), (22, 6), (22, 48), (18, 58), (8, 68), (7, 88), (9, 90), (7, 92)]
    jar = [(0.1, 0), (24, 0), (26, 5), (26, 48), (21, 56), (21, 62), (0.1, 63)]
    lathe("bottle", (118, wall - 55, -32), bottle, m["amber"])
    lathe("bottle", (168, wall - 40, -32), np.array(bottle) * [0.9, 1.15], m["green"])
    lathe("jar", (224, wall - 60, -32), jar, m["cream"])
    lathe("jar", (282, wall - 52, -32), np.array(jar) * [1.0, 1.35], m["amber"])
    for i, (w, h, c) in enumerate(((13, 82, "red"), (18, 94, "blue"), (11, 76, "cream"), (16, 88, "cloth"), (12, 70, "green"))):
        box("book", (-345 + i * 20, wall - 45, 84 + h / 2), (w, 55, h), m[c], 1)
    lathe("tin", (-226, wall - 50, 84), [(0.1, 0), (19, 0), (20, 2), (20, 50), (19, 52), (0.1, 53)], m["brass"])
    for x, z, w, h, turn in ((-118, -30, 66, 84, 0.05), (-206, -66, 50, 62, -0.08), (-176, 22, 44, 34, 0.12)):  # sketches pinned to the wall
        sheet = box("sketch", (x, wall - 10, z), (w, 0.8, h), m["card"], 0.1)
        sheet.rotation_euler = (0.03, turn, 0)
        for i in range(4):
            line = box("line", (x + random.uniform(-6, 6), wall - 11, z + h * (0.3 - 0.18 * i)), (w * random.uniform(0.4, 0.7), 0.6, 2.6), m["ink"], 0.1)
            line.rotation_euler = (0.03, turn, 0)
    sag = lambda x: 112 - 46 * np.cos(x / 190.0)
    for x in (-250, -178, -106, -34, 38, 110, 182, 254):  # a string of bulbs
        thing = lathe("bulb", (x, wall - 70, sag(x) - 12), [(0.1, 0), (4, 1.5), (5.5, 6), (3.5, 11), (2.5, 13)], m["glow"])
        thing.visible_shadow = False
    xs = np.linspace(-420, 420, 80)
    v, f = g.tube(np.stack([xs, np.full_like(xs, wall - 70), sag(xs) + 4], -1), np.full(80, 1.2), 8)
    g.mesh("wire", v, f, m["ink"])


def area(name, at, aim, size, power, colour, reflected=True):
    light = bpy.data.lights.new(name, "AREA")
    light.shape, light.size, light.energy, light.color = "DISK", size, power, colour
    thing = bpy.data.objects.new(name, light)
    thing.location, thing.visible_glossy = at, reflected
    thing.rotation_euler = (Vector(aim) - Vector(at)).to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.collection.objects.link(thing)
    return light


def build_lights():
    """Returns the key light, for its flicker."""
    key = area("key", (-420, -520, 400), (0, -20, 0), 260, 5.2e6, (1.0, 0.87, 0.72))
    area("rim", (330, 330, 250), (0, 0, 10), 140, 2.4e6, (0.62, 0.80, 1.0))
    area("kicker", (-330, 300, 90), (0, 0, 0), 120, 0.9e6, (1.0, 0.66, 0.40))
    area("fill", (520, -620, -40), (0, 0, 0), 520, 0.8e6, (0.72, 0.84, 1.0), reflected=False)
    area("eye light", (-170, -820, 190), (0, 0, 0), 70, 0.12e6, (1.0, 0.95, 0.9))
    area("wall", (-250, 180, 420), (-90, 560, 40), 120, 0.8e6, (1.0, 0.78, 0.55))
    world = bpy.data.worlds.new("room")
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs[0].default_value = (0.10, 0.13, 0.17, 1)
    world.node_tree.nodes["Background"].inputs[1].default_value = 0.6
    bpy.context.scene.world = world
    return key


def build_camera():
    data = bpy.data.cameras.new("camera")
    data.lens, data.sensor_width, data.clip_start, data.clip_end = LENS, SENSOR, 10.0, 5000.0
    data.dof.use_dof = True
    data.dof.aperture_fstop = F_STOP / 1000.0  # Blender takes a unit for a metre; ours is a millimetre
    data.dof.aperture_blades = 7
    thing = bpy.data.objects.new("camera", data)
    thing.location = (0, -DISTANCE, -78)
    thing.rotation_euler = (Vector((0, 0, -6)) - thing.location).to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.collection.objects.link(thing)
    bpy.context.scene.camera = thing
    return thing


def settings(samples, percent):
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.device, cycles.samples, cycles.use_adaptive_sampling, cycles.adaptive_threshold = "CPU", samples, True, 0.04
    cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces, cycles.transmission_bounces = 4, 2, 2, 2
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 6.0
    render = scene.render
    render.resolution_x, render.resolution_y, render.resolution_percentage = WIDTH, HEIGHT, percent
    render.use_persistent_data = True
    render.image_settings.file_format, render.image_settings.color_mode, render.image_settings.color_depth = "PNG", "RGB", "16"
    render.dither_intensity = 0.0
    scene.view_settings.view_transform, scene.view_settings.look = "AgX", "AgX - Medium High Contrast"
    scene.view_settings.exposure = 0.3
