/* The Python form of a genotype: written exactly as Python's repr prints the named
 * tuple of the DARTS code base, read back with any white space between its
 * parts, either kind of quotes, comments and a name before it. */
#include "taildart/genotype.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "taildart/base_text.h"

/* ---- writing ------------------------------------------------------------- */

/* ('op', state) or ('op', node, state) */
static void write_gene(td_text *text, td_gene gene, bool is_paired)
{
    td_text_write(text, "('%s', ", td_op_name(gene.op));
    if (!is_paired)
        td_text_write(text, "%d, ", gene.node);
    td_text_write(text, "%d)", gene.state);
}

static void write_cell(td_text *text, const char *name, const td_genes *genes,
                       const td_genotype *of)
{
    bool is_paired = td_genotype_is_paired(of);
    td_text_write(text, "%s=[", name);
    for (int i = 0; i < genes->count; i++) {
        td_text_write(text, "%s", i > 0 ? ", " : "");
        write_gene(text, genes->gene[i], is_paired);
    }
    td_text_write(text, "], %s_concat=range(2, %d)", name, of->nodes + 2);
}

char *td_genotype_python(const td_genotype *genotype)
{
    td_text text = { 0 };
    TD_ASSERT(td_genotype_is_valid(genotype));
    td_text_write(&text, "Genotype(");
    write_cell(&text, "normal", &genotype->normal, genotype);
    td_text_write(&text, ", ");
    write_cell(&text, "reduce", &genotype->reduce, genotype);
    td_text_write(&text, "%s)", genotype->adds_skips ? ", auxiliary_skip=True" : "");
    return text.chars;
}

/* ---- reading ------------------------------------------------------------- */

/* State of the reader.  The first failure fixes \a expected and stops the rest. */
typedef struct {
    const char *text, *at;
    const char *expected; /* NULL while all is well */
} reader;

static void refuse(reader *in, const char *expected)
{
    if (!in->expected)
        in->expected = expected;
}

static void skip_space(reader *in)
{
    while (isspace((unsigned char) *in->at))
        in->at++;
}

/* Take \a token if it comes next. */
static bool accept(reader *in, const char *token)
{
    size_t length = strlen(token);
    if (in->expected)
        return false;
    skip_space(in);
    if (strncmp(in->at, token, length) != 0)
        return false;
    in->at += length;
    return true;
}

static void expect(reader *in, const char *token)
{
    if (!accept(in, token))
        refuse(in, token);
}

/* One or two digits are more than any cell has states. */
static int expect_number(reader *in)
{
    int value = 0, digits = 0;
    if (in->expected)
        return 0;
    skip_space(in);
    for (; isdigit((unsigned char) in->at[digits]) && digits < 2; digits++)
        value = 10 * value + (in->at[digits] - '0');
    if (digits == 0 || isdigit((unsigned char) in->at[digits]))
        refuse(in, "a small number");
    else
        in->at += digits;
    return value;
}

/* All of them; borrowed until the next call. */
static const char *known_operations(void)
{
    static _Thread_local char names[256];
    size_t length = 0;
    for (int k = TD_OP_NONE + 1; k < TD_KNOWN_OPS && length < sizeof names; k++)
        length += (size_t) snprintf(names + length, sizeof names - length, "%s'%s'",
                                    k == TD_OP_NONE + 1     ? "one of "
                                    : k == TD_KNOWN_OPS - 1 ? " or "
                                                            : ", ",
                                    td_op_name((td_op) k));
    TD_ASSERT(length < sizeof names);
    return names;
}

static td_op expect_operation(reader *in)
{
    char quote = accept(in, "\"") ? '"' : '\'';
    if (quote == '\'')
        expect(in, "'");
    for (int k = TD_OP_NONE + 1; k < TD_KNOWN_OPS; k++) {
        const char *name = td_op_name((td_op) k);
        size_t length = strlen(name);
        if (!in->expected && strncmp(in->at, name, length) == 0 &&
            in->at[length] == quote) {
            in->at += length + 1;
            return (td_op) k;
        }
    }
    refuse(in, known_operations());
    return TD_OP_NONE;
}

/* A number that the rules of cells, told in \a expected, allow if \a is_good. */
static void refuse_number(reader *in, const char *number, bool is_good,
                          const char *expected)
{
    if (in->expected || is_good)
        return;
    in->at = number;
    refuse(in, expected);
}

static bool has_input(const td_genes *genes, td_gene gene)
{
    for (int i = 0; i < genes->count; i++)
        if (genes->gene[i].node == gene.node && genes->gene[i].state == gene.state)
            return true;
    return false;
}

/* The node of a triple; genes come node by node. */
static int expect_node(reader *in, int least)
{
    skip_space(in);
    const char *number = in->at;
    int node = expect_number(in);
    refuse_number(in, number, node >= least && node < TD_MAX_NODES + 2,
                  "a node of the cell, none before those of the genes before it");
    return node;
}

/* A state that exists and is no other input of the node. */
static void expect_input(reader *in, const td_genes *genes, td_gene *gene)
{
    skip_space(in);
    const char *number = in->at;
    gene->state = expect_number(in);
    refuse_number(in, number, gene->state < gene->node, "an earlier state");
    refuse_number(in, number, !has_input(genes, *gene),
                  "an input that the node does not have yet");
}

/* Whether two numbers follow, not one. */
static bool is_triple(const reader *in)
{
    reader ahead = *in;
    expect_number(&ahead);
    return accept(&ahead, ",");
}

/* Either all genes of a cell are pairs, two a node, or all are triples. */
static void expect_gene(reader *in, td_genes *genes, bool *triples)
{
    td_gene gene = { 0 };
    int i = genes->count;
    expect(in, "(");
    gene.op = expect_operation(in);
    expect(in, ",");
    if (i == 0)
        *triples = is_triple(in);
    if (*triples) {
        gene.node = expect_node(in, i > 0 ? genes->gene[i - 1].node : 2);
        expect(in, ",");
    } else
        gene.node = 2 + i / 2;
    expect_input(in, genes, &gene);
    expect(in, ")");
    genes->gene[i] = gene;
    genes->count += !in->expected;
}

/* A cell's list.  \return its number of nodes, 0 if the list does not tell it */
static int expect_genes(reader *in, td_genes *genes)
{
    bool triples = false;
    expect(in, "[");
    if (accept(in, "]"))
        return 0;
    do {
        if (genes->count == (triples ? TD_MAX_EDGES : 2 * TD_MAX_NODES))
            refuse(in, "] (no cell has more nodes)");
        else
            expect_gene(in, genes, &triples);
    } while (accept(in, ","));
    if (!triples && genes->count % 2 != 0)
        refuse(in, ", and the second input of a node");
    expect(in, "]");
    return triples ? 0 : genes->count / 2;
}

/* range(2, nodes + 2).  \param [in] nodes  0: any number */
static int expect_range(reader *in, int nodes)
{
    expect(in, "range");
    expect(in, "(");
    expect(in, "2");
    expect(in, ",");
    skip_space(in);
    const char *number = in->at;
    int end = expect_number(in);
    refuse_number(in, number,
                  nodes > 0 ? end == nodes + 2 : end > 2 && end <= TD_MAX_NODES + 2,
                  "the number of states: all nodes of the cell are its output");
    expect(in, ")");
    return end - 2;
}

/* 2, 3, … nodes + 1], as older scripts print it. */
static int expect_list(reader *in, int nodes)
{
    int node = 0;
    do {
        skip_space(in);
        const char *number = in->at;
        refuse_number(in, number, expect_number(in) == node + 2 && node < TD_MAX_NODES,
                      "all nodes of the cell in their order");
        node++;
    } while (node != nodes && accept(in, ","));
    if (node < nodes)
        expect(in, ",");
    expect(in, "]");
    return node;
}

/* \return its number of nodes */
static int expect_cell(reader *in, const char *name, const char *concat,
                       td_genes *genes)
{
    expect(in, name);
    expect(in, "=");
    int nodes = expect_genes(in, genes);
    expect(in, ",");
    expect(in, concat);
    expect(in, "=");
    int told = accept(in, "[") ? expect_list(in, nodes) : expect_range(in, nodes);
    if (genes->count > 0 && genes->gene[genes->count - 1].node >= told + 2)
        refuse(in, "as many nodes as the cell's genes name");
    return told;
}

/* The end of both cells, and whether skip connections stand beside operations. */
static bool expect_end(reader *in)
{
    bool adds_skips = false;
    if (accept(in, ",")) {
        expect(in, "auxiliary_skip");
        expect(in, "=");
        adds_skips = accept(in, "True");
        if (!adds_skips)
            expect(in, "False");
    }
    expect(in, ")");
    return adds_skips;
}

/* One line that says where: line and column count from 1. */
static td_status error_of(const reader *in)
{
    int line = 1, column = 1;
    for (const char *c = in->text; c < in->at; c++) {
        column = *c == '\n' ? 1 : column + 1;
        line += *c == '\n';
    }
    int shown = (int) strcspn(in->at, "\n");
    if (shown == 0)
        return td_error(TD_USAGE,
                        "genotype: line %d, column %d: ends here, expected %s", line,
                        column, in->expected);
    return td_error(TD_USAGE,
                    "genotype: line %d, column %d: found \"%.*s\", expected %s", line,
                    column, shown < 24 ? shown : 24, in->at, in->expected);
}

/* Comments, and the name that a script gives it: NAME = Genotype(…). */
static void skip_assignment(reader *in)
{
    skip_space(in);
    while (*in->at == '#') {
        in->at += strcspn(in->at, "\n");
        skip_space(in);
    }
    reader ahead = *in;
    while (isalnum((unsigned char) *ahead.at) || *ahead.at == '_')
        ahead.at++;
    if (ahead.at > in->at && accept(&ahead, "="))
        *in = ahead;
}

td_status td_genotype_parse(td_genotype *genotype, const char *text)
{
    reader in = { .text = text, .at = text };
    td_genotype read = { 0 };
    skip_assignment(&in);
    expect(&in, "Genotype");
    expect(&in, "(");
    read.nodes = expect_cell(&in, "normal", "normal_concat", &read.normal);
    expect(&in, ",");
    int reduce_nodes = expect_cell(&in, "reduce", "reduce_concat", &read.reduce);
    if (reduce_nodes != read.nodes)
        refuse(&in, "as many nodes in both cells");
    read.adds_skips = expect_end(&in);
    skip_space(&in);
    if (*in.at != '\0')
        refuse(&in, "the end");
    if (in.expected)
        return error_of(&in);
    TD_ASSERT(td_genotype_is_valid(&read));
    *genotype = read;
    return TD_OK;
}
