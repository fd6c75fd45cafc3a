/* The derived cells, drawn as the papers draw them, without Graphviz. */
#include "page.h"

#include "cell_layout.h"

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

/* One cell being drawn. */
typedef struct {
    td_text *text;
    const td_genes *genes;
    td_cell_layout layout;
} drawing;

/* Go on to (x, y), level at both ends. */
static void write_bow(td_text *text, double *from_x, double *from_y, double x, double y)
{
    double middle = (*from_x + x) / 2;
    td_text_write(text, "C%.1f %.1f %.1f %.1f %.1f %.1f", middle, *from_y, middle, y, x,
                  y);
    *from_x = x;
    *from_y = y;
}

/* Draw a line with its arrow; it passes behind the name. */
static void draw_way(const drawing *d, const td_way *w)
{
    const td_cell_layout *l = &d->layout;
    enum { ARROW = 6 };
    double x = l->place[w->from].x + l->place[w->from].width / 2, y = w->leave;
    double end = l->place[w->to].x - l->place[w->to].width / 2;
    td_text_write(d->text, "<path class=\"wire\" d=\"M%.1f %.1f", x, y);
    for (int i = w->first; i < w->first + w->count; i++) {
        const td_place *p = &l->place[i];
        write_bow(d->text, &x, &y, p->x - p->width / 2, p->y);
        x = p->x + p->width / 2;
        if (p->width > 0)
            td_text_write(d->text, "H%.1f", x);
    }
    write_bow(d->text, &x, &y, end - ARROW, w->enter);
    td_text_write(d->text,
                  "\"/><path class=\"arrow\" d=\"M%.1f %.1fl%d 3.5l-%d 3.5z\"/>",
                  end - ARROW, w->enter - 3.5, ARROW, ARROW);
}

static void draw_name(const drawing *d, const td_way *w, const char *name)
{
    for (int i = w->first; i < w->first + w->count; i++) {
        const td_place *p = &d->layout.place[i];
        if (p->kind == TD_PLACE_NAME)
            td_text_write(d->text,
                          "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.0f\" height=\"%.0f\" "
                          "rx=\"10\"/><text x=\"%.1f\" y=\"%.1f\" "
                          "text-anchor=\"middle\">%s</text>",
                          p->x - p->width / 2, p->y - p->height / 2, p->width,
                          p->height, p->x, p->y + 4, name);
    }
}

/* An operation, or the thin way of a node into the output. */
static void draw_operation(const drawing *d, const td_way *w)
{
    if (w->gene < 0) {
        td_text_write(d->text, "<g class=\"joins\">");
        draw_way(d, w);
    } else {
        td_op op = d->genes->gene[w->gene].op;
        td_text_write(d->text, "<g class=\"o%d\">", family_of(op));
        draw_way(d, w);
        draw_name(d, w, td_op_name(op));
    }
    td_text_write(d->text, "</g>\n");
}

static void draw_state(const drawing *d, int state)
{
    const td_place *p = &d->layout.place[state];
    bool is_output = state == d->layout.output;
    td_text_write(d->text,
                  "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.0f\" "
                  "height=\"%.0f\" rx=\"5\"/><text x=\"%.1f\" y=\"%.1f\" "
                  "text-anchor=\"middle\">",
                  is_output   ? "output"
                  : state < 2 ? "input"
                              : "node",
                  p->x - p->width / 2, p->y - p->height / 2, p->width, p->height, p->x,
                  p->y + 4);
    if (is_output)
        td_text_write(d->text, "c<tspan class=\"sub\" dy=\"3\">k</tspan>");
    else if (state < 2)
        td_text_write(d->text, "c<tspan class=\"sub\" dy=\"3\">k−%d</tspan>",
                      2 - state);
    else
        td_text_write(d->text, "%d", state - 2);
    td_text_write(d->text, "</text>\n");
}

/* The cell in words, for those who do not see it. */
static void write_words(const drawing *d)
{
    td_text_write(d->text, "<desc>");
    for (int w = 0; w < d->layout.ways; w++) {
        if (d->layout.way[w].gene < 0)
            continue;
        char node[TD_STATE_TEXT], from[TD_STATE_TEXT];
        td_gene g = d->genes->gene[d->layout.way[w].gene];
        td_text_write(d->text, "%s%s has %s of %s", w > 0 ? "; " : "",
                      td_state_text(g.node, node), td_op_name(g.op),
                      td_state_text(g.state, from));
    }
    td_text_write(d->text, "</desc>\n");
}

static void draw_cell(td_text *text, const char *name, const td_genes *genes, int nodes)
{
    drawing d = { text, genes, td_cell_layout_of(genes, nodes) };
    const td_cell_layout *l = &d.layout;
    td_text_write(text, "<div><h3>%s cell</h3>\n", name);
    td_scroll_begin(text, "scroll", "picture of the cell");
    td_text_write(text,
                  "<svg class=\"cell\" viewBox=\"0 0 %.0f %.0f\" "
                  "style=\"max-width:%.0fpx;--least:%.0fpx\" role=\"img\">"
                  "<title>%s cell</title>",
                  l->width, l->height, l->width * 1.2, l->width * 0.9, name);
    write_words(&d);
    for (int w = l->ways - 1; w >= 0; w--)
        draw_operation(&d, &l->way[w]);
    for (int s = 0; s <= l->output; s++)
        if (l->place[s].height > 0)
            draw_state(&d, s);
    td_text_write(text, "</svg></div></div>\n");
    td_cell_layout_clear(&d.layout);
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
    td_text_write(text, "<div class=\"cells\">");
    draw_cell(text, "Normal", &g->normal, g->nodes);
    draw_cell(text, "Reduction", &g->reduce, g->nodes);
    td_text_write(text, "</div>\n");
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
    char *sentence = td_format(
        "%sFrom left to right: the outputs of the two cells before, c<sub>k−2</sub> "
        "and "
        "c<sub>k−1</sub>; the nodes, each the sum of what leads to it; c<sub>k</sub>, "
        "the output, which puts the nodes' channels side by side.",
        origin_of(runs));
    td_section_begin(text, "Derived cell", sentence);
    td_free(sentence);
    td_section_figures(text, runs, draw_cells, NULL);
}
