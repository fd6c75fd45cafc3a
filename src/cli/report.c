/* taildart report: what is asked for; pages are in report_page.c and report_study.c,
 * other forms of runs in report_forms.c. */
#include "report.h"

#include "taildart/base_file.h"
#include "taildart/store.h"

static const td_cli_option options[] = {
    { "out", "FILE.html", "write there [RUN/report.html, of several report.html]",
      'o' },
    { "scaling", "FILE.csv", "instead of runs, a scaling study's file", 0 },
    { "open", NULL, "show the page in a browser, too", 0 },
    { "term", NULL, "instead of a page: curves and cells in the terminal", 0 },
    { "png", NULL, "instead: pictures, drawn by gnuplot and Graphviz", 0 },
    { "events", NULL, "instead: in each run a file for TensorBoard", 0 },
    { 0 },
};

const td_cli_form td_cli_report_form = {
    .name = "report",
    .operands = "[RUN...]",
    .purpose = "Picture runs, or a study, as one page of HTML that stands alone.",
    .detail =
        "RUN is the directory of a run, finished or under way. The page tells how it "
        "was\n"
        "started, its results and what taildart eval left there; losses, accuracies "
        "and\n"
        "rates over epochs, classes, the architecture weights over time, the derived\n"
        "cell, the configuration. Several runs are lines on the same axes, with what\n"
        "differs in their configurations. Without --out, one run's page goes into its\n"
        "directory, that of several into the current one.\n"
        "Of a study's folder, STUDY/study.html has the table, each method's seeds,\n"
        "differences to the control with what the seeds can show, curves of the\n"
        "searches, and what is not done. With --scaling the page shows time, speed-up\n"
        "and efficiency over ranks, weak and strong, measured, predicted and "
        "simulated,\n"
        "with the ideal; a table goes to stdout.\n"
        "--open starts $BROWSER, or xdg-open where there is a display. --term draws "
        "with\n"
        "braille where LANG has UTF-8, with ASCII elsewhere, in colours unless "
        "NO_COLOR\n"
        "is set. --png writes curves to RUN/report.png and the cell to\n"
        "RUN/report-cell.png, with the script and the graph that make them beside "
        "these;\n"
        "--out FILE.png names them otherwise. --events writes\n"
        "RUN/" TD_CLI_EVENTS_FILE ":\n"
        "`tensorboard --logdir runs` shows all runs in that folder.",
    .options = options,
    .examples = "taildart report runs/a runs/b --out compared.html\n"
                "taildart report runs/study\n"
                "taildart report runs/a runs/b --term\n"
                "taildart report --scaling scaling.csv\n",
};

/* Refuse to replace a file of the runs by their page. */
static td_status keep_runs(const char *out, const td_cli_line *line)
{
    td_status status = TD_OK;
    for (int i = 0; i < line->operands && status == TD_OK; i++)
        status = td_run_keep_apart(line->operand[i], out);
    return status;
}

static td_status read_runs(td_report_run **runs, const td_cli_line *line)
{
    td_status status = TD_OK;
    for (int i = 0; i < line->operands && status == TD_OK; i++)
        status = td_report_run_read(&runs[i], line->operand[i]);
    return status;
}

static td_status report_runs(const td_cli_line *line)
{
    td_report_run **runs = td_malloc((size_t) line->operands * sizeof *runs);
    td_cli_report_write *form = td_cli_report_form_of(line);
    td_status status = keep_runs(td_cli_value(line, "out"), line);
    if (status == TD_OK)
        status = read_runs(runs, line);
    if (status == TD_OK && !form)
        status = td_cli_page_check_runs(runs[0], line);
    if (status == TD_OK)
        status = form ? form(runs, line) : td_cli_page_runs(runs, line);
    for (int i = 0; i < line->operands; i++)
        td_report_run_free(runs[i]);
    td_free(runs);
    return status;
}

static td_status report_scaling(const td_cli_line *line)
{
    const char *path = td_cli_value(line, "scaling");
    td_scaling_file file = { 0 };
    td_status status = td_file_keep_apart(td_cli_value(line, "out"), path);
    if (status == TD_OK)
        status = td_cli_page_check_scaling(line);
    if (status == TD_OK)
        status = td_scaling_read(&file, path);
    if (status == TD_OK)
        status = td_cli_page_scaling(&file, line);
    td_scaling_clear(&file);
    return status;
}

/* ---- the command ----------------------------------------------------------------- */

static td_status report(const td_cli_line *line)
{
    const char *out = td_cli_value(line, "out");
    const char *scaling = td_cli_value(line, "scaling");
    if (out && out[0] == '\0')
        return td_error(TD_USAGE, "--out: a name of a file is missing");
    if (scaling && line->operands > 0)
        return td_error(TD_USAGE, "report: either runs or --scaling");
    if (td_cli_report_check(line) != TD_OK)
        return TD_USAGE;
    if (!scaling && line->operands == 0) {
        td_status status = td_error(TD_USAGE, "report: RUN... is missing");
        td_error_hint("try `taildart report --help`");
        return status;
    }
    if (td_cli_report_try(line) != TD_OK) /* before runs are read */
        return TD_FAILED;
    for (int i = 0; i < line->operands; i++)
        if (td_cli_report_is_study(line->operand[i]))
            return td_cli_report_study(line);
    return scaling ? report_scaling(line) : report_runs(line);
}

int td_cli_report(int argc, char **argv)
{
    td_cli_line line;
    td_status status = td_cli_scan(&line, &td_cli_report_form, argc, argv);
    if (status == TD_OK && !td_cli_answer(&line))
        status = report(&line);
    td_cli_clear(&line);
    return td_cli_finish(status);
}
