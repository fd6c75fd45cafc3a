#!/usr/bin/env bash
# Operations of edges: sets, lists, and what is dropped during a search.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 24
search=(taildart search --data "$T/data" --batch 12 --set net.channels=4 --set net.cells=3
    --set net.nodes=2 --set data.crop_pad=1 --set data.shards=2 --set dist.reproducible=true
    --set arch.lr.start=0.05 --set weights.lr.shape=constant)
learned() { "$BUILD/tests/tools/state_hash" "$1/checkpoint.h5"; }

# ---- sets: the same bits on two ranks, in another start, in an evaluation ------------------

for set in s2 s4; do
    run "${search[@]}" --epochs 2 --set net.operations=$set --out "$T/$set"
    exits "a search of $set" 0
    has "the start tells it" "$out" "^operations $set\$"
    mpi 2 "${search[@]}" --epochs 1 --set net.operations=$set --out "$T/$set-2"
    mpi 2 "${search[@]}" --epochs 2 --set net.operations=$set --out "$T/$set-2"
    exits "on two ranks, in two starts" 0
    is "it learns the same bits" "$(learned "$T/$set-2")" "$(learned "$T/$set")"
    run taildart eval "$T/$set/checkpoint.h5" --data "$T/data" --part arch
    exits "it is evaluated" 0
    near "with the loss of its last validation" "$(awk '$1 == "loss" { print $2 }' "$out")" \
        "$(column "$T/$set/metrics.csv" valid_loss | tail -n 1)" 6e-5
    run taildart genotype "$T/$set/checkpoint.h5"
    is "the checkpoint knows the cell" "$(cat "$out")" "$(cat "$T/$set/genotype.txt")"
    run taildart report "$T/$set" --out "$T/$set.html"
    exits "and has a page" 0
    mpi 2 taildart train --genotype "$T/$set/genotype.txt" --data "$T/data" --epochs 1 --batch 12 \
        --set net.channels=4 --set net.cells=3 --out "$T/$set-train"
    exits "the cell is trained" 0
done
has_not "s2 has nothing but its two" "$T/s2/genotype.txt" "'(none|max|avg|dil|sep_conv_5)"
has "noise has its name" "$T/s4/genotype.txt" "'noise'"
has "on the page, too" "$T/s4.html" "noise"

# A training with noise is the same on one rank and on two.
for ranks in 1 2; do
    mpi $ranks taildart train --genotype "$T/s4/genotype.txt" --data "$T/data" --epochs 1 --batch 12 \
        --set net.channels=4 --set net.cells=3 --set data.shards=2 --set dist.reproducible=true --out "$T/noisy-$ranks"
done
is "noise in a training does not know of ranks" "$(learned "$T/noisy-2")" "$(learned "$T/noisy-1")"

# Noise does not know of threads, and an evaluation draws by the image.
OMP_NUM_THREADS=2 run "${search[@]}" --epochs 2 --set net.operations=s4 --out "$T/threads"
is "two threads make the same noise" "$(learned "$T/threads")" "$(learned "$T/s4")"

# ---- lists ---------------------------------------------------------------------------------

cat >"$T/list.yaml" <<'END'
net:
  operations: [none, skip_connect, sep_conv_3x3]
END
run "${search[@]}" --config "$T/list.yaml" --epochs 1 --out "$T/list"
exits "a list in a file" 0
run "${search[@]}" --epochs 1 --set net.operations=s3 --out "$T/s3"
is "is the set of that name" "$(learned "$T/list")" "$(learned "$T/s3")"
run taildart search --config "$T/list/config.yaml" --set net.operations=s3 --epochs 2
exits "but a run goes on with its own words" 2
has "which are named" "$err" 'net\.operations'
run "${search[@]}" --set net.operations=skip_conect --out "$T/none"
exits "a word that is none" 2
has "names the nearest" "$err" 'net\.operations: found "skip_conect".*the nearest is skip_connect'
run "${search[@]}" --set net.operations=s1 --out "$T/none"
exits "s1 is of four nodes" 2
has "says so" "$err" 'set net\.nodes to 4'
run taildart search --dry-run --data "$T/data" --batch 12 --set net.operations=s1
exits "and known beforehand" 0
if [ -e "$T/none" ]; then fail "nothing was begun"; else pass "nothing was begun"; fi

# ---- dropping ------------------------------------------------------------------------------

prune=(--set 'search.prune=[{epoch: 1, keep: 5}, {epoch: 3, keep: 2}]')
run "${search[@]}" "${prune[@]}" --epochs 4 --out "$T/prune"
exits "a search that drops operations" 0
has "five are left at first" "$out" '^epoch 2 begins with 50 operations on 10 edges; the 30 weakest are gone'
has "then two" "$out" '^epoch 4 begins with 20 operations on 10 edges; the 30 weakest are gone'
has "its file says it as a list" "$T/prune/config.yaml" '^  prune: \[\{epoch: 1, keep: 5\}, \{epoch: 3, keep: 2\}\]$'
for epochs in 1 2 4; do
    mpi 2 "${search[@]}" "${prune[@]}" --epochs $epochs --out "$T/prune-2"
done
exits "on two ranks, in three starts" 0
has "what is gone is gone only once" "$out" '^epoch 4 begins with 20'
has_not "and stays so" "$out" '^epoch 2 begins'
is "it learns the same bits" "$(learned "$T/prune-2")" "$(learned "$T/prune")"
run taildart eval "$T/prune/checkpoint.h5" --data "$T/data" --part arch
near "an evaluation knows what is left" "$(awk '$1 == "loss" { print $2 }' "$out")" \
    "$(column "$T/prune/metrics.csv" valid_loss | tail -n 1)" 6e-5
run taildart report "$T/prune" --out "$T/page.html"
exits "and has a page" 0
near "entropy is that of what is left" "$(column "$T/prune/metrics.csv" alpha_entropy_normal | tail -n 1)" 0.69 0.05
run "${search[@]}" "${prune[@]}" --epochs 2 --set search.order=2 --set bbn.enabled=true --out "$T/prune-bbn"
exits "in second order and two branches, too" 0
for bad in '[{epoch: 3}]' '[{epoch: 3, keep: 5, keep: 4}]' '[{epoch: 3, keep: 5}' '[{epoch: x, keep: 5}]' 5 \
    '[{epoch: 0, keep: 5}]' '[{epoch: 3, keep: 8}]' '[{epoch: 3, keep: 5}, {epoch: 3, keep: 2}]' \
    '[{epoch: 3, keep: 5}, {epoch: 4, keep: 5}]'; do
    run "${search[@]}" --set "search.prune=$bad" --out "$T/none"
    exits "search.prune $bad" 2
    has "names the key" "$err" 'search\.prune: found'
done

# ---- a single cell -------------------------------------------------------------------------

mpi 2 "${search[@]}" --epochs 1 --set net.cells=1 --set net.nodes=8 --out "$T/single"
exits "a supernet of one cell" 0
has "which is a normal one" "$out" '^cells +a normal one alone: the genotype has it twice'
is "the genotype has it twice" "$(sed -E 's/.*normal=(\[.*\]), normal_concat.*/\1/' "$T/single/genotype.txt")" \
    "$(sed -E 's/.*reduce=(\[.*\]), reduce_concat.*/\1/' "$T/single/genotype.txt")"
run taildart train --genotype "$T/single/genotype.txt" --data "$T/data" --epochs 1 --batch 12 \
    --set net.channels=4 --set net.cells=3 --out "$T/single-train"
exits "and is trained" 0
done_testing
