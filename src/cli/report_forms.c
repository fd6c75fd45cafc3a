/* taildart report: runs in other forms than a page. */
#include "report.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "taildart/base_file.h"
#include "taildart/base_log.h"
#include "taildart/report.h"
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

/* ---- pictures -------------------------------------------------------------------- */

/* Files of a --png: what stands in front of their endings, and whether they lie in the
 * folder of a run, where links are not followed: it may be from others. */
typedef struct {
    char *base; /* owned */
    bool in_run;
} place;

/* A picture and the script that makes it. */
typedef struct {
    const char *script, *png; /* endings of their names */
    td_file_kind kind;        /* of the script */
    td_status (*draw)(td_text *png, const char *script);
} picture;

static const picture curves = {
    ".gp", ".png", { "# Curves of taildart", NULL }, td_report_curves_png
};

/* --out without its ending, for td_free. */
static char *base_of(const char *out)
{
    size_t length = strlen(out);
    if (length > 4 && strcmp(out + length - 4, ".png") == 0)
        length -= 4;
    return td_format("%.*s", (int) length, out);
}

/* So, or "report" in the run's folder or here. */
static place place_of(const td_report_run *first, const td_cli_line *line)
{
    const char *out = td_cli_value(line, "out");
    if (out)
        return (place){ base_of(out), false };
    if (line->operands == 1)
        return (place){ td_format("%s/report", first->name), true };
    return (place){ td_strdup("report"), false };
}

/* Refuse to replace a file of another kind. */
static td_status check(const place *at, const char *ending, td_file_kind kind)
{
    const td_file_kind kinds[] = { kind, { NULL, NULL } };
    char *path = td_format("%s%s", at->base, ending);
    td_status status = td_file_check_kind(path, kinds, "file of `taildart report`");
    td_free(path);
    return status;
}

/* Write a file, and say so. */
static td_status put(const place *at, const char *ending, const char *bytes,
                     size_t count)
{
    char *path = td_format("%s%s", at->base, ending);
    const td_file_part whole = { bytes, count };
    td_status status = at->in_run ? td_file_replace(path, &whole, 1, NULL)
                                  : td_file_write(path, bytes, count);
    if (status == TD_OK)
        td_print("%s", path);
    td_free(path);
    return status;
}

/* Check the names of a picture's files or, with \a script, write them; the script is
 * there also where nothing draws it. */
static td_status draw(const place *at, const picture *p, const char *script)
{
    const td_file_kind pictures = { "\x89PNG\r\n", NULL };
    td_text png = { 0 };
    td_status status = TD_OK;
    if (!script) {
        status = check(at, p->script, p->kind);
        return status == TD_OK ? check(at, p->png, pictures) : status;
    }
    status = put(at, p->script, script, strlen(script));
    if (status == TD_OK)
        status = p->draw(&png, script);
    if (status == TD_OK)
        status = put(at, p->png, png.chars, png.length);
    td_free(png.chars);
    return status;
}

/* The cell of a run, as FILE-cell.png, of several as FILE-cell-2.png; checks names or
 * \a writes. */
static td_status draw_cell(const place *at, td_report_run *const *runs, int count,
                           int run, bool writes)
{
    char *number = count > 1 ? td_format("-%d", run + 1) : td_strdup("");
    char *script = td_format("-cell%s.dot", number);
    char *png = td_format("-cell%s.png", number);
    const picture cell = {
        script, png, { "digraph genotype", NULL }, td_report_cell_png
    };
    char *graph = writes ? td_report_dot(&runs[run]->genotype) : NULL;
    td_status status = draw(at, &cell, graph);
    td_free(graph);
    td_free(png);
    td_free(script);
    td_free(number);
    return status;
}

/* Check names or \a write the files. */
static td_status draw_all(const place *at, td_report_run *const *runs, int count,
                          bool writes)
{
    char *script = writes ? td_report_gnuplot(runs, count) : NULL;
    td_status status = draw(at, &curves, script);
    td_free(script);
    for (int r = 0; status == TD_OK && r < count; r++)
        if (runs[r]->has_genotype)
            status = draw_cell(at, runs, count, r, writes);
    return status;
}

static td_status write_png(td_report_run *const *runs, const td_cli_line *line)
{
    place at = place_of(runs[0], line);
    td_status status = draw_all(&at, runs, line->operands, false);
    if (status == TD_OK)
        status = draw_all(&at, runs, line->operands, true);
    td_free(at.base);
    return status;
}

/* ---- for TensorBoard ------------------------------------------------------------- */

/* When the last row was written, in seconds since 1970; 0 where nobody knows. */
static double ended(const td_report_run *run)
{
    static const char *const names[] = { "metrics.csv", "checkpoint.h5" };
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
        const td_file_part whole = { file.chars, file.length };
        status = td_file_replace(path, &whole, 1, NULL);
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
    { "png", write_png, true },
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
    if (!out || !td_cli_value(line, "png"))
        return out ? td_file_try(out) : TD_OK;
    char *base = base_of(out), *path = td_format("%s%s", base, curves.png);
    td_status status = td_file_try(path);
    td_free(path);
    td_free(base);
    return status;
}

td_cli_report_write *td_cli_report_form_of(const td_cli_line *line)
{
    int row = row_of(line);
    return row < 0 ? NULL : forms[row].write;
}
