/* The runs as a table. */
#include "page.h"
#include "panels.h"

#include <math.h>

static const td_metrics *last_row(const td_report_run *run)
{
    return run->row_count > 0 ? &run->rows[run->row_count - 1] : NULL;
}

static void write_best(td_text *text, const td_report_run *run)
{
    const td_metrics *best = td_report_best(run);
    td_html_number(text, "%.4f", best ? best->valid_balanced_top1 : NAN);
    if (best)
        td_text_write(text, " <em>epoch %d</em>", best->epoch + 1);
}

/* What best.h5 was chosen by, where that is another measure. */
static void write_chosen(td_text *text, const td_report_run *run)
{
    const td_progress *p = &run->checkpoint->progress;
    td_html_number(text, "%.4f", p->best_epoch >= 0 ? p->best_value : NAN);
    if (p->best_epoch >= 0)
        td_text_write(text, " <em>%s, epoch %lld</em>",
                      td_best_title((td_best) p->best_by),
                      (long long) p->best_epoch + 1);
}

static void write_test(td_text *text, const td_report_run *run)
{
    const td_evaluation *e = td_report_test(run);
    td_html_number(text, "%.4f", e ? e->balanced : NAN);
}

static void write_seconds(td_text *text, const td_report_run *run)
{
    const td_progress *p = &run->checkpoint->progress;
    td_html_seconds(text, p->seconds + p->epoch_seconds);
}

static void write_images(td_text *text, const td_report_run *run)
{
    td_html_whole(text, run->checkpoint->progress.images);
}

#define LAST(member) NULL, TD_COLUMN(member)

/* Columns: the output of a function or, without one, a number of the last epoch's
 * row. */
static const struct {
    const char *name;
    void (*write)(td_text *text, const td_report_run *run);
    size_t column; /* of metrics.csv */
    const char *format;
} columns[] = {
    { "epochs", td_write_epochs, 0, NULL },
    { "best balanced", write_best, 0, NULL },
    { "balanced", LAST(valid_balanced_top1), "%.4f" },
    { "valid top-1", LAST(valid_top1), "%.4f" },
    { "test balanced", write_test, 0, NULL },
    { "chosen as best", write_chosen, 0, NULL },
    { "skips, normal cell", LAST(skip_count_normal), "%.0f" },
    { "alpha change", LAST(alpha_change), "%.4f" },
    { "time", write_seconds, 0, NULL },
    { "images seen", write_images, 0, NULL },
};

enum { COLUMNS = sizeof columns / sizeof *columns };

static void write_cell(td_text *text, const td_report_run *run, int column)
{
    const td_metrics *row = last_row(run);
    double value = NAN;
    if (columns[column].write) {
        columns[column].write(text, run);
        return;
    }
    TD_ASSERT(columns[column].format);
    if (row)
        value = td_column_value(row, columns[column].column);
    td_html_number(text, columns[column].format, value);
}

static void write_name(td_text *text, const td_runs *runs, int r, int best)
{
    td_text_write(text, "<th scope=\"row\">");
    td_run_swatch(text, r);
    td_html_escape(text, runs->names[r]);
    if (r == best)
        td_text_write(text, " <b class=\"star\" title=\"the best balanced accuracy of "
                            "these runs\">★ best</b>");
    td_write_state(text, runs->runs[r]);
    td_text_write(text, "</th>");
}

/* One run needs no table. */
static void write_alone(td_text *text, const td_report_run *run)
{
    td_text_write(text, "<dl class=\"facts\">\n");
    for (int i = 0; i < COLUMNS; i++) {
        td_text_write(text, "<div><dt>%s</dt><dd>", columns[i].name);
        write_cell(text, run, i);
        td_text_write(text, "</dd></div>\n");
    }
    td_text_write(text, "</dl>\n");
}

static void write_table(td_text *text, const td_runs *runs)
{
    int best = td_report_best_run(runs);
    td_scroll_begin(text, "scroll", "results");
    td_text_write(text, "<table class=\"runs\">\n"
                        "<thead><tr><th scope=\"col\">run</th>");
    for (int i = 0; i < COLUMNS; i++)
        td_text_write(text, "<th scope=\"col\">%s</th>", columns[i].name);
    td_text_write(text, "</tr></thead>\n<tbody>\n");
    for (int r = 0; r < runs->count; r++) {
        td_text_write(text, "<tr%s>", r == best ? " class=\"best-run\"" : "");
        write_name(text, runs, r, best);
        for (int i = 0; i < COLUMNS; i++) {
            td_text_write(text, "<td>");
            write_cell(text, runs->runs[r], i);
            td_text_write(text, "</td>");
        }
        td_text_write(text, "</tr>\n");
    }
    td_text_write(text, "</tbody>\n</table></div>\n");
    td_page_starts(text, runs);
}

void td_page_table(td_text *text, const td_runs *runs)
{
    td_section_begin(text, "Results",
                     "Of the last epoch, on images that do not train the weights; best "
                     "is the epoch with the highest balanced accuracy, the mean over "
                     "classes; test is what taildart eval has left in the run.");
    if (runs->count == 1)
        write_alone(text, runs->runs[0]);
    else
        write_table(text, runs);
    td_text_write(text, "</section>\n");
}
