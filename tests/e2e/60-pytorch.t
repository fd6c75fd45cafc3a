#!/usr/bin/env bash
# Checkpoints are PyTorch's, too: loaded with h5py under their state_dict names they
# give the logits of `taildart eval`.
. "$(dirname "$0")/lib.sh"

python=python3
[ ! -x /usr/bin/python3 ] || python=/usr/bin/python3     # where the packages go
for module in torch h5py; do
    "$python" -c "import $module" 2>/dev/null ||
        skip_all "no python3-$module for $python"
done
check=(env PYTHONDONTWRITEBYTECODE=1 "$python" tests/reference/check_checkpoint.py)

# search NAME DATA OPTION…: two epochs, from which rank 0 keeps $T/NAME/checkpoint.h5.
search() {
    local name=$1 data=$2; shift 2
    ok "$name: search" taildart search --data "$data" --out "$T/$name" \
        "${tiny_net[@]}" --epochs 2 --set weights.lr.start=0.1 "$@"
}

# agrees NAME DATA PART: eval and PyTorch say the same of that part.
agrees() {
    local name=$1 data=$2 part=$3
    ok "$name: eval $part" taildart eval "$T/$name/checkpoint.h5" --data "$data" \
        --part "$part" --logits "$T/$name-$part.h5"
    ok "$name: PyTorch gives the logits of $part" "${check[@]}" \
        "$T/$name/checkpoint.h5" "$T/$name-$part.h5" "$data" --part "$part"
}

# Grey images from IDX files; 8x12 in colour, five classes, from HDF5.
tiny_idx "$T/grey"
PYTHONPATH=tests/reference PYTHONDONTWRITEBYTECODE=1 "$python" - "$T/colour.h5" <<'END'
import sys, images, numpy as np
rng = np.random.RandomState(3)
def part(each):
    labels = np.arange(5 * each) % 5
    base = rng.randint(0, 90, (5 * each, 8, 12, 3))
    base[np.arange(5 * each), :, 2 * labels, labels % 3] += 150
    return images.Part(base.astype(np.uint8), labels)
images.write_hdf5(sys.argv[1], part(24), part(6), 5, "synthetic")
END

search plain "$T/grey"
agrees plain "$T/grey" test
agrees plain "$T/grey" arch
has "it was the plain network" "$out" "two branches: no"
search branches "$T/colour.h5" --set bbn.enabled=true --set net.channels=3 \
    --set net.nodes=3
agrees branches "$T/colour.h5" test
agrees branches "$T/colour.h5" weights
has "it was the one with two branches" "$out" "two branches: yes"

# The comparison can fail: logits of the plain network are not those of a longer run.
search longer "$T/grey" --epochs 3
run "${check[@]}" "$T/longer/checkpoint.h5" "$T/plain-test.h5" "$T/grey"
exits "other weights give other logits" 1

done_testing
