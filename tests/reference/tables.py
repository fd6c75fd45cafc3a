"""Schedules, long tails, samplers, class weights and the weighted cross-entropy.

NumPy at most, float64; the formulas are those of taildart's keys, so that a table can
be checked by reading it beside the manual.
"""

import math
from fractions import Fraction

import numpy as np

# ---- schedules: value = end + (start - end) * shape(t), t = epoch / epochs ----------

SHAPES = {
    "constant": lambda t: 1.0,
    "linear": lambda t: 1.0 - t,
    "rising_linear": lambda t: t,
    "cosine": lambda t: 0.5 * (1.0 + math.cos(math.pi * t)),
    "quarter_cosine": lambda t: math.cos(0.5 * math.pi * t),
    "parabolic": lambda t: 1.0 - t * t,
    "rising": lambda t: t * t,
    "tent": lambda t: 1.0 - abs(2.0 * t - 1.0),
    "symmetric": lambda t: 4.0 * t * (1.0 - t),
}


def scheduled(shape, epoch, epochs, start=1.0, end=0.0, gamma=1.0, every=1, warmup=0):
    """Value of a schedule in an epoch, counted from 0."""
    if shape == "exponential":
        value = start * gamma ** epoch
    elif shape == "step":
        value = start * gamma ** (epoch // every)
    else:
        value = end + (start - end) * SHAPES[shape](epoch / epochs)
    return value * min(1.0, (epoch + 1) / warmup) if warmup else value


# ---- long tail ------------------------------------------------------------------


def long_tail(kind, classes, largest, imbalance):
    """Images that each class keeps (Cao et al. 2019, LDAM): `exponential` falls evenly
    on a log scale, `step` has a head and a tail of classes//2."""
    if kind == "exponential":
        shares = [(1.0 / imbalance) ** (c / (classes - 1)) for c in range(classes)]
    else:
        shares = [1.0 if c < classes // 2 else 1.0 / imbalance for c in range(classes)]
    return [math.floor(largest * share) for share in shares]


# ---- samplers and class weights -------------------------------------------------

SAMPLERS = {
    "instance": lambda n: n,
    "class_balanced": lambda n: n ** 0.0,
    "square_root": lambda n: n ** 0.5,
    "reversed": lambda n: n.max() / n,
}

WEIGHTINGS = {
    "inverse": lambda n: 1.0 / n,
    "inverse_sqrt": lambda n: n ** -0.5,
    "effective_0.9999": lambda n: (1.0 - 0.9999) / (1.0 - 0.9999 ** n),
}


def class_probabilities(sampler, counts):
    """How often each class is drawn."""
    p = SAMPLERS[sampler](np.array(counts, np.float64))
    return p / p.sum()


def class_weights(kind, counts):
    """Weights with mean 1."""
    w = WEIGHTINGS[kind](np.array(counts, np.float64))
    return w / w.mean()


# ---- loss -----------------------------------------------------------------------


def cross_entropy(logits, labels, weights, reduction):
    """Weighted cross-entropy of logits (n, k) and its gradient.  `mean` divides by n,
    `weighted_mean` by the sum of the weights of the labels."""
    z = np.array(logits, np.float64)
    z -= z.max(1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
    rows = np.arange(len(labels))
    w = np.ones(len(labels)) if weights is None else weights[labels]
    share = w / (w.sum() if reduction == "weighted_mean" else len(w))
    gradient = np.exp(log_p)
    gradient[rows, labels] -= 1.0
    return -(share * log_p[rows, labels]).sum(), share[:, None] * gradient


# ---- sums that depend on no order -----------------------------------------------

UNIT = 36    # terms are multiples of 2^-36


def units(term):
    """A term in such multiples, a half to the even one."""
    return round(Fraction(float(term)) * 2 ** UNIT)


def rounded_once(total):
    """total multiples as a float32, a half to the even one."""
    drop = max(abs(total).bit_length() - 24, 0)
    kept = round(Fraction(abs(total), 2 ** drop))
    return math.copysign(float(kept * Fraction(2) ** (drop - UNIT)), total) if total else 0.0
