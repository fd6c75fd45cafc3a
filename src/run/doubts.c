/* What goes together and yet cannot have been meant: said before work starts, by a
 * start and by --dry-run alike.  What contradicts itself is refused
 * (src/config/check.c). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "run.h"
#include "taildart/base_log.h"
#include "taildart/base_text.h"
#include "taildart/optim.h"

#define DOUBT(...) td_log(TD_LOG_NOTE, __VA_ARGS__)

/* Where a key stands that both commands have under names of their own. */
static const char *epochs_key(const td_config *config)
{
    return td_config_is_training(config) ? "train.epochs" : "search.epochs";
}

/* ---- schedules ------------------------------------------------------------------- */

/* Some epochs of a run, from the first to the last: enough to see a course. */
enum { LOOKED_AT = 1000 };

static int epoch_at(const td_config *config, int i)
{
    int64_t last = config->search.epochs - 1;
    return (int) (last < LOOKED_AT ? (i < last ? i : last) : last * i / LOOKED_AT);
}

/* Least and largest of a rate over the run; \a offset: of it in td_step_rates. */
static void range_of(const td_config *config, size_t offset, double *least,
                     double *most)
{
    *least = INFINITY;
    *most = -INFINITY;
    for (int i = 0; i <= LOOKED_AT; i++) {
        td_step_rates rates = td_search_rates(config, epoch_at(config, i));
        double value;
        memcpy(&value, (const char *) &rates + offset, sizeof value);
        *least = fmin(*least, value);
        *most = fmax(*most, value);
    }
}

static void doubt_rates(const td_doubts *d)
{
    const td_config *config = d->config;
    double least, most;
    range_of(config, offsetof(td_step_rates, lr), &least, &most);
    if (!(most > 0))
        DOUBT("weights.lr: 0 in every epoch: the weights do not learn");
    if (td_config_is_training(config))
        return;
    range_of(config, offsetof(td_step_rates, arch_lr), &least, &most);
    if (config->arch.lr.frozen_until >= config->search.epochs)
        DOUBT("arch.lr.frozen_until %d, but search.epochs %d: no epoch runs an "
              "architecture step, and the cell found is one of chance",
              config->arch.lr.frozen_until, config->search.epochs);
    else if (!(most > 0))
        DOUBT(
            "arch.lr: 0 in every epoch: the architecture does not learn, and the cell "
            "found is one of chance");
}

static void doubt_warmup(const td_config *config, const char *key,
                         const td_schedule *schedule)
{
    if (schedule->warmup > 0 && schedule->warmup >= config->search.epochs)
        DOUBT("%s %d, but %s %d: the rate rises over the whole run", key,
              schedule->warmup, epochs_key(config), config->search.epochs);
}

static void doubt_mixing(const td_doubts *d)
{
    double least, most;
    if (!d->config->bbn.enabled)
        return;
    range_of(d->config, offsetof(td_step_rates, mixing), &least, &most);
    if (least >= 1)
        DOUBT("bbn.mixing: 1 in every epoch: the re-balancing branch does not learn");
    else if (most <= 0)
        DOUBT("bbn.mixing: 0 in every epoch: the conventional branch does not learn");
}

/* Which shapes read a member of a schedule. */
static bool reads(const char *member, td_shape shape)
{
    bool drops = shape == TD_SHAPE_EXPONENTIAL || shape == TD_SHAPE_STEP;
    if (strcmp(member, "gamma") == 0)
        return drops;
    if (strcmp(member, "every") == 0)
        return shape == TD_SHAPE_STEP;
    return !drops && shape != TD_SHAPE_CONSTANT && shape != TD_SHAPE_COUPLED;
}

/* Whether somebody has set it.  \param [out] value  (TD_TEXT_BYTES) */
static bool is_off_default(const td_doubts *d, const char *key, char *value)
{
    char standard[TD_TEXT_BYTES];
    td_settings *defaults = td_settings_new(d->config->command);
    td_settings_value(d->settings, key, value);
    td_settings_value(defaults, key, standard);
    td_settings_free(defaults);
    return strcmp(value, standard) != 0;
}

/* A value off its default that the shape does not look at. */
static void doubt_member(const td_doubts *d, const char *schedule, td_shape shape,
                         const char *member)
{
    char value[TD_TEXT_BYTES], word[TD_TEXT_BYTES];
    char *key = td_format("%s.%s", schedule, member);
    char *shape_key = td_format("%s.shape", schedule);
    td_settings_value(d->settings, shape_key, word);
    if (!reads(member, shape) && is_off_default(d, key, value))
        DOUBT("%s: found \"%s\", but the shape %s does not read it", key, value, word);
    td_free(shape_key);
    td_free(key);
}

static void doubt_drops(const td_doubts *d, const char *name,
                        const td_schedule *schedule)
{
    if (schedule->shape == TD_SHAPE_STEP && schedule->every >= d->config->search.epochs)
        DOUBT("%s.every %d, but %s %d: no epoch comes after a drop", name,
              schedule->every, epochs_key(d->config), d->config->search.epochs);
}

static void doubt_schedule(const td_doubts *d, const char *name,
                           const td_schedule *schedule)
{
    static const char *const members[] = { "end", "gamma", "every" };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        doubt_member(d, name, (td_shape) schedule->shape, members[i]);
    doubt_drops(d, name, schedule);
}

static void doubt_schedules(const td_doubts *d)
{
    const td_config *config = d->config;
    doubt_rates(d);
    doubt_warmup(config, "weights.lr.warmup", &config->weights.lr);
    doubt_schedule(d, "weights.lr", &config->weights.lr);
    if (td_config_is_training(config))
        doubt_schedule(d, "train.drop_path", &config->train.drop_path);
    else {
        doubt_warmup(config, "arch.lr.warmup", &config->arch.lr);
        doubt_schedule(d, "arch.lr", &config->arch.lr);
    }
    doubt_mixing(d);
    if (config->bbn.enabled)
        doubt_schedule(d, "bbn.mixing", &config->bbn.mixing);
}

/* ---- the tail, corrected twice --------------------------------------------------- */

static void doubt_correction(const td_doubts *d, const char *sampler_key, int sampler,
                             const char *weights_key, int weighting)
{
    char drawn[TD_TEXT_BYTES], weighted[TD_TEXT_BYTES];
    if (sampler == TD_SAMPLER_INSTANCE || weighting == TD_WEIGHTING_NONE)
        return;
    td_settings_value(d->settings, sampler_key, drawn);
    td_settings_value(d->settings, weights_key, weighted);
    DOUBT(
        "%s %s and %s %s both favour the classes of few images: the tail is corrected "
        "twice; `instance` or `none` leaves one of them",
        sampler_key, drawn, weights_key, weighted);
}

static void doubt_balance(const td_doubts *d)
{
    const td_config *config = d->config;
    doubt_correction(d, "data.sampler", config->data.sampler, "weights.class_weights",
                     config->weights.class_weights);
    if (!td_config_is_training(config))
        doubt_correction(d, "arch.sampler", config->arch.sampler, "arch.class_weights",
                         config->arch.class_weights);
    if (!config->bbn.enabled)
        return;
    doubt_correction(d, "bbn.sampler", config->bbn.sampler, "weights.class_weights",
                     config->weights.class_weights);
    if (!td_config_is_training(config))
        doubt_correction(d, "bbn.sampler", config->bbn.sampler, "arch.class_weights",
                         config->arch.class_weights);
    if (config->bbn.sampler == TD_SAMPLER_INSTANCE)
        DOUBT("bbn.sampler instance: the re-balancing branch sees the same tail as the "
              "conventional one");
    if (config->data.sampler != TD_SAMPLER_INSTANCE)
        DOUBT("data.sampler: the conventional branch is re-balanced, too; `instance` "
              "shows it the tail");
}

/* ---- batches --------------------------------------------------------------------- */

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* A training has no architecture half. */
static void doubt_batch(const td_doubts *d)
{
    int batch = d->config->search.batch;
    bool training = td_config_is_training(d->config);
    int64_t weights = d->selection->half_count[TD_HALF_WEIGHTS];
    int64_t arch = training ? batch : d->selection->half_count[TD_HALF_ARCH];
    int64_t fits = least(weights, arch) / d->shards * d->shards;
    char beside[64] = "";
    TD_ASSERT(d->shards > 0 && weights > 0 && arch > 0);
    if (batch <= weights && batch <= arch)
        return;
    if (batch > weights && batch > arch)
        snprintf(beside, sizeof beside, " and the architecture half %lld",
                 (long long) arch);
    DOUBT("%s %d, but the %s has %lld images%s, and %s: at most %lld fits",
          td_config_batch_key(d->config), batch,
          training           ? "training part"
          : batch <= weights ? "architecture half"
                             : "weight half",
          (long long) (batch <= weights ? arch : weights), beside,
          batch <= weights ? "a batch holds some of them twice"
                           : "every step takes all of them",
          (long long) (fits > 0 ? fits : least(weights, arch)));
}

static void doubt_batches(const td_doubts *d)
{
    const td_config *config = d->config;
    doubt_batch(d);
    if (td_config_is_training(config))
        return;
    if (config->arch.interval > 1 && config->arch.interval >= d->steps)
        DOUBT("arch.interval %d, but an epoch has %lld steps: one architecture step an "
              "epoch",
              config->arch.interval, (long long) d->steps);
}

/* ---- networks and images --------------------------------------------------------- */

static void doubt_network(const td_doubts *d)
{
    const td_config *config = d->config;
    char value[TD_TEXT_BYTES];
    if (!td_config_is_training(config))
        return;
    if (config->net.cells < TD_LEAST_CELLS)
        DOUBT("net.cells %d: all of them are reductions, and the normal cell of the "
              "genotype is not used; %d or more use both",
              config->net.cells, TD_LEAST_CELLS);
    if (config->train.auxiliary && config->train.auxiliary_weight == 0)
        DOUBT(
            "train.auxiliary_weight 0: the second classifier is computed for nothing; "
            "train.auxiliary false leaves it out");
    if (!config->train.auxiliary && is_off_default(d, "train.auxiliary_weight", value))
        DOUBT(
            "train.auxiliary_weight %s, but train.auxiliary is false: nothing reads it",
            value);
}

static void doubt_best(const td_doubts *d)
{
    char value[TD_TEXT_BYTES];
    if (td_config_is_training(d->config) &&
        d->selection->half_count[TD_HALF_ARCH] == 0 &&
        is_off_default(d, "train.best", value))
        DOUBT("train.best %s, but data.train_share 1 holds nothing out to choose by: "
              "there will be no best.h5; data.train_share 0.9 holds out a tenth",
              value);
}

static void doubt_images(const td_doubts *d)
{
    const td_config *config = d->config;
    int side = d->info->height < d->info->width ? d->info->height : d->info->width;
    if (config->data.crop_pad >= side)
        DOUBT("data.crop_pad %d, but the images are %dx%d: some draws hold nothing of "
              "their image; less than %d keeps a part",
              config->data.crop_pad, d->info->height, d->info->width, side);
    if (config->data.cutout >= side)
        DOUBT("data.cutout %d, but the images are %dx%d: some draws hold nothing of "
              "their image",
              config->data.cutout, d->info->height, d->info->width);
}

void td_search_tell_doubts(const td_doubts *doubts)
{
    TD_ASSERT(doubts->settings && doubts->config && doubts->info && doubts->selection);
    doubt_network(doubts);
    doubt_best(doubts);
    doubt_images(doubts);
    doubt_batches(doubts);
    doubt_balance(doubts);
    doubt_schedules(doubts);
}

/* ---- augmentation ---------------------------------------------------------------- */

char *td_search_augmentation(const td_config *config, const td_data_info *info)
{
    bool may_be_text = info->channels == 1;
    char *crop =
        config->data.crop_pad > 0
            ? td_format("cropped after %d %s of padding", config->data.crop_pad,
                        td_noun(config->data.crop_pad, "pixel", "pixels"))
            : td_strdup("not cropped");
    char *cutout = config->data.cutout > 0
                       ? td_format(", a square of %d %s cut out", config->data.cutout,
                                   td_noun(config->data.cutout, "pixel", "pixels"))
                       : td_strdup("");
    char *line = td_format("%s, %s%s", crop,
                           !config->data.flip ? "not mirrored"
                           : may_be_text
                               ? "mirrored at random (digits, letters: data.flip false)"
                               : "mirrored at random",
                           cutout);
    td_free(cutout);
    td_free(crop);
    return line;
}
