#!/usr/bin/env bash
# What goes wrong while a search runs: full disks, damaged files, a second start, numbers
# that are none.  The last good checkpoint always survives.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 80
options=(--data "$T/data" "${tiny_net[@]}")
search=(taildart search "${options[@]}")

run "${search[@]}" --out "$T/a" --epochs 2
exits "a run to spoil" 0

# ---- a second start -------------------------------------------------------------------------

start long taildart search "${options[@]}" --epochs 10000 --out "$T/long"
until_true 60 test -s "$T/long/checkpoint.h5" || fail "the long run gets under way"
run "${search[@]}" --epochs 10000 --out "$T/long"
exits "a second start is refused" 2
has "after it has waited for the first" "$err" "^NOTE: $T/long is in use by pid .*waiting up to"
has "which it names" "$err" "^taildart: $T/long.*pid $(sed -n 's/^pid \([0-9]*\).*/\1/p' "$T/long/run.lock")"
kill -TERM "$(child_of "$started_pid")"
status=0; wait "$started_pid" || status=$?
is "SIGTERM without mpirun stops it, too" "$status" 85

# ---- disk full ------------------------------------------------------------------------------

# From the second epoch on no file may grow beyond 100 kB: a checkpoint has 500.
start full "${search[@]}" --epochs 30 --out "$T/full"
until_true 60 grep -q '^epoch 2/' "$T/full.out" || fail "the run gets under way"
prlimit --fsize=100000 --pid "$(sed -n 's/^pid \([0-9]*\).*/\1/p' "$T/full/run.lock")"
status=0; wait "$started_pid" || status=$?
is "no room for the last checkpoint is a failure" "$status" 1
has "the file is named" "$T/full.err" "^taildart: .*checkpoint.h5"
has "before that it was a warning" "$T/full.err" "^WARNING: .*checkpoint.h5.*goes on"
ok "the old checkpoint stands" taildart genotype "$T/full/checkpoint.h5"
has "and holds a cell" "$out" "^Genotype\(normal=\[\('"
run "${search[@]}" --epochs 30 --out "$T/full"
exits "and the run continues where there is room" 0
has "after what was saved" "$out" "^continues +after [0-9]+ epochs?"
is "no row is missing or double" "$(column "$T/full/metrics.csv" epoch | sort -nu | wc -l) $(column "$T/full/metrics.csv" epoch | wc -l)" "30 30"

if [ "$(id -u)" = 0 ] && mkdir "$T/small" && mount -t tmpfs -o size=700k none "$T/small" 2>/dev/null
then
    run "${search[@]}" --out "$T/small/run" --epochs 3
    exits "a full file system is a failure at the end" 1
    has "that says why" "$err" "No space left"
    ok "what it left can be read" taildart genotype "$T/small/run/checkpoint.h5"
    umount "$T/small"
else
    skip "a full file system" "needs root and tmpfs"
fi

# ---- damage ------------------------------------------------------------------------------------

spoil() { printf 'X' | dd of="$1" bs=1 seek=20000 conv=notrunc status=none; }
cp -R "$T/a" "$T/damaged"
spoil "$T/damaged/checkpoint.h5"
run "${search[@]}" --out "$T/damaged" --epochs 3
exits "a damaged checkpoint is replaced by the one before" 0
has "and named" "$err" "damaged/checkpoint.h5"
is "all epochs are there" "$(column "$T/damaged/metrics.csv" epoch | tr '\n' ' ')" "0 1 2 "
spoil "$T/damaged/checkpoint.h5"; spoil "$T/damaged/checkpoint.prev.h5"
run "${search[@]}" --out "$T/damaged" --epochs 3
exits "when both are damaged nothing starts" 4
has "both are named" "$err" "^taildart: .*damaged/checkpoint.h5.*checkpoint.prev.h5: .*; put a copy of one back; or begin anew with another --out$"
refused "an evaluation has no other --out" 4 "; put a copy of one back$" taildart eval "$T/damaged" --data "$T/data"

run "${search[@]}" --out "$T/wide" --set net.channels=8
exits "another network" 0
cp "$T/a/checkpoint.h5" "$T/wide/checkpoint.h5"
refused "its directory with a foreign checkpoint" 4 \
   "^taildart: $T/wide: it is of another network: it has 4 channels, this one 8" \
   "${search[@]}" --out "$T/wide" --set net.channels=8 --epochs 2

# ---- numbers that are none ------------------------------------------------------------------

cp "$T/a/checkpoint.h5" "$T/before.h5"
mpi 2 taildart search "${options[@]}" --out "$T/nan" --set weights.lr.start=1e6 \
    --set weights.lr.end=1e6 --set weights.clip=1e6
exits "a loss that is not finite ends the run" 1
has "naming epoch, step, rank and tensor" "$err" \
    "^taildart: epoch [0-9]+, step [0-9]+: .*(tensor|gradient of) .*"
has "and the rank" "$err" "rank [01]"

# ---- places that cannot be written ------------------------------------------------------------

: >"$T/file"
refused "a run directory below a file" 1 "$T/file/run" "${search[@]}" --out "$T/file/run"
refused "a forced instruction set that is none" 2 "TAILDART_ISA" \
    env TAILDART_ISA=abacus taildart search "${options[@]}" --out "$T/isa"
is "leaves nothing" "$(ls -d "$T/isa" 2>/dev/null)" ""

# ---- streams that are closed -----------------------------------------------------------------

# closed STREAMS COMMAND…: with these of 0, 1 and 2 closed.
closed() {
    local streams=$1; shift
    status=0
    (
        [[ $streams != *0* ]] || exec 0<&-
        [[ $streams != *1* ]] || exec 1>&-
        [[ $streams != *2* ]] || exec 2>&-
        exec "$@"
    ) >"$out" 2>"$err" || status=$?
}

for streams in 0 2 02; do
    closed "$streams" "${search[@]}" --out "$T/closed$streams"
    exits "$streams closed: nothing is missed" 0
done
for streams in 1 01 12 012; do
    closed "$streams" "${search[@]}" --out "$T/closed$streams"
    exits "$streams closed: what was not printed is a failure" 1
    is "and no file got it" "$(head -n 1 "$T/closed$streams/metrics.csv" | cut -c1-6) $(
        wc -l <"$T/closed$streams/run.lock")" "epoch, 1"
    ok "the run is whole" taildart genotype "$T/closed$streams/checkpoint.h5"
done
closed 01 taildart genotype "$T/a/checkpoint.h5"
exits "a cell that nobody can read is a failure, too" 1

# ---- a rank that dies -----------------------------------------------------------------------

start dying mpirun -n 2 taildart search "${options[@]}" --epochs 10000 --out "$T/dying"
until_true 60 test -s "$T/dying/checkpoint.h5" || fail "the dying run gets under way"
kill -SEGV "$(sed -n 's/^pid \([0-9]*\).*/\1/p' "$T/dying/run.lock")"
is_over() { ! kill -0 "$started_pid"; }
if until_true 30 is_over; then pass "takes the job with it"
else fail "takes the job with it"; fi
ok "its checkpoint can be read" taildart genotype "$T/dying/checkpoint.h5"

done_testing
