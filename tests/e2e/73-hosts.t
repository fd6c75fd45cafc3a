#!/usr/bin/env bash
# Hosts with names, a network and, where it says so, files of their own: ranks on three of
# them work, die, and are cut off and found again.
. "$(dirname "$0")/lib.sh"

hosts=3
if [ -z "${ON_HOSTS-}" ]; then
    ON_HOSTS=1 tests/e2e/hosts $hosts "$0"
    inside=$?
    [ $inside != 77 ] || skip_all "network namespaces without root are not permitted here"
    exit $inside
fi
unset ON_HOSTS
export OMPI_MCA_btl=self,tcp     # lib.sh has set shared memory

tiny_idx "$T/data" 4 240 10
job=(mpirun -n 3 --host "10.77.0.1:1,10.77.0.2:1,10.77.0.3:1")
search=(taildart search --data "$T/data" --batch 48 --set net.channels=4 --set net.cells=3
    --set net.nodes=2)
bits() { "$BUILD/tests/tools/state_hash" "$1/checkpoint.h5" || echo "$1 has no bits"; }
rows() { grep -c '^[0-9]' "$T/$1/metrics.csv" 2>/dev/null || echo 0; }
has_rows() { [ "$(rows "$1")" -ge "$2" ]; }
is_over() { ! kill -0 "$started_pid" 2>/dev/null; }

# pid_on NODE: the rank there.
pid_on() {
    local pid
    for pid in $(ip netns pids "$1"); do
        [ "$(cat "/proc/$pid/comm" 2>/dev/null)" != taildart ] || echo "$pid"
    done
}

# ---- a search ----------------------------------------------------------------------------

run "${job[@]}" "${search[@]}" --epochs 2 --out "$T/three"
exits "a search on three hosts" 0
has "which are told in one line" "$out" "^ranks 0-2: hosts node\[1-3\], "
mpi 3 "${search[@]}" --epochs 2 --out "$T/one"
exits "the same on one host" 0
is "has the same bits" "$(bits "$T/three")" "$(bits "$T/one")"

# ---- a far rank dies -----------------------------------------------------------------------

start dying "${job[@]}" "${search[@]}" --epochs 10000 --out "$T/dying"
until_true 120 has_rows dying 2 || fail "the dying run gets under way" "$(cat "$T/dying.err")"
kill -KILL "$(pid_on node3)"
if until_true 30 is_over; then pass "a rank that is killed on another host ends the job"
else fail "a rank that is killed on another host ends the job"; fi
wait "$started_pid"; status=$?
if [ $status -ne 0 ]; then pass "with a status that says so"; else fail "with a status that says so"; fi
is "nothing of it is left on any host" "$(pid_on node1)$(pid_on node2)$(pid_on node3)" ""
done_before=$(rows dying)
run "${job[@]}" "${search[@]}" --epochs $((done_before + 1)) --out "$T/dying"
exits "the same command goes on" 0
is "where the job was" "$(rows dying)" $((done_before + 1))

# ---- a cable is pulled ---------------------------------------------------------------------

start cut "${job[@]}" "${search[@]}" --epochs 30 --out "$T/cut" --set dist.timeout_seconds=100
until_true 120 has_rows cut 2 || fail "the run that is cut gets under way" "$(cat "$T/cut.err")"
on switch ip link set cable3 down
# is_told: by a NOTE, which comes after a tenth of the patience, of 60 s at most.
is_told() { grep -q '^NOTE: rank [0-2]@node.*epoch.*nothing has moved' "$T/cut.err"; }
if until_true 90 is_told; then pass "a cable that is out is told"
else fail "a cable that is out is told" "$(cat "$T/cut.err")"; fi
on switch ip link set cable3 up
wait "$started_pid"; status=$?
exits "the job goes on when the cable is in again" 0
is "to its end" "$(rows cut)" 30

# ---- a slow link, a slow rank ----------------------------------------------------------------

# spent RUN KIND: seconds that the reductions of the weights took as such in its last epoch.
spent() { column "$T/$1/metrics.csv" "weight_$2_seconds" | tail -n 1; }
# more NAME A TIMES B: the first number is so many times larger.
more() { if awk "BEGIN { exit !($2 > $3 * $4) }"; then pass "$1"; else fail "$1" "$2 is not above $3 x $4"; fi; }

if on node2 tc qdisc add dev eth0 root tbf rate 2mbit burst 32kbit latency 400ms 2>/dev/null; then
    run "${job[@]}" "${search[@]}" --epochs 2 --out "$T/slow-link"
    exits "a search over a slow link" 0
    is "has the same bits" "$(bits "$T/slow-link")" "$(bits "$T/one")"
    more "the link shows as transfer" "$(spent slow-link transfer)" 3 "$(spent three transfer)"
    more "and more than as waiting" "$(spent slow-link transfer)" 1 "$(spent slow-link wait)"
    on node2 tc qdisc del dev eth0 root
else
    skip "a slow link" "tc's tbf is not permitted here"
fi

# tire PID: the process runs for a fifth of the time; ends with it.
tire() { while kill -STOP "$1"; do sleep 0.08; kill -CONT "$1"; sleep 0.02; done 2>/dev/null; }
tiny_idx "$T/large" 4 120 10 32
start tired "${job[@]}" "${search[@]}" --data "$T/large" --epochs 3 --out "$T/tired"
until_true 120 has_rows tired 1 || fail "the run with a slow rank gets under way" "$(cat "$T/tired.err")"
tire "$(pid_on node3)" &
wait "$started_pid"; status=$?
wait
exits "a search with a slow rank" 0
more "the rank shows as waiting" "$(spent tired wait)" 1.5 "$(spent tired transfer)"
is "and is named" "$(column "$T/tired/metrics.csv" slowest_rank | tail -n 1)" 2

# ---- no shared files -----------------------------------------------------------------------

mkdir "$T/far"
printf '%s\n' "$T/data" "$T/far" >/run/hosts/private
run "${job[@]}" "${search[@]}" --epochs 2 --out "$T/far/run"
exits "two hosts see neither data nor run directory" 0
is "and the bits are the same" "$(bits "$T/far/run")" "$(bits "$T/one")"
: >/run/hosts/private

done_testing
