#!/usr/bin/env bash
# A rank that hangs ends the job with status 5, by name; the last checkpoint goes on.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 80
host=$(hostname)
options=(--data "$T/data" "${tiny_net[@]}" --batch 24 --epochs 4000 --set checkpoint.minutes=0)

# begin NAME RANKS SECONDS: a search in the background that has made a step.
begin() {
    start "$1" mpirun -n "$2" taildart search "${options[@]}" --out "$T/$1" \
        --set dist.timeout_seconds="$3"
    until_true 120 test -s "$T/$1/checkpoint.h5" || fail "$1 gets under way"
    pids=$(child_of "$(child_of "$started_pid")")
}
# pid_of RANK: its process, of those of the last `begin`.
pid_of() {
    local pid
    for pid in $pids; do
        tr '\0' '\n' <"/proc/$pid/environ" | grep -qx "OMPI_COMM_WORLD_RANK=$1" && echo "$pid"
    done
}
wait_status() { status=0; wait "$started_pid" || status=$?; }
# Nothing of the job is left but a zombie or two, which init or mpirun's parent reaps.
ended() {
    local pid state
    for pid in $pids; do
        read -r _ _ state _ <"/proc/$pid/stat" 2>/dev/null || continue
        [ "$state" = Z ] || return 1
    done
}

# hung NAME RANKS STOPPED SPEAKER: one rank is stopped, another one (a regex) tells.
hung() {
    local name=$1 ranks=$2 stopped=$3 speaker=$4 place
    begin "$name" "$ranks" 6
    kill -STOP "$(pid_of "$stopped")"
    wait_status
    is "$name: exit status 5" "$status" 5
    has "$name: who waits, where and for whom" "$T/$name.err" "^taildart: rank $speaker@$host, epoch [0-9]+, step [0-9]+: nothing has moved in .* not there: rank $stopped@$host \(no sign of life for .*: dist.timeout_seconds is 6: the job ends$"
    is "$name: and for nobody else" "$(grep -m 1 '^taildart: rank' "$T/$name.err" | grep -oE '(: |, )rank [0-9]@' | sort -u | wc -l)" 2
    has "$name: a NOTE came before" "$T/$name.err" "^NOTE: rank $speaker@$host, .*the job ends after [0-9]+ s of that$"
    if until_true 60 ended; then pass "$name: no process is left"; else fail "$name: no process is left" "$pids"; fi
    is "$name: no file is left" "$(find "$T/$name" -name '*ranks*')" ""
    place=$(sed -n 's/^taildart: rank [0-9]*@[^,]*, epoch \([0-9]*\), step \([0-9]*\):.*/\1 \2/p' "$T/$name.err" | head -n 1)
    # It goes on, where it hung: saves come between two steps.
    mpi "$ranks" taildart search "${options[@]}" --out "$T/$name" --epochs $((${place% *} + 1))
    exits "$name: the same command goes on" 0
    is "$name: from the step that was told" "$(sed -n 's/^continues *after \([0-9]*\) epochs\{0,1\}\( and \([0-9]*\) steps\{0,1\}\)\{0,1\}.*/\1 \3/p' "$out" |
        awk -v epoch="${place% *}" -v step="${place#* }" -v steps="$(sed -n 's/^steps *\([0-9]*\) per epoch.*/\1/p' "$out")" '{
            d = (epoch * steps + step) - ($1 * steps + $2); print (d >= -1 && d <= 1) }')" 1
}
hung two 2 1 0
hung three 3 2 0
# Who waits for a save is more patient than who has gone on to a reduction.
hung root 3 0 '[12]'

# An evaluation is watched from its start, before anything is read.
# watched PID: it has the table of ranks open.
watched() { find "/proc/$1/fd" -lname '*taildart-ranks*' 2>/dev/null | grep -q .; }
tiny_idx "$T/many" 4 1 10000
start judged mpirun -n 2 taildart eval "$T/two/checkpoint.h5" --data "$T/many" --batch 1 --set dist.timeout_seconds=2
rank_1_watched() { pids=$(child_of "$(child_of "$started_pid")"); watched "$(pid_of 1)"; }
until_true 60 rank_1_watched || fail "an evaluation gets under way"
kill -STOP "$(pid_of 1)"
wait_status
is "an evaluation that hangs: exit status 5" "$status" 5
has "it names the rank" "$T/judged.err" "^taildart: rank 0@$host, .*nothing has moved in (start|validation) for .*; not there: rank 1@$host \(no sign of life for .*: dist.timeout_seconds is 2: the job ends$"
has "after a NOTE" "$T/judged.err" "^NOTE: rank 0@$host, .*the job ends after [0-9]+ s of that$"
has "and tells what to do" "$T/judged.err" "^the same command starts again$"
if until_true 60 ended; then pass "no process of it is left"; else fail "no process of it is left" "$pids"; fi

refused "a timeout below 0" 2 "dist.timeout_seconds" \
    taildart search "${options[@]}" --out "$T/no" --set dist.timeout_seconds=-1

# ---- what is no hang -------------------------------------------------------------------------

# Stopped as a whole, for longer than the timeout: nobody is to blame.
begin paused 2 3
for pid in $pids; do kill -STOP "$pid"; done
end=$((SECONDS + 5))
it_is_later() { [ "$SECONDS" -ge "$end" ]; }
until_true 60 it_is_later
before=$(stat -c %Y.%i "$T/paused/checkpoint.h5")
for pid in $pids; do kill -CONT "$pid"; done
moved_on() { [ "$(stat -c %Y.%i "$T/paused/checkpoint.h5")" != "$before" ]; }
until_true 60 moved_on || fail "a paused job goes on"
kill -USR2 "$(child_of "$started_pid")"
wait_status
is "a paused job goes on, and stops on request" "$status" 85
has_not "and nobody was named" "$T/paused.err" "the job ends$"

# Stopped for a while, and told: it goes on.
begin told 2 30
kill -STOP "$(pid_of 1)"
until_true 60 grep -q "^NOTE: rank 0@$host, .*not there: rank 1@$host" "$T/told.err" || fail "a NOTE comes"
kill -CONT "$(pid_of 1)"
until_true 60 grep -q "^NOTE: .*goes on after" "$T/told.err" || fail "a NOTE tells that it goes on"
kill -USR2 "$(child_of "$started_pid")"
wait_status
is "a rank that comes back is welcome" "$status" 85
has "run.log has it, too" <(said "$T/told") "^NOTE: .*goes on after"

run taildart help
has "help knows the status" "$out" "5 a rank hung"

done_testing
