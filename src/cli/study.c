/* taildart study: a grid of searches and trainings, and its table. */
#include "cli_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "taildart/machine.h"
#include "taildart/study.h"

static const td_cli_option options[] = {
    { "out", "FOLDER", "of the study, instead of the file's", 'o' },
    { "data", "DATA", "the data set, instead of the file's", 0 },
    { "launch", "WORDS", "in front of searches and trainings, instead of the file's",
      0 },
    { "only", "METHOD[,...]", "these methods", 0 },
    { "task", "I/N", "the I-th of N shares of the grid, for job arrays", 0 },
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
        "status 85.",
    .options = options,
    .examples = "taildart study jobs/configs/study-hls-small.yaml\n"
                "taildart study jobs/configs/study-hls.yaml --task 3/8\n"
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

static td_status read_options(td_study_options *out, const td_cli_line *line)
{
    const char *task = td_cli_value(line, "task");
    out->selection = (td_study_selection){ .only = td_cli_value(line, "only"),
                                           .share = 1,
                                           .shares = 1 };
    out->dry_run = td_cli_value(line, "dry-run") != NULL;
    /* Ranks started by a rank would inherit its number in the job. */
    td_launch launch = td_launch_read();
    if (launch.is_open_mpi || launch.size > 1)
        return td_error(TD_USAGE,
                        "study: started by %s (%s=%d), but it starts its ranks itself, "
                        "as `launch` of the file says; start it without %s",
                        launch.program, launch.variable, launch.size, launch.program);
    return task ? td_study_selection_read(&out->selection, task) : TD_OK;
}

static td_status work(const td_cli_line *line, const td_study *study,
                      td_study_options *wanted)
{
    if (td_cli_value(line, "collect"))
        return td_study_collect(study);
    const char *program = td_cli_value(line, "program");
    char *own = program ? NULL : own_path();
    wanted->program = program ? program : own;
    td_status status = td_study_run(study, wanted);
    td_free(own);
    return status;
}

static td_status study(const td_cli_line *line)
{
    td_study_options wanted = { .dry_run = false };
    td_study *read = NULL;
    const td_study_replacements instead = { .out = td_cli_value(line, "out"),
                                            .data = td_cli_value(line, "data"),
                                            .launch = td_cli_value(line, "launch") };
    td_status status = read_options(&wanted, line);
    if (status == TD_OK)
        status = td_study_read(&read, line->operand[0], &instead);
    if (status == TD_OK)
        status = work(line, read, &wanted);
    td_study_free(read);
    return status;
}

int td_cli_study(int argc, char **argv)
{
    td_cli_line line;
    td_status status = td_cli_scan(&line, &td_cli_study_form, argc, argv);
    if (status == TD_OK && !td_cli_answer(&line) && td_launch_rank() == 0)
        status = study(&line);
    td_cli_clear(&line);
    return td_cli_finish(status);
}
