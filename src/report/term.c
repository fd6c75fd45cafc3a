/* Runs in a terminal. */
#include "page.h"
#include "panels.h"
#include "taildart/report_forms.h"

#include <math.h>

/* ---- charts ---------------------------------------------------------------------- */

/* A column of a run as a line, for free_line. */
static td_terminal_line line_of(const td_report_run *run, const char *name,
                                size_t column)
{
    double *numbers = td_malloc(((size_t) run->row_count * 2 + 1) * sizeof *numbers);
    double *x = numbers, *y = numbers + run->row_count;
    for (int i = 0; i < run->row_count; i++) {
        x[i] = run->rows[i].epoch + 1;
        y[i] = td_column_value(&run->rows[i], column);
    }
    return (td_terminal_line){ .name = name, .x = x, .y = y, .count = run->row_count };
}

static void free_line(const td_terminal_line *line)
{
    td_free((void *) line->x); /* which holds y, too */
}

/* The few rows of a terminal do not go up to an end of the axis that no line
 * reaches. */
static void draw(td_text *text, const td_panel *panel, const char *title,
                 const td_terminal_line *lines, int count, const td_terminal_look *look)
{
    const td_terminal_picture picture = {
        .title = title,
        .low = panel->low,
        .high = NAN,
        .lines = lines,
        .count = count,
    };
    td_text_write(text, "\n");
    td_terminal_chart(text, &picture, look);
}

/* A chart of one run: its lines. */
static void draw_one(td_text *text, const td_report_run *run, const td_panel *panel,
                     const td_terminal_look *look)
{
    td_terminal_line lines[TD_PANEL_LINES];
    int count = 0;
    for (int l = 0; l < td_panel_line_count(panel); l++)
        if (td_column_is_known(run, panel->lines[l].column))
            lines[count++] = line_of(run, panel->lines[l].name, panel->lines[l].column);
    const char *only = count == 1 ? lines[0].name : NULL;
    char *title = td_format("%s%s%s", only ? only : "", only ? ": " : "", panel->title);
    draw(text, panel, title, lines, count, look);
    td_free(title);
    for (int l = 0; l < count; l++)
        free_line(&lines[l]);
}

/* The first line of the panel that any run has; the first where none has. */
static const td_panel_line *line_of_all(td_report_run *const *runs, int count,
                                        const td_panel *panel)
{
    for (int l = 0; l < td_panel_line_count(panel); l++)
        for (int r = 0; r < count; r++)
            if (td_column_is_known(runs[r], panel->lines[l].column))
                return &panel->lines[l];
    return &panel->lines[0];
}

/* A chart of several runs: one line of each. */
static void draw_all(td_text *text, td_report_run *const *runs, int count,
                     const td_panel *panel, const td_terminal_look *look)
{
    const td_panel_line *line = line_of_all(runs, count, panel);
    td_terminal_line *lines = td_malloc((size_t) count * sizeof *lines);
    for (int r = 0; r < count; r++)
        lines[r] = line_of(runs[r], td_report_short_name(runs, count, r), line->column);
    char *title = td_format("%s: %s", line->name, panel->title);
    draw(text, panel, title, lines, count, look);
    td_free(title);
    for (int r = 0; r < count; r++)
        free_line(&lines[r]);
    td_free(lines);
}

static void draw_panel(td_text *text, td_report_run *const *runs, int count,
                       const td_panel *panel, const td_terminal_look *look)
{
    if (!panel->is_in_terminal)
        return;
    if (count == 1)
        draw_one(text, runs[0], panel, look);
    else
        draw_all(text, runs, count, panel, look);
}

/* ---- words ----------------------------------------------------------------------- */

static void write_number(td_text *text, const char *words, double value)
{
    if (isfinite(value))
        td_text_write(text, ", %s %.4f", words, value);
}

/* The name, and "3 of 5 epochs, top-1 0.5100, balanced 0.4700, best balanced
 * 0.4800 (epoch 2)"
 * below. */
static void write_run(td_text *text, const td_report_run *run, int columns)
{
    td_text words = { 0 };
    const td_metrics *best = td_report_best(run);
    const td_metrics *row = run->row_count > 0 ? &run->rows[run->row_count - 1] : NULL;
    int epochs = row ? row->epoch + 1 : 0;
    int many = run->epochs > 0 ? run->epochs : epochs;
    td_text_write(&words, "%d", epochs);
    if (run->epochs > 0)
        td_text_write(&words, " of %d", run->epochs);
    td_text_write(&words, " %s", td_noun(many, "epoch", "epochs"));
    if (row) {
        write_number(&words, "top-1", row->valid_top1);
        write_number(&words, "balanced", row->valid_balanced_top1);
    }
    if (best)
        td_text_write(&words, ", best balanced %.4f (epoch %d)",
                      best->valid_balanced_top1, best->epoch + 1);
    td_text_write_shown(text, run->name, "");
    td_text_write(text, "\n  ");
    td_text_write_wrapped(text, 2, columns, words.chars);
    td_text_write(text, "\n");
    td_free(words.chars);
}

/* A line for each node, with what it adds up. */
static void write_node(td_text *text, const td_genes *genes, int node, int columns)
{
    enum { INDENT = 13 };
    char state[TD_STATE_TEXT];
    td_text words = { 0 };
    for (int i = 0; i < genes->count; i++) {
        if (genes->gene[i].node != node + 2) /* counted as states are */
            continue;
        td_text_write(&words, "%s%s(%s)", words.length > 0 ? " + " : "",
                      td_op_name(genes->gene[i].op),
                      td_state_text(genes->gene[i].state, state));
    }
    td_text_write(text, "    node %d = ", node);
    td_text_write_wrapped(text, INDENT, columns,
                          words.length > 0 ? words.chars : "nothing: it is dropped");
    td_text_write(text, "\n");
    td_free(words.chars);
}

static void write_cell(td_text *text, const char *title, const td_genes *genes,
                       int nodes, int columns)
{
    td_text_write(text, "  %s\n", title);
    for (int node = 0; node < nodes; node++)
        write_node(text, genes, node, columns);
}

static void write_cells(td_text *text, td_report_run *const *runs, int count, int r,
                        int columns)
{
    const td_genotype *g = &runs[r]->genotype;
    td_text_write(text, "\ncell");
    if (count > 1) {
        td_text_write(text, " of ");
        td_text_write_shown(text, td_report_short_name(runs, count, r), "");
    }
    if (!runs[r]->has_genotype) {
        td_text_write(text, ": not derived yet\n");
        return;
    }
    td_text_write(text, "%s\n",
                  g->adds_skips ? ", with a skip connection beside each operation"
                                : "");
    write_cell(text, "normal", &g->normal, g->nodes, columns);
    write_cell(text, "reduction", &g->reduce, g->nodes, columns);
}

char *td_report_term(td_report_run *const *runs, int count,
                     const td_terminal_look *look)
{
    td_text text = { 0 };
    TD_ASSERT(runs && count > 0 && look);
    for (int r = 0; r < count; r++)
        write_run(&text, runs[r], look->columns);
    for (int p = 0; p < TD_PANELS; p++)
        draw_panel(&text, runs, count, &td_panels[p], look);
    for (int r = 0; r < count; r++)
        write_cells(&text, runs, count, r, look->columns);
    return text.chars;
}
