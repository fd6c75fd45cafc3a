"""Runs of taildart in Python: their metrics, cells and weights; with PyTorch their networks.

    run = taildart_run.open_run("runs/a")        # a folder of a run, or a checkpoint
    run.metrics()["valid_balanced_top1"]         # an array, one number per epoch
    run.genotype.normal                          # [Gene(op, node, state), ...]
    run.state_dict()["stem.0.weight"]            # arrays by the names of the DARTS scripts
    net = run.network()                          # a torch.nn.Module that `taildart eval` judges
    net(torch.from_numpy(run.normalised(pixels)))  # uint8 (n, height, width, channels)

All but network() needs h5py alone.
"""

import ast
import collections
import csv
import pathlib

import h5py
import numpy as np

try:
    import torch
    from torch import nn
except ImportError:     # arrays can be read without it
    torch = nn = None

OPERATIONS = ("none", "max_pool_3x3", "avg_pool_3x3", "skip_connect",
              "sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5")

FORMAT = 1      # of checkpoints, their attribute format_version

Gene = collections.namedtuple("Gene", "op node state")  # states: 0, 1 inputs; 2 ... nodes
Genotype = collections.namedtuple("Genotype", "nodes normal reduce adds_skips")


def open_run(path):
    """A run by its folder, or by one of its checkpoints (best.h5 ...)."""
    path = pathlib.Path(path)
    if not path.exists():
        raise FileNotFoundError("%s: there is no such folder or file: give the folder of a run, "
                                "or one of its checkpoints" % path)
    if path.is_dir() and not (path / "checkpoint.h5").exists():
        raise FileNotFoundError("%s: a folder without checkpoint.h5: give that of a run whose "
                                "first epoch has ended, or a checkpoint" % path)
    return Run(path / "checkpoint.h5" if path.is_dir() else path)


def parse_genotype(text):
    """A genotype from its Python form: pairs (operation, state), two per node, or triples
    (operation, node, state)."""
    try:
        return _parsed(text)
    except (SyntaxError, ValueError, TypeError, AttributeError, LookupError):
        raise ValueError("%.60r is no Genotype(normal=[...], normal_concat=range(2, 6), "
                         "reduce=[...], reduce_concat=range(2, 6))" % text) from None


def _parsed(text):
    call = ast.parse(text.strip(), mode="eval").body
    given = {word.arg: word.value for word in call.keywords}
    cells = [ast.literal_eval(given[kind]) for kind in ("normal", "reduce")]
    nodes = max(ast.literal_eval(end) for kind in ("normal_concat", "reduce_concat")
                for end in given[kind].args) - 2
    skips = "auxiliary_skip" in given and ast.literal_eval(given["auxiliary_skip"])
    genes = [[Gene(g[0], 2 + i // 2, g[1]) if len(g) == 2 else Gene(*g)
              for i, g in enumerate(cell)] for cell in cells]
    return Genotype(nodes, *genes, bool(skips))


class Run:
    """What a checkpoint holds, and the metrics that lie beside it."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        try:
            file = h5py.File(self.path, "r")
        except OSError as error:
            raise ValueError("%s: cannot be read as HDF5: give a checkpoint, of a damaged one "
                             "the checkpoint.prev.h5 beside it (%s)" % (path, error)) from None
        with file:
            self._check(file)
            self.attributes = {name: _plain(value) for name, value in file.attrs.items()}
            self.weights = {name: data[()] for name, data in file["weights"].items()}
            self.buffers = {name: data[()] for name, data in file["buffers"].items()}
            self.arch = {name: data[()] for name, data in file["arch"].items()}
            text = _plain(file["genotype"][()])
            self.config = _plain(file["config"][()])    # YAML
            self.class_names = _plain(file["data/class_names"][()]).split("\n")[
                :self.attributes["classes"]] if "data/class_names" in file else None
        self.genotype = parse_genotype(text) if text else None

    def _check(self, file):
        """Refuse what is no checkpoint, or one of another format."""
        version = file.attrs.get("format_version")
        missing = [name for name in ("weights", "buffers", "arch", "genotype", "config")
                   if name not in file]
        if version is None or missing:
            raise ValueError("%s: HDF5, but no checkpoint of a run (%s is missing): give one, "
                             "or the folder of a run"
                             % (self.path, missing[0] if missing else "format_version"))
        if version != FORMAT:
            program = _plain(file.attrs.get("taildart_version", b"the taildart")).split("\n")[0]
            raise ValueError("%s: a checkpoint of format %s, this module reads %d: take the "
                             "taildart_run.py of %s, which wrote it"
                             % (self.path, version, FORMAT, program))

    def metrics(self):
        """The columns of metrics.csv as arrays; what was not measured is nan."""
        path = self.path.parent / "metrics.csv"
        if not path.exists():
            raise FileNotFoundError("%s: it lies beside the checkpoint in the folder of a run: "
                                    "open the run there" % path)
        with open(path, newline="") as file:
            rows = list(csv.reader(file))
        if not rows:
            raise ValueError("%s: empty: it has a line for each epoch that has ended" % path)
        return {name: np.array([float(row[i]) if row[i] else np.nan for row in rows[1:]])
                for i, name in enumerate(rows[0])}

    def state_dict(self):
        """Weights and running statistics by name."""
        return {**self.weights, **self.buffers}

    def normalised(self, pixels):
        """uint8 (n, height, width, channels) as the network reads them: float32
        (n, channels, height, width), small ones in the middle of zeros."""
        height, width = self.attributes["height"], self.attributes["width"]
        rows, columns = height - pixels.shape[1], width - pixels.shape[2]
        if min(rows, columns) < 0 or pixels.shape[3] != self.attributes["image_channels"]:
            raise ValueError("images of %dx%dx%d: %s reads %dx%dx%d or smaller"
                             % (*pixels.shape[1:], self.path, height, width,
                                self.attributes["image_channels"]))
        pixels = np.pad(pixels, ((0, 0), (rows // 2, rows - rows // 2),
                                 (columns // 2, columns - columns // 2), (0, 0)))
        mean, std = self.attributes["mean"], self.attributes["std"]
        return ((pixels / 255.0 - mean) / std).astype(np.float32).transpose(0, 3, 1, 2)

    @property
    def is_search(self):
        """Whether the network is a supernet."""
        return "normal" in self.arch

    def mixture(self):
        """What operations of a supernet weigh outside of steps: (2, edges, 8)."""
        if not self.is_search:
            raise ValueError("%s: of a training, whose cell is given: only a search's checkpoint "
                             "has alphas" % self.path)
        alphas, present, betas = ([self.arch.get(prefix + kind) for kind in ("normal", "reduce")]
                                  for prefix in ("", "present_", "betas_"))
        kind = self.attributes.get("relaxation", "softmax")
        temperature = float(self.arch.get("temperature", 1.0))
        bonus = float(self.arch.get("skip_bonus", 0.0))
        tables = []
        for table in (0, 1):
            mask = np.ones_like(alphas[0]) if present[table] is None else present[table]
            p = _relaxed(kind, alphas[table].astype(np.float64), mask != 0, temperature)
            if betas[table] is not None:
                p *= _edge_weights(betas[table].astype(np.float64).ravel())[:, None]
            for edge, state in enumerate(_states_of_edges(len(p))):
                if mask[edge, 3] and not (table == 1 and state < 2):
                    p[edge, 3] += bonus
            tables.append(p)
        return np.stack(tables)

    def network(self):
        """The network with its weights, for evaluation; it reads normalised images.  There
        is no drop path, and no auxiliary head."""
        if torch is None:
            raise ImportError("networks need PyTorch: Debian's python3-torch, or pip's torch")
        net = Network(self)
        state = {name: torch.from_numpy(np.ascontiguousarray(data))
                 for name, data in self.state_dict().items()
                 if not name.startswith("auxiliary_head.")}
        net.load_state_dict(state, strict=True)
        return net.eval()


def _plain(value):
    """Texts as str, whole numbers as int."""
    if isinstance(value, bytes):
        return value.rstrip(b"\0").decode()
    return value.item() if isinstance(value, np.generic) else value


# ---- from alphas to weights ------------------------------------------------------------


def _shares(z, mask):
    """Softmax over what is present of each row; 0 where nothing is."""
    z = np.where(mask, z, -np.inf)
    largest = np.where(mask.any(1), z.max(1), 0.0)
    e = np.exp(z - largest[:, None])
    return e / np.maximum(e.sum(1), np.finfo(float).tiny)[:, None]


def _relaxed(kind, alphas, mask, temperature):
    if kind in ("softmax", "gumbel"):
        return _shares(alphas / temperature, mask)
    if kind == "sigmoid":
        return np.where(mask, 1.0 / (1.0 + np.exp(-alphas)), 0.0)
    if kind == "dirichlet":
        c = np.where(mask, np.where(alphas > 0.0, alphas + 1.0, np.exp(alphas)), 0.0)
        return c / np.maximum(c.sum(1), np.finfo(float).tiny)[:, None]
    if kind in ("gdas", "reinmax"):     # the strongest operation alone
        best = np.where(mask, alphas, -np.inf).argmax(1)
        return np.where(mask, np.arange(8) == best[:, None], 0.0)
    raise ValueError("the relaxation %s is not known here" % kind)


def _states_of_edges(edges):
    """The state that each edge leaves: node i has i + 2 inputs."""
    states, inputs = [], 2
    while len(states) < edges:
        states += range(inputs)
        inputs += 1
    return states


def _edge_weights(betas):
    """Softmax over the edges into each node."""
    q, first, inputs = np.empty_like(betas), 0, 2
    while first < len(betas):
        part = slice(first, first + inputs)
        q[part] = _shares(betas[None, part], np.ones((1, inputs), bool))[0]
        first, inputs = first + inputs, inputs + 1
    return q


# ---- networks --------------------------------------------------------------------------

_Module = nn.Module if nn else object


class Stack(_Module):
    """Layers in a row, under the name `op`."""

    def __init__(self, *layers):
        super().__init__()
        self.op = nn.Sequential(*layers)

    def forward(self, x):
        return self.op(x)


class Shrink(_Module):
    """Half the sides: two 1x1 convolutions of stride 2, one of them of the odd pixels."""

    def __init__(self, c_in, c_out, affine):
        super().__init__()
        self.conv_1 = nn.Conv2d(c_in, c_out // 2, 1, 2, bias=False)
        self.conv_2 = nn.Conv2d(c_in, c_out // 2, 1, 2, bias=False)
        self.bn = nn.BatchNorm2d(c_out, affine=affine)

    def forward(self, x):
        x = torch.relu(x)
        return self.bn(torch.cat([self.conv_1(x), self.conv_2(x[:, :, 1:, 1:])], 1))


def _squeeze(c_in, c_out, affine):
    return Stack(nn.ReLU(), nn.Conv2d(c_in, c_out, 1, bias=False),
                 nn.BatchNorm2d(c_out, affine=affine))


def _separable(c, kernel, stride, dilation, affine):
    padding = dilation * (kernel // 2)
    return [nn.ReLU(),
            nn.Conv2d(c, c, kernel, stride, padding, dilation, groups=c, bias=False),
            nn.Conv2d(c, c, 1, bias=False), nn.BatchNorm2d(c, affine=affine)]


def _operation(name, c, stride, affine):
    """An operation by its name; none stands for zeros, which nothing computes."""
    if name == "skip_connect":
        return nn.Identity() if stride == 1 else Shrink(c, c, affine)
    kind, kernel = name.rsplit("_", 1)[0], int(name[-1])
    if kind == "max_pool":
        return nn.MaxPool2d(kernel, stride, 1)
    if kind == "avg_pool":
        return nn.AvgPool2d(kernel, stride, 1, count_include_pad=False)
    if kind == "dil_conv":
        return Stack(*_separable(c, kernel, stride, 2, affine))
    if kind == "sep_conv":
        return Stack(*_separable(c, kernel, stride, 1, affine),
                     *_separable(c, kernel, 1, 1, affine))
    raise ValueError("the operation %s is not known here" % name)


class Cell(_Module):
    """Two inputs, and nodes that add up what operations make of states before them."""

    def __init__(self, c_before, c_last, c, reduces, shrinks, affine):
        super().__init__()
        self.preprocess0 = (Shrink if shrinks else _squeeze)(c_before, c, affine)
        self.preprocess1 = _squeeze(c_last, c, affine)
        self.channels, self.reduces, self.affine = c, reduces, affine

    def add_operation(self, name, op, state):
        """An operation that leaves a state, under a name with points; the operation."""
        module, words = self, name.split(".")
        for word in words[:-1]:
            if word not in module._modules:
                module.add_module(word, nn.Module())
            module = module._modules[word]
        made = _operation(op, self.channels, 2 if self.reduces and state < 2 else 1,
                          self.affine)
        if "pool" in op and not self.affine:    # of a supernet
            made = nn.Sequential(made, nn.BatchNorm2d(self.channels, affine=False))
        module.add_module(words[-1], made)

    def operation(self, name):
        """The operation of a name."""
        module = self
        for word in name.split("."):
            module = module._modules[word]
        return module

    def forward(self, before, last):
        states = {0: self.preprocess0(before), 1: self.preprocess1(last)}
        for node, terms in self.terms.items():
            states[node] = sum(weight * self.operation(name)(states[state])
                               for name, state, weight in terms)
        return torch.cat([states[node] for node in self.terms], 1)


def _genes_reached(genes):
    """The genes that the inputs lead to, node by node."""
    reached = {0, 1}
    for node in sorted({g.node for g in genes}):
        if any(g.node == node and g.state in reached for g in genes):
            reached.add(node)
    return [(i, g) for i, g in enumerate(genes) if g.state in reached]


def _derived_cell(cell, genes, genotype):
    """Give a cell the operations of its genes: terms (name, state, weight) of each node."""
    count = collections.Counter(g.node for g in genotype.normal + genotype.reduce)
    paired = all(count[2 + i] == 4 for i in range(genotype.nodes))
    terms = collections.defaultdict(list)
    for i, gene in _genes_reached(genes):
        name = "_ops.%d" % i if paired else "_ops.%d.%d.0" % (gene.node, gene.state)
        parts = [(name, gene.op)]
        if genotype.adds_skips:
            parts = [(name + ".operation", gene.op), (name + ".aux_skip", "skip_connect")]
        for part, op in parts:
            cell.add_operation(part, op, gene.state)
            terms[gene.node].append((part, gene.state, 1.0))
    cell.terms = dict(sorted(terms.items()))


def _mixed_cell(cell, prefix, run, p):
    """Give a cell of a supernet what there are tensors of, and what needs none."""
    terms, node, inputs = collections.defaultdict(list), 2, 2
    for edge, state in enumerate(_states_of_edges(len(p))):
        for k, op in enumerate(OPERATIONS):
            name = "_ops.%d._ops.%d" % (edge, k)
            has_tensors = any(key.startswith(prefix + name + ".") for key in run.buffers)
            is_plain = op == "skip_connect" and not (cell.reduces and state < 2) and p[edge, k]
            if has_tensors or is_plain:
                cell.add_operation(name, op, state)
                if p[edge, k]:
                    terms[node].append((name, state, float(p[edge, k])))
        if "all-skip" in run.attributes.get("net_operations", ""):
            name = "_ops.%d.aux_skip" % edge
            cell.add_operation(name, "skip_connect", state)
            terms[node].append((name, state, 1.0))
        if state == inputs - 1:
            node, inputs = node + 1, inputs + 1
    missing = [n for n in range(2, node) if n not in terms]
    if missing:
        raise ValueError("nothing leads to node %d of a cell of this supernet" % (missing[0] - 2))
    cell.terms = dict(terms)


class Head(_Module):
    """logits = scale*matrix*x + bias; of cosines, rows and x are divided by their norms."""

    def __init__(self, run):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(run.weights["classifier.weight"].shape))
        self.bias = (nn.Parameter(torch.zeros(len(self.weight)))
                     if "classifier.bias" in run.weights else None)
        self.kind = run.attributes.get("head", "linear")
        self.scale = float(np.ravel(run.attributes.get("head_scale", 1.0))[0])

    def forward(self, x):
        weight = self.weight
        if self.kind == "normalised":
            x, weight = nn.functional.normalize(x), nn.functional.normalize(weight)
        return nn.functional.linear(self.scale * x, weight, self.bias)


def _convolution(c_in, c_out, stride):
    """Over all channels, with its batch norm."""
    return [nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False), nn.BatchNorm2d(c_out)]


def _padded(x, step):
    """Zeros around images, up to sides that are multiples of step."""
    height, width = (-side % step for side in x.shape[2:])
    return nn.functional.pad(x, (width // 2, width - width // 2,
                                 height // 2, height - height // 2))


class Network(_Module):
    """Stem, cells, classifier; of two branches the last cell twice, or its features."""

    def __init__(self, run):
        super().__init__()
        affine = not run.is_search
        if "s4" in run.attributes.get("net_operations", ""):
            raise ValueError("%s: noise (net.operations s4) is taildart's own" % run.path)
        width, c, shrunk = self._stem(run.weights)
        numbers = {int(name.split(".")[1]) for name in run.weights
                   if name.startswith("cells.")}
        mixture = run.mixture() if run.is_search else None
        self.cells, inputs = nn.ModuleList(), (width, width)
        count = 1 + max(numbers)
        for i in range(count):
            reduces = count > 1 and i in (count // 3, 2 * count // 3)
            c = 2 * c if reduces else c
            plan = (*inputs, c, reduces, shrunk, affine)
            cell = self._filled(Cell(*plan), "cells.%d." % i, run, mixture)
            self.cells.append(cell)
            inputs, shrunk = (inputs[1], len(cell.terms) * c), reduces
        has_own = any(name.startswith("cell_rb.") for name in run.weights)
        self.cell_rb = self._filled(Cell(*plan), "cell_rb.", run, mixture) if has_own else None
        self.classifier = Head(run)
        self.is_doubled = not has_own and self.classifier.weight.shape[1] == 2 * inputs[1]

    def _stem(self, weights):
        """Build what reads images; its channels, those of the first cell, and whether the
        sides of that cell's inputs differ."""
        if "stem.0.weight" in weights:
            width, colours = weights["stem.0.weight"].shape[:2]
            self.step, self.stem = 4, nn.Sequential(*_convolution(colours, width, 1))
            return width, width // 3, False
        half, colours = weights["stem0.0.weight"].shape[:2]
        width = len(weights["stem0.3.weight"])
        self.step = 32
        self.stem0 = nn.Sequential(*_convolution(colours, half, 2), nn.ReLU(),
                                   *_convolution(half, width, 2))
        self.stem1 = nn.Sequential(nn.ReLU(), *_convolution(width, width, 2))
        return width, width, True

    @staticmethod
    def _filled(cell, prefix, run, mixture):
        if mixture is not None:
            _mixed_cell(cell, prefix, run, mixture[int(cell.reduces)])
        else:
            genes = run.genotype.reduce if cell.reduces else run.genotype.normal
            _derived_cell(cell, genes, run.genotype)
        return cell

    def features(self, x):
        """The mean of the last cell's output over pixels, of both branches where there are
        two: (n, features)."""
        x = _padded(x, self.step)
        if self.step == 4:
            before = last = self.stem(x)
        else:
            before = self.stem0(x)
            last = self.stem1(before)
        for cell in self.cells:
            inputs = before, last
            before, last = last, cell(*inputs)
        branches = [last] if self.cell_rb is None else [last, self.cell_rb(*inputs)]
        return torch.cat([b.mean((2, 3)) for b in branches * (1 + self.is_doubled)], 1)

    def forward(self, x):
        return self.classifier(self.features(x))
