"""The golden vectors that are tables: genotypes, schedules, long tails, losses,
order-free sums."""

import numpy as np
import torch

import darts
import tables
from vector_cases import gaussian, generator

def shortest(values):
    """float32 numbers as the shortest decimals that read back as them."""
    return [shortest(v) for v in values] if np.ndim(values) else float(str(values))


def genotype_cases():
    """(name, alphas (2, 14, 8)): at several scales, led by none, and with ties."""
    rng = generator("genotypes")
    for k in range(16):
        scale = (0.001, 0.05, 1.0, 4.0)[k % 4]
        yield f"random_{k}", scale * rng.standard_normal((2, 14, 8))
    for k in range(4):
        lifted = rng.standard_normal((2, 14, 8))
        lifted[..., 0] += 1 + 2 * k
        yield f"none_leads_{k}", lifted
    yield "tie_everything", np.zeros((2, 14, 8))
    yield "tie_edges", np.broadcast_to(rng.standard_normal((2, 1, 8)), (2, 14, 8))
    tied = rng.standard_normal((2, 14, 8))
    tied[..., 2:8:2] = 3.0
    yield "tie_operations", tied
    kinds = rng.standard_normal((2, 8))
    yield "tie_two_kinds_of_edges", kinds[rng.randint(0, 2, (2, 14))]


def genotypes():
    """Alphas and what they stand for."""
    cases = []
    for name, pair in genotype_cases():
        short = [float(f"{v:.4g}") for v in pair.flat]
        pair = np.array(short, np.float32).reshape(2, 14, 8)
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
            values = [0.0 if e < first else
                      tables.scheduled(shape, e, epochs, **settings) for e in out["T"]]
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
          ("unsorted", [3, 812, 60, 60, 5000], 4, 1.0),
          ("far_apart", [10, 2000], 4, 60.0)]


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


def sums():
    """Rows of terms, and the sums of their columns in multiples of 2^-36."""
    rng, cases = generator("sums"), []
    wide = rng.standard_normal((6, 5)) * 10.0 ** rng.randint(-9, 4, (6, 5))
    halves = (np.arange(20.0).reshape(4, 5) - 9.5) * 2.0 ** -36
    large = 1e5 + 4e5 * np.abs(rng.standard_normal((5, 4)))
    for name, rows in (("wide", wide), ("halves", halves), ("too_large", large)):
        rows = rows.astype(np.float32)
        parts = [[tables.units(x) for x in column] for column in rows.T]
        fits = all(sum(map(abs, column)) <= 2 ** 53 for column in parts)
        cases.append({"name": name, "fits": int(fits), "terms": shortest(rows),
                      **({"units": [sum(column) for column in parts]} if fits else {}),
                      "sum": [tables.rounded_once(sum(column)) for column in parts]})
    return {"bits": tables.UNIT, "limit": 2 ** (53 - tables.UNIT), "cases": cases}
