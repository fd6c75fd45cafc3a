#!/usr/bin/env bash
# What the job scripts make of an exit status, with a launcher and a scontrol that only say
# what they were asked; 70-slurm.t has the real ones.
. "$(dirname "$0")/lib.sh"

mkdir "$T/bin"
cat >"$T/bin/mpirun" <<END
#!/bin/sh
cat "$T/words" >&2
exit \$(cat "$T/status")
END
printf '#!/bin/sh\necho "$@" >>"%s"\n' "$T/asked" >"$T/bin/scontrol"
chmod +x "$T"/bin/*
export PATH="$T/bin:$PATH" SLURM_JOB_ID=7 SLURM_JOB_NODELIST=node1 SLURM_NTASKS=2

# ends STATUS WORDS [RESTARTS]: the script where the search ends so.
ends() {
    echo "$1" >"$T/status"; echo "$2" >"$T/words"; rm -f "$T/asked"
    run env SLURM_RESTART_COUNT="${3:-0}" bash jobs/slurm/search.sbatch --out "$T/run"
    exits "exit $1 is passed on" "$1"
    has "with its words" "$err" "^$2$"
}
# queued NAME YES|NO: whether the job was put back.
queued() { is "$1" "$(cat "$T/asked" 2>/dev/null)" "$([ "$2" = no ] || echo "requeue 7")"; }

held="taildart: runs/a: the run directory is in use by pid 3 on node2"
ends 0 "fine"
queued "a search that is done stays out of the queue" no
ends 85 "taildart: stopped on request"
queued "one that was stopped goes back" yes
ends 2 "taildart: search.batch: found 15"
queued "a mistake does not" no
has "and the log says so" "$out" "starting again would not help"
ends 2 "$held"
queued "one that another start stands in the way of goes back" yes
has "and the log says why" "$out" "another start is not over yet"
ends 2 "$held" 10
queued "but not for ever" no
ends 1 "taildart: out of luck"
queued "a failure does not" no

# ---- a study in one job ----------------------------------------------------------------

cat >"$T/bin/mpirun" <<END
#!/bin/sh
echo "\$@" >"$T/line"
exit \$(cat "$T/status")
END
study() {
    echo "$1" >"$T/status"; rm -f "$T/asked"
    run env TAILDART=taildart SLURM_CPUS_PER_TASK=4 bash jobs/slurm/study-one-job.sbatch "${@:2}"
}
study 0 8 some.yaml --only darts
exits "a study in one job" 0
is "runs in crews of its ranks" "$(cat "$T/line")" \
    "--map-by slot:PE=4 --bind-to core taildart study some.yaml --only darts --ranks-per-run 8"
queued "one that is done stays out of the queue" no
study 85 8 some.yaml
exits "exit 85 is passed on" 85
queued "one that was stopped goes back" yes
study 1 8 some.yaml
queued "one with runs that failed does not" no
has "and the log says what to do" "$out" "some runs failed, .* the same line tries them again"
rm "$T/line"
study 0 some.yaml
exits "without the ranks per run" 2
has "it says what is missing" "$err" 'the number of ranks per run, found "some.yaml"'
is "and starts nothing" "$(ls "$T/line" 2>/dev/null)" ""

done_testing
