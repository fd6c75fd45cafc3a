#!/usr/bin/env bash
# Keys that name a kind: what is asked for is what runs, is kept with the run, and stays.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 24
search=(taildart search --data "$T/data" --batch 12 --imbalance 3 --set net.channels=4 --set net.cells=3
    --set net.nodes=2 --set data.crop_pad=1)
learned() { "$BUILD/tests/tools/state_hash" "$1/checkpoint.h5"; }

# ---- relaxations and losses change what is learned, and nothing else does -----------------

run "${search[@]}" --epochs 1 --out "$T/plain"
exits "a search as published" 0
has "says what alphas mean" "$out" '^arch +softmax of alpha; lr constant'
has_not "and of no loss but the usual one" "$out" '^loss '

other=(--set arch.relaxation=sigmoid --set weights.loss.kind=focal --set weights.loss.gamma=1.5
    --set arch.loss.kind=focal --set arch.class_weights=effective)
run "${search[@]}" "${other[@]}" --epochs 1 --out "$T/other"
exits "a search with other kinds" 0
has "the start tells the relaxation" "$out" '^arch +sigmoid of alpha; lr constant'
tr -s '\n ' ' ' <"$out" >"$T/flat"
has "and the losses" "$T/flat" \
    ' loss focal \(gamma 1.5\); architecture step: focal \(gamma 2\), classes weighted: effective '
has "undecided is what the relaxation says" "$out" '0\.5000 would be even'
if [ -n "$(learned "$T/plain")" ] && [ "$(learned "$T/plain")" != "$(learned "$T/other")" ]; then pass "it learns something else"
else fail "it learns something else"; fi
near "entropy is that of shares" "$(awk -F, 'NR == 2 { print $15 }' "$T/other/metrics.csv")" 2.079 0.001

# ---- mixed images ------------------------------------------------------------------------

run "${search[@]}" --epochs 1 --set data.mix=mixup --out "$T/mixed"
exits "a search on mixed images" 0
tr -s '\n ' ' ' <"$out" >"$T/flat"
has "the start tells it" "$T/flat" 'mixed weight steps: mixup '
if [ "$(learned "$T/plain")" != "$(learned "$T/mixed")" ]; then pass "and it learns something else"
else fail "and it learns something else"; fi
run "${search[@]}" --epochs 1 --set data.mix=mixup --set bbn.enabled=true --set weights.class_weights=effective \
    --out "$T/mixed2"
exits "with two branches and class weights, too" 0

# ---- operations on pixels ------------------------------------------------------------------

for kind in autoaugment randaugment; do
    mpi 2 "${search[@]}" --epochs 1 --set data.augment.kind=$kind --out "$T/$kind"
    exits "a search with $kind, on two ranks" 0
    tr -s '\n ' ' ' <"$out" >"$T/flat"
    has "the start tells it" "$T/flat" "augment .*, $kind"
    if [ "$(learned "$T/plain")" != "$(learned "$T/$kind")" ]; then pass "and it learns something else"
    else fail "and it learns something else"; fi
done
strong=(--set data.augment.kind=randaugment --set data.augment.operations=3 --set data.augment.magnitude=20
    --set data.shards=2 --set dist.reproducible=true)
run "${search[@]}" "${strong[@]}" --epochs 2 --out "$T/strong1"
mpi 2 "${search[@]}" "${strong[@]}" --epochs 1 --out "$T/strong2"
mpi 2 "${search[@]}" "${strong[@]}" --epochs 2 --out "$T/strong2"
exits "a stronger one goes on" 0
is "with the bits of one that nobody stopped, on one rank" "$(learned "$T/strong2")" "$(learned "$T/strong1")"
run taildart train --data "$T/data" --genotype "$T/plain/genotype.txt" --epochs 1 --batch 12 --set net.channels=4 \
    --set net.cells=3 --set data.augment.kind=autoaugment --set data.cutout=2 --out "$T/trained"
exits "a training with autoaugment and cutout" 0

# ---- one relaxation per run ----------------------------------------------------------------

run "${search[@]}" "${other[@]}" --epochs 2 --out "$T/other"
exits "it goes on" 0
run "${search[@]}" --epochs 2 --out "$T/other"
exits "but not with another relaxation" 2
has "naming the key" "$err" '(arch.relaxation|weights.loss.kind|arch.loss.kind|arch.class_weights|weights.loss.gamma)'
run taildart genotype "$T/other/checkpoint.h5"
is "the checkpoint's cell is the run's" "$(cat "$out")" "$(cat "$T/other/genotype.txt")"
run taildart report "$T/plain" "$T/other" --out "$T/page.html"
exits "a page over both" 0
has_not "marks no weight as undecided where runs differ in it" "$T/page.html" 'undecided: '
run taildart report "$T/other" --out "$T/page.html"
run taildart eval "$T/other/checkpoint.h5" --data "$T/data" --part arch
exits "and an evaluation" 0

# ---- what would do nothing ----------------------------------------------------------------

run "${search[@]}" --set weights.loss.gamma=3 --out "$T/none"
exits "gamma without focal" 2
has "says how it would count" "$err" \
    'weights.loss.gamma: found "3", but weights.loss.kind is cross-entropy; set weights.loss.kind to focal, vs or cdt, or leave'
run "${search[@]}" --set data.augment.magnitude=3 --out "$T/none"
exits "a magnitude without randaugment" 2
has "says how it would count, too" "$err" 'data.augment.magnitude: found "3", but data.augment.kind is not randaugment'
run "${search[@]}" --set arch.relaxation=softmin --out "$T/none"
exits "a relaxation that is none" 2
has "names the nearest" "$err" 'arch.relaxation.*softmin.*softmax'
done_testing
