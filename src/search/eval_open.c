/* What an evaluation works on: rank 0 opens the checkpoint and the data, all ranks get
 * the settings and the network. */
#include "eval.h"

#include <string.h>

#include "machine.h"
#include "run.h"
#include "share.h"

static const char *const part_names[TD_EVAL_PARTS] = { "test", "arch", "weights" };

/* ---- what is asked for (rank 0) --------------------------------------------- */

static td_status find_part(td_eval *e)
{
    for (int i = 0; i < TD_EVAL_PARTS; i++)
        if (strcmp(e->options->part, part_names[i]) == 0) {
            e->part = (td_eval_part) i;
            return TD_OK;
        }
    return td_error(TD_USAGE, "--part %s: there is no such part: test, arch or weights",
                    e->options->part);
}

td_half td_eval_half(const td_eval *e)
{
    TD_ASSERT(e->part == TD_EVAL_ARCH || e->part == TD_EVAL_WEIGHTS);
    return e->part == TD_EVAL_ARCH ? TD_HALF_ARCH : TD_HALF_WEIGHTS;
}

static td_status check_part(const td_eval *e)
{
    const td_data_info *info = &e->dataset->info;
    if (e->part == TD_EVAL_TEST)
        return info->test_count > 0 ? TD_OK
                                    : td_error(TD_DATA,
                                               "%s: holds no test images: try --part "
                                               "arch",
                                               e->options->data);
    if (e->saved->half_count[td_eval_half(e)] == 0)
        return td_error(TD_DATA,
                        "%s: the run held no images out, so there is no part 'arch': "
                        "try --part test",
                        e->options->checkpoint);
    if (memcmp(info->digest, e->saved->dataset_digest, sizeof info->digest) == 0)
        return TD_OK;
    return td_error(TD_DATA,
                    "%s: not the images that %s was searched on, so it has no part "
                    "'%s' of them",
                    e->options->data, e->options->checkpoint, e->options->part);
}

/* Which command saved it: a derived network has no alphas. */
static td_config_command command_of(const td_checkpoint *saved)
{
    return saved->edges > 0 ? TD_FOR_SEARCH : TD_FOR_TRAIN;
}

/* Its weights would fit images of any size, but they have seen those of one. */
static td_status check_size(const td_eval *e)
{
    const td_data_info *info = &e->dataset->info;
    const td_checkpoint *saved = e->saved;
    if (info->height == saved->height && info->width == saved->width)
        return TD_OK;
    return td_error(
        TD_CHECKPOINT,
        "%s: has seen images of %dx%d pixels, %s holds %dx%d: import them in "
        "that size",
        e->options->checkpoint, saved->height, saved->width, e->options->data,
        info->height, info->width);
}

static td_status open_inputs(td_eval *e)
{
    td_status status = find_part(e);
    if (status == TD_OK)
        status = td_eval_try_files(e->options);
    if (status == TD_OK)
        status = td_checkpoint_load(&e->saved, e->options->checkpoint);
    if (status != TD_OK)
        return status;
    e->command = command_of(e->saved);
    e->settings = td_settings_new(e->command);
    status =
        td_settings_read_text(e->settings, e->options->checkpoint, e->saved->config);
    if (status == TD_OK)
        status = td_dataset_open_padded(&e->dataset, e->options->data,
                                        td_settings_config(e->settings)->data.pad_to);
    if (status == TD_OK)
        status = check_size(e);
    if (status == TD_OK)
        status = check_part(e);
    if (status != TD_OK)
        return status;
    e->plan = (td_eval_plan){
        .info = e->dataset->info,
        .count = e->part == TD_EVAL_TEST ? e->dataset->info.test_count
                                         : e->saved->half_count[td_eval_half(e)],
        .batch = e->options->batch,
        .threads = e->options->threads,
    };
    return TD_OK;
}

/* ---- network ---------------------------------------------------------------- */

static td_status share_inputs(td_eval *e)
{
    td_settings *copy = NULL;
    td_status status = e->rank == 0 ? open_inputs(e) : TD_OK;
    status = td_dist_verdict(e->world, status);
    if (status != TD_OK)
        return status;
    td_dist_bcast(e->world, &e->command, sizeof e->command);
    status = td_share_settings(e->world, e->settings, e->command, &copy);
    if (e->rank != 0)
        e->settings = copy;
    if (status == TD_OK)
        td_dist_bcast(e->world, &e->plan, sizeof e->plan);
    return status;
}

static td_status load_network(td_eval *e)
{
    TD_ASSERT(e->plan.count > 0 && !e->net);
    td_machine machine;
    td_status status = td_machine_begin(&machine, e->world, e->plan.threads);
    if (status != TD_OK)
        return status;
    const td_config *config = td_settings_config(e->settings);
    td_genotype genotype;
    if (td_config_is_training(config))
        status = td_train_read_genotype(&genotype, config);
    if (status != TD_OK)
        return status;
    td_net_spec spec = td_search_spec(config, &e->plan.info, e->plan.batch, &genotype);
    status = td_dist_verdict(e->world, td_network_new(&e->net, &spec, machine.kernels));
    if (status != TD_OK)
        return status;
    e->state = td_search_state_new(e->net, 0);
    if (e->rank == 0)
        status = td_checkpoint_fits(e->saved, e->state->weight_slots,
                                    e->state->norm_slots, e->state->edges);
    status = td_dist_verdict(e->world, status);
    if (status != TD_OK)
        return status;
    if (e->rank == 0)
        td_search_copy_saved(e->state, e->saved);
    td_search_state_bcast(e->state, e->world);
    return TD_OK;
}

td_status td_eval_open(td_eval *e)
{
    td_status status = share_inputs(e);
    return status == TD_OK ? load_network(e) : status;
}
