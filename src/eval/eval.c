/* A checkpoint's network on one part of a data set, with running statistics.
 *
 * Each rank reads and scores its share of the images: the output does not depend on the
 * number of ranks. */
#include "eval.h"

#include "taildart/timing_watch.h"

static td_status write_results(const td_eval *e)
{
    int classes = e->plan.info.classes;
    td_eval_classes table = {
        .by_count = td_malloc((size_t) classes * sizeof *table.by_count),
        .by_range = td_malloc((size_t) classes * sizeof *table.by_range),
    };
    td_groups_by_count(e->training, classes, table.by_count);
    td_groups_by_range(e->training, classes, table.by_range);
    td_eval_print(e, &table);
    td_status status = td_eval_write_files(e, &table);
    td_eval_leave_rows(e, &table);
    td_free(table.by_range);
    td_free(table.by_count);
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
                    e->checkpoint, (long long) e->wrong, (long long) e->plan.count,
                    (long long) e->first_wrong);
}

static td_status finish(const td_eval *e)
{
    td_status status = check_logits(e);
    return status == TD_OK ? write_results(e) : status;
}

void td_eval_clear(td_eval *e)
{
    td_image_source_close(&e->source);
    td_free(e->orders);
    td_free(e->round);
    td_free(e->logits);
    td_free(e->mixture);
    td_free(e->present);
    td_free(e->places);
    td_free(e->images);
    td_free(e->pixels);
    td_free(e->all_logits);
    for (int s = 0; s < TD_EVAL_SCORES; s++)
        td_score_free(e->score[s]);
    td_free(e->training);
    td_search_state_free(e->state);
    if (e->net)
        td_network_free(e->net);
    td_dataset_free(e->dataset);
    td_free(e->data);
    td_free(e->checkpoint);
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
    td_eval_clear(&e);
    td_watch_end();
    return status;
}
