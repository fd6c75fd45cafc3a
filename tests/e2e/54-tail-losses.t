#!/usr/bin/env bash
# Cures of the tail in the loss and after the training: every key runs on two ranks, is
# told at the start and stays with the run; what makes no sense is refused.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 24
small=(--data "$T/data" --set net.channels=2 --set net.cells=3 --set data.crop_pad=1 --set data.imbalance=6)
search=(taildart search "${small[@]}" --batch 8 --set net.nodes=1)
learned() { "$BUILD/tests/tools/state_hash" "$1/checkpoint.h5"; }
flat() { tr -s '\n ' ' ' <"$out" >"$T/flat"; }

# ---- the family of one formula -----------------------------------------------------------

search2() { mpi 2 "${search[@]}" --epochs 1 --set data.shards=2 "${@:2}" --out "$T/$1"; }
search2 plain
exits "the usual loss on two ranks" 0
learned "$T/plain" >"$T/hashes"
declare -A told=([vs]='vs \(gamma 0.2, tau 1.2\)' [balanced-softmax]='balanced-softmax'
    [logit-adjustment]='logit-adjustment \(tau 1\)' [cdt]='cdt \(gamma 0.2\)'
    [label-aware-smoothing]='label-aware-smoothing \(0.3 at the head, 0 at the tail\)')
for kind in vs balanced-softmax logit-adjustment cdt label-aware-smoothing; do
    search2 "$kind" --set weights.loss.kind=$kind --set arch.loss.kind=$kind
    exits "$kind in both steps on two ranks" 0
    flat
    has "$kind: the start tells it with its published numbers" "$T/flat" \
        " loss ${told[$kind]}; architecture step: ${told[$kind]} "
    learned "$T/$kind" >>"$T/hashes"
done
search2 named --set weights.loss.kind=vs --set weights.loss.gamma=0 --set weights.loss.tau=1 \
    --set arch.loss.kind=vs --set arch.loss.gamma=0 --set arch.loss.tau=1
is "balanced softmax is a setting of vs, bit for bit" "$(learned "$T/named")" \
    "$(learned "$T/balanced-softmax")"
is "logit adjustment with tau 1, too" "$(learned "$T/logit-adjustment")" \
    "$(learned "$T/balanced-softmax")"
is "and all others differ" "$(sort -u "$T/hashes" | wc -l)" 5

# numbers NAME KIND KEY=VALUE…: numbers of a loss, in either step, that are not the usual
# ones, and what they make of the run.
numbers() {
    local name=$1 kind=$2 step key hash; shift 2
    for step in weights arch; do
        [ "$kind" != ldam ] || set -- "$@" --set net.head=normalised
        search2 "$name-$step" --set $step.loss.kind="$kind" "${@//STEP/$step}"
        exits "$name of the $step step on two ranks" 0
        key=$(learned "$T/$name-$step") hash=$(learned "$T/usual-$kind-$step")
        if [ -n "$key" ] && [ "$key" != "$hash" ]; then pass "another one is another run"
        else fail "another one is another run"; fi
    done
}
for step in weights arch; do
    search2 usual-ldam-$step --set $step.loss.kind=ldam --set net.head=normalised
    search2 usual-label-aware-smoothing-$step --set $step.loss.kind=label-aware-smoothing
done
numbers margin ldam --set STEP.loss.margin=0.1
numbers head label-aware-smoothing --set STEP.loss.head=0.6
numbers tail label-aware-smoothing --set STEP.loss.tail=0.2

mpi 2 "${search[@]}" --epochs 1 --set data.shards=2 --set bbn.enabled=true --set search.order=2 \
    --set data.mix=mixup --set dist.reproducible=true --set weights.loss.kind=vs \
    --set arch.loss.kind=label-aware-smoothing --out "$T/all2"
exits "two branches, second order, mixed images, reproducible, on two ranks" 0
run "${search[@]}" --epochs 1 --set data.shards=2 --set bbn.enabled=true --set search.order=2 \
    --set data.mix=mixup --set dist.reproducible=true --set weights.loss.kind=vs \
    --set arch.loss.kind=label-aware-smoothing --out "$T/all1"
is "the same bits on one" "$(learned "$T/all1")" "$(learned "$T/all2")"

# ---- weights that begin late -------------------------------------------------------------

late=("${search[@]}" --set weights.class_weights=effective --set weights.class_weights_from=1
    --set arch.class_weights=inverse --set arch.class_weights_from=2)
run "${late[@]}" --epochs 3 --out "$T/late"
exits "class weights from an epoch on" 0
flat
has "the start tells when" "$T/flat" \
    'weighted: effective from epoch 1 .of 0, 1, ….; architecture step: .*inverse from epoch 2 '
run "${late[@]}" --epochs 1 --out "$T/late1"
has "a run that ends before is told so" "$err" 'class_weights_from 1, but search.epochs 1'
run "${search[@]}" --epochs 1 --out "$T/never"
is "before it they are ones" "$(learned "$T/late1")" "$(learned "$T/never")"
run "${late[@]}" --epochs 3 --out "$T/late1"
is "a resumed run begins with them when the whole one does" "$(learned "$T/late1")" \
    "$(learned "$T/late")"
run "${search[@]}" --epochs 3 --out "$T/never"
if [ "$(learned "$T/never")" != "$(learned "$T/late")" ]; then pass "and then they are not"
else fail "and then they are not"; fi

run "${search[@]}" --set data.sampler=class-balanced --set weights.loss.kind=vs --dry-run
has "a sampler and logits by counts are doubted together" "$err" \
    'data.sampler class-balanced and weights.loss.kind vs both favour the classes of few images'
run "${search[@]}" --set weights.loss.kind=vs --dry-run
has_not "one of them is not" "$err" 'both favour'

# ---- what makes no sense -----------------------------------------------------------------

refused "a tau that nothing reads" 2 \
    'weights.loss.tau: found "1", but weights.loss.kind is cdt; set weights.loss.kind to vs or logit-adjustment, or leave weights.loss.tau at auto' \
    "${search[@]}" --set weights.loss.kind=cdt --set weights.loss.tau=1 --out "$T/none"
refused "a beginning of no weights" 2 \
    'arch.class_weights_from: found "3", but arch.class_weights is none' \
    "${search[@]}" --set arch.class_weights_from=3 --out "$T/none"
refused "smoothing by counts that are equal" 2 \
    'weights.loss.kind: found "label-aware-smoothing", but all classes have [0-9]+ images.*data.imbalance' \
    "${search[@]}" --set data.imbalance=1 --set weights.loss.kind=label-aware-smoothing --out "$T/none"
refused "a word that is no number" 2 'weights.loss.gamma: found "automatic"; accepted: a number from 0 to 100, or auto' \
    "${search[@]}" --set weights.loss.kind=vs --set weights.loss.gamma=automatic --out "$T/none"

# A configuration that an older version saved has its default of gamma.
awk '/loss:/ { print; getline; print; print "    gamma: 2"; getline; next } { print }' \
    "$T/never/config.yaml" >"$T/former.yaml"
has "(the file has it)" "$T/former.yaml" '^    gamma: 2$'
ok "the number that gamma was where nothing read it" taildart search --config "$T/former.yaml" --dry-run
run taildart search --config "$T/former.yaml" --epochs 4 --out "$T/never"
exits "is no other run" 0

# ---- after the training ------------------------------------------------------------------

run taildart eval "$T/late/checkpoint.h5" --data "$T/data" --part arch --csv "$T/plain.csv" --logits "$T/plain.h5"
exits "an evaluation" 0
run taildart eval "$T/late/checkpoint.h5" --data "$T/data" --part arch --adjust 0 --csv "$T/zero.csv" --logits "$T/zero.h5"
exits "adjusted by nothing" 0
has "a run that has favoured rare classes is doubted" "$err" \
    'NOTE: --adjust: .*late/checkpoint.h5 has learned with weights.class_weights [a-z]+, .* the tail is corrected twice$'
is "by that key alone" "$(grep -c 'NOTE: --adjust' "$err")" 1
if cmp -s "$T/plain.h5" "$T/zero.h5"; then pass "has the same logits"; else fail "has the same logits"; fi
is "and the same figures" "$(sed -n 2p "$T/zero.csv" | cut -d, -f1-9,11-)" "$(sed -n 2p "$T/plain.csv")"
mpi 2 taildart eval "$T/late/checkpoint.h5" --data "$T/data" --part arch --adjust 0,1,100 --csv "$T/three.csv"
exits "several adjustments on two ranks" 0
has "have a table" "$out" '^adjusted +loss +top-1 +balanced +many +medium +few$'
is "with a row each" "$(grep -cE '^(0|1|100) ' "$out")" 3
is "so has the file" "$(cut -d, -f 10 "$T/three.csv" | tr '\n' ' ')" "adjust 0 1 100 "
is "its first row is that of the logits as they are" "$(sed -n 2p "$T/three.csv")" "$(sed -n 2p "$T/zero.csv")"
# 4 classes of which one is by far the rarest: with tau 100 it is what is answered.
is "far enough, the rarest class is all that is answered" \
    "$(awk -F, 'NR == 4 { print ($2 == 0.25) }' "$T/three.csv")" 1
run taildart eval "$T/late/checkpoint.h5" --data "$T/data" --part arch --adjust 100 --confusion "$T/answers.csv"
is "and it is the rarest, not the largest" \
    "$(tail -n +2 "$T/answers.csv" | awk -F, '{ for (i = NF - 3; i < NF; i++) others += $i; last += $NF } END { print others + 0, (last > 0) }')" "0 1"
run taildart eval "$T/late/checkpoint.h5" --data "$T/data" --part arch --tau-norm 1 --csv "$T/norm.csv"
exits "rows of equal norms" 0
is "the file tells them, too" "$(column "$T/norm.csv" tau_norm)" 1
has "are told" "$out" '^classifier rows over their norm to the power of 1, no bias$'
refused "a tau that is no number" 2 '--adjust 1;2: accepted: a number from 0 to 100, or up to 16' \
    taildart eval "$T/late/checkpoint.h5" --data "$T/data" --part arch --adjust '1;2'
refused "a negative one" 2 '--tau-norm -1: accepted: a number from 0 to 100' \
    taildart eval "$T/late/checkpoint.h5" --data "$T/data" --part arch --tau-norm=-1
refused "logits of several" 2 '--adjust 1,2: --logits and --confusion are of one adjustment' \
    taildart eval "$T/late/checkpoint.h5" --data "$T/data" --part arch --adjust 1,2 --logits "$T/x.h5"
run taildart eval "$T/logit-adjustment/checkpoint.h5" --data "$T/data" --part arch --adjust 1
has "a loss that has is doubted" "$err" 'NOTE: --adjust: .* has learned with weights.loss.kind logit-adjustment, which'
done_testing
