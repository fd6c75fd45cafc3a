/* taildart study: a grid of searches and trainings, and its table. */
#include "cli_internal.h"

#include <unistd.h>

#include "taildart/machine.h"

static const td_cli_option options[] = {
    { "out", "FOLDER", "of the study, instead of the file's", 'o' },
    { "data", "DATA", "the data set, instead of the file's", 0 },
    { "launch", "WORDS", "in front of each run, instead of the file's", 0 },
    { "only", "METHOD[,...]", "these methods", 0 },
    { "task", "I/N", "the I-th of N shares of the grid, for job arrays", 0 },
    { "ranks-per-run", "R", "crews of R ranks of this job make the runs", 0 },
    { "collect", NULL, "run nothing, write the tables", 0 },
    { "dry-run", NULL, "run nothing, print the commands that are missing", 0 },
    { "program", "FILE", "the taildart to start [this one]", 0 },
    { 0 },
};

const td_cli_form td_cli_study_form = {
    .name = "study",
    .operands = "FILE.yaml",
    .purpose = "Compare methods: search, train and test each, over seeds.",
    .detail =
        "The same command line starts a study, continues it, and ends it: finished\n"
        "runs are skipped, interrupted ones continued, failed ones tried again. A run\n"
        "that fails is noted and the others go on; the tables are written at the end.\n"
        "Ctrl-C, SIGTERM and SIGUSR2 let the present run save, and end the study with\n"
        "status 85.\n"
        "Under mpirun or srun, --ranks-per-run splits the ranks of the job into "
        "crews:\n"
        "each takes the next run of the list until none is left; `launch` is not used.",
    .options = options,
    .examples = "taildart study jobs/configs/study-hls-small.yaml\n"
                "taildart study jobs/configs/study-hls.yaml --task 3/8\n"
                "mpirun -n 64 taildart study jobs/configs/study-hls.yaml \\\n"
                "    --ranks-per-run 4\n"
                "taildart study jobs/configs/study-hls.yaml --collect\n",
};

/* The path of this program; `taildart` in the PATH where /proc is not readable. */
static char *own_path(void)
{
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    return td_strdup(length > 0 ? path : "taildart");
}

/* Ranks started by a rank would inherit its number in the job. */
static td_status check_launch(void)
{
    td_launch launch = td_launch_read();
    if (!launch.is_open_mpi && launch.size == 1)
        return TD_OK;
    td_status status = td_error(
        TD_USAGE,
        "study: started by %s (%s=%d), but it starts its ranks itself, as `launch` of "
        "the file says; start it without %s",
        launch.program, launch.variable, launch.size, launch.program);
    td_error_hint("or let crews of these ranks make the runs: --ranks-per-run 1, or "
                  "more");
    return status;
}

static td_status work(const td_cli_line *line, const td_study *study,
                      td_campaign_options *wanted)
{
    if (td_cli_value(line, "collect"))
        return td_campaign_collect(study);
    const char *program = td_cli_value(line, "program");
    char *own = program ? NULL : own_path();
    wanted->program = program ? program : own;
    td_status status = td_campaign_run(study, wanted);
    td_free(own);
    return status;
}

static td_status study(const td_cli_line *line)
{
    bool shares = td_cli_value(line, "ranks-per-run");
    td_campaign_options wanted = { .dry_run = td_cli_value(line, "dry-run") };
    td_study *read = NULL;
    const td_study_replacements instead = td_cli_study_replacements(line);
    td_status status = td_cli_study_selection(&wanted.selection, line);
    if (status == TD_OK && !shares)
        status = check_launch();
    if (status == TD_OK)
        status = td_study_read(&read, line->operand[0], &instead);
    if (status == TD_OK && shares)
        td_cli_study_drop_launch(read);
    if (status == TD_OK)
        status = work(line, read, &wanted);
    td_study_free(read);
    return status;
}

int td_cli_study(int argc, char **argv)
{
    td_cli_line line;
    td_status status = td_cli_scan(&line, &td_cli_study_form, argc, argv);
    bool answered = status == TD_OK && td_cli_answer(&line);
    bool runs_nothing =
        td_cli_value(&line, "dry-run") || td_cli_value(&line, "collect");
    if (status == TD_OK && !answered && !runs_nothing &&
        td_cli_value(&line, "ranks-per-run"))
        return td_cli_run_on_ranks(&line, status, td_cli_study_share);
    if (status == TD_OK && !answered && td_launch_rank() == 0)
        status = study(&line);
    td_cli_clear(&line);
    return td_cli_finish(status);
}
