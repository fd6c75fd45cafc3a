#!/usr/bin/env bash
# CPUs, threads and memory: what the machine gives is counted right, shared and held to.
. "$(dirname "$0")/lib.sh"

unset OMP_NUM_THREADS OMP_PROC_BIND OMP_PLACES OMP_WAIT_POLICY GOMP_SPINCOUNT
tiny_idx "$T/data" 4 48
options=(--data "$T/data" "${tiny_net[@]}")
allowed=$(sed -n 's/^Cpus_allowed_list:[ \t]*//p' /proc/self/status)
first=${allowed%%[-,]*}
count=$(nproc)
runs=0
search() { runs=$((runs + 1)); run "$@" taildart search "${options[@]}" --out "$T/$runs"; }

# ---- CPUs are those of the job, however OpenMP binds its threads ---------------------

for bind in OMP_PROC_BIND=true OMP_PROC_BIND=spread OMP_PLACES=cores; do
    search env "$bind"
    exits "$bind" 0
    has "$bind: all CPUs are counted" "$out" "^rank 0: .*, $count threads? on $count CPU"
    has_not "$bind: nobody is blamed" "$err" "NOTE: rank|mpirun"
done
search env OMP_PROC_BIND=close "OMP_PLACES={$first}"
has "one place is one CPU" "$out" "^rank 0: .*, 1 thread on 1 CPU \($first\)"
search taskset -c "$first" env OMP_PROC_BIND=true
has "a mask of one CPU is one CPU" "$out" "^rank 0: .*, 1 thread on 1 CPU \($first\)"
has_not "and right" "$err" "NOTE: rank"
search taskset -c "$first" env OMP_NUM_THREADS=2
has "two threads on one CPU are noted" "$err" "NOTE: rank 0: 2 threads on 1 CPU, half speed"

# ---- ranks of a host share it --------------------------------------------------------

if [ "$count" -ge 2 ]; then
    search mpirun -n 2 --bind-to none
    exits "two unbound ranks" 0
    has "share the CPUs" "$out" "^ranks 0-1: .*, $((count / 2)) threads? on $count CPUs"
    has_not "without a NOTE" "$err" "NOTE: host"
    search mpirun -n 2 --bind-to none env OMP_PROC_BIND=true
    has "threads of two ranks are not bound to the same CPU" "$err" \
        "NOTE: host .*share CPUs.*they run unbound.*--bind-to core"
else
    skip "two unbound ranks" "one CPU"
fi

# ---- threads are refused before they start --------------------------------------------

for command in "search --data $T/data --out $T/no" "train --data $T/data --genotype DARTS_V2 --out $T/no" \
    "bench" "search --data $T/data --dry-run"; do
    # shellcheck disable=SC2086   # words of a command
    refused "20,000 threads: ${command%% *}" 2 "OMP_NUM_THREADS: 20000 .*accepted: 1 to [0-9]+" \
        env OMP_NUM_THREADS=20000 taildart $command
done
refused "--threads 2000" 2 "run.threads: 2000 .*accepted: 1 to [0-9]+" \
    taildart bench --threads 2000
refused "more than OMP_THREAD_LIMIT" 2 "OMP_NUM_THREADS: 2 .*OMP_THREAD_LIMIT allows 1" \
    env OMP_THREAD_LIMIT=1 OMP_NUM_THREADS=2 taildart bench
for value in 0 abc -3; do # the OpenMP library has spoken, too
    run env OMP_NUM_THREADS=$value taildart bench
    exits "OMP_NUM_THREADS=$value" 2
    has "is named" "$err" "OMP_NUM_THREADS: \"$value\" found; accepted: 1 to"
done
search env OMP_THREAD_LIMIT=1
has "a limit alone is kept to" "$out" "^rank 0: .*, 1 thread on"

# ---- threads that wait do not hold a CPU ----------------------------------------------

search env OMP_NUM_THREADS=2
has "threads spin for a while only" "$out" "^waiting +threads spin [0-9]+ rounds, then sleep"
search env OMP_NUM_THREADS=2 GOMP_SPINCOUNT=9
has "as the user says" "$out" "^waiting +threads spin 9 rounds"
search env OMP_NUM_THREADS=2 OMP_WAIT_POLICY=passive
has "or sleep at once" "$out" "^waiting +threads sleep"
search env OMP_NUM_THREADS=1
has_not "one thread waits for nobody" "$out" "^waiting"
# ---- memory is held against what is there ---------------------------------------------

# shellcheck disable=SC2016   # for the inner shell
limited=(bash -c 'ulimit -v 900000; exec "$@"' -)
large=(--data "$T/data" --set net.channels=256 --set net.cells=8 --set net.recompute=none
    --batch 64 --epochs 1 --threads 1)
run "${limited[@]}" taildart search "${large[@]}" --dry-run
exits "a dry run tells a plan that is too large" 0
has "with what is there and what needs less" "$err" \
    "NOTE: host .*1 rank plans .* [GM]B of memory, and .* are free .*ulimit -v.*search.batch 32.*net.recompute all"
run "${limited[@]}" taildart search "${large[@]}" --out "$T/large"
exits "memory that is not there ends the run" 1
has "names what needs less, not a line of the source" "$err" \
    "^taildart: rank 0: out of memory: .*B more for .*a batch of 64.*search.batch, net.recompute all"
has_not "and no source" "$err" "[.]c:[0-9]"
run mpirun -n 2 taildart search --data "$T/data" "${tiny_net[@]}" --dry-run
has "a dry run plans the ranks of its launch" "$out" "^planned bytes [0-9]+ \\(.*MB a rank, 2 ranks of"

done_testing
