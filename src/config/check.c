/* Rules between keys, each of which is valid alone. */
#include "config_internal.h"

#include <string.h>

/* Refuse keys that begin with \a prefix, are off their defaults and would have no
 * effect: \a reason says why, and how to change that. */
static td_status check_idle(const td_settings *settings, const char *prefix,
                            const char *reason)
{
    for (int i = 0; i < td_key_count(); i++) {
        const td_key *key = &td_keys[i];
        char text[TD_TEXT_BYTES], standard[TD_TEXT_BYTES];
        if (strncmp(key->name, prefix, strlen(prefix)) != 0)
            continue;
        td_config defaults = settings->config;
        td_status status =
            td_key_read(key, td_key_standard(key, settings->command), &defaults);
        TD_ASSERT(status == TD_OK);
        td_key_write(key, &settings->config, text);
        td_key_write(key, &defaults, standard);
        if (strcmp(text, standard) != 0)
            return td_error(TD_USAGE, "%s: found \"%s\", but %s, or leave %s at %s",
                            key->name, text, reason, key->name, standard);
    }
    return TD_OK;
}

static td_status check_all_idle(const td_settings *settings)
{
    const td_config *config = &settings->config;
    const struct {
        const char *prefix, *reason;
        bool is_used;
    } rules[] = {
        { "bbn.", "bbn.enabled is false; set bbn.enabled to true",
          config->bbn.enabled },
        { "weights.loss.gamma",
          "weights.loss.kind is not focal; set weights.loss.kind to focal",
          config->weights.loss.kind == TD_LOSS_FOCAL },
        { "arch.loss.gamma", "arch.loss.kind is not focal; set arch.loss.kind to focal",
          config->arch.loss.kind == TD_LOSS_FOCAL },
    };
    td_status status = TD_OK;
    for (size_t i = 0; i < sizeof rules / sizeof *rules && status == TD_OK; i++)
        if (!rules[i].is_used)
            status = check_idle(settings, rules[i].prefix, rules[i].reason);
    return status;
}

static td_status check_architecture(const td_config *config)
{
    const td_schedule *lr = &config->arch.lr;
    if (lr->shape == TD_SHAPE_COUPLED && !config->bbn.enabled)
        return td_error(TD_USAGE, "arch.lr.shape: found \"coupled\", but without two "
                                  "branches there is no mixing ratio to follow; set "
                                  "bbn.enabled to true");
    if (td_config_is_training(config))
        return TD_OK;
    if (lr->frozen_until >= lr->frozen_from)
        return td_error(
            TD_USAGE,
            "arch.lr.frozen_until: found \"%d\", but arch.lr.frozen_from is "
            "%d, so no epoch would run an architecture step; accepted: less "
            "than arch.lr.frozen_from",
            lr->frozen_until, lr->frozen_from);
    return TD_OK;
}

/* Refuse a network without a normal cell: a search would print one never trained. */
static td_status check_cells(const td_config *config)
{
    if (config->command != TD_FOR_SEARCH || config->net.cells >= TD_LEAST_CELLS)
        return TD_OK;
    return td_error(TD_USAGE,
                    "net.cells: found \"%d\", but so few are all reductions, and no "
                    "normal cell would be searched; accepted: %d or more",
                    config->net.cells, TD_LEAST_CELLS);
}

static td_status check_bench(const td_config *config)
{
    int size = config->bench.size;
    if (size % 4 != 0)
        return td_error(TD_USAGE,
                        "bench.size: found \"%d\"; accepted: a multiple of 4, "
                        "for example %d",
                        size, (size + 2) / 4 * 4);
    return TD_OK;
}

td_status td_settings_check(const td_settings *settings)
{
    td_status status = check_all_idle(settings);
    if (status == TD_OK)
        status = check_architecture(&settings->config);
    if (status == TD_OK)
        status = check_cells(&settings->config);
    if (status == TD_OK)
        status = check_bench(&settings->config);
    return status;
}

td_status td_settings_require(const td_settings *settings, const char *key)
{
    const td_key *row = td_key_find(key);
    char text[TD_TEXT_BYTES];
    TD_ASSERT(row && row->type == TD_KEY_TEXT && row->shorthand);
    td_key_write(row, &settings->config, text);
    if (text[0] != '\0')
        return TD_OK;
    return td_error(TD_USAGE, "%s is not set (%s); give it with --%s", key, row->help,
                    row->shorthand);
}
