"""Random views of the samples: near and far, turned, bent, lit, blurred and covered, as a head may come in other shots."""
import functools
import math
import random

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

NEAR = (1.25, 2.3)  # Side of a near view over the head's.
HIDDEN = 0.3  # What a hidden landmark weighs.


@functools.lru_cache(maxsize=192)
def pyramid(path):
    """The picture's levels, each half of the one before: `3 x height x width`, 0 to 255."""
    with Image.open(path) as picture:
        levels = [torch.from_numpy(np.asarray(picture.convert("RGB")).copy()).permute(2, 0, 1)]
    while min(levels[-1].shape[1:]) > 64:
        half = F.avg_pool2d(levels[-1][None].float(), 2)[0]
        levels.append(half.round().to(torch.uint8))
    return levels


class Views:
    """Makes batches. `size`: side of the network's input; `names`: the order of the landmarks."""

    def __init__(self, samples, names, size, seed=0):
        self.samples, self.names, self.size = samples, names, size
        self.random = random.Random(seed)
        self.torch = torch.Generator().manual_seed(seed)

    def batch(self, count):
        """-> pictures `B x 3 x size x size`; places `B x landmarks x 2` in input pixels and their weights; for the score, whether
        the head is there, and the weight of that."""
        views = [self.view() for _ in range(count)]
        pictures, places, weights, there, matters = (torch.stack(part) for part in zip(*views))
        return self.light(pictures), places, weights, there, matters

    def normal(self, *shape):
        return torch.randn(*shape, generator=self.torch)

    def view(self):
        sample = self.random.choice(self.samples)
        levels = pyramid(sample.picture)
        height, width = levels[0].shape[1:]
        places = torch.full((len(self.names), 2), torch.nan)
        weights = torch.zeros(len(self.names))
        for k, name in enumerate(self.names):
            if name in sample.places:
                x, y, visible = sample.places[name]
                places[k], weights[k] = torch.tensor([x, y]), 1.0 if visible else HIDDEN
        known = places[weights > 0]
        low, high = known.min(0).values, known.max(0).values
        head = max(float((high - low).max()), 8.0)
        empty = self.random.random() < 0.15
        side, centre = self.frame(width, height, low, high, head, empty)

        size, step = self.size, side / self.size
        turn = 0.0 if empty else self.random.gauss(0, 0.25)
        stretch = math.exp(self.random.gauss(0, 0.06))
        cos, sin = math.cos(turn), math.sin(turn)
        matrix = step * torch.tensor([[cos * stretch, -sin / stretch], [sin * stretch, cos / stretch]])
        bend = self.bend(head, side)

        cells = torch.arange(size) + 0.5
        u = torch.stack(torch.meshgrid(cells, cells, indexing="xy"), -1) - size / 2
        source = centre + u @ matrix.T + bend.permute(1, 2, 0)
        level = min(max(int(math.log2(max(step, 1e-6)) + 0.3), 0), len(levels) - 1)
        picture = levels[level]
        extent = torch.tensor([picture.shape[2], picture.shape[1]])
        grid = source / 2**level / extent * 2 - 1
        view = F.grid_sample(picture[None].float() / 255 - 0.5, grid[None], align_corners=False)[0] + 0.5

        found = torch.nan_to_num(places, nan=0.0)
        inverse = torch.linalg.inv(matrix)
        seen = (found - centre) @ inverse.T
        for _ in range(5):
            at = (seen / size * 2)[None, None].clamp(-1, 1)
            off = F.grid_sample(bend[None], at, align_corners=False)[0, :, 0].T
            seen = (found - centre - off) @ inverse.T
        seen = seen + size / 2
        inside = ((seen > 0) & (seen < size)).all(-1)
        share = float(inside[weights > 0].float().mean())
        if empty and share > 0:
            self.erase(view, seen[weights > 0])
            inside, share = torch.zeros_like(inside), 0.0
        matters = share == 0.0 or share > 0.9
        if self.random.random() < 0.5:
            self.cover(view)
        return view, seen, weights * inside, torch.tensor(float(share > 0.9)), torch.tensor(float(matters))

    def frame(self, width, height, low, high, head, empty):
        """Side and centre of the view: half of them near the head, the others up to the whole picture."""
        whole = float(max(width, height))
        if empty:
            side = whole * math.exp(self.random.uniform(math.log(0.15), 0))
            return side, torch.tensor([self.random.uniform(0, width), self.random.uniform(0, height)])
        near = self.random.random() < 0.6
        most = math.log(NEAR[1] if near else max(1.1 * whole / head, NEAR[1]))
        side = head * math.exp(self.random.uniform(math.log(NEAR[0]), most))
        room = max(side - 1.15 * head, 0.1 * head) / 2
        if near:
            room = min(room, 0.3 * head)
        middle = (low + high) / 2
        return side, middle + torch.tensor([self.random.uniform(-room, room), self.random.uniform(-room, room)])

    def bend(self, head, side):
        """A smooth field that moves whole parts of the face, and one that moves its features: `2 x size x size`, in picture pixels."""
        field = torch.zeros(2, self.size, self.size)
        for parts, most in ((3, 0.05), (8, 0.02)):
            nodes = min(max(round(parts * side / head), 3), 24)
            coarse = self.normal(1, 2, nodes, nodes) * head * self.random.uniform(0, most)
            field += F.interpolate(coarse, size=(self.size, self.size), mode="bicubic", align_corners=True)[0]
        return field

    def erase(self, view, head):
        """Paints the head over with what lies beside it, from the other half of the view."""
        low = head.min(0).values.clamp(0, self.size).int().tolist()
        high = (head.max(0).values + 1).clamp(0, self.size).int().tolist()
        flipped = view.flip(self.random.choice([1, 2])).clone()
        colour = flipped.mean((1, 2), keepdim=True)
        margin = int(0.1 * self.size)
        y0, y1, x0, x1 = max(low[1] - margin, 0), high[1] + margin, max(low[0] - margin, 0), high[0] + margin
        shift = self.random.randrange(self.size)
        texture = flipped.roll(shift, self.random.choice([1, 2]))
        view[:, y0:y1, x0:x1] = 0.3 * texture[:, y0:y1, x0:x1] + 0.7 * colour

    def cover(self, view):
        """Covers a part with a bar or a disc, as a rig arm or a hand does."""
        size = self.size
        cells = (torch.arange(size) + 0.5) / size
        y, x = torch.meshgrid(cells, cells, indexing="ij")
        angle = self.random.uniform(0, math.pi)
        across = (x - self.random.random()) * math.cos(angle) + (y - self.random.random()) * math.sin(angle)
        along = (y - self.random.random()) * math.cos(angle) - (x - self.random.random()) * math.sin(angle)
        if self.random.random() < 0.5:
            mask = across.abs() < self.random.uniform(0.01, 0.06)
            if self.random.random() < 0.5:
                mask &= along > 0
        else:
            mask = across**2 + along**2 < self.random.uniform(0.03, 0.16) ** 2
        colour = torch.rand(3, 1, generator=self.torch)
        view[:, mask] = (colour + 0.05 * self.normal(3, int(mask.sum()))).clamp(0, 1)

    def light(self, pictures):
        count, size = len(pictures), self.size
        cells = torch.arange(size) / size - 0.5
        slope = 0.4 * self.normal(count, 2, 1, 1)
        shade = slope[:, :1] * cells[None, None, :, None] + slope[:, 1:] * cells[None, None, None, :]
        gain = (0.25 * self.normal(count, 1, 1, 1) + 0.1 * self.normal(count, 3, 1, 1) + shade).exp()
        gamma = (0.2 * self.normal(count, 1, 1, 1)).exp()
        lit = (pictures.clamp(0, 1) ** gamma * gain).clamp(0, 1)
        soft = F.avg_pool2d(F.pad(lit, (1, 1, 1, 1), mode="replicate"), 3, 1)
        blurred = torch.rand(count, 1, 1, 1, generator=self.torch) < 0.25
        lit = torch.where(blurred, soft, lit)
        grain = torch.rand(count, 1, 1, 1, generator=self.torch) * 0.04
        return (lit + grain * self.normal(*lit.shape)).clamp(0, 1)
