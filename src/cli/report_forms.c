/* taildart report: runs in other forms than a page. */
#include "report.h"

#include <stdio.h>
#include <sys/stat.h>

#include "taildart/base_file.h"
#include "taildart/base_log.h"
#include "taildart/report_forms.h"

/* ---- in the terminal ------------------------------------------------------------- */

static td_status write_term(td_report_run *const *runs, const td_cli_line *line)
{
    td_terminal_look look = td_terminal_look_now();
    char *text = td_report_term(runs, line->operands, &look);
    fputs(text, stdout); /* td_cli_finish checks for errors */
    td_free(text);
    return TD_OK;
}

/* ---- for TensorBoard ------------------------------------------------------------- */

/* When the last row was written, in seconds since 1970; 0 where nobody knows. */
static double ended(const td_report_run *run)
{
    static const char *const names[] = { TD_RUN_METRICS, TD_RUN_CHECKPOINT };
    struct stat about;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = td_format("%s/%s", run->name, names[i]);
        bool is_there = stat(path, &about) == 0;
        td_free(path);
        if (is_there)
            return (double) about.st_mtim.tv_sec +
                   1e-9 * (double) about.st_mtim.tv_nsec;
    }
    return 0;
}

static td_status write_events(td_report_run *const *runs, const td_cli_line *line)
{
    td_status status = TD_OK;
    for (int r = 0; status == TD_OK && r < line->operands; r++) {
        char *path = td_format("%s/%s", runs[r]->name, TD_CLI_EVENTS_FILE);
        td_text file = td_report_events(runs[r], ended(runs[r]));
        status = td_cli_report_save(path, true, file.chars, file.length);
        if (status == TD_OK)
            td_print("%s", path);
        td_free(file.chars);
        td_free(path);
    }
    return status;
}

/* ---- which one ------------------------------------------------------------------- */

static const struct {
    const char *option;
    td_cli_report_write *write;
    bool has_out; /* takes --out */
} forms[] = {
    { "term", write_term, false },
    { "png", td_cli_report_png, true },
    { "events", write_events, false },
};

enum { FORMS = sizeof forms / sizeof *forms };

/* The form's row, -1 for a page. */
static int row_of(const td_cli_line *line)
{
    for (int i = 0; i < FORMS; i++)
        if (td_cli_value(line, forms[i].option))
            return i;
    return -1;
}

td_status td_cli_report_check(const td_cli_line *line)
{
    static const char *const pages[] = { "open", "scaling" };
    int row = row_of(line);
    if (row < 0)
        return TD_OK;
    for (int i = row + 1; i < FORMS; i++)
        if (td_cli_value(line, forms[i].option))
            return td_error(TD_USAGE, "report: either --%s or --%s", forms[row].option,
                            forms[i].option);
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (td_cli_value(line, pages[i]))
            return td_error(TD_USAGE, "report: --%s goes with a page, not with --%s",
                            pages[i], forms[row].option);
    if (td_cli_value(line, "out") && !forms[row].has_out)
        return td_error(
            TD_USAGE, "report: --%s takes no --out: it writes %s", forms[row].option,
            forms[row].write == write_term ? "to stdout" : "to the folder of each run");
    return TD_OK;
}

td_status td_cli_report_try(const td_cli_line *line)
{
    const char *out = td_cli_value(line, "out");
    if (!out)
        return TD_OK;
    return td_cli_value(line, "png") ? td_cli_report_png_try(out) : td_file_try(out);
}

td_cli_report_write *td_cli_report_form_of(const td_cli_line *line)
{
    int row = row_of(line);
    return row < 0 ? NULL : forms[row].write;
}
