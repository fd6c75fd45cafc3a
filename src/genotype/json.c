/* genotype.json, as taildart writes it, back to a genotype: members in that order,
 * blanks wherever JSON has them. */
#include "taildart/genotype.h"

#include <stdlib.h>
#include <string.h>

/* Past blanks and \a word. */
static bool skip(const char **at, const char *word)
{
    *at += strspn(*at, " \t\r\n");
    size_t length = strlen(word);
    bool found = strncmp(*at, word, length) == 0;
    *at += found ? length : 0;
    return found;
}

/* `"name":` */
static bool skip_name(const char **at, const char *name)
{
    return skip(at, "\"") && skip(at, name) && skip(at, "\"") && skip(at, ":");
}

static bool read_whole(const char **at, int *value)
{
    enum { MOST = 1000 };
    char *end = NULL;
    *at += strspn(*at, " \t\r\n");
    if (strspn(*at, "0123456789") == 0)
        return false;
    long number = strtol(*at, &end, 10);
    *at = end;
    *value = (int) number;
    return number <= MOST;
}

static bool read_op(const char **at, td_gene *gene)
{
    if (!skip(at, "\""))
        return false;
    for (int op = 0; op < TD_KNOWN_OPS; op++) {
        const char *behind = *at;
        if (skip(&behind, td_op_name((td_op) op)) && *behind == '"') {
            gene->op = (td_op) op;
            *at = behind + 1;
            return true;
        }
    }
    return false;
}

static bool read_gene(const char **at, td_gene *gene)
{
    return skip(at, "{") && skip_name(at, "node") && read_whole(at, &gene->node) &&
           skip(at, ",") && skip_name(at, "input") && read_whole(at, &gene->state) &&
           skip(at, ",") && skip_name(at, "op") && read_op(at, gene) && skip(at, "}");
}

/* Whether the genes are any good is seen when all are there. */
static bool read_cell(const char **at, const char *name, td_genes *genes)
{
    bool good = skip_name(at, name) && skip(at, "[");
    while (good && !skip(at, "]"))
        good = (genes->count == 0 || skip(at, ",")) && genes->count < TD_MAX_EDGES &&
               read_gene(at, &genes->gene[genes->count++]);
    return good;
}

/* A member of those alone that add skip connections. */
static bool read_skips(const char **at, bool *adds_skips)
{
    const char *ahead = *at;
    *adds_skips = skip_name(&ahead, "auxiliary_skip");
    if (!*adds_skips)
        return true;
    *at = ahead;
    return skip(at, "true") && skip(at, ",");
}

/* All nodes, as every genotype of taildart. */
static bool read_concat(const char **at, int nodes)
{
    bool good = skip_name(at, "concat") && skip(at, "[");
    for (int i = 0; good && i < nodes; i++) {
        int node = 0;
        good = (i == 0 || skip(at, ",")) && read_whole(at, &node) && node == i + 2;
    }
    return good && skip(at, "]");
}

td_status td_genotype_parse_json(td_genotype *genotype, const char *text)
{
    td_genotype read = { 0 };
    const char *at = text;
    TD_ASSERT(genotype && text);
    bool good =
        skip(&at, "{") && skip_name(&at, "nodes") && read_whole(&at, &read.nodes) &&
        read.nodes >= 1 && read.nodes <= TD_MAX_NODES && skip(&at, ",") &&
        read_concat(&at, read.nodes) && skip(&at, ",") &&
        read_skips(&at, &read.adds_skips) && read_cell(&at, "normal", &read.normal) &&
        skip(&at, ",") && read_cell(&at, "reduce", &read.reduce) && skip(&at, "}");
    good = good && at[strspn(at, " \t\r\n")] == '\0' && td_genotype_is_valid(&read);
    if (!good)
        return td_error(TD_USAGE,
                        "genotype: JSON, but not of the form that `taildart genotype "
                        "--format json` writes (byte %zu)",
                        (size_t) (at - text));
    *genotype = read;
    return TD_OK;
}
