#!/usr/bin/env bash
# A search in stages: cells grow, operations fall, all that is learned begins anew.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 24
tiny=(--data "$T/data" --batch 12 --set net.channels=4 --set net.cells=3 --set net.nodes=2
    --set data.crop_pad=1 --set arch.lr.start=0.05 --set weights.lr.shape=constant)
search=(search "${tiny[@]}" --set data.shards=6 --set dist.reproducible=true)
rows='[{epoch: 2, cells: 4, keep: 4}, {epoch: 4, cells: 5, keep: 2, skip_dropout: 0.5}]'
stages=(--set "search.stages=$rows" --set arch.lr.frozen_until=1)
learned() { "$BUILD/tests/tools/state_hash" "$1/checkpoint.h5"; }

# attribute FILE NAME: of a checkpoint; skipped where there is no h5py.
attribute() { python3 -c 'import h5py, sys; print(h5py.File(sys.argv[1]).attrs[sys.argv[2]])' "$1" "$2"; }
number() { python3 -c 'import h5py, sys; print(h5py.File(sys.argv[1])[sys.argv[2]][()])' "$1" "$2"; }
python3 -c 'import h5py' 2>/dev/null && has_h5py=1 || has_h5py=
# holds NAME FOLDER CELLS OPERATIONS STAGE: what a checkpoint says of its network.
holds() {
    if [ -z "$has_h5py" ]; then skip "$1" "no h5py"; return; fi
    is "$1: cells" "$(attribute "$2/checkpoint.h5" net_cells)" "$3"
    is "$1: operations of the edges" "$(python3 -c 'import h5py, sys
f = h5py.File(sys.argv[1])
print(sorted({int(n) for kind in ("normal", "reduce") for n in f["arch/present_" + kind][()].sum(1)}))' \
        "$2/checkpoint.h5")" "[$4]"
    is "$1: stage" "$(number "$2/checkpoint.h5" arch/stage)" "$5"
}

# ---- a search, on any number of ranks ------------------------------------------------------

run taildart "${search[@]}" "${stages[@]}" --epochs 6 --out "$T/all"
exits "a search in three stages" 0
has "the start tells the first" "$out" '^stage +1, epochs 1 to 2: 3 cells, [0-9.]+ [kMG]B per rank'
has "and what later ones are" "$out" '^stage +3, epochs 5 to 6: 5 cells, 2 operations per edge, drop-out 0.5 on'
has "whose parameters are told" "$out" '^parameters [0-9]+ in stage 1$'
has "half of the operations go" "$out" '^epoch 3 begins with 40 operations on 10 edges; the 40 weakest are gone'
has "in a network of its own" "$out" '^stage 2 of 3 begins: 4 cells'
has "then there are two" "$out" '^epoch 5 begins with 20 operations on 10 edges; the 20 weakest are gone'
has "its file says it as a list" "$T/all/config.yaml" '^  stages: \[\{epoch: 2, cells: 4, keep: 4\}, \{epoch: 4, cells: 5, keep: 2, skip_dropout: 0.5\}\]$'
is "rows go on" "$(column "$T/all/metrics.csv" epoch | tr '\n' ' ')" "0 1 2 3 4 5 "
is "alphas stand still where a stage begins" "$(column "$T/all/metrics.csv" lr_arch | tr '\n' ' ')" "0 0.05 0 0.05 0 0.05 "
near "and begin anew" "$(column "$T/all/metrics.csv" alpha_change | sed -n 5p)" 0 1e-9
holds "the checkpoint" "$T/all" 5 2 2
# Of the best epochs of all only those of the present network are left.
best() { awk -v from="$1" '{ if (NR - 1 >= from && $1 + 0 > most) { most = $1 + 0; epoch = NR } } END { printf "%.4f after epoch %d\n", most, epoch }'; }
is "the best epoch is of the last stage" \
    "$(tr -s '\n ' ' ' <"$out" | grep -o 'best top-1 [0-9.]* after epoch [0-9]*' | cut -d' ' -f3-)" \
    "$(column "$T/all/metrics.csv" valid_top1 | best 4)"
is "(an earlier one was better)" "$(column "$T/all/metrics.csv" valid_top1 | best 0 | grep -c 'epoch [56]')" 0
for ranks in 2 3; do
    mpi $ranks taildart "${search[@]}" "${stages[@]}" --epochs 6 --out "$T/on-$ranks"
    is "the same bits on $ranks ranks" "$(learned "$T/on-$ranks")" "$(learned "$T/all")"
done

# Drop-out on skips, which all edges have, goes by the image.
for share in 0 0.5; do
    for ranks in 1 3; do
        mpi $ranks taildart "${search[@]}" --set net.operations=s2 --epochs 2 --out "$T/share-$share-$ranks" \
            --set "search.stages=[{epoch: 1, cells: 4, keep: 2, skip_dropout: $share}]"
    done
    is "drop-out $share on skips on three ranks" "$(learned "$T/share-$share-3")" "$(learned "$T/share-$share-1")"
done
is "and it is there" "$([ "$(learned "$T/share-0.5-1")" = "$(learned "$T/share-0-1")" ] || echo others)" others

# ---- stopped and continued -----------------------------------------------------------------

mpi 2 taildart "${search[@]}" "${stages[@]}" --epochs 3 --out "$T/parts"
exits "a search that ends in its second stage" 0
has "is told that there is a third" "$err" '^NOTE: search.stages: epoch 4, but search.epochs 3: that stage never begins'
holds "its checkpoint" "$T/parts" 4 4 1
cp -r "$T/parts" "$T/parts.two"
mpi 3 taildart "${search[@]}" "${stages[@]}" --epochs 4 --out "$T/parts"
exits "goes on on three ranks" 0
has "from where it was" "$out" '^stage +2, epochs 3 to 4: 4 cells, 4 operations per edge, [0-9.]+ [kMG]B per rank'
has_not "in the same network" "$out" '^stage 2 of 3 begins'
mpi 2 taildart "${search[@]}" "${stages[@]}" --epochs 6 --out "$T/parts"
has "then the third begins" "$out" '^stage 3 of 3 begins: 5 cells'
is "and learns what it would have learned" "$(learned "$T/parts")" "$(learned "$T/all")"
run taildart "${search[@]}" "${stages[@]}" --epochs 6 --out "$T/parts"
exits "a finished one is left alone" 0
has "as one that is finished" "$out" '^already finished'

# ---- who reads it --------------------------------------------------------------------------

run taildart eval "$T/all/checkpoint.h5" --data "$T/data" --part arch
exits "it is evaluated" 0
near "with the loss of its last validation" "$(awk '$1 == "loss" { print $2 }' "$out")" \
    "$(column "$T/all/metrics.csv" valid_loss | tail -n 1)" 6e-5
run taildart genotype "$T/all/checkpoint.h5"
is "it knows the cell" "$(cat "$out")" "$(cat "$T/all/genotype.txt")"
run taildart report "$T/all" --out "$T/page.html"
exits "it has a page" 0
has "which marks where stages begin" "$T/page.html" '<title>stage 2 begins with epoch 3: 4 cells, 4 operations per edge</title>'
run taildart report "$T/parts.two" --out "$T/page.html"
has "as far as it has come" "$T/page.html" 'stage 2 begins'
has_not "and no further" "$T/page.html" 'stage 3 begins'
mpi 2 taildart train --genotype "$T/all/genotype.txt" --data "$T/data" --epochs 1 --batch 12 \
    --set net.channels=4 --set net.cells=3 --out "$T/train"
exits "the cell is trained" 0
run taildart "${search[@]}" "${stages[@]}" --epochs 6 --dry-run
exits "a dry run" 0
has "tells every stage" "$out" '^stage +2, epochs 3 to 4: 4 cells, 4 operations per edge, at most'
stage_bytes() { tr '\n' ' ' <"$out" | grep -oE 'stage +[0-9], epochs [^:]*:[^:]* [0-9.]+ MB per +rank' | grep -oE '[0-9.]+ MB' | sort -g; }
is "its memory is that of the largest" "$(sed -n 's/^planned bytes .*(\([0-9.]* MB\) per rank.*/\1/p' "$out")" "$(stage_bytes | tail -n 1)"
is "of three" "$(stage_bytes | wc -l)" 3
has_not "in lines of a terminal" <(sed -n '/^data  /,$p' "$out" | grep -v '^data ') '.{81}'

# ---- with other keys -----------------------------------------------------------------------

mpi 2 taildart search "${tiny[@]}" --set search.order=2 --set bbn.enabled=true --set net.recompute=all \
    --set search.max_skips=1 --set arch.relaxation=gumbel --set data.mix=mixup --set data.mix_from=1 \
    --set "search.stages=[{epoch: 1, cells: 4, keep: 3}]" --epochs 2 --out "$T/bbn"
exits "second order, two branches, all recomputed" 0
holds "its checkpoint" "$T/bbn" 4 3 1
run taildart search "${tiny[@]}" --set search.stop=skips --set search.stop_start=1 --set search.stop_limit=0 \
    --set net.operations=s2 --set "search.stages=[{epoch: 1, cells: 4, keep: 1}]" --epochs 4 --out "$T/stop"
exits "an early end in the last stage" 0
run taildart search "${tiny[@]}" --set net.operations=s2 --epochs 2 --dry-run \
    --set "search.stages=[{epoch: 1, cells: 4, keep: 5}]"
has "a stage that drops nothing is doubted" <(tr -s '\n ' ' ' <"$err") \
    'NOTE: search.stages: keep 5 from epoch 1 on, but an edge has 2 operations before: nothing is dropped'

# ---- what is refused -----------------------------------------------------------------------

refused "other stages than it was started with" 2 \
    "^taildart: search.stages: '.*keep: 3, skip_dropout: 0.5\}\]' does not fit the run in .* was started with '.*keep: 2, skip_dropout: 0.5\}\]'" \
    taildart "${search[@]}" --set arch.lr.frozen_until=1 --set "search.stages=${rows/keep: 2/keep: 3}" --epochs 6 --out "$T/all"
refused "none" 2 "^taildart: search.stages: '\[\]' does not fit" \
    taildart "${search[@]}" --set arch.lr.frozen_until=1 --epochs 6 --out "$T/all"
for bad in '[{epoch: 3, cells: 4}]' '[{epoch: 3, cells: 4, keep: 4}, {epoch: 3, cells: 5, keep: 2}]' \
    '[{epoch: 3, cells: 2, keep: 4}]' '[{epoch: 3, cells: 4, keep: 9}]' '[{epoch: 3, cells: 4, keep: 4, kept: 4}]'; do
    refused "search.stages $bad" 2 '^taildart: search\.stages: found' \
        taildart "${search[@]}" --set "search.stages=$bad" --out "$T/none"
done
refused "dropping in two ways" 2 '^taildart: search.prune: found .*, but search.stages drops operations' \
    taildart "${search[@]}" "${stages[@]}" --set 'search.prune=[{epoch: 3, keep: 2}]' --out "$T/none"
refused "random cells" 2 '^taildart: search.stages: found .*, but search.method is random' \
    taildart "${search[@]}" --set "search.stages=$rows" --set search.method=random --set arch.lr.start=0.0003 --out "$T/none"
refused "an end before the last stage" 2 '^taildart: search.stop_start: found "1".*accepted: at least 4' \
    taildart "${search[@]}" "${stages[@]}" --set search.stop=skips --set search.stop_start=1 --out "$T/none"
refused "a single cell" 2 '^taildart: net.cells: found "1", but search.stages needs' \
    taildart "${search[@]}" "${stages[@]}" --set net.cells=1 --out "$T/none"
if [ -e "$T/none" ]; then fail "nothing was begun"; else pass "nothing was begun"; fi
done_testing
