#!/usr/bin/env bash
# A run followed from outside: where it is, how it ends, that it is dead or silent.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 24
search=(taildart search --data "$T/data" --batch 12 --set net.channels=2 --set net.cells=3
    --set net.nodes=1 --set data.crop_pad=1 --set weights.lr.start=0.001)
long=("${search[@]}" --epochs 5000)
# beat FOLDER NAME: a number of its heartbeat.
beat() { awk -v name="$2" '$1 == name { print $2 }' "$T/$1/heartbeat" 2>/dev/null; }
works() { [[ $(beat "$1" state) == [sv]* ]] && [ "$(beat "$1" state)" != stopped ]; }

# ---- a run that is there --------------------------------------------------------------------

mpi 2 "${search[@]}" --epochs 5 --out "$T/short"
exits "a search on two ranks" 0
is "its heartbeat" "$(beat short state) $(beat short epoch) $(beat short epochs) $(beat short left)" "finished 5 5 0.000"
run taildart watch "$T/short"
exits "is watched to its end" 0
has "that is said" "$out" '^finished: 5 of 5 epochs$'
has "with who it was" "$out" "^$T/short: last pid [0-9]+ on "
is "and the last three epochs" "$(grep -c '^epoch [345]/5  valid top-1 [0-9.]* balanced [0-9.]*  train top-1 ' "$out")" 3
has_not "in lines of a terminal" "$out" '^epoch.{76}'
is "which leaves it as it was" "$(beat short state)" finished
ok "it goes on for an epoch" "${search[@]}" --epochs 6 --out "$T/short"
is "with a heartbeat of that" "$(beat short state) $(beat short epoch)" "finished 6"
mkdir "$T/empty"
refused "a folder without a run" 4 'empty: no checkpoint.h5 is in it; give the directory of a run' taildart watch "$T/empty"
mkdir "$T/older"
cp "$T/short/checkpoint.h5" "$T/short/config.yaml" "$T/short/metrics.csv" "$T/older"
run taildart watch "$T/older" --once
exits "a run without lock and heartbeat" 0
has "is at rest" "$out" '^nobody is at work here$'
refused "no folder" 4 'none: cannot be read: No such file' taildart watch "$T/none"
refused "no word" 2 'watch: .*RUN' taildart watch

# ---- a run under way ------------------------------------------------------------------------

start run "${long[@]}" --out "$T/run"
until_true 60 works run || fail "it gets under way"
start watch taildart watch "$T/run"
watch_pid=$started_pid
until_true 60 grep -q '^epoch [0-9]*/5000 ' "$T/watch.out" || fail "epochs are followed"
run taildart watch "$T/run" --once
exits "it is looked at once" 0
has "where it is" "$out" '^epoch [0-9]+/5000(, validation| step [0-9]+/[0-9]+), about .* left; last sign of life [0-9]+ s ago$'
has_not "nothing is wrong" "$err" .
run_pid=$(child_of "${started[0]}")

# A heartbeat of an hour ago, of a process that is there and stands still.
kill -STOP "$run_pid"
sed 's/^time .*/time 1000000000/' "$T/run/heartbeat" >"$T/old" && cp "$T/old" "$T/run/heartbeat"
SLURM_JOB_ID=77 run taildart watch "$T/run" --once
exits "a silent one is not dead" 0
has "but told of" "$err" 'NOTE: no sign of life for [0-9.]+ days, in epoch .*: it hangs, or its host \(pid [0-9]+ on '
kill -CONT "$run_pid"
kill -TERM "$run_pid"
ended=0; wait "$watch_pid" || ended=$?
is "a stop ends the watch" "$ended" 0
has "with its reason" "$T/watch.out" '^stopped on request after [0-9]+ of 5000 epochs: the same command continues it$'
is "(the heartbeat, too)" "$(beat run state)" stopped

# ---- a run that was killed ------------------------------------------------------------------

SLURM_JOB_ID=4711 start killed "${long[@]}" --out "$T/run"
killed_pid=$started_pid
until_true 60 works run || fail "it goes on"
start watch2 taildart watch "$T/run"
watch_pid=$started_pid
until_true 60 grep -q '^epoch [0-9]*/5000 ' "$T/watch2.out" || fail "epochs are followed again"
has "whose job is told" "$T/watch2.out" 'run: pid [0-9]+ on .*, job 4711$'
kill -KILL "$(child_of "$killed_pid")"
{ wait "$killed_pid"; } 2>/dev/null
ended=0; wait "$watch_pid" || ended=$?
is "a dead run ends it with 1" "$ended" 1
has "and says so" "$T/watch2.err" "run: the run is dead: nobody holds its lock, and its last sign of life was .* ago, in epoch [0-9]+/5000"
run taildart watch "$T/run" --once
exits "a look, too" 1

# ---- one that fails -------------------------------------------------------------------------

run "${search[@]}" --epochs 3 --set weights.lr.start=1e6 --set weights.decay=1 --out "$T/broken"
[ "$status" -eq 0 ] && fail "it breaks"
run taildart watch "$T/broken"
exits "a run that failed" 1
has "says where to look" "$err" 'broken: failed after [0-9]+ of 3 epochs$'

# ---- one that came to nothing ---------------------------------------------------------------

mkdir "$T/early"
cp "$T/short/run.lock" "$T/early"
run taildart watch "$T/early" --once
exits "a run killed before its first step" 1
has "is no end" "$err" 'early: the run ended before its first step: nobody holds its lock$'
has "and nothing is promised" "$err" 'nothing was saved yet: the command that started it \(.*\) begins anew'
cp "$T/short/heartbeat" "$T/early"
sed -i 's/^state .*/state steps/' "$T/early/heartbeat"
run taildart watch "$T/early" --once
has "nor after that" "$err" 'nothing was saved yet: '
done_testing
