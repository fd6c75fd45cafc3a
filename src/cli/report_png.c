/* taildart report --png: curves and cells as pictures, drawn by other programs. */
#include "report.h"

#include <string.h>

#include "taildart/base_file.h"
#include "taildart/base_log.h"
#include "taildart/report.h"
#include "taildart/report_forms.h"

/* Files of a --png: what stands in front of their endings, and whether they lie in the
 * folder of a run. */
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
    td_status status = td_cli_report_save(path, at->in_run, bytes, count);
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

td_status td_cli_report_png_try(const char *out)
{
    char *base = base_of(out), *path = td_format("%s%s", base, curves.png);
    td_status status = td_file_try(path);
    td_free(path);
    td_free(base);
    return status;
}

td_status td_cli_report_png(td_report_run *const *runs, const td_cli_line *line)
{
    place at = place_of(runs[0], line);
    td_status status = draw_all(&at, runs, line->operands, false);
    if (status == TD_OK)
        status = draw_all(&at, runs, line->operands, true);
    td_free(at.base);
    return status;
}
