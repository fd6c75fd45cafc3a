"""The cases of the golden vectors: what is drawn, and what is computed from it.

A maker takes the number of the attempt and gives a Case: its path and attributes in the
file, its drawn inputs, and a function from inputs (as tensors) to results.
"""

import zlib
from collections import namedtuple

import numpy as np
import torch
from torch.autograd import grad
from torch.nn import functional as F

import darts
import derived

Case = namedtuple("Case", "path attributes inputs compute")

STEPS = 4               # steps of a search
MIXING = [1.0, 0.7, 0.5, 0.2]
LARGE = 1 << 16         # numbers of a tensor
LARGE_IMAGE = 1 << 14   # pixels
DISTURBANCE = 3e-7      # relative, of inputs that are disturbed on purpose

SupernetSizes = namedtuple("SupernetSizes", "net height width images")


def sizes(channels, cells, nodes, classes, image, images, stem="cifar"):
    """Sizes of a network and its batch; image is (channels, height, width)."""
    net = darts.Sizes(channels, cells, nodes, classes, image[0], stem)
    return SupernetSizes(net, image[1], image[2], images)


OP_SHAPES = {1: [(2, 5, 6, 6), (1, 18, 4, 8)], 2: [(3, 6, 4, 8), (1, 18, 6, 6)]}
EDGE_SHAPES = {1: [(2, 5, 6, 6), (1, 18, 4, 4)], 2: [(2, 6, 8, 4), (1, 18, 6, 6)]}
SUPERNETS = [sizes(2, 3, 3, 7, (3, 12, 12), 3), sizes(3, 4, 1, 10, (1, 8, 12), 4),
             sizes(2, 3, 1, 3, (1, 40, 33), 3, "imagenet")]
FIRST = [(sizes(2, 3, 2, 10, (3, 8, 12), 3), {"lr": 0.05, "momentum": 0.8,
                                              "arch_lr": 1e-3, "arch_beta1": 0.6})]
SECOND = [(sizes(3, 3, 1, 4, (1, 12, 12), 4), {"weight_decay": 0.1})]
TWO_BRANCH = [(sizes(2, 3, 2, 6, (3, 8, 8), 4), {"arch_weight_decay": 0.01})]
GROUPED = sizes(2, 3, 1, 5, (1, 8, 8), 3)

# All operations in both cells, at either stride; and a network of two nodes.
DERIVED = {
    "every": (sizes(2, 4, 4, 5, (3, 36, 36), 4), derived.Genotype(
        normal=[("sep_conv_3x3", 0), ("max_pool_3x3", 1), ("skip_connect", 0),
                ("sep_conv_5x5", 2), ("dil_conv_3x3", 1), ("avg_pool_3x3", 3),
                ("dil_conv_5x5", 4), ("skip_connect", 2)],
        reduce=[("skip_connect", 1), ("avg_pool_3x3", 0), ("dil_conv_5x5", 0),
                ("sep_conv_3x3", 1), ("max_pool_3x3", 1), ("skip_connect", 3),
                ("sep_conv_5x5", 0), ("dil_conv_3x3", 2)])),
    "two_nodes": (sizes(3, 5, 2, 3, (1, 32, 40), 5), derived.Genotype(
        normal=[("skip_connect", 1), ("sep_conv_3x3", 0),
                ("dil_conv_3x3", 2), ("avg_pool_3x3", 1)],
        reduce=[("max_pool_3x3", 0), ("skip_connect", 1),
                ("sep_conv_5x5", 1), ("max_pool_3x3", 2)])),
}
DERIVED["large"] = (sizes(2, 3, 2, 3, (1, 195, 224), 3, "imagenet"),
                    DERIVED["two_nodes"][1])
AUXILIARY_WEIGHT, DROP_PROBABILITY = 0.4, 0.3


# ---- drawing --------------------------------------------------------------------


def generator(purpose, attempt=0):
    """Random numbers of their own for every purpose and attempt."""
    return np.random.RandomState([20, attempt, zlib.crc32(purpose.encode())])


def gaussian(rng, *shape, scale=1.0):
    """Normally distributed float32 numbers."""
    return (scale * rng.standard_normal(shape)).astype(np.float32)


def drawn_weights(rng, module, prefix, few_bits=True):
    """Float32 weights of a module under prefix + name: uniform within 1/sqrt(fan_in),
    scales near 1, biases near 0; with few bits, which makes a file smaller."""
    weights = {}
    for name, p in module.named_parameters():
        if p.dim() == 1:
            value = float(name.endswith("weight")) + rng.uniform(-0.3, 0.3, p.shape)
        else:
            bound = p[0].numel() ** -0.5
            value = rng.uniform(-bound, bound, p.shape)
        if few_bits and p.numel() > LARGE:
            value = coarse(p.shape, bound)
        elif few_bits:
            value = rounded(value, 3)
        weights[prefix + name] = value.astype(np.float32)
    return weights


def coarse(shape, bound):
    """Three different numbers, the same in all cases: these arrays fill most of a file,
    and are stored once."""
    step = 2.0 ** np.floor(np.log2(bound))
    value = generator(f"coarse {tuple(shape)}").uniform(-bound, bound, shape)
    return step * np.rint(value / step)


def rounded(value, bits):
    """Numbers with so many bits behind the leading one."""
    mantissa, exponent = np.frexp(np.asarray(value, np.float64))
    return np.ldexp(np.rint(np.ldexp(mantissa, bits + 1)), exponent - bits - 1)


def drawn_batches(rng, size, *lead):
    """Images and labels with the leading axes given."""
    lead = (*lead[:-1], lead[-1] * size.images) if lead else (size.images,)
    x = gaussian(rng, *lead, size.net.image_channels, size.height, size.width)
    if size.height * size.width > LARGE_IMAGE:
        x = np.rint(x).clip(-2, 2)      # which a file holds in less
    return x, rng.randint(0, size.net.classes, lead).astype(np.int32)


def drawn_alphas(rng, nodes, scale):
    """Both tables."""
    shape = (darts.edge_count(nodes), 8)
    return {key: gaussian(rng, *shape, scale=scale)
            for key in ("alphas_normal", "alphas_reduce")}


# ---- computing ------------------------------------------------------------------


def tensors(inputs, dtype, disturbance=None):
    """Inputs as tensors: float32 arrays in the type asked for and perhaps disturbed,
    labels as integers, masks of 0 and 1 as they are, float64 arrays (settings), too."""
    out = {}
    for name, value in inputs.items():
        if value.dtype == np.int32:
            out[name] = torch.from_numpy(value.astype(np.int64))
        elif value.dtype == np.float64:
            out[name] = value.tolist()
        elif value.dtype == np.uint8:
            out[name] = torch.from_numpy(value).to(dtype)
        else:
            out[name] = torch.from_numpy(value.copy()).to(dtype)
            if disturbance is not None:
                noise = torch.from_numpy(disturbance.standard_normal(value.shape))
                out[name] *= 1.0 + DISTURBANCE * noise
    return out


def filled(module, values, prefix):
    """The module in training mode with the weights drawn for it."""
    given = {k[len(prefix):]: v for k, v in values.items() if k.startswith(prefix)}
    module.to(next(v.dtype for v in values.values()
                   if torch.is_tensor(v) and v.is_floating_point()))
    missing, unknown = module.load_state_dict(given, strict=False)
    assert not unknown and all("running" in name for name in missing)
    return module.train()


def leaves(values, *names):
    """Named inputs as tensors to differentiate by."""
    return [values[name].requires_grad_() for name in names]


def parameters(module, prefix):
    """Names with prefix, and tensors."""
    pairs = list(module.named_parameters())
    return [prefix + name for name, _ in pairs], [p for _, p in pairs]


def statistics(module, prefix):
    """Settled running statistics."""
    darts.settle(module)
    return {prefix + name: b.clone() for name, b in module.named_buffers()}


# ---- operations and edges -------------------------------------------------------


def op_cases():
    """Each operation at both strides; pools once more with their batch norm."""
    named = [(name, darts.operation) for name in darts.OPERATIONS]
    named += [(name, darts.edge_operation) for name, _ in named if "pool" in name]
    for name, build in named:
        label = name + ("_bn" if build is darts.edge_operation else "")
        for stride, shapes in OP_SHAPES.items():
            for shape in shapes:
                yield lambda attempt, a=(label, name, build, stride, shape): op_case(
                    attempt, *a)


def shape_label(n, c, h, w):
    """n2c5h8, with the width only where it differs."""
    return f"n{n}c{c}h{h}" + (f"w{w}" if w != h else "")


def op_case(attempt, label, name, build, stride, shape):
    """One operation, forward and backward."""
    n, c, h, w = shape
    where = f"{label}/s{stride}/{shape_label(*shape)}"
    rng = generator("ops " + shape_label(*shape), attempt)
    inputs = {"x": gaussian(rng, *shape),
              "gy": gaussian(rng, n, c, h // stride, w // stride)}
    rng = generator("ops " + where, attempt)
    inputs.update(drawn_weights(rng, build(name, c, stride), "w:"))

    def compute(v):
        op = filled(build(name, c, stride), v, "w:")
        (x,) = leaves(v, "x")
        names, weights = parameters(op, "gw:")
        y = op(x)
        if not y.requires_grad:
            return {"y": y, "gx": torch.zeros_like(x)}
        results = grad(y, [x, *weights], v["gy"])
        return {"y": y, **dict(zip(["gx", *names], results)), **statistics(op, "buf:")}

    return Case(where, {"primitive": label, "stride": stride}, inputs, compute)


def edge_cases():
    """Mixed edges at both strides."""
    for stride, shapes in EDGE_SHAPES.items():
        for shape in shapes:
            yield lambda attempt, a=(stride, shape): edge_case(attempt, *a)


def edge_case(attempt, stride, shape):
    """One mixed edge, by a row of alphas."""
    n, c, h, w = shape
    where = f"s{stride}/{shape_label(*shape)}"
    rng = generator("edge " + where, attempt)
    inputs = {"x": gaussian(rng, *shape),
              "gy": gaussian(rng, n, c, h // stride, w // stride),
              "alpha": gaussian(rng, 8)}
    inputs.update(drawn_weights(rng, darts.Edge(c, stride), "w:"))

    def compute(v):
        edge = filled(darts.Edge(c, stride), v, "w:")
        x, alpha = leaves(v, "x", "alpha")
        p = F.softmax(alpha, 0)
        names, weights = parameters(edge, "gw:")
        y = edge(x, p)
        results = grad(y, [x, p, alpha, *weights], v["gy"])
        return {"w": p, "y": y, **dict(zip(["gx", "gw", "galpha", *names], results)),
                **statistics(edge, "buf:")}

    return Case(where, {"stride": stride}, inputs, compute)


# ---- networks -------------------------------------------------------------------


def net_label(size):
    """c3_l3_1x12x12_n4_k5; nodes are told where they are not 4."""
    net = size.net
    nodes = "" if net.nodes == 4 else f"_nodes{net.nodes}"
    image = f"{net.image_channels}x{size.height}x{size.width}"
    return f"c{net.channels}_l{net.cells}_{image}_n{size.images}_k{net.classes}{nodes}"


def net_attributes(size):
    """The sizes as attributes."""
    net = size.net
    return {"C": net.channels, "layers": net.cells, "in_channels": net.image_channels,
            "H": size.height, "W": size.width, "N": size.images, "classes": net.classes,
            "stem_multiplier": 3 if net.stem == "cifar" else 1, "steps": net.nodes, "multiplier": net.nodes}


def supernet_cases():
    """One pass of each network."""
    for size in SUPERNETS:
        yield lambda attempt, s=size: supernet_case(attempt, s)


def supernet_case(attempt, size):
    """A training pass with all gradients, then an evaluation."""
    rng = generator("supernet " + net_label(size), attempt)
    inputs = drawn_weights(rng, darts.SuperNet(size.net), "params/")
    inputs.update(drawn_alphas(rng, size.net.nodes, 0.5))
    inputs["x"], inputs["labels"] = drawn_batches(rng, size)

    def compute(v):
        net = filled(darts.SuperNet(size.net), v, "params/")
        alphas = leaves(v, "alphas_normal", "alphas_reduce")
        names, weights = parameters(net, "grads/")
        logits = net(v["x"], alphas)
        loss = F.cross_entropy(logits, v["labels"])
        results = grad(loss, [*alphas, *weights])
        out = dict(zip(["grad_alphas_normal", "grad_alphas_reduce", *names], results))
        out.update(logits=logits, loss=loss, **statistics(net, "buffers/"))
        out["logits_eval"] = net.eval()(v["x"], alphas)
        return out

    return Case(net_label(size), net_attributes(size), inputs, compute)


# ---- derived networks -----------------------------------------------------------


def derived_cases():
    """Both classifiers of each network."""
    for name, (size, genotype) in DERIVED.items():
        yield lambda attempt, a=(name, size, genotype): derived_case(attempt, *a)


def derived_case(attempt, name, size, genotype):
    """A training pass, an evaluation after it, and a training pass with drop path."""
    where = f"{name}/{net_label(size)}"
    rng = generator("derived " + where, attempt)
    inputs = drawn_weights(rng, derived.DerivedNet(size.net, genotype), "params/")
    inputs["x"], inputs["labels"] = drawn_batches(rng, size)
    shape = (size.net.cells, 2 * size.net.nodes, size.images)
    inputs["masks"] = (rng.uniform(size=shape) >= DROP_PROBABILITY).astype(np.uint8)

    def compute(v):
        net = filled(derived.DerivedNet(size.net, genotype), v, "params/")
        out = training_pass(net, v, None, "plain/")
        statistics(net, "")
        out["logits_eval"] = net.eval()(v["x"])[0]
        factors = v["masks"] / (1 - DROP_PROBABILITY)
        return {**out, **training_pass(net.train(), v, factors, "dropped/")}

    attributes = {**net_attributes(size), "auxiliary": 1,
                  "aux_weight": AUXILIARY_WEIGHT, "drop_prob": DROP_PROBABILITY,
                  "genotype": derived.genotype_text(genotype)}
    return Case(where, attributes, inputs, compute)


def training_pass(net, v, factors, prefix):
    """Logits, loss and gradients of both classifiers."""
    names, weights = parameters(net, prefix + "grads/")
    logits, auxiliary = net(v["x"], factors)
    loss = F.cross_entropy(logits, v["labels"])
    loss = loss + AUXILIARY_WEIGHT * F.cross_entropy(auxiliary, v["labels"])
    out = dict(zip(names, grad(loss, weights)))
    out.update({prefix + "logits": logits, prefix + "logits_aux": auxiliary,
                prefix + "loss": loss})
    return out


# ---- searches -------------------------------------------------------------------


def search_cases(recipes, second_order=False, two_branch=False, groups=1):
    """A search of a few steps for each (sizes, settings)."""
    for size, settings in recipes:
        yield lambda attempt, a=(size, settings, second_order, two_branch, groups): (
            search_case(attempt, *a))


def first_order_cases():
    """Plain searches."""
    return search_cases(FIRST)


def second_order_cases():
    """Searches through one step of the weights."""
    return search_cases(SECOND, second_order=True)


def two_branch_cases():
    """Searches with a conventional and a re-balancing branch."""
    return search_cases(TWO_BRANCH, two_branch=True)


def grouped_cases():
    """The three kinds of search, with two batch-norm groups."""
    for second_order, two_branch in ((False, False), (True, False), (False, True)):
        yield from search_cases([(GROUPED, {})], second_order, two_branch, 2)


def search_label(size, settings, second_order, two_branch, groups):
    """Sizes, and what else tells a case from its neighbours."""
    label = net_label(size) + "".join(f"_{k}{v:g}" for k, v in settings.items())
    if groups > 1:
        kind = "bbn" if two_branch else "second" if second_order else "first"
        label = f"{kind}_g{groups}_{label}"
    return label


def search_case(attempt, size, settings, second_order, two_branch, groups=1):
    """A search of STEPS steps."""
    label = search_label(size, settings, second_order, two_branch, groups)
    rng = generator(f"search {second_order} {two_branch} {label}", attempt)
    inputs = drawn_weights(rng, darts.SuperNet(size.net, two_branch), "params/")
    inputs.update(drawn_alphas(rng, size.net.nodes, 0.1))
    for part in ("train", "valid"):
        for branch in ("c", "r") if two_branch else ("",):
            inputs[f"{part}_x{branch}"], inputs[f"{part}_y{branch}"] = drawn_batches(
                rng, size, STEPS, groups)
    if two_branch:
        inputs["m"], inputs["arch_factor"] = np.array(MIXING), np.array(MIXING[::-1])
    settings = {**darts.DEFAULTS, **settings}

    def compute(v):
        net = filled(darts.SuperNet(size.net, two_branch), v, "params/")
        alphas = leaves(v, "alphas_normal", "alphas_reduce")
        search = darts.Search(net, alphas, second_order, groups, **settings)
        return trajectory(search, v)

    settings["clip"] = fitting_clip(compute, inputs, settings)
    attributes = {**net_attributes(size), "search_steps": STEPS,
                  "second_order": int(second_order), **settings}
    if two_branch:
        del attributes["hvp_r"]
    if groups > 1:
        attributes["groups"] = groups
    return Case(label, attributes, inputs, compute)


def fitting_clip(compute, inputs, settings):
    """A limit between the gradient norms of a run, so that some steps are clipped."""
    settings["clip"] = float(np.inf)
    norms = np.sort(compute(tensors(inputs, torch.float32))["grad_norm"].numpy())
    return float(rounded((norms[1] * norms[2]) ** 0.5, 6))


def batch(values, part, step):
    """The batch of a step, as loss_of takes it."""
    if "m" not in values:
        return values[part + "_x"][step], values[part + "_y"][step]
    return (*(values[f"{part}_{kind}"][step] for kind in ("xc", "yc", "xr", "yr")),
            values["m"][step])


def trajectory(search, v):
    """All steps of a search, and the network it ends with."""
    rows = {key: [] for key in ("arch_loss", "arch_grads_normal", "arch_grads_reduce",
                                "alphas_normal_after", "alphas_reduce_after",
                                "weight_loss", "grad_norm")}
    base = search.settings["arch_lr"]
    for step in range(STEPS):
        factor = v["arch_factor"][step] if "m" in v else 1.0
        search.set_lr(search.settings["lr"], base * factor)
        train, valid = (batch(v, part, step) for part in ("train", "valid"))
        arch_loss, gradients = search.arch_step(train, valid)
        after = [a.detach().clone() for a in search.alphas]
        weight_loss, norm = search.weight_step(train)
        record = (arch_loss, *gradients, *after, weight_loss, norm)
        for series, value in zip(rows.values(), record):
            series.append(torch.as_tensor(value, dtype=torch.float64))
    out = {key: torch.stack(series) for key, series in rows.items()}
    out.update(zip(*parameters(search.net, "final/")))
    out.update(statistics(search.net, "buffers/"))
    out["logits_eval"] = search.net.eval()(valid[0], search.alphas)
    return out
