#!/usr/bin/env bash
# What steps learn from: samplers that begin later or change with the epochs, and mixed
# images, alike on any number of ranks and after a stop.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 60
common=(--data "$T/data" --batch 24 --imbalance 6 --set data.shards=2 --set net.channels=4 --set net.cells=3
    --set data.crop_pad=1)
search=(taildart search "${common[@]}" --set net.nodes=1)
learned() { "$BUILD/tests/tools/state_hash" "$1/checkpoint.h5"; }

# differ NAME RUN RUN: two runs that learned other things.
differ() {
    local a b
    a=$(learned "$2") b=$(learned "$3")
    if [ -n "$a" ] && [ -n "$b" ] && [ "$a" != "$b" ]; then pass "$1"; else fail "$1" "$a" "$b"; fi
}

# same_anywhere NAME OPTIONS…: on one rank; on two ranks, stopped after the first epoch.
same_anywhere() {
    local name=$1
    shift
    rm -rf "$T/one" "$T/two"
    run "${search[@]}" --set dist.reproducible=true --epochs 2 "$@" --out "$T/one"
    exits "$name: one rank" 0
    mpi 2 "${search[@]}" --set dist.reproducible=true --epochs 1 "$@" --out "$T/two"
    mpi 2 "${search[@]}" --set dist.reproducible=true --epochs 2 "$@" --out "$T/two"
    exits "$name: two ranks, continued" 0
    is "$name: the same bits" "$(learned "$T/two")" "$(learned "$T/one")"
}

run "${search[@]}" --epochs 2 --set dist.reproducible=true --out "$T/plain"
exits "a search as published" 0
has_not "mixes nothing" "$out" '^mixed'

# ---- samplers that begin later -------------------------------------------------------------

draws() { taildart data draws "${common[@]}" --ranks 2 --epochs 10 "${@:2}" >"$T/$1" 2>"$T/$1.err"; }
later=(--set data.sampler=reversed --set data.sampler_from=3 --set arch.sampler=class-balanced --set arch.sampler_from=2)
for stream in weights arch; do
    for epoch in 1 2 3 4; do
        draws "plain$epoch" --stream $stream --epoch $epoch
        draws "whole$epoch" --stream $stream --epoch $epoch --set data.sampler=reversed --set arch.sampler=class-balanced
        draws "later$epoch" --stream $stream --epoch $epoch "${later[@]}"
        from=3
        [ $stream = weights ] || from=2
        if [ $epoch -lt $from ]; then wanted=plain; else wanted=whole; fi
        is "$stream in epoch $epoch: $wanted" "$(cksum <"$T/later$epoch")" "$(cksum <"$T/$wanted$epoch")"
    done
done
rare() { awk -F, '$4 == 3 { n++ } END { print n / (NR - 1) }' "$1"; }
draws early --epoch 0 --set data.sampler=progressive
draws late --epoch 10 --set data.sampler=progressive
near "progressive: the tail at first" "$(rare "$T/early")" 0.065 0.06
near "and balanced at the end" "$(rare "$T/late")" 0.25 0.12

same_anywhere "samplers that begin" --set data.sampler=reversed --set data.sampler_from=1 --set arch.sampler=square-root \
    --set arch.sampler_from=1
tr -s '\n ' ' ' <"$out" >"$T/flat"
has "the start tells when" "$T/flat" \
    'sampling weights instance, reversed from epoch 1, architecture instance, square-root from epoch 1 '
differ "the second epoch is another one" "$T/one" "$T/plain"
awk -F, '$1 == 0' "$T/one/metrics.csv" | cut -d, -f4-15 >"$T/a"
awk -F, '$1 == 0' "$T/plain/metrics.csv" | cut -d, -f4-15 >"$T/b"
is "the first is not" "$(cat "$T/a")" "$(cat "$T/b")"
same_anywhere "progressive" --set data.sampler=progressive --set arch.sampler=progressive
mpi 2 taildart train "${common[@]}" --genotype "$T/plain/genotype.txt" --epochs 2 --set data.sampler=class-balanced \
    --set data.sampler_from=1 --set data.mix=cmo --set data.mix_from=1 --set bbn.sampler=class-balanced --out "$T/trained"
exits "a training with both" 0

# ---- mixed images --------------------------------------------------------------------------

for kind in mixup cutmix remix cmo; do
    same_anywhere "$kind" --set data.mix=$kind --set arch.mix=$kind
    tr -s '\n ' ' ' <"$out" >"$T/flat"
    has "$kind: the start tells it" "$T/flat" "mixed weight steps: $kind.*; architecture steps: $kind"
    differ "$kind: it learns something else" "$T/one" "$T/plain"
done
same_anywhere "cmo of a balanced stream, all batches" --set data.mix=cmo --set data.mix_probability=1 \
    --set bbn.sampler=class-balanced --set data.mix_from=1
tr -s '\n ' ' ' <"$out" >"$T/flat"
has "the start tells what is pasted, and when" "$T/flat" 'mixed weight steps: cmo of class-balanced, epochs 1 to 1 '
same_anywhere "cmo in two branches, second order, class weights" --set bbn.enabled=true --set search.order=2 \
    --set data.mix=cmo --set arch.mix=cutmix --set weights.class_weights=effective
same_anywhere "mixup in two branches" --set bbn.enabled=true --set data.mix=mixup --set data.mix_alpha=0.2
same_anywhere "remix of its own measures, to an epoch" --set data.mix=remix --set data.mix_kappa=1.5 --set data.mix_tau=0.9 \
    --set data.mix_until=1 --set arch.mix=cutmix --set arch.mix_probability=0.3
# changes KEY=VALUE: in an architecture step that mixes by remix.
remix=("${search[@]}" --epochs 2 --set arch.mix=remix)
mpi 2 "${remix[@]}" --out "$T/remix"
for change in alpha=0.1 kappa=1.1 tau=0.95 from=1 until=1; do
    mpi 2 "${remix[@]}" --set "arch.mix_$change" --out "$T/remix-$change"
    exits "arch.mix_$change on two ranks" 0
    differ "is another run" "$T/remix-$change" "$T/remix"
done
run taildart data draws "${common[@]}" --set data.mix=cmo --stream rebalance
has_not "draws of what is pasted need no branches" "$err" NOTE

# ---- mixing ratios -------------------------------------------------------------------------

same_anywhere "one ratio per step" --set bbn.enabled=true --set bbn.mixing.shape=beta --set data.sampler=progressive
tr -s '\n ' ' ' <"$out" >"$T/flat"
has "the start tells it" "$T/flat" 'mixing beta: 0.5 on average; sampler reversed'
is "rows have the mean" "$(cut -d, -f6 "$T/one/metrics.csv" | tail -n 1)" 0.5
run "${search[@]}" --set dist.reproducible=true --epochs 2 --set bbn.enabled=true --set bbn.mixing.shape=constant \
    --set bbn.mixing.start=0.5 --out "$T/half"
differ "and steps do not" "$T/one" "$T/half"
mpi 2 "${search[@]}" --epochs 3 --set bbn.enabled=true --set bbn.mixing.shape=step --set bbn.mixing.gamma=0 \
    --set bbn.mixing.every=2 --out "$T/stages"
exits "two stages" 0
is "1, then 0" "$(cut -d, -f6 "$T/stages/metrics.csv" | tail -n 3 | xargs)" "1 1 0"

# ---- two heads on one trunk -----------------------------------------------------------------

heads=(--set bbn.enabled=true --set bbn.split=head)
same_anywhere "two heads" "${heads[@]}"
has "the start tells it" "$out" '^network .* two heads on one trunk'
run "${search[@]}" --set dist.reproducible=true --epochs 2 --set bbn.enabled=true --out "$T/cells"
differ "they are not two cells" "$T/one" "$T/cells"
run taildart eval "$T/two/checkpoint.h5" --data "$T/data" --part arch
exits "they are judged" 0
near "as the run did" "$(awk '$1 == "top-1" { print $2 }' "$out")" \
    "$(cut -d, -f10 "$T/two/metrics.csv" | tail -n 1)" 0.0001
run taildart report "$T/two" --out "$T/page.html"
exits "and shown" 0
run "${search[@]}" "${heads[@]}" --dry-run
exits "they are planned" 0
has "with their parameters" "$out" '^parameters'
run "${search[@]}" --set bbn.enabled=true --epochs 3 --set dist.reproducible=true --out "$T/one"
exits "a run keeps its split" 2
has "naming the key" "$err" 'bbn.split'
same_anywhere "two heads, second order, one ratio per step, cmo" "${heads[@]}" --set search.order=2 \
    --set bbn.mixing.shape=beta --set data.mix=cmo
mpi 2 taildart train "${common[@]}" --genotype "$T/plain/genotype.txt" --epochs 1 "${heads[@]}" --out "$T/trained2"
exits "a training with two heads" 0
run taildart eval "$T/trained2/checkpoint.h5" --data "$T/data"
exits "is judged" 0
refused "but not with rows of equal norms, which are those of a sum" 2 '--tau-norm' \
    taildart eval "$T/trained2/checkpoint.h5" --data "$T/data" --tau-norm 1
ok "and timed" taildart bench --set bbn.enabled=true --set bbn.split=head --set net.channels=4 --set net.cells=3 \
    --set bench.size=8 --set bench.steps=1 --batch 8

# ---- what makes no sense -------------------------------------------------------------------

run "${search[@]}" --dry-run --set data.sampler=reversed --set data.sampler_from=60
has "a sampler that never begins is noted" "$err" 'data.sampler_from 60, but search.epochs 50: no epoch gets there'
# refuse NAME MESSAGE OPTIONS…
refuse() {
    local name=$1 message=$2
    shift 2
    run "${search[@]}" "$@" --out "$T/none"
    exits "$name" 2
    has "$name: why" "$err" "$message"
}
refuse "an epoch for no sampler" 'data.sampler_from: found "3", but data.sampler is instance' --set data.sampler_from=3
refuse "an epoch for no sampler of the architecture" 'arch.sampler_from: .*arch.sampler is instance' --set arch.sampler_from=3
refuse "settings of nothing" 'data.mix_alpha: found "0.2", but data.mix is none' --set data.mix_alpha=0.2
refuse "measures of remix" 'arch.mix_tau: found "0.2", but arch.mix is not remix' --set arch.mix=mixup --set arch.mix_tau=0.2
refuse "a sampler of nothing" 'bbn.sampler: .*data.mix or arch.mix to cmo' --set bbn.sampler=instance
refuse "epochs that are none" 'data.mix_from: found "4", but data.mix_until is 4' --set data.mix=cmo --set data.mix_from=4 \
    --set data.mix_until=4
refuse "a rate that follows draws" 'arch.lr.shape: found "coupled", but bbn.mixing is drawn' --set bbn.enabled=true \
    --set bbn.mixing.shape=beta --set arch.lr.shape=coupled
refuse "a kind that is none" 'data.mix: found "cutmux"; .*cutmix' --set data.mix=cutmux
done_testing
