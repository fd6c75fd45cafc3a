/* Genotypes of checkpoints and runs: what they keep, or what alphas say. */
#include "taildart/checkpoint_genotype.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "taildart/arch.h"
#include "taildart/base_log.h"
#include "taildart/base_run_files.h"
#include "taildart/formats.h"
#include "taildart/genotype_find.h"

/* ---- of a checkpoint ------------------------------------------------------------- */

/* The limit on skip connections of the search that left a checkpoint. */
static int max_skips_of(const td_checkpoint *checkpoint, const char *path)
{
    int most = TD_NEVER;
    td_settings *settings = td_settings_new(TD_FOR_SEARCH);
    if (td_settings_read_text(settings, path, checkpoint->texts.config) == TD_OK)
        most = td_settings_config(settings)->search.max_skips;
    td_settings_free(settings);
    return most;
}

/* The state as it was after an epoch of its history; present: for td_free. */
static td_search_state state_after(const td_checkpoint *checkpoint, int epoch,
                                   td_real **present)
{
    td_search_state then = checkpoint->state;
    size_t n = td_search_state_alpha_count(&then);
    TD_ASSERT(epoch >= 0 && epoch < checkpoint->arch_epochs);
    then.alphas = checkpoint->arch_history + (size_t) epoch * n;
    then.present = *present = td_malloc(n * sizeof **present);
    for (size_t i = 0; i < n; i++)
        then.present[i] = isinf(then.alphas[i]) ? 0 : 1;
    return then;
}

td_status td_checkpoint_derive(td_genotype *genotype, const td_checkpoint *checkpoint,
                               const char *path, double threshold, int epoch)
{
    td_arch_rule rule = { .max_skips = max_skips_of(checkpoint, path),
                          .threshold = threshold };
    td_search_state state = checkpoint->state;
    td_real *present = NULL;
    int nodes = td_nodes_of_edges(state.edges);
    if (threshold > 0.0 && state.edges == 0)
        return td_error(TD_USAGE,
                        "--threshold: %s is of a training, whose cell is given; leave "
                        "it out, or give the checkpoint of a search",
                        path);
    if (nodes == 0)
        return td_error(TD_CHECKPOINT, "%s: no cell has %d edges", path, state.edges);
    if (epoch < checkpoint->arch_epochs - 1)
        state = state_after(checkpoint, epoch, &present);
    td_search_state_derive(&state, genotype, nodes, &rule);
    td_free(present);
    if (td_genotype_check(genotype) != TD_OK)
        td_log(TD_LOG_WARNING, "%s", td_error_message());
    return TD_OK;
}

td_status td_checkpoint_genotype(td_genotype *genotype, const td_checkpoint *checkpoint,
                                 const char *path)
{
    const char *text = checkpoint->texts.genotype;
    if (!text || text[0] == '\0')
        return td_checkpoint_derive(genotype, checkpoint, path, 0.0, TD_NEVER);
    if (td_genotype_parse(genotype, text) == TD_OK)
        return TD_OK;
    return td_error(TD_CHECKPOINT, "%s: %s", path, td_error_message());
}

/* ---- as people give it ----------------------------------------------------------- */

static bool is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* What stands in a pipe can be read once: it is not looked at. */
bool td_checkpoint_is_meant(const char *words)
{
    struct stat about;
    size_t length = strlen(words);
    if (length > 3 && strcmp(words + length - 3, ".h5") == 0)
        return true;
    return stat(words, &about) == 0 &&
           (S_ISDIR(about.st_mode) ||
            (S_ISREG(about.st_mode) && td_data_is_hdf5(words)));
}

static td_status load(td_genotype *genotype, const char *path)
{
    td_checkpoint *checkpoint = NULL;
    td_status status = td_checkpoint_load(&checkpoint, path);
    if (status == TD_OK)
        status = td_checkpoint_genotype(genotype, checkpoint, path);
    td_checkpoint_free(checkpoint);
    return status;
}

/* A run's text serves where its checkpoints are gone. */
static td_status find_in_run(td_genotype *genotype, const char *folder)
{
    char *text = td_format("%s/" TD_RUN_GENOTYPE, folder);
    char *saved = td_checkpoint_path(folder);
    bool has_text = access(text, F_OK) == 0;
    td_status status;
    if (has_text)
        status = td_genotype_read_file(genotype, text);
    else if (td_checkpoint_exists(saved))
        status = load(genotype, saved);
    else
        status = td_checkpoint_refuse_missing(folder);
    td_free(saved);
    td_free(text);
    return status;
}

td_status td_checkpoint_find_genotype(td_genotype *genotype, const char *words)
{
    TD_ASSERT(genotype && words);
    if (!td_checkpoint_is_meant(words))
        return td_genotype_find(genotype, words);
    return is_folder(words) ? find_in_run(genotype, words) : load(genotype, words);
}

/* ---- the key --------------------------------------------------------------------- */

static td_status find_for_key(td_genotype *genotype, const char *words)
{
    td_status status = td_checkpoint_find_genotype(genotype, words);
    if (status == TD_OK)
        status = td_genotype_check(genotype);
    return status == TD_OK ? status
                           : td_error(status, "train.genotype: %s", td_error_message());
}

td_status td_train_settle_genotype(td_settings *settings)
{
    td_genotype genotype;
    td_status status = td_settings_require(settings, "train.genotype");
    if (status != TD_OK)
        td_error_hint("--from CHECKPOINT takes the network of a training instead");
    if (status == TD_OK)
        status = find_for_key(&genotype, td_settings_config(settings)->train.genotype);
    if (status != TD_OK)
        return status;
    char *text = td_genotype_python(&genotype);
    status = td_settings_set(settings, "train.genotype", text, TD_ORIGIN_OPTION);
    td_free(text);
    return status;
}
