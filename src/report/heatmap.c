/* The architecture weights over time: one row per edge, one column per operation, in
 * each field a strip of epochs from left to right.  All runs and cells share one scale
 * of colours and one of epochs; the operations that the derived cell took are
 * framed. */
#include "heatmap.h"
#include "taildart/arch.h"

#include <math.h>
#include <stdio.h>

/* Strips reach a little under the next one: no slit is seen between them. */
static const double SEAM = 0.3;

enum {
    LEFT = 52,   /* names of edges    */
    COLUMN = 51, /* an operation      */
    STRIP = 48,  /* its strip         */
    ROW = 17,    /* an edge           */
    BAR = 14,    /* its strips        */
    GAP = 4,     /* between nodes     */
    TOP = 18     /* names of columns  */
};

/* ---- drawing --------------------------------------------------------------------- */

/* One cell of one run being drawn. */
typedef struct {
    td_text *text;
    const td_report_run *run;
    const td_timeline *timeline;
    const td_heat_scale *scale;
    int cell; /* 0 normal, 1 reduction */
} drawing;

static const char *state_name(int state, char out[16])
{
    if (state < 2)
        snprintf(out, 16, "k−%d", 2 - state);
    else
        snprintf(out, 16, "%d", state - 2);
    return out;
}

static void write_time(td_text *text, const td_moment *m)
{
    if (m->epoch == 0 && !m->is_within)
        td_text_write(text, "start");
    else if (m->is_within)
        td_text_write(text, "within epoch %lld", (long long) m->epoch + 1);
    else
        td_text_write(text, "after epoch %lld", (long long) m->epoch);
}

/* The x at which a moment begins in a strip; the first column is the start. */
static double moment_x(const drawing *d, int m)
{
    const td_moment *at = &d->timeline->moments[m];
    double column = (double) at->epoch + (at->is_within ? 1 : 0);
    return STRIP * column / (double) d->scale->epochs;
}

/* The x at which it ends: at the next one, or after one column where epochs were not
 * kept. */
static double moment_end(const drawing *d, int m)
{
    const td_moment *at = &d->timeline->moments[m];
    if (m + 1 < d->timeline->count && at[1].epoch - at->epoch <= d->timeline->every)
        return moment_x(d, m + 1);
    return moment_x(d, m) + STRIP / (double) d->scale->epochs;
}

static bool has_noise(const drawing *d)
{
    return d->run->checkpoint->state.has_noise;
}

/* Draw the epochs of one operation on one edge. */
static void draw_strip(const drawing *d, int edge, int op, int y)
{
    const td_search_state *state = &d->run->checkpoint->state;
    int row = d->cell * state->edges + edge;
    td_text_write(d->text,
                  "<g transform=\"translate(%d %d)\"><rect class=\"track\" "
                  "width=\"%d\" height=\"%d\"/>",
                  LEFT + op * COLUMN, y, STRIP, BAR);
    for (int m = 0; m < d->timeline->count; m++) {
        double p[TD_NUM_OPS], x = moment_x(d, m);
        char colour[8];
        td_moment_strength(state, &d->timeline->moments[m], row, p);
        if (!isfinite(p[op]) || !td_moment_has(&d->timeline->moments[m], row, op))
            continue; /* not known, or not there */
        td_heat_colour((p[op] - d->scale->low) / (d->scale->high - d->scale->low),
                       colour);
        td_text_write(d->text,
                      "<rect x=\"%.2f\" width=\"%.2f\" height=\"%d\" fill=\"%s\">"
                      "<title>%s ",
                      x, fmin(moment_end(d, m) - x + SEAM, STRIP - x), BAR, colour,
                      td_op_name(td_op_at(op, has_noise(d))));
        write_time(d->text, &d->timeline->moments[m]);
        td_text_write(d->text, ": %.4f</title></rect>", p[op]);
    }
    td_text_write(d->text, "</g>\n");
}

/* Draw a frame around the operations that the derived cell has on the edge state ->
 * node. */
static void draw_frames(const drawing *d, int node, int state, int y)
{
    const td_report_run *run = d->run;
    const td_genes *genes =
        d->cell == 0 ? &run->genotype.normal : &run->genotype.reduce;
    for (int i = 0; run->has_genotype && i < genes->count; i++) {
        td_gene gene = genes->gene[i];
        if (gene.node == node + 2 && gene.state == state)
            td_text_write(d->text,
                          "<rect class=\"taken\" x=\"%d\" y=\"%d\" width=\"%d\" "
                          "height=\"%d\"/>\n",
                          LEFT + td_op_place(gene.op) * COLUMN - 1, y - 1, STRIP + 2,
                          BAR + 2);
    }
}

static void draw_edge(const drawing *d, int node, int state, int edge, int y)
{
    char from[16];
    td_text_write(d->text, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s→%d</text>\n",
                  LEFT - 6, y + 11, state_name(state, from), node);
    for (int op = 0; op < TD_NUM_OPS; op++)
        draw_strip(d, edge, op, y);
    draw_frames(d, node, state, y);
}

/* The name above a column, without underscores. */
static void write_name(const drawing *d, int op)
{
    td_text_write(d->text, "<text x=\"%d\" y=\"11\" text-anchor=\"middle\">",
                  LEFT + op * COLUMN + STRIP / 2);
    for (const char *at = td_op_short_name(td_op_at(op, has_noise(d))); *at; at++)
        td_text_write(d->text, "%c", *at == '_' ? ' ' : *at);
    td_text_write(d->text, "</text>\n");
}

static void draw_cell(const drawing *d, int nodes)
{
    int edge = 0, y = TOP;
    td_text_write(d->text,
                  "<div><h3>%s cell</h3>\n<svg class=\"heat\" viewBox=\"0 0 %d %d\" "
                  "role=\"img\"><title>architecture weights of the %s cell</title>\n",
                  d->cell == 0 ? "Normal" : "Reduction", LEFT + TD_NUM_OPS * COLUMN,
                  TOP + d->run->checkpoint->state.edges * ROW + (nodes - 1) * GAP + 2,
                  d->cell == 0 ? "normal" : "reduction");
    for (int op = 0; op < TD_NUM_OPS; op++)
        write_name(d, op);
    for (int node = 0; node < nodes; node++, y += GAP)
        for (int state = 0; state < node + 2; state++, edge++, y += ROW)
            draw_edge(d, node, state, edge, y);
    TD_ASSERT(edge == d->run->checkpoint->state.edges);
    td_text_write(d->text, "</svg></div>\n");
}

/* Draw both cells of a run; \a data: the scale of all runs. */
static void draw_run(td_text *text, const td_runs *runs, int r, const void *data)
{
    TD_ASSERT(r >= 0 && r < runs->count);
    const td_report_run *run = runs->runs[r];
    int nodes = td_nodes_of_edges(run->checkpoint->state.edges);
    if (nodes == 0) {
        td_text_write(text, "<p class=\"note\">This run has no architecture to "
                            "search.</p>\n");
        return;
    }
    td_timeline t = td_timeline_of(run->checkpoint);
    td_weights_moved(text, &run->checkpoint->state, &t);
    td_text_write(text, "<div class=\"pair\">\n");
    for (int cell = 0; cell < 2; cell++) {
        drawing d = { text, run, &t, data, cell };
        draw_cell(&d, nodes);
    }
    td_text_write(text, "</div>\n");
    if (!t.has_history)
        td_text_write(text, "<p class=\"note\">The history is absent: this checkpoint "
                            "does not hold the weights of every epoch, as those of "
                            "older versions.</p>\n");
    td_timeline_clear(&t);
}

/* ---- the section ------------------------------------------------------------- */

void td_page_heatmaps(td_text *text, const td_runs *runs)
{
    bool has_any = false;
    for (int r = 0; r < runs->count; r++)
        has_any = has_any || runs->runs[r]->checkpoint->state.edges > 0;
    if (!has_any)
        return;
    td_heat_scale s = td_heat_scale_of(runs);
    td_section_begin(
        text, "Architecture weights",
        "What the operations of each edge weigh (arch.relaxation makes it of alpha): "
        "one row per edge, from a cell's input or node to a node; one column per "
        "operation; in each field time runs from the start, left, to now, epoch by "
        "epoch. Frames mark what the derived cell takes.");
    td_heat_legend(text, &s);
    td_section_figures(text, runs, draw_run, &s);
}
