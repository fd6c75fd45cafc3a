#!/usr/bin/env bash
# Heads: each learns on two ranks in every kind of run, goes on where it stopped, is
# evaluated as it was trained; a fixed one stays as it was drawn.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 24
net=(--data "$T/data" --set net.channels=2 --set net.cells=3 --set data.crop_pad=1 --set data.imbalance=6
    --batch 8 --set data.shards=2)
search=(taildart search "${net[@]}" --set net.nodes=1)
learned() { "$BUILD/tests/tools/state_hash" "$1/checkpoint.h5"; }
# part RUN NAME: a number for the tensors of a checkpoint that have this in their names.
part() { "$BUILD/tests/tools/state_hash" "$T/$1/checkpoint.h5" "$2"; }

run "${search[@]}" --epochs 1 --out "$T/linear"
exits "the usual head" 0
has_not "is not told" "$out" '^head '
for head in normalised etf; do
    both=$([ $head = etf ] || echo true)    # a frame is one branch's
    run "${search[@]}" --epochs 2 --set net.head=$head --out "$T/$head"
    exits "$head: a search" 0
    has "$head: the start tells it" "$out" \
        "^head +$([ $head = etf ] && echo 'etf, scale 1; it is fixed' || echo 'normalised, scale 30')\$"
    mpi 2 "${search[@]}" --epochs 1 --set net.head=$head --out "$T/$head-pair"
    exits "$head: on two ranks" 0
    run "${search[@]}" --epochs 1 --set net.head=$head --set "bbn.enabled=${both:-false}" --set search.order=2 \
        --set dist.reproducible=true --out "$T/$head-bbn1"
    exits "$head: ${both:+two branches, }second order, reproducible" 0
    mpi 2 "${search[@]}" --epochs 1 --set net.head=$head --set "bbn.enabled=${both:-false}" --set search.order=2 \
        --set dist.reproducible=true --out "$T/$head-bbn2"
    is "$head: the same bits on two ranks" "$(learned "$T/$head-bbn2")" "$(learned "$T/$head-bbn1")"
    run taildart train "${net[@]}" --epochs 1 --set net.head=$head --set train.genotype=DARTS_V1 \
        --set data.train_share=0.8 --out "$T/$head-train"
    exits "$head: a training" 0
    run taildart eval "$T/$head-train/checkpoint.h5" --data "$T/data" --part arch --csv "$T/judged.csv"
    exits "$head: an evaluation" 0
    near "$head: has the figure of the training's last epoch" "$(column "$T/judged.csv" top1)" \
        "$(final "$T/$head-train" valid_top1)" 1e-5
    refused "$head: rows of equal norms are not made more equal" 2 "--tau-norm: the head of .* is $head" \
        taildart eval "$T/$head-train/checkpoint.h5" --data "$T/data" --part arch --tau-norm 1
done
for head in normalised etf; do
    steady=("${search[@]}" --set weights.lr.shape=constant --set "net.head=$head" --set dist.reproducible=true)
    run "${steady[@]}" --epochs 2 --out "$T/$head-straight"
    run "${steady[@]}" --epochs 1 --out "$T/$head-broken"
    mpi 2 "${steady[@]}" --epochs 2 --out "$T/$head-broken"
    is "$head: a run that went on, on other ranks, has the bits of one that did not stop" \
        "$(learned "$T/$head-broken")" "$(learned "$T/$head-straight")"
done
is "the fixed head is where it was drawn, in another run of the seed, too" \
    "$(part etf-straight /weights/classifier)" "$(part etf-pair /weights/classifier)"
is "it has no momentum" "$(part etf-straight /momentum/classifier)" "$(part etf-pair /momentum/classifier)"
if [ "$(part normalised /momentum/classifier)" != "$(part normalised-pair /momentum/classifier)" ]; then
    pass "one that learns has"
else fail "one that learns has"; fi
is "nor a bias" "$(part etf /weights/classifier.bias)" "$(part etf /nothing)"

# ---- margins -----------------------------------------------------------------------------

mpi 2 "${search[@]}" --epochs 2 --set net.head=normalised --set weights.loss.kind=ldam --set arch.loss.kind=ldam \
    --set weights.class_weights=effective --set weights.class_weights_from=1 --out "$T/late"
exits "margins, with weights that begin late" 0
tr -s '\n ' ' ' <"$out" >"$T/flat"
has "are told" "$T/flat" ' loss ldam \(margin 0.5\), classes weighted: effective from epoch 1 '
run "${search[@]}" --epochs 2 --set net.head=normalised --set weights.loss.kind=ldam --out "$T/ldam"
if [ "$(learned "$T/ldam")" != "$(learned "$T/normalised")" ]; then pass "and learn something else"
else fail "and learn something else"; fi
refused "margins without cosines" 2 'weights.loss.kind: found "ldam", but net.head is linear.*set net.head to normalised' \
    "${search[@]}" --set weights.loss.kind=ldam --out "$T/none"
refused "a scale of nothing" 2 'net.head_scale: found "3", but net.head is linear' \
    "${search[@]}" --set net.head_scale=3 --out "$T/none"
refused "a frame for two branches" 2 'net.head: found "etf", but each of two branches would see half' \
    "${search[@]}" --set net.head=etf --set bbn.enabled=true --out "$T/none"
refused "a frame in too few dimensions" 2 'net.head: found "etf", but 10 classes need 9 features, and the network has 8' \
    taildart bench --set net.head=etf --set net.channels=2 --set net.cells=3 --set net.nodes=1
ok "a bench of one that fits" taildart bench --set net.head=etf --set net.channels=4 --set net.cells=3 \
    --set net.nodes=1 --set bench.steps=1 --set bench.size=8 --batch 4
run "${search[@]}" --epochs 3 --out "$T/etf"
exits "a run does not go on with another head" 2
has "naming the key" "$err" 'net.head'
done_testing
