#!/usr/bin/python3
"""Write the golden vectors: make_vectors.py [--out DIR] [--only NAME …] [--errors]

The layouts are described in tests/golden/README.md.  Inputs are float32 (drawn by NumPy
from fixed seeds), results float64.  A case is drawn again until it is well conditioned:
ReLU and max pooling bend, and where a value lies within rounding of such a bend two
correct programs may part.  So a float32 run and a few float64 runs with slightly
disturbed inputs have to stay close to the exact run.
"""

import argparse
import ctypes
import json
import pathlib
import zlib
from collections import namedtuple

import h5py
import numpy as np
import torch
from torch.autograd import grad
from torch.nn import functional as F

import darts
import tables

Case = namedtuple("Case", "path attributes inputs compute")

STEPS = 4               # steps of a search
MIXING = [1.0, 0.7, 0.5, 0.2]
DISTURBANCE = 3e-7      # relative, of the inputs, in the runs that test the condition
DISTURBED_RUNS = 4
DRAWS = 60              # then the best draw so far is taken

SupernetSizes = namedtuple("SupernetSizes", "net height width images")


def sizes(channels, cells, nodes, classes, image, images):
    """Sizes of a network and its batch; image is (channels, height, width)."""
    net = darts.Sizes(channels, cells, nodes, classes, image[0])
    return SupernetSizes(net, image[1], image[2], images)


OP_SHAPES = {1: [(2, 5, 6, 6), (1, 18, 4, 8)], 2: [(3, 6, 4, 8), (1, 18, 6, 6)]}
EDGE_SHAPES = {1: [(2, 5, 6, 6), (1, 18, 4, 4)], 2: [(2, 6, 8, 4), (1, 18, 6, 6)]}
SUPERNETS = [sizes(2, 3, 3, 7, (3, 12, 12), 3), sizes(3, 4, 1, 10, (1, 8, 12), 4)]
FIRST = [(sizes(2, 3, 2, 10, (3, 8, 12), 3), {"lr": 0.05, "momentum": 0.8,
                                              "arch_lr": 1e-3, "arch_beta1": 0.6})]
SECOND = [(sizes(3, 3, 1, 4, (1, 12, 12), 4), {"weight_decay": 0.1})]
TWO_BRANCH = [(sizes(2, 3, 2, 6, (3, 8, 8), 4), {"arch_weight_decay": 0.01})]
GROUPED = sizes(2, 3, 1, 5, (1, 8, 8), 3)


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
        if few_bits:
            value = rounded(value, 3)
        weights[prefix + name] = value.astype(np.float32)
    return weights


def rounded(value, bits):
    """Numbers with so many bits behind the leading one."""
    mantissa, exponent = np.frexp(np.asarray(value, np.float64))
    return np.ldexp(np.rint(np.ldexp(mantissa, bits + 1)), exponent - bits - 1)


def drawn_batches(rng, size, *lead):
    """Images and labels with the leading axes given."""
    lead = (*lead[:-1], lead[-1] * size.images) if lead else (size.images,)
    x = gaussian(rng, *lead, size.net.image_channels, size.height, size.width)
    return x, rng.randint(0, size.net.classes, lead).astype(np.int32)


def drawn_alphas(rng, nodes, scale):
    """Both tables."""
    shape = (darts.edge_count(nodes), 8)
    return {key: gaussian(rng, *shape, scale=scale)
            for key in ("alphas_normal", "alphas_reduce")}


# ---- computing ------------------------------------------------------------------


def tensors(inputs, dtype, disturbance=None):
    """Inputs as tensors: float32 arrays in the type asked for and perhaps disturbed,
    labels as integers, float64 arrays (settings) as they are."""
    out = {}
    for name, value in inputs.items():
        if value.dtype == np.int32:
            out[name] = torch.from_numpy(value.astype(np.int64))
        elif value.dtype == np.float64:
            out[name] = value.tolist()
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
    named += [(name, darts.edge_operation) for name in darts.OPERATIONS if "pool" in name]
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
    inputs = {"x": gaussian(rng, *shape), "gy": gaussian(rng, n, c, h // stride, w // stride)}
    inputs.update(drawn_weights(generator("ops " + where, attempt), build(name, c, stride),
                                "w:"))

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
    inputs = {"x": gaussian(rng, *shape), "gy": gaussian(rng, n, c, h // stride, w // stride),
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
    return (f"c{net.channels}_l{net.cells}_{net.image_channels}x{size.height}x{size.width}"
            f"_n{size.images}_k{net.classes}{nodes}")


def net_attributes(size):
    """The sizes as attributes."""
    net = size.net
    return {"C": net.channels, "layers": net.cells, "in_channels": net.image_channels,
            "H": size.height, "W": size.width, "N": size.images, "classes": net.classes,
            "stem_multiplier": 3, "steps": net.nodes, "multiplier": net.nodes}


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


# ---- searches -------------------------------------------------------------------


def search_cases(recipes, second_order=False, two_branch=False):
    """A search of a few steps for each (sizes, settings)."""
    for size, settings in recipes:
        yield lambda attempt, a=(size, settings, second_order, two_branch): search_case(
            attempt, *a)


def grouped_cases():
    """The three kinds of search, with two batch-norm groups."""
    for second_order, two_branch in ((False, False), (True, False), (False, True)):
        yield lambda attempt, a=(GROUPED, {}, second_order, two_branch, 2): search_case(
            attempt, *a)


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


# ---- condition ------------------------------------------------------------------


def evaluate(case, dtype=torch.float64, disturbance=None):
    """Results of a case as float64 arrays."""
    results = case.compute(tensors(case.inputs, dtype, disturbance))
    return {k: v.detach().double().numpy().copy() for k, v in results.items()}


def deviation(case, name, exact, rough):
    """Largest error against the largest value; of final weights against their change,
    of running statistics against 1 where they are smaller."""
    scale = exact
    if name.startswith("final/"):
        scale = exact - case.inputs["params/" + name[len("final/"):]]
    largest = np.abs(scale).max()
    if name.startswith("buf"):
        largest = max(1.0, largest)
    return np.abs(exact - rough).max() / (largest or 1.0)


def worst_deviation(case, exact, limit):
    """Largest deviation over the rough runs; stops early beyond the limit."""
    worst = 0.0
    runs = [(torch.float32, None)]
    runs += [(torch.float64, np.random.RandomState(k)) for k in range(DISTURBED_RUNS)]
    for dtype, disturbance in runs:
        rough = evaluate(case, dtype, disturbance)
        worst = max([worst] + [deviation(case, k, exact[k], rough[k]) for k in exact])
        if not worst <= limit:
            break
    return worst


def best_draw(maker, limit):
    """The first draw within the limit, or the best one."""
    best = None
    for attempt in range(DRAWS):
        case = maker(attempt)
        exact = evaluate(case)
        assert all(np.isfinite(v).all() for v in exact.values()), case.path
        worst = worst_deviation(case, exact, limit if best is None else min(limit, best[0]))
        if best is None or worst < best[0]:
            best = (worst, attempt, case, exact)
        if worst <= limit:
            break
    return best


# ---- files ----------------------------------------------------------------------


def write_hdf5(path, makers, limit, errors):
    """One file of cases."""
    with h5py.File(path, "w", libver=("v110", "v110")) as file:
        known = {}
        for maker in makers:
            worst, attempt, case, exact = best_draw(maker, limit)
            if errors:
                print(f"{path.name} {case.path}: draw {attempt}, worst {worst:.1e}", flush=True)
            group = file.create_group(case.path)
            for name, value in {**case.attributes, "attempt": attempt}.items():
                group.attrs[name] = typed(value)
            for name, value in case.inputs.items():
                store(group, name, value, known)
            for name, value in packed(exact).items():
                store(group, name, as_single(value) if value.size >= 16 else value, known)


def as_single(value):
    """The longer results are stored as float32, far finer than what is asked of them."""
    return value.astype(np.float32) if value.dtype == np.float64 else value


def typed(value):
    """Attributes: int32, float64 or fixed-length ASCII."""
    kinds = {int: np.int32, float: np.float64, str: np.bytes_}
    return kinds[type(value)](value)


def packed(results):
    """Running statistics as three datasets, everything else by itself."""
    own = {k: v for k, v in results.items() if not k.startswith("buffers/")}
    buffers = {k[8:]: v for k, v in results.items() if k.startswith("buffers/")}
    if buffers:
        ends = np.cumsum([0] + [v.size for v in buffers.values()])
        own["buffers/names"] = np.array([k.encode() for k in buffers])
        own["buffers/offsets"] = ends.astype(np.int32)
        own["buffers/values"] = np.concatenate(list(buffers.values()))
    return own


def store(group, name, value, known):
    """One dataset; larger ones are compressed, and linked where they are known already."""
    key = (value.dtype, value.shape, value.tobytes())
    if value.size >= 64 and key in known:
        group[name] = known[key]
        return
    squeezed = {}
    if value.size >= 128:
        squeezed = {"chunks": value.shape, "compression": 9, "shuffle": True}
    known[key] = group.create_dataset(name, data=value, dcpl=without_attributes(), **squeezed)


def without_attributes():
    """Creation properties that keep no room free for attributes, some 150 bytes a dataset;
    h5py does not offer the call, the HDF5 library that it is linked with does."""
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    library = ctypes.CDLL(h5py.h5p.__file__)
    if hasattr(library, "H5Pset_dset_no_attrs_hint"):
        library.H5Pset_dset_no_attrs_hint(ctypes.c_int64(properties.id), ctypes.c_bool(True))
    return properties


# ---- JSON -----------------------------------------------------------------------


def shortest(values):
    """float32 numbers as the shortest decimals that read back as them."""
    return [shortest(v) for v in values] if np.ndim(values) else float(str(values))


def genotype_cases():
    """(name, alphas (2, 14, 8)): at several scales, led by none, and with ties."""
    rng = generator("genotypes")
    for k in range(16):
        yield f"random_{k}", rng.standard_normal((2, 14, 8)) * (0.001, 0.05, 1, 4)[k % 4]
    for k in range(4):
        lifted = rng.standard_normal((2, 14, 8))
        lifted[..., 0] += 1 + 2 * k
        yield f"none_leads_{k}", lifted
    yield "tie_everything", np.zeros((2, 14, 8))
    yield "tie_edges", np.broadcast_to(rng.standard_normal((2, 1, 8)), (2, 14, 8))
    tied = rng.standard_normal((2, 14, 8))
    tied[..., 2:8:2] = 3.0
    yield "tie_operations", tied
    yield "tie_two_kinds_of_edges", rng.standard_normal((2, 8))[rng.randint(0, 2, (2, 14))]


def genotypes():
    """Alphas and what they stand for."""
    cases = []
    for name, pair in genotype_cases():
        pair = np.array([float(f"{v:.4g}") for v in pair.flat], np.float32).reshape(2, 14, 8)
        cases.append({"name": name, "alphas_normal": shortest(pair[0]),
                      "alphas_reduce": shortest(pair[1]),
                      "genotype": darts.genotype(torch.from_numpy(pair))})
    return {"primitives": darts.OPERATIONS, "steps": 4, "multiplier": 4, "cases": cases}


SCHEDULES = {
    "learning_rate": {
        "cosine": ("cosine", {"start": 0.1, "minimum": 0.002}),
        "linear": ("linear", {"start": 0.1, "minimum": 0.002}),
        "step": ("step", {"start": 0.05, "gamma": 0.3, "every": 7}),
        "exponential": ("exponential", {"start": 0.05, "gamma": 0.9}),
        "constant": ("constant", {"start": 0.05}),
    },
    "bbn_mixing": {
        "parabolic_decay": ("parabolic", {}),
        "linear_decay": ("linear", {}),
        "cosine_decay": ("quarter_cosine", {}),
        "equal": ("constant", {"start": 0.5}),
        "parabolic_increment": ("rising", {}),
    },
    "arch_lr_factor": {
        "constant": ("constant", {}),
        "parabolic": ("parabolic", {}),
        "linear": ("linear", {}),
        "cosine": ("cosine", {}),
        "exponential": ("exponential", {"gamma": 0.9}),
        "frozen": ("constant", {"warmup": 9}),
    },
}


def schedules(epochs=24):
    """Values of every schedule, epoch after epoch; `warmup` of frozen counts the epochs
    without an architecture step."""
    out = {"Tmax": epochs, "T": list(range(epochs + 1))}
    for table, rows in SCHEDULES.items():
        out[table] = {}
        for name, (shape, parameters) in rows.items():
            settings = dict(parameters)
            first = settings.pop("warmup", 0)
            settings["end"] = settings.pop("minimum", 0.0)
            values = [tables.scheduled(shape, e, epochs, **settings) if e >= first else 0.0
                      for e in out["T"]]
            shown = {} if table == "bbn_mixing" else parameters
            out[table][name] = {"parameters": shown, "values": values}
    return out


def longtail():
    """Counts of profiles, and the probabilities of samplers."""
    profiles = [{"kind": kind, "classes": k, "n_max": n, "imbalance": factor,
                 "counts": tables.long_tail(kind, k, n, factor)}
                for kind in ("exponential", "step")
                for k, n in ((10, 6000), (10, 5000), (7, 431), (40, 900))
                for factor in (10, 50, 100, 150)]
    counts = tables.long_tail("exponential", 10, 1000, 50)
    return {"profiles": profiles,
            "samplers": {"counts": counts,
                         **{kind: tables.class_probabilities(kind, counts).tolist()
                            for kind in tables.SAMPLERS}}}


LOSSES = [("few_classes", [900, 40, 7], 5, 1.0), ("ten_classes", None, 6, 2.0),
          ("unsorted", [3, 812, 60, 60, 5000], 4, 1.0), ("far_apart", [10, 2000], 4, 60.0)]


def losses():
    """Cross-entropies with every kind of class weights."""
    rng, cases = generator("losses"), []
    for name, counts, n, scale in LOSSES:
        counts = counts or tables.long_tail("exponential", 10, 5000, 100)
        logits = gaussian(rng, n, len(counts), scale=scale)
        labels = np.append([0, len(counts) - 1], rng.randint(0, len(counts), n - 2))
        kinds = {kind: tables.class_weights(kind, counts) for kind in tables.WEIGHTINGS}
        found = {"cross_entropy": {"mean": loss_entry(logits, labels, None, "mean")}}
        for kind, weights in kinds.items():
            found["weighted_ce_" + kind.replace("_0.9999", "")] = {
                reduction: loss_entry(logits, labels, weights, reduction)
                for reduction in ("mean", "weighted_mean")}
        cases.append({"name": name, "counts": counts, "labels": labels.tolist(),
                      "logits": shortest(logits), "losses": found,
                      "class_weights": {k: w.tolist() for k, w in kinds.items()}})
    return {"cases": cases}


def loss_entry(logits, labels, weights, reduction):
    """Value and gradient for a JSON file."""
    value, gradient = tables.cross_entropy(logits, labels, weights, reduction)
    return {"value": float(value), "grad": gradient.tolist()}


# ---- all files ------------------------------------------------------------------

HDF5 = {
    "ops.h5": (op_cases, 1e-5),
    "mixed_op.h5": (edge_cases, 1e-5),
    "supernet.h5": (supernet_cases, 1e-4),
    "search_first.h5": (lambda: search_cases(FIRST), 1e-3),
    "search_second.h5": (lambda: search_cases(SECOND, second_order=True), 1e-3),
    "search_bbn.h5": (lambda: search_cases(TWO_BRANCH, two_branch=True), 1e-3),
    "search_groups.h5": (grouped_cases, 1e-3),
}
JSON = {"genotypes.json": genotypes, "schedules.json": schedules, "longtail.json": longtail,
        "losses.json": losses}


def main():
    """Write what was asked for."""
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--out", type=pathlib.Path, default=here.parent / "golden")
    parser.add_argument("--only", nargs="+", default=[*HDF5, *JSON], help="file names")
    parser.add_argument("--errors", action="store_true",
                        help="print each case's draw and largest deviation")
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.only:
        if name in HDF5:
            makers, limit = HDF5[name]
            write_hdf5(options.out / name, makers(), limit, options.errors)
        else:
            text = json.dumps(JSON[name](), separators=(",", ":"))
            (options.out / name).write_text(text + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
