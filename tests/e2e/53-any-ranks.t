#!/usr/bin/env bash
# dist.reproducible: the same bits on any number of ranks that divides the shards, and
# batch norms that do not know a rank.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 60
common=(--data "$T/data" --batch 24 --imbalance 2 --set data.shards=12 --set net.channels=4
    --set data.crop_pad=1)
search=(search "${common[@]}" --set net.cells=3 --set net.nodes=2 --set dist.reproducible=true)

# state_of RUN: the hash of its state.
state_of() { "$BUILD/tests/tools/state_hash" "$1/checkpoint.h5"; }

# hash_of RANKS THREADS COMMAND…: the hash of what such a run ends with.
hash_of() {
    local ranks=$1 threads=$2
    shift 2
    rm -rf "$T/run"
    mpi "$ranks" taildart "$@" --threads "$threads" --epochs 1 --out "$T/run"
    [ "$status" = 0 ] || { cat "$err" >&2; echo "exit $status on $ranks ranks of $threads threads"; return; }
    state_of "$T/run"
}

# same_on NAME RANKS… -- COMMAND…: one hash on all of these ranks.
same_on() {
    local name=$1 ranks=() first=
    shift
    while [ "$1" != -- ]; do ranks+=("$1"); shift; done
    shift
    first=$(hash_of 1 1 "$@")
    for n in "${ranks[@]}"; do
        is "$name: $n ranks" "$(hash_of "$n" 1 "$@")" "$first"
    done
    is "$name: 2 threads" "$(hash_of 1 2 "$@")" "$first"
    is "$name: 2 ranks of 2 threads" "$(hash_of 2 2 "$@")" "$first"
}

same_on "first order" 2 3 4 6 -- "${search[@]}"
same_on "second order, two branches" 2 3 4 6 -- "${search[@]}" --set search.order=2 --set bbn.enabled=true
same_on "class weights, two branches, mixed images" 2 6 -- "${search[@]}" --set bbn.enabled=true \
    --set weights.class_weights=effective --set arch.class_weights=inverse --set data.mix=mixup
same_on "norms of all ranks" 2 3 -- "${search[@]}" --set dist.batchnorm=sync --set search.order=2
taildart genotype DARTS_V2 --output "$T/genotype.txt" >/dev/null
same_on "a derived network" 2 3 -- train "${common[@]}" --genotype "$T/genotype.txt" --set net.cells=6 \
    --set dist.reproducible=true --set train.drop_path.start=0.4

# What else a run tells of itself.
first=$(hash_of 1 1 "${search[@]}")
for reduce in overlapped ring; do
    is "dist.reduce $reduce" "$(hash_of 3 1 "${search[@]}" --set "dist.reduce=$reduce" --set dist.bucket=16)" "$first"
done
first=$(hash_of 1 1 "${search[@]}")
columns() { tail -n +2 "$1/metrics.csv" | cut -d, -f1,4-18; }
columns "$T/run" >"$T/metrics.1"
cp "$T/run/genotype.txt" "$T/genotype.1"
hash_of 3 1 "${search[@]}" >/dev/null
columns "$T/run" >"$T/metrics.3"
is "metrics" "$(cat "$T/metrics.3")" "$(cat "$T/metrics.1")"
is "genotype" "$(cat "$T/run/genotype.txt")" "$(cat "$T/genotype.1")"
other=$(hash_of 3 1 "${search[@]/dist.reproducible=true/dist.reproducible=false}")
is "without it the bits are others" "$([ "$other" = "$first" ] || echo "$other" | tr -d 0-9a-f)" ""
is "of a run all the same" "${#other}/$([ "$other" = "$first" ] || echo others)" 16/others

# Stopped on 2 ranks, continued on 3: the bits of a run on 1 that nobody disturbed.  It has
# seconds to go when it is stopped, since an epoch takes a twentieth of one.
whole=$T/whole parts=$T/parts
mpi 1 taildart "${search[@]}" --epochs 150 --out "$whole"
exits "a run on one rank" 0
start parts mpirun -n 2 taildart "${search[@]}" --epochs 150 --out "$parts"
until_true 60 grep -q '^0,' "$parts/metrics.csv" || fail "two ranks get under way"
kill -USR2 "$(child_of "$started_pid")"
status=0
wait "$started_pid" || status=$?
is "stopped on two ranks" "$status" 85
mpi 3 taildart "${search[@]}" --epochs 150 --out "$parts"
exits "continued on three" 0
has_not "no word of other bits" "$err" 'bits will differ'
is "the same bits" "$(state_of "$parts")" "$(state_of "$whole")"

# What would break the promise is refused.
mpi 8 taildart "${search[@]}" --epochs 4 --out "$parts"
exits "eight ranks cannot share twelve shards" 2
has "the numbers" "$err" '12 shards, which 8 ranks cannot share'
if TAILDART_ISA=x86-64-v2 "$BUILD/tests/golden" "$T" 2>&1 | grep -q TAILDART_ISA; then
    skip "another instruction set" "not for this processor"
else
    TAILDART_ISA=x86-64-v2 mpi 2 taildart "${search[@]}" --epochs 4 --out "$parts"
    exits "another instruction set" 2
    has "how to go on" "$err" 'TAILDART_ISA='
fi

# Ranks of two builds, and of two kinds of processors.
sed "s/, commit %s/, Commit %s/" "$BUILD/taildart" >"$T/other"
chmod +x "$T/other"
start_two() { run mpirun -n 1 taildart "${search[@]}" --out "$T/two" : -n 1 "$@" "${search[@]}" --out "$T/two"; }
start_two "$T/other"
exits "a rank of another build" 2
has "is named" "$err" 'rank 1 on .* is of another build than rank 0: .*Commit'
start_two env OPENBLAS_CORETYPE=Nehalem taildart
if grep -q Nehalem "$err"; then
    exits "a rank with other kernels of OpenBLAS" 2
    has "is named, too" "$err" 'rank 1 on .* another OpenBLAS kernel'
else
    skip "a rank with other kernels of OpenBLAS" "this OpenBLAS has one kind"
fi

# Batch norm: with one shard per rank `shard` is `local`; `sync` is another network.
plain=(search "${common[@]/data.shards=12/data.shards=2}" --set net.cells=3 --set net.nodes=2)
local=$(hash_of 2 1 "${plain[@]}")
is "a rank that is a shard" "$(hash_of 2 1 "${plain[@]}" --set dist.batchnorm=shard)" "$local"
sync=$(hash_of 2 1 "${plain[@]}" --set dist.batchnorm=sync)
has "norms of all ranks are told" "$out" 'batch norm of the images of all ranks, 24 images'
is "and are others" "$([ "$sync" = "$local" ] || echo others)" others

done_testing
