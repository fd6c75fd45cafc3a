#!/usr/bin/env bash
# What a user does to a run from outside: Ctrl-C, kill, a session that ends, a reader that
# goes away, a terminal of any width, the launcher of another MPI.
# shellcheck disable=SC2016   # other shells and programs expand what is in quotes
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 80
search=(taildart search --data "$T/data" "${tiny_net[@]}" --epochs 100000)
ask="stopping once the step under way has ended and is saved"

# begin NAME COMMAND…: a search in $T/NAME that has saved its first epoch; its process, or
# mpirun's, in $pid.
begin() {
    local name=$1; shift
    start "$name" perl -e '$SIG{INT} = $SIG{HUP} = "DEFAULT"; exec @ARGV' "$@" --out "$T/$name"
    until_true 60 test -s "$T/$name/checkpoint.h5" || fail "$name gets under way"
    pid=$(child_of "$started_pid")
}
ended() { status=0; wait "$started_pid" || status=$?; }

# Whether a process has a handler for SIGUSR2 (bit 11 of the mask).
listens() {
    local caught
    caught=$(sed -n 's/^SigCgt:\t*//p' "/proc/$1/status") && [ $((0x$caught >> 11 & 1)) = 1 ]
}

# ---- a single process ----------------------------------------------------------------------

# saved NAME SIGNAL: what all requests have in common.
saved() {
    is "$1: 85" "$status" 85
    has "$1: it is heard at once" "$T/$1.err" "^taildart: SIG$2: $ask"
    has "$1: what is saved is said" "$T/$1.err" "^taildart: stopped on request \(SIG$2\) after [0-9]+ epochs? and [0-9]+ steps?.*the same command continues"
    is "$1: nothing else is said" "$(wc -l <"$T/$1.err")" 2
    ok "$1: the lock is free" flock -n "$T/$1/run.lock" true
}
for signal in INT HUP XCPU USR1; do
    begin "$signal" "${search[@]}"
    is "$signal: a run without mpirun is one process" "$(child_of "$pid")" ""
    kill -"$signal" "$pid"
    ended
    saved "$signal" "$signal"
done
ok "the same command continues" "${search[@]}" --out "$T/INT" --epochs "$(($(wc -l <"$T/INT/metrics.csv") + 1))"
has "after what was saved" "$out" "^continues +after [0-9]+ epochs?"

begin twice "${search[@]}"
kill -USR2 "$pid"; kill -USR2 "$pid"; kill -TERM "$pid"; kill -USR2 "$pid"
ended
saved twice "(USR2|TERM)"    # which of those that are pending together comes first, the kernel says

start nohup perl -e '$SIG{HUP} = "IGNORE"; exec @ARGV' "${search[@]}" --out "$T/nohup"
until_true 60 test -s "$T/nohup/checkpoint.h5"
pid=$(child_of "$started_pid")
kill -HUP "$pid"; kill -TERM "$pid"
ended
saved nohup TERM

# ---- before the first step -----------------------------------------------------------------

start early "${search[@]}" --out "$T/early"
until_true 60 eval 'pid=$(child_of $started_pid) && [ -n "$pid" ] && listens $pid'
kill -USR2 "$pid"
ended
is "a request before the first step ends well, too" "$status" 85
has "and says how to go on" "$T/early.err" "^taildart: stopped on request \(SIGUSR2\) .*the same command (starts again|continues)"
ok "the same command starts" "${search[@]}" --out "$T/early" --epochs 1
is "and is complete" "$(column "$T/early/metrics.csv" epoch)" 0

ranks_listen() {
    ranks=$(child_of "$pid") && [ "$(wc -w <<<"$ranks")" = 2 ] || return 1
    for r in $ranks; do listens "$r" || return 1; done
}
start early2 mpirun -n 2 "${search[@]}" --out "$T/early2"
until_true 60 eval 'pid=$(child_of $started_pid) && [ -n "$pid" ] && ranks_listen'
kill -USR2 "$pid"
ended
is "on all ranks" "$status" 85
is "one line says so" "$(grep -c "^taildart: stopped on request" "$T/early2.err")" 1

# ---- under mpirun --------------------------------------------------------------------------

begin usr2 mpirun -n 2 "${search[@]}"
kill -USR2 "$pid"; kill -USR2 "$pid"
ended
is "USR2 to mpirun, twice: 85" "$status" 85
has "and all is saved" "$T/usr2.err" "^taildart: stopped on request \(SIGUSR2\)"

# mpirun turns it into TERM, and has an exit status of its own.
begin int mpirun -n 2 "${search[@]}"
kill -INT "$pid"
ended
is "Ctrl-C to mpirun is no success" "$((status != 0))" 1
has "how to stop gently is said" "$T/int.err" "^taildart: SIGTERM: $ask.*kill -USR2 $pid"
has "a step of less than a second is saved" <(said "$T/int") "^stopped on request \(SIGTERM\).*is saved"
run "${search[@]}" --out "$T/int" --epochs 1
exits "and its directory is free" 0

# ---- nobody reads --------------------------------------------------------------------------

"${search[@]}" --out "$T/pipe" 2>"$T/pipe.err" | head -n 1 >"$T/pipe.out"
is "a reader that goes away stops a search" "${PIPESTATUS[0]}" 85
has "it says why" "$T/pipe.err" "^taildart: stopped \(nobody reads the output\)"
ok "the same command goes on" "${search[@]}" --out "$T/pipe" --epochs "$(($(grep -c . "$T/pipe/metrics.csv" || echo 1) + 1))"
taildart data draws --data "$T/data" --ranks 1 --epoch 0 --stream weights --set data.imbalance=1 2>"$T/head.err" | head -n 1 >"$T/head.out"
is "what keeps no state ends quietly" "$(cat "$T/head.err")" ""
is "after what was read" "$(cat "$T/head.out")" "step,rank,image,class"

# ---- what keeps no state -------------------------------------------------------------------

# A pipe that nobody reads from holds the command up until the signal comes.
mkfifo "$T/never"
start eval perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' taildart eval "$T/INT/checkpoint.h5" --data "$T/data" --csv "$T/never"
until_true 60 eval 'pid=$(child_of $started_pid) && [ -n "$pid" ] && listens $pid'
kill -INT "$pid"
ended
is "eval ends by the signal" "$status" 130
is "and says so" "$(cat "$T/eval.err")" "taildart: ended by SIGINT"

# ---- a study -------------------------------------------------------------------------------

cat >"$T/study.yaml" <<END
out: $T/study
data: $T/data
seeds: [1]
imbalance: [1]
search: {search: {epochs: 1, batch: 16}, net: {channels: 4, cells: 3}}
train: {train: {epochs: 1, batch: 16, auxiliary: false}, net: {channels: 4, cells: 3}}
methods: [{name: darts}]
END
cat >"$T/deaf" <<'END'
#!/bin/sh
trap 'echo asked >>"$(dirname "$0")/asked"' USR2
echo $$ >"$(dirname "$0")/deaf.pid"
while :; do sleep 0.1; done
END
chmod +x "$T/deaf"
start study perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' taildart study "$T/study.yaml" --program "$T/deaf"
if until_true 60 test -s "$T/deaf.pid"; then
    pid=$(child_of "$started_pid")
    kill -INT "$pid"; kill -INT "$pid"
    until_true 60 test -s "$T/asked"
    is "a study asks its run, once" "$(cat "$T/asked")" asked
    sleep 2.1    # no synchronisation: what comes earlier is the same request
    kill -INT "$pid"
    ended
    is "a second request ends the study" "$status" 130
    if kill -0 "$(cat "$T/deaf.pid")" 2>/dev/null; then fail "and its run"; else pass "and its run"; fi
else
    fail "a study starts" "$(cat "$T/study.err")"
fi

# ---- a terminal ----------------------------------------------------------------------------

# script(1) runs its command by $SHELL, and shells differ on Ctrl-C: dash ends by the signal
# where bash passes on the status, so the command takes the shell's place.
# on_terminal NAME COLUMNS COMMAND…: Ctrl-C on it once a search in $T/NAME has an epoch; what
# it showed is in $T/NAME.shown.
on_terminal() {
    local name=$1 columns=$2; shift 2
    mkfifo "$T/$name.keys"
    timeout -k 10 120 script -qec "stty cols $columns; exec$(printf ' %q' "$@") --out $T/$name" \
        "$T/$name.shown" \
        <>"$T/$name.keys" >/dev/null 2>&1 &
    started_pid=$! started+=("$!")
    until_true 60 grep -aqE 'epoch 2/' "$T/$name.shown" || fail "$name: a live line stands there"
    printf '\003' >"$T/$name.keys"
    ended
}
# widest FILE: columns of the widest live line or line of an epoch.
widest() {
    perl -ne 's/\e\[K//g; s/\^C.*//; for (split /[\r\n]+/) { next if !/ left |^epoch /; $w = length if length > $w }
        END { print $w + 0 }' "$1"
}
if command -v script >/dev/null && TERM=xterm script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
    export TERM=xterm
    export SHELL=/bin/sh    # bash passes where others fail
    unset COLUMNS
    for columns in 80 60 40; do
        on_terminal "tty$columns" "$columns" "${search[@]}"
        is "Ctrl-C on a terminal: 85" "$status" 85
        is "nothing wraps at $columns columns" "$(($(widest "$T/tty$columns.shown") <= columns))" 1
        has "the live line begins with the time left" "$T/tty$columns.shown" $'\r[0-9]+:[0-9]{2}:[0-9]{2} left  epoch '
        has "what is said has a line of its own" "$T/tty$columns.shown" $'\r\e\\[Ktaildart: (SIGINT|stopped)|^taildart: stopped'
    done
    has "run.log has whole lines" <(said "$T/tty40") "^epoch 1/100000  train loss [0-9.]+ top-1 [0-9.]+  valid loss .* s$"
    on_terminal ttympi 60 mpirun -n 2 "${search[@]}"
    is "under mpirun the width is that of mpirun's terminal" "$(($(widest "$T/ttympi.shown") <= 60))" 1
    has "and a live line stands there" "$T/ttympi.shown" $'\r[0-9]+:[0-9]{2}:[0-9]{2} left  epoch '
    TERM=dumb script -qec "exec$(printf ' %q' "${search[@]}") --out $T/dumb --epochs 1" "$T/dumb.shown" >/dev/null 2>&1 </dev/null
    has "a dumb terminal gets lines" "$T/dumb.shown" "^epoch 1/1  train loss"
    has_not "and none that moves" "$T/dumb.shown" " left "
else
    skip "lines on a terminal" "no script(1), or no pseudo-terminals"
fi

# ---- the launcher of another MPI -----------------------------------------------------------

alone=("${search[@]}" --out "$T/alone")
refused "MPICH's mpiexec" 2 "^taildart: mpiexec of MPICH .* 2 processes \(PMI_SIZE=2\).*built with .*own mpirun" \
    env PMI_SIZE=2 PMI_RANK=0 "${alone[@]}"
run env PMI_SIZE=2 PMI_RANK=1 "${alone[@]}"
is "one of them speaks" "$(cat "$out" "$err")" ""
refused "srun without the plug-in" 2 "^taildart: srun .* 4 processes \(SLURM_STEP_NUM_TASKS=4\)" \
    env SLURM_STEP_NUM_TASKS=4 SLURM_PROCID=0 "${alone[@]}"
refused "eval, too" 2 "PMI_SIZE=2" env PMI_SIZE=2 PMI_RANK=0 taildart eval "$T/INT/checkpoint.h5" --data "$T/data"
is "nothing is begun" "$(ls -d "$T/alone" 2>/dev/null)" ""
ok "an allocation is no launcher" env SLURM_NTASKS=4 SLURM_PROCID=0 taildart eval "$T/INT/checkpoint.h5" --data "$T/data"

done_testing
