/* The memory of a run, planned and held against the host. */
#include "plan.h"

/* ---- the plan -------------------------------------------------------------------- */

size_t td_plan_image_bytes(const td_plan *plan)
{
    const int64_t *count = plan->selection->half_count;
    int64_t images = count[TD_HALF_WEIGHTS] + count[TD_HALF_ARCH];
    TD_ASSERT(plan->ranks > 0 && images > 0);
    return (size_t) (images / plan->ranks) * td_image_bytes(plan->info);
}

/* Batches that the loader makes ahead, beyond the step's own, and those of a
 * validation. */
static double batch_bytes(const td_plan *plan)
{
    const td_net_spec *spec = &plan->spec;
    int own = 2 * (spec->two_branch ? TD_BRANCHES : 1);
    double image = (double) td_image_bytes(plan->info) * sizeof(td_real);
    return (2 * TD_DRAW_COUNT - own + 1) * (double) spec->batch * image;
}

td_status td_plan_rank_bytes(const td_plan *plan, td_net_plan *net, double *bytes)
{
    td_status status =
        td_stepper_plan(net, &plan->spec, plan->threads, plan->config->search.order);
    if (status != TD_OK)
        return status;
    *bytes =
        (double) net->bytes + batch_bytes(plan) + (double) td_plan_image_bytes(plan);
    return TD_OK;
}

double td_plan_root_bytes(const td_plan *plan, const td_net_plan *net)
{
    const td_data_info *info = plan->info;
    double images = (double) (info->train_count + info->test_count);
    double data = images * (double) td_image_bytes(info);
    /* weights and momentum, in HDF5's image and in the arrays that go there */
    double checkpoint = 2.0 * 2.0 * (double) net->weights * sizeof(td_real);
    return data > checkpoint ? data : checkpoint;
}

/* ---- what would need less -------------------------------------------------------- */

/* Bytes of a rank after a change; 0 where that cannot be. */
static double changed(const td_plan *plan, int batch, td_recompute recompute)
{
    td_plan other = *plan;
    td_net_plan net;
    double bytes = 0.0;
    other.spec.batch = batch;
    other.spec.recompute = recompute;
    if (batch < 1 || td_plan_rank_bytes(&other, &net, &bytes) != TD_OK)
        return 0.0;
    return bytes;
}

void td_plan_note_memory(const td_plan *plan, const td_memory *all, int ranks)
{
    char *shortage = td_memory_shortage(all, ranks);
    char with_half[TD_BYTES_TEXT], with_recompute[TD_BYTES_TEXT];
    int half = plan->spec.batch / 2;
    td_recompute now = plan->spec.recompute;
    if (!shortage)
        return;
    td_bytes_text(changed(plan, half, now), with_half);
    td_bytes_text(changed(plan, plan->spec.batch, TD_RECOMPUTE_ALL), with_recompute);
    const char *fewer =
        plan->ranks > 1 ? "fewer ranks on a host or threads" : "fewer threads";
    const char *batch_key = td_config_batch_key(plan->config);
    if (half >= 1 && now != TD_RECOMPUTE_ALL)
        td_log(
            TD_LOG_NOTE,
            "%s; a rank would need %s with %s %d, %s with net.recompute all; %s need "
            "less, too",
            shortage, with_half, batch_key, half * plan->ranks, with_recompute, fewer);
    else if (half >= 1)
        td_log(TD_LOG_NOTE, "%s; a rank would need %s with %s %d; %s need less, too",
               shortage, with_half, batch_key, half * plan->ranks, fewer);
    else
        td_log(TD_LOG_NOTE, "%s; smaller net.channels or net.cells, and %s need less",
               shortage, fewer);
    td_free(shortage);
}

/* ---- a start --------------------------------------------------------------------- */

void td_plan_hold_memory(const td_plan *plan, td_comm *world)
{
    int rank = td_comm_rank(world);
    td_memory mine, *all = NULL;
    td_net_plan net;
    td_memory_read(&mine, "");
    if (td_plan_rank_bytes(plan, &net, &mine.planned) != TD_OK)
        mine.planned = 0.0; /* the network has been built: this cannot be */
    else if (rank == 0)
        mine.planned += td_plan_root_bytes(plan, &net);
    if (rank == 0)
        all = td_malloc((size_t) plan->ranks * sizeof *all);
    td_comm_gather(world, all, &mine, sizeof mine);
    if (rank == 0)
        td_plan_note_memory(plan, all, plan->ranks);
    td_free(all);
}
