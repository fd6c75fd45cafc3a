#!/usr/bin/env bash
# What bad data get: one line that names the file and the fault, exit status 3 (2 for the
# batch), nothing written, the same under mpirun.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/good"
gzip -k "$T/good/train-images-idx3-ubyte"

# bad NAME: a copy of the good data in $T/NAME, to be spoilt.
bad() { rm -rf "${T:?}/$1"; cp -r "$T/good" "$T/$1"; rm -f "$T/$1"/*.gz; }
# poke FILE AT BYTE: write one byte, given as \xHH.
poke() { printf '%b' "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }

# search_refused NAME STATUS REGEX OPTION…: by `search`, alone and on two ranks, and no
# run directory comes of it.
search_refused() {
    local name=$1 wanted=$2 regex=$3; shift 3
    rm -rf "$T/run"
    refused "$name: search" "$wanted" "$regex" \
        taildart search "${tiny_net[@]}" --out "$T/run" "$@"
    refused_mpi 2 "$name: search on 2 ranks" "$wanted" "$regex" \
        taildart search "${tiny_net[@]}" --out "$T/run" "$@"
    if [ -e "$T/run" ]; then fail "$name: nothing is written" "$(ls "$T/run")"
    else pass "$name: nothing is written"; fi
}

# data_refused NAME REGEX PATH: by search, info, import and draws.
data_refused() {
    search_refused "$1" 3 "$2" --data "$3"
    refused "$1: info" 3 "$2" taildart data info "$3"
    refused "$1: draws" 3 "$2" taildart data draws --data "$3"
    refused "$1: import" 3 "$2" taildart data import "$3" "$T/out.h5"
    is "$1: no file" "$(cd "$T" && ls -d out.h5* 2>/dev/null)" ""
}

data_refused "missing" "$T/none: .*No such file" "$T/none"
mkdir -p "$T/runs/a" && touch "$T/runs/a/config.yaml" "$T/runs/a/run.lock"
data_refused "a run" "runs/a: the directory of a run, no data set: give .* that data.path in $T/runs/a/config.yaml names" \
    "$T/runs/a"
refused "a folder of runs" 3 "runs: holds runs, no data set: give .* in $T/runs/a/config.yaml" taildart data info "$T/runs"

bad magic
poke "$T/magic/train-images-idx3-ubyte" 3 '\x01'
data_refused "wrong magic" "train-images-idx3-ubyte: magic number 0x00000801 found, 0x00000803 expected" \
    "$T/magic"

bad short
truncate -s -1 "$T/short/train-images-idx3-ubyte"
data_refused "truncated" "short/train-images-idx3-ubyte: truncated" "$T/short"

bad crc
cp "$T/good/train-images-idx3-ubyte.gz" "$T/crc"
rm "$T/crc/train-images-idx3-ubyte"
size=$(stat -c %s "$T/crc/train-images-idx3-ubyte.gz")
poke "$T/crc/train-images-idx3-ubyte.gz" $((size - 7)) '\xa5'
data_refused "gzip-damaged" "train-images-idx3-ubyte.gz: damaged" "$T/crc"
truncate -s $((size / 2)) "$T/crc/train-images-idx3-ubyte.gz"
refused "half a gzip file" 3 "train-images-idx3-ubyte.gz: truncated" taildart data info "$T/crc"

bad label
poke "$T/label/train-labels-idx1-ubyte" 25 '\xc8'
data_refused "label out of range" "train-labels-idx1-ubyte: label 200 of image 17 is out of range" \
    "$T/label"

taildart data import "$T/good" "$T/good.h5" --quiet
truncate -s -100 "$T/good.h5"
data_refused "truncated HDF5" "good.h5: .*truncated or damaged" "$T/good.h5"

echo "no data at all" >"$T/text"
data_refused "no known format" "text: begins with the bytes 6e 6f 20 64" "$T/text"

# ---- data that are fine by themselves ----------------------------------------------

tiny_idx "$T/odd" 4 10 2 10
ok "sides of 10 pixels: info" taildart data info "$T/odd"
search_refused "sides of 10 pixels with a stem for larger ones" 3 \
    "images of 10x10 pixels are too small for net.stem imagenet, .* 32 or more .* net.stem to cifar" \
    --data "$T/odd" --set net.stem=imagenet
search_refused "a class with one image" 3 "class 3 \(1\); data.imbalance 40 .* works is 20" \
    --data "$T/good" --imbalance 40
refused "a class with one image: draws" 3 "class 3 \(1\); data.imbalance 40 .* works is 20" \
    taildart data draws --data "$T/good" --imbalance 40
ok "the largest imbalance works" taildart data info "$T/good" --imbalance 20
has_not "without a word" "$err" .
tiny_idx "$T/tail" 4 6 2 8
for i in 1 5 9 13 2 6 10 14; do poke "$T/tail/train-labels-idx1-ubyte" $((8 + i)) '\x00'; done
ok "an imbalance over a tail" taildart data info "$T/tail" --imbalance 3
has "tells what was asked and what is reached" "$err" \
    'NOTE: data.imbalance 3 is asked for, 7 is reached \(14 over 2 images\): 2 of 4 classes'
poke "$T/tail/train-labels-idx1-ubyte" 29 '\x00'
ok "info of a class with one image" taildart data info "$T/tail"
has "names it" "$out" '^few +fewer than 2 training images, which a search refuses: class 1 \(1\)$'
search_refused "a class with one image of its own" 3 \
    "1 of 4 classes has fewer than 2 training images: class 1 \(1\); .*data.train_share=1" --data "$T/tail"
for i in 1 5; do poke "$T/tail/t10k-labels-idx1-ubyte" $((8 + i)) '\x00'; done
ok "info of a class without test images" taildart data info "$T/tail"
has "names it, too" "$out" '^untested +no test images: class 1 \(0\)$'
tiny_idx "$T/few" 1 2 1 8
search_refused "more ranks than images" 3 "2 ranks.* 1 images|data.shards 2.* 1 images" \
    --data "$T/few" --set data.shards=2
refused "more ranks than images: draws" 3 "100 ranks, but only 80 images" \
    taildart data draws --data "$T/good" --ranks 100
search_refused "a batch that is no multiple" 2 "search.batch 64 .* 12 shards.* 60" \
    --data "$T/good" --set data.shards=12 --batch 64

# ---- pictures ----------------------------------------------------------------------

for name in cat/1 cat/2 dog/1 dog/2; do grey_png "$T/photos/$name.png" 4 {1..16}; done
truncate -s 40 "$T/photos/cat/2.png"
echo "no picture" >"$T/photos/dog/2.png"
refused "--strict names what cannot be read" 3 "photos/cat/2.png: .*1 more file" \
    taildart data import "$T/photos" "$T/photos.h5" --strict
is "in one line and a hint" "$(wc -l <"$err")" 2
is "and nothing is written" "$(cd "$T" && ls -d photos.h5* 2>/dev/null)" ""
run bash -c 'trap "" XFSZ; ulimit -f 1; taildart data import "$1" "$2"' - "$T/photos" "$T/photos.h5"
exits "an output that has no room" 1
has "is named" "$err" "photos.h5: cannot be written: File too large"
for name in cat/2 dog/2; do
    has "and $name.png is listed all the same" "$err" "WARNING: .*photos/$name.png: "
done
ok "without --strict they are left out" taildart data import "$T/photos" "$T/photos.h5"
has "the others are read" "$out" "2 training and 0 test images, 4x4x1, 2 classes"
has "how many are not is told" "$err" "2 files cannot be read and are left out"
for name in cat/2 dog/2; do has "and $name.png" "$err" "WARNING: .*photos/$name.png: "; done
run taildart data import "$T/photos" "$T/large.h5" --size 5
exits "nothing is enlarged" 3
is "that is the last word" "$(tail -n 1 "$err" | grep -c '1.png: 4x4 pixels, less than --size 5.* take --size 4')" 1
has "and what cannot be read is listed all the same" "$err" "^WARNING: .*photos/cat/2.png: "
grey_png "$T/photos/dog/3.png" 3 {1..9}
run taildart data import "$T/photos" "$T/large.h5"
exits "two sizes" 3
has "are refused" "$err" "^taildart: .*dog/3.png: 3x3 .*cat/1.png has 4x4.*import --size 3"
rm "$T"/photos/dog/[13].png
run taildart data import "$T/photos" "$T/large.h5"
exits "a class without a readable picture" 3
has "is named" "$err" "^taildart: .*photos/dog: no image that can be read is left: replace its files or move the folder away"
rm -r "$T/photos/dog"
refused "one class" 3 "one class folder only, cat: two classes or more" \
    taildart data import "$T/photos" "$T/large.h5"
mapfile -t row < <(seq 16385 | sed 's/.*/1/')
grey_png "$T/long/a/1.png" 16385 "${row[@]}"
grey_png "$T/long/b/1.png" 1 1
refused "a side of more than 16384" 3 "1x16385 pixels, but sides up to 16384 .*shrink it first" \
    taildart data import "$T/long" "$T/large.h5" --size 1 --strict

# ---- padding -----------------------------------------------------------------------

search_refused "images larger than data.pad_to" 2 "data.pad_to 4: .*8x8.* at least 8" \
    --data "$T/good" --set data.pad_to=4
run taildart data import "$T/good" "$T/six.h5" --size 6
is "sides that networks pad are imported without a word" "$status $(cat "$err")" "0 "

# ---- numbers that were never written -------------------------------------------------

cp -R "$T/good" "$T/half"
perl -e 'open my $f, "+<:raw", $ARGV[0] or die; seek $f, -3 * 64, 2; print $f "\0" x (3 * 64)' \
    "$T/half/t10k-images-idx3-ubyte"
run taildart data info "$T/half"
exits "a part that ends in black images is read" 0
has "with a NOTE" "$err" "^NOTE: $T/half: the last 3 of [0-9]+ test images are black, as those are that were never written"

# ---- outputs -----------------------------------------------------------------------

refused "import over what is no HDF5 file" 2 "train-labels-idx1-ubyte exists" \
    taildart data import "$T/good/train-images-idx3-ubyte" "$T/good/train-labels-idx1-ubyte"
refused "import to nowhere" 1 "none/a.h5: .*No such file" \
    taildart data import "$T/good" "$T/none/a.h5"
# An output is tried before an input is read: of both mistakes it is the one that is told.
refused "which is told before anything is read" 1 "none/a.h5: .*No such file" \
    taildart data import "$T/none" "$T/none/a.h5"
mkdir "$T/full"
taildart data import "$T/good" "$T/full/a.h5" --quiet
old=$(cksum <"$T/full/a.h5")
run bash -c 'trap "" XFSZ; ulimit -f 8; taildart data import "$1" "$2"' - "$T/good" "$T/full/a.h5"
exits "import where room runs out" 1
has "says so" "$err" "full/a.h5: cannot be written: File too large"
is "the file of before survives, alone" "$(cksum <"$T/full/a.h5") $(ls "$T/full")" "$old a.h5"
if [ -w /dev/full ]; then
    run bash -c 'taildart data info "$1" >/dev/full' - "$T/good"
    exits "info into a full device" 1
fi

done_testing
