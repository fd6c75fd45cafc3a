#include "taildart/report.h"

#include "taildart/base_text.h"

static void write_cell(td_text *text, const char *name, const td_genes *genes)
{
    td_text_write(text, " \"%s\": [", name);
    for (int i = 0; i < genes->count; i++)
        td_text_write(text, "%s\n  {\"node\": %d, \"input\": %d, \"op\": \"%s\"}",
                      i > 0 ? "," : "", genes->gene[i].node, genes->gene[i].state,
                      td_op_name(genes->gene[i].op));
    td_text_write(text, "]");
}

char *td_report_json(const td_genotype *genotype)
{
    td_text text = { 0 };
    TD_ASSERT(td_genotype_is_valid(genotype));
    td_text_write(&text, "{\"nodes\": %d, \"concat\": [", genotype->nodes);
    for (int state = 2; state < genotype->nodes + 2; state++)
        td_text_write(&text, "%s%d", state > 2 ? ", " : "", state);
    td_text_write(&text, "],%s\n",
                  genotype->adds_skips ? " \"auxiliary_skip\": true," : "");
    write_cell(&text, "normal", &genotype->normal);
    td_text_write(&text, ",\n");
    write_cell(&text, "reduce", &genotype->reduce);
    td_text_write(&text, "}\n");
    return text.chars;
}
