/* The cells of a run: those that a training was given, or those that a search has found
 * so far. */
#include "run.h"

static td_status find(td_genotype *genotype, const char *words)
{
    td_status status = td_genotype_find(genotype, words);
    return status == TD_OK ? status
                           : td_error(status, "train.genotype: %s", td_error_message());
}

td_status td_train_settle_genotype(td_settings *settings)
{
    td_genotype genotype;
    td_status status = td_settings_require(settings, "train.genotype");
    if (status == TD_OK)
        status = find(&genotype, td_settings_config(settings)->train.genotype);
    if (status != TD_OK)
        return status;
    char *text = td_genotype_python(&genotype);
    status = td_settings_set(settings, "train.genotype", text, TD_ORIGIN_OPTION);
    td_free(text);
    return status;
}

td_status td_train_read_genotype(td_genotype *genotype, const td_config *config)
{
    return td_genotype_parse(genotype, config->train.genotype);
}

td_genotype td_search_genotype(const td_search *s)
{
    TD_ASSERT(s->state->edges > 0 || s->command == TD_FOR_TRAIN);
    td_genotype genotype = s->genotype;
    if (s->state->edges > 0)
        td_genotype_derive(&genotype, s->state->alphas, s->config->net.nodes);
    return genotype;
}
