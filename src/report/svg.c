/* Cells drawn by Graphviz. */
#include "draw.h"
#include "taildart/report.h"
#include "taildart/report_forms.h"

static td_status draw_graph(td_text *picture, const char *dot, char *format)
{
    char *const words[] = { "dot", format, NULL };
    const td_drawer graphviz = {
        .what = "the cell",
        .package = "Graphviz (package graphviz)",
        .instead = "ask for the format dot and draw it elsewhere",
        .words = words,
    };
    return td_draw(picture, &graphviz, dot);
}

td_status td_report_svg(char **svg, const char *dot)
{
    td_text picture = { 0 };
    TD_ASSERT(svg && dot);
    td_status status = draw_graph(&picture, dot, "-Tsvg");
    *svg = picture.chars;
    return status;
}

td_status td_report_cell_png(td_text *png, const char *dot)
{
    return draw_graph(png, dot, "-Tpng");
}
