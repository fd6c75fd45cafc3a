#!/usr/bin/env bash
# A cell that held-out images choose: on any number of ranks, left and continued, shown.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 24
search=(taildart search --data "$T/data" --batch 12 --epochs 2 --set net.channels=4 --set net.cells=3
    --set net.nodes=2 --set data.crop_pad=1 --set data.shards=6 --set dist.reproducible=true
    --set weights.lr.start=0.1)
projection=(--set search.discretise=perturbation --set search.tuning_epochs=1)
learned() { "$BUILD/tests/tools/state_hash" "$1/checkpoint.h5"; }
cell() { cat "$1/genotype.txt"; }
# What a run has decided, by its log: a run that goes on may make a decision again.
decisions() { unwrapped "$1" | grep -o 'decision [0-9]*/.*' | sort -u; }
unwrapped() { sed -e ':next' -e 'N' -e '$!b next' -e 's/\n    */ /g' "$1"; }

# ---- a projection ---------------------------------------------------------------------------

run "${search[@]}" "${projection[@]}" --set search.projection_images=20 --dry-run
exits "a plan" 0
has "tells decisions and epochs" "$out" '^projection 6 decisions at the ends of epochs 2 to 7: 5 epochs of the weights'
tr -s '\n ' ' ' <"$out" >"$T/plan"
has "and passes" "$T/plan" 'at most 76 passes over 20 held-out images'
has "and the rate of its epochs" "$T/plan" 'alone between them, at a rate of 0\.01; at most'
has "and all epochs" "$out" '^steps      .* per epoch, 7 epochs, 2 of alphas'
has_not "each class has some of them" "$err" 'NOTE: search.projection_images'
run "${search[@]}" "${projection[@]}" --set search.projection_images=3 --dry-run
cat "$out" "$err" >"$T/plan"
has "too few are doubted" "$T/plan" 'NOTE: search\.projection_images 3: 1 of 4 classes have none of them; 4 reach all'
run "${search[@]}" "${projection[@]}" --out "$T/one"
exits "a search with a projection" 0
has "the start tells it" "$out" '^projection 6 decisions'
has "and its epochs" "$out" '^steps      .* per epoch, 7 epochs, 2 of alphas'
is "no line is too wide" "$(grep '^decision' "$out" | awk 'length > 80')" ""
unwrapped "$out" >"$T/one.out"
has "a decision tells the loss" "$T/one.out" \
    '^decision 1/6: normal cell, edge into node [01] from (c_\{k-[12]\}|node 0) keeps [a-z]+_[a-z0-9_]+ \(loss [0-9.]+ without it\)'
has "the last ones are of nodes" "$T/one.out" '^decision 6/6: reduction cell, node 1 keeps edge from (c_\{k-[12]\}|node 0) \(.*\), edge from (c_\{k-[12]\}|node 0) \('
is "every edge and node is decided" "$(grep -c '^decision' "$out")" 12
has "epochs are counted with it" "$out" '^epoch 7/7 '
is "alphas rest in its epochs" "$(column "$T/one/metrics.csv" lr_arch | tr '\n' ' ')" \
    "0.0003 0.0003 0 0 0 0 0 "
has "no image is drawn for them" "$out" '^done: 7 epochs, 432 images'
is "weights learn at a tenth" "$(column "$T/one/metrics.csv" lr_weights | tail -n 5 | sort -u)" 0.01
for ranks in 2 3; do
    mpi $ranks "${search[@]}" "${projection[@]}" --out "$T/on-$ranks"
    is "the same bits on $ranks ranks" "$(learned "$T/on-$ranks")" "$(learned "$T/one")"
    is "the same decisions" "$(decisions "$out")" "$(decisions "$T/one.out")"
done
run "${search[@]}" --out "$T/strongest"
if [ "$(cell "$T/strongest")" != "$(cell "$T/one")" ]; then pass "the strongest is another cell"
else fail "the strongest is another cell" "$(cell "$T/one")"; fi

# The first decision, by hand: its network is the one that the other search ends with.
said='s/^decision 1\/6: normal cell, edge into node \([01]\) from \(.*\) keeps \([a-z0-9_]*\) (loss \([0-9.]*\) .*/\1 \3 \4 \2/p'
read -r node kept loss from <<<"$(sed -n "$said" "$T/one.out")"
case $from in 'c_{k-2}') state=0 ;; 'c_{k-1}') state=1 ;; *) state=2 ;; esac
edge=$((2 * node + state))
for op in max_pool_3x3 avg_pool_3x3 skip_connect sep_conv_3x3 sep_conv_5x5 dil_conv_3x3 dil_conv_5x5; do
    "$BUILD/tests/tools/mask_operation" "$T/strongest/checkpoint.h5" "$T/masked.h5" "$edge" $op || break
    run taildart eval "$T/masked.h5" --data "$T/data" --part arch
    awk -v op=$op '$1 == "loss" { print $2, op }' "$out"
done >"$T/losses"
is "each operation can be missed" "$(wc -l <"$T/losses")" 7
is "the one that is missed most is kept" "$(sort -g "$T/losses" | tail -n 1 | cut -d' ' -f2)" "$kept"
near "and the loss is told" "$(sort -g "$T/losses" | tail -n 1 | cut -d' ' -f1)" "$loss" 6e-5
run "${search[@]}" "${projection[@]}" --set search.projection_images=20 --out "$T/some"
unwrapped "$out" >"$T/some.out"
has_not "fewer images tell other losses" "$T/some.out" "^decision 1/6: normal cell, .*loss $loss without it"
run taildart search --data "$T/data" --batch 24 "${search[@]:6}" "${projection[@]}" --epochs 1 \
    --set weights.lr.start=1000000 --set weights.decay=1 --set dist.reproducible=false --out "$T/lost"
is "a network without bound decides nothing" "$status" 1
has "which is told" "$err" '^taildart: epoch 1, decision 1/6: the loss .* is no number whichever operation is absent'
run "${search[@]}" "${projection[@]}" --out "$T/one"
has "a finished one is left alone" "$out" '^already finished: .* has all 7 epochs, those of its projection'
refused "and not made longer" 2 'search\.epochs: found "3", but the search was started with 2, and 7 are done' \
    "${search[@]}" "${projection[@]}" --epochs 3 --out "$T/one"

# A study waits for its end.
tiny_study pt '  - name: pt
    search: {search: {discretise: perturbation, tuning_epochs: 1}}' 1
sed -i 's/^seeds: .*/seeds: [1]/' "$T/pt.yaml"
run taildart study "$T/pt.yaml"
exits "a study with a projection" 0
rows=$T/pt/imbalance-10/pt/seed-1/search/metrics.csv
is "has all of its epochs" "$(column "$rows" epoch | tail -n 1)" 5
sed -i '$d' "$rows"
touch "${rows%metrics.csv}checkpoint.h5" # which is written behind them
run taildart study "$T/pt.yaml"
has "and does not do without one" "$out" 'seed-1 search: starts'

# ---- left and continued ---------------------------------------------------------------------

# Its second cell is asked when the first has decided: there it is told to stop, or killed.
tiny_idx "$T/more" 4 150
long=(taildart search --data "$T/more" "${search[@]:4}" "${projection[@]}" --epochs 1)
run "${long[@]}" --out "$T/whole"
cp "$out" "$T/whole.out"
rank_pid() { sed -n 's/^pid \([0-9]*\).*/\1/p' "$T/parts/run.lock"; }
for signal in TERM TERM KILL TERM; do
    n=$((${n:-0} + 1))
    start part mpirun -n 2 "${long[@]}" --out "$T/parts"
    until_true 60 grep -qE "decision $n/6" "$T/part.out"
    kill -$signal "$(rank_pid)"
    wait "$started_pid" 2>/dev/null
    cat "$T/part.out" >>"$T/parts.out"
done
mpi 3 "${long[@]}" --out "$T/parts"
exits "a projection that was left four times" 0
cat "$out" >>"$T/parts.out"
is "ends with the same bits" "$(learned "$T/parts")" "$(learned "$T/whole")"
is "after the same decisions" "$(decisions "$T/parts.out")" "$(decisions "$T/whole.out")"
is "with the same cell" "$(cell "$T/parts")" "$(cell "$T/whole")"
is "and rows" "$(column "$T/parts/metrics.csv" valid_loss)" "$(column "$T/whole/metrics.csv" valid_loss)"

# ---- who reads it ---------------------------------------------------------------------------

run taildart genotype "$T/one/checkpoint.h5"
is "the checkpoint has the cell" "$(cat "$out")" "$(cell "$T/one")"
run taildart eval "$T/one/checkpoint.h5" --data "$T/data" --part arch
exits "it is evaluated" 0
near "with the loss of its last row" "$(awk '$1 == "loss" { print $2 }' "$out")" \
    "$(column "$T/one/metrics.csv" valid_loss | tail -n 1)" 6e-5
run taildart report "$T/one" --out "$T/page.html"
exits "it has a page" 0
has "which marks where it begins" "$T/page.html" '<title>projection begins behind epoch 2</title>'
has "and says how cells were chosen" "$T/page.html" 'What held-out images have missed most'
has_not "as a whole one" "$T/page.html" 'not finished'
mpi 2 taildart train --genotype "$T/one/genotype.txt" --data "$T/data" --epochs 1 --batch 12 \
    --set net.channels=4 --set net.cells=3 --out "$T/train"
exits "its cell is trained" 0

# ---- with other keys ------------------------------------------------------------------------

# key=value in words: two branches, edge weights, draws, few operations, one cell, second order.
for words in 'bbn.enabled=true search.order=2' 'arch.relaxation=dirichlet arch.edge_weights=true' \
    'arch.relaxation=sigmoid net.operations=s4' 'arch.relaxation=gumbel net.cells=1 arch.perturb=random' \
    'search.epochs=2 search.prune=[{epoch:1,keep:3}]'; do
    keys=()
    for word in $words; do keys+=(--set "$word"); done
    mpi 2 "${search[@]}" "${projection[@]}" --epochs 1 "${keys[@]}" --out "$T/other"
    exits "with $words" 0
    is "all is decided" "$(grep -o '^decision 6/6' "$out" | sort -u)" "decision 6/6"
    rm -rf "$T/other"
done
refused "what sees one operation alone" 2 'search\.discretise: found "perturbation", but with arch\.relaxation gdas' \
    "${search[@]}" "${projection[@]}" --set arch.relaxation=gdas --out "$T/no"
refused "an early end" 2 'search\.discretise: .* leave search\.stop at none' \
    "${search[@]}" "${projection[@]}" --set search.stop=skips --out "$T/no"
refused "a limit on skip connections" 2 'search\.discretise: .* leave search\.max_skips at never' \
    "${search[@]}" "${projection[@]}" --set search.max_skips=1 --out "$T/no"

done_testing
