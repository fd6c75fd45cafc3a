/* The cells of a run: those that a training was given, or those that a search has found
 * so far. */
#include <string.h>
#include <unistd.h>

#include "run.h"

/* From a file, which may be a genotype.txt or hold the text alone. */
static td_status read_file(td_genotype *genotype, const char *path)
{
    char *text = NULL;
    td_status status = td_file_read(&text, NULL, path);
    if (status == TD_OK && td_genotype_parse(genotype, text) != TD_OK)
        status = td_error(TD_USAGE, "train.genotype: %s: %s", path, td_error_message());
    td_free(text);
    return status;
}

static td_status find(td_genotype *genotype, const char *value)
{
    if (access(value, F_OK) == 0)
        return read_file(genotype, value);
    if (td_genotype_named(genotype, value))
        return TD_OK;
    if (strncmp(value, "Genotype", strlen("Genotype")) != 0)
        return td_error(TD_USAGE,
                        "train.genotype: found \"%.60s\"; accepted: a file, the text "
                        "Genotype(...), or DARTS_V1, DARTS_V2, PCDARTS, PDARTS",
                        value);
    if (td_genotype_parse(genotype, value) == TD_OK)
        return TD_OK;
    return td_error(TD_USAGE, "train.genotype: %s", td_error_message());
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
