#!/usr/bin/env bash
# jobs/slurm/search.sbatch on a real Slurm: the time limit comes near, the search saves and
# stops, the job queues again and goes on to its end.  Takes two minutes, for Slurm looks at
# its clocks every half minute.
. "$(dirname "$0")/lib.sh"
. tests/e2e/slurm.sh

reason=$(slurm_missing)
[ -z "$reason" ] || skip_all "a private Slurm cannot be started: $reason"
limit=600
slurm_start || { fail "a private Slurm starts"; done_testing; }
pass "a private Slurm starts"

tiny_idx "$T/data"
config() {
    cat >"$T/run.yaml" <<END
data: {path: $T/data}
net: {channels: 4, cells: 3, nodes: 2}
search: {epochs: $1, batch: 16}
END
}
submit() {
    sbatch --parsable --ntasks=2 --cpus-per-task=1 --output="$1" "${@:2}" \
        jobs/slurm/search.sbatch --config "$T/run.yaml" --out "$T/run"
}
export TAILDART="$BUILD/taildart"
unset OMPI_MCA_hwloc_base_binding_policy      # the script binds
rows() { [ "$(wc -l <"$T/run/metrics.csv")" -gt 2 ]; }

# An endless run in two minutes; Slurm warns half a minute before they are over.
config 100000
job=$(submit "$T/job.log" --time=2 --signal=B:USR2@30)
until_true 90 rows || {
    fail "epochs go by" "$(squeue 2>&1)" "$(cat "$T/job.log" 2>&1)"
    done_testing
}
pass "epochs go by"
until_true 150 job_is "$job" Restarts 1
is "the job is back in the queue before its limit" "$(job "$job" Restarts)" 1
has "the log tells the first start" "$T/job.log" "start 1 on .*2 ranks of 1 threads"
has "and the signal" "$T/job.log" "time limit is near"
has "and the requeue" "$T/job.log" "saved and stopped; back into the queue"

# While it waits the goal is moved to where the next start ends soon.
done_epochs=$(column "$T/run/metrics.csv" epoch | tail -n 1)
config $((done_epochs + 3))
until_true 120 job_is "$job" JobState COMPLETED
is "the second start ends the job" "$(job "$job" JobState) $(job "$job" ExitCode)" "COMPLETED 0:0"
has "as the log says" "$T/job.log" "start 2 on"
has "with the end" "$T/job.log" "the search is done"
is "each epoch has one row" "$(column "$T/run/metrics.csv" epoch | paste -sd' ')" \
    "$(seq -s' ' 0 $((done_epochs + 2)))"

# What starting again cannot mend does not queue again.
sed -i 's/batch: 16/batch: 15/' "$T/run.yaml"
job=$(submit "$T/bad.log" --time=2)
until_true 60 job_is "$job" JobState FAILED
is "a mistake ends the job with its exit status" "$(job "$job" JobState) $(job "$job" ExitCode)" "FAILED 2:0"
has "and the log says so" "$T/bad.log" "starting again would not help"

# A start that another one stands in the way of queues again.
sed -i 's/batch: 15/batch: 16/' "$T/run.yaml"
# shellcheck disable=SC2016   # the inner shell expands it
start holder flock "$T/run/run.lock" sh -c 'echo "pid $$ on elsewhere" >"$0"; exec sleep 600' "$T/run/run.lock"
until_true 30 grep -q elsewhere "$T/run/run.lock"
job=$(submit "$T/held.log" --time=2)
until_true 120 job_is "$job" Restarts 1
is "a job whose run directory is in use is back in the queue" "$(job "$job" Restarts)" 1
has "and the log says why" "$T/held.log" "another start is not over yet; back into the queue"
scancel "$job"
is_gone() { ! squeue -h -j "$1" 2>/dev/null | grep -q .; }
until_true 60 is_gone "$job" || true     # its step's daemon outlives the others

[ "$tests_failed" -eq 0 ] || cat "$T/job.log" "$T/bad.log" "$T/held.log" >&2
done_testing
