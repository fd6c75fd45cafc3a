/* Timing of whole steps on synthetic images. */
#include <string.h>

#include "bench.h"
#include "taildart/arch.h"
#include "taildart/base_clock.h"
#include "taildart/base_log.h"
#include "taildart/base_memory.h"
#include "taildart/base_random.h"
#include "taildart/base_text.h"
#include "taildart/checkpoint_genotype.h"
#include "taildart/comm_settings.h"
#include "taildart/genotype_find.h"
#include "taildart/genotype_space.h"
#include "taildart/machine_watch.h"

/* ---- measuring --------------------------------------------------------------- */

static void fill_batch(const td_bench *b, td_batch *batch, int which)
{
    const td_net_spec *spec = &b->spec;
    size_t n = (size_t) spec->batch * (size_t) spec->height * (size_t) spec->width *
               (size_t) spec->image_channels;
    td_random key = { .seed = (uint64_t) b->config->seed,
                      .stream = TD_STREAM_SYNTHETIC,
                      .shard = (uint32_t) td_comm_rank(b->world),
                      .pass = (uint32_t) which };
    TD_ASSERT(n <= UINT32_MAX && !batch->images);
    batch->count = spec->batch;
    batch->shards = b->shards;
    batch->shard_count = b->shard_count;
    batch->images = td_malloc(n * sizeof(td_real));
    batch->labels = td_malloc((size_t) spec->batch * sizeof(int32_t));
    for (size_t i = 0; i < n; i++)
        batch->images[i] = (td_real) td_random_normal(&key, (uint32_t) i);
    for (int i = 0; i < spec->batch; i++)
        batch->labels[i] = i % spec->classes;
}

static td_batch *batch_of(td_bench *b, int which)
{
    TD_ASSERT(which >= 0 && which < 2 * TD_BRANCHES);
    td_step_batches *all = &b->batches;
    return which < TD_BRANCHES ? &all->train[which] : &all->valid[which - TD_BRANCHES];
}

/* Time forward passes for evaluation, with running statistics, as after an epoch. */
static void run_forward(td_bench *b)
{
    uint8_t present[2 * TD_MAX_EDGES];
    double *mixture = td_search_state_mixture(b->state, present);
    td_pass pass = {
        .weights = b->state->weights,
        .mixture = mixture,
        .present = b->state->edges > 0 ? present : NULL,
        .running_mean = b->state->running_mean,
        .running_var = b->state->running_var,
        .images = b->batches.valid[TD_CONVENTIONAL].images,
        .groups = &b->spec.batch,
        .group_count = 1,
        .mixing = 0.5,
        .request = TD_GRAD_NONE,
    };
    for (int i = -b->config->bench.warmup; i < b->config->bench.steps; i++) {
        double start = td_clock_seconds();
        td_network_forward(td_stepper_net(b->stepper), &pass, b->logits);
        if (i >= 0)
            b->seconds[TD_BENCH_FORWARD][i] = td_clock_seconds() - start;
    }
    td_free(mixture);
}

/* Measure memory, then the SGEMM peak on all ranks at once, as in a step: a search does
 * not hold the matrices of the product. */
static void measure_machine(td_bench *b)
{
    b->rss = td_comm_max(b->world, (double) td_clock_peak_rss());
    td_comm_barrier(b->world);
    b->peak = b->own_peak = td_gemm_peak(b->machine.threads);
    td_comm_sum_f64(b->world, &b->peak, 1);
}

/* Gather the names of the hosts at rank 0: the first of them, and how many more. */
static void gather_hosts(td_bench *b)
{
    enum { NAMED = 4 };
    int ranks = td_comm_size(b->world), found = 0;
    char host[TD_HOST_BYTES] = "", *all = NULL;
    td_host_read(host);
    if (td_comm_rank(b->world) == 0)
        all = td_malloc((size_t) ranks * sizeof host);
    td_comm_gather(b->world, all, host, sizeof host);
    td_text names = { 0 };
    for (int r = 0; all && r < ranks; r++) {
        const char *name = all + (size_t) r * sizeof host, *same = all;
        while (strcmp(same, name) != 0)
            same += sizeof host;
        if (same == name && ++found <= NAMED)
            td_text_write(&names, "%s%s", found > 1 ? ";" : "", name);
    }
    if (found > NAMED)
        td_text_write(&names, ";+%d", found - NAMED);
    b->hosts = names.chars;
    td_free(all);
}

/* ---- life -------------------------------------------------------------------- */

static td_status check_batch(td_comm *world, const td_config *config)
{
    int ranks = td_comm_size(world), batch = config->search.batch;
    int shards = config->data.shards > 0 ? config->data.shards : ranks;
    if (shards % ranks != 0)
        return td_error(TD_USAGE, "data.shards: %d cannot be dealt to %d ranks: try %d",
                        shards, ranks, (shards / ranks + 1) * ranks);
    if (batch % shards == 0)
        return TD_OK;
    return td_error(TD_USAGE, "search.batch: %d is not a multiple of the %d %s: try %d",
                    batch, shards, shards == ranks ? "ranks" : "shards",
                    (batch / shards + 1) * shards);
}

static void choose_sizes(td_bench *b)
{
    const td_config *config = b->config;
    int ranks = td_comm_size(b->world);
    b->branches = config->bbn.enabled ? TD_BRANCHES : 1;
    b->shard_count = config->data.shards > 0 ? config->data.shards / ranks : 1;
    b->spec = (td_net_spec){
        .channels = config->net.channels,
        .cells = config->net.cells,
        .nodes = config->net.nodes,
        .classes = config->bench.classes,
        .stem = (td_stem_kind) config->net.stem,
        .image_channels = config->bench.image_channels,
        .height = config->bench.size,
        .width = config->bench.size,
        .batch = config->search.batch / ranks,
        .groups = td_config_norms(config) == TD_NORMS_SHARD ? b->shard_count : 1,
        .two_branch = config->bbn.enabled,
        .split = (td_branch_split) config->bbn.split,
        .head = (td_head_kind) config->net.head,
        .head_scale = td_head_scale(config),
        .exact = config->dist.reproducible,
        .recompute = (td_recompute) config->net.recompute,
    };
    if (config->train.genotype[0] == '\0') {
        td_space space;
        td_status status =
            td_space_find(&space, config->net.operations, config->net.nodes);
        TD_ASSERT(status == TD_OK);
        td_net_spec_take(&b->spec, &space);
        return;
    }
    b->spec.genotype = &b->genotype;
    b->spec.nodes = b->genotype.nodes;
    b->spec.auxiliary = config->train.auxiliary && td_network_takes_auxiliary(&b->spec);
}

static td_status build(td_bench *b)
{
    int order = b->config->search.order;
    td_memory_purpose("the network",
                      "a smaller search.batch, net.recompute all or fewer "
                      "ranks on a host need less");
    td_status status = td_stepper_plan(&b->plan, &b->spec, b->machine.threads, order);
    if (status == TD_OK)
        status =
            td_stepper_new(&b->stepper, b->world, &b->spec, b->machine.kernels, order);
    if (status != TD_OK)
        return status;
    td_stepper_set_reducer(b->stepper,
                           td_reducer_of((td_reducer_kind) b->config->dist.reduce),
                           (size_t) b->config->dist.bucket * 1024);
    td_stepper_share_norms(b->stepper, td_config_norms(b->config) == TD_NORMS_SYNC);
    b->state = td_search_state_new(
        td_stepper_net(b->stepper),
        td_relaxation_of((td_relaxation_kind) b->config->arch.relaxation),
        b->config->arch.edge_weights, (uint64_t) b->config->seed);
    if (b->state->edges > 0)
        td_search_state_prune(b->state, b->config->bench.keep);
    b->logits =
        td_malloc((size_t) b->spec.batch * (size_t) b->spec.classes * sizeof(td_real));
    b->shards = td_malloc((size_t) b->shard_count * sizeof *b->shards);
    for (int i = 0; i < b->shard_count; i++)
        b->shards[i] = b->spec.batch / b->shard_count;
    for (int i = 0; i < 2 * TD_BRANCHES; i++)
        fill_batch(b, batch_of(b, i), i);
    b->indices = td_malloc((size_t) b->spec.batch * sizeof *b->indices);
    for (int i = 0; i < b->spec.batch; i++)
        b->indices[i] = td_comm_rank(b->world) * b->spec.batch + i;
    b->batches.places = b->batches.valid_places = b->indices;
    for (int timer = 0; timer < TD_BENCH_TIMERS; timer++)
        b->seconds[timer] = td_malloc((size_t) b->config->bench.steps * sizeof(double));
    return TD_OK;
}

static void clear(td_bench *b)
{
    for (int i = 0; i < 2 * TD_BRANCHES; i++) {
        td_free(batch_of(b, i)->images);
        td_free(batch_of(b, i)->labels);
    }
    for (int timer = 0; timer < TD_BENCH_TIMERS; timer++)
        td_free(b->seconds[timer]);
    td_free(b->cluster.ranks);
    td_free(b->cluster.pairs);
    td_free(b->hosts);
    td_free(b->logits);
    td_free(b->indices);
    td_free(b->shards);
    td_search_state_free(b->state);
    td_stepper_free(b->stepper);
}

/* The images are of bench.size, whatever is imported. */
static td_status check_size(const td_net_spec *spec)
{
    int least = td_stem_step(spec->stem);
    if (spec->stem != TD_STEM_IMAGENET || spec->height >= least)
        return TD_OK;
    return td_error(TD_USAGE,
                    "bench.size: found \"%d\", but net.stem imagenet needs %d or more; "
                    "accepted: for example %d",
                    spec->height, least, least);
}

static td_status measure(td_bench *b)
{
    td_status status = check_batch(b->world, b->config);
    td_machine_watch(b->world, b->config->dist.timeout_seconds,
                     "the same command starts again");
    td_machine_watch_table(b->world, NULL);
    if (status == TD_OK)
        status = td_machine_begin(&b->machine, b->world, b->config->run.threads);
    if (status != TD_OK)
        return status;
    choose_sizes(b);
    status = check_size(&b->spec);
    if (status == TD_OK)
        status = build(b);
    if (status == TD_OK) {
        char bytes[TD_BYTES_TEXT];
        td_log(TD_LOG_INFO, "planned    %s per rank; %d of %d cells recompute",
               td_bytes_text((double) b->plan.bytes, bytes), b->plan.recomputing,
               b->spec.cells);
        status = td_bench_run_steps(b);
    }
    if (status != TD_OK)
        return status;
    run_forward(b);
    measure_machine(b);
    gather_hosts(b);
    return b->options.mpi ? td_bench_probe(b) : TD_OK;
}

/* Read the genotype of a derived network, if one is given; rank 0. */
static td_status settle_genotype(td_settings *settings)
{
    if (!settings)
        return TD_OK;
    if (td_settings_config(settings)->train.genotype[0] == '\0')
        return td_space_check(settings);
    return td_train_settle_genotype(settings);
}

/* One of the three forms. */
static void print(td_bench *b)
{
    if (b->options.csv)
        td_bench_print_rows(b);
    else
        td_bench_print(b);
    if (b->options.mpi && !b->options.csv && !b->options.json)
        td_bench_print_cluster(b);
}

td_status td_bench_run(td_comm *world, td_settings *settings,
                       const td_bench_options *options)
{
    td_settings *own = NULL;
    td_bench bench = { .world = world, .options = *options };
    td_status status = td_comm_verdict(world, settle_genotype(settings));
    if (status == TD_OK)
        status = td_comm_settings(world, settings, TD_FOR_BENCH, &own);
    td_comm_bcast(world, &bench.options.mpi, sizeof bench.options.mpi);
    if (status == TD_OK) {
        bench.config = td_settings_config(own ? own : settings);
        if (bench.config->train.genotype[0] != '\0')
            status = td_train_read_genotype(&bench.genotype, bench.config);
    }
    if (status == TD_OK) {
        td_log_to_stderr(true);
        status = measure(&bench);
    }
    if (status == TD_OK && td_comm_rank(world) == 0)
        print(&bench);
    clear(&bench);
    td_watch_end();
    td_settings_free(own);
    return status;
}
