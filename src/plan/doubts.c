/* NOTEs about settings that go together and yet cannot have been meant: said before
 * work starts, by a start and by --dry-run alike.  Contradictions are refused
 * (src/config/check.c). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plan.h"
#include "taildart/config_keys.h"
#include "taildart/config_stages.h"
#include "taildart/optim.h"

/* ---- schedules ------------------------------------------------------------------- */

/* Some epochs of a run, from the first to the last: enough to see a course. */
enum { LOOKED_AT = 1000 };

static int epoch_at(const td_config *config, int i)
{
    int64_t last = config->search.epochs - 1;
    return (int) (last < LOOKED_AT ? (i < last ? i : last) : last * i / LOOKED_AT);
}

void td_plan_range(const td_plan *plan, size_t offset, double *least, double *most)
{
    *least = INFINITY;
    *most = -INFINITY;
    for (int i = 0; i <= LOOKED_AT; i++) {
        td_step_rates rates =
            td_plan_rates(plan->kind, plan->config, epoch_at(plan->config, i));
        double value;
        memcpy(&value, (const char *) &rates + offset, sizeof value);
        *least = fmin(*least, value);
        *most = fmax(*most, value);
    }
}

static void doubt_rates(const td_plan *plan)
{
    double least, most;
    td_plan_range(plan, offsetof(td_step_rates, lr), &least, &most);
    if (!(most > 0))
        TD_DOUBT("weights.lr: 0 in every epoch: the weights do not learn");
    if (plan->kind->doubt.rates)
        plan->kind->doubt.rates(plan);
}

/* What is learned in one go: the run, or the longest of its stages. */
typedef struct {
    const char *name; /* of its epochs */
    int epochs;
} course;

static course course_of(const td_plan *plan)
{
    bool is_training = td_config_is_training(plan->config);
    bool has_stages = td_stage_count(plan->config) > 1;
    return (course){ has_stages    ? "epochs of the longest stage"
                     : is_training ? "train.epochs"
                                   : "search.epochs",
                     td_stage_longest(plan->config) };
}

static void doubt_warmup(const td_plan *plan, const char *name,
                         const td_schedule *schedule)
{
    course all = course_of(plan);
    if (schedule->warmup > 0 && schedule->warmup >= all.epochs)
        TD_DOUBT("%s.warmup %d, but %s %d: the rate rises over the whole run", name,
                 schedule->warmup, all.name, all.epochs);
}

static void doubt_mixing(const td_plan *plan)
{
    double least, most;
    if (!plan->config->bbn.enabled)
        return;
    td_plan_range(plan, offsetof(td_step_rates, mixing), &least, &most);
    if (least >= 1)
        TD_DOUBT(
            "bbn.mixing: 1 in every epoch: the re-balancing branch does not learn");
    else if (most <= 0)
        TD_DOUBT(
            "bbn.mixing: 0 in every epoch: the conventional branch does not learn");
}

/* Whether a shape reads a member of a schedule. */
static bool reads(const char *member, td_shape shape)
{
    bool drops = shape == TD_SHAPE_EXPONENTIAL || shape == TD_SHAPE_STEP;
    if (strcmp(member, "gamma") == 0)
        return drops;
    if (strcmp(member, "every") == 0)
        return shape == TD_SHAPE_STEP;
    return !drops && shape != TD_SHAPE_CONSTANT && shape != TD_SHAPE_COUPLED;
}

bool td_plan_is_off_default(const td_plan *plan, const char *key, char *value)
{
    char standard[TD_TEXT_BYTES];
    td_settings *defaults = td_settings_new(plan->kind->command);
    td_settings_value(plan->settings, key, value);
    td_settings_value(defaults, key, standard);
    td_settings_free(defaults);
    return strcmp(value, standard) != 0;
}

/* A value off its default that the shape does not look at; not every schedule has each
 * member. */
static void doubt_member(const td_plan *plan, const char *schedule, td_shape shape,
                         const char *member)
{
    char value[TD_TEXT_BYTES], word[TD_TEXT_BYTES];
    char *key = td_format("%s.%s", schedule, member);
    char *shape_key = td_format("%s.shape", schedule);
    td_settings_value(plan->settings, shape_key, word);
    if (td_key_find(key) && !reads(member, shape) &&
        td_plan_is_off_default(plan, key, value))
        TD_DOUBT("%s: found \"%s\", but the shape %s does not read it", key, value,
                 word);
    td_free(shape_key);
    td_free(key);
}

static void doubt_drops(const td_plan *plan, const char *name,
                        const td_schedule *schedule)
{
    course all = course_of(plan);
    if (schedule->shape == TD_SHAPE_STEP && schedule->every >= all.epochs)
        TD_DOUBT("%s.every %d, but %s %d: no epoch comes after a drop", name,
                 schedule->every, all.name, all.epochs);
}

static void doubt_schedule(const td_plan *plan, const td_plan_schedule *row)
{
    static const char *const members[] = { "end", "gamma", "every" };
    const td_schedule *schedule = td_plan_schedule_in(row, plan->config);
    doubt_warmup(plan, row->key, schedule);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        doubt_member(plan, row->key, (td_shape) schedule->shape, members[i]);
    doubt_drops(plan, row->key, schedule);
}

static void doubt_schedules(const td_plan *plan)
{
    doubt_rates(plan);
    for (const td_plan_schedule *row = td_plan_schedule_next(plan->kind, NULL); row;
         row = td_plan_schedule_next(plan->kind, row))
        doubt_schedule(plan, row);
    doubt_mixing(plan);
}

/* ---- the tail, corrected twice --------------------------------------------------- */

/* A key that favours the classes of few images, and its value that does not. */
typedef struct {
    char key[TD_NAME_BYTES];
    const char *off;
    bool favours;
} cure;

static cure cure_of(const char *group, const char *name, const char *off, bool favours)
{
    cure c = { .off = off, .favours = favours };
    snprintf(c.key, sizeof c.key, "%s%s", group, name);
    return c;
}

static void doubt_pair(const td_plan *plan, const cure *a, const cure *b)
{
    if (a->favours && b->favours)
        TD_DOUBT("%s %s and %s %s both favour the classes of few images: the tail is "
                 "corrected twice; `%s` or `%s` leaves one of them",
                 a->key, td_plan_value(plan, a->key), b->key,
                 td_plan_value(plan, b->key), a->off, b->off);
}

/* What the steps of a half draw by, with what they go down.  Margins and weights that
 * begin late are published together (LDAM-DRW: Cao et al. 2019). */
static void doubt_cures(const td_plan *plan, const char *sampler, int sampled_by,
                        const td_plan_half *half)
{
    td_loss_kind kind = (td_loss_kind) half->loss->kind;
    bool follows = td_loss_follows_counts(kind);
    cure drawn = cure_of(sampler, "", "instance", sampled_by != TD_SAMPLER_INSTANCE);
    cure weighted = cure_of(half->group, ".class_weights", "none",
                            half->weighting != TD_WEIGHTING_NONE);
    cure loss = cure_of(half->group, ".loss.kind", "cross-entropy",
                        follows || kind == TD_LOSS_LDAM);
    doubt_pair(plan, &drawn, &weighted);
    doubt_pair(plan, &drawn, &loss);
    loss.favours = follows;
    if (strcmp(sampler, half->sampler) == 0) /* else it has been said */
        doubt_pair(plan, &weighted, &loss);
}

/* A sampler, or mixed images, that no epoch of the run gets to see. */
static void doubt_begin(const td_plan *plan, const char *key, int from)
{
    course all = course_of(plan);
    if (from >= all.epochs)
        TD_DOUBT("%s %d, but %s %d: no epoch gets there", key, from, all.name,
                 all.epochs);
}

static void doubt_begins(const td_plan *plan)
{
    const td_config *config = plan->config;
    doubt_begin(plan, "data.sampler_from", config->data.sampler_from);
    doubt_begin(plan, "arch.sampler_from", config->arch.sampler_from);
    doubt_begin(plan, "data.mix_from", config->data.mix.from);
    doubt_begin(plan, "arch.mix_from", config->arch.mix.from);
}

static void doubt_branches(const td_plan *plan)
{
    const td_config *config = plan->config;
    for (int h = 0; h < plan->kind->halves; h++) {
        td_plan_half half = td_plan_half_of(config, (td_half) h);
        doubt_cures(plan, "bbn.sampler", config->bbn.sampler, &half);
    }
    if (config->bbn.sampler == TD_SAMPLER_INSTANCE)
        TD_DOUBT("bbn.sampler instance: the re-balancing branch sees the same tail as "
                 "the conventional one");
    if (config->data.sampler != TD_SAMPLER_INSTANCE)
        TD_DOUBT("data.sampler: the conventional branch is re-balanced, too; "
                 "`instance` shows it the tail");
}

/* A limit that no class reaches. */
static void doubt_largest(const td_plan *plan)
{
    int64_t most = 0, limit = plan->config->data.largest;
    for (int c = 0; c < plan->selection->classes; c++)
        if (plan->selection->counts[c] > most)
            most = plan->selection->counts[c];
    if (limit > most)
        TD_DOUBT(
            "data.largest %lld, but the largest class has %lld %s: it cuts nothing",
            (long long) limit, (long long) most, td_noun(most, "image", "images"));
}

/* Class weights that begin after the run. */
static void doubt_deferral(const td_plan *plan, const td_plan_half *half)
{
    course all = course_of(plan);
    if (half->weighted_from > 0 && half->weighted_from >= all.epochs)
        TD_DOUBT("%s.class_weights_from %d, but %s %d: classes weigh the same "
                 "in the whole run",
                 half->group, half->weighted_from, all.name, all.epochs);
}

static void doubt_balance(const td_plan *plan)
{
    for (int h = 0; h < plan->kind->halves; h++) {
        td_plan_half half = td_plan_half_of(plan->config, (td_half) h);
        doubt_deferral(plan, &half);
        doubt_cures(plan, half.sampler, half.sampled_by, &half);
    }
    if (plan->config->bbn.enabled)
        doubt_branches(plan);
}

/* ---- batches --------------------------------------------------------------------- */

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* How a step takes images of halves that are smaller than a batch: a batch of the
 * architecture begins anew until it is full. */
static void say_taken(char *out, size_t bytes, int batch, int64_t weights, int64_t arch)
{
    const char *whose = batch > weights ? "of the architecture " : "";
    if (batch <= arch)
        snprintf(out, bytes, "every step takes all of them");
    else if (batch <= 2 * arch)
        snprintf(out, bytes, "a batch %sholds some of them twice", whose);
    else
        snprintf(out, bytes, "a batch %sholds each about %.0f times", whose,
                 (double) batch / (double) arch);
}

/* A half that a kind does not draw from limits no batch. */
static void doubt_batch(const td_plan *plan)
{
    int batch = plan->config->search.batch;
    const int64_t *count = plan->selection->half_count;
    int64_t weights = count[TD_HALF_WEIGHTS];
    int64_t arch = plan->kind->halves > TD_HALF_ARCH ? count[TD_HALF_ARCH] : batch;
    int64_t fits = least(weights, arch) / plan->shards * plan->shards;
    char beside[64] = "", taken[64];
    TD_ASSERT(plan->shards > 0 && weights > 0 && arch > 0);
    if (batch <= weights && batch <= arch)
        return;
    say_taken(taken, sizeof taken, batch, weights, arch);
    if (batch > weights && batch > arch)
        snprintf(beside, sizeof beside, " and the architecture half %lld",
                 (long long) arch);
    TD_DOUBT("%s %d, but the %s has %lld images%s, and %s: at most %lld fits",
             td_config_batch_key(plan->config), batch,
             batch <= weights ? "architecture half" : plan->kind->weight_title,
             (long long) (batch <= weights ? arch : weights), beside, taken,
             (long long) (fits > 0 ? fits : least(weights, arch)));
}

/* ---- ranks ------------------------------------------------------------- */

/* Shards that go by the ranks of the first start are another run on other ranks. */
static void doubt_promise(const td_plan *plan)
{
    if (plan->config->dist.reproducible && plan->config->data.shards == 0)
        TD_DOUBT("dist.reproducible true, but data.shards 0 makes as many shards as "
                 "the first start has ranks (here %d): set it to a multiple of every "
                 "number of ranks that the run may get",
                 plan->shards);
}

/* ---- images --------------------------------------------------------- */

static void doubt_images(const td_plan *plan)
{
    const td_config *config = plan->config;
    int height = plan->info->height, width = plan->info->width;
    int side = height < width ? height : width;
    int longer = height < width ? width : height;
    if (config->data.crop_pad >= side)
        TD_DOUBT(
            "data.crop_pad %d, but the images are %dx%d: some draws hold nothing of "
            "their image; less than %d keeps a part",
            config->data.crop_pad, plan->info->height, plan->info->width, side);
    if (config->data.cutout >= longer)
        TD_DOUBT("data.cutout %d, but the images are %dx%d: some draws hold nothing of "
                 "their image",
                 config->data.cutout, plan->info->height, plan->info->width);
}

void td_plan_tell_doubts(const td_plan *plan)
{
    TD_ASSERT(plan->settings && plan->config && plan->info && plan->selection);
    if (plan->kind->doubt.network)
        plan->kind->doubt.network(plan);
    doubt_images(plan);
    doubt_batch(plan);
    doubt_promise(plan);
    if (plan->kind->doubt.batches)
        plan->kind->doubt.batches(plan);
    doubt_largest(plan);
    doubt_balance(plan);
    doubt_begins(plan);
    doubt_schedules(plan);
}
