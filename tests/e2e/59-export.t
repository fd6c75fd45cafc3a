#!/usr/bin/env bash
# What `taildart export` writes is the network that `taildart eval` judges: PyTorch loads
# its state_dict and gives the same logits.
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
trained cosines --set net.head=normalised

# ---- what the command promises -----------------------------------------------------------

ok "export of a training" taildart export "$T/plain/checkpoint.h5" --to pytorch
is "goes beside the checkpoint" "$(head -n 1 "$out")" "$T/plain/network.pt"
has "tells what images are" "$out" "^images +1x8x8, "
has "and their mean" "$out" "^mean +0\.[0-9]+$"
cp "$T/plain/network.pt" "$T/first.pt"
ok "an older export is replaced" taildart export "$T/plain/checkpoint.h5" --to pytorch
ok "by the same bytes" cmp "$T/plain/network.pt" "$T/first.pt"
ok "or it goes where one says" taildart export "$T/cells/checkpoint.h5" --to pytorch -o "$T/cells.pt"
has "two last cells are told" "$out" "cell_rb"
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
refused "nor a folder that is not there" 1 "$T/none/a.pt" \
    taildart export "$T/plain/checkpoint.h5" --to pytorch --output "$T/none/a.pt"
refused "no checkpoint" 4 "$T/none.h5" taildart export "$T/none.h5" --to pytorch
is "and nothing is left of these" "$(find "$T" -name '*none*')" ""

# ---- PyTorch -----------------------------------------------------------------------------

cat >"$T/pytorch.py" <<'END'
import sys, h5py, numpy as np, torch
import darts, derived, images
folder, name, text = sys.argv[1:]
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
wanted = h5py.File(f"{folder}/{name}.logits.h5")["logits"][()]
difference = np.abs(found - wanted).max() / np.abs(wanted).max()
print(name, "differs by", difference)
assert difference <= 1e-5
END
for name in plain heads etf; do
    run taildart export "$T/$name/checkpoint.h5" --to pytorch
    if knows torch && knows h5py; then
        ok "$name: the published network takes the state_dict, and gives eval's logits" \
            "$python" "$T/pytorch.py" "$T" "$name" "$text"
    else skip "$name: the published network takes the state_dict" "no python3-torch, python3-h5py"; fi
done
if knows torch && knows h5py; then
    ok "a search" taildart search --data "$T/data" --out "$T/search" "${tiny_net[@]}"
    ok "is exported, too" taildart export "$T/search/checkpoint.h5" --to pytorch
    has "without its alphas" "$out" "alphas are not in it"
    ok "and the published supernet takes it" "$python" -c "import sys, torch, darts
net = darts.SuperNet(darts.Sizes(4, 3, 2, 4, 1))
net.load_state_dict(torch.load(sys.argv[1], weights_only=True), strict=True)" "$T/search/network.pt"
    cp "$T/heads.logits.h5" "$T/plain.logits.h5"
    run "$python" "$T/pytorch.py" "$T" plain "$text"
    exits "the comparison can fail" 1
    ok "of two last cells one is named cell_rb" "$python" -c "import sys, torch
state = torch.load(sys.argv[1], weights_only=True)
last = {k[8:] for k in state if k.startswith('cells.3.')}
assert last and last == {k[8:] for k in state if k.startswith('cell_rb.')}
assert state['classifier.weight'].shape == (4, 2 * 2 * 24), state['classifier.weight'].shape" "$T/cells.pt"
fi

done_testing
