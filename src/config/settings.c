/* A configuration under construction: defaults, then files, then options. */
#include "config_internal.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static int index_of(const td_key *key)
{
    TD_ASSERT(key >= td_keys && key < td_keys + td_key_count());
    return (int) (key - td_keys);
}

/* The table holds defaults as text, which is read like a user's. */
static void set_default(td_config *config, const td_key *key)
{
    td_status status = td_key_read(key, td_key_standard(key, config->command), config);
    TD_CHECK(status == TD_OK, "the table of keys: %s", td_error_message());
}

/* The command's own keys come last: two keys may share a field. */
static void set_defaults(td_config *config)
{
    unsigned own = (unsigned) config->command;
    for (int i = 0; i < td_key_count(); i++)
        if (!(td_keys[i].commands & own))
            set_default(config, &td_keys[i]);
    for (int i = 0; i < td_key_count(); i++)
        if (td_keys[i].commands & own)
            set_default(config, &td_keys[i]);
    /* Schedules without these keys are never frozen. */
    config->weights.lr.frozen_from = TD_NEVER;
    config->bbn.mixing.frozen_from = TD_NEVER;
    config->train.drop_path.frozen_from = TD_NEVER;
    if (td_config_is_training(config))
        config->arch.lr.frozen_from = 0; /* no architecture step, ever */
}

td_settings *td_settings_new(td_config_command command)
{
    td_settings *settings = td_malloc(sizeof *settings);
    settings->command = settings->config.command = command;
    settings->origins = td_malloc((size_t) td_key_count() * sizeof *settings->origins);
    set_defaults(&settings->config);
    TD_ASSERT(settings->origins[0] == TD_ORIGIN_DEFAULT);
    return settings;
}

void td_settings_free(td_settings *settings)
{
    if (!settings)
        return;
    td_free(settings->origins);
    td_free(settings);
}

td_norm_sharing td_config_norms(const td_config *config)
{
    td_norm_sharing norms = (td_norm_sharing) config->dist.batchnorm;
    return norms == TD_NORMS_LOCAL && config->dist.reproducible ? TD_NORMS_SHARD
                                                                : norms;
}

/* Keys may share the field: the last one that the command shows, or else the first. */
static const char *key_of(size_t offset, const td_config *config)
{
    const td_key *found = NULL;
    for (int i = 0; i < td_key_count(); i++) {
        const td_key *key = &td_keys[i];
        bool shows = key->commands & (unsigned) config->command;
        if (key->offset == offset && (shows || !found))
            found = key;
    }
    TD_ASSERT(found);
    return found->name;
}

const char *td_config_batch_key(const td_config *config)
{
    return key_of(offsetof(td_config, search.batch), config);
}

const td_config *td_settings_config(const td_settings *settings)
{
    return &settings->config;
}

bool td_settings_shows(const td_settings *settings, const td_key *key)
{
    return (key->commands & (unsigned) settings->command) != 0;
}

static td_status refuse_unknown(const char *name, td_config_command command)
{
    char quoted[TD_QUOTE_BYTES];
    const td_key *first = td_key_find_group(name);
    td_config_quote(name, quoted);
    if (first)
        return td_error(TD_USAGE, "%s is a group of keys; set one of them, as %s",
                        quoted, first->name);
    if (td_key_is_device(name))
        return td_error(TD_USAGE, "unknown key %s: taildart runs on CPUs", quoted);
    char *meant = td_key_suggest(name, command, "", "");
    td_status status = td_error(TD_USAGE, "unknown key %s%s%s", quoted,
                                meant ? "; the nearest is " : "", meant ? meant : "");
    if (!meant)
        td_error_hint("`taildart help keys` tells all keys");
    td_free(meant);
    return status;
}

static bool is_of_training(const td_key *key)
{
    return (key->commands & TD_FOR_TRAIN) && !(key->commands & TD_FOR_SEARCH);
}

/* Whether a key sets its field: one file may serve search and training, and keys of the
 * other command are only checked. */
static bool applies(const td_settings *settings, const td_key *key)
{
    bool is_run = td_config_is_training(&settings->config) || is_of_training(key);
    return !is_run || td_settings_shows(settings, key);
}

/* A value of lower origin is checked, too, but does not replace one of higher origin:
 * options beat files whatever their order on the command line. */
td_status td_settings_set(td_settings *settings, const char *key, const char *text,
                          td_origin origin)
{
    const td_key *row = td_key_find(key);
    td_config unused = { .command = settings->command };
    if (!row)
        return refuse_unknown(key, settings->command);
    td_origin *present = &settings->origins[index_of(row)];
    bool keeps = *present > origin || !applies(settings, row);
    td_status status = td_key_read(row, text, keeps ? &unused : &settings->config);
    if (status == TD_OK && !keeps)
        *present = origin;
    return status;
}

void td_settings_value(const td_settings *settings, const char *key, char *out)
{
    const td_key *row = td_key_find(key);
    TD_ASSERT(row);
    td_key_write(row, &settings->config, out);
}

/* With numbers where kinds choose them: an older run has them as they were then. */
static td_config settled(const td_settings *settings)
{
    td_config config = settings->config;
    config.weights.loss = td_loss_settled(&config.weights.loss);
    config.arch.loss = td_loss_settled(&config.arch.loss);
    return config;
}

const char *td_settings_difference(const td_settings *mine, const td_settings *saved)
{
    const td_config now = settled(mine), then = settled(saved);
    for (int i = 0; i < td_key_count(); i++) {
        char ours[TD_TEXT_BYTES], theirs[TD_TEXT_BYTES];
        if (td_keys[i].may_differ)
            continue;
        td_key_write(&td_keys[i], &now, ours);
        td_key_write(&td_keys[i], &then, theirs);
        if (strcmp(ours, theirs) != 0)
            return key_of(td_keys[i].offset, &now);
    }
    return NULL;
}
