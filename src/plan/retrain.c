/* train.from: the classifier of a trained network learns anew on balanced classes while
 * all else stays (cRT: Kang et al. 2020, section 4).  The network is the checkpoint's;
 * so are the images, unless other keys are given. */
#include "plan.h"
#include "taildart/base_run_files.h"
#include "taildart/checkpoint_genotype.h"
#include "taildart/store_evaluations.h"

#include <string.h>
#include <sys/stat.h>

/* Keys that the checkpoint's network decides. */
static td_status impose(td_settings *settings, const char *path, const char *key,
                        const char *text)
{
    char wanted[TD_TEXT_BYTES], found[TD_TEXT_BYTES];
    td_settings *alone = td_settings_new(TD_FOR_TRAIN);
    td_status status = td_settings_set(alone, key, text, TD_ORIGIN_OPTION);
    td_settings_value(alone, key, wanted);
    td_settings_free(alone);
    if (status == TD_OK)
        status = td_settings_set(settings, key, text, TD_ORIGIN_DEFAULT);
    if (status != TD_OK)
        return status;
    td_settings_value(settings, key, found);
    if (strcmp(found, wanted) == 0)
        return TD_OK;
    return td_error(
        TD_USAGE,
        "%s: found \"%.60s\", but train.from takes the network of %s, where "
        "it is \"%.200s\"; leave it out",
        key, found, path, wanted);
}

/* The network itself. */
static td_status impose_network(td_settings *settings, const char *path,
                                const td_net_spec *spec)
{
    TD_ASSERT(spec->genotype);
    char *genotype = td_genotype_python(spec->genotype);
    char *channels = td_format("%d", spec->channels);
    char *cells = td_format("%d", spec->cells);
    char *scale = spec->head == TD_HEAD_LINEAR ? td_strdup("auto")
                                               : td_format("%.17g", spec->head_scale);
    const char *const all[][2] = {
        { "train.genotype", genotype },
        { "net.channels", channels },
        { "net.cells", cells },
        { "net.head", td_head_word(spec->head) },
        { "net.head_scale", scale },
        { "bbn.enabled", "false" },
        { "net.stem", td_stem_word(spec->stem) },
    };
    td_status status = TD_OK;
    for (size_t i = 0; i < sizeof all / sizeof *all && status == TD_OK; i++)
        status = impose(settings, path, all[i][0], all[i][1]);
    td_free(scale);
    td_free(cells);
    td_free(channels);
    td_free(genotype);
    return status;
}

/* Set a key whatever the settings say, telling of a value that somebody gave. */
static td_status overrule(td_settings *settings, const char *key, const char *text)
{
    char given[TD_TEXT_BYTES], taken[TD_TEXT_BYTES];
    td_status status = td_settings_set(settings, key, text, TD_ORIGIN_DEFAULT);
    td_settings_value(settings, key, given);
    if (status == TD_OK)
        status = td_settings_set(settings, key, text, TD_ORIGIN_OPTION);
    td_settings_value(settings, key, taken);
    if (status == TD_OK && strcmp(given, taken) != 0)
        TD_DOUBT("%s: found \"%s\", but it helps a trunk, and with train.from the "
                 "classifier alone learns: it is \"%s\" here",
                 key, given, taken);
    return status;
}

/* What makes a trunk learn is of no use to a classifier; a configuration that trained
 * the network may be given with it. */
static td_status drop_aids(td_settings *settings)
{
    static const char *const aids[][2] = { { "train.auxiliary", "false" },
                                           { "train.drop_path.shape", "constant" },
                                           { "train.drop_path.start", "0" } };
    td_status status = TD_OK;
    for (size_t i = 0; i < sizeof aids / sizeof *aids && status == TD_OK; i++)
        status = overrule(settings, aids[i][0], aids[i][1]);
    return status;
}

/* Values that hold where a user gives none. */
static td_status suggest_run(td_settings *settings, const td_checkpoint *saved,
                             const char *path)
{
    static const char *const keys[] = { "data.imbalance",
                                        "data.largest",
                                        "data.profile",
                                        "data.seed",
                                        "data.split",
                                        "data.train_share",
                                        "data.crop_pad",
                                        "data.flip",
                                        "data.cutout",
                                        "data.pad_to",
                                        "data.augment.kind",
                                        "data.augment.operations",
                                        "data.augment.magnitude" };
    td_settings *run = td_settings_new(TD_FOR_TRAIN);
    td_status status = td_settings_read_text(run, path, saved->texts.config);
    for (size_t i = 0; i < sizeof keys / sizeof *keys && status == TD_OK; i++) {
        char text[TD_TEXT_BYTES];
        td_settings_value(run, keys[i], text);
        status = td_settings_set(settings, keys[i], text, TD_ORIGIN_DEFAULT);
    }
    td_settings_free(run);
    return status;
}

static td_status suggest_method(td_settings *settings)
{
    td_status status =
        td_settings_set(settings, "data.sampler", "class-balanced", TD_ORIGIN_DEFAULT);
    return status == TD_OK
               ? td_settings_set(settings, "train.epochs", "10", TD_ORIGIN_DEFAULT)
               : status;
}

static td_status refuse(const char *path, const char *what, const char *fix)
{
    return td_error(TD_USAGE, "train.from: %s is of %s: %s", path, what, fix);
}

static td_status check_network(const td_checkpoint *saved, const char *path,
                               td_net_spec *spec, td_genotype *genotype)
{
    if (saved->state.edges > 0)
        return refuse(path, "a search", "`taildart train` makes a network of it first");
    td_status status = td_checkpoint_spec(saved, path, 1, spec, genotype);
    if (status != TD_OK)
        return status;
    if (spec->two_branch)
        return refuse(path, "a network of two branches",
                      "its classifier has learned from balanced classes already");
    if (spec->head == TD_HEAD_ETF)
        return refuse(path, "a network with a fixed head",
                      "there is no classifier that could learn");
    return TD_OK;
}

/* A retraining that has begun goes on without the file that it came from.
 * \param [out] saved  its own checkpoint, or NULL where there is none */
static td_status load_own(td_checkpoint **saved, const char *out)
{
    char *path = td_format("%s/" TD_RUN_CHECKPOINT, out);
    *saved = NULL;
    td_status status = out[0] != '\0' && td_checkpoint_exists(path)
                           ? td_checkpoint_load(saved, path)
                           : TD_OK;
    td_free(path);
    if (*saved) {
        td_settings *own = td_settings_new(TD_FOR_TRAIN);
        bool is_known =
            td_settings_read_text(own, out, (*saved)->texts.config) == TD_OK;
        bool is_retraining = is_known && td_settings_config(own)->train.from[0];
        td_settings_free(own);
        if (is_retraining)
            return status;
    }
    td_checkpoint_free(*saved);
    *saved = NULL;
    return status;
}

/* Whether the run that \a from is of has its directory in \a out. */
static bool is_in(const char *from, const char *out)
{
    char *run = td_run_of_checkpoint(from);
    struct stat one, other;
    bool is_one = run && out[0] && stat(run, &one) == 0 && stat(out, &other) == 0 &&
                  one.st_dev == other.st_dev && one.st_ino == other.st_ino;
    td_free(run);
    return is_one;
}

/* The checkpoint that tells of the network: the run's own, or that it begins from. */
static td_status load(td_checkpoint **saved, const td_config *config)
{
    td_status status = load_own(saved, config->run.out);
    if (status != TD_OK || *saved)
        return status;
    if (is_in(config->train.from, config->run.out)) {
        td_error(TD_USAGE,
                 "train.from: %s is of the run in %s, which goes on without it; for "
                 "another training give another --out",
                 config->train.from, config->run.out);
        return TD_USAGE;
    }
    return td_checkpoint_load(saved, config->train.from);
}

static td_status settle_from(td_settings *settings)
{
    const char *path = td_settings_config(settings)->train.from;
    td_checkpoint *saved = NULL;
    td_net_spec spec = { 0 };
    td_genotype genotype;
    td_status status = load(&saved, td_settings_config(settings));
    if (status == TD_OK)
        status = check_network(saved, path, &spec, &genotype);
    if (status == TD_OK)
        status = impose_network(settings, path, &spec);
    if (status == TD_OK)
        status = drop_aids(settings);
    if (status == TD_OK)
        status = suggest_run(settings, saved, path);
    if (status == TD_OK)
        status = suggest_method(settings);
    td_checkpoint_free(saved);
    return status == TD_OK ? td_settings_check(settings) : status;
}

td_status td_plan_settle_training(td_settings *settings)
{
    bool has_from = td_settings_config(settings)->train.from[0] != '\0';
    char *given = td_strdup(td_settings_config(settings)->train.genotype);
    td_status status = TD_OK;
    if (!has_from || given[0]) /* a file or a name becomes the cell */
        status = td_train_settle_genotype(settings);
    if (status == TD_OK && has_from)
        status = settle_from(settings);
    if (status == TD_OK)
        td_plan_note_search(settings, given);
    td_free(given);
    return status;
}

td_status td_plan_check_trunk(const td_config *config, const td_data_info *info)
{
    td_checkpoint *saved = NULL;
    if (config->train.from[0] == '\0')
        return TD_OK;
    td_status status = load(&saved, config);
    if (status == TD_OK)
        status = td_checkpoint_check_trunk(saved, info, config->train.from);
    td_checkpoint_free(saved);
    return status;
}

void td_plan_note_other_images(const td_settings *settings, const td_checkpoint *saved,
                               const char *path)
{
    static const char *const keys[] = { "data.imbalance", "data.largest",
                                        "data.profile",   "data.seed",
                                        "data.split",     "data.train_share" };
    td_settings *run = td_settings_new(TD_FOR_TRAIN);
    char theirs[TD_TEXT_BYTES], ours[TD_TEXT_BYTES];
    td_status status = td_settings_read_text(run, path, saved->texts.config);
    for (size_t i = 0; i < sizeof keys / sizeof *keys && status == TD_OK; i++) {
        td_settings_value(run, keys[i], theirs);
        td_settings_value(settings, keys[i], ours);
        if (strcmp(theirs, ours) != 0)
            TD_DOUBT("train.from: %s has learned with %s %s, this run has %s: images "
                     "that are held out here may be ones that it has learned from",
                     path, keys[i], theirs, ours);
    }
    td_settings_free(run);
}
