#!/usr/bin/env bash
# The bits of runs, as they were recorded: a change of the program's structure changes none.
#
#   BUILD=build RECORD=tests/golden/bits.txt tests/e2e/49-bits.t      record them anew
. "$(dirname "$0")/lib.sh"
recorded=tests/golden/bits.txt

# The compiler decides how sums are cut into vectors; kernels of the BLAS that any of these
# processors has.
export OPENBLAS_CORETYPE=Prescott
compiler="$(mpicc -dM -E - </dev/null | sed -n 's/^#define __VERSION__ //p')"

tiny_idx "$T/data" 4 24
common=(--data "$T/data" --epochs 1 --batch 12 --imbalance 2 --set data.shards=6 --set net.channels=4
    --set net.nodes=2 --set data.crop_pad=1)
derived=(train "${common[@]}" --genotype "$T/genotype.txt" --set net.cells=6 --set data.cutout=2 --set net.nodes=4)
search=(search "${common[@]}" --set net.cells=3)

# What runs: RANKS, then the command.
declare -A runs
names=(first first3 second2 two-branch two-branch2-second weights-in-the-loss derived derived2)
runs[first]="1 ${search[*]}"
runs[first3]="3 ${search[*]} --set net.channels=6 --set arch.sampler=class-balanced"
runs[second2]="2 ${search[*]} --set search.order=2"
runs[two-branch]="1 ${search[*]} --set bbn.enabled=true"
runs[two-branch2-second]="2 ${search[*]} --set bbn.enabled=true --set search.order=2"
runs[weights-in-the-loss]="1 ${search[*]} --set weights.class_weights=effective --set arch.class_weights=inverse"
runs[derived]="1 ${derived[*]}"
runs[derived2]="2 ${derived[*]} --set bbn.enabled=true --set train.auxiliary=false --set train.drop_path.start=0.4"
taildart genotype DARTS_V2 --output "$T/genotype.txt" >/dev/null

# hash_of NAME: runs it; its hash on stdout.
hash_of() {
    local words
    read -ra words <<<"${runs[$1]}"
    rm -rf "$T/run"
    mpi "${words[0]}" taildart "${words[@]:1}" --out "$T/run"
    [ "$status" = 0 ] || { cat "$err" >&2; echo "exit $status"; return; }
    "$BUILD/tests/tools/state_hash" "$T/run/checkpoint.h5"
}
isas=()
for isa in generic x86-64-v2 x86-64-v3 x86-64-v4; do
    run env TAILDART_ISA=$isa "$BUILD/tests/golden" "$T"
    grep -q TAILDART_ISA "$err" || isas+=("$isa")
done

if [ -n "${RECORD-}" ]; then
    [ "${#isas[@]}" = 4 ] || { echo "this processor lacks some of the instruction sets" >&2; exit 1; }
    { echo "compiler $compiler"
      for isa in "${isas[@]}"; do
          export TAILDART_ISA=$isa
          for name in "${names[@]}"; do echo "$isa $name $(hash_of "$name")"; done
      done; } >"$T/bits"
    if grep -qvE '^compiler |^[^ ]+ [^ ]+ [0-9a-f]{16}$' "$T/bits"; then exit 1; fi
    cp "$T/bits" "$RECORD"
    exit
fi

grep -qxF "compiler $compiler" "$recorded" ||
    skip_all "bits were recorded with $(sed -n 's/^compiler //p' "$recorded"), not with $compiler"
for isa in "${isas[@]}"; do
    export TAILDART_ISA=$isa
    for name in "${names[@]}"; do
        is "$isa: $name" "$(hash_of "$name")" "$(sed -n "s/^$isa $name //p" "$recorded")"
    done
done
is "every run is recorded" "$(grep -c . "$recorded")" "$((4 * ${#names[@]} + 1))"
done_testing
