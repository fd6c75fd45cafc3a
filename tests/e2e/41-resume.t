#!/usr/bin/env bash
# The same command line starts, continues and finishes a search, whatever ends it; on the
# same ranks it ends in the same bits, on any number of threads.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 80
options=(--data "$T/data" "${tiny_net[@]}" --epochs 20)
# A checkpoint after every step: a kill at any moment loses at most one.
eager=(--set checkpoint.minutes=0)
search=(taildart search "${options[@]}")

# What must be equal: the state after every epoch, and every metric that is no timing.
states() { said "$1" | grep '^epoch [0-9]*: state' | sort -u; }
metrics() { cut -d, -f1,4-18,21 "$1/metrics.csv"; }
same_run() { # NAME FOLDER
    is "$1: same states" "$(states "$2")" "$(states "$T/whole")"
    is "$1: same metrics" "$(metrics "$2")" "$(metrics "$T/whole")"
    if cmp -s "$2/genotype.txt" "$T/whole/genotype.txt"; then pass "$1: same cell"
    else fail "$1: same cell"; fi
}

mpi 2 taildart search "${options[@]}" --out "$T/whole"
exits "a run that nobody disturbs" 0
is "has one state per epoch" "$(states "$T/whole" | wc -l)" 20

# begin NAME: start in the background and wait until it is under way.
begin() {
    start "$1" mpirun -n 2 taildart search "${options[@]}" "${eager[@]}" --out "$T/$1"
    until_true 60 test -s "$T/$1/checkpoint.h5" || fail "$1 gets under way"
}
rank_pid() { sed -n 's/^pid \([0-9]*\).*/\1/p' "$T/$1/run.lock"; }
wait_status() { status=0; wait "$started_pid" || status=$?; }

# ---- kill -9 ---------------------------------------------------------------------------

begin killed
kill -KILL "$(rank_pid killed)"
wait_status
is "a killed rank ends the job" "$((status != 0))" 1
has_not "before its end" "$T/killed.out" "^done"
# A rank of the job may still hold the lock for a moment.
until_true 60 flock -n "$T/killed/run.lock" true
OMP_NUM_THREADS=2 OMP_WAIT_POLICY=passive mpi 2 taildart search "${options[@]}" --out "$T/killed"
exits "the same command continues, now on two threads" 0
has "it says from where" "$out" "^continues +after [0-9]+ epochs?( and [0-9]+ steps?)?"
same_run "killed" "$T/killed"

# ---- signals ------------------------------------------------------------------------------

# stopped NAME COMMAND…: the command asks the run to stop.
stopped() {
    local name=$1; shift
    begin "$name"
    "$@"
    wait_status
    is "$name: exit status 85" "$status" 85
    has "$name: one line says so" "$T/$name.err" "stopped on request.*the same command continues"
    mpi 2 taildart search "${options[@]}" --out "$T/$name"
    exits "$name: the same command finishes it" 0
    same_run "$name" "$T/$name"
}
usr2_to_mpirun() { kill -USR2 "$(child_of "$started_pid")"; }
term_to_rank() { kill -TERM "$(rank_pid term)"; }
stopped usr2 usr2_to_mpirun
stopped term term_to_rank

# ---- finished, extended, refused ---------------------------------------------------------

cp "$T/whole/checkpoint.h5" "$T/before.h5"
mpi 2 taildart search "${options[@]}" --out "$T/whole"
exits "a finished run is finished" 0
has "and says so" "$out" "already finished"
if cmp -s "$T/before.h5" "$T/whole/checkpoint.h5"; then pass "nothing is written"
else fail "nothing is written"; fi
refused "another seed is another run" 2 "^taildart: seed: '9'" \
   "${search[@]}" --out "$T/whole" --seed 9
refused "must needs a run" 4 "no checkpoint" "${search[@]}" --out "$T/none" --resume must
refused "never spares a run" 2 "run.resume" "${search[@]}" --out "$T/whole" --resume never
is "no run directory is made for that" "$(ls -d "$T/none" 2>/dev/null)" ""
echo "9,9,9" >>"$T/usr2/metrics.csv"
mpi 2 taildart search "${options[@]}" --out "$T/usr2" --epochs 21
exits "more epochs continue it" 0
is "rows past the checkpoint are cut" "$(column "$T/usr2/metrics.csv" epoch | paste -sd" ")" "$(seq -s" " 0 20)"

done_testing
