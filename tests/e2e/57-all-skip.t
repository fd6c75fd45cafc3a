#!/usr/bin/env bash
# all-skip: a skip connection beside the operations of every edge, in the search and in
# the network that it leaves.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 24
search=(taildart search --data "$T/data" --batch 12 --set net.channels=4 --set net.cells=3
    --set net.nodes=2 --set data.crop_pad=1 --set data.shards=2 --set dist.reproducible=true
    --set arch.lr.start=0.05 --set weights.lr.shape=constant)
beside=(--set net.operations=all-skip)
train=(taildart train --data "$T/data" --epochs 1 --batch 12 --set net.channels=4 --set net.cells=4
    --set data.shards=2 --set dist.reproducible=true --set train.drop_path.shape=constant)
learned() { "$BUILD/tests/tools/state_hash" "$1/checkpoint.h5"; }

# ---- a search: the same bits on two ranks, in another start, in an evaluation ---------------

run "${search[@]}" "${beside[@]}" --epochs 2 --out "$T/one"
exits "a search with skip connections beside" 0
has "the start tells it" "$out" '^operations all-skip$'
has "and the end" "$out" '^beside each operation: a skip connection'
has "the genotype says it" "$T/one/genotype.txt" ', auxiliary_skip=True\)$'
has "in its other form, too" "$T/one/genotype.json" '"auxiliary_skip": true,$'
for epochs in 1 2; do
    mpi 2 "${search[@]}" "${beside[@]}" --epochs $epochs --out "$T/two"
done
exits "on two ranks, in two starts" 0
is "it learns the same bits" "$(learned "$T/two")" "$(learned "$T/one")"
run "${search[@]}" --epochs 2 --out "$T/all"
has_not "which without them are others" <(learned "$T/all") "$(learned "$T/one")"
run taildart eval "$T/one/checkpoint.h5" --data "$T/data" --part arch
exits "it is evaluated" 0
near "with the loss of its last validation" "$(awk '$1 == "loss" { print $2 }' "$out")" \
    "$(column "$T/one/metrics.csv" valid_loss | tail -n 1)" 6e-5
run taildart genotype "$T/one/checkpoint.h5"
is "the checkpoint knows the cell" "$(cat "$out")" "$(cat "$T/one/genotype.txt")"
run taildart report "$T/one" --out "$T/one.html"
has "and a page tells it" "$T/one.html" 'Beside each operation there is a skip connection'

# ---- the network of its cells -----------------------------------------------------------------

run "${train[@]}" --genotype "$T/one/genotype.txt" --out "$T/train"
exits "the cell is trained" 0
mpi 2 "${train[@]}" --genotype "$T/one/genotype.json" --out "$T/train-2"
exits "on two ranks, from the other form" 0
is "with the same bits" "$(learned "$T/train-2")" "$(learned "$T/train")"
sed 's/, auxiliary_skip=True//' "$T/one/genotype.txt" >"$T/plain.txt"
run "${train[@]}" --genotype "$T/plain.txt" --out "$T/plain"
has_not "which are not those without them" <(learned "$T/plain") "$(learned "$T/train")"
mpi 2 taildart eval "$T/train/checkpoint.h5" --data "$T/data"
exits "it is evaluated" 0
run taildart genotype "$T/train/checkpoint.h5" --format dot
has "the graph shows both" "$out" 'label=" [a-z0-9_]+ \+ skip "'
run taildart train --from "$T/train/checkpoint.h5" --data "$T/data" --epochs 1 --out "$T/retrained"
exits "its classifier learns anew" 0

# ---- with what else there is ---------------------------------------------------------------------

mpi 2 "${search[@]}" "${beside[@]}" --epochs 2 --set 'search.prune=[{epoch: 1, keep: 1}]' --set bbn.enabled=true \
    --set search.order=2 --out "$T/pruned"
exits "dropped operations, two branches, second order" 0
mpi 2 "${search[@]}" "${beside[@]}" --epochs 1 --set arch.relaxation=gdas --set arch.edge_weights=true --out "$T/gdas"
exits "one operation of an edge at a time, edge weights" 0
mpi 2 "${search[@]}" "${beside[@]}" --epochs 1 --set arch.relaxation=sigmoid --set search.discretise=threshold \
    --set search.threshold=0.5 --set search.max_skips=1 --set net.cells=1 --out "$T/cut"
exits "a threshold, a limit, a single cell" 0
has "whose cells say it" "$T/cut/genotype.txt" ', auxiliary_skip=True\)$'
refused "cells that are drawn lack edges, whose skip connections would stay" 2 \
    'search.method: random takes edges away, and with net.operations all-skip .* choose another set' \
    taildart search --data "$T/data" --set search.method=random "${beside[@]}" --out "$T/none"
refused "so do those that a projection leaves" 2 'search.discretise: perturbation takes edges away' \
    taildart search --data "$T/data" --set search.discretise=perturbation "${beside[@]}" --out "$T/none"
run taildart genotype --random 1 --operations all-skip
has "and a random cell" "$out" 'auxiliary_skip=True'
run taildart bench "${beside[@]}" --set net.channels=4 --set net.cells=3 --set bench.size=8 --batch 4 --set bench.steps=1
exits "and they are timed" 0
run "${search[@]}" --set net.operations=all-skips --out "$T/none"
exits "a word that is none" 2
has "names the nearest" "$err" 'accepted: all, no-skip, all-skip, s1 to s4.*the nearest is all-skip'
done_testing
