"""A character that is drawn, so that what a network learns of it can be checked without anybody's pictures."""
import json
import math
import random

from PIL import Image, ImageDraw

NAMES = ["eye_L", "eye_R", "nose", "mouth_L", "mouth_R", "chin"]
SIZE = (240, 160)


def draw(seed, head=True):
    """-> a picture, and its landmarks: name -> (x, y)."""
    rng = random.Random(seed)
    over = 4
    picture = Image.new("RGB", (SIZE[0] * over, SIZE[1] * over), tuple(rng.randrange(40, 120) for _ in range(3)))
    pen = ImageDraw.Draw(picture)
    for _ in range(40):
        x, y, r = rng.uniform(0, SIZE[0]) * over, rng.uniform(0, SIZE[1]) * over, rng.uniform(3, 30) * over
        pen.ellipse([x - r, y - r * rng.uniform(0.2, 1), x + r, y + r], fill=tuple(rng.randrange(30, 150) for _ in range(3)))

    radius = rng.uniform(28, 40)
    x, y = rng.uniform(50, SIZE[0] - 50), rng.uniform(48, SIZE[1] - 48)
    turn, open_ = rng.gauss(0, 0.2), rng.uniform(0.05, 0.3)

    def at(u, v):
        return x + radius * (u * math.cos(turn) - v * math.sin(turn)), y + radius * (u * math.sin(turn) + v * math.cos(turn))

    def disc(u, v, across, down, colour):
        ring = [at(u + across * math.cos(a / 20 * math.pi), v + down * math.sin(a / 20 * math.pi)) for a in range(40)]
        pen.polygon([(px * over, py * over) for px, py in ring], fill=colour)

    places = {"eye_L": (0.4, -0.3), "eye_R": (-0.4, -0.25), "nose": (0.05, 0.08), "mouth_L": (0.4, 0.5), "mouth_R": (-0.35, 0.5), "chin": (0.0, 0.95)}
    if head:
        disc(0, 0, 0.85, 1.0, (235, 190, 150))
        disc(0, -0.85, 0.8, 0.25, (120, 40, 30))
        for name, iris in (("eye_L", (40, 90, 200)), ("eye_R", (60, 140, 60))):
            disc(*places[name], 0.2, 0.14, (250, 250, 250))
            disc(*places[name], 0.09, 0.09, iris)
        disc(*places["nose"], 0.1, 0.14, (215, 140, 110))
        disc(0.025, 0.5, 0.375, open_ / 2, (150, 30, 50))
        disc(0.0, 0.88, 0.14, 0.06, (190, 130, 100))
    places = {name: at(*places[name]) for name in NAMES}
    return picture.resize(SIZE, Image.Resampling.BOX), places


def shot(folder, seeds):
    """Writes plate.####.png and keys.json into a folder."""
    tracks = {name: [] for name in NAMES}
    for frame, seed in enumerate(seeds, 1):
        picture, places = draw(seed)
        picture.save(folder / f"plate.{frame:04}.png")
        for name, (x, y) in places.items():
            tracks[name].append({"frame": frame, "x": x, "y": y})
    tracks = [{"name": name, "keys": keys} for name, keys in tracks.items()]
    document = {"format": "shapes", "version": 1, "width": SIZE[0], "height": SIZE[1], "shapes": [], "tracks": tracks}
    (folder / "keys.json").write_text(json.dumps(document))


def sir_lionel(folder, seeds):
    """Writes the same in the published layout: all landmarks in `points`, without names."""
    for frame, seed in enumerate(seeds):
        picture, places = draw(seed)
        picture.save(folder / f"image-shot0-frame{frame:03}.png")
        points = [list(places[name]) for name in NAMES]
        (folder / f"revec_shapes-shot0-frame{frame:03}.json").write_text(json.dumps({"points": points}))
