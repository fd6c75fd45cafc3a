/* The summary of a run that begins, in some 25 lines; the last one repeats the run. */
#include "plan.h"
#include "taildart/config_stages.h"
#include "taildart/optim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SMALL_GROUP = 16 }; /* images of a batch norm that are too few for statistics */

/* The tail that is there, whether the data came with it or data.imbalance cut it. */
static void print_tail(const td_plan *plan)
{
    const td_selection *selection = plan->selection;
    int64_t most = 0, least = INT64_MAX, sum = 0;
    for (int c = 0; c < selection->classes; c++) {
        int64_t n = selection->counts[c];
        most = n > most ? n : most;
        least = n < least ? n : least;
        sum += n;
    }
    TD_ASSERT(selection->classes > 0 && most > 0);
    if (most == least)
        TD_SAY("tail       none: %lld %s of each class", (long long) most,
               td_noun(most, "image", "images"));
    else
        TD_SAY("tail       %lld to %lld images per class, %lld in all: imbalance %.4g",
               (long long) least, (long long) most, (long long) sum,
               (double) most / (double) least);
    if (plan->config->data.largest > 0 && most >= plan->config->data.largest)
        TD_SAY("           cut by data.largest %lld",
               (long long) plan->config->data.largest);
    if (plan->config->data.imbalance > 1.0)
        TD_SAY("           cut by data.imbalance %g, profile %s",
               plan->config->data.imbalance, td_plan_value(plan, "data.profile"));
}

static void print_data(const td_plan *plan)
{
    TD_SAY("data       %s: %lld %s of %d classes, %dx%dx%d", plan->config->data.path,
           (long long) plan->info->train_count,
           td_noun(plan->info->train_count, "image", "images"), plan->info->classes,
           plan->info->height, plan->info->width, plan->info->channels);
    print_tail(plan);
    plan->kind->tell.images(plan);
    char *augmentation = td_plan_augmentation(plan->config, plan->info);
    TD_SAY("augment    %s", augmentation);
    td_free(augmentation);
    plan->kind->tell.sampling(plan);
    td_plan_tell_mixes(plan);
    if (plan->shards > 1)
        TD_SAY("shards     %d, %d per rank", plan->shards, plan->shards / plan->ranks);
}

static void print_reductions(const td_plan *plan, const td_net_plan *net)
{
    const td_config *config = plan->config;
    bool has_alphas = config->search.method != TD_METHOD_RANDOM;
    size_t bytes =
        td_stepper_sum_bytes(net, &plan->spec, has_alphas ? config->search.order : 0);
    if (plan->ranks == 1)
        return;
    char size[TD_BYTES_TEXT];
    char *how =
        td_reducer_text((td_reducer_kind) config->dist.reduce, plan->ranks, bytes,
                        plan->spec.exact ? TD_NUMBER_F64 : TD_NUMBER_REAL,
                        (size_t) config->dist.bucket * 1024);
    TD_SAY("reductions %s: %s by %s", td_plan_value(plan, "dist.reduce"),
           td_bytes_text((double) bytes, size), how);
    td_free(how);
}

/* A table: its lines are not wrapped. */
static void print_memory(const td_plan *plan, const td_plan_bytes *bytes)
{
    char *table = td_plan_memory_table(bytes, plan->ranks, td_launch_local_ranks());
    for (char *rest = table, *line; (line = strsep(&rest, "\n")) && *line;)
        td_log(TD_LOG_INFO, "%s", line);
    td_free(table);
}

static void print_network(const td_plan *plan, const char *isa)
{
    const td_net_spec *spec = &plan->spec;
    td_net_plan net, largest;
    td_plan_bytes now, bytes;
    if (td_plan_measure_network(plan, &net, &now) != TD_OK ||
        td_plan_measure(plan, &largest, &bytes) != TD_OK)
        return; /* the network has been built: this cannot be */
    TD_SAY("network    %d channels, %d %s, %d %s%s; kernels %s", spec->channels,
           spec->cells, td_noun(spec->cells, "cell", "cells"), spec->nodes,
           td_noun(spec->nodes, "node", "nodes"),
           !spec->two_branch               ? ""
           : spec->split == TD_BRANCH_HEAD ? ", two heads on one trunk"
                                           : ", two branches",
           isa);
    char *stem = td_plan_stem(spec);
    if (stem)
        TD_SAY("stem       %s", stem);
    td_free(stem);
    if (spec->head != TD_HEAD_LINEAR)
        TD_SAY("head       %s, scale %g%s", td_head_word(spec->head), spec->head_scale,
               spec->head == TD_HEAD_ETF ? "; it is fixed" : "");
    if (td_stage_count(plan->config) > 1)
        TD_SAY("parameters %zu in stage %d", net.parameters, spec->stage + 1);
    else
        TD_SAY("parameters %zu", net.parameters);
    print_memory(plan, &bytes);
    print_reductions(plan, &net);
    if (net.recomputing > 0)
        TD_SAY("recompute  %d of %d cells computed twice to save memory",
               net.recomputing, spec->cells);
}

/* Print how threads wait, as the program has settled it, or the user. */
static void print_waiting(const td_plan *plan)
{
    const char *policy = getenv("OMP_WAIT_POLICY"), *spins = getenv("GOMP_SPINCOUNT");
    if (plan->threads == 1)
        return;
    if (policy && strcasecmp(policy, "passive") == 0)
        TD_SAY("waiting    threads sleep while they wait for each other");
    else if (spins && !policy)
        TD_SAY("waiting    threads spin %.20s rounds, then sleep (GOMP_SPINCOUNT)",
               spins);
}

static void print_batches(const td_plan *plan)
{
    int batch = plan->config->search.batch;
    td_text text = { 0 };
    td_text_write(&text, "batch      %d %s", batch, td_noun(batch, "image", "images"));
    if (plan->spec.two_branch)
        td_text_write(&text, " for each of two branches");
    if (plan->ranks > 1)
        td_text_write(&text, ", %d on each of %d ranks", plan->spec.batch, plan->ranks);
    TD_SAY("%s", text.chars);
    td_free(text.chars);
    text = (td_text){ 0 };
    char *epochs = td_plan_epochs_text(plan->config);
    td_text_write(&text, "steps      %lld per epoch, %s", (long long) plan->steps,
                  epochs);
    td_free(epochs);
    if (plan->kind->tell.steps)
        plan->kind->tell.steps(&text, plan->config);
    TD_SAY("%s", text.chars);
    td_free(text.chars);
}

static void print_weight_schedule(const td_plan *plan)
{
    const td_config *config = plan->config;
    char *rates = td_plan_course(plan, offsetof(td_step_rates, lr));
    td_text text = { 0 };
    td_text_write(&text, "weights    lr %s: %s",
                  td_plan_value(plan, "weights.lr.shape"), rates);
    if (config->weights.lr.scale != TD_SCALE_NONE)
        td_text_write(&text, "; scaled by %.4g for the batch (%s)",
                      td_lr_scale_factor((td_lr_scale) config->weights.lr.scale,
                                         config->search.batch, plan->kind->base_batch),
                      td_plan_value(plan, "weights.lr.scale"));
    TD_SAY("%s", text.chars);
    td_free(text.chars);
    td_free(rates);
}

/* A schedule by its shape and by what it gives. */
static void print_schedules(const td_plan *plan)
{
    print_weight_schedule(plan);
    if (plan->kind->tell.schedules)
        plan->kind->tell.schedules(plan);
    if (!plan->spec.two_branch)
        return;
    char *mixing = td_plan_course(plan, offsetof(td_step_rates, mixing));
    bool is_drawn = plan->config->bbn.mixing.shape == TD_SHAPE_BETA;
    TD_SAY("mixing     %s: %s%s; sampler %s", td_plan_value(plan, "bbn.mixing.shape"),
           mixing, is_drawn ? " on average" : "", td_plan_value(plan, "bbn.sampler"));
    td_free(mixing);
}

/* " (gamma 0.2, tau 1.2)", or nothing. */
static void write_loss_numbers(td_text *text, const td_loss_keys *keys)
{
    td_loss_kind kind = (td_loss_kind) keys->kind;
    td_loss_keys loss = td_loss_settled(keys);
    bool has_gamma = td_loss_reads(kind, TD_LOSS_GAMMA);
    bool has_tau = td_loss_reads(kind, TD_LOSS_TAU);
    if (has_gamma && has_tau)
        td_text_write(text, " (gamma %g, tau %g)", loss.gamma, loss.tau);
    else if (has_gamma)
        td_text_write(text, " (gamma %g)", loss.gamma);
    else if (has_tau)
        td_text_write(text, " (tau %g)", loss.tau);
    if (td_loss_reads(kind, TD_LOSS_MARGIN))
        td_text_write(text, " (margin %g)", loss.margin);
    if (td_loss_reads(kind, TD_LOSS_SMOOTHING))
        td_text_write(text, " (%g at the head, %g at the tail)", loss.head, loss.tail);
}

/* A loss and its class weights: "focal (gamma 2), classes weighted: effective". */
static void write_loss(td_text *text, const td_plan *plan, const td_plan_half *half)
{
    char kind[TD_NAME_BYTES], weights[TD_NAME_BYTES];
    snprintf(kind, sizeof kind, "%s.loss.kind", half->group);
    snprintf(weights, sizeof weights, "%s.class_weights", half->group);
    td_text_write(text, "%s", td_plan_value(plan, kind));
    write_loss_numbers(text, half->loss);
    if (half->weighting != TD_WEIGHTING_NONE)
        td_text_write(text, ", classes weighted: %s", td_plan_value(plan, weights));
    if (half->weighted_from > 0)
        td_text_write(text, " from epoch %d (of 0, 1, …)%s", half->weighted_from,
                      td_plan_whose_epochs(plan));
}

/* Said where one is not the plain cross-entropy. */
static void print_losses(const td_plan *plan)
{
    td_text text = { 0 };
    bool is_plain = true;
    for (int h = 0; h < plan->kind->halves; h++) {
        td_plan_half half = td_plan_half_of(plan->config, (td_half) h);
        is_plain = is_plain && half.loss->kind == TD_LOSS_CROSS_ENTROPY &&
                   half.weighting == TD_WEIGHTING_NONE;
        td_text_write(&text, "%s", h == TD_HALF_ARCH ? "; architecture step: " : "");
        write_loss(&text, plan, &half);
    }
    if (!is_plain)
        TD_SAY("loss       %s", text.chars);
    td_free(text.chars);
}

static void print_run(const td_plan *plan, const td_progress *saved)
{
    const char *command = plan->kind->name, *out = plan->config->run.out;
    if (saved && saved->step > 0)
        TD_SAY("continues  after %lld %s and %lld %s", (long long) saved->epoch,
               td_noun(saved->epoch, "epoch", "epochs"), (long long) saved->step,
               td_noun(saved->step, "step", "steps"));
    else if (saved)
        TD_SAY("continues  after %lld %s", (long long) saved->epoch,
               td_noun(saved->epoch, "epoch", "epochs"));
    /* in one line, to be copied */
    if (plan->ranks > 1)
        td_log(TD_LOG_INFO,
               "repeat     mpirun -n %d taildart %s --config %s/config.yaml",
               plan->ranks, command, out);
    else
        td_log(TD_LOG_INFO, "repeat     taildart %s --config %s/config.yaml", command,
               out);
}

/* Whose images share a batch norm, if not a rank's; and whether they are many enough.
 */
static void print_norms(const td_plan *plan)
{
    td_norm_sharing norms = td_config_norms(plan->config);
    int batch = plan->config->search.batch;
    int images = norms == TD_NORMS_SYNC    ? batch
                 : norms == TD_NORMS_SHARD ? batch / plan->shards
                                           : plan->spec.batch;
    if (norms != TD_NORMS_LOCAL)
        TD_SAY("batch norm of %s, %d %s",
               norms == TD_NORMS_SYNC ? "the images of all ranks" : "a shard's images",
               images, td_noun(images, "image", "images"));
    if (plan->config->dist.reproducible)
        TD_SAY("bits       the same on any number of ranks that divides %d",
               plan->shards);
    if (images < SMALL_GROUP)
        td_log(TD_LOG_NOTE,
               "a batch norm sees %d %s, fewer than %d: statistics are noisy; "
               "%s or a larger %s help",
               images, td_noun(images, "image", "images"), SMALL_GROUP,
               norms == TD_NORMS_SHARD ? "fewer shards" : "fewer ranks",
               td_config_batch_key(plan->config));
}

void td_plan_tell(const td_plan *plan, const char *isa, const td_progress *saved)
{
    TD_ASSERT(plan->spec.batch > 0 && plan->steps > 0);
    print_data(plan);
    print_network(plan, isa);
    if (plan->kind->tell.network)
        plan->kind->tell.network(plan);
    print_waiting(plan);
    print_batches(plan);
    print_schedules(plan);
    print_losses(plan);
    print_norms(plan);
    td_plan_tell_doubts(plan);
    print_run(plan, saved);
}
