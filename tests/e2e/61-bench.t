#!/usr/bin/env bash
# `taildart bench`, and the script that `make bench` runs.
. "$(dirname "$0")/lib.sh"

name="a network of the published size takes the planned memory, to 5 %"
value_of() { sed "s/.*\"$1\": \([0-9]*\).*/\1/" "$out"; }
case $BUILD in
*asan) skip "$name" "a sanitizer keeps books of its own" ;;
*)
    run taildart bench --json --batch 16 --set bench.steps=1 --set bench.warmup=0
    near "$name" "$(value_of planned_bytes)" "$(value_of peak_rss_bytes)" \
        "$(($(value_of peak_rss_bytes) / 20))" ;;
esac

run taildart bench --json --batch 4 --set net.channels=4 --set net.cells=3 \
    --set bench.size=8 --set bench.steps=2
exits "bench --json" 0
is "prints one line" "$(wc -l <"$out")" 1
for field in step_seconds arch_seconds weight_seconds images_per_second flops_per_step \
    sgemm_peak_flops fraction_of_peak peak_rss_bytes planned_bytes ranks threads isa cpu \
    arch_forward_seconds arch_backward_seconds weight_forward_seconds \
    weight_backward_seconds update_seconds comm_seconds forward_seconds; do
    has "with $field" "$out" "\"$field\": [^,}]+[,}]"
done
perl -MJSON::PP -0777 -e 'decode_json(<STDIN>)' <"$out" 2>"$T/json"
is "of valid JSON" "$?" 0

# One step, so that medians add up.  What comes between two parts on a busy machine is in
# neither: one undisturbed step in ten is enough.
one_step() {
    run taildart bench --json --batch 4 --set net.channels=4 --set net.cells=3 \
        --set bench.size=8 --set bench.steps=1
    perl -MJSON::PP -0777 -e 'my $b = decode_json(<STDIN>); my $parts = 0;
        my ($step, $forward) = @$b{"step_seconds", "forward_seconds"};
        for (qw(arch_forward arch_backward weight_forward weight_backward update comm)) {
            my $part = $b->{"${_}_seconds"};
            exit 1 unless $part > 0 && $part < $step;
            $parts += $part }
        exit !($parts > 0.8 * $step && $parts < 1.001 * $step && $forward > 0)' <"$out"
}
tries=0
until one_step || [ $((tries += 1)) -eq 10 ]; do :; done
is "the parts make the step" "$((tries < 10))" 1
taildart bench --batch 4 --set net.channels=4 --set net.cells=3 --set bench.size=8 \
    --set bench.steps=1 2>"$err" >"$T/table"
awk '{ print $1 }' "$T/table" >"$T/lines"
has_not "a table has no more digits than can be used" "$T/table" "_seconds +[0.]*[1-9][0-9]{5}"
tr ',' '\n' <"$out" | sed 's/^[ {]*"\([a-z_]*\)".*/\1/' >"$T/fields"
is "a table has the same names" "$(diff "$T/lines" "$T/fields")" ""

# What `make bench` runs, on a small network and without PyTorch.
if [ -x "$BUILD/tests/bench/kernels" ]; then
    mkdir "$T/build"
    ln -s "$(realpath "$BUILD")"/{taildart,tests} "$T/build"
    run env BUILD="$T/build" BENCH_STEPS=1 BENCH_ROUNDS=1 BENCH_NET="4 3 8" \
        BENCH_PYTHON=none tests/bench/run
    exits "tests/bench/run" 0
    for line in "PyTorch is left out" "separable dil 5x5 .*[0-9]" "whole step +[0-9]" \
        "batch 16 +[0-9]" "second order, batch 16 +[0-9]" \
        "times PyTorch, batch 64.* - .*-$" "peak memory.* yes$" \
        "none [0-9.]+, autoaugment [0-9.]+, randaugment [0-9.]+$"; do
        has "it has a line: $line" "$out" "^$line"
    done
    perl -MJSON::PP -0777 -e 'my $b = decode_json(<STDIN>); exit !(@{$b->{goals}} >= 20
        && @{$b->{kernels}} > 100 && $b->{batch_4_many}{batch} == 4
        && !defined $b->{pytorch})' <"$T/build/bench.json"
    is "and writes all figures" "$?" 0
else
    skip "tests/bench/run" "the kernels' program is not built"
fi

done_testing
