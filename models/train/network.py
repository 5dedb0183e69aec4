"""The network: a small encoder and decoder that make one heat map a landmark, and a score.

Places are the mean of each map's softmax (integral regression: Sun et al., ECCV 2018), confidences how narrow it is.
"""
import torch
from torch import nn
from torch.nn import functional as F

STRIDE = 4  # Input pixels a cell of the heat maps.
NARROW = 2.0  # Variance in cells that a certain landmark has: that of the maps it is trained with.


def block(inputs, outputs, stride=1, dilation=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, dilation, dilation, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class Network(nn.Module):
    """Pictures `B x 3 x size x size`, 0 to 1 -> heat maps `B x landmarks x cells`, scores `B` before the sigmoid."""

    def __init__(self, landmarks, size, width=1.0):
        super().__init__()
        if size % 16 or not 32 <= size <= 512:
            raise ValueError("the input size must be a multiple of 16 from 32 to 512")
        self.landmarks, self.size, self.side = landmarks, size, size // STRIDE
        a, b, c, d = (int(8 * round(n * width / 8)) for n in (16, 32, 64, 96))
        self.stem = block(3, a, 2)
        self.quarter = nn.Sequential(block(a, b, 2), block(b, b))
        self.eighth = nn.Sequential(block(b, c, 2), block(c, c))
        self.deep = nn.Sequential(block(c, d, 2), block(d, d, dilation=2), block(d, d, dilation=4))
        self.up_eighth, self.up_quarter = nn.Conv2d(d, c, 1), nn.Conv2d(c, b, 1)
        self.fine_eighth, self.fine_quarter = block(c, c), nn.Sequential(block(b, b), block(b, b))
        self.heat = nn.Conv2d(b, landmarks, 1)
        self.score = nn.Linear(d, 1)
        cells = (torch.arange(self.side) + 0.5).repeat(self.side, 1)
        self.register_buffer("places", torch.stack([cells, cells.T], -1).reshape(-1, 2), persistent=False)

    def forward(self, pictures):
        half = self.stem(pictures - 0.5)
        quarter = self.quarter(half)
        eighth = self.eighth(quarter)
        deep = self.deep(eighth)
        eighth = self.fine_eighth(eighth + F.interpolate(self.up_eighth(deep), scale_factor=2.0, mode="nearest"))
        quarter = self.fine_quarter(quarter + F.interpolate(self.up_quarter(eighth), scale_factor=2.0, mode="nearest"))
        heat = self.heat(quarter).reshape(-1, self.landmarks, self.side * self.side)
        score = self.score(deep.mean((2, 3)))
        return heat, score.reshape(-1)

    def read(self, heat):
        """Heat maps -> places `B x landmarks x 2` in cells, confidences `B x landmarks x 1`."""
        weights = heat.softmax(-1)
        mean = weights @ self.places
        spread = (weights @ (self.places * self.places) - mean * mean).sum(-1, keepdim=True)
        return mean, 8.0 / (8.0 + F.relu(spread - NARROW))


class Exported(nn.Module):
    """What the file does: a picture -> landmarks `1 x landmarks x 3` (x, y in input pixels, confidence), score `1 x 1`."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, picture):
        heat, score = self.network(picture)
        mean, confidence = self.network.read(heat)
        return torch.cat([mean * float(STRIDE), confidence], -1), torch.sigmoid(score).reshape(1, 1)
