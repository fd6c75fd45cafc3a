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

import h5py
import numpy as np
import torch

import vector_cases as cases
import vector_tables

DISTURBED_RUNS = 4
LONGEST = 1024          # numbers of a gradient that are all stored
DRAWS = 60              # then the best draw so far is taken


# ---- condition ------------------------------------------------------------------


def evaluate(case, dtype=torch.float64, disturbance=None):
    """Results of a case as float64 arrays."""
    results = case.compute(cases.tensors(case.inputs, dtype, disturbance))
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
        worst = worst_deviation(case, exact, min(limit, best[0]) if best else limit)
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
                print(f"{path.name} {case.path}: draw {attempt}, worst {worst:.1e}",
                      flush=True)
            group = file.create_group(case.path)
            for name, value in {**case.attributes, "attempt": attempt}.items():
                group.attrs[name] = typed(value)
            for name, value in case.inputs.items():
                store(group, name, value, known)
            for name, value in packed(exact).items():
                store_result(group, name, value, known)


def store_result(group, name, value, known):
    """A result; of a long gradient the first rows, and sum and norm of the whole."""
    if "grads/" not in name or value.size <= LONGEST:
        store(group, name, compact(value), known)
        return
    rows = compact(value[:max(1, LONGEST // value[0].size)])
    data = group.create_dataset(name, data=rows, chunks=rows.shape, compression=9,
                                shuffle=True)
    data.attrs["full_shape"] = np.array(value.shape, np.int32)
    data.attrs["full_sum"] = value.sum()
    data.attrs["full_norm"] = np.linalg.norm(value)


def compact(value):
    """Longer results are stored as float32, far finer than what is asked of them."""
    long = value.dtype == np.float64 and value.size >= 16
    return value.astype(np.float32) if long else value


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
    """One dataset; larger ones are compressed, or linked where they are known."""
    key = (value.dtype, value.shape, value.tobytes())
    if value.size >= 64 and key in known:
        group[name] = known[key]
        return
    squeezed = {}
    if value.size >= 128:
        squeezed = {"chunks": value.shape, "compression": 9, "shuffle": True}
    known[key] = group.create_dataset(name, data=value, dcpl=without_attributes(),
                                      **squeezed)


def without_attributes():
    """Creation properties that keep no room free for attributes, some 150 bytes a
    dataset; h5py lacks the call, the HDF5 library that it is linked with has it."""
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    hint = getattr(ctypes.CDLL(h5py.h5p.__file__), "H5Pset_dset_no_attrs_hint", None)
    if hint:
        hint(ctypes.c_int64(properties.id), ctypes.c_bool(True))
    return properties


# ---- all files ------------------------------------------------------------------

HDF5 = {    # name: makers of cases, limit of the deviation
    "ops.h5": (cases.op_cases, 1e-5),
    "mixed_op.h5": (cases.edge_cases, 1e-5),
    "supernet.h5": (cases.supernet_cases, 1e-4),
    "derived.h5": (cases.derived_cases, 1e-4),
    "search_first.h5": (cases.first_order_cases, 1e-3),
    "search_second.h5": (cases.second_order_cases, 1e-3),
    "search_bbn.h5": (cases.two_branch_cases, 1e-3),
    "search_groups.h5": (cases.grouped_cases, 1e-3),
}
JSON = {
    "genotypes.json": vector_tables.genotypes,
    "schedules.json": vector_tables.schedules,
    "longtail.json": vector_tables.longtail,
    "losses.json": vector_tables.losses,
    "sums.json": vector_tables.sums,
}


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
