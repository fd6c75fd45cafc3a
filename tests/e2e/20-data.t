#!/usr/bin/env bash
# Data sets as users handle them: look at one, import it, see what a search would draw.
. "$(dirname "$0")/lib.sh"

# ---- info and import ---------------------------------------------------------------

tiny_idx "$T/idx"
ok "info of an IDX folder" taildart data info "$T/idx"
has "shows the shape" "$out" '^shape +8x8x1 '
has "the training images" "$out" '^training +160$'
has "the test images" "$out" '^test +40$'
has "the classes" "$out" '^ +3 +3 +40 +10$'
has "the imbalance" "$out" '^imbalance +1 '
has "mean and deviation" "$out" '^mean +0\.[0-9]+$'
digest=$(awk '$1 == "digest" { print $2 }' "$out")
has_not "and nothing on stderr" "$err" .

ok "import" taildart data import "$T/idx" "$T/tiny.h5"
has "tells what was read" "$out" '160 training and 40 test images, 8x8x1, 4 classes$'
has "and how fast, in a line of its own" "$out" '^ +in [0-9.]+ s \([0-9]+ images/s\)$'
has "and what was written" "$out" "^written +$T/tiny.h5: "
ok "info of the HDF5 file" taildart data info "$T/tiny.h5"
is "the digest does not depend on the format" \
    "$(awk '$1 == "digest" { print $2 }' "$out")" "$digest"
has "the source is remembered" "$out" "^source +$T/idx$"
is "no temporary file is left" "$(cd "$T" && echo tiny*)" tiny.h5
ok "--quiet import replaces an HDF5 file" taildart data import "$T/idx" "$T/tiny.h5" --quiet
has_not "quietly" "$out" .

mkdir "$T/cifar"
perl -e 'for my $name (@ARGV) { open my $f, ">:raw", $name or die;
    for my $i (0 .. 19) { print $f chr($i % 10), join "", map { chr(($_ + $i * 7) % 251) } 1 .. 3072 } }' \
    "$T"/cifar/{data_batch_{1,2,3,4,5},test_batch}.bin
ok "info of CIFAR-10" taildart data info "$T/cifar"
has "100 records" "$out" '^training +100$'
has "in colour" "$out" '^shape +32x32x3 '

if /usr/bin/python3 -c 'import h5py' 2>/dev/null; then
    cat >"$T/import.py" <<'EOF'
import sys, h5py
file = h5py.File(sys.argv[1])
raw = open(sys.argv[2] + "/train-images-idx3-ubyte", "rb").read()[16:]
images, labels = file["/train/images"], file["/train/labels"]
assert images.shape == (160, 8, 8, 1) and images.dtype == "uint8"
assert images[:].tobytes() == raw
assert labels.dtype == "int32" and list(labels[:5]) == [0, 1, 2, 3, 0]
assert file["/test/images"].shape == (40, 8, 8, 1) and file["/test/labels"].shape == (40,)
assert [name.decode() for name in file["/class_names"]] == ["0", "1", "2", "3"]
facts = file.attrs
assert [int(facts[k]) for k in ("classes", "height", "width", "channels")] == [4, 8, 8, 1]
pixels = images[:] / 255.0
assert abs(facts["mean"][0] - pixels.mean()) < 1e-12
assert abs(facts["std"][0] - pixels.std()) < 1e-12
assert facts["source"].decode() == sys.argv[2]
EOF
    ok "h5py reads what import wrote" /usr/bin/python3 "$T/import.py" "$T/tiny.h5" "$T/idx"
else
    skip "h5py reads what import wrote" "python3-h5py is not installed"
fi

mkfifo "$T/fifo"
for name in /dev/null "$T/fifo"; do
    refused "$(basename "$name") is no place for a data set" 2 "$name is no regular file" \
        taildart data import "$T/idx" "$name"
done

# ---- folders of pictures -----------------------------------------------------------

grey_png "$T/photos/cat/1.png" 4 0 10 100 102  20 30 104 106  7 7 255 255  8 8 255 254
grey_png "$T/photos/cat/2.png" 2 1 2 3 4
grey_png "$T/photos/dog/1.png" 3 0 0 9 0 0 9 90 90 90
ok "import --size shrinks pictures" taildart data import "$T/photos" "$T/photos.h5" --size 2
has "to that size" "$out" '^read .*: 3 training and 0 test images, 2x2x1, 2 classes'
ok "info of what it wrote" taildart data info "$T/photos.h5"
has "shows it, too" "$out" '^shape +2x2x1 '
# Of 3x3 pixels each of 2x2 covers 1.5x1.5: the corner, half of two sides, a quarter of
# the middle.
if /usr/bin/python3 -c 'import h5py' 2>/dev/null; then
    cat >"$T/averages.py" <<'EOF'
import sys, h5py
images = h5py.File(sys.argv[1])["/train/images"][:].reshape(3, 4).tolist()
assert images == [[15, 103, 8, 255], [1, 2, 3, 4], [0, 6, 60, 62]], images
EOF
    ok "by area averages" /usr/bin/python3 "$T/averages.py" "$T/photos.h5"
else
    skip "by area averages" "python3-h5py is not installed"
fi
ok "import --size shrinks other data sets" taildart data import "$T/idx" "$T/half.h5" --size 4
has "alike" "$out" '^read .*: 160 training and 40 test images, 4x4x1, 4 classes'

# class_column N: that column of the table of classes in the last output.
class_column() { awk -v n="$1" '$1 == "class" { on = 1; next } on { print $n }' "$out" | xargs; }

# ---- the long tail -----------------------------------------------------------------

# As many images as CIFAR-10 has, of 4x4 pixels.
tiny_idx "$T/many" 10 5000 1 4
ok "the tail of CIFAR-10 at 100" taildart data info "$T/many" --imbalance 100
is "its counts" "$(class_column 5)" \
    "5000 2997 1796 1077 645 387 232 139 83 50"
has "its sum, and the halves" "$out" '^kept +12406 = '
has "its imbalance" "$out" '^imbalance +100 '
for pair in 10:20431 20:17023 50:13996 200:11203; do
    run taildart data info "$T/many" --imbalance "${pair%:*}"
    has "the sum at ${pair%:*}" "$out" "^kept +${pair#*:} = "
done
run taildart data info "$T/many" --imbalance 50 --set data.split=index
is "cut by index, the weights see two classes" \
    "$(class_column 6)" "5000 1998 0 0 0 0 0 0 0 0"
run taildart data info "$T/many" --imbalance 10 --set data.profile=step
has "the profile step" "$out" '^kept +27500 = '

run taildart data info "$T/many" --imbalance 100 --set data.largest=300
is "a tail of fewer images" "$(class_column 5)" "300 179 107 64 38 23 13 8 5 3"
refused "too few for two halves" 3 'data.largest is 1: give more' \
    taildart data info "$T/many" --set data.largest=1

# ---- draws -------------------------------------------------------------------------

# draws FILE OPTION…: 12 shards, 7 images per shard and step, the last step short.
draws() {
    local file=$1; shift
    run taildart data draws --data "$T/many" --imbalance 100 --batch 84 \
        --set data.shards=12 "$@"
    mv "$out" "$T/$file"
    [ "$status" -eq 0 ] || fail "draws $*" "exit $status: $(cat "$err")"
}
# batches FILE: "step image", sorted: what each global batch holds.
batches() { sed 1d "$1" | awk -F, '{ print $1, $3 }' | sort -n -k1,1 -k2,2; }
# sizes FILE: "step rank count".
sizes() { sed 1d "$1" | cut -d, -f1,2 | sort | uniq -c | awk '{ print $2, $1 }' | sort; }

draws w1 --ranks 1 --epoch 3
is "the header" "$(head -n 1 "$T/w1")" "step,rank,image,class"
has_not "and nothing else but numbers" <(sed 1d "$T/w1") '[^0-9,]'
for ranks in 2 3 4 6 12; do
    draws "w$ranks" --ranks $ranks --epoch 3
    is "the same global batches on $ranks ranks" \
        "$(batches "$T/w$ranks" | cksum)" "$(batches "$T/w1" | cksum)"
    is "all of them draw" "$(sed 1d "$T/w$ranks" | cut -d, -f2 | sort -un | wc -l)" $ranks
done
is "each image once an epoch" "$(column "$T/w1" image | sort | uniq -d | wc -l)" 0
is "all of the weight half" "$(column "$T/w1" image | wc -l)" \
    "$(taildart data info "$T/many" --imbalance 100 | awk '$1 == "kept" { print $4 }')"
is "the classes are the labels" "$(sed 1d "$T/w1" | awk -F, '$3 % 10 != $4' | wc -l)" 0
draws again --ranks 3 --epoch 3
is "the same command draws the same" "$(cksum <"$T/again")" "$(cksum <"$T/w3")"
draws next --ranks 3 --epoch 4
is "the next epoch draws in another order" \
    "$(cmp -s <(batches "$T/next") <(batches "$T/w3") && echo same)" ""
draws seed --ranks 3 --epoch 3 --seed 7
is "another seed: the same images" "$(column "$T/seed" image | sort | cksum)" \
    "$(column "$T/w3" image | sort | cksum)"
is "in another order" "$(cmp -s <(batches "$T/seed") <(batches "$T/w3") && echo same)" ""

draws a --ranks 3 --epoch 3 --stream arch
is "an architecture batch is always whole" "$(sizes "$T/a" | awk '{ print $2 }' | sort -u)" 28
is "with as many steps as the weights" "$(column "$T/a" step | tail -n 1)" \
    "$(column "$T/w3" step | sort -n | tail -n 1)"
is "from the other half" \
    "$(comm -12 <(column "$T/a" image | sort -u) <(column "$T/w1" image | sort -u) | wc -l)" 0
draws i --ranks 3 --epoch 3 --stream arch --set arch.interval=10
is "every tenth step" "$(column "$T/i" step | uniq | head -n 3 | xargs)" "0 10 20"
draws f --ranks 3 --epoch 3 --stream arch --set arch.lr.frozen_until=4
is "a frozen epoch draws nothing" "$(cat "$T/f")" "step,rank,image,class"

draws r --ranks 3 --epoch 3 --stream rebalance --set bbn.enabled=true
is "the re-balancing batches are as large as the conventional ones" \
    "$(sizes "$T/r")" "$(sizes "$T/w3")"
draws ra --ranks 3 --epoch 3 --stream arch-rebalance --set bbn.enabled=true
is "in the architecture half, too" "$(sizes "$T/ra")" "$(sizes "$T/a")"
rare() { awk -F, '$4 == 9 { n++ } END { print n / (NR - 1) }' "$1"; }
near "the rarest class is drawn as BBN does" "$(rare "$T/r")" 0.4024 0.02
near "the conventional branch hardly sees it" "$(rare "$T/w3")" 0.00403 0.0005
draws cb --ranks 3 --epoch 3 --set data.sampler=class-balanced
near "class-balanced: one in ten" "$(rare "$T/cb")" 0.1 0.015

draws off --ranks 3 --epoch 3 --stream rebalance
is "without two branches the stream is shown all the same" "$(cksum <"$T/off")" \
    "$(cksum <"$T/r")"
refused "an unknown stream" 2 '--stream: found "weight"; the nearest is weights$' \
    taildart data draws --data "$T/many" --stream weight
refused "no data" 2 'data.path' taildart data draws
refused "ranks that do not divide the shards" 2 'data.shards 12 .* 5 ranks' \
    taildart data draws --data "$T/many" --ranks 5 --set data.shards=12 --batch 60

# ---- help, and no MPI --------------------------------------------------------------

for words in data "data import" "data info" "data draws"; do
    # shellcheck disable=SC2086   # words of a command
    run taildart $words --help
    has "$words --help shows examples" "$out" "^  taildart data .*"
done
refused "a misspelt command" 2 'unknown command drawn; the nearest is draws' taildart data drawn
refused "one that is near to none" 2 'unknown command "zzz"; accepted: import, info, draws$' taildart data zzz
refused "and none at all" 2 'a command is missing: import, info or draws$' taildart data
ok "data works where MPI cannot start" env OMPI_MCA_pml=none taildart data info "$T/tiny.h5"
mpi 2 taildart data info "$T/tiny.h5"
is "and speaks once under mpirun" "$(grep -c '^digest' "$out")" 1

# ---- the real thing ----------------------------------------------------------------

if [ -e "$FASHION_MNIST/train-images-idx3-ubyte.gz" ]; then
    ok "Fashion-MNIST" taildart data info "$FASHION_MNIST" --imbalance 100
    has "60000 images" "$out" '^training +60000$'
    near "its mean" "$(awk '$1 == "mean" { print $2 }' "$out")" 0.2860 0.0001
    near "its deviation" "$(awk '$1 == "std" { print $2 }' "$out")" 0.3530 0.0001
    is "its tail" "$(class_column 5)" \
        "6000 3596 2156 1292 774 464 278 166 100 60"
else
    skip "Fashion-MNIST" "no package dataset-fashion-mnist in $FASHION_MNIST"
fi

done_testing
