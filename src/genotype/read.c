/* Genotypes as people and programs write them: the Python form, alone, in a script or
 * in a log; the dictionary that has its members; lists, as JSON makes them of the
 * tuple.  White space is free, so are a comma behind the last one and the kind of
 * quotes; operations are known in upper and lower case. */
#include "internal.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "taildart/config_nearest.h"

/* ---- words ----------------------------------------------------------------------- */

/* State of the reader.  The first failure fixes \a expected and stops the rest. */
typedef struct {
    const char *text, *at;
    const char *expected; /* NULL while all is well */
    int word;             /* bytes of a word that is wrong; 0: the line from there */
    bool is_dictionary;   /* members are 'name': value */
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

/* Whether \a token comes next. */
static bool is_next(const reader *in, const char *token)
{
    reader ahead = *in;
    return accept(&ahead, token);
}

/* Whether another member of a list follows, not its end. */
static bool goes_on(reader *in, const char *end)
{
    return accept(in, ",") && !is_next(in, end);
}

/* The beginning of a pair, which lists of JSON are, too.  \return its end */
static const char *expect_tuple(reader *in)
{
    if (accept(in, "["))
        return "]";
    expect(in, "(");
    return ")";
}

static void expect_tuple_end(reader *in, const char *end)
{
    accept(in, ",");
    expect(in, end);
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

/* ---- operations ------------------------------------------------------------------ */

/* All of them, and which one \a found may have been; borrowed until the next call. */
static const char *known_operations(const char *found)
{
    static _Thread_local char names[320];
    const char *known[TD_KNOWN_OPS - 1];
    size_t length = 0;
    for (int k = TD_OP_NONE + 1; k < TD_KNOWN_OPS && length < sizeof names; k++) {
        known[k - 1] = td_op_name((td_op) k);
        length += (size_t) snprintf(names + length, sizeof names - length, "%s'%s'",
                                    k == TD_OP_NONE + 1     ? "one of "
                                    : k == TD_KNOWN_OPS - 1 ? " or "
                                                            : ", ",
                                    td_op_name((td_op) k));
    }
    const char *nearest = td_nearest(found, known, TD_KNOWN_OPS - 1);
    if (td_is_near(found, nearest))
        length += (size_t) snprintf(names + length, sizeof names - length,
                                    "; the nearest is '%s'", nearest);
    TD_ASSERT(length < sizeof names);
    return names;
}

static void refuse_operation(reader *in)
{
    char found[32];
    in->word = (int) strcspn(in->at, "'\"\n");
    snprintf(found, sizeof found, "%.*s", in->word, in->at);
    refuse(in, known_operations(found));
}

static td_op expect_operation(reader *in)
{
    char quote = accept(in, "\"") ? '"' : '\'';
    if (quote == '\'')
        expect(in, "'");
    for (int k = TD_OP_NONE + 1; k < TD_KNOWN_OPS; k++) {
        const char *name = td_op_name((td_op) k);
        size_t length = strlen(name);
        if (!in->expected && strncasecmp(in->at, name, length) == 0 &&
            in->at[length] == quote) {
            in->at += length + 1;
            return (td_op) k;
        }
    }
    if (!in->expected)
        refuse_operation(in);
    return TD_OP_NONE;
}

/* ---- genes ----------------------------------------------------------------------- */

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
static bool is_triple(const reader *in, const char *end)
{
    reader ahead = *in;
    expect_number(&ahead);
    return goes_on(&ahead, end);
}

static const char too_many[] = "] (no cell has more nodes)";

/* Either all genes of a cell are pairs, two per node, or all are triples. */
static void expect_gene(reader *in, td_genes *genes, bool *triples)
{
    td_gene gene = { 0 };
    int i = genes->count;
    const char *end = expect_tuple(in);
    gene.op = expect_operation(in);
    expect(in, ",");
    if (i == 0)
        *triples = is_triple(in, end);
    if (*triples) {
        gene.node = expect_node(in, i > 0 ? genes->gene[i - 1].node : 2);
        expect(in, ",");
    } else
        gene.node = 2 + i / 2;
    expect_input(in, genes, &gene);
    expect_tuple_end(in, end);
    genes->gene[i] = gene;
    genes->count += !in->expected;
}

/* The pairs of a node, as many as it has inputs: some programs put them in a list of
 * their own. */
static void expect_group(reader *in, td_genes *genes, int node)
{
    expect(in, "[");
    if (accept(in, "]"))
        return;
    do {
        td_gene gene = { .node = node };
        const char *end = expect_tuple(in);
        gene.op = expect_operation(in);
        expect(in, ",");
        expect_input(in, genes, &gene);
        expect_tuple_end(in, end);
        if (in->expected)
            return;
        genes->gene[genes->count++] = gene;
    } while (goes_on(in, "]"));
    expect(in, "]");
}

/* Whether the list that begins has one list a node. */
static bool is_grouped(const reader *in)
{
    reader ahead = *in;
    return accept(&ahead, "[") &&
           (is_next(&ahead, "[") || is_next(&ahead, "(") || is_next(&ahead, "]"));
}

/* Behind the bracket.  \return the number of nodes */
static int expect_groups(reader *in, td_genes *genes)
{
    int nodes = 0;
    do {
        if (nodes == TD_MAX_NODES)
            refuse(in, too_many);
        else
            expect_group(in, genes, 2 + nodes++);
    } while (goes_on(in, "]"));
    expect(in, "]");
    return nodes;
}

/* A cell's list.  \return its number of nodes, 0 if the list does not tell it */
static int expect_genes(reader *in, td_genes *genes)
{
    bool triples = false;
    expect(in, "[");
    if (accept(in, "]"))
        return 0;
    if (is_grouped(in))
        return expect_groups(in, genes);
    do {
        if (genes->count == (triples ? TD_MAX_EDGES : 2 * TD_MAX_NODES))
            refuse(in, too_many);
        else
            expect_gene(in, genes, &triples);
    } while (goes_on(in, "]"));
    if (!triples && genes->count % 2 != 0)
        refuse(in, ", and the second input of a node");
    expect(in, "]");
    return triples ? 0 : genes->count / 2;
}

/* ---- cells ----------------------------------------------------------------------- */

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

/* NAME= of a call, 'NAME': of a dictionary. */
static void expect_name(reader *in, const char *name)
{
    if (!in->is_dictionary) {
        expect(in, name);
        expect(in, "=");
        return;
    }
    const char *quote = accept(in, "'") ? "'" : "\"";
    if (*quote == '"')
        expect(in, quote);
    expect(in, name);
    expect(in, quote);
    expect(in, ":");
}

/* Whether a comma and the name of a member follow. */
static bool is_next_name(const reader *in, const char *name)
{
    reader ahead = *in;
    if (!accept(&ahead, ","))
        return false;
    expect_name(&ahead, name);
    return !ahead.expected;
}

/* The nodes that are the output.  \param [in] nodes  0: any number
 * \return how many */
static int expect_output(reader *in, const td_genes *genes, int nodes)
{
    int told = accept(in, "[") ? expect_list(in, nodes) : expect_range(in, nodes);
    if (genes->count > 0 && genes->gene[genes->count - 1].node >= told + 2)
        refuse(in, "as many nodes as the cell's genes name");
    return told;
}

/* A dictionary need not say what its lists tell.  \return its number of nodes */
static int expect_cell(reader *in, const char *name, const char *concat,
                       td_genes *genes)
{
    expect_name(in, name);
    int nodes = expect_genes(in, genes);
    if (in->is_dictionary && nodes > 0 && !is_next_name(in, concat))
        return nodes;
    expect(in, ",");
    expect_name(in, concat);
    return expect_output(in, genes, nodes);
}

/* Whether skip connections stand beside operations, a member that not all have. */
static bool expect_skips(reader *in)
{
    if (!goes_on(in, in->is_dictionary ? "}" : ")"))
        return false;
    expect_name(in, "auxiliary_skip");
    if (accept(in, "True") || accept(in, "true"))
        return true;
    if (!accept(in, "false"))
        expect(in, "False");
    return false;
}

static void expect_members(reader *in, td_genotype *read, const char *end)
{
    read->nodes = expect_cell(in, "normal", "normal_concat", &read->normal);
    expect(in, ",");
    int nodes = expect_cell(in, "reduce", "reduce_concat", &read->reduce);
    if (nodes != read->nodes)
        refuse(in, "as many nodes in both cells");
    read->adds_skips = expect_skips(in);
    accept(in, ",");
    expect(in, end);
}

/* Of a list of cells: the nodes of its output may follow.
 * \return its number of nodes */
static int expect_list_cell(reader *in, td_genes *genes)
{
    int nodes = expect_genes(in, genes);
    reader ahead = *in;
    bool tells =
        accept(&ahead, ",") && (is_next(&ahead, "range") || is_next(&ahead, "["));
    if (tells && accept(&ahead, "[")) {
        skip_space(&ahead);
        tells = isdigit((unsigned char) *ahead.at);
    }
    if (nodes > 0 && !tells)
        return nodes;
    expect(in, ",");
    return expect_output(in, genes, nodes);
}

/* Both cells as lists, as JSON has the named tuple. */
static void expect_lists(reader *in, td_genotype *read)
{
    read->nodes = expect_list_cell(in, &read->normal);
    if (is_next(in, "]"))
        refuse(in, ", and the reduction cell");
    expect(in, ",");
    int nodes = expect_list_cell(in, &read->reduce);
    if (nodes != read->nodes)
        refuse(in, "as many nodes in both cells");
    accept(in, ",");
    if (!is_next(in, "]"))
        refuse(in, "] (a list has two cells, the normal and the reduction cell)");
    expect(in, "]");
}

/* ---- the text -------------------------------------------------------------------- */

/* One line that says where: line and column count from 1. */
static td_status error_of(const reader *in)
{
    int line = 1, column = 1;
    for (const char *c = in->text; c < in->at; c++) {
        column = *c == '\n' ? 1 : column + 1;
        line += *c == '\n';
    }
    int shown = in->word > 0 ? in->word : (int) strcspn(in->at, "\n");
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

/* Whether the line that \a at lies in begins with a comment. */
static bool is_in_comment(const char *text, const char *at)
{
    const char *line = at;
    while (line > text && line[-1] != '\n')
        line--;
    return line[strspn(line, " \t")] == '#';
}

const char *td_genotype_last(const char *text, int *count)
{
    static const char word[] = "Genotype";
    const char *last = NULL;
    *count = 0;
    for (const char *at = text; (at = strstr(at, word)); at += strlen(word)) {
        const char *next = at + strlen(word);
        bool begins = at == text || !(isalnum((unsigned char) at[-1]) || at[-1] == '_');
        if (!begins || next[strspn(next, " \t")] != '(' || is_in_comment(text, at))
            continue;
        last = at;
        ++*count;
    }
    return last;
}

/* Of a script or a log what else is in the line counts, not what stands in others. */
static void expect_end_of_line(reader *in)
{
    static const char blanks[] = " \t\r";
    if (in->expected)
        return;
    in->at += strspn(in->at, blanks);
    in->at += *in->at == ',';
    in->at += strspn(in->at, blanks);
    if (*in->at != '\0' && *in->at != '\n' && *in->at != '#')
        refuse(in, "the end");
}

static void expect_end(reader *in)
{
    accept(in, ",");
    skip_space(in);
    if (*in->at != '\0')
        refuse(in, "the end");
}

static void expect_genotype(reader *in, td_genotype *read)
{
    int count = 0;
    const char *last = td_genotype_last(in->text, &count);
    skip_assignment(in);
    if (!last && accept(in, "{")) {
        in->is_dictionary = true;
        expect_members(in, read, "}");
        expect_end(in);
    } else if (!last && accept(in, "[")) {
        expect_lists(in, read);
        expect_end(in);
    } else {
        in->at = last ? last : in->at;
        expect(in, "Genotype");
        expect(in, "(");
        expect_members(in, read, ")");
        expect_end_of_line(in);
    }
}

td_status td_genotype_parse(td_genotype *genotype, const char *text)
{
    reader in = { .text = text, .at = text };
    td_genotype read = { 0 };
    expect_genotype(&in, &read);
    if (in.expected)
        return error_of(&in);
    TD_ASSERT(td_genotype_is_valid(&read));
    *genotype = read;
    return TD_OK;
}
