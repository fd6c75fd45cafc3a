/* Opening of an evaluation: rank 0 opens checkpoint and data, all ranks get the
 * network. */
#include "eval.h"

#include <string.h>

#include "taildart/base_memory.h"
#include "taildart/machine_begin.h"
#include "taildart/machine_watch.h"

/* The halves of a search draw architecture and weight steps; those of a training are
 * what is held out and what it learns from.  Each has one word for both. */
static const struct {
    const char *word, *name;
    td_eval_part part;
} parts[] = {
    { "test", "test", TD_EVAL_TEST },        { "held-out", "held-out", TD_EVAL_ARCH },
    { "arch", "held-out", TD_EVAL_ARCH },    { "train", "train", TD_EVAL_WEIGHTS },
    { "weights", "train", TD_EVAL_WEIGHTS },
};

/* ---- inputs (rank 0) -------------------------------------------------------- */

static td_status find_part(td_eval *e)
{
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcmp(e->options->part, parts[i].word) == 0) {
            e->part = parts[i].part;
            e->part_name = parts[i].name;
            return TD_OK;
        }
    return td_error(TD_USAGE,
                    "--part %s: there is no such part: test, held-out or train",
                    e->options->part);
}

static td_status check_top(const td_eval *e)
{
    int classes = e->saved->classes;
    if (e->options->top <= classes)
        return TD_OK;
    return td_error(TD_USAGE, "--top %d: %s knows %d classes", e->options->top,
                    e->checkpoint, classes);
}

void td_eval_plan_state(td_eval *e)
{
    e->plan.relaxation = td_relaxation_kind_of(e->saved->state.relaxation);
    e->plan.has_edge_weights = e->saved->state.has_edge_weights;
    e->plan.temperature = e->saved->state.temperature;
    e->plan.skip_bonus = e->saved->state.skip_bonus;
}

static td_status open_inputs(td_eval *e)
{
    e->checkpoint = td_checkpoint_path(e->options->checkpoint);
    td_status status = find_part(e);
    if (status == TD_OK)
        status = td_eval_read_adjustment(e);
    if (status == TD_OK)
        status = td_checkpoint_load(&e->saved, e->checkpoint);
    if (status == TD_OK)
        status = td_eval_find_data(e);
    if (status == TD_OK)
        status = td_eval_try_files(e);
    if (status == TD_OK)
        status = td_checkpoint_check_finite(e->saved, e->checkpoint);
    if (status == TD_OK)
        status = td_checkpoint_spec(e->saved, e->checkpoint, e->options->batch,
                                    &e->plan.spec, &e->plan.genotype);
    if (status == TD_OK)
        status = check_top(e);
    if (status == TD_OK)
        status = td_eval_check_head(e);
    if (status == TD_OK)
        status = td_eval_open_data(e);
    if (status == TD_OK)
        status = td_eval_count_training(e);
    if (status != TD_OK)
        return status;
    e->plan.info = e->dataset->info;
    e->plan.count = e->part == TD_EVAL_TEST ? e->dataset->info.test_count
                                            : e->saved->half_count[td_eval_half(e)];
    e->plan.part = e->part == TD_EVAL_TEST ? TD_PART_TEST : TD_PART_TRAIN;
    e->plan.threads = e->options->threads;
    e->plan.top = e->options->top > 0 ? e->options->top : 1;
    e->plan.has_logits = e->options->logits != NULL;
    e->plan.has_confusion = e->options->confusion != NULL;
    td_eval_plan_state(e);
    return TD_OK;
}

/* ---- network ---------------------------------------------------------------- */

/* Where each rank gets its images from.  Rank 0 has the map. */
static td_status share_source(td_eval *e)
{
    e->source.path = e->data ? e->data : "";
    e->source.info = e->plan.info;
    e->source.part = e->plan.part;
    e->source.dataset = e->dataset;
    td_status status = td_image_source_open(&e->source, e->world);
    if (status == TD_OK)
        td_image_source_tell(&e->source, e->world);
    return status;
}

static td_status share_inputs(td_eval *e)
{
    td_memory_purpose("the evaluation",
                      "a smaller --batch or fewer ranks on a host need less; rank 0 "
                      "holds a data set that is no HDF5 file");
    td_status status = e->rank == 0 ? open_inputs(e) : TD_OK;
    status = td_comm_verdict(e->world, status);
    if (status != TD_OK)
        return status;
    td_comm_bcast(e->world, &e->plan, sizeof e->plan);
    e->plan.spec.kind = NULL;
    if (e->plan.spec.genotype) /* not rank 0's address */
        e->plan.spec.genotype = &e->plan.genotype;
    td_eval_share_training(e);
    return share_source(e);
}

static td_status build(td_eval *e, const td_kernels *kernels)
{
    TD_ASSERT(e->plan.count > 0 && !e->net);
    td_status status = td_network_new(&e->net, &e->plan.spec, kernels);
    if (status != TD_OK)
        return status;
    e->state = td_search_state_new(e->net, td_relaxation_of(e->plan.relaxation),
                                   e->plan.has_edge_weights, 0);
    e->state->temperature = e->plan.temperature;
    e->state->skip_bonus = e->plan.skip_bonus;
    return TD_OK;
}

static td_status restore(td_eval *e)
{
    td_status status =
        td_checkpoint_fits(e->saved, e->checkpoint, e->state->weight_slots,
                           e->state->norm_slots, e->state->edges);
    if (status != TD_OK)
        return status;
    td_checkpoint_restore(e->state, e->saved);
    if (e->plan.is_normalised)
        td_eval_normalise_classifier(e);
    return TD_OK;
}

td_status td_eval_load_network_alone(td_eval *e)
{
    int threads = 0;
    const td_kernels *kernels = NULL;
    td_status status = td_threads_asked(e->plan.threads, &threads);
    if (status == TD_OK)
        status = td_machine_begin_alone(&kernels,
                                        threads > 0 ? threads : td_threads_expected());
    if (status == TD_OK)
        status = build(e, kernels);
    return status == TD_OK ? restore(e) : status;
}

static td_status load_network(td_eval *e)
{
    td_machine machine;
    td_status status = td_machine_begin(&machine, e->world, e->plan.threads);
    if (status != TD_OK)
        return status;
    status = td_comm_verdict(e->world, build(e, machine.kernels));
    if (status != TD_OK)
        return status;
    status = td_comm_verdict(e->world, e->rank == 0 ? restore(e) : TD_OK);
    if (status != TD_OK)
        return status;
    td_search_state_bcast(e->state, e->world);
    return TD_OK;
}

/* Reading may hang as well as what follows. */
static void watch(td_eval *e)
{
    double timeout = e->options ? e->options->timeout : 0.0;
    td_comm_bcast(e->world, &timeout, sizeof timeout);
    td_machine_watch(e->world, timeout, "the same command starts again");
    td_machine_watch_table(e->world, NULL);
}

td_status td_eval_open(td_eval *e)
{
    watch(e);
    td_status status = share_inputs(e);
    return status == TD_OK ? load_network(e) : status;
}
