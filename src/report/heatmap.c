/* The architecture weights over time: a row an edge, a column an operation, in each
 * place a strip of epochs from left to right.  All runs and cells share one scale of
 * colours and one of epochs; the operations that the derived cell took are framed. */
#include "page.h"

#include <math.h>
#include <stdio.h>

enum {
    LEFT = 52,   /* names of edges    */
    COLUMN = 51, /* an operation      */
    STRIP = 48,  /* its strip         */
    ROW = 17,    /* an edge           */
    BAR = 14,    /* its strips        */
    GAP = 4,     /* between nodes     */
    TOP = 18,    /* names of columns  */
    MOMENTS = 50 /* most in a strip: longer runs show some of their epochs */
};

static const char *const short_names[TD_NUM_OPS] = { "none",    "max 3x3", "avg 3x3",
                                                     "skip",    "sep 3x3", "sep 5x5",
                                                     "dil 3x3", "dil 5x5" };

/* ---- moments ------------------------------------------------------------------- */

/* The alphas at one time. */
typedef struct {
    int64_t epoch;         /* after so many epochs             */
    bool is_within;        /* and some steps of the next       */
    const td_real *alphas; /* (2, edges, 8), borrowed          */
} moment;

typedef struct {
    moment *moments; /* owned */
    int count;
    int64_t every;    /* of so many epochs one is shown */
    bool has_history; /* no epoch is missing            */
} timeline;

static bool is_kept(const td_checkpoint *c, int64_t row)
{
    size_t count = (size_t) 2 * (size_t) c->edges * TD_NUM_OPS;
    return !isnan(c->arch_history[(size_t) row * count]);
}

static void add_moment(timeline *t, int64_t epoch, bool is_within,
                       const td_real *alphas)
{
    t->moments[t->count++] = (moment){ epoch, is_within, alphas };
}

/* Start, the epochs (not all of a long run, but the last), and where it stands now. */
static timeline timeline_of(const td_checkpoint *c)
{
    timeline t = { .moments = td_malloc((MOMENTS + 3) * sizeof(moment)) };
    size_t count = (size_t) 2 * (size_t) c->edges * TD_NUM_OPS;
    int64_t epochs = c->arch_history ? c->arch_epochs : 0;
    int64_t kept = 0;
    t.every = epochs > MOMENTS ? (epochs + MOMENTS - 1) / MOMENTS : 1;
    add_moment(&t, 0, false, c->alphas_start);
    for (int64_t e = 1; e <= epochs; e++) {
        if (!is_kept(c, e - 1))
            continue;
        kept++;
        if ((epochs - e) % t.every == 0)
            add_moment(&t, e, false, c->arch_history + (size_t) (e - 1) * count);
    }
    t.has_history = kept == c->progress.epoch;
    if (t.moments[t.count - 1].epoch < c->progress.epoch || c->progress.step > 0)
        add_moment(&t, c->progress.epoch, c->progress.step > 0, c->alphas);
    TD_ASSERT(t.count <= MOMENTS + 3);
    return t;
}

/* ---- scales -------------------------------------------------------------------- */

/* What all strips of a page share. */
typedef struct {
    double low, high; /* weights                             */
    int64_t epochs;   /* of the longest run, one more for the start */
} scale;

static void widen(scale *s, const td_checkpoint *c)
{
    timeline t = timeline_of(c);
    for (int m = 0; m < t.count; m++)
        for (int e = 0; e < 2 * c->edges; e++) {
            double p[TD_NUM_OPS];
            td_alpha_softmax(p, t.moments[m].alphas + (size_t) e * TD_NUM_OPS);
            for (int k = 0; k < TD_NUM_OPS; k++) {
                s->low = fmin(s->low, p[k]);
                s->high = fmax(s->high, p[k]);
            }
        }
    int64_t epochs = c->progress.epoch + (c->progress.step > 0) + 1;
    s->epochs = epochs > s->epochs ? epochs : s->epochs;
    td_free(t.moments);
}

static scale scale_of(const td_runs *runs)
{
    scale s = { .low = NAN, .high = NAN, .epochs = 1 };
    for (int r = 0; r < runs->count; r++)
        if (runs->runs[r]->checkpoint->edges > 0)
            widen(&s, runs->runs[r]->checkpoint);
    if (!(s.high - s.low > 1e-9)) {
        s.low = 0;
        s.high = 1;
    }
    return s;
}

/* Viridis (Smith and van der Walt, 2015) at nine places: even steps of lightness, also
 * for colour-blind eyes and in grey. */
void td_heat_colour(double share, char out[8])
{
    static const unsigned char stops[9][3] = {
        { 68, 1, 84 },    { 71, 44, 122 },  { 59, 81, 139 },
        { 44, 113, 142 }, { 33, 144, 141 }, { 39, 173, 129 },
        { 92, 200, 99 },  { 170, 220, 50 }, { 253, 231, 37 },
    };
    double at = 8 * fmin(1, fmax(0, share));
    int i = at < 8 ? (int) at : 7;
    unsigned rgb[3];
    for (int k = 0; k < 3; k++)
        rgb[k] =
            (unsigned) (stops[i][k] + (at - i) * (stops[i + 1][k] - stops[i][k]) + 0.5);
    snprintf(out, 8, "#%02x%02x%02x", rgb[0] & 255, rgb[1] & 255, rgb[2] & 255);
}

/* ---- drawing --------------------------------------------------------------------- */

/* One cell of one run being drawn. */
typedef struct {
    td_text *text;
    const td_report_run *run;
    const timeline *timeline;
    const scale *scale;
    int cell; /* 0 normal, 1 reduction */
} drawing;

static const char *state_name(int state, char out[8])
{
    if (state < 2)
        snprintf(out, 8, "k−%d", 2 - state);
    else
        snprintf(out, 8, "%d", state - 2);
    return out;
}

static void write_time(td_text *text, const moment *m)
{
    if (m->epoch == 0 && !m->is_within)
        td_text_write(text, "start");
    else if (m->is_within)
        td_text_write(text, "within epoch %lld", (long long) m->epoch + 1);
    else
        td_text_write(text, "after epoch %lld", (long long) m->epoch);
}

/* Where a moment begins in a strip; the first is the start's. */
static double moment_x(const drawing *d, int m)
{
    const moment *at = &d->timeline->moments[m];
    double column = (double) at->epoch + (at->is_within ? 1 : 0);
    return STRIP * column / (double) d->scale->epochs;
}

/* It lasts until the next one; epochs that were not kept stay empty. */
static double moment_end(const drawing *d, int m)
{
    const moment *at = &d->timeline->moments[m];
    if (m + 1 < d->timeline->count && at[1].epoch - at->epoch <= d->timeline->every)
        return moment_x(d, m + 1);
    return moment_x(d, m) + STRIP / (double) d->scale->epochs;
}

/* The epochs of one operation on one edge. */
static void draw_strip(const drawing *d, int edge, int op, int y)
{
    size_t place = (size_t) (d->cell * d->run->checkpoint->edges + edge) * TD_NUM_OPS;
    td_text_write(d->text,
                  "<g transform=\"translate(%d %d)\"><rect class=\"track\" "
                  "width=\"%d\" height=\"%d\"/>",
                  LEFT + op * COLUMN, y, STRIP, BAR);
    for (int m = 0; m < d->timeline->count; m++) {
        double p[TD_NUM_OPS], x = moment_x(d, m);
        char colour[8];
        td_alpha_softmax(p, d->timeline->moments[m].alphas + place);
        if (!isfinite(p[op]))
            continue;
        td_heat_colour((p[op] - d->scale->low) / (d->scale->high - d->scale->low),
                       colour);
        td_text_write(d->text,
                      "<rect x=\"%.2f\" width=\"%.2f\" height=\"%d\" fill=\"%s\">"
                      "<title>%s ",
                      x, moment_end(d, m) - x, BAR, colour, td_op_name((td_op) op));
        write_time(d->text, &d->timeline->moments[m]);
        td_text_write(d->text, ": %.4f</title></rect>", p[op]);
    }
    td_text_write(d->text, "</g>\n");
}

/* A frame around what the derived cell took from the edge state -> node. */
static void draw_frames(const drawing *d, int node, int state, int y)
{
    const td_report_run *run = d->run;
    const td_gene *genes = d->cell == 0 ? run->genotype.normal : run->genotype.reduce;
    if (!run->has_genotype || node >= run->genotype.nodes)
        return;
    for (int i = 2 * node; i < 2 * node + 2; i++)
        if (genes[i].state == state)
            td_text_write(d->text,
                          "<rect class=\"taken\" x=\"%d\" y=\"%d\" width=\"%d\" "
                          "height=\"%d\"/>\n",
                          LEFT + (int) genes[i].op * COLUMN - 1, y - 1, STRIP + 2,
                          BAR + 2);
}

static void draw_edge(const drawing *d, int node, int state, int edge, int y)
{
    char from[8];
    td_text_write(d->text, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s→%d</text>\n",
                  LEFT - 6, y + 11, state_name(state, from), node);
    for (int op = 0; op < TD_NUM_OPS; op++)
        draw_strip(d, edge, op, y);
    draw_frames(d, node, state, y);
}

static void draw_cell(const drawing *d, int nodes)
{
    int edge = 0, y = TOP;
    td_text_write(d->text,
                  "<h3>%s cell</h3>\n<svg class=\"heat\" viewBox=\"0 0 %d %d\" "
                  "role=\"img\"><title>architecture weights of the %s cell</title>\n",
                  d->cell == 0 ? "Normal" : "Reduction", LEFT + TD_NUM_OPS * COLUMN,
                  TOP + d->run->checkpoint->edges * ROW + (nodes - 1) * GAP + 2,
                  d->cell == 0 ? "normal" : "reduction");
    for (int op = 0; op < TD_NUM_OPS; op++)
        td_text_write(d->text,
                      "<text x=\"%d\" y=\"11\" text-anchor=\"middle\">%s</text>\n",
                      LEFT + op * COLUMN + STRIP / 2, short_names[op]);
    for (int node = 0; node < nodes; node++, y += GAP)
        for (int state = 0; state < node + 2; state++, edge++, y += ROW)
            draw_edge(d, node, state, edge, y);
    TD_ASSERT(edge == d->run->checkpoint->edges);
    td_text_write(d->text, "</svg>\n");
}

/* Nodes of a cell with so many edges, 0 if there is none. */
static int nodes_of(int edges)
{
    for (int nodes = 1; nodes <= TD_MAX_NODES; nodes++)
        if (td_edge_count(nodes) == edges)
            return nodes;
    return 0;
}

static void draw_run(td_text *text, const td_report_run *run, const scale *s)
{
    int nodes = nodes_of(run->checkpoint->edges);
    if (nodes == 0) {
        td_text_write(text, "<p class=\"note\">This run has no architecture to "
                            "search.</p>\n");
        return;
    }
    timeline t = timeline_of(run->checkpoint);
    for (int cell = 0; cell < 2; cell++) {
        drawing d = { text, run, &t, s, cell };
        draw_cell(&d, nodes);
    }
    if (!t.has_history)
        td_text_write(text, "<p class=\"note\">The history is absent: this checkpoint "
                            "does not hold the weights of every epoch, as those of "
                            "older versions.</p>\n");
    td_free(t.moments);
}

/* ---- the section ------------------------------------------------------------------- */

/* The place of the even share, where it lies between the ends. */
static void write_even(td_text *text, double share)
{
    double x = 30 + 240 * share;
    if (share <= 0 || share >= 1)
        return;
    td_text_write(text,
                  "<path class=\"tick\" d=\"M%.1f 14v18\"/><text x=\"%.1f\" y=\"11\" "
                  "text-anchor=\"%s\">even: 1/8</text>",
                  x, x,
                  share < 0.1   ? "start"
                  : share > 0.9 ? "end"
                                : "middle");
}

static void write_legend(td_text *text, const scale *s)
{
    enum { STEPS = 48, WIDTH = 240 };
    td_text_write(text, "<svg class=\"scale\" viewBox=\"0 0 300 48\" role=\"img\">"
                        "<title>colours of the weights</title>");
    for (int i = 0; i < STEPS; i++) {
        char colour[8];
        td_heat_colour((i + 0.5) / STEPS, colour);
        td_text_write(text,
                      "<rect x=\"%d\" y=\"17\" width=\"%d\" height=\"12\" "
                      "fill=\"%s\"/>",
                      30 + i * (WIDTH / STEPS), WIDTH / STEPS, colour);
    }
    td_text_write(text,
                  "<text x=\"30\" y=\"44\" text-anchor=\"middle\">%.4f</text>"
                  "<text x=\"270\" y=\"44\" text-anchor=\"middle\">%.4f</text>",
                  s->low, s->high);
    write_even(text, (1.0 / TD_NUM_OPS - s->low) / (s->high - s->low));
    td_text_write(text, "</svg>\n");
}

void td_page_heatmaps(td_text *text, const td_runs *runs)
{
    bool has_any = false;
    for (int r = 0; r < runs->count; r++)
        has_any = has_any || runs->runs[r]->checkpoint->edges > 0;
    if (!has_any)
        return;
    scale s = scale_of(runs);
    td_section_begin(
        text, "Architecture weights",
        "Softmax of alpha: a row an edge (from a cell's input or node to a "
        "node), a column an operation; in each place time runs from left "
        "(start) to right, an epoch a step. Frames mark what the derived "
        "cell takes.");
    write_legend(text, &s);
    td_section_figures(text);
    for (int r = 0; r < runs->count; r++) {
        td_figure_begin(text, runs, r);
        draw_run(text, runs->runs[r], &s);
        td_figure_end(text);
    }
    td_section_end(text);
}
