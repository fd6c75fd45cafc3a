/* The cell as a graph.  Colours distinguish the families of operations also in grey and
 * for most colour-blind readers (hues of Okabe and Ito); each edge is labelled, too. */
#include "taildart/report.h"

#include "taildart/base_text.h"

/* The style of an operation's edge: convolutions bold, others thin. */
typedef struct {
    const char *colour, *style;
} edge_style;

static edge_style style_of(td_op op)
{
    switch (op) {
    case TD_OP_MAX_POOL_3X3:
    case TD_OP_AVG_POOL_3X3:
        return (edge_style){ "#b35900", "solid" };
    case TD_OP_SEP_CONV_3X3:
    case TD_OP_SEP_CONV_5X5:
        return (edge_style){ "#0072b2", "bold" };
    case TD_OP_DIL_CONV_3X3:
    case TD_OP_DIL_CONV_5X5:
        return (edge_style){ "#007a5a", "bold" };
    default:
        return (edge_style){ "#6b6b6b", "dashed" };
    }
}

/* Names of states within a cell: its inputs, its nodes counted from 0. */
static void write_node(td_text *text, char cell, int state)
{
    if (state < 2)
        td_text_write(text, "    %c%d [label=\"c_{k-%d}\", fillcolor=\"#cfe8d5\"]\n",
                      cell, state, 2 - state);
    else
        td_text_write(text, "    %c%d [label=\"%d\"]\n", cell, state, state - 2);
}

static void write_gene(td_text *text, char cell, td_gene gene, bool adds_skip)
{
    edge_style l = style_of(gene.op);
    td_text_write(text,
                  "    %c%d -> %c%d [label=\" %s%s \", color=\"%s\", "
                  "fontcolor=\"%s\", style=%s]\n",
                  cell, gene.state, cell, gene.node, td_op_name(gene.op),
                  adds_skip ? " + skip" : "", l.colour, l.colour, l.style);
}

/* A dropped node is not drawn, nor what leaves it. */
static void write_cell(td_text *text, char cell, const char *title,
                       const td_genes *genes, const td_genotype *of)
{
    unsigned reached = td_genes_reached(genes);
    int nodes = of->nodes;
    td_text_write(text, "  subgraph cluster_%c {\n    label=\"%s\"\n", cell, title);
    for (int state = 0; state < nodes + 2; state++)
        if (reached >> state & 1)
            write_node(text, cell, state);
    td_text_write(text, "    %cout [label=\"c_{k}\", fillcolor=\"#f7e3b5\"]\n", cell);
    for (int i = 0; i < genes->count; i++)
        if (reached >> genes->gene[i].state & 1)
            write_gene(text, cell, genes->gene[i], of->adds_skips);
    for (int state = 2; state < nodes + 2; state++)
        if (reached >> state & 1)
            td_text_write(text,
                          "    %c%d -> %cout [color=\"#999999\", arrowsize=0.6]\n",
                          cell, state, cell);
    td_text_write(text, "  }\n");
}

char *td_report_dot(const td_genotype *genotype)
{
    td_text text = { 0 };
    TD_ASSERT(td_genotype_is_valid(genotype));
    td_text_write(&text,
                  "digraph genotype {\n"
                  "  rankdir=LR\n"
                  "  nodesep=0.3\n"
                  "  ranksep=0.5\n"
                  "  fontname=\"Helvetica\"\n"
                  "  fontsize=16\n"
                  "  penwidth=0.8\n"
                  "  color=\"#bbbbbb\"\n"
                  "  node [shape=box, style=\"filled,rounded\", "
                  "fillcolor=\"#d9e6f5\", color=\"#555555\", height=0.4, "
                  "width=0.5, fontname=\"Helvetica\", fontsize=13]\n"
                  "  edge [fontname=\"Helvetica\", fontsize=11, arrowsize=0.8]\n");
    /* Graphviz stacks the clusters from the bottom: the normal cell comes on top. */
    write_cell(&text, 'r', "reduction cell", &genotype->reduce, genotype);
    write_cell(&text, 'n', "normal cell", &genotype->normal, genotype);
    td_text_write(&text, "}\n");
    return text.chars;
}
