#!/usr/bin/env python3
"""Trains a landmark network on one character and writes it as ONNX.

  train.py --shot PLATE DOCUMENT [--shot ...] [--sir-lionel FOLDER ...] --character NAME --licence TEXT --out NAME.onnx

PLATE is a pattern such as plate.####.png (8-bit PNG or JPEG), DOCUMENT a shapes document whose tracks are keyed on some of its frames.
"""
import argparse
import sys
import time
from pathlib import Path

import torch
from torch.nn import functional as F

import export
from network import STRIDE, Network
from samples import SampleError, from_document, from_sir_lionel, names_of
from views import Views

SIGMA = 1.0  # Of the heat maps to learn, in cells.


def losses(network, batch):
    """Of the maps (cross entropy), of the places (Huber, cells) and of the score."""
    pictures, places, weights, there, matters = batch
    heat, score = network(pictures)
    mean, _ = network.read(heat)
    cells = places / STRIDE
    away = ((network.places[None, None] - cells[:, :, None]) ** 2).sum(-1)
    wanted = (-away / (2 * SIGMA**2)).softmax(-1)
    total = weights.sum().clamp(min=1)
    maps = (-(wanted * heat.log_softmax(-1)).sum(-1) * weights).sum() / total
    off = F.smooth_l1_loss(mean, cells, beta=0.5, reduction="none").sum(-1)
    off = (off * weights).sum() / total
    found = (F.binary_cross_entropy_with_logits(score, there, reduction="none") * matters).mean()
    return maps, off, found


def train(samples, names, size, steps, batch, device, seed=0, width=1.0, say=print):
    """-> the trained network, in evaluation mode on the CPU."""
    torch.manual_seed(seed)
    views = Views(samples, names, size, seed)
    network = Network(len(names), size, width).to(device)
    optimiser = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, total_steps=steps, pct_start=0.15)
    started = time.monotonic()
    for step in range(1, steps + 1):
        parts = [part.to(device) for part in views.batch(batch)]
        maps, off, found = losses(network, parts)
        optimiser.zero_grad(set_to_none=True)
        (maps + 0.5 * off + found).backward()
        optimiser.step()
        schedule.step()
        if step % max(steps // 20, 1) == 0:
            took = time.monotonic() - started
            say(f"step {step} of {steps}: maps {maps:.3f}, places {off:.3f}, score {found:.3f}, {took:.0f} s")
    return network.cpu().eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shot", nargs=2, action="append", default=[], metavar=("PLATE", "DOCUMENT"))
    parser.add_argument("--sir-lionel", action="append", default=[], metavar="FOLDER")
    parser.add_argument("--character", required=True)
    parser.add_argument("--licence", required=True, help="of the weights, as `CC0-1.0` or `studio internal`")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--size", type=int, default=224, help="side of the network's input (224)")
    parser.add_argument("--width", type=float, default=1.0, help="channels, over the usual ones (1)")
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    try:
        samples = [s for plate, document in options.shot for s in from_document(document, plate)]
        samples += [s for folder in options.sir_lionel for s in from_sir_lionel(folder)]
        if not samples:
            raise SampleError("give at least one --shot or --sir-lionel")
        names = names_of(samples)
        print(f"{len(samples)} pictures, {len(names)} landmarks, {options.device}", flush=True)
        network = train(
            samples, names, options.size, options.steps, options.batch, options.device, options.seed, options.width,
            lambda line: print(line, flush=True),
        )
        export.write(network, options.out, options.character, names, options.licence)
        print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB")
    except (SampleError, ValueError, OSError) as error:
        print(f"train: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
