/* The runs as a table, and their configurations. */
#include "page.h"

#include <math.h>
#include <string.h>

/* ---- a row a run ----------------------------------------------------------------- */

static const td_metrics *last_row(const td_report_run *run)
{
    return run->row_count > 0 ? &run->rows[run->row_count - 1] : NULL;
}

static void write_run(td_text *text, const td_report_run *run)
{
    const td_progress *p = &run->checkpoint->progress;
    td_html_escape(text, run->name);
    if (run->end.is_there && p->epoch > run->end.epoch)
        td_text_write(text,
                      " <em>ended by search.stop: the cell is that after epoch %d</em>",
                      run->end.genotype_epoch + 1);
    else if (run->epochs > 0 && p->epoch < run->epochs)
        td_text_write(text, " <em>not finished: %lld steps into epoch %lld</em>",
                      (long long) p->step, (long long) p->epoch + 1);
}

static void write_epochs(td_text *text, const td_report_run *run)
{
    const td_metrics *row = last_row(run);
    td_text_write(text, "%d", row ? row->epoch + 1 : 0);
    if (run->epochs > 0)
        td_text_write(text, " of %d", run->epochs);
    if (run->unread > 0)
        td_text_write(text, " <em>%d lines of metrics.csv are no rows</em>",
                      run->unread);
}

static void write_best(td_text *text, const td_report_run *run)
{
    const td_progress *p = &run->checkpoint->progress;
    td_html_number(text, "%.4f", p->best_epoch >= 0 ? p->best_value : NAN);
    if (p->best_epoch >= 0)
        td_text_write(text, " %s (epoch %lld)", td_best_title((td_best) p->best_by),
                      (long long) p->best_epoch + 1);
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

#define LAST(member) NULL, offsetof(td_metrics, member)

/* Columns: the output of a function or, without one, a number of the last epoch's
 * row. */
static const struct {
    const char *name;
    void (*write)(td_text *text, const td_report_run *run);
    size_t offset; /* in td_metrics */
    const char *format;
} columns[] = {
    { "run", write_run, 0, NULL },
    { "epochs", write_epochs, 0, NULL },
    { "valid top-1", LAST(valid_top1), "%.4f" },
    { "balanced", LAST(valid_balanced_top1), "%.4f" },
    { "best", write_best, 0, NULL },
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
        memcpy(&value, (const char *) row + columns[column].offset, sizeof value);
    td_html_number(text, columns[column].format, value);
}

/* On a narrow screen a row becomes a list, and data-name its captions. */
void td_page_table(td_text *text, const td_runs *runs)
{
    td_text_write(text, "<table class=\"runs\">\n<thead><tr>");
    for (int i = 0; i < COLUMNS; i++)
        td_text_write(text, "<th scope=\"col\">%s</th>", columns[i].name);
    td_text_write(text, "</tr></thead>\n<tbody>\n");
    for (int r = 0; r < runs->count; r++) {
        td_text_write(text, "<tr>");
        for (int i = 0; i < COLUMNS; i++) {
            const char *cell = i == 0 ? "th" : "td";
            td_text_write(text, "<%s data-name=\"%s\">", cell, columns[i].name);
            write_cell(text, runs->runs[r], i);
            td_text_write(text, "</%s>", cell);
        }
        td_text_write(text, "</tr>\n");
    }
    td_text_write(text, "</tbody>\n</table>\n");
}

/* ---- configuration ----------------------------------------------------------- */

/* Take the line at *next, without its end; NULL behind the last. */
static const char *take_line(const char **next, int *length)
{
    const char *line = *next;
    if (!line || !*line)
        return NULL;
    *length = (int) strcspn(line, "\n");
    *next = line + *length + (line[*length] == '\n');
    return line;
}

/* Whether a line differs from that of another run.  All configurations of one version
 * have the same keys in the same order, so lines are compared by number.
 * \param [in,out] others  (runs) the next line of each run, taken */
static bool differs(const char **others, int count, const char *line, int length)
{
    bool marked = false;
    for (int r = 0; r < count; r++) {
        int other_length = 0;
        const char *other = take_line(&others[r], &other_length);
        marked = marked || !other || other_length != length ||
                 memcmp(other, line, (size_t) length) != 0;
    }
    return marked;
}

static void write_config(td_text *text, const td_runs *runs, int run)
{
    const char *next = runs->runs[run]->checkpoint->texts.config, *line;
    const char **others = td_malloc((size_t) runs->count * sizeof *others);
    int length = 0;
    for (int r = 0; r < runs->count; r++)
        others[r] = runs->runs[r]->checkpoint->texts.config;
    td_text_write(text, "<details open=\"open\"><summary>configuration</summary><pre>");
    while ((line = take_line(&next, &length))) {
        bool is_marked = differs(others, runs->count, line, length);
        char *words = td_format("%.*s", length, line);
        td_text_write(text, "%s", is_marked ? "<mark>" : "");
        td_html_escape(text, words);
        td_text_write(text, "%s\n", is_marked ? "</mark>" : "");
        td_free(words);
    }
    td_text_write(text, "</pre></details>\n");
    td_free(others);
}

static void write_version(td_text *text, const td_checkpoint *c)
{
    td_text_write(text, "<p>%d ranks, %d shards; images of %dx%dx%d in %d classes</p>",
                  c->world_size, c->shards, c->height, c->width, c->image_channels,
                  c->classes);
    td_text_write(text, "<pre>");
    td_html_escape(text, c->texts.version ? c->texts.version : "");
    td_text_write(text, "</pre>\n");
}

static void write_configuration(td_text *text, const td_runs *runs, int run,
                                const void *data)
{
    (void) data;
    write_version(text, runs->runs[run]->checkpoint);
    write_config(text, runs, run);
}

void td_page_configurations(td_text *text, const td_runs *runs)
{
    td_section_begin(text, "Configuration and versions",
                     runs->count > 1 ? "Marked lines are not the same in all runs."
                                     : "As the checkpoint has them.");
    td_section_figures(text, runs, write_configuration, NULL);
}
