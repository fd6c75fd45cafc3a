/* The memory of a run, planned and held against the host. */
#include "plan.h"
#include "taildart/config_stages.h"

/* ---- the plan -------------------------------------------------------------------- */

td_hold td_plan_hold(const td_plan *plan)
{
    return plan->is_in_file ? (td_hold) plan->config->data.hold : TD_HOLD_MEMORY;
}

/* Images that the first rank's shards own, and those that it draws beyond them. */
static int64_t count_images(const td_plan *plan, int64_t *shared)
{
    TD_ASSERT(plan->shards % plan->ranks == 0);
    td_share share = { .halves = plan->kind->halves,
                       .shards = plan->shards,
                       .shard_count = plan->shards / plan->ranks };
    return td_share_count(plan->selection, plan->config, &share, shared);
}

static void measure_images(const td_plan *plan, td_plan_bytes *bytes)
{
    int64_t shared = 0, own = count_images(plan, &shared);
    int64_t held = plan->hold == TD_HOLD_FILE     ? 0
                   : plan->hold == TD_HOLD_MEMORY ? own + shared
                                                  : own;
    const int64_t *half = plan->selection->half_count;
    double listed = (double) (half[TD_HALF_WEIGHTS] + half[TD_HALF_ARCH]);
    TD_ASSERT(plan->ranks > 0 && own > 0);
    bytes->images = (double) held * (double) td_image_bytes(plan->info);
    /* the halves; held images; far ones and their checks; permutations */
    bytes->tables = 4.0 * listed + 4.0 * (double) held +
                    8.0 * (double) (own + shared - held) + 8.0 * (double) own;
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

td_status td_plan_measure_network(const td_plan *plan, td_net_plan *net,
                                  td_plan_bytes *bytes)
{
    td_net_plan passes;
    td_status status = td_network_plan(&passes, &plan->spec, plan->threads);
    if (status == TD_OK)
        status = td_stepper_plan(net, &plan->spec, plan->threads,
                                 plan->config->search.order);
    if (status != TD_OK)
        return status;
    *bytes = (td_plan_bytes){ .activations = (double) passes.bytes };
    bytes->weights = bytes->moments = (double) net->weights * sizeof(td_real);
    bytes->buffers = (double) net->bytes - bytes->activations - bytes->weights -
                     bytes->moments + batch_bytes(plan);
    TD_ASSERT(bytes->buffers > 0.0);
    measure_images(plan, bytes);
    return TD_OK;
}

td_status td_plan_measure(const td_plan *plan, td_net_plan *net, td_plan_bytes *bytes)
{
    td_status status = td_plan_measure_network(plan, net, bytes);
    int count = td_stage_count(plan->config);
    for (int n = plan->spec.stage + 1; n < count && status == TD_OK; n++) {
        td_plan later = *plan;
        td_net_plan later_net;
        td_plan_bytes later_bytes;
        if (td_stage_of(plan->config, n).epochs == 0)
            break;
        later.spec = td_plan_stage_spec(plan, n);
        status = td_plan_measure_network(&later, &later_net, &later_bytes);
        if (status == TD_OK && td_plan_sum(&later_bytes) > td_plan_sum(bytes)) {
            *net = later_net;
            *bytes = later_bytes;
        }
    }
    return status;
}

double td_plan_sum(const td_plan_bytes *b)
{
    return b->images + b->tables + b->weights + b->moments + b->activations +
           b->buffers;
}

double td_plan_root_bytes(const td_plan *plan, const td_net_plan *net)
{
    const td_data_info *info = plan->info;
    double images = (double) info->train_count;
    /* labels, checks where pixels lie in a file, and pixels where they do not */
    double data =
        images * (8.0 + (plan->is_mapped ? 0.0 : (double) td_image_bytes(info)));
    /* weights and momentum, in HDF5's image and in the arrays that go there */
    double checkpoint = 2.0 * 2.0 * (double) net->weights * sizeof(td_real);
    return data > checkpoint ? data : checkpoint;
}

/* ---- the table ------------------------------------------------------------------- */

/* What the bytes of a rank are for, and their sum where \a has_sum. */
static void write_parts(td_text *text, const td_plan_bytes *b, bool has_sum)
{
    char image[TD_BYTES_TEXT], table[TD_BYTES_TEXT], weight[TD_BYTES_TEXT];
    char moment[TD_BYTES_TEXT], activation[TD_BYTES_TEXT], buffer[TD_BYTES_TEXT];
    char sum[TD_BYTES_TEXT];
    td_text_write(text, "bytes      %8s %8s %8s %8s %12s %8s%s\n", "images", "tables",
                  "weights", "moments", "activations", "buffers",
                  has_sum ? "       sum" : "");
    td_text_write(text, "a rank     %8s %8s %8s %8s %12s %8s",
                  td_bytes_text(b->images, image), td_bytes_text(b->tables, table),
                  td_bytes_text(b->weights, weight), td_bytes_text(b->moments, moment),
                  td_bytes_text(b->activations, activation),
                  td_bytes_text(b->buffers, buffer));
    if (has_sum)
        td_text_write(text, " %9s", td_bytes_text(td_plan_sum(b), sum));
    td_text_write(text, "\n");
}

static void write_host(td_text *text, const td_plan_bytes *b, int ranks, int local)
{
    char host[TD_BYTES_TEXT];
    td_text_write(text, "a host     %s for %d of %d rank%s\n",
                  td_bytes_text(td_plan_sum(b) * local, host), local, ranks,
                  td_noun(ranks, "", "s"));
}

char *td_plan_memory_table(const td_plan_bytes *bytes, int ranks, int local)
{
    td_text text = { 0 };
    write_parts(&text, bytes, true);
    write_host(&text, bytes, ranks, local);
    return text.chars;
}

char *td_plan_memory_parts(const td_plan_bytes *bytes, int ranks, int local)
{
    td_text text = { 0 };
    write_parts(&text, bytes, false);
    if (local > 1)
        write_host(&text, bytes, ranks, local);
    return text.chars;
}

/* ---- what would need less -------------------------------------------------------- */

/* Bytes of a rank after a change; 0 where that cannot be. */
static double changed(const td_plan *plan, int batch, td_recompute recompute)
{
    td_plan other = *plan;
    td_net_plan net;
    td_plan_bytes bytes;
    other.spec.batch = batch;
    other.spec.recompute = recompute;
    if (batch < 1 || td_plan_measure(&other, &net, &bytes) != TD_OK)
        return 0.0;
    return td_plan_sum(&bytes);
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

/* Memory of all ranks at rank 0, for td_free; NULL on the others.  Collective. */
static td_memory *gather_memory(const td_plan *plan, td_comm *world)
{
    td_memory mine, *all = NULL;
    td_net_plan net, built;
    td_plan_bytes bytes, now;
    td_memory_read(&mine, "");
    /* The network has been built: its plan cannot fail, and is mapped already. */
    if (td_plan_measure(plan, &net, &bytes) == TD_OK &&
        td_plan_measure_network(plan, &built, &now) == TD_OK) {
        mine.planned = td_plan_sum(&bytes);
        mine.own += (double) built.bytes;
        if (td_comm_rank(world) == 0)
            mine.planned += td_plan_root_bytes(plan, &net);
    }
    if (td_comm_rank(world) == 0)
        all = td_malloc((size_t) plan->ranks * sizeof *all);
    td_comm_gather(world, all, &mine, sizeof mine);
    return all;
}

void td_plan_settle_hold(td_plan *plan, td_comm *world)
{
    plan->hold = td_plan_hold(plan);
    if (plan->hold != TD_HOLD_AUTO)
        return;
    td_memory *all = gather_memory(plan, world);
    char *shortage = all ? td_memory_shortage(all, plan->ranks) : NULL;
    if (shortage) {
        plan->hold = TD_HOLD_FILE;
        td_log(
            TD_LOG_NOTE,
            "%s: images are read from %s when they are drawn (data.hold memory keeps "
            "them)",
            shortage, plan->config->data.path);
    }
    td_comm_bcast(world, &plan->hold, sizeof plan->hold);
    td_free(shortage);
    td_free(all);
}

void td_plan_hold_memory(const td_plan *plan, td_comm *world)
{
    td_memory *all = gather_memory(plan, world);
    if (all)
        td_plan_note_memory(plan, all, plan->ranks);
    td_free(all);
}
