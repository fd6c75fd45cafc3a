/* A checkpoint's network on one part of a data set, with running statistics.
 *
 * Each rank reads and scores its share of the images: the output does not depend on the
 * number of ranks. */
#include "eval.h"

#include <string.h>

#include "taildart/timing_watch.h"

/* Count the training images of each class before the halves were cut; for an older
 * checkpoint from its two halves, if the data are those of the run.
 * \return whether they are known */
static bool count_training(const td_eval *e, int64_t *counts)
{
    const td_data_info *info = &e->dataset->info;
    size_t bytes = (size_t) info->classes * sizeof *counts;
    memset(counts, 0, bytes);
    if (e->saved->class_counts) {
        memcpy(counts, e->saved->class_counts, bytes);
        return true;
    }
    if (memcmp(info->digest, e->saved->dataset_digest, sizeof info->digest) != 0)
        return false;
    for (int half = 0; half < 2; half++)
        for (int64_t i = 0; i < e->saved->half_count[half]; i++) {
            int64_t index = e->saved->half[half][i];
            if (index < 0 || index >= info->train_count)
                return false;
            counts[e->dataset->labels[TD_PART_TRAIN][index]]++;
        }
    return true;
}

static td_status write_results(const td_eval *e)
{
    int classes = e->score->measures->classes;
    td_eval_classes table = {
        .training = td_malloc((size_t) classes * sizeof *table.training),
        .by_count = td_malloc((size_t) classes * sizeof *table.by_count),
        .by_range = td_malloc((size_t) classes * sizeof *table.by_range),
    };
    table.known = count_training(e, table.training);
    td_groups_by_count(table.training, classes, table.by_count);
    td_groups_by_range(table.training, classes, table.by_range);
    td_eval_print(e, &table);
    td_status status = td_eval_write_files(e, &table);
    td_free(table.by_range);
    td_free(table.by_count);
    td_free(table.training);
    return status;
}

/* Refuse logits that are not finite: measures of them would mean nothing. */
static td_status check_logits(const td_eval *e)
{
    if (e->wrong == 0)
        return TD_OK;
    return td_error(TD_CHECKPOINT,
                    "%s: its logits are not finite for %lld of %lld images, the first "
                    "is number %lld: no figures, since the weights have grown beyond "
                    "all bounds",
                    e->options->checkpoint, (long long) e->wrong,
                    (long long) e->plan.count, (long long) e->first_wrong);
}

static td_status finish(const td_eval *e)
{
    td_status status = check_logits(e);
    return status == TD_OK ? write_results(e) : status;
}

static void clear(td_eval *e)
{
    td_image_source_close(&e->source);
    td_free(e->orders);
    td_free(e->round);
    td_free(e->logits);
    td_free(e->mixture);
    td_free(e->images);
    td_free(e->pixels);
    td_free(e->all_logits);
    td_score_free(e->score);
    td_search_state_free(e->state);
    if (e->net)
        td_network_free(e->net);
    td_dataset_free(e->dataset);
    td_checkpoint_free(e->saved);
}

td_status td_eval_run(td_comm *world, const td_eval_options *options)
{
    td_eval e = {
        .world = world,
        .rank = td_comm_rank(world),
        .ranks = td_comm_size(world),
        .options = options,
    };
    td_times_begin();
    td_status status = td_eval_open(&e);
    td_section_enter(TD_SECTION_VALIDATION);
    if (status == TD_OK)
        status = td_eval_pass(&e);
    if (status == TD_OK)
        status = td_comm_verdict(world, e.rank == 0 ? finish(&e) : TD_OK);
    clear(&e);
    td_watch_end();
    return status;
}
