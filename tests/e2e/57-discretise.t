#!/usr/bin/env bash
# Cells without two inputs per node: found by a threshold, trained, shown.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 24
search=(taildart search --data "$T/data" --batch 12 --set net.channels=4 --set net.cells=3
    --set net.nodes=3 --set data.crop_pad=1 --set data.shards=2 --set dist.reproducible=true
    --set arch.lr.start=0.3 --set arch.relaxation=sigmoid --set weights.lr.shape=constant)
cut=(--set search.discretise=threshold --set search.threshold=0.7)
train=(taildart train --data "$T/data" --epochs 1 --batch 12 --set net.channels=4 --set net.cells=3
    --set data.shards=2 --set dist.reproducible=true --set train.drop_path.shape=constant)
learned() { "$BUILD/tests/tools/state_hash" "$1/checkpoint.h5"; }
cell() { cat "$1/genotype.txt"; }

# ---- a search, on any number of ranks and in any number of starts -------------------------

run "${search[@]}" "${cut[@]}" --epochs 3 --out "$T/one"
exits "a search with a threshold" 0
has "the start tells it" "$out" '^threshold +operations of strength 0\.7 and more'
has "the cell has triples" "$T/one/genotype.txt" "^Genotype\(normal=\[\('[a-z0-9_]+', [2-4], [0-3]\)"
for epochs in 1 2 3; do
    mpi 2 "${search[@]}" "${cut[@]}" --epochs $epochs --out "$T/two"
done
exits "on two ranks, in three starts" 0
is "finds the same cell" "$(cell "$T/two")" "$(cell "$T/one")"
is "with the same bits" "$(learned "$T/two")" "$(learned "$T/one")"
run "${search[@]}" --epochs 3 --out "$T/both"
is "which are those without a threshold" "$(learned "$T/both")" "$(learned "$T/one")"
has_not "whose cell has pairs" "$T/both/genotype.txt" "', [0-9], [0-9]\)"
run taildart genotype "$T/one/checkpoint.h5"
is "the checkpoint has the cell" "$(cat "$out")" "$(cell "$T/one")"
run taildart genotype "$T/both/checkpoint.h5" --threshold 0.7
is "a threshold may come later" "$(cat "$out")" "$(cell "$T/one")"

# ---- its training --------------------------------------------------------------------------

run "${train[@]}" --genotype "$T/one/genotype.txt" --out "$T/train"
exits "the cell is trained" 0
mpi 2 "${train[@]}" --genotype "$T/one/genotype.json" --out "$T/train-2"
exits "on two ranks, from the other form" 0
is "with the same bits" "$(learned "$T/train-2")" "$(learned "$T/train")"
is "the training keeps the text" "$(cell "$T/train-2")" "$(cell "$T/one")"
mpi 2 taildart eval "$T/train-2/checkpoint.h5" --data "$T/data"
exits "it is evaluated" 0
run taildart report "$T/one" "$T/train" --out "$T/page.html"
exits "and has a page with its search" 0
run taildart report "$T/one" --out "$T/one.html"
has "which says where cells come from" "$T/one.html" 'those that reach search\.threshold'
is "wires are as many as operations" "$(grep -o '<g class="o[0-9]' "$T/one.html" | wc -l)" \
    "$(grep -o ' -> .[0-9]* \[label' "$T/one/genotype.dot" | wc -l)"

# Two of three nodes, one with three inputs; and one operation alone.
uneven="Genotype(normal=[('sep_conv_3x3', 2, 0), ('skip_connect', 4, 0), ('avg_pool_3x3', 4, 1), \
('dil_conv_5x5', 4, 2)], normal_concat=range(2, 5), reduce=[('max_pool_3x3', 3, 1)], reduce_concat=range(2, 5))"
even="Genotype(normal=[('sep_conv_3x3', 2, 0), ('skip_connect', 3, 0), ('avg_pool_3x3', 3, 1), \
('dil_conv_5x5', 3, 2)], normal_concat=range(2, 4), reduce=[('max_pool_3x3', 2, 1)], reduce_concat=range(2, 4))"
plan() { grep -E 'parameters|MB|GFLOP|operations' "$out" | sed 's/Genotype.*//'; }
run "${train[@]}" --genotype "$uneven" --dry-run
exits "a plan of an uneven cell" 0
has "knows its parameters" "$out" 'parameters'
plan >"$T/plan"
run "${train[@]}" --genotype "$even" --dry-run
is "in which dropped nodes do not count" "$(cat "$T/plan")" "$(plan)"
mpi 2 "${train[@]}" --genotype "$uneven" --set bbn.enabled=true --out "$T/uneven"
exits "an uneven cell is trained, in two branches" 0
run taildart genotype "$T/uneven/checkpoint.h5" --format dot
has "the graph has the node that is left" "$out" '^ +n4 -> nout'
has_not "and not the one that is dropped" "$out" 'n3'
run taildart bench --genotype "$uneven" --set net.channels=4 --set net.cells=3 --set bench.size=8 \
    --batch 4 --set bench.steps=1
exits "and timed" 0

# ---- with what else chooses -------------------------------------------------------------------

mpi 2 "${search[@]}" "${cut[@]}" --epochs 2 --set net.operations=skip_connect,sep_conv_3x3 \
    --set search.max_skips=0 --set search.threshold=0.5 --out "$T/skips"
exits "a limit on skip connections and a threshold" 0
has_not "go together" <(sed 's/reduce=.*//' "$T/skips/genotype.txt") skip_connect
run taildart genotype "$T/skips/checkpoint.h5" --threshold 0.5
is "and do when it comes later" "$(cat "$out")" "$(cell "$T/skips")"
mpi 2 "${search[@]}" "${cut[@]}" --epochs 2 --set 'search.prune=[{epoch: 1, keep: 2}]' \
    --set arch.edge_weights=true --set search.threshold=0.52 --out "$T/pruned"
exits "dropped operations, edge weights and a threshold, too" 0
mpi 2 "${search[@]}" "${cut[@]}" --epochs 4 --set net.operations=skip_connect,none --set search.threshold=0.4 \
    --set search.stop=skips --set search.stop_start=0 --set search.stop_limit=1 --out "$T/stopped"
exits "and search.stop" 0
has "which counts what is kept" "$out" 'search\.stop skips has ended the search after epoch 1 of 4'
run "${search[@]}" "${cut[@]}" --epochs 1 --set search.order=2 --set bbn.enabled=true --set net.cells=1 \
    --set search.threshold=0.5 --out "$T/single"
exits "second order, two branches, a single cell" 0
is "the genotype has it twice" "$(sed -E 's/.*normal=(\[.*\]), normal_concat.*/\1/' "$T/single/genotype.txt")" \
    "$(sed -E 's/.*reduce=(\[.*\]), reduce_concat.*/\1/' "$T/single/genotype.txt")"

# ---- nothing left -----------------------------------------------------------------------------

run "${search[@]}" --epochs 1 --set search.discretise=threshold --set search.threshold=0.999 --out "$T/empty"
exits "a search whose cell is empty has learned" 0
has "and says so" <(tr "\n" " " <"$err") 'the normal cell has no operation.*lower search\.threshold'
is "the text says it, too" "$(cell "$T/empty")" \
    "Genotype(normal=[], normal_concat=range(2, 5), reduce=[], reduce_concat=range(2, 5))"
run taildart report "$T/empty" --out "$T/empty.html"
exits "it has a page" 0
run taildart genotype "$T/empty/checkpoint.h5" --threshold 0.4
has "a lower one finds cells" "$out" "normal=\[\('"
run taildart genotype "$T/empty/checkpoint.h5" --threshold 0.998
has "one that finds none is told" "$err" 'WARNING: .*the normal cell has no operation'
run "${train[@]}" --genotype "$T/empty/genotype.txt" --out "$T/none"
exits "there is nothing to train" 2
has "which is said" "$err" 'train\.genotype: the normal cell has no operation'

# ---- what makes no sense ------------------------------------------------------------------------

run "${search[@]}" --set search.threshold=0.5 --out "$T/none"
exits "a threshold that nobody reads" 2
has "has a reason" "$err" 'search\.threshold: found "0\.5", but search\.discretise is not threshold'
run taildart search --data "$T/data" --set search.method=random --set search.discretise=threshold --out "$T/none"
exits "a threshold of cells that are drawn" 2
has "has a reason, too" "$err" 'search\.discretise: found "threshold", but search\.method is random'
for bad in 0 1 1.5 x; do
    run "${search[@]}" --set search.discretise=threshold --set search.threshold=$bad --out "$T/none"
    exits "search.threshold $bad" 2
done
run "${search[@]}" --set search.discretise=strong --out "$T/none"
exits "a word that is none" 2
has "names the nearest" "$err" 'strongest'
run "${search[@]}" "${cut[@]}" --set arch.relaxation=softmax --dry-run
has "shares seldom reach it" "$err" 'search\.threshold 0\.7, but with arch\.relaxation softmax'
run "${search[@]}" "${cut[@]}" --set search.threshold=0.3 --dry-run
has "and sigmoids begin above it" "$err" 'search\.threshold 0\.3, but with arch\.relaxation sigmoid'
run taildart genotype "$T/train/checkpoint.h5" --threshold 0.5
exits "a training has no strengths" 2
run taildart genotype "$T/one/genotype.txt" --threshold 0.5
exits "nor has a text" 2
run taildart genotype DARTS_V2 --threshold 0.5
exits "nor a name" 2
run taildart genotype --random 1 --threshold 0.5
exits "nor a random cell" 2
run taildart genotype "$T/one/checkpoint.h5" --threshold 2
exits "nor is any number one" 2
if [ -e "$T/none" ]; then fail "nothing was begun"; else pass "nothing was begun"; fi
done_testing
