#!/usr/bin/env bash
# The golden vectors, with the kernels of every instruction set that this machine runs.
. "$(dirname "$0")/lib.sh"

golden=$BUILD/tests/golden
[ -x "$golden" ] || { fail "$golden is built"; done_testing; }

# check NAME FOLDER: every case within its tolerance, and something was checked at all.
check() {
    run "$golden" "$2"
    exits "$1: $(tail -n 1 "$out")" 0
    has "$1: something was checked" "$out" '^[1-9][0-9]* passed, 0 failed, [0-9]+ skipped$'
}

for isa in generic x86-64-v2 x86-64-v3 x86-64-v4; do
    export TAILDART_ISA=$isa
    run "$golden" "$T"
    if grep -q TAILDART_ISA "$err"; then skip "tests/golden with $isa" "not for this processor"
    else check "tests/golden with $isa" tests/golden; fi
done
unset TAILDART_ISA
if [ -d ../shared/golden ]; then check "../shared/golden" ../shared/golden
else skip "../shared/golden" "the larger set is not beside this clone"; fi

# Local batch norm: two ranks walk the path of the oracle with two batch-norm groups.
mpi 2 "$golden" --groups tests/golden
exits "two ranks are two batch-norm groups: $(tail -n 1 "$out")" 0
has "both kinds of network, both orders" "$out" '^3 passed, 0 failed, 0 skipped$'

run "$golden" "$T"
exits "a folder without vectors is a failure" 1
run env TAILDART_ISA=vax "$golden" tests/golden
exits "an unknown instruction set stops it" 2
has "naming what is known" "$err" "generic"

done_testing
