#!/usr/bin/env bash
# dist.reduce: however gradients are summed, a search runs, stops, goes on, and says how.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 24
options=(--data "$T/data" "${tiny_net[@]}" --batch 12 --set data.shards=12 --set net.channels=16)
hash() { "$BUILD/tests/tools/state_hash" "$1/checkpoint.h5"; }

# search_on RANKS FOLDER EPOCHS KEY=VALUE…
search_on() {
    local ranks=$1 folder=$2 epochs=$3 keys=() key; shift 3
    for key in "$@"; do keys+=(--set "$key"); done
    mpi "$ranks" taildart search "${options[@]}" --epochs "$epochs" --out "$folder" "${keys[@]}"
}

# ---- the same numbers ----------------------------------------------------------------------

# A sum of two has no order.
for kind in blocking overlapped ring; do
    search_on 2 "$T/two-$kind" 2 dist.reduce=$kind dist.bucket=64
    exits "2 ranks, $kind" 0
    has "$kind is told" "$out" "^reductions $kind: [0-9.]+ [kM]B by "
    is "$kind: the bits of blocking on 2 ranks" "$(hash "$T/two-$kind")" "$(hash "$T/two-blocking")"
done

# Rings add in their order, whenever a piece is sent, and so do those of blocking.
for kind in blocking overlapped ring; do
    search_on 3 "$T/three-$kind" 1 dist.reduce=$kind dist.bucket=64
    exits "3 ranks, $kind" 0
    has "$kind goes by rings on 3 ranks" "$out" "^reductions $kind: [0-9.]+ [kM]B by rings of 3 ranks, .* at a time$"
    is "$kind: the bits of ring on 3 ranks" "$(hash "$T/three-$kind")" "$(hash "$T/three-blocking")"
done
search_on 4 "$T/four" 1 net.channels=4
has "MPI's own sum of what is short" "$out" "^reductions blocking: [0-9.]+ [kM]B by MPI_Allreduce$"
search_on 6 "$T/six" 1 dist.bucket=128
has "rings within rings" "$out" "^reductions blocking: [0-9.]+ [kM]B by rings of 2 x 3 ranks, 131 kB at a time$"
mpi 1 taildart search "${options[@]}" --epochs 1 --out "$T/one"
has_not "one rank sums nothing" "$out" "^reductions"

# ---- stop, and go on in another way --------------------------------------------------------

search_on 2 "$T/moved" 1 dist.reduce=ring dist.bucket=64
search_on 2 "$T/moved" 2 dist.reduce=overlapped dist.bucket=32
exits "a search goes on with another reducer" 0
is "and ends with the bits of one that was not stopped" "$(hash "$T/moved")" "$(hash "$T/two-blocking")"

# ---- bad input -----------------------------------------------------------------------------

refused "another word" 2 "dist.reduce" taildart search "${options[@]}" --set dist.reduce=butterfly --out "$T/no"
refused "a bucket of nothing" 2 "dist.bucket" taildart search "${options[@]}" --set dist.bucket=0 --out "$T/no"

done_testing
