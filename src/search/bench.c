/* Whole steps on synthetic images, timed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "share.h"
#include "taildart/base_clock.h"
#include "taildart/base_log.h"
#include "taildart/base_random.h"
#include "taildart/base_text.h"
#include "taildart/search.h"
#include "taildart/search_step.h"

/* Cost of passes in units of a forward pass: data and weights cost one each on the way
 * back.  First order: alphas 2, weights 3.  Second order: weights 3, both 3, twice
 * alphas 2, weights 3. */
enum { FIRST_ORDER_PASSES = 5, SECOND_ORDER_PASSES = 13 };

typedef struct {
    td_dist *world;
    const td_config *config;
    td_machine machine;
    td_net_spec spec;
    td_stepper *stepper;
    td_search_state *state;
    td_step_batches batches;
    int branches;
    double *step, *arch, *weight, *comm; /* (steps) seconds */
    double peak;                         /* FLOP/s of all ranks */
} td_bench;

/* ---- measuring -------------------------------------------------------------- */

static void fill_batch(const td_bench *b, td_batch *batch, int which)
{
    const td_net_spec *spec = &b->spec;
    size_t n = (size_t) spec->batch * (size_t) spec->height * (size_t) spec->width *
               (size_t) spec->image_channels;
    td_random key = { .seed = (uint64_t) b->config->seed,
                      .stream = TD_STREAM_SYNTHETIC,
                      .shard = (uint32_t) td_dist_rank(b->world),
                      .pass = (uint32_t) which };
    TD_ASSERT(n <= UINT32_MAX && !batch->images);
    batch->count = spec->batch;
    batch->images = td_malloc(n * sizeof(td_real));
    batch->labels = td_malloc((size_t) spec->batch * sizeof(int32_t));
    for (size_t i = 0; i < n; i++)
        batch->images[i] = (td_real) td_random_normal(&key, (uint32_t) i);
    for (int i = 0; i < spec->batch; i++)
        batch->labels[i] = i % spec->classes;
}

static td_batch *batch_of(td_bench *b, int which)
{
    td_step_batches *all = &b->batches;
    return which < TD_BRANCHES ? &all->train[which] : &all->valid[which - TD_BRANCHES];
}

static td_step_rates usual_rates(const td_config *config)
{
    return (td_step_rates){
        .arch_step = true,
        .order = config->search.order,
        .mixing = 0.5,
        .lr = config->weights.lr.start,
        .momentum = config->weights.momentum,
        .decay = config->weights.decay,
        .clip = config->weights.clip,
        .arch_lr = config->arch.lr.start,
        .arch_decay = config->arch.decay,
        .arch_betas = { config->arch.betas[0], config->arch.betas[1] },
        .radius = TD_STEP_RADIUS,
    };
}

static td_status run_steps(td_bench *b)
{
    td_step_rates rates = usual_rates(b->config);
    for (int i = -b->config->bench.warmup; i < b->config->bench.steps; i++) {
        td_step_result result;
        double comm = td_stepper_comm_seconds(b->stepper), start = td_clock_seconds();
        td_status status =
            td_search_step(b->stepper, b->state, &b->batches, &rates, &result);
        if (status != TD_OK)
            return status;
        if (i < 0)
            continue;
        b->step[i] = td_clock_seconds() - start;
        b->comm[i] = td_stepper_comm_seconds(b->stepper) - comm;
        b->arch[i] = result.arch_seconds;
        b->weight[i] = result.weight_seconds;
    }
    return TD_OK;
}

/* All ranks at once, as they share the machine in a step, too. */
static void measure_peak(td_bench *b)
{
    td_dist_barrier(b->world);
    b->peak = td_gemm_peak(b->machine.threads);
    td_dist_sum_f64(b->world, &b->peak, 1);
}

/* ---- telling ---------------------------------------------------------------- */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;
    return (x > y) - (x < y);
}

static double median(double *values, int n)
{
    TD_ASSERT(n > 0);
    qsort(values, (size_t) n, sizeof *values, ascending);
    return n % 2 ? values[n / 2] : 0.5 * (values[n / 2 - 1] + values[n / 2]);
}

/* The name that Linux gives the processor, without what JSON would have to escape. */
static void read_cpu(char name[128])
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[256];
    snprintf(name, 128, "unknown");
    while (file && fgets(line, sizeof line, file)) {
        const char *value = strstr(line, ": ");
        if (strncmp(line, "model name", strlen("model name")) != 0 || !value)
            continue;
        value += strlen(": ");
        snprintf(name, 128, "%.*s", (int) strcspn(value, "\"\\\n"), value);
        break;
    }
    if (file)
        fclose(file);
}

/* One list for both forms: names, values, and whether JSON quotes them. */
typedef struct {
    td_text text;
    bool json;
} td_bench_table;

static void add(td_bench_table *table, const char *name, const char *value, bool quote)
{
    const char *q = quote ? "\"" : "";
    if (table->json)
        td_text_write(&table->text, "%s\"%s\": %s%s%s", table->text.length ? ", " : "{",
                      name, q, value, q);
    else
        td_text_write(&table->text, "%-18s %s\n", name, value);
}

static void add_number(td_bench_table *table, const char *name, double value)
{
    char text[32];
    snprintf(text, sizeof text, "%.12g", value);
    add(table, name, text, false);
}

static void add_speed(td_bench_table *table, td_bench *b)
{
    const td_config *config = b->config;
    int n = config->bench.steps, branch_images = b->branches * config->search.batch;
    int passes = config->search.order == 2 ? SECOND_ORDER_PASSES : FIRST_ORDER_PASSES;
    double flops =
        td_supernet_flops(td_stepper_net(b->stepper)) * passes * branch_images;
    double seconds = median(b->step, n);
    add_number(table, "step_seconds", seconds);
    add_number(table, "arch_seconds", median(b->arch, n));
    add_number(table, "weight_seconds", median(b->weight, n));
    add_number(table, "comm_seconds", median(b->comm, n));
    add_number(table, "images_per_second", branch_images / seconds);
    add_number(table, "flops_per_step", flops);
    add_number(table, "sgemm_peak_flops", b->peak);
    add_number(table, "fraction_of_peak", flops / seconds / b->peak);
}

static void add_sizes(td_bench_table *table, const td_bench *b)
{
    const td_config *config = b->config;
    const td_slots *weights = td_supernet_weights(td_stepper_net(b->stepper));
    add_number(table, "batch", config->search.batch);
    add_number(table, "branches", b->branches);
    add_number(table, "order", config->search.order);
    add_number(table, "channels", b->spec.channels);
    add_number(table, "cells", b->spec.cells);
    add_number(table, "nodes", b->spec.nodes);
    add_number(table, "classes", b->spec.classes);
    add_number(table, "image_size", b->spec.height);
    add_number(table, "image_channels", b->spec.image_channels);
    add_number(table, "parameters", (double) weights->total);
    add_number(table, "steps", config->bench.steps);
    add_number(table, "warmup", config->bench.warmup);
}

static void print(td_bench *b, bool json, double rss)
{
    td_bench_table table = { .json = json };
    char cpu[128];
    read_cpu(cpu);
    add_speed(&table, b);
    add_number(&table, "peak_rss_bytes", rss);
    add_number(&table, "ranks", td_dist_size(b->world));
    add_number(&table, "threads", b->machine.threads);
    add(&table, "isa", b->machine.kernels->isa, true);
    add(&table, "cpu", cpu, true);
    add_sizes(&table, b);
    printf("%s%s", table.text.chars, json ? "}\n" : "");
    td_free(table.text.chars);
}

/* ---- life ------------------------------------------------------------------- */

static td_status check_batch(td_dist *world, const td_config *config)
{
    int ranks = td_dist_size(world), batch = config->search.batch;
    if (batch % ranks == 0)
        return TD_OK;
    return td_error(TD_USAGE,
                    "search.batch: %d is not a multiple of the %d ranks: try %d", batch,
                    ranks, (batch / ranks + 1) * ranks);
}

static td_status build(td_bench *b)
{
    const td_config *config = b->config;
    td_status status = check_batch(b->world, config);
    if (status == TD_OK)
        status = td_machine_begin(&b->machine, b->world, config->run.threads);
    if (status != TD_OK)
        return status;
    b->branches = config->bbn.enabled ? TD_BRANCHES : 1;
    b->spec = (td_net_spec){
        .channels = config->net.channels,
        .cells = config->net.cells,
        .nodes = config->net.nodes,
        .classes = config->bench.classes,
        .image_channels = config->bench.image_channels,
        .height = config->bench.size,
        .width = config->bench.size,
        .batch = config->search.batch / td_dist_size(b->world),
        .two_branch = config->bbn.enabled,
    };
    status = td_stepper_new(&b->stepper, b->world, &b->spec, b->machine.kernels,
                            config->search.order, NULL);
    if (status != TD_OK)
        return status;
    b->state = td_search_state_new(td_stepper_net(b->stepper), (uint64_t) config->seed);
    for (int i = 0; i < 2 * TD_BRANCHES; i++)
        fill_batch(b, batch_of(b, i), i);
    double **const series[] = { &b->step, &b->arch, &b->weight, &b->comm };
    for (size_t i = 0; i < sizeof series / sizeof series[0]; i++)
        *series[i] = td_malloc((size_t) config->bench.steps * sizeof(double));
    return TD_OK;
}

static void clear(td_bench *b)
{
    for (int i = 0; i < 2 * TD_BRANCHES; i++) {
        td_free(batch_of(b, i)->images);
        td_free(batch_of(b, i)->labels);
    }
    td_search_state_free(b->state);
    td_stepper_free(b->stepper);
    td_free(b->step);
    td_free(b->arch);
    td_free(b->weight);
    td_free(b->comm);
}

td_status td_bench_run(td_dist *world, td_settings *settings, bool json)
{
    td_settings *own = NULL;
    td_bench bench = { .world = world };
    td_status status = td_share_settings(world, settings, TD_FOR_BENCH, &own);
    td_dist_bcast(world, &json, sizeof json);
    if (status == TD_OK) {
        bench.config = td_settings_config(own ? own : settings);
        td_log_to_stderr(true);
        status = build(&bench);
    }
    if (status == TD_OK)
        status = run_steps(&bench);
    if (status == TD_OK) {
        measure_peak(&bench);
        double rss = td_dist_max(world, (double) td_clock_peak_rss());
        if (td_dist_rank(world) == 0)
            print(&bench, json, rss);
    }
    clear(&bench);
    td_settings_free(own);
    return status;
}
