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

# masks PID: the CPUs that each thread of a process may use, without repeats.
masks() {
    cat "/proc/$1"/task/*/status 2>/dev/null |
        sed -n 's/^Cpus_allowed_list:[ \t]*//p' | sort -u | xargs
}
# wide PID LIST THREADS: so many threads at least, one mask, the one of the job.
wide() { [ "$(find "/proc/$1/task" -mindepth 1 -maxdepth 1 | wc -l)" -ge "$3" ] && [ "$(masks "$1")" = "$2" ]; }

# look NAME LIST [VARIABLE=VALUE]: a search of two threads, looked at under way.
# Nothing but an end of the search ends the looking.
look() {
    local name=$1 list=$2; shift 2
    start "masks$runs" taskset -c "$list" env OMP_NUM_THREADS=2 "$@" \
        taildart search "${options[@]}" --epochs 2000 --out "$T/masks$runs"
    until_true 60 has_row "$T/masks$runs/metrics.csv"
    local pid; pid=$(child_of "$started_pid")
    if wide "$pid" "$list" 2; then pass "$name"
    else fail "$name" "threads may use $(masks "$pid"), wanted $list" \
        "$(head -n 5 "$T/masks$runs.err")"; fi
    kill -TERM "$pid"; wait "$started_pid"
    runs=$((runs + 1))
}
has_row() { [ "$(wc -l <"$1")" -ge 2 ]; }
look "two threads may use the one CPU of the job" "$first"
if [ "$count" -ge 2 ]; then look "two unbound threads may use all CPUs" "$allowed"
else skip "two unbound threads may use all CPUs" "one CPU"; fi

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
    refused "200 threads: ${command%% *}" 2 "OMP_NUM_THREADS: 200 .*accepted: 1 to [0-9]+" \
        prlimit --nproc=4000 env OMP_NUM_THREADS=200 taildart $command
done
refused "--threads 200" 2 "run.threads: 200 .*accepted: 1 to [0-9]+" \
    taildart bench --threads 200
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
has "threads spin for a while only" "$out" "^waiting +threads spin [0-9]{1,4} rounds, then sleep"
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
has "without measuring it" <(tr -s '\n ' ' ' <"$out") 'time not measured: the network has no room'
has "with what is there and what needs less" "$err" \
    "NOTE: host .*1 rank plans .* [GM]B of memory, and .* are free .*ulimit -v.*search.batch 32.*net.recompute all"
run "${limited[@]}" taildart search "${large[@]}" --set net.recompute=auto --dry-run
has "a large network recomputes some cells" "$out" "^recompute  [1-8] of 8 cells computed twice"
run "${limited[@]}" taildart search "${large[@]}" --out "$T/large"
exits "memory that is not there ends the run" 1
has "names what needs less, not a line of the source" "$err" \
    "^taildart: rank 0: out of memory: .*B more for .*a batch of 64.*search.batch, net.recompute all"
has_not "and no source" "$err" "[.]c:[0-9]"
run mpirun -n 2 taildart search --data "$T/data" "${tiny_net[@]}" --dry-run
has "a dry run plans the ranks of its launch" "$out" "^planned bytes [0-9]+ \\(.*MB per rank, 2 ranks of"

# Two ranks of which one would fit: what one plans at this batch is measured first.
wide=(--data "$T/data" --set net.channels=32 --set net.cells=8 --epochs 1 --dry-run)
run mpirun -n 2 taildart search "${wide[@]}" --batch 4000
planned=$(sed -n 's/^planned bytes \([0-9]*\).*/\1/p' "$out")
free=$(awk '$1 == "MemAvailable:" { print $2 * 1024 }' /proc/meminfo)
for limit_file in /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes; do
    [ -r "$limit_file" ] || continue
    free=$(awk -v free="$free" '$1 + 0 > 0 && $1 < free { free = $1 } END { print free }' "$limit_file")
done
batch=$(awk -v free="$free" -v planned="$planned" 'BEGIN { print int(4000 * 0.7 * free / planned / 2) * 2 }')
run mpirun -n 2 taildart search "${wide[@]}" --batch "$batch"
exits "two ranks of which one fits" 0
has "are held against the host together" "$err" "NOTE: host .*2 ranks plan .*B of memory, and .* are free"

# ---- limits of the process end a start at once, with a line --------------------------

limit=60
for kilobytes in 100000 200000 250000 300000 400000; do
    run prlimit --as=$((kilobytes * 1024)) taildart search "${options[@]}" --out "$T/as"
    exits "ulimit -v $kilobytes" 1
    has "is told" "$err" "^taildart: rank 0: out of memory: "
done
run prlimit --as=250000000 mpirun -n 2 taildart search "${options[@]}" --out "$T/as"
exits "and of two ranks" 1
has "each tells" "$err" "^taildart: rank [01]: out of memory: "
refused "few open files" 1 "ulimit -n .open files. is 10: at least" \
    prlimit --nofile=10 taildart search "${options[@]}" --out "$T/as"
refused "a small stack" 1 "ulimit -s .kB of stack. is 128: at least" \
    prlimit --stack=131072 taildart search "${options[@]}" --out "$T/as"

done_testing
