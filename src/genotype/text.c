/* The Python form of a genotype, written exactly as Python's repr prints the named
 * tuple of the DARTS code base. */
#include "taildart/genotype.h"

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
