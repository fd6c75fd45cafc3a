/* The training: the network of a genotype learns from all images, or from those that
 * are not held out. */
#include "plan.h"
#include "taildart/genotype_find.h"
#include "taildart/store.h"

static void specify(td_net_spec *spec, const td_config *config,
                    const td_genotype *genotype)
{
    spec->nodes = genotype->nodes;
    spec->genotype = genotype;
    spec->head_only = config->train.from[0] != '\0';
    spec->auxiliary = config->train.auxiliary && td_network_takes_auxiliary(spec);
}

static td_best best_by(const td_config *config)
{
    return (td_best) config->train.best;
}

/* ---- lines of a start -------------------------------------------------------- */

static void tell_images(const td_plan *plan)
{
    long long trains = plan->selection->half_count[TD_HALF_WEIGHTS];
    long long other = plan->selection->half_count[TD_HALF_ARCH];
    if (!td_plan_holds_out(plan->selection))
        TD_SAY("training   all %lld images, none held out", trains);
    else
        TD_SAY("training   %lld %s, %lld held out (%s); best.h5 by their %s", trains,
               td_noun(trains, "image", "images"), other,
               td_plan_value(plan, "data.split"), td_best_title(best_by(plan->config)));
}

static void tell_sampling(const td_plan *plan)
{
    char *sampler = td_plan_sampler(plan, TD_HALF_WEIGHTS);
    TD_SAY("sampling   %s", sampler);
    td_free(sampler);
}

/* What an auxiliary head can read behind its cell, and which images leave it. */
static const char *auxiliary_room(const td_net_spec *spec)
{
    return spec->stem == TD_STEM_IMAGENET
               ? "7 or 8 pixels behind the second reduction, as sides of 193 to 256 do"
               : "8 to 10 pixels behind the second reduction; data.pad_to 32 pads "
                 "smaller ones";
}

/* The head that was asked for may find no place. */
static void tell_network(const td_plan *plan)
{
    const td_config *config = plan->config;
    TD_SAY("genotype   %s", config->train.genotype);
    if (plan->spec.head_only)
        TD_SAY("retrains   the classifier of %s alone, from the beginning; all else "
               "stays as it is there",
               config->train.from);
    double first = td_plan_rates(plan->kind, config, 0).drop_path;
    double last =
        td_plan_rates(plan->kind, config, config->search.epochs - 1).drop_path;
    TD_SAY("auxiliary  %s", plan->spec.auxiliary ? "on" : "off");
    if (first > 0.0 || last > 0.0)
        TD_SAY("drop path  %s: %.4g to %.4g",
               td_plan_value(plan, "train.drop_path.shape"), first, last);
    if (config->train.auxiliary && !plan->spec.auxiliary)
        td_log(TD_LOG_NOTE,
               "train.auxiliary: off, since images of %dx%d do not leave %s",
               plan->info->height, plan->info->width, auxiliary_room(&plan->spec));
}

static void write_network(td_text *text, const td_plan *plan)
{
    if (plan->spec.auxiliary || !plan->config->train.auxiliary)
        td_plan_write_line(text, "auxiliary",
                           td_strdup(plan->spec.auxiliary ? "on" : "off"));
    else
        td_plan_write_line(
            text, "auxiliary",
            td_format("off: the images do not leave %s", auxiliary_room(&plan->spec)));
}

/* ---- what cannot have been meant ---------------------------------------------- */

static void doubt_best(const td_plan *plan)
{
    char value[TD_TEXT_BYTES];
    if (!td_plan_holds_out(plan->selection) &&
        td_plan_is_off_default(plan, "train.best", value))
        TD_DOUBT("train.best %s, but data.train_share 1 holds nothing out to choose "
                 "by: there will be no best.h5; data.train_share 0.9 holds out a tenth",
                 value);
}

static void doubt_network(const td_plan *plan)
{
    const td_config *config = plan->config;
    char value[TD_TEXT_BYTES];
    if (config->net.cells == 1)
        TD_DOUBT("net.cells 1: the reduction cell of the genotype is not used; %d or "
                 "more use both",
                 TD_LEAST_CELLS);
    else if (config->net.cells < TD_LEAST_CELLS)
        TD_DOUBT("net.cells %d: all of them are reductions, and the normal cell of the "
                 "genotype is not used; %d or more use both",
                 config->net.cells, TD_LEAST_CELLS);
    if (config->train.auxiliary && config->train.auxiliary_weight == 0)
        TD_DOUBT("train.auxiliary_weight 0: the second classifier is computed for "
                 "nothing; train.auxiliary false leaves it out");
    if (!config->train.auxiliary &&
        td_plan_is_off_default(plan, "train.auxiliary_weight", value))
        TD_DOUBT("train.auxiliary_weight %s, but train.auxiliary is false: nothing "
                 "reads it",
                 value);
    doubt_best(plan);
}

/* ---- end ---------------------------------------------------------------------- */

/* Print the files and their epochs: the best one is not chosen by test images. */
static void tell_end(const td_run_result *end)
{
    const char *out = end->config->run.out;
    td_log(TD_LOG_INFO, "last epoch: %s/" TD_RUN_CHECKPOINT, out);
    if (end->holds_out)
        td_log_wrapped(
            TD_LOG_INFO, 4,
            "best epoch by the %s of the images held out, %lld: %s/" TD_RUN_BEST,
            td_best_title(best_by(end->config)),
            (long long) end->progress->best_epoch + 1, out);
    else
        td_log(TD_LOG_INFO, "no best epoch: data.train_share 1 holds nothing out to "
                            "choose it by");
}

const td_run_kind td_run_train = {
    .name = "train",
    .title = "training",
    .weight_title = "training part",
    .command = TD_FOR_TRAIN,
    .halves = 1,
    .keeps_best = true,
    .base_batch = 96,
    .settle = td_plan_settle_training,
    .given = td_train_read_genotype,
    .specify = specify,
    .best_by = best_by,
    .tell = {
        .images = tell_images,
        .sampling = tell_sampling,
        .network = tell_network,
    },
    .write_network = write_network,
    .doubt = {
        .network = doubt_network,
    },
    .tell_end = tell_end,
};
