/* What `taildart eval` has left in the runs. */
#include "page.h"

#include <math.h>
#include <string.h>

/* Cures of the tail, none of most. */
static void write_cures(td_text *text, const td_evaluation *e)
{
    if (isfinite(e->adjust))
        td_text_write(text, ", logits adjusted by %g", e->adjust);
    if (isfinite(e->tau_norm))
        td_text_write(text, ", classifier's rows divided by norm^%g", e->tau_norm);
}

void td_write_test_name(td_text *text, const td_evaluation *e)
{
    td_html_escape(text, e->part);
    td_text_write(text, " images, ");
    if (strcmp(e->checkpoint, "last") == 0 || strcmp(e->checkpoint, "best") == 0)
        td_text_write(text, "%s epoch", e->checkpoint);
    else
        td_html_escape(text, e->checkpoint);
    write_cures(text, e);
}

/* The figures of a row, shares of images. */
static const struct {
    const char *name;
    size_t offset;
} columns[] = {
    { "top-1", offsetof(td_evaluation, top1) },
    { "balanced", offsetof(td_evaluation, balanced) },
    { "macro F1", offsetof(td_evaluation, macro_f1) },
    { "many", offsetof(td_evaluation, group_top1[TD_GROUP_MANY]) },
    { "medium", offsetof(td_evaluation, group_top1[TD_GROUP_MEDIUM]) },
    { "few", offsetof(td_evaluation, group_top1[TD_GROUP_FEW]) },
    { "loss", offsetof(td_evaluation, loss) },
    { "calibration error", offsetof(td_evaluation, ece) },
};

enum { COLUMNS = sizeof columns / sizeof *columns };

static void write_row(td_text *text, const td_runs *runs, int r, const td_evaluation *e)
{
    td_text_write(text, "<tr><th scope=\"row\">");
    if (runs->count > 1) {
        td_run_swatch(text, r);
        td_html_escape(text, runs->names[r]);
        td_text_write(text, ": ");
    }
    td_write_test_name(text, e);
    td_text_write(text, " <em>after epoch %lld, of ", (long long) e->epoch);
    td_html_escape(text, e->data);
    td_text_write(text, "</em></th><td>");
    td_html_whole(text, e->images);
    td_text_write(text, "</td>");
    for (int i = 0; i < COLUMNS; i++) {
        double value;
        memcpy(&value, (const char *) e + columns[i].offset, sizeof value);
        td_text_write(text, "<td>");
        td_html_number(text, "%.4f", value);
        td_text_write(text, "</td>");
    }
    td_text_write(text, "</tr>\n");
}

void td_page_tests(td_text *text, const td_runs *runs)
{
    int count = 0;
    for (int r = 0; r < runs->count; r++)
        count += runs->runs[r]->evaluation_count;
    td_section_begin(text, "Test",
                     count > 0
                         ? "What taildart eval gave, a row for each checkpoint, part, "
                           "data and cure; many, medium and few are classes by their "
                           "training images (over 100, 20 to 100, fewer)."
                         : "No evaluation is known: taildart eval RUN leaves its "
                           "figures in the run, and the next page shows them.");
    if (count > 0) {
        td_scroll_begin(text, "scroll", "evaluations");
        td_text_write(text, "<table>\n<thead><tr>"
                            "<th scope=\"col\">evaluation</th>"
                            "<th scope=\"col\">images</th>");
        for (int i = 0; i < COLUMNS; i++)
            td_text_write(text, "<th scope=\"col\">%s</th>", columns[i].name);
        td_text_write(text, "</tr></thead>\n<tbody>\n");
        for (int r = 0; r < runs->count; r++)
            for (int i = 0; i < runs->runs[r]->evaluation_count; i++)
                write_row(text, runs, r, &runs->runs[r]->evaluations[i]);
        td_text_write(text, "</tbody>\n</table></div>\n");
    }
    td_text_write(text, "</section>\n");
}
