"""What taildart computes, said in PyTorch: the search space and the bilevel search.

This is the yardstick of the golden vectors, so it prefers to be plain over being fast.
It follows Liu, Simonyan and Yang, "DARTS" (2019) and, for two branches, Zhou et al.,
"BBN" (2020).  Everything works in any floating type; the vectors use float64.

Two things differ from common PyTorch code, both for the sake of many ranks:

- A batch may be cut into *groups*, runs of images that share batch statistics (a rank
  of taildart sees one).  The loss is the mean over all images of all groups.
- Batch norms only note what they saw.  Running statistics change when a pass over the
  data is settled: once a pass, by the mean over its groups.

Modules carry the names of the published networks' state_dict, so that weights can be
exchanged; alphas are not part of it and are handed to each pass.
"""

from collections import namedtuple
from contextlib import contextmanager

import torch
from torch import nn
from torch.autograd import grad
from torch.nn import functional as F

OPERATIONS = ("none", "max_pool_3x3", "avg_pool_3x3", "skip_connect",
              "sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5")

Sizes = namedtuple("Sizes", "channels cells nodes classes image_channels stem",
                   defaults=["cifar"])


def edge_count(nodes):
    """Edges of a cell: node i has i + 2 inputs."""
    return nodes * (nodes + 3) // 2


# ---- batch norm -----------------------------------------------------------------


class Norm(nn.Module):
    """Batch norm that notes batch statistics and applies them when it is settled."""

    EPS, RATE = 1e-5, 0.1

    def __init__(self, channels, affine=False):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels)) if affine else None
        self.bias = nn.Parameter(torch.zeros(channels)) if affine else None
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))
        self.groups, self.passes = [], []

    def forward(self, x):
        if not self.training:
            return F.batch_norm(x, self.running_mean, self.running_var, self.weight,
                                self.bias, False, 0.0, self.EPS)
        var, mean = torch.var_mean(x.detach(), (0, 2, 3), unbiased=True)
        self.groups.append((len(x), mean, var))
        return F.batch_norm(x, None, None, self.weight, self.bias, True, 0.0, self.EPS)

    def close_pass(self):
        """The groups seen since the last call were one pass: merge them."""
        if self.groups:
            images = sum(n for n, _, _ in self.groups)
            self.passes.append([sum(g[0] * g[k] for g in self.groups) / images
                                for k in (1, 2)])
            self.groups = []


def norms(module):
    """All batch norms within a module."""
    return [m for m in module.modules() if isinstance(m, Norm)]


def close_pass(module):
    """End a pass (of one branch): what follows counts as another one."""
    for norm in norms(module):
        norm.close_pass()


def settle(module):
    """Move the running statistics by everything seen, pass by pass."""
    close_pass(module)
    for norm in norms(module):
        for mean, var in norm.passes:
            norm.running_mean.lerp_(mean, norm.RATE)
            norm.running_var.lerp_(var, norm.RATE)
        norm.passes = []


def forget(module):
    """Drop what was seen: the pass leaves no trace in the running statistics."""
    for norm in norms(module):
        norm.groups, norm.passes = [], []


# ---- operations -----------------------------------------------------------------


class Stack(nn.Module):
    """Layers in a row, under the name `op`."""

    def __init__(self, layers):
        super().__init__()
        self.op = nn.Sequential(*layers)

    def forward(self, x):
        return self.op(x)


class Nothing(nn.Module):
    """`none`: zeros of the size of the output."""

    def __init__(self, stride):
        super().__init__()
        self.stride = stride

    def forward(self, x):
        return torch.zeros_like(x[..., ::self.stride, ::self.stride])


class Shrink(nn.Module):
    """Half the resolution without losing pixels: two 1x1 convolutions of stride 2, the
    second one pixel down and to the right; each makes half of the channels."""

    def __init__(self, c_in, c_out):
        super().__init__()
        assert c_out % 2 == 0, "two convolutions share the output channels"
        self.conv_1 = nn.Conv2d(c_in, c_out // 2, 1, 2, bias=False)
        self.conv_2 = nn.Conv2d(c_in, c_out // 2, 1, 2, bias=False)
        self.bn = Norm(c_out)

    def forward(self, x):
        x = x.clamp(min=0)
        return self.bn(torch.cat([self.conv_1(x), self.conv_2(x[..., 1:, 1:])], 1))


def squeeze(c_in, c_out):
    """1x1 convolution between ReLU and batch norm."""
    return Stack([nn.ReLU(), nn.Conv2d(c_in, c_out, 1, bias=False), Norm(c_out)])


def separable(c, kernel, stride, dilation):
    """The layers of one unit: ReLU, depthwise, pointwise, batch norm."""
    padding = dilation * (kernel // 2)
    return [nn.ReLU(),
            nn.Conv2d(c, c, kernel, stride, padding, dilation, groups=c, bias=False),
            nn.Conv2d(c, c, 1, bias=False),
            Norm(c)]


def operation(name, c, stride):
    """A bare operation; its pools have no batch norm."""
    kernel = int(name[-1]) if name[-1].isdigit() else 0
    if name == "none":
        return Nothing(stride)
    if name == "skip_connect":
        return nn.Identity() if stride == 1 else Shrink(c, c)
    if name == "max_pool_3x3":
        return nn.MaxPool2d(kernel, stride, 1)
    if name == "avg_pool_3x3":
        return nn.AvgPool2d(kernel, stride, 1, count_include_pad=False)
    if name.startswith("dil_conv"):
        return Stack(separable(c, kernel, stride, 2))
    return Stack(separable(c, kernel, stride, 1) + separable(c, kernel, 1, 1))


def edge_operation(name, c, stride):
    """An operation as an edge holds it: the pools are followed by a batch norm."""
    op = operation(name, c, stride)
    return nn.Sequential(op, Norm(c)) if "pool" in name else op


class Edge(nn.Module):
    """Mixed edge: all operations at once, added up with the weights p (8)."""

    def __init__(self, c, stride):
        super().__init__()
        self._ops = nn.ModuleList([edge_operation(o, c, stride) for o in OPERATIONS])

    def forward(self, x, p):
        return sum(share * op(x) for share, op in zip(p, self._ops))


# ---- stems ----------------------------------------------------------------------


def convolution(c_in, c_out, stride):
    """Over all channels, with a batch norm that has scale and shift."""
    return [nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False), Norm(c_out, affine=True)]


def add_stem(net, sizes):
    """Give a network the layers between images and cells; their channels."""
    c, colours = sizes.channels, sizes.image_channels
    if sizes.stem == "cifar":
        net.stem = nn.Sequential(*convolution(colours, 3 * c, 1))
        return 3 * c
    net.stem0 = nn.Sequential(*convolution(colours, c // 2, 2), nn.ReLU(),
                              *convolution(c // 2, c, 2))
    net.stem1 = nn.Sequential(nn.ReLU(), *convolution(c, c, 2))
    return c


def read_stem(net, x):
    """The two inputs of the first cell.  Zeros around images make sides that all layers
    can halve; where there is one more of them it is behind."""
    step = 4 if net.sizes.stem == "cifar" else 32
    high, wide = (-side % step for side in x.shape[2:])
    x = F.pad(x, (wide // 2, wide - wide // 2, high // 2, high - high // 2))
    if net.sizes.stem == "cifar":
        out = net.stem(x)
        return out, out
    out = net.stem0(x)
    return out, net.stem1(out)


# ---- networks -------------------------------------------------------------------


class Cell(nn.Module):
    """A cell: two inputs, `nodes` nodes that each add up edges from all states before
    them, and the nodes side by side as output.  Edges are numbered in that order."""

    def __init__(self, nodes, c_before, c_last, c, reduces, shrink_first):
        super().__init__()
        self.nodes, self.reduces = nodes, reduces
        self.preprocess0 = (Shrink if shrink_first else squeeze)(c_before, c)
        self.preprocess1 = squeeze(c_last, c)
        states = [state for node in range(nodes) for state in range(node + 2)]
        self._ops = nn.ModuleList([Edge(c, 2 if reduces and state < 2 else 1)
                                   for state in states])

    def forward(self, before, last, p):
        states = [self.preprocess0(before), self.preprocess1(last)]
        edges = iter(zip(self._ops, p))
        for _ in range(self.nodes):
            inputs = zip(list(states), edges)
            states.append(sum(edge(state, row) for state, (edge, row) in inputs))
        return torch.cat(states[2:], 1)


class SuperNet(nn.Module):
    """The network that is searched in, with one branch or with two.

    Two branches share all but the last cell: `cells.<last>` is the conventional one,
    `cell_rb` the re-balancing one.  One classifier reads both features side by side.
    """

    def __init__(self, sizes, two_branch=False):
        super().__init__()
        self.sizes, self.two_branch = sizes, two_branch
        c, width = sizes.channels, add_stem(self, sizes)
        self.cells, inputs = nn.ModuleList(), (width, width)
        shrunk = sizes.stem == "imagenet"
        for index in range(sizes.cells):
            reduces = index in (sizes.cells // 3, 2 * sizes.cells // 3)
            c = 2 * c if reduces else c
            plan = (sizes.nodes, *inputs, c, reduces, shrunk)
            self.cells.append(Cell(*plan))
            inputs, shrunk = (inputs[1], sizes.nodes * c), reduces
        if two_branch:
            self.cell_rb = Cell(*plan)
        self.classifier = nn.Linear(inputs[1] * (2 if two_branch else 1), sizes.classes)

    def features(self, x, alphas, last_cell=None):
        """Pooled output of the last cell: (n, features)."""
        tables = [F.softmax(a, 1) for a in alphas]
        before, last = read_stem(self, x)
        for cell in [*self.cells[:-1], last_cell or self.cells[-1]]:
            before, last = last, cell(before, last, tables[cell.reduces])
        return last.mean((2, 3))

    def branch(self, x, alphas, groups, last_cell=None):
        """One pass of one branch, group by group."""
        out = [self.features(part, alphas, last_cell) for part in x.chunk(groups)]
        close_pass(self)
        return torch.cat(out)

    def forward(self, x, alphas, groups=1):
        """Logits of x (n, c, h, w): plain network, or both branches at m = 1/2."""
        if self.two_branch:
            return self.mixed(x, x, 0.5, alphas, groups)
        return self.classifier(self.branch(x, alphas, groups))

    def mixed(self, x_c, x_r, m, alphas, groups=1):
        """Logits of pairs; the conventional branch runs first, features are doubled so
        that m = 1/2 leaves them as they are."""
        conventional = self.branch(x_c, alphas, groups)
        rebalancing = self.branch(x_r, alphas, groups, self.cell_rb)
        return self.classifier(
            torch.cat([2 * m * conventional, 2 * (1 - m) * rebalancing], 1))


def loss_of(net, alphas, batch, groups=1):
    """Cross-entropy of a batch: (x, y), or with two branches (xc, yc, xr, yr, m)."""
    if not net.two_branch:
        x, y = batch
        return F.cross_entropy(net(x, alphas, groups), y)
    x_c, y_c, x_r, y_r, m = batch
    logits = net.mixed(x_c, x_r, m, alphas, groups)
    return m * F.cross_entropy(logits, y_c) + (1 - m) * F.cross_entropy(logits, y_r)


# ---- genotypes ------------------------------------------------------------------


def derive_cell(alphas):
    """The two strongest edges of each node as [(operation, state), …], stronger first.

    An edge is as strong as its best operation other than `none`; Python's max and
    sorted keep the first of equals, which are the earlier operation and lower edge.
    """
    rows = F.softmax(alphas.detach().double(), 1)[:, 1:].tolist()
    pairs, first = [], 0
    while first < len(rows):
        inputs = len(pairs) // 2 + 2
        best = [max(range(7), key=row.__getitem__)
                for row in rows[first:first + inputs]]
        order = sorted(range(inputs), key=lambda s: -rows[first + s][best[s]])
        pairs += [(OPERATIONS[1 + best[s]], s) for s in order[:2]]
        first += inputs
    return pairs


def genotype(alphas):
    """Both cells in the Python form of the DARTS code base."""
    normal, reduce = (derive_cell(a) for a in alphas)
    concat = f"range(2, {len(normal) // 2 + 2})"
    return (f"Genotype(normal={normal}, normal_concat={concat}, "
            f"reduce={reduce}, reduce_concat={concat})")


# ---- search ---------------------------------------------------------------------

DEFAULTS = {"lr": 0.025, "momentum": 0.9, "weight_decay": 3e-4, "clip": 5.0,
            "arch_lr": 3e-4, "arch_beta1": 0.5, "arch_beta2": 0.999,
            "arch_weight_decay": 1e-3, "arch_eps": 1e-8, "hvp_r": 1e-2}


@contextmanager
def replaced(params, values):
    """Run with other weights, then bring back the former ones exactly."""
    kept = [p.detach().clone() for p in params]
    with torch.no_grad():
        for p, value in zip(params, values):
            p.copy_(value)
    yield
    with torch.no_grad():
        for p, value in zip(params, kept):
            p.copy_(value)


class Search:
    """The bilevel search: steps of the architecture and of the weights in turn."""

    def __init__(self, net, alphas, second_order=False, groups=1, **settings):
        self.net, self.alphas = net.train(), alphas
        self.second_order, self.groups = second_order, groups
        self.settings = s = {**DEFAULTS, **settings}
        self.weights = list(net.parameters())
        self.sgd = torch.optim.SGD(self.weights, s["lr"], s["momentum"],
                                   weight_decay=s["weight_decay"])
        self.adam = torch.optim.Adam(alphas, s["arch_lr"], eps=s["arch_eps"],
                                     betas=(s["arch_beta1"], s["arch_beta2"]),
                                     weight_decay=s["arch_weight_decay"])

    def loss(self, batch):
        """Loss at the present weights and alphas."""
        return loss_of(self.net, self.alphas, batch, self.groups)

    def set_lr(self, lr, arch_lr):
        """Learning rates of the steps to come."""
        self.settings["lr"] = self.sgd.param_groups[0]["lr"] = lr
        self.adam.param_groups[0]["lr"] = arch_lr

    def first_order_gradient(self, valid):
        """Gradient of the validation loss at the present weights: (loss, gradients)."""
        loss = self.loss(valid)
        settle(self.net)
        return loss.item(), grad(loss, self.alphas)

    def second_order_gradient(self, train, valid):
        """Gradient of the validation loss through one step of the weights (DARTS,
        equations 6 to 8; momentum and weight decay are in that step, clipping is not).

        The passes over the training batch count in the running statistics, that at the
        unrolled weights does not.
        """
        loss = self.loss(train)
        settle(self.net)
        with replaced(self.weights, self.unrolled(grad(loss, self.weights))):
            loss = self.loss(valid)
            forget(self.net)
            direct, v = split(grad(loss, [*self.alphas, *self.weights]), 2)
        eps = self.settings["hvp_r"] / joint_norm(v)
        plus, minus = (self.arch_gradient_at(sign * eps, v, train) for sign in (1, -1))
        lr = self.settings["lr"]
        return loss.item(), [d - lr * (p - m) / (2 * eps)
                             for d, p, m in zip(direct, plus, minus)]

    def unrolled(self, gradient):
        """The weights after one more step of SGD."""
        lr, momentum = self.settings["lr"], self.settings["momentum"]
        decay, out = self.settings["weight_decay"], []
        for w, g in zip(self.weights, gradient):
            velocity = self.sgd.state[w].get("momentum_buffer", torch.zeros_like(w))
            out.append(w.detach() - lr * (momentum * velocity + g + decay * w.detach()))
        return out

    def arch_gradient_at(self, distance, direction, train):
        """Architecture gradient of the training loss at w + distance·direction."""
        moved = [w.detach() + distance * d for w, d in zip(self.weights, direction)]
        with replaced(self.weights, moved):
            loss = self.loss(train)
            settle(self.net)
            return grad(loss, self.alphas)

    def arch_step(self, train, valid):
        """One step of Adam on the alphas: (loss, gradients)."""
        if self.second_order:
            loss, gradient = self.second_order_gradient(train, valid)
        else:
            loss, gradient = self.first_order_gradient(valid)
        for alpha, g in zip(self.alphas, gradient):
            alpha.grad = g
        self.adam.step()
        return loss, gradient

    def weight_step(self, train):
        """One clipped step of SGD on the weights: (loss, norm before clipping)."""
        loss = self.loss(train)
        settle(self.net)
        for w, g in zip(self.weights, grad(loss, self.weights)):
            w.grad = g
        norm = nn.utils.clip_grad_norm_(self.weights, self.settings["clip"])
        self.sgd.step()
        return loss.item(), norm.item()


def split(values, n):
    """The first n, and the others."""
    return values[:n], values[n:]


def joint_norm(tensors):
    """Euclidean norm over all tensors."""
    return torch.stack([t.norm() for t in tensors]).norm()
