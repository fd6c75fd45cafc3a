#!/usr/bin/python3
"""Compare learning curves: the same search in PyTorch and taildart, a few seeds each.

    tests/reference/learning_curve.py [--epochs 10] [--seeds 1 2 3] [--branches] …

Fashion-MNIST is shrunk from 28x28 to 16x16: each new pixel is the mean over the
1.75 x 1.75 old ones that it covers, parts of pixels counting by their area.  The first
1000 images of each class are kept, and taildart cuts the long tail and both halves out
of them; PyTorch takes the same halves from taildart's checkpoint.  What differs is the
random numbers: initial values, order of images, crops and flips.

Printed are training loss, validation loss and validation top-1 of each epoch (mean and
standard deviation over seeds) and a verdict: the curves agree when, on average over
epochs, their means are less than two standard deviations apart.  Exit status 1 if not.
Not part of `make test`: with the defaults about a quarter of an hour on one core.
"""

import argparse
import csv
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import time

import h5py
import numpy as np
import torch
from torch.nn import functional as F

import darts
import images
import tables

SIDE, EACH, CLASSES, BATCH, PAD = 16, 1000, 10, 64, 2
CURVES = ("train_loss", "valid_loss", "valid_top1")


# ---- data -----------------------------------------------------------------------


def shrinking(old, new):
    """Matrix (new, old) of the shares in which new pixels cover old ones."""
    edges = np.arange(new + 1) * (old / new)
    pixel = np.arange(old)
    upper = np.minimum(edges[1:, None], pixel + 1)
    lower = np.maximum(edges[:-1, None], pixel)
    return np.clip(upper - lower, 0, None) * (new / old)


def shrunk(part, each):
    """The first images of each class in file order, area-averaged to SIDE x SIDE."""
    keep = np.sort(np.concatenate([np.flatnonzero(part.labels == c)[:each]
                                   for c in range(CLASSES)]))
    a = shrinking(part.images.shape[1], SIDE)
    small = a @ part.images[keep, :, :, 0].astype(np.float64) @ a.T
    return images.Part(np.rint(small).astype(np.uint8)[..., None], part.labels[keep])


def write_data(path, source):
    """The data file of both programs."""
    data = images.read(source)
    images.write_hdf5(path, shrunk(data.train, EACH), shrunk(data.test, EACH), CLASSES,
                      f"Fashion-MNIST, {EACH} images per class, {SIDE}x{SIDE} by area")


# ---- PyTorch --------------------------------------------------------------------


class Half:
    """One half of the training images: what it draws, and its batches as tensors."""

    def __init__(self, data, indices, rng):
        self.pixels = data.train.images[indices]
        self.labels = data.train.labels[indices]
        self.moments, self.rng, self.left = (data.mean, data.std), rng, np.zeros(0, int)
        counts = np.bincount(self.labels, minlength=CLASSES)
        self.reversed = tables.class_probabilities("reversed", counts)[self.labels]
        self.reversed /= counts[self.labels]

    def epoch(self):
        """Every image once, in batches of which the last may be short."""
        order = self.rng.permutation(len(self.labels))
        return [order[i:i + BATCH] for i in range(0, len(order), BATCH)]

    def next(self):
        """An endless stream, shuffled anew whenever it runs out."""
        while len(self.left) < BATCH:
            self.left = np.append(self.left, self.rng.permutation(len(self.labels)))
        taken, self.left = np.split(self.left, [BATCH])
        return taken

    def rebalanced(self, n):
        """n draws with replacement, rare classes more often (BBN)."""
        return self.rng.choice(len(self.labels), n, p=self.reversed)

    def tensors(self, indices, augment=True):
        """Images and labels; raw pixels are shifted and flipped to augment them."""
        x = self.pixels[indices]
        if augment:
            padded = np.pad(x, ((0, 0), (PAD, PAD), (PAD, PAD), (0, 0)))
            shifts = self.rng.randint(0, 2 * PAD + 1, (len(x), 2))
            x = np.stack([image[r:r + SIDE, c:c + SIDE]
                          for image, (r, c) in zip(padded, shifts)])
            flips = self.rng.rand(len(x)) < 0.5
            x[flips] = x[flips, :, ::-1]
        return (torch.from_numpy(images.normalised(x, *self.moments)).float(),
                torch.from_numpy(self.labels[indices]))


def step_batch(half, indices, mixing):
    """A batch as the search takes it, for two branches with its re-balancing one."""
    batch = half.tensors(indices)
    if mixing is None:
        return batch
    return (*batch, *half.tensors(half.rebalanced(len(indices))), mixing)


@torch.no_grad()
def validate(net, alphas, half):
    """Loss and top-1 with running statistics, without augmentation."""
    net.eval()
    chunks = np.array_split(np.arange(len(half.labels)), len(half.labels) // BATCH)
    loss = hits = 0.0
    for x, y in (half.tensors(chunk, augment=False) for chunk in chunks):
        logits = net(x, alphas)
        loss += F.cross_entropy(logits, y, reduction="sum").item()
        hits += (logits.argmax(1) == y).sum().item()
    net.train()
    return loss / len(half.labels), hits / len(half.labels)


def run_pytorch(options, seed, checkpoint, data):
    """The search in PyTorch: CURVES of each epoch."""
    torch.manual_seed(seed)
    rng = np.random.RandomState(seed)
    with h5py.File(checkpoint) as file:
        weights, arch = (Half(data, file["data"][name][()], rng)
                         for name in ("weight_half", "arch_half"))
    sizes = darts.Sizes(options.channels, options.cells, options.nodes, CLASSES, 1)
    net = darts.SuperNet(sizes, options.branches)
    alphas = [(1e-3 * torch.randn(darts.edge_count(options.nodes), 8)).requires_grad_()
              for _ in range(2)]
    search, rows = darts.Search(net, alphas, options.order == 2), []
    for epoch in range(options.epochs):
        lr = tables.scheduled("cosine", epoch, options.epochs, 0.025, 0.001)
        mixing = tables.scheduled("parabolic", epoch, options.epochs)
        mixing = mixing if options.branches else None
        search.set_lr(lr, darts.DEFAULTS["arch_lr"])
        total = 0.0
        for indices in weights.epoch():
            train = step_batch(weights, indices, mixing)
            search.arch_step(train, step_batch(arch, arch.next(), mixing))
            total += search.weight_step(train)[0] * len(indices)
        rows.append((total / len(weights.labels), *validate(net, alphas, arch)))
    return rows


# ---- taildart -------------------------------------------------------------------


def run_taildart(options, seed, data, out):
    """The same search by the program: CURVES of each epoch."""
    keys = {"net.channels": options.channels, "net.cells": options.cells,
            "net.nodes": options.nodes, "search.order": options.order,
            "data.crop_pad": PAD, "bbn.enabled": str(options.branches).lower()}
    command = [*shlex.split(options.launcher), options.program, "search", "--quiet",
               "--data", data, "--out", out, "--seed", seed, "--epochs", options.epochs,
               "--batch", BATCH, "--imbalance", options.imbalance, "--threads", 1]
    for key, value in keys.items():
        command += ["--set", f"{key}={value}"]
    subprocess.run([str(word) for word in command], check=True)
    with open(out / "metrics.csv", encoding="ascii", newline="") as file:
        return [[float(row[name]) for name in CURVES] for row in csv.DictReader(file)]


# ---- comparison -----------------------------------------------------------------


def print_curves(pytorch, taildart):
    """Both sets of curves, (seeds, epochs, 3), side by side."""
    print("epoch" + "".join(f"  {name:>10} {'PyTorch':>13} {'taildart':>16}"
                            for name in CURVES))
    for epoch in range(pytorch.shape[1]):
        line = f"{epoch:5d}"
        for k in range(len(CURVES)):
            values = [runs[:, epoch, k] for runs in (pytorch, taildart)]
            line += "  {:>24} {:>16}".format(*(f"{v.mean():.4f} +- {v.std(ddof=1):.4f}"
                                               for v in values))
        print(line)


def verdict(pytorch, taildart):
    """Whether every curve agrees; says by how much."""
    gap = (taildart - pytorch).mean((0, 1))
    spread = np.sqrt(0.5 * (pytorch.var(0, ddof=1) + taildart.var(0, ddof=1))).mean(0)
    good = np.abs(gap) < 2.0 * spread
    for name, g, s, ok in zip(CURVES, gap, spread, good):
        print(f"{name}: taildart - PyTorch = {g:+.4f} on average over epochs, "
              f"spread over seeds {s:.4f}: {'agrees' if ok else 'DIFFERS'}")
    found = "the same learning curve" if good.all() else "the curves differ"
    print("verdict: " + found)
    return good.all()


def parsed():
    """Options."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--imbalance", type=float, default=10)
    parser.add_argument("--channels", type=int, default=4)
    parser.add_argument("--cells", type=int, default=3)
    parser.add_argument("--nodes", type=int, default=2)
    parser.add_argument("--order", type=int, choices=(1, 2), default=1)
    parser.add_argument("--branches", action="store_true", help="two branches (BBN)")
    parser.add_argument("--images", default="/usr/share/datasets/fashion-mnist",
                        help="folder of Fashion-MNIST (default %(default)s)")
    parser.add_argument("--program", default="build/taildart")
    parser.add_argument("--launcher", default="", help='for example "mpirun -n 2"')
    options = parser.parse_args()
    if len(options.seeds) < 2:
        parser.error("a spread needs two seeds at least")
    return options


def main():
    """Run everything."""
    options = parsed()
    torch.set_num_threads(1)
    os.environ["OMP_NUM_THREADS"] = "1"
    pytorch, taildart = [], []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        write_data(folder / "data.h5", options.images)
        data = images.read(folder / "data.h5")
        for seed in options.seeds:
            out, start = folder / f"run-{seed}", time.monotonic()
            taildart.append(run_taildart(options, seed, folder / "data.h5", out))
            middle = time.monotonic()
            pytorch.append(run_pytorch(options, seed, out / "checkpoint.h5", data))
            print(f"seed {seed}: taildart {middle - start:.0f} s, "
                  f"PyTorch {time.monotonic() - middle:.0f} s", flush=True)
    pytorch, taildart = np.array(pytorch), np.array(taildart)
    print_curves(pytorch, taildart)
    sys.exit(0 if verdict(pytorch, taildart) else 1)


if __name__ == "__main__":
    main()
