#!/usr/bin/env bash
# A classifier that learns anew from a training's checkpoint: the trunk stays to the bit,
# the network and the images are those of that run, it goes on like every run.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 24
hash_of() { "$BUILD/tests/tools/state_hash" "$T/$1/checkpoint.h5" "${2-}"; }
learned() { hash_of "$1"; }
train=(taildart train --data "$T/data" --batch 8 --genotype DARTS_V1 --set net.channels=2 --set net.cells=3
    --set data.crop_pad=1 --set data.imbalance=6 --set data.shards=2 --set data.train_share=0.8)
ok "a training" "${train[@]}" --epochs 2 --set weights.lr.start=0.1 --out "$T/trained"
again=(taildart train --data "$T/data" --batch 8 --from "$T/trained/checkpoint.h5" --set data.shards=2
    --set dist.reproducible=true)

run "${again[@]}" --dry-run
exits "a dry run" 0
dry() { awk -v key="$1" '$1 == key { print $2 }' "$out"; }
is "says what is taken of the run and of the method" \
    "$(dry net.channels) $(dry data.imbalance) $(dry data.train_share) $(dry data.sampler) $(dry train.epochs)" \
    "2 6 0.8 class-balanced 10"
run "${again[@]}" --epochs 2 --out "$T/again"
exits "its classifier learns anew" 0
tr -s '\n ' ' ' <"$out" >"$T/flat"
has "the start tells it" "$T/flat" "retrains the classifier of .*/trained alone, from the beginning"
for part in /weights/cells /weights/stem /buffers; do
    is "$part stays to the bit" "$(hash_of again $part)" "$(hash_of trained $part)"
done
if [ "$(hash_of again /weights/classifier)" != "$(hash_of trained /weights/classifier)" ]; then pass "the classifier does not"
else fail "the classifier does not"; fi
has "it learns" <(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "train_loss") c = i }
    NR > 1 { l[NR] = $c } END { print (l[3] < l[2]) ? "falls" : "rises" }' "$T/again/metrics.csv") falls
mpi 2 "${again[@]}" --epochs 2 --out "$T/again2"
exits "on two ranks" 0
is "with the same bits" "$(learned again2)" "$(learned again)"
run "${again[@]}" --epochs 2 --set checkpoint.minutes=0 --set weights.lr.shape=constant --out "$T/straight"
run "${again[@]}" --epochs 1 --set weights.lr.shape=constant --out "$T/broken"
run "${again[@]}" --epochs 2 --set weights.lr.shape=constant --out "$T/broken"
exits "it goes on" 0
is "with the bits of one that did not stop" "$(learned broken)" "$(learned straight)"
run taildart eval "$T/again/checkpoint.h5" --data "$T/data" --part arch --adjust 0.5
exits "it is evaluated" 0
has "a sampler that has favoured rare classes is doubted" "$err" 'NOTE: --adjust: .* data.sampler class-balanced, which'
run taildart eval "$T/trained/checkpoint.h5" --data "$T/data" --part arch --adjust 0.5
has_not "images as they come are what it is for" "$err" 'NOTE: --adjust'
run taildart report "$T/trained" "$T/again" --out "$T/page.html"
exits "and reported" 0
mpi 2 "${again[@]}" --epochs 1 --set data.sampler=instance --set weights.loss.kind=label-aware-smoothing \
    --set data.mix=mixup --set dist.reproducible=false --set dist.batchnorm=sync --out "$T/mislas"
exits "smoothed, on mixed images, as they come, with other batch norms" 0

ok "a training with cosines and an auxiliary head" "${train[@]}" --epochs 1 --set net.head=normalised \
    --set data.pad_to=32 --out "$T/cosines"
refused "into the run that it begins from" 2 "train.from: .* is of the run in .*, which goes on without it; for another training give another --out$" \
    taildart train --data "$T/data" --batch 8 --from "$T/trained" --out "$T/trained"
run taildart train --data "$T/data" --batch 8 --from "$T/cosines/checkpoint.h5" --epochs 1 \
    --set weights.loss.kind=ldam --out "$T/margins"
exits "is retrained with margins, by a rule that looks at the head of that run" 0
printf 'train:\n  auxiliary: true\n  drop_path:\n    start: 0.1\n' >"$T/file.yaml"
run "${again[@]}" --config "$T/file.yaml" --set data.sampler_from=3 --dry-run
exits "by the file that trained it, from a later epoch on" 0
is "without what makes a trunk learn" "$(dry train.auxiliary) $(dry data.sampler_from)" "false 3"
has "which is told" "$err" 'NOTE: train.auxiliary: found "true", but it helps a trunk, .*: it is "false" here'
has "of each such key" "$err" 'NOTE: train.drop_path.start: found "0.1", but .*: it is "0" here'

# ---- the images of that run, its mean and deviation ---------------------------------------

ok "a training on other draws" "${train[@]}" --epochs 1 --set data.augment.kind=randaugment \
    --set data.augment.magnitude=5 --set data.flip=false --out "$T/augmented"
run taildart train --data "$T/data" --batch 8 --from "$T/augmented/checkpoint.h5" --dry-run
is "its classifier gets them, too" \
    "$(dry data.augment.kind) $(dry data.augment.magnitude) $(dry data.flip) $(dry data.crop_pad)" "randaugment 5 false 1"
tiny_idx "$T/others" 4 20
run "${again[@]}" --data "$T/others" --epochs 1 --out "$T/elsewhere"
exits "on another data set" 0
has "that is told" "$err" 'train.from: .*/trained has learned from another data set'
has "and whose mean stays" "$err" 'has learned from images of another mean or deviation, which stays'
has_not "keys that nobody gave are not told of" "$T/again/run.log" 'helps a trunk'
has_not "the same images are not told of" "$T/again/run.log" 'held out here'
run "${again[@]}" --epochs 1 --set data.train_share=0.6 --out "$T/leak"
exits "with another part held out" 0
has "images that the trunk may have learned from are told of" "$err" \
    'train.from: .* has learned with data.train_share 0.8, this run has 0.6: images that are held out here may be'

# ---- without its source ------------------------------------------------------------------

cp -r "$T/trained" "$T/lent"
lent=(taildart train --data "$T/data" --batch 8 --from "$T/lent/checkpoint.h5" --out "$T/alone")
ok "a retraining" "${lent[@]}" --epochs 1
rm -r "$T/lent"
ok "goes on without the run that it came from" "${lent[@]}" --epochs 2
ok "is finished without it" "${lent[@]}" --epochs 2
ok "and shown by a dry run" "${lent[@]}" --epochs 2 --dry-run
has "with its network" "$out" '^net.channels +2'

# ---- what makes no sense -----------------------------------------------------------------

refused "another network" 2 'net.channels: found "4", but train.from takes the network of .*, where it is "2"; leave it out' \
    "${again[@]}" --set net.channels=4 --out "$T/none"
ok "its own cell is none other" "${again[@]}" --genotype "$T/trained" --out "$T/same" --dry-run
refused "another cell" 2 'train.genotype: found ".*, but train.from takes the network of' \
    "${again[@]}" --genotype DARTS_V2 --out "$T/none"
ok "a search" taildart search --data "$T/data" --batch 8 --epochs 1 --set net.channels=2 --set net.cells=3 \
    --set net.nodes=1 --set data.crop_pad=1 --out "$T/search"
refused "a search" 2 'train.from: .* is of a search' \
    taildart train --data "$T/data" --from "$T/search/checkpoint.h5" --out "$T/none"
ok "a training of two branches" "${train[@]}" --epochs 1 --set bbn.enabled=true --out "$T/two"
refused "two branches" 2 'train.from: .* is of a network of two branches' \
    taildart train --data "$T/data" --from "$T/two/checkpoint.h5" --out "$T/none"
ok "a training with a fixed head" "${train[@]}" --epochs 1 --set net.head=etf --out "$T/fixed"
refused "a fixed head" 2 'train.from: .* is of a network with a fixed head' \
    taildart train --data "$T/data" --from "$T/fixed/checkpoint.h5" --out "$T/none"
refused "no checkpoint" 4 'nothing.h5' \
    taildart train --data "$T/data" --from "$T/nothing.h5" --out "$T/none"
tiny_idx "$T/five" 5 24
refused_mpi 2 "images of other classes" 3 'train.from: .*4 classes, these are .* and 5' \
    "${again[@]}" --data "$T/five" --out "$T/none"
refused "a dry run sees them" 3 'train.from: .*4 classes, these are .* and 5' \
    "${again[@]}" --data "$T/five" --dry-run
refused "a rule that the head of that run breaks" 2 'weights.loss.kind: found "ldam", but net.head is linear' \
    "${again[@]}" --set weights.loss.kind=ldam --out "$T/none"
done_testing
