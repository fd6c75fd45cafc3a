#!/usr/bin/env bash
# A study in one job: crews of its ranks take the runs, each in its folder, with the bits
# of the same runs one after the other; whatever disturbs one of them leaves the others
# working, and a stop leaves all of them saved.
. "$(dirname "$0")/lib.sh"

tiny_idx "$T/data" 4 40
plain="  - name: darts
  - {name: random, genotype: random}"
three="$plain
  - name: bbn
    search: {bbn: {enabled: true}}"
cell() { echo "$T/$1/imbalance-10/$2/seed-$3"; }
shared() { local ranks=$1 each=$2 name=$3; shift 3; mpi "$ranks" taildart study "$T/$name.yaml" --ranks-per-run "$each" "$@"; }
# The runs in the order in which they were taken.
taken() { sed -n 's/^.*imbalance-10\/\(.*\): crew [0-9]* starts$/\1/p' "$out" | paste -sd' '; }
# All that a study has found, to the bit: states after each epoch, cells, figures.
findings() {
    (cd "$T/$1" && find . -name run.log | sort | xargs grep -Ho ' epoch [0-9]*: state .*' &&
        find . -name genotype.txt -o -name test.csv | sort | xargs cat)
    cut -d, -f1-18,20 "$T/$1/study.csv"
}

# ---- the same as one after the other ----------------------------------------------------

tiny_study one "$three"
ok "a study one after the other, on one rank" taildart study "$T/one.yaml"
tiny_study four "$three"
shared 4 1 four
exits "four crews of a rank" 0
is "have its bits" "$(findings four)" "$(findings one)"
has "the start tells of the crews" "$out" "^study: 6 runs, 0 done; 4 crews of 1 rank make the others"
tr -s '\n ' ' ' <"$out" >"$T/words"
has "a line has the runs done, at work, waiting, and the time left" "$T/words" \
    "\] imbalance-10/[a-z]+/seed-[12]: done in [^;]+; [1-6] done, [0-4] at work, [0-4] waiting, (about|time left not)"
has "the end tells how long crews were idle" "$T/words" \
    "study: 6 runs in .*; crews idle at the end: .* in all, [0-9]+ %"
is "no line is longer than a terminal" "$(grep -v -- "$T" "$out" | awk 'length > 80')" ""
is "what runs say is in their folders" "$(grep -c '^epoch' "$out")/$(grep -c '^epoch' "$(cell four darts 1)/search.out")" "0/2"
has "as what they were tested with" "$(cell four random 2)/eval.out" "^balanced +[01]\.[0-9]{4}$"
threads() { sed -n 's/^ranks\{0,1\} [-0-9]*: .* \([0-9]* threads\{0,1\}\) .*/\1/p' "$1"; }
is "a run has as many threads as its share of the host" "$(threads "$(cell four darts 1)/search.out")" "$(threads "$out")"

tiny_study pairs-by-hand "$plain"
ok "a study one after the other, on two ranks" taildart study "$T/pairs-by-hand.yaml" --launch "mpirun -n 2"
tiny_study pairs "$plain"
shared 4 2 pairs
exits "two crews of two ranks" 0
is "have its bits, too" "$(findings pairs)" "$(findings pairs-by-hand)"
has "and say so" "$(cell pairs darts 1)/search.out" "^repeat +mpirun -n 2 taildart search"

tiny_study alone "$three"
ok "without mpirun one crew does it all" taildart study "$T/alone.yaml" --ranks-per-run 1
is "with the same bits" "$(findings alone)" "$(findings one)"

for each in 1 2; do
    tiny_study "promise$each" "$plain"
    sed -i 's/^\( *\)net: {.*/&\n\1dist: {reproducible: true}\n\1data: {shards: 4}/' "$T/promise$each.yaml"
    shared 2 "$each" "promise$each"
    exits "reproducible runs of $each ranks" 0
done
is "the bits of other ranks" "$(findings promise2)" "$(findings promise1)"

# ---- what is done stays done --------------------------------------------------------------

before=$(find "$T/four" -name metrics.csv -o -name checkpoint.h5 | sort | xargs stat -c '%n %Y %s')
shared 2 1 four
exits "a finished study" 0
has "is finished" "$out" "^study: 6 runs, 6 done"
is "and makes no step" "$(find "$T/four" -name metrics.csv -o -name checkpoint.h5 | sort | xargs stat -c '%n %Y %s')" "$before"
rm -r "$(cell four darts 2)" "$(cell four bbn 1)/test.csv"
shared 3 1 four
exits "what is gone" 0
is "is made again, and nothing else" "$(grep -c 'starts$' "$out")" 2
has "crews that have no run are told" "$err" "^NOTE: 1 more crew than runs: a larger --ranks-per-run"
is "as it was" "$(findings four)" "$(findings one)"

# ---- a run that fails, one that another job holds ------------------------------------------

tiny_study mixed "$plain
  - name: large
    search: {search: {batch: 512}, data: {shards: 512}}"
mkdir -p "$(cell mixed darts 2)" "$T/elsewhere"
echo "pid 1 on elsewhere" >"$(cell mixed darts 2)/run.lock"
mkdir -p "$(cell mixed random 1)"
echo "pid 1 on elsewhere" >"$(cell mixed random 1)/run.lock"
ln -s "$T/elsewhere/file" "$(cell mixed random 1)/search.out"
exec 7>>"$(cell mixed darts 2)/run.lock"
flock 7
shared 2 1 mixed
exits "runs that fail do not stop the others" 1
has "the end says how many" "$err" "^taildart: 3 of 6 runs failed"
has "a failure is told with its reason" "$err" "^WARNING: imbalance-10/large/seed-1 search: exit status 3: data.shards 512"
has "and kept" "$(cell mixed large 2)/failed.txt" "^search: exit status 3: data.shards 512"
has "a link in the place of an output is named" "$err" "random/seed-1 search: exit status 1: .*search.out: is a link"
is "and not followed" "$(ls "$T/elsewhere")" ""
has "a held run is told" "$err" "^NOTE: .*darts/seed-2: the run directory is in use by pid 1 on elsewhere: skipped"
is "and tried again at the end" "$(grep -c 'darts/seed-2: crew [01] starts$' "$out")" 2
tr -s '\n ' ' ' <"$out" | sed 's/ \[/\n[/g' >"$T/words"
has "a line does not call them done" "$T/words" ": failed after [^;]+; [012] done, [123] failed, "
is "the last one counts all runs" "$(grep -oE '; [0-9]+ done,.* [0-9]+ waiting' "$T/words" | tail -n 1)" \
    "; 2 done, 3 failed, 1 skipped, 0 at work, 0 waiting"
has "it counts as another study's" "$out" "^1 of 6 runs belong to another study"
is "the rest is done" "$(column "$T/mixed/study.csv" state | sort | uniq -c | xargs)" "2 done 3 failed 1 missing"
rm "$(cell mixed random 1)/search.out"
flock -u 7
shared 2 1 mixed
has "the next start tries them again" "$err" "^taildart: 2 of 6 runs failed"
is "those that failed behind the others" "$(taken | cut -d' ' -f1)" "darts/seed-2"

tiny_study huge "  - name: huge
    search: {net: {channels: 4096, cells: 20}}
$plain"
sed -i 's/^seeds: .*/seeds: [1]/' "$T/huge.yaml"
little_memory() { run bash -c 'ulimit -v 8000000; exec "$@"' - mpirun -n "$1" taildart study "$T/huge.yaml" --ranks-per-run 1; }
little_memory 2
exits "a run that ends the whole job" 1
has "is named" "$err" "^taildart: rank [01]: that was imbalance-10/huge/seed-1; "
has "with its reason" "$(cell huge huge 1)/failed.txt" "^ended the whole job: out of memory: "
little_memory 1
is "the next start takes it last" "$(taken | awk '{ print $NF }')" "huge/seed-1"
is "so that the others are done" "$(find "$T/huge" -name test.csv | wc -l)" 2

# ---- stops ----------------------------------------------------------------------------------

# Three crews: rank 0's, the one that is disturbed, and one that rank 0 has to tell.
tiny_study calm "  - name: darts" 150
sed -i 's/^seeds: .*/seeds: [1, 2, 3]/' "$T/calm.yaml"
ok "a study that nobody disturbs" taildart study "$T/calm.yaml"
tiny_study rough "  - name: darts" 150
sed -i 's/^seeds: .*/seeds: [1, 2, 3]/' "$T/rough.yaml"
count() {
    local rows
    rows=$(cell rough darts "$1")/search/metrics.csv
    if [ -e "$rows" ]; then wc -l <"$rows"; else echo 0; fi
}
further() {
    [ "$(count 1)" -gt "$at_1" ] && [ "$(count 2)" -gt "$at_2" ] && [ "$(count 3)" -gt "$at_3" ]
}
pid_of() { sed -n 's/^pid \([0-9]*\).*/\1/p' "$(cell rough darts "$1")/run.lock"; }
# disturbed NAME COMMAND…: all runs get under way, then COMMAND stops the job.
disturbed() {
    local name=$1 at_1 at_2 at_3; shift
    at_1=$(count 1) at_2=$(count 2) at_3=$(count 3)
    start stop mpirun -n 3 taildart study "$T/rough.yaml" --ranks-per-run 1
    until_true 100 further || fail "all runs get under way"
    "$@"
    status=0; wait "$started_pid" || status=$?
    is "$name ends the job with 85" "$status" 85
    has "what is done is told" "$T/stop.out" "^study: stopped after .*; 0 of 3 runs done"
    is "once" "$(grep -c '^taildart: stopped on request.*the same command continues the study' "$T/stop.err")" 1
    for seed in 1 2 3; do
        has "run $seed has saved" "$(cell rough darts $seed)/search.err" "stopped on request.* is saved"
    done
}
to_mpirun() { kill -USR2 "$(child_of "$started_pid")"; }
to_crew_1() { kill -USR2 "$(pid_of 2)"; }
disturbed "USR2 to mpirun" to_mpirun
disturbed "USR2 to one rank" to_crew_1
shared 3 1 rough
exits "the same command ends it" 0
is "as if nothing had been" "$(findings rough)" "$(findings calm)"

# ---- a run that hangs --------------------------------------------------------------------

# The second rank of the second run stops: the first of that run tells.
tiny_study hung "  - name: darts" 4000
sed -i 's/^search:$/&\n  dist: {timeout_seconds: 6}/' "$T/hung.yaml"
start hung mpirun -n 4 taildart study "$T/hung.yaml" --ranks-per-run 2
until_true 120 grep -q '^2,' "$(cell hung darts 2)/search/metrics.csv" || fail "the second run gets under way"
for pid in $(child_of "$(child_of "$started_pid")"); do
    if tr '\0' '\n' <"/proc/$pid/environ" | grep -qx OMPI_COMM_WORLD_RANK=3; then kill -STOP "$pid"; fi
done
status=0; wait "$started_pid" || status=$?
is "a run that hangs ends the job" "$status" 5
has "with the ranks of the job" "$T/hung.err" "^taildart: rank 2@.*not there: rank 3@.*: the job ends$"
has "it is named" "$T/hung.err" "^taildart: rank 2: that was imbalance-10/darts/seed-2; "
has "and noted, so that the next start takes it last" "$(cell hung darts 2)/failed.txt" \
    "^ended the whole job: rank 2@.*: dist.timeout_seconds is 6$"
is "the other run is not blamed" "$(ls "$(cell hung darts 1)/failed.txt" 2>/dev/null)" ""

# ---- refusals --------------------------------------------------------------------------------

tiny_study new "$plain"
refused_mpi 4 "crews that do not divide the ranks" 2 \
    "^taildart: --ranks-per-run: found 3, which does not divide the 4 ranks; the nearest that do are 2 and 4$" \
    taildart study "$T/new.yaml" --ranks-per-run 3
refused_mpi 2 "crews of more than the ranks" 2 \
    "^taildart: --ranks-per-run: found 8, and the job has 2 ranks; the nearest that can be is 2$" \
    taildart study "$T/new.yaml" --ranks-per-run 8
refused_mpi 2 "crews of none" 2 "--ranks-per-run: found \"?0" taildart study "$T/new.yaml" --ranks-per-run 0
for option in launch program; do
    refused_mpi 2 "--$option beside it" 2 "^taildart: --$option starts runs, and with --ranks-per-run" \
        taildart study "$T/new.yaml" --ranks-per-run 1 "--$option" true
done
refused_mpi 2 "a study file that is not there" 2 "none.yaml: .*No such file" taildart study "$T/none.yaml" --ranks-per-run 1
refused_mpi 2 "data that are not there" 3 "data: $T/nowhere: No such file" \
    taildart study "$T/new.yaml" --ranks-per-run 1 --data "$T/nowhere"
refused_mpi 2 "a study under mpirun without it" 2 "^taildart: study: started by mpirun" taildart study "$T/new.yaml"
has "which the hint tells of" "$err" "^or let crews of these ranks make the runs: --ranks-per-run 1"
is "nothing was started" "$(ls -d "$T/new" 2>/dev/null)" ""
echo 'launch: mpirun -n 2' >>"$T/new.yaml"
ok "--dry-run" taildart study "$T/new.yaml" --ranks-per-run 1 --dry-run
has_not "has no launcher in its commands" "$out" "mpirun"
has "which is told" "$err" "^NOTE: launch of $T/new.yaml is not used"

done_testing
