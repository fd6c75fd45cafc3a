#!/usr/bin/env bash
# jobs/python/taildart_run.py reads a run: metrics, cells, weights, and networks that give
# the logits of `taildart eval`.
. "$(dirname "$0")/lib.sh"

python=python3
[ ! -x /usr/bin/python3 ] || python=/usr/bin/python3     # where the packages go
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=jobs/python:tests/reference
knows() { "$python" -c "import $1" 2>/dev/null; }
knows h5py || skip_all "no python3-h5py for $python"

tiny_idx "$T/data"
pairs="normal=[('sep_conv_3x3', 1), ('skip_connect', 0), ('avg_pool_3x3', 2), ('dil_conv_5x5', 0)], normal_concat=range(2, 4), reduce=[('max_pool_3x3', 0), ('dil_conv_3x3', 1), ('skip_connect', 0), ('sep_conv_5x5', 2)], reduce_concat=range(2, 4)"
# Node 1 of both cells has one input, node 2 none, and node 3 of the normal cell that one alone.
triples="normal=[('skip_connect', 2, 0), ('sep_conv_3x3', 2, 1), ('avg_pool_3x3', 3, 2), ('dil_conv_3x3', 5, 4)], normal_concat=range(2, 6), reduce=[('max_pool_3x3', 2, 0), ('skip_connect', 3, 1)], reduce_concat=range(2, 6)"

cat >"$T/arrays.py" <<'END'
import sys
import numpy as np
import taildart_run
folder, text = sys.argv[1:]
taildart_run.torch = taildart_run.nn = None
run = taildart_run.open_run(folder)
metrics = run.metrics()
assert (metrics["epoch"] == np.arange(2)).all(), metrics["epoch"]
assert np.isfinite(metrics["train_loss"]).all() and np.isnan(metrics["valid_loss"]).all()
assert run.genotype == taildart_run.parse_genotype(text)
assert run.genotype.normal[2] == ("avg_pool_3x3", 3, 2), run.genotype
assert run.state_dict()["stem.0.weight"].shape == (18, 1, 3, 3)
assert run.class_names == ["0", "1", "2", "3"], run.class_names
assert "channels: 6" in run.config
try:
    run.network()
    raise AssertionError("a network without PyTorch")
except ImportError as error:
    assert "python3-torch" in str(error)
END
cat >"$T/logits.py" <<'END'
import sys
import h5py, numpy as np, torch
import images, taildart_run
folder, logits_of, *names = sys.argv[1:]
pixels = images.read(f"{folder}/data").test.images
for name in names:
    run = taildart_run.open_run(f"{folder}/{name}")
    with torch.no_grad():
        found = run.network()(torch.from_numpy(run.normalised(pixels))).numpy()
    wanted = h5py.File(f"{folder}/{logits_of or name}.h5")["logits"][()]
    assert found.shape == wanted.shape == (len(pixels), 4), found.shape
    difference = np.abs(found - wanted).max() / np.abs(wanted).max()
    print(name, "agrees" if difference <= 1e-5 else "differs", difference)
END
# judged NAME COMMAND…: a run, and what eval says of it.
names=()
judged() {
    local name=$1; shift
    names+=("$name")
    ok "$name: a run" taildart "$@" --data "$T/data" --batch 16 --out "$T/$name"
    ok "$name: eval" taildart eval "$T/$name/checkpoint.h5" --data "$T/data" --logits "$T/$name.h5"
}
train=(train --genotype "Genotype($pairs)" --set net.channels=6 --set net.cells=4 --epochs 1)
search=(search --set net.channels=4 --set net.cells=3 --set net.nodes=3 --epochs 1)

# ---- trainings ---------------------------------------------------------------------------

judged plain "${train[@]}" --epochs 2
cat >"$T/refusals.py" <<'END'
import pathlib, sys
import h5py, numpy as np
import taildart_run
folder = pathlib.Path(sys.argv[1])
run = taildart_run.open_run(folder / "plain")
(folder / "none").mkdir()
(folder / "text.h5").write_text("no HDF5")
h5py.File(folder / "other.h5", "w").close()
(folder / "copy.h5").write_bytes(run.path.read_bytes())
with h5py.File(folder / "copy.h5", "r+") as file:
    file.attrs["format_version"] = 2
(folder / "copy").mkdir()
(folder / "copy/checkpoint.h5").write_bytes(run.path.read_bytes())
opened = taildart_run.open_run
for words, call in {
        "nope: there is no such folder or file": lambda: opened(folder / "nope"),
        "none: a folder without checkpoint.h5": lambda: opened(folder / "none"),
        "text.h5: cannot be read as HDF5": lambda: opened(folder / "text.h5"),
        "other.h5: HDF5, but no checkpoint of a run": lambda: opened(folder / "other.h5"),
        "copy.h5: a checkpoint of format 2, this module reads 1": lambda: opened(folder / "copy.h5"),
        "copy/metrics.csv: it lies beside": lambda: opened(folder / "copy").metrics(),
        "checkpoint.h5: of a training, whose cell is given": run.mixture,
        "images of 64x64x1: ": lambda: run.normalised(np.zeros((1, 64, 64, 1), np.uint8)),
        "'Genotype(normal=[' is no Genotype(": lambda: taildart_run.parse_genotype("Genotype(normal=["),
}.items():
    try:
        call()
        raise AssertionError(f"no error: {words}")
    except (ValueError, FileNotFoundError) as error:
        assert words in str(error) and "\n" not in str(error), f"{words}: {error}"
END
ok "what is no run is refused in a line" "$python" "$T/refusals.py" "$T"
ok "arrays need no PyTorch" "$python" "$T/arrays.py" "$T/plain" "Genotype($pairs)"
judged cells "${train[@]}" --set bbn.enabled=true
judged heads "${train[@]}" --set bbn.enabled=true --set bbn.split=head --set net.head=normalised
judged frame "${train[@]}" --set net.head=etf
judged dropped "${train[@]}" --genotype "Genotype($triples)"
judged skips "${train[@]}" --genotype "Genotype($pairs, auxiliary_skip=True)"
judged padded "${train[@]}" --set data.pad_to=32

# ---- searches ----------------------------------------------------------------------------

judged supernet "${search[@]}" --set arch.lr.start=0.3 --set arch.skip_bonus.start=0.5 \
    --set arch.temperature.start=0.5 --set arch.temperature.end=0.5
judged betas "${search[@]}" --set arch.edge_weights=true --set arch.relaxation=sigmoid \
    --set arch.lr.start=0.3 --set bbn.enabled=true
judged pruned "${search[@]}" --set arch.relaxation=gdas --set net.operations=no-skip
judged mean "${search[@]}" --set arch.relaxation=dirichlet --set net.operations=all-skip \
    --set arch.lr.start=0.3

knows torch || { skip "PyTorch gives the same logits" "no python3-torch for $python"; done_testing; }
ok "PyTorch makes these networks" "$python" "$T/logits.py" "$T" "" "${names[@]}"
for name in "${names[@]}"; do has "$name: with the logits of eval" "$out" "^$name agrees"; done
run "$python" "$T/logits.py" "$T" frame plain
has "the comparison can fail" "$out" "^plain differs"

done_testing
