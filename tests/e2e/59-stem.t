#!/usr/bin/env bash
# Larger images: net.stem imagenet, and sides that a network cannot halve, which are padded; the
# same in search, training, eval, predict, exports and on any ranks.
. "$(dirname "$0")/lib.sh"

python=python3
[ ! -x /usr/bin/python3 ] || python=/usr/bin/python3     # where the packages go
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=jobs/python:tests/reference
knows() { "$python" -c "import $1" 2>/dev/null; }

tiny_idx "$T/data" 4 10 3 37
large=(--data "$T/data" --batch 20 --epochs 1 --set net.cells=3 --set net.channels=4 --set net.stem=imagenet)
cell="Genotype(normal=[('sep_conv_3x3', 1), ('skip_connect', 0)], normal_concat=range(2, 3), reduce=[('max_pool_3x3', 0), ('dil_conv_3x3', 1)], reduce_concat=range(2, 3))"

# ---- what is told ------------------------------------------------------------------------

ok "a dry run" taildart search "${large[@]}" --set net.nodes=1 --dry-run
flat() { tr -s ' \n' ' ' <"$1" >"$T/flat"; }
flat "$out"
has "tells the stem and the padding" "$T/flat" \
    "stem imagenet, three convolutions of stride 2: cells begin with 8x8 pixels; images of 37x37 are padded to 64x64 with zeros"
ok "a plain one" taildart search "${large[@]}" --set net.nodes=1 --set net.stem=cifar --dry-run
flat "$out"
has "tells what it pads" "$T/flat" "stem images of 37x37 are padded to 40x40 with zeros \(the mean colour\)"
ok "sides that need nothing" taildart search "${large[@]}" --set net.nodes=1 --set net.stem=cifar --set data.pad_to=40 --dry-run
has_not "are not told" "$out" "^stem"

# ---- runs ----------------------------------------------------------------------------------

for ranks in 1 2; do
    mpi "$ranks" taildart search "${large[@]}" --set net.nodes=1 --set data.shards=2 \
        --set dist.reproducible=true --out "$T/search$ranks"
    exits "a search on $ranks ranks" 0
done
is "has the same bits on both" "$("$BUILD/tests/tools/state_hash" "$T/search1/checkpoint.h5")" \
    "$("$BUILD/tests/tools/state_hash" "$T/search2/checkpoint.h5")"
flat "$T/search2/run.log"
has "and tells its stem" "$T/flat" "stem imagenet, three convolutions"
ok "its cell" taildart genotype "$T/search1"
ok "its page" taildart report "$T/search1"
for given in "" /genotype.txt; do
    run taildart train "${large[@]}" --genotype "$T/search1$given" --dry-run --set net.stem=cifar
    has "a training with another stem is told ($given)" "$err" \
        "^NOTE: net.stem cifar, but $T/search1, which the genotype is from, has imagenet: --set net.stem=imagenet trains"
done
run taildart train "${large[@]}" --genotype "$T/search1" --dry-run
has_not "but not one with the same" "$err" "net.stem"

ok "a training" taildart train "${large[@]}" --genotype "$cell" --set train.auxiliary=true --out "$T/large"
flat "$err"
has "without the head that finds no room" "$T/flat" "train.auxiliary: off, since images of 37x37 do not leave 7 or 8 pixels"
ok "another with a plain stem" taildart train "${large[@]}" --genotype "$cell" --set net.stem=cifar --out "$T/plain"
refused "a run does not go on with another stem" 2 "net.stem: 'cifar' does not fit the run" \
    taildart train "${large[@]}" --genotype "$cell" --set net.stem=cifar --out "$T/large"
ok "its classifier learns anew" taildart train --from "$T/large" --data "$T/data" --epochs 1 --out "$T/anew"
refused "with its own stem" 2 "net.stem: found .cifar.*it is .imagenet" \
    taildart train --from "$T/large" --data "$T/data" --epochs 1 --set net.stem=cifar --out "$T/none"

names=(search1 large plain)
for name in "${names[@]}"; do
    ok "$name: eval" taildart eval "$T/$name" --data "$T/data" --logits "$T/$name.logits.h5"
done
mapfile -t grey < <(perl -e 'print +($_ * 7) % 250, "\n" for 0 .. 37 * 37 - 1')
grey_png "$T/one.png" 37 "${grey[@]}"
ok "a picture" taildart predict "$T/large" "$T/one.png" --top 1
ok "steps are timed" taildart bench --set net.stem=imagenet --set bench.size=37 --set bench.classes=4 \
    --set net.channels=4 --set net.cells=3 --set net.nodes=1 --batch 4 --set bench.steps=1 --set bench.warmup=0

run taildart bench --set net.stem=imagenet --set bench.size=16
exits "images too small to be halved" 2
has "name bench.size" "$err" 'bench.size: found "16", but net.stem imagenet needs 32 or more'

# ---- other programs have the padding, too --------------------------------------------------

for name in large plain; do
    ok "$name: a model of ONNX" taildart export "$T/$name" --to onnx
    has "$name: tells who pads" "$out" "^padded +to (64x64|40x40) with zeros, .* of the pixels\$"
    has "$name: the graph" "$out" "^ +by the graph\$"
    if [ -x "$BUILD/tests/tools/run_onnx" ]; then
        ok "$name: with the logits of eval" "$BUILD/tests/tools/run_onnx" "$T/$name/network.onnx" \
            "$T/data/t10k-images-idx3-ubyte" "$T/$name.logits.h5"
    else skip "$name: with the logits of eval" "tests/tools/run_onnx is not built"; fi
done
ok "tensors alone" taildart export "$T/large" --to pytorch
has "need it before" "$out" "^padded +to 64x64 with zeros, 13 above and 13 left of the pixels\$"
has "says where" "$out" "^ +by the reader, before the first convolution\$"
ok "in HDF5" taildart export "$T/large" --to hdf5

cat >"$T/logits.py" <<'END'
import sys
import h5py, numpy as np, torch
import images, taildart_run
folder, *names = sys.argv[1:]
pixels = images.read(f"{folder}/data").test.images
for name in names:
    run = taildart_run.open_run(f"{folder}/{name}")
    with torch.no_grad():
        found = run.network()(torch.from_numpy(run.normalised(pixels))).numpy()
    wanted = h5py.File(f"{folder}/{name}.logits.h5")["logits"][()]
    difference = np.abs(found - wanted).max() / np.abs(wanted).max()
    print(name, "agrees" if difference <= 1e-5 else "differs", difference)
told = h5py.File(f"{folder}/large/network.h5").attrs
assert told["stem"] in (b"imagenet", "imagenet"), told["stem"]
assert (told["height"], told["padded_height"], told["padded_width"]) == (37, 64, 64)
END
if knows torch && knows h5py; then
    ok "PyTorch makes these networks" "$python" "$T/logits.py" "$T" "${names[@]}"
    for name in "${names[@]}"; do has "$name: with the logits of eval" "$out" "^$name agrees"; done
else skip "PyTorch makes these networks" "no python3-torch, python3-h5py"; fi

done_testing
