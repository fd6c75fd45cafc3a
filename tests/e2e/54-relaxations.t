#!/usr/bin/env bash
# Every relaxation, its temperature, and edge weights, end to end on two ranks.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 24
search=(taildart search --data "$T/data" --batch 12 --epochs 1 --imbalance 3 --set net.channels=4
    --set net.cells=3 --set net.nodes=2 --set data.crop_pad=1 --set data.shards=2 --set dist.reproducible=true)
learned() { "$BUILD/tests/tools/state_hash" "$1/checkpoint.h5"; }

# ---- kinds -------------------------------------------------------------------------------

declare -A hash
for kind in softmax sigmoid gumbel gdas reinmax dirichlet; do
    mpi 2 "${search[@]}" --set arch.relaxation=$kind --out "$T/$kind"
    exits "$kind on two ranks" 0
    has "the start tells it" "$out" "^arch +$kind of alpha"
    run "${search[@]}" --set arch.relaxation=$kind --out "$T/$kind-1"
    hash[$kind]=$(learned "$T/$kind")
    is "one rank learns the same bits" "$(learned "$T/$kind-1")" "${hash[$kind]}"
    run taildart genotype "$T/$kind/checkpoint.h5"
    is "its checkpoint's cell is the run's" "$(cat "$out")" "$(cat "$T/$kind/genotype.txt")"
done
is "each learns something else" "$(printf '%s\n' "${hash[@]}" | sort -u | wc -l)" 6
run "${search[@]}" --set arch.relaxation=gumbel --set seed=3 --out "$T/gumbel-3"
if [ "$(learned "$T/gumbel-3")" != "${hash[gumbel]}" ]; then pass "another seed draws otherwise"
else fail "another seed draws otherwise"; fi

# Evaluation of a checkpoint reads the tables as the run did.
for kind in gdas dirichlet; do
    run taildart eval "$T/$kind/checkpoint.h5" --data "$T/data" --part arch
    near "eval of $kind is the run's validation" "$(awk '$1 == "loss" { print $2 }' "$out")" \
        "$(final "$T/$kind" valid_loss)" 6e-5
done

# ---- temperature -------------------------------------------------------------------------

warm=(--set arch.temperature.shape=linear --set arch.temperature.start=10 --set arch.temperature.end=0.1)
run "${search[@]}" --set arch.relaxation=gumbel "${warm[@]}" --epochs 2 --out "$T/warm"
exits "a falling temperature" 0
has "is told" "$out" '^ +temperature linear: 10'
for drops in "exponential --set arch.temperature.gamma=0.5" "step --set arch.temperature.gamma=0.5 --set arch.temperature.every=1"; do
    # shellcheck disable=SC2086   # words
    mpi 2 "${search[@]}" --set arch.temperature.start=4 --set arch.temperature.shape=$drops --epochs 2 --out "$T/${drops%% *}"
    exits "a temperature that drops, ${drops%% *}" 0
    has "is told" "$out" "^ +temperature ${drops%% *}: 4, 2 at the end"
done
run "${search[@]}" --set arch.relaxation=softmax "${warm[@]}" --epochs 2 --out "$T/soft"
exits "softmax has one, too" 0
run taildart eval "$T/soft/checkpoint.h5" --data "$T/data" --part arch
near "an evaluation is at the last epoch's" "$(awk '$1 == "loss" { print $2 }' "$out")" \
    "$(final "$T/soft" valid_loss)" 6e-5
run "${search[@]}" --set arch.relaxation=sigmoid "${warm[@]}" --out "$T/none"
exits "sigmoid has none" 2
has "says which have" "$err" 'arch.temperature.*arch.relaxation has no temperature; set arch.relaxation to softmax'
run "${search[@]}" --set arch.relaxation=reinmax "${warm[@]}" --out "$T/none"
exits "reinmax needs 1 at least" 2
has "says so" "$err" 'reinmax needs 1 or more in every epoch'
run "${search[@]}" --set arch.temperature.start=0 --out "$T/none"
exits "0 is none" 2

# ---- stopped and continued ---------------------------------------------------------------

# Draws go by the step: two starts on two ranks have the bits of one on one.
two=(--set weights.lr.shape=constant --epochs 2)
for kind in gumbel gdas reinmax dirichlet; do
    heat=$([ $kind = dirichlet ] || echo --set arch.temperature.start=2)
    # shellcheck disable=SC2086   # two words, or none
    run "${search[@]}" "${two[@]}" --set arch.relaxation=$kind $heat --out "$T/$kind-two"
    for epochs in 1 2; do
        # shellcheck disable=SC2086
        mpi 2 "${search[@]}" "${two[@]}" --set arch.relaxation=$kind $heat --epochs $epochs --out "$T/$kind-starts"
    done
    is "$kind goes on where it was" "$(learned "$T/$kind-starts")" "$(learned "$T/$kind-two")"
done
# Within an epoch, wherever that may be; temperature falls meanwhile.
long=("${search[@]}" --set arch.relaxation=gumbel "${warm[@]}" --epochs 4)
run "${long[@]}" --out "$T/whole"
start stopped mpirun -n 2 "${long[@]}" --set checkpoint.minutes=0 --out "$T/stopped"
until_true 60 test -s "$T/stopped/checkpoint.h5" || fail "a run gets under way"
kill -USR2 "$(child_of "$started_pid")" 2>/dev/null
wait "$started_pid"
mpi 2 "${long[@]}" --out "$T/stopped"
exits "one that was asked to stop" 0
is "ends as one that was not" "$(learned "$T/stopped")" "$(learned "$T/whole")"

# ---- edge weights ------------------------------------------------------------------------

edges=(--set arch.edge_weights=true --set search.order=2)
mpi 2 "${search[@]}" "${edges[@]}" --epochs 2 --out "$T/edges"
exits "edge weights, second order, two ranks" 0
has "the start tells them" "$out" 'softmax of alpha times edge weights'
run "${search[@]}" "${edges[@]}" --out "$T/edges-1"
run "${search[@]}" "${edges[@]}" --epochs 2 --out "$T/edges-1"
exits "the same, resumed" 0
is "the same bits" "$(learned "$T/edges-1")" "$(learned "$T/edges")"
run taildart genotype "$T/edges/checkpoint.h5"
is "its checkpoint's cell is the run's" "$(cat "$out")" "$(cat "$T/edges/genotype.txt")"
run taildart eval "$T/edges/checkpoint.h5" --data "$T/data" --part arch
exits "and an evaluation" 0
run "${search[@]}" --epochs 2 --set search.order=2 --out "$T/edges"
exits "a run keeps them" 2
has "naming the key" "$err" 'arch.edge_weights'
done_testing
