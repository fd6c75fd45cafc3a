/* Printing of bench's measurements. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "taildart/base_clock.h"
#include "taildart/base_number.h"
#include "taildart/base_text.h"
#include "taildart/store_version.h"

/* Cost of passes in units of a forward pass: in the backward pass data and weights cost
 * one each.  First order: alphas 2, weights 3.  Second order: weights 3, both 3, twice
 * alphas 2, weights 3. */
enum { FIRST_ORDER_PASSES = 5, SECOND_ORDER_PASSES = 13, WEIGHT_PASSES = 3 };

static int pass_count(const td_bench *b)
{
    if (b->spec.genotype)
        return WEIGHT_PASSES;
    return b->config->search.order == 2 ? SECOND_ORDER_PASSES : FIRST_ORDER_PASSES;
}

static const char *const timer_names[TD_BENCH_TIMERS] = {
    [TD_BENCH_STEP] = "step_seconds",
    [TD_BENCH_ARCH] = "arch_seconds",
    [TD_BENCH_ARCH_FORWARD] = "arch_forward_seconds",
    [TD_BENCH_ARCH_BACKWARD] = "arch_backward_seconds",
    [TD_BENCH_WEIGHT] = "weight_seconds",
    [TD_BENCH_WEIGHT_FORWARD] = "weight_forward_seconds",
    [TD_BENCH_WEIGHT_BACKWARD] = "weight_backward_seconds",
    [TD_BENCH_UPDATE] = "update_seconds",
    [TD_BENCH_COMM] = "comm_seconds",
    [TD_BENCH_FORWARD] = "forward_seconds",
};

/* One list for both forms: names, values, and whether JSON quotes them. */
typedef struct {
    td_text text;
    bool json;
} bench_table;

static void add(bench_table *table, const char *name, const char *value, bool quote)
{
    if (!table->json) {
        td_text_write(&table->text, "%-24s %s\n", name, value);
        return;
    }
    td_text_write(&table->text, "%s\"%s\": ", table->text.length ? ", " : "{", name);
    if (quote)
        td_text_write_json(&table->text, value);
    else
        td_text_write(&table->text, "%s", value);
}

/* JSON has what was measured, the table what a reader can use of it. */
static void add_number(bench_table *table, const char *name, double value)
{
    char text[32];
    bool is_count = value == floor(value) && fabs(value) < 1e10;
    if (table->json || is_count)
        snprintf(text, sizeof text, "%.12g", value);
    else
        snprintf(text, sizeof text, "%.4g", value);
    add(table, name, text, false);
}

static void add_speed(bench_table *table, td_bench *b)
{
    const td_config *config = b->config;
    int n = config->bench.steps, branch_images = b->branches * config->search.batch;
    double flops =
        td_network_flops(td_stepper_net(b->stepper)) * pass_count(b) * branch_images;
    for (int timer = 0; timer < TD_BENCH_TIMERS; timer++)
        add_number(table, timer_names[timer], td_median(b->seconds[timer], n));
    double seconds = td_median(b->seconds[TD_BENCH_STEP], n);
    add_number(table, "transfer_seconds", b->transfer);
    add_number(table, "wait_seconds", b->wait);
    add_number(table, "images_per_second", branch_images / seconds);
    add_number(table, "flops_per_step", flops);
    add_number(table, "sgemm_peak_flops", b->peak);
    add_number(table, "fraction_of_peak", flops / seconds / b->peak);
}

static void add_sizes(bench_table *table, const td_bench *b)
{
    const td_config *config = b->config;
    add_number(table, "batch", config->search.batch);
    add_number(table, "shards", b->shard_count * td_comm_size(b->world));
    add_number(table, "branches", b->branches);
    add_number(table, "order", config->search.order);
    add_number(table, "channels", b->spec.channels);
    add_number(table, "cells", b->spec.cells);
    add_number(table, "nodes", b->spec.nodes);
    add_number(table, "classes", b->spec.classes);
    add_number(table, "image_size", b->spec.height);
    add_number(table, "image_channels", b->spec.image_channels);
    add_number(table, "parameters", (double) b->plan.parameters);
    add_number(table, "steps", config->bench.steps);
    add_number(table, "warmup", config->bench.warmup);
}

void td_bench_print(td_bench *b)
{
    bool json = b->options.json;
    bench_table table = { .json = json };
    void *before = td_numbers_plain();
    char *mpi = td_comm_library();
    char cpu[TD_CPU_MODEL_BYTES];
    td_cpu_model_read(cpu, "");
    add_speed(&table, b);
    add_number(&table, "peak_rss_bytes", b->rss);
    add_number(&table, "planned_bytes", (double) b->plan.bytes);
    add_number(&table, "recomputing_cells", b->plan.recomputing);
    add(&table, "hosts", b->hosts, true);
    add(&table, "mpi", mpi, true);
    add(&table, "commit", td_version_commit(), true);
    add_number(&table, "ranks", td_comm_size(b->world));
    add_number(&table, "threads", b->machine.threads);
    add(&table, "isa", b->machine.kernels->isa, true);
    add(&table, "cpu", cpu, true);
    add(&table, "blas_core", td_gemm_core(), true);
    add_sizes(&table, b);
    if (json && b->options.mpi)
        td_bench_write_cluster(&table.text, b);
    td_numbers_restore(before);
    printf("%s%s", table.text.chars, json ? "}\n" : "");
    td_free(mpi);
    td_free(table.text.chars);
}
