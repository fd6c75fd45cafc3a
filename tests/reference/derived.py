"""The network that a genotype stands for, said in PyTorch: the yardstick of derived.h5.

It follows Liu, Simonyan and Yang, "DARTS" (2019), 3.1: one operation per edge, batch
norms with scale and shift, bare pools, drop path, an auxiliary classifier two thirds of
the way.  Modules carry the names of the published networks' state_dict.
"""

from collections import namedtuple

import torch
from torch import nn

import darts

# Lists of (operation, state), two for each node.
Genotype = namedtuple("Genotype", "normal reduce")


def genotype_text(genotype):
    """As the published code writes it."""
    concat = f"range(2, {2 + len(genotype.normal) // 2})"
    return (f"Genotype(normal={genotype.normal}, normal_concat={concat}, "
            f"reduce={genotype.reduce}, reduce_concat={concat})")


def with_affine_norms(module):
    """The module, its batch norms with scale and shift."""
    for norm in darts.norms(module):
        channels = norm.running_mean.numel()
        norm.weight = nn.Parameter(torch.ones(channels))
        norm.bias = nn.Parameter(torch.zeros(channels))
    return module


class Cell(nn.Module):
    """A cell of chosen operations; edge k belongs to node k // 2."""

    def __init__(self, genes, c_before, c_last, c, reduces, shrink_first):
        super().__init__()
        self.sources = [state for _, state in genes]
        first = darts.Shrink if shrink_first else darts.squeeze
        self.preprocess0 = first(c_before, c)
        self.preprocess1 = darts.squeeze(c_last, c)
        self._ops = nn.ModuleList([
            darts.operation(name, c, 2 if reduces and state < 2 else 1)
            for name, state in genes])

    def edge(self, k, states, factors):
        """What edge k gives: plain skips are never dropped."""
        y = self._ops[k](states[self.sources[k]])
        if factors is None or isinstance(self._ops[k], nn.Identity):
            return y
        return y * factors[k].reshape(-1, 1, 1, 1)

    def forward(self, before, last, factors):
        states = [self.preprocess0(before), self.preprocess1(last)]
        for k in range(0, len(self.sources), 2):
            states.append(self.edge(k, states, factors) +
                          self.edge(k + 1, states, factors))
        return torch.cat(states[2:], 1)


class AuxiliaryHead(nn.Module):
    """The classifier on the way: 8 to 10 pixels a side become 2, then 1; with stride 2
    7 or 8 do."""

    def __init__(self, channels, classes, stride=3, middle=128, wide=768):
        super().__init__()
        self.features = nn.Sequential(
            nn.ReLU(), nn.AvgPool2d(5, stride),
            nn.Conv2d(channels, middle, 1, bias=False), darts.Norm(middle), nn.ReLU(),
            nn.Conv2d(middle, wide, 2, bias=False), darts.Norm(wide), nn.ReLU())
        self.classifier = nn.Linear(wide, classes)

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


class DerivedNet(nn.Module):
    """Stem, cells, classifier, and the head behind cell 2/3 of the way."""

    def __init__(self, sizes, genotype):
        super().__init__()
        self.sizes = sizes
        c, width = sizes.channels, darts.add_stem(self, sizes)
        self.cells, inputs = nn.ModuleList(), (width, width)
        shrunk = sizes.stem == "imagenet"
        self.head_cell = 2 * sizes.cells // 3
        for index in range(sizes.cells):
            reduces = index in (sizes.cells // 3, self.head_cell)
            c = 2 * c if reduces else c
            genes = genotype.reduce if reduces else genotype.normal
            self.cells.append(Cell(genes, *inputs, c, reduces, shrunk))
            inputs, shrunk = (inputs[1], len(genes) // 2 * c), reduces
            if index == self.head_cell:
                stride = 2 if sizes.stem == "imagenet" else 3
                self.auxiliary_head = AuxiliaryHead(inputs[1], sizes.classes, stride)
        self.classifier = nn.Linear(inputs[1], sizes.classes)
        with_affine_norms(self)

    def forward(self, x, factors=None):
        """Logits of both classifiers; factors (cells, edges, images) of drop path."""
        before, last = darts.read_stem(self, x)
        auxiliary = None
        for index, cell in enumerate(self.cells):
            of_cell = None if factors is None else factors[index]
            before, last = last, cell(before, last, of_cell)
            if index == self.head_cell and self.training:
                auxiliary = self.auxiliary_head(last)
        return self.classifier(last.mean((2, 3))), auxiliary
