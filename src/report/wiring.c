/* A derived cell as a wiring diagram, without Graphviz and without overlaps whatever
 * the genotype: each state has a lane of its own that runs down from its box.  An
 * operation is a row: it leaves the lane of its input at a dot to the right; all
 * operations of a node come back on the row of its box.  Lanes to the right of the box
 * begin below it, so nothing is crossed on the way back; where a row crosses a lane
 * without a dot it only passes over. */
#include "page.h"

#include <stdio.h>

enum {
    LANE = 26,   /* from lane to lane            */
    FIRST = 24,  /* the first one                */
    ROW = 28,    /* from row to row              */
    TOP = 20,    /* the first one                */
    PILL = 112,  /* width of an operation's name */
    BEHIND = 18, /* from there to the way back   */
    TURNS = 16,  /* room of ways back            */
    BOX = 17     /* half the width of a state    */
};

/* The cell being drawn; dropped nodes have no row. */
typedef struct {
    td_text *text;
    const td_genes *genes;
    int nodes;
    unsigned reached;                /* states, a bit each */
    int state_row[TD_MAX_NODES + 2]; /* of its box: the inputs, then each node below
                                         its operations */
    int gene_row[TD_MAX_EDGES];
    int gene_turn[TD_MAX_EDGES]; /* how far inside the first one it turns back to its
                                    node: no two of a node in the same place */
    int rows;                    /* the output's is the last one */
} drawing;

static bool is_drawn(const drawing *d, int state)
{
    return d->reached >> state & 1;
}

static bool leads_to(const drawing *d, int i, int state)
{
    return d->genes->gene[i].node == state && is_drawn(d, d->genes->gene[i].state);
}

/* Give a node's operations, and then its box, the next rows. */
static void place_node(drawing *d, int state)
{
    int first = d->rows;
    for (int i = 0; i < d->genes->count; i++)
        if (leads_to(d, i, state))
            d->gene_row[i] = d->rows++;
    for (int i = 0; i < d->genes->count; i++)
        if (leads_to(d, i, state))
            d->gene_turn[i] = (d->gene_row[i] - first) * TURNS / (d->rows - first);
    if (is_drawn(d, state))
        d->state_row[state] = d->rows++;
}

static drawing place(td_text *text, const td_genes *genes, int nodes)
{
    drawing d = {
        .text = text, .genes = genes, .nodes = nodes, .reached = td_genes_reached(genes)
    };
    for (int state = 0; state < nodes + 2; state++)
        place_node(&d, state);
    d.rows++;
    return d;
}

static int lane_x(int state)
{
    return FIRST + state * LANE;
}

static int row_y(int row)
{
    return TOP + row * ROW;
}

/* Left side of the operations: right of all lanes. */
static int pill_x(const drawing *d)
{
    return lane_x(d->nodes + 1) + BOX + 12;
}

static int width_of(const drawing *d)
{
    return pill_x(d) + PILL + BEHIND + 4;
}

/* Families of operations, as classes o… of style.c. */
static int family_of(td_op op)
{
    switch (op) {
    case TD_OP_MAX_POOL_3X3:
    case TD_OP_AVG_POOL_3X3:
        return 1;
    case TD_OP_SEP_CONV_3X3:
    case TD_OP_SEP_CONV_5X5:
        return 2;
    case TD_OP_DIL_CONV_3X3:
    case TD_OP_DIL_CONV_5X5:
        return 3;
    default:
        return 0;
    }
}

/* The last row with an input from a state; lanes of nodes reach the output. */
static int lane_end(const drawing *d, int state)
{
    int last = d->state_row[state];
    if (state >= 2)
        return d->rows - 1;
    for (int i = 0; i < d->genes->count; i++)
        if (d->genes->gene[i].state == state)
            last = d->gene_row[i];
    return last;
}

static void draw_lane(const drawing *d, int state)
{
    td_text_write(d->text, "<path class=\"lane\" d=\"M%d %dV%d\"/>\n", lane_x(state),
                  row_y(d->state_row[state]), row_y(lane_end(d, state)));
}

static void draw_operation(const drawing *d, int i)
{
    td_gene gene = d->genes->gene[i];
    int y = row_y(d->gene_row[i]), from = lane_x(gene.state);
    int left = pill_x(d), family = family_of(gene.op);
    td_text_write(
        d->text,
        "<g class=\"o%d\"><path class=\"wire\" d=\"M%d %dH%dM%d %dH%dV%dH%d\"/>"
        "<circle cx=\"%d\" cy=\"%d\" r=\"4\"/>",
        family, from, y, left, left + PILL, y, left + PILL + BEHIND - d->gene_turn[i],
        row_y(d->state_row[gene.node]), lane_x(gene.node) + BOX, from, y);
    td_text_write(d->text,
                  "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"20\" rx=\"10\"/><text "
                  "x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text></g>\n",
                  left, y - 10, PILL, left + PILL / 2, y + 4, td_op_name(gene.op));
}

static void draw_box(const drawing *d, int x, int y, const char *class,
                     const char *name)
{
    td_text_write(
        d->text,
        "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"20\" "
        "rx=\"4\"/><text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
        class, x - BOX, y - 10, 2 * BOX, x, y + 4, name);
}

static void draw_state(const drawing *d, int state)
{
    char name[16];
    if (state < 2)
        snprintf(name, sizeof name, "k−%d", 2 - state);
    else
        snprintf(name, sizeof name, "%d", state - 2);
    draw_box(d, lane_x(state), row_y(d->state_row[state]), state < 2 ? "input" : "node",
             name);
}

/* Draw the output: all nodes that are left, concatenated. */
static void draw_output(const drawing *d)
{
    int y = row_y(d->rows - 1), left = lane_x(2) - BOX;
    int width = lane_x(d->nodes + 1) + BOX - left;
    td_text_write(d->text,
                  "<rect class=\"output\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"20\" "
                  "rx=\"4\"/><text x=\"%d\" y=\"%d\" text-anchor=\"middle\">k</text>\n",
                  left, y - 10, width, left + width / 2, y + 4);
}

/* One cell as SVG. */
static void write_wiring(td_text *text, const td_genes *genes, int nodes)
{
    TD_ASSERT(nodes >= 1 && nodes <= TD_MAX_NODES);
    drawing d = place(text, genes, nodes);
    td_text_write(text,
                  "<svg class=\"cell\" viewBox=\"0 0 %d %d\" style=\"max-width:%dpx\" "
                  "role=\"img\"><title>the derived cell</title>\n",
                  width_of(&d), row_y(d.rows - 1) + 16, width_of(&d) * 5 / 4);
    for (int state = 0; state < nodes + 2; state++)
        if (is_drawn(&d, state))
            draw_lane(&d, state);
    for (int i = 0; i < genes->count; i++)
        if (is_drawn(&d, genes->gene[i].state))
            draw_operation(&d, i);
    for (int state = 0; state < nodes + 2; state++)
        if (is_drawn(&d, state))
            draw_state(&d, state);
    draw_output(&d);
    td_text_write(text, "</svg>\n");
}

/* ---- the section ------------------------------------------------------------- */

static void draw_cells(td_text *text, const td_runs *runs, int run, const void *data)
{
    const td_report_run *r = runs->runs[run];
    (void) data;
    if (!r->has_genotype) {
        td_text_write(text,
                      "<p class=\"note\">There is no genotype in this run.</p>\n");
        return;
    }
    const td_genotype *g = &r->genotype;
    char *python = td_genotype_python(g);
    td_text_write(text, "<div class=\"cells\"><div><h3>Normal cell</h3>\n");
    write_wiring(text, &g->normal, g->nodes);
    td_text_write(text, "</div><div><h3>Reduction cell</h3>\n");
    write_wiring(text, &g->reduce, g->nodes);
    td_text_write(text, "</div></div>\n");
    if (g->adds_skips)
        td_text_write(text, "<p class=\"note\">Beside each operation there is a skip "
                            "connection.</p>\n");
    td_text_write(text, "<details><summary>as text</summary><pre>");
    td_html_escape(text, python);
    td_text_write(text, "</pre></details>\n");
    td_free(python);
}

/* The origin of the cells; none where some were searched and some given. */
static const char *origin_of(const td_runs *runs)
{
    int searches = 0, paired = 0, projected = 0;
    for (int r = 0; r < runs->count; r++) {
        const td_report_run *run = runs->runs[r];
        searches += run->checkpoint->state.edges > 0;
        projected += run->alpha_epochs > 0;
        paired += !run->has_genotype || td_genotype_is_paired(&run->genotype);
    }
    return searches == 0            ? "The cell that is trained. "
           : searches < runs->count ? ""
           : projected == runs->count
               ? "What held-out images have missed most, as far as it is decided; for "
                 "the rest the two strongest edges of each node. "
           : paired == runs->count
               ? "The two strongest edges of each node, as the weights stand now. "
               : "Of the two strongest edges of each node those that reach "
                 "search.threshold, as the weights stand now; what nothing "
                 "leads to is dropped. ";
}

void td_page_cells(td_text *text, const td_runs *runs)
{
    char *sentence =
        td_format("%sk−2 and k−1 are the cell's inputs, 0 … its nodes, k its output; a "
                  "dot is a connection, a line that passes over another is none.",
                  origin_of(runs));
    td_section_begin(text, "Derived cell", sentence);
    td_free(sentence);
    td_section_figures(text, runs, draw_cells, NULL);
}
