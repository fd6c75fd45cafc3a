#!/usr/bin/python3
"""Check that a checkpoint's weights are what PyTorch would make of them.

    check_checkpoint.py CHECKPOINT.h5 LOGITS.h5 DATA [--part test|arch|weights]

Loads weights and running statistics under their state_dict names into the PyTorch
supernet, evaluates the images of the part (DATA: an IDX folder or a taildart HDF5 file)
and compares with /logits as `taildart eval --logits` wrote them.  Exit status 0 when
they agree, 1 when they do not.
"""

import argparse
import re
import sys

import h5py
import numpy as np
import torch

import darts
import images


def state_dict(file):
    """Weights and running statistics by name."""
    pairs = [*file["weights"].items(), *file["buffers"].items()]
    return {name: torch.from_numpy(dataset[()]) for name, dataset in pairs}


def network_for(state, edges):
    """The supernet whose sizes the tensors tell, with these tensors in it."""
    stem = state["stem.0.weight"]
    cells = [re.match(r"cells\.(\d+)\.", name) for name in state]
    nodes = next(n for n in range(1, 99) if darts.edge_count(n) == edges)
    sizes = darts.Sizes(len(stem) // 3, 1 + max(int(m[1]) for m in cells if m), nodes,
                        len(state["classifier.bias"]), stem.shape[1])
    net = darts.SuperNet(sizes, any(name.startswith("cell_rb.") for name in state))
    net.load_state_dict(state, strict=True)
    return net.double().eval()


def chosen_images(file, data, part):
    """Images of a part in the order of the logits, as the network reads them."""
    if part == "test":
        pixels = data.test.images
    else:
        half = {"arch": "data/arch_half", "weights": "data/weight_half"}[part]
        pixels = data.train.images[file[half][()]]
    return torch.from_numpy(images.normalised(pixels, data.mean, data.std))


def main():
    """Compare, print, and tell by the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("checkpoint")
    parser.add_argument("logits")
    parser.add_argument("data")
    parser.add_argument("--part", choices=("test", "arch", "weights"), default="test")
    parser.add_argument("--tolerance", type=float, default=1e-4,
                        help="of the largest logit (default %(default)s)")
    options = parser.parse_args()
    torch.set_num_threads(1)

    with h5py.File(options.checkpoint) as file, h5py.File(options.logits) as other:
        alphas = [torch.from_numpy(file["arch"][kind][()]).double()
                  for kind in ("normal", "reduce")]
        net = network_for(state_dict(file), len(alphas[0]))
        x = chosen_images(file, images.read(options.data), options.part)
        found = other["logits"][()]
    with torch.no_grad():
        wanted = torch.cat([net(part, alphas) for part in x.split(64)]).numpy()
    if found.dtype != np.float32 or found.shape != wanted.shape:
        sys.exit(f"logits are {found.dtype} {found.shape}, not float32 {wanted.shape}")
    difference, scale = np.abs(found - wanted).max(), np.abs(wanted).max()
    print(f"{len(x)} images, two branches: {'yes' if net.two_branch else 'no'}, "
          f"largest difference {difference:.3g} of logits up to {scale:.3g}")
    sys.exit(0 if difference <= options.tolerance * scale else 1)


if __name__ == "__main__":
    main()
