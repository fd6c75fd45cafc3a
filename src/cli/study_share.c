/* taildart study --ranks-per-run: the runs of a study in one job, as commands in this
 * process; and what both ways to run a study read from its command line. */
#include "cli_internal.h"

#include <string.h>

#include "taildart/base_log.h"

/* ---- what both ways read -------------------------------------------------------- */

td_study_replacements td_cli_study_replacements(const td_cli_line *line)
{
    return (td_study_replacements){ .out = td_cli_value(line, "out"),
                                    .data = td_cli_value(line, "data"),
                                    .launch = td_cli_value(line, "launch") };
}

td_status td_cli_study_selection(td_study_selection *selection, const td_cli_line *line)
{
    const char *task = td_cli_value(line, "task");
    *selection = (td_study_selection){ .only = td_cli_value(line, "only"),
                                       .share = 1,
                                       .shares = 1 };
    return task ? td_study_selection_read(selection, task) : TD_OK;
}

/* ---- a command of a run --------------------------------------------------------- */

/* What a study is made of. */
static const struct {
    const td_cli_form *form;
    td_cli_work *work;
} commands[] = {
    { &td_cli_search_form, td_cli_search_work },
    { &td_cli_train_form, td_cli_train_work },
    { &td_cli_eval_form, td_cli_eval_work },
    { &td_cli_genotype_form, td_cli_genotype_work },
};

enum { COMMANDS = sizeof commands / sizeof *commands };

/* The first word is the program, the second the command's name. */
static int row_of(const td_study_command *command)
{
    int row = 0;
    while (strcmp(commands[row].form->name, command->word[1]) != 0) {
        row++;
        TD_CHECK(row < COMMANDS, "a study has no command %s", command->word[1]);
    }
    return row;
}

static td_status run_command(td_comm *crew, const td_study_command *command)
{
    td_cli_line line = { .form = NULL };
    td_status status = TD_OK;
    int row = command ? row_of(command) : 0;
    td_comm_bcast(crew, &row, sizeof row);
    if (command)
        status = td_cli_scan(&line, commands[row].form, command->count - 1,
                             (char **) command->word + 1);
    status = td_cli_work_on(crew, &line, status, commands[row].work);
    if (status != TD_OK)
        td_log_failure();
    td_cli_clear(&line);
    return status;
}

/* ---- the study ------------------------------------------------------------------ */

/* What starts programs has no meaning where the ranks are there already. */
static td_status check_options(const td_cli_line *line)
{
    static const char *const starting[] = { "launch", "program" };
    for (size_t i = 0; i < sizeof starting / sizeof *starting; i++)
        if (td_cli_value(line, starting[i]))
            return td_error(TD_USAGE,
                            "--%s starts runs, and with --ranks-per-run the ranks of "
                            "this job make them: leave one of the two out",
                            starting[i]);
    return TD_OK;
}

void td_cli_study_drop_launch(td_study *study)
{
    if (study->launch && study->launch[0])
        td_log(TD_LOG_NOTE,
               "launch of %s is not used: the ranks of this job make the "
               "runs",
               study->file);
    td_free(study->launch);
    study->launch = NULL;
}

/* Rank 0's file is everybody's. */
static td_status read_study(td_comm *world, const td_cli_line *line, td_study **study)
{
    char *text = NULL;
    size_t bytes = 0;
    td_study_replacements instead = td_cli_study_replacements(line);
    bool is_root = td_comm_rank(world) == 0;
    td_status status = is_root ? td_study_load(&text, &bytes, line->operand[0]) : TD_OK;
    if (is_root && status == TD_OK)
        status = td_study_parse(study, line->operand[0], text, bytes, &instead);
    status = td_comm_verdict(world, status);
    if (status == TD_OK) {
        td_comm_bcast_text(world, &text);
        if (!is_root)
            status =
                td_study_parse(study, line->operand[0], text, strlen(text), &instead);
        status = td_comm_verdict(world, status);
    }
    td_free(text);
    return status;
}

td_status td_cli_study_share(td_comm *world, const td_cli_line *line)
{
    td_study *study = NULL;
    td_campaign_options wanted = { .program = "taildart" };
    int64_t ranks_per_run = 1;
    td_status status =
        td_cli_integer(line, "ranks-per-run", 1, INT32_MAX, &ranks_per_run);
    if (status == TD_OK)
        status = check_options(line);
    if (status == TD_OK)
        status = td_cli_study_selection(&wanted.selection, line);
    status = td_comm_verdict(world, status);
    if (status == TD_OK)
        status = read_study(world, line, &study);
    if (status == TD_OK) {
        TD_ASSERT(study);
        td_cli_study_drop_launch(study);
        status =
            td_campaign_share(world, study, &wanted, (int) ranks_per_run, run_command);
    }
    td_study_free(study);
    return status;
}
