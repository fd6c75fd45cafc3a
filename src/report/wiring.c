/* A derived cell as a wiring diagram, without Graphviz and without overlaps whatever
 * the genotype: each state has a lane of its own that runs down from its box.  An
 * operation is a row: it leaves the lane of its input at a dot to the right; both
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
    BOX = 17     /* half the width of a state    */
};

/* The cell being drawn. */
typedef struct {
    td_text *text;
    const td_gene *genes;
    int nodes;
} drawing;

static int lane_x(int state)
{
    return FIRST + state * LANE;
}

static int row_y(int row)
{
    return TOP + row * ROW;
}

/* Row of a state's box: the inputs, then each node below its two operations. */
static int state_row(int state)
{
    return state < 2 ? state : 2 + 3 * (state - 2) + 2;
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
    int last = state_row(state);
    if (state >= 2)
        return state_row(d->nodes + 1) + 1;
    for (int i = 0; i < 2 * d->nodes; i++)
        if (d->genes[i].state == state)
            last = 2 + 3 * (i / 2) + i % 2;
    return last;
}

static void draw_lane(const drawing *d, int state)
{
    td_text_write(d->text, "<path class=\"lane\" d=\"M%d %dV%d\"/>\n", lane_x(state),
                  row_y(state_row(state)), row_y(lane_end(d, state)));
}

static void draw_operation(const drawing *d, int i)
{
    const td_gene *gene = &d->genes[i];
    TD_ASSERT(gene->op > TD_OP_NONE && gene->state < 2 + i / 2);
    int row = 2 + 3 * (i / 2) + i % 2, y = row_y(row), from = lane_x(gene->state);
    int left = pill_x(d), back = left + PILL + BEHIND - (i % 2) * 8;
    int node = 2 + i / 2, family = family_of(gene->op);
    td_text_write(
        d->text,
        "<g class=\"o%d\"><path class=\"wire\" d=\"M%d %dH%dM%d %dH%dV%dH%d\"/>"
        "<circle cx=\"%d\" cy=\"%d\" r=\"4\"/>",
        family, from, y, left, left + PILL, y, back, row_y(state_row(node)),
        lane_x(node) + BOX, from, y);
    td_text_write(d->text,
                  "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"20\" rx=\"10\"/><text "
                  "x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text></g>\n",
                  left, y - 10, PILL, left + PILL / 2, y + 4, td_op_name(gene->op));
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
    draw_box(d, lane_x(state), row_y(state_row(state)), state < 2 ? "input" : "node",
             name);
}

/* Draw the output: all nodes, concatenated. */
static void draw_output(const drawing *d)
{
    int y = row_y(state_row(d->nodes + 1) + 1), left = lane_x(2) - BOX;
    int width = lane_x(d->nodes + 1) + BOX - left;
    td_text_write(d->text,
                  "<rect class=\"output\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"20\" "
                  "rx=\"4\"/><text x=\"%d\" y=\"%d\" text-anchor=\"middle\">k</text>\n",
                  left, y - 10, width, left + width / 2, y + 4);
}

/* One cell as SVG. */
static void write_wiring(td_text *text, const td_gene *genes, int nodes)
{
    drawing d = { text, genes, nodes };
    int rows = state_row(nodes + 1) + 2;
    TD_ASSERT(nodes >= 1 && nodes <= TD_MAX_NODES);
    td_text_write(text,
                  "<svg class=\"cell\" viewBox=\"0 0 %d %d\" style=\"max-width:%dpx\" "
                  "role=\"img\"><title>the derived cell</title>\n",
                  width_of(&d), row_y(rows - 1) + 16, width_of(&d) * 5 / 4);
    for (int state = 0; state < nodes + 2; state++)
        draw_lane(&d, state);
    for (int i = 0; i < 2 * nodes; i++)
        draw_operation(&d, i);
    for (int state = 0; state < nodes + 2; state++)
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
    write_wiring(text, g->normal, g->nodes);
    td_text_write(text, "</div><div><h3>Reduction cell</h3>\n");
    write_wiring(text, g->reduce, g->nodes);
    td_text_write(text, "</div></div>\n<details><summary>as text</summary><pre>");
    td_html_escape(text, python);
    td_text_write(text, "</pre></details>\n");
    td_free(python);
}

/* The origin of the cells; none where some were searched and some given. */
static const char *origin_of(const td_runs *runs)
{
    int searches = 0;
    for (int r = 0; r < runs->count; r++)
        searches += runs->runs[r]->checkpoint->state.edges > 0;
    return searches == runs->count
               ? "The two strongest edges of each node, as the weights stand now. "
           : searches == 0 ? "The cell that is trained. "
                           : "";
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
