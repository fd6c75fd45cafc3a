#!/usr/bin/env bash
# Searches that end before their last epoch: by skip connections, by curvature.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 24
search=(taildart search --data "$T/data" --batch 12 --set net.channels=4 --set net.cells=3
    --set net.nodes=2 --set data.crop_pad=1 --set data.shards=2 --set dist.reproducible=true
    --set weights.lr.shape=constant)
learned() { "$BUILD/tests/tools/state_hash" "$1/checkpoint.h5"; }
rows() { column "$1/metrics.csv" epoch | wc -l; }
eigenvalues() { column "$1/metrics.csv" hessian_eigenvalue | tr '\n' ' '; }

# ---- skip connections: in a space of nothing else the first epoch that may ends it ----------

skips=(--set net.operations=skip_connect --set search.stop=skips --set search.stop_start=2 --set search.stop_limit=3)
run "${search[@]}" "${skips[@]}" --epochs 6 --out "$T/skips"
exits "a search with a limit on skip connections" 0
has "the start tells it" "$out" '^stop +more than 3 skip connections from epoch 3 on'
tr -s '\n ' ' ' <"$out" >"$T/flat"
has "it ends, and says why" "$T/flat" 'search.stop skips has ended the search after epoch 3 of 6: the normal cell has more than 3 skip connections'
is "after three epochs" "$(rows "$T/skips")" 3
run "${search[@]}" "${skips[@]}" --epochs 6 --out "$T/skips"
exits "once more" 0
is "there is nothing left to do" "$(rows "$T/skips")" 3
has "it says what has ended it" "$out" 'already finished: search.stop has ended .* after 3 epochs; another'
run taildart report "$T/skips" --out "$T/page.html"
has "its page says so" "$T/page.html" 'ended by search.stop: the cell is that after epoch 3'
has_not "and not that it is unfinished" "$T/page.html" 'not finished'
run "${search[@]}" "${skips[@]}" --set search.stop_limit=4 --epochs 4 --out "$T/all"
is "below the limit all epochs are done" "$(rows "$T/all")" 4

# ---- a limit on skip connections --------------------------------------------------------------

pair=(--set "net.operations=skip_connect,max_pool_3x3" --epochs 2)
skips_in() { sed -E 's/, normal_concat.*//' "$1/genotype.txt" | grep -o skip_connect | wc -l; }
for most in never 1 0; do
    mpi 2 "${search[@]}" "${pair[@]}" --set search.max_skips=$most --out "$T/limit-$most"
    exits "at most $most skip connections" 0
done
is "a limit changes nothing that is learned" "$(learned "$T/limit-0")" "$(learned "$T/limit-never")"
is "nor what is counted" "$(column "$T/limit-0/metrics.csv" skip_count_normal)" \
    "$(column "$T/limit-never/metrics.csv" skip_count_normal)"
is "one is left of $(skips_in "$T/limit-never")" "$(skips_in "$T/limit-1")" 1
is "or none" "$(skips_in "$T/limit-0")" 0
run taildart genotype "$T/limit-1/checkpoint.h5"
is "the checkpoint has that cell" "$(cat "$out")" "$(cat "$T/limit-1/genotype.txt")"
mpi 2 "${search[@]}" --set net.operations=skip_connect --epochs 1 --set search.max_skips=1 --out "$T/nothing"
exits "edges with nothing else keep theirs" 0
has "which is told" "$err" '^NOTE: search.max_skips 1, but the normal cell has 4 skip connections: nothing else could stand in their place'
run "${search[@]}" "${pair[@]}" --set search.max_skips=0 --set search.stop=skips --set search.stop_start=0 \
    --set search.stop_limit=0 --out "$T/limited"
is "a limit does not blind search.stop" "$(rows "$T/limited")" 1

# ---- curvature -------------------------------------------------------------------------------

curve=(--set arch.lr.start=0.05 --set search.stop=eigenvalue --set search.stop_every=1 --set search.stop_window=1
    --set search.stop_delta=1 --set search.stop_start=1)
run "${search[@]}" "${curve[@]}" --set search.stop_factor=1000 --epochs 5 --out "$T/curve"
exits "a search that looks at its curvature" 0
for other in arch.relaxation=gdas arch.relaxation=reinmax arch.edge_weights=true; do
    refused "curvature with $other" 2 "^taildart: search.stop: found \"eigenvalue\", " \
        "${search[@]}" --set search.stop=eigenvalue --set "$other" --out "$T/none"
done
is "every epoch has its eigenvalue" "$(column "$T/curve/metrics.csv" hessian_eigenvalue | grep -c '^[0-9]')" 5
run "${search[@]}" --set arch.lr.start=0.05 --epochs 5 --out "$T/plain"
is "looking changes nothing" "$(learned "$T/curve")" "$(learned "$T/plain")"
is "and costs nothing where it is not asked for" "$(eigenvalues "$T/plain" | tr -d ' ')" ""
for epochs in 1 3 5; do
    mpi 2 "${search[@]}" "${curve[@]}" --set search.stop_factor=1000 --epochs $epochs --out "$T/curve-2"
done
exits "on two ranks, in three starts" 0
is "they find the same" "$(eigenvalues "$T/curve-2")" "$(eigenvalues "$T/curve")"

# A factor that nothing stays below: the third epoch compares itself with the second.
run "${search[@]}" "${curve[@]}" --set search.stop_factor=0.001 --epochs 5 --out "$T/early"
exits "a search that ends early" 0
is "has the epochs that it has done" "$(rows "$T/early")" 3
tr -s '\n ' ' ' <"$out" >"$T/flat"
has "and says whose cell it returns" "$T/flat" \
    'search.stop eigenvalue has ended the search after epoch 3 of 5: the eigenvalue has grown by more than 0.001; the cell is that after epoch 2'
run "${search[@]}" --set arch.lr.start=0.05 --epochs 2 --out "$T/two"
is "which is that of the earlier epoch" "$(cat "$T/early/genotype.txt")" "$(cat "$T/two/genotype.txt")"
run taildart genotype "$T/early/checkpoint.h5"
is "the checkpoint says the same" "$(cat "$out")" "$(cat "$T/early/genotype.txt")"
run taildart genotype "$T/two" --threshold 0.125
cp "$out" "$T/two.cut"
run taildart genotype "$T/early" --threshold 0.125
is "a threshold is of the alphas of that epoch, too" "$(cat "$out")" "$(cat "$T/two.cut")"
has "which is told" "$err" '^NOTE: the cells are those after epoch 2, which the search returned$'
rm "$T/early/genotype.txt"
run "${search[@]}" "${curve[@]}" --set search.stop_factor=0.001 --epochs 5 --out "$T/early"
is "and a start that makes a lost file anew" "$(cat "$T/early/genotype.txt")" "$(cat "$T/two/genotype.txt")"
run "${search[@]}" "${curve[@]}" --set search.order=2 --set bbn.enabled=true --set net.operations=s3 --epochs 1 \
    --out "$T/bbn"
exits "two branches, second order and masks, too" 0

# ---- keys that would do nothing ---------------------------------------------------------------

for key in start=3 limit=3 every=3 window=3 delta=3 factor=3; do
    run "${search[@]}" --set "search.stop_$key" --out "$T/none"
    exits "search.stop_$key alone" 2
    has "says what it needs" "$err" "search.stop_${key%=*}: found .*set search.stop to"
done
done_testing
