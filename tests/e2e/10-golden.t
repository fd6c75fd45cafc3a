#!/usr/bin/env bash
# The golden vectors, with the kernels of every instruction set that this machine runs.
. "$(dirname "$0")/lib.sh"

golden=$BUILD/tests/golden
[ -x "$golden" ] || { fail "$golden is built"; done_testing; }

# How many cases each file of a set has: a file that is gone, or one that lost its cases
# on the way, is no pass.
own='3 derived.h5, 41 discretise.json, 5 etf.json, 24 genotypes.json, 36 longtail.json, 28 losses.json, 21 losses2.json, 4 mixed_op.h5, 25 mixing.json, 40 ops.h5, '
own+='2 relaxations.json, 16 schedules.json, 1 search_bbn.h5, 1 search_first.h5, 1 search_second.h5, 26 stops.json, 3 sums.json, 3 supernet.h5'
shared='2 derived.h5, 41 discretise.json, 5 etf.json, 223 genotypes.json, 35 longtail.json, 60 losses.json, 61 losses2.json, 6 mixed_op.h5, 25 mixing.json, 52 ops.h5, '
shared+='8 relaxations.json, '
shared+='17 schedules.json, 1 search_bbn.h5, 1 search_first.h5, 2 search_second.h5, 26 stops.json, 7 sums.json, 3 supernet.h5'

# cases FILE: what has passed in the output of golden, as above.
cases() {
    awk '$1 == "passed" { print $2 }' "$1" | LC_ALL=C sort | uniq -c |
        awk '{ printf "%s%s %s", (NR > 1) ? ", " : "", $1, $2 }'
}
# check NAME FOLDER CASES SKIPPED: every case within its tolerance, and all of them.
check() {
    run "$golden" "$2"
    exits "$1: $(tail -n 1 "$out")" 0
    is "$1: every case of every file" "$(cases "$out")" "$3"
    has "$1: nothing else" "$out" "^$(grep -c ^passed "$out") passed, 0 failed, $4 skipped\$"
}

for isa in generic x86-64-v2 x86-64-v3 x86-64-v4; do
    export TAILDART_ISA=$isa
    run "$golden" "$T"
    if grep -q TAILDART_ISA "$err"; then skip "tests/golden with $isa" "not for this processor"
    else check "tests/golden with $isa" tests/golden "$own" 0; fi
done
unset TAILDART_ISA
if [ -d ../shared/golden ]; then check "../shared/golden" ../shared/golden "$shared" 0
else skip "../shared/golden" "the larger set is not beside this clone"; fi

# Local batch norm: two ranks walk the path of the oracle with two batch-norm groups.
mpi 2 "$golden" --groups tests/golden
exits "two ranks are two batch-norm groups: $(tail -n 1 "$out")" 0
has "both kinds of network, both orders" "$out" '^3 passed, 0 failed, 0 skipped$'

cp tests/golden/ops.h5 "$T"
run "$golden" "$T"
is "a set of one file is told apart from all" "$(cases "$out")" "40 ops.h5"
rm "$T/ops.h5"
run "$golden" "$T"
exits "a folder without vectors is a failure" 1
run env TAILDART_ISA=vax "$golden" tests/golden
exits "an unknown instruction set stops it" 2
has "naming what is known" "$err" "generic"

done_testing
