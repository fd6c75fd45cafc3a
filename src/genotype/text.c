/* The Python form of a genotype: written exactly as Python's repr prints the named
 * tuple of the DARTS code base, read back with any white space between its
 * parts, either kind of quotes, comments and a name before it. */
#include "taildart/genotype.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "taildart/base_text.h"

/* ---- writing ------------------------------------------------------------- */

static void write_cell(td_text *text, const char *name, const td_gene *genes, int nodes)
{
    td_text_write(text, "%s=[", name);
    for (int i = 0; i < 2 * nodes; i++)
        td_text_write(text, "%s('%s', %d)", i > 0 ? ", " : "", td_op_name(genes[i].op),
                      genes[i].state);
    td_text_write(text, "], %s_concat=range(2, %d)", name, nodes + 2);
}

char *td_genotype_python(const td_genotype *genotype)
{
    td_text text = { 0 };
    TD_ASSERT(td_genotype_is_valid(genotype));
    td_text_write(&text, "Genotype(");
    write_cell(&text, "normal", genotype->normal, genotype->nodes);
    td_text_write(&text, ", ");
    write_cell(&text, "reduce", genotype->reduce, genotype->nodes);
    td_text_write(&text, ")");
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

/* One pair; its state must exist and differ from the node's other input. */
static td_gene expect_gene(reader *in, const td_gene *genes, int index)
{
    TD_ASSERT(index >= 0 && index < 2 * TD_MAX_NODES);
    expect(in, "(");
    td_gene gene = { .op = expect_operation(in) };
    expect(in, ",");
    skip_space(in);
    const char *number = in->at;
    gene.state = expect_number(in);
    bool is_twice = index % 2 == 1 && gene.state == genes[index - 1].state;
    if (!in->expected && (gene.state >= index / 2 + 2 || is_twice)) {
        in->at = number;
        refuse(in, is_twice ? "an input other than the node's first one"
                            : "an earlier state");
    }
    expect(in, ")");
    return gene;
}

/* A cell's list of pairs.  \return its number of nodes */
static int expect_genes(reader *in, td_gene *genes)
{
    int count = 0;
    expect(in, "[");
    do {
        if (count == 2 * TD_MAX_NODES)
            refuse(in, "] (no cell has more nodes)");
        else
            genes[count] = expect_gene(in, genes, count);
        count++;
    } while (accept(in, ","));
    if (count % 2 != 0)
        refuse(in, ", and the second input of a node");
    expect(in, "]");
    return count / 2;
}

static void expect_state(reader *in, int state, const char *expected)
{
    skip_space(in);
    const char *number = in->at;
    if (expect_number(in) != state && !in->expected) {
        in->at = number;
        refuse(in, expected);
    }
}

/* range(2, nodes + 2) */
static void expect_range(reader *in, int nodes)
{
    expect(in, "range");
    expect(in, "(");
    expect(in, "2");
    expect(in, ",");
    expect_state(in, nodes + 2,
                 "the number of states: all nodes of the cell are its output");
    expect(in, ")");
}

/* 2, 3, … nodes + 1], as older scripts print it. */
static void expect_list(reader *in, int nodes)
{
    for (int node = 0; node < nodes; node++) {
        if (node > 0)
            expect(in, ",");
        expect_state(in, node + 2, "all nodes of the cell in their order");
    }
    expect(in, "]");
}

static int expect_cell(reader *in, const char *name, const char *concat, td_gene *genes)
{
    expect(in, name);
    expect(in, "=");
    int nodes = expect_genes(in, genes);
    expect(in, ",");
    expect(in, concat);
    expect(in, "=");
    if (accept(in, "["))
        expect_list(in, nodes);
    else
        expect_range(in, nodes);
    return nodes;
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
    read.nodes = expect_cell(&in, "normal", "normal_concat", read.normal);
    expect(&in, ",");
    int reduce_nodes = expect_cell(&in, "reduce", "reduce_concat", read.reduce);
    if (reduce_nodes != read.nodes)
        refuse(&in, "as many nodes in both cells");
    expect(&in, ")");
    skip_space(&in);
    if (*in.at != '\0')
        refuse(&in, "the end");
    if (in.expected)
        return error_of(&in);
    TD_ASSERT(td_genotype_is_valid(&read));
    *genotype = read;
    return TD_OK;
}
