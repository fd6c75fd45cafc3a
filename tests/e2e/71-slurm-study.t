#!/usr/bin/env bash
# jobs/slurm/study.sbatch on a real Slurm: an array of two tasks shares a study; the one
# whose time runs out saves, queues again and ends its share; the table has both.  Takes
# some minutes, for Slurm looks at its clocks every half minute.
. "$(dirname "$0")/lib.sh"
. tests/e2e/slurm.sh

reason=$(slurm_missing)
[ -z "$reason" ] || skip_all "a private Slurm cannot be started: $reason"
limit=600
slurm_start || { fail "a private Slurm starts"; done_testing; }
pass "a private Slurm starts"

tiny_idx "$T/data" 4 40
# config EPOCHS: the first cell of the grid, and of task 1, is a search of so many epochs.
config() {
    cat >"$T/study.yaml" <<END
out: $T/study
data: $T/data
seeds: [1]
imbalance: [10]
search:
  search: {epochs: 2, batch: 16}
  net: {channels: 4, cells: 3, nodes: 2}
train:
  train: {epochs: 2, batch: 16, auxiliary: false}
  net: {channels: 4, cells: 3}
methods:
  - {name: long, search: {search: {epochs: $1}}}
  - name: bbn
    search: {bbn: {enabled: true}}
  - {name: random, genotype: random}
END
}
export TAILDART="$BUILD/taildart"
unset OMPI_MCA_hwloc_base_binding_policy # the script binds
folder="$T/study/imbalance-10/long/seed-1/search"
rows() { [ "$(wc -l <"$folder/metrics.csv")" -gt 2 ]; }

config 100000
array=$(sbatch --parsable --array=1-2 --ntasks=1 --cpus-per-task=1 --time=2 \
    --signal=B:USR2@30 --output="$T/log-%a" jobs/slurm/study.sbatch "$T/study.yaml")
until_true 120 job_is "${array}_2" JobState COMPLETED
is "the second task ends" "$(job "${array}_2" JobState) $(job "${array}_2" ExitCode)" "COMPLETED 0:0"
has "with its share" "$T/log-2" "\[1/1\] imbalance-10/bbn/seed-1 train: done in "
has_not "which is no other's" "$T/log-2" "imbalance-10/(long|random)"
until_true 60 rows
until_true 150 job_is "${array}_1" Restarts 1
is "the first is back in the queue before its limit" "$(job "${array}_1" Restarts)" 1
has "the log tells why" "$T/log-1" "time limit is near"
has "and the requeue" "$T/log-1" "saved and stopped; back into the queue"

# While it waits the goal is moved to where the next start ends soon.
done_epochs=$(column "$folder/metrics.csv" epoch | tail -n 1)
config $((done_epochs + 3))
until_true 180 job_is "${array}_1" JobState COMPLETED
is "the second start ends the share" "$(job "${array}_1" JobState) $(job "${array}_1" ExitCode)" "COMPLETED 0:0"
has "as the log says" "$T/log-1" "start 2 on .*, share 1/2"
is "each epoch of the search has one row" "$(column "$folder/metrics.csv" epoch | paste -sd' ')" \
    "$(seq -s' ' 0 $((done_epochs + 2)))"
ok "--collect" taildart study "$T/study.yaml" --collect
is "all runs are in the table" "$(column "$T/study/study.csv" state | sort | uniq -c | xargs)" "3 done"

[ "$tests_failed" -eq 0 ] || cat "$T"/log-* >&2
done_testing
