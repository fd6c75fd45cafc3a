#!/usr/bin/env bash
# What `taildart export` writes is the network that `taildart eval` judges: PyTorch loads
# its state_dict, ONNX Runtime its model, and both give the same logits.  So does an interpreter
# of ONNX of our own, which is always there.
. "$(dirname "$0")/lib.sh"

python=python3
[ ! -x /usr/bin/python3 ] || python=/usr/bin/python3     # where the packages go
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=tests/reference
knows() { "$python" -c "import $1" 2>/dev/null; }

tiny_idx "$T/data"
text="Genotype(normal=[('sep_conv_3x3', 1), ('skip_connect', 0), ('avg_pool_3x3', 2), ('dil_conv_5x5', 0)], normal_concat=range(2, 4), reduce=[('max_pool_3x3', 0), ('dil_conv_3x3', 1), ('skip_connect', 0), ('sep_conv_5x5', 2)], reduce_concat=range(2, 4))"
# trained NAME OPTION…: $T/NAME/checkpoint.h5, and what eval says in $T/NAME.logits.h5.
trained() {
    local name=$1; shift
    ok "$name: a training" taildart train --data "$T/data" --genotype "$text" --out "$T/$name" \
        --set net.channels=6 --set net.cells=4 --batch 16 --epochs 1 "$@"
    ok "$name: eval" taildart eval "$T/$name/checkpoint.h5" --data "$T/data" \
        --logits "$T/$name.logits.h5"
}
trained plain
trained heads --set bbn.enabled=true --set bbn.split=head
trained cells --set bbn.enabled=true
trained etf --set net.head=etf
ok "a search" taildart search --data "$T/data" --out "$T/search" "${tiny_net[@]}"
trained cosines --set net.head=normalised

# ---- what the command promises -----------------------------------------------------------

ok "export of a training" taildart export "$T/plain/checkpoint.h5" --to pytorch
is "goes beside the checkpoint" "$(head -n 1 "$out")" "$T/plain/network.pt"
run taildart export "$T/plain" --to pytorch
is "of a run, too" "$status $(head -n 1 "$out")" "0 $T/plain/network.pt"
has "tells what images are" "$out" "^images +1x8x8, "
has "and their mean" "$out" "^mean +0\.[0-9]+$"
cp "$T/plain/network.pt" "$T/first.pt"
ok "an older export is replaced" taildart export "$T/plain/checkpoint.h5" --to pytorch
ok "by the same bytes" cmp "$T/plain/network.pt" "$T/first.pt"
ok "or it goes where one says" taildart export "$T/cells/checkpoint.h5" --to pytorch -o "$T/cells.pt"
has "two last cells are told" "$out" "^branches +2, the last cell as cells\.3 and cell_rb"
ok "cosines" taildart export "$T/cosines/checkpoint.h5" --to pytorch
has "need features that are divided" "$out" "^head .*norm"
ok "a run with its export beside it goes on" taildart train --data "$T/data" --genotype "$text" \
    --out "$T/plain" --set net.channels=6 --set net.cells=4 --batch 16 --epochs 1

refused "a format is wanted" 2 "^taildart: .*--to FORMAT is missing" taildart export "$T/plain/checkpoint.h5"
refused "an unknown one has a nearest" 2 "found \"pytorsh\"; .* nearest is pytorch" \
    taildart export "$T/plain/checkpoint.h5" --to pytorsh
refused "a checkpoint is no place for it" 2 "checkpoint.h5" \
    taildart export "$T/plain/checkpoint.h5" --to pytorch --output "$T/plain/checkpoint.h5"
refused "nor another file" 2 "metrics.csv: exists and is no state_dict" \
    taildart export "$T/plain/checkpoint.h5" --to pytorch --output "$T/plain/metrics.csv"
refused "nor a folder that is not there, before anything is read" 1 "$T/none/a.pt" \
    taildart export "$T/none.h5" --to pytorch --output "$T/none/a.pt"
refused "no checkpoint" 4 "$T/none.h5" taildart export "$T/none.h5" --to pytorch
is "and nothing is left of these" "$(find "$T" -name '*none*')" ""

# ---- PyTorch -----------------------------------------------------------------------------

cat >"$T/pytorch.py" <<'END'
import sys, h5py, numpy as np, torch
import darts, derived, images
folder, name, text, logits_of = sys.argv[1:]
state = torch.load(f"{folder}/{name}/network.pt", weights_only=True)
assert all(t.dtype == torch.float32 and t.is_contiguous() for t in state.values())
with h5py.File(f"{folder}/{name}/checkpoint.h5") as file:
    for key, values in {**file["weights"], **file["buffers"]}.items():
        if "classifier" not in key or name == "plain":
            assert (state[key].numpy() == values[()]).all(), key
    mean, std = file.attrs["mean"], file.attrs["std"]
genotype = eval(text, {"Genotype": lambda normal, reduce, **_: derived.Genotype(normal, reduce)})
net = derived.DerivedNet(darts.Sizes(6, 4, 2, 4, 1), genotype)
del net.auxiliary_head
net.load_state_dict(state, strict=True)
x = images.normalised(images.read(f"{folder}/data").test.images, mean, std)
with torch.no_grad():
    found = net.double().eval()(torch.from_numpy(x))[0].numpy()
wanted = h5py.File(f"{folder}/{logits_of}.logits.h5")["logits"][()]
difference = np.abs(found - wanted).max() / np.abs(wanted).max()
print(name, "differs by", difference)
assert difference <= 1e-5
END
for name in plain heads etf; do
    run taildart export "$T/$name/checkpoint.h5" --to pytorch
    if knows torch && knows h5py; then
        ok "$name: the published network takes the state_dict, and gives eval's logits" \
            "$python" "$T/pytorch.py" "$T" "$name" "$text" "$name"
    else skip "$name: the published network takes the state_dict" "no python3-torch, python3-h5py"; fi
done
if knows torch && knows h5py; then
    ok "a supernet is exported, too" taildart export "$T/search/checkpoint.h5" --to pytorch
    has "without its alphas" "$out" "alphas are not in it"
    ok "and the published supernet takes it" "$python" -c "import sys, torch, darts
net = darts.SuperNet(darts.Sizes(4, 3, 2, 4, 1))
net.load_state_dict(torch.load(sys.argv[1], weights_only=True), strict=True)" "$T/search/network.pt"
    run "$python" "$T/pytorch.py" "$T" plain "$text" heads
    exits "the comparison can fail" 1
    ok "of two last cells one is named cell_rb" "$python" -c "import sys, torch
state = torch.load(sys.argv[1], weights_only=True)
last = {k[8:] for k in state if k.startswith('cells.3.')}
assert last and last == {k[8:] for k in state if k.startswith('cell_rb.')}
assert state['classifier.weight'].shape == (4, 2 * 2 * 24), state['classifier.weight'].shape" "$T/cells.pt"
fi

# ---- HDF5 --------------------------------------------------------------------------------

ok "plain arrays" taildart export "$T/cosines/checkpoint.h5" --to hdf5
is "lie beside the checkpoint" "$(head -n 1 "$out")" "$T/cosines/network.h5"
ok "an older file is replaced" taildart export "$T/cosines/checkpoint.h5" --to hdf5
refused "another checkpoint is not" 2 "heads/checkpoint.h5: exists and is no network" \
    taildart export "$T/cosines/checkpoint.h5" --to hdf5 --output "$T/heads/checkpoint.h5"
refused "a search has its arrays already" 2 "--to hdf5: .*/weights, /buffers, /arch" \
    taildart export "$T/search/checkpoint.h5" --to hdf5
if knows h5py; then
    ok "they are those of the checkpoint, with all that belongs to them" "$python" -c "import sys, h5py, numpy as np
old, new = h5py.File(sys.argv[1] + '/checkpoint.h5'), h5py.File(sys.argv[1] + '/network.h5')
state = {**old['weights'], **old['buffers']}
assert set(new['state_dict']) == set(state) | {'classifier.bias'}
for name, tensor in state.items():
    if name != 'classifier.weight':
        assert (new['state_dict'][name][()] == tensor[()]).all(), name
rows = new['state_dict/classifier.weight'][()]
assert np.allclose(np.linalg.norm(rows, axis=1), old.attrs['head_scale'], rtol=1e-5)
assert new.attrs['divides_features'] == 1 and new.attrs['branches'] == 1
assert [new.attrs[k] for k in ('channels', 'cells', 'nodes', 'classes')] == [6, 4, 2, 4]
assert new.attrs['mean'] == old.attrs['mean'] and new.attrs['std'] == old.attrs['std']
assert new['genotype'][()] == old['genotype'][()]
assert new['class_names'][()].decode().split() == ['0', '1', '2', '3']" "$T/cosines"
else skip "they are those of the checkpoint" "no python3-h5py for $python"; fi

# ---- ONNX --------------------------------------------------------------------------------

trained dropped --set bbn.enabled=true --set bbn.split=head --set net.head=normalised --set data.pad_to=32 \
    --genotype "Genotype(normal=[('skip_connect', 2, 0), ('sep_conv_3x3', 2, 1), ('dil_conv_3x3', 4, 3)], normal_concat=range(2, 5), reduce=[('max_pool_3x3', 2, 0), ('skip_connect', 3, 1)], reduce_concat=range(2, 5), auxiliary_skip=True)"
models=(plain heads cells etf cosines dropped)
for name in "${models[@]}"; do
    ok "$name: a model of ONNX" taildart export "$T/$name/checkpoint.h5" --to onnx
done
is "lies beside the checkpoint" "$(head -n 1 "$out")" "$T/dropped/network.onnx"
has "takes pixels" "$out" "^images +1x32x32, pixels/255$"
has_not "has mean and deviation inside" "$out" "^(mean|std)"
cp "$T/plain/network.onnx" "$T/first.onnx"
ok "an older model is replaced" taildart export "$T/plain/checkpoint.h5" --to onnx
ok "by the same bytes" cmp "$T/plain/network.onnx" "$T/first.onnx"
refused "a state_dict is not" 2 "network.pt: exists and is no model" \
    taildart export "$T/plain/checkpoint.h5" --to onnx --output "$T/plain/network.pt"
refused "a supernet is no model" 2 "--to onnx: .*supernet" taildart export "$T/search/checkpoint.h5" --to onnx
is "and leaves no file" "$(find "$T/search" -name '*.onnx')" ""

# The definitions of the operators, in double: what there is on every system.
if [ -x "$BUILD/tests/tools/run_onnx" ]; then
    for name in "${models[@]}"; do
        ok "$name: by the definitions of its operators the logits are those of eval" \
            "$BUILD/tests/tools/run_onnx" "$T/$name/network.onnx" "$T/data/t10k-images-idx3-ubyte" "$T/$name.logits.h5"
    done
    run "$BUILD/tests/tools/run_onnx" "$T/cells/network.onnx" "$T/data/t10k-images-idx3-ubyte" "$T/etf.logits.h5"
    is "the comparison can fail" "$status $(grep -c '^differs by' "$out")" "1 1"
else skip "the definitions of ONNX's operators" "tests/tools/run_onnx is not built"; fi

cat >"$T/models.py" <<'END'
import json, sys, h5py, numpy as np, onnx, onnxruntime
folder, logits_of, *names = sys.argv[1:]
raw = open(f"{folder}/data/t10k-images-idx3-ubyte", "rb").read()
pixels = np.frombuffer(raw, np.uint8, offset=16).reshape(-1, 1, 8, 8)
for name in names:
    path = f"{folder}/{name}/network.onnx"
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    told = {entry.key: entry.value for entry in model.metadata_props}
    assert json.loads(told["class_names"]) == ["0", "1", "2", "3"], told
    assert told["genotype"].startswith("Genotype("), told
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    given = session.get_inputs()[0]
    margin = ((given.shape[-1] - 8) // 2,) * 2
    x = np.pad(pixels, ((0, 0), (0, 0), margin, margin)).astype(np.float32) / 255
    found = session.run(None, {given.name: x})[0]
    alone = session.run(None, {given.name: x[:1]})[0]
    wanted = h5py.File(f"{folder}/{logits_of or name}.logits.h5")["logits"][()]
    differences = np.abs(found - wanted).max(), np.abs(alone - wanted[:1]).max()
    agrees = max(differences) <= 1e-5 * np.abs(wanted).max()
    print(name, "agrees" if agrees else "differs", *differences)
END
onnx_python=
for found in "${ONNX_PYTHON-}" python3 /usr/bin/python3; do
    [ -z "$found" ] || ! "$found" -c "import onnx, onnxruntime, h5py" 2>/dev/null || { onnx_python=$found; break; }
done
if [ -n "$onnx_python" ]; then
    ok "ONNX Runtime takes the models" "$onnx_python" "$T/models.py" "$T" "" "${models[@]}"
    for name in "${models[@]}"; do has "$name: with the logits of eval" "$out" "^$name agrees"; done
    run "$onnx_python" "$T/models.py" "$T" cells etf
    has "the comparison can fail" "$out" "^etf differs"
else skip "ONNX Runtime takes the models" "no python with onnx, onnxruntime and h5py (ONNX_PYTHON names one)"; fi

done_testing
