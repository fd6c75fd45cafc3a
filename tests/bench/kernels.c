/* Every kernel at the sizes of a search, timed alone: cache-hot, on the calling thread,
 * the least of several short runs.  One JSON object a line:
 *
 *     tests/bench/kernels      (TAILDART_ISA chooses the instruction set, as always)
 *
 * Operations are those of the mathematics: products, sums and comparisons; what a fused
 * kernel adds up on the side is free.  Bytes are every number of every image and weight
 * read or written once, as the contract in kernels.h says; margins do not count. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "taildart/base_clock.h"
#include "taildart/base_random.h"
#include "taildart/kernels.h"

/* ---- what lies on the desk -------------------------------------------------- */

enum {
    MOST_PLANES = 4,
    CHANNELS = MOST_PLANES * TD_PLANE,
    SIDE = 32 + 2 * TD_MARGIN,
    SKEW = 5 * TD_PLANE, /* images do not begin at the same place of a page */
    IMAGE = 2 * SIDE * SIDE * TD_PLANE + SKEW,
    TAPS = 25 * CHANNELS,
    MATRIX = CHANNELS * CHANNELS,
    TERMS = 7 /* of combine, on a node's edge: four convolutions, two pools, the skip */
};

/* Images and weights large enough for every case, and the case at hand. */
typedef struct {
    _Alignas(64) td_real x[IMAGE], y[IMAGE], g[IMAGE];     /* read              */
    _Alignas(64) td_real r[IMAGE], dd[IMAGE];              /* read, with margin */
    _Alignas(64) td_real out[IMAGE], padded_out[IMAGE];    /* written           */
    _Alignas(64) td_real term[TERMS][IMAGE];               /* read              */
    _Alignas(64) td_real taps[TAPS], d_taps[TAPS];         /* (planes, k·k, 16) */
    _Alignas(64) td_real matrix[MATRIX], d_matrix[MATRIX]; /* (C/16, C, 16)     */
    _Alignas(64) td_real work[2 * MOST_PLANES * TD_BLOCK * TD_PLANE];
    _Alignas(64) td_real a[CHANNELS], b[CHANNELS], c[CHANNELS];
    _Alignas(64) double first[CHANNELS], second[CHANNELS];
    _Alignas(64) uint8_t argmax[IMAGE];
    const td_kernels *kernels;
    td_separable unit;
    td_extent in, out_size;
    td_sums sums;
    td_affine coefs;
    td_term terms[TERMS];
} bench_desk;

static void fill(td_real *x, size_t count, uint32_t shard)
{
    td_random key = { .seed = 3, .stream = TD_STREAM_SYNTHETIC, .shard = shard };
    for (size_t i = 0; i < count; i++)
        x[i] = (td_real) td_random_normal(&key, (uint32_t) i);
}

static void lay_out(bench_desk *d, const td_kernels *kernels)
{
    td_real *const images[] = { d->x, d->y, d->g };
    td_real *const weights[] = { d->a, d->b, d->c };
    for (uint32_t i = 0; i < 3; i++) {
        fill(images[i], IMAGE, i);
        fill(weights[i], CHANNELS, 3 + i);
    }
    for (uint32_t i = 0; i < TERMS; i++) {
        fill(d->term[i], IMAGE, 6 + i);
        d->terms[i] = (td_term){ d->term[i], d->a };
    }
    fill(d->taps, TAPS, 20);
    fill(d->matrix, MATRIX, 21);
    d->kernels = kernels;
    d->sums = (td_sums){ d->first, d->second };
    d->coefs = (td_affine){ d->a, d->b, d->c };
}

/* The case: margins of zeros where they belong now, and places of real maxima. */
static void prepare(bench_desk *d, const td_depthwise *conv)
{
    d->in = conv->in;
    d->out_size = td_depthwise_out(conv);
    d->unit = (td_separable){ *conv, conv->in.planes * TD_PLANE, d->taps, d->matrix,
                              d->matrix };
    memset(d->r, 0, sizeof d->r);
    memset(d->dd, 0, sizeof d->dd);
    memset(d->padded_out, 0, sizeof d->padded_out);
    d->kernels->relu_padded(d->r, d->x, d->in);
    d->kernels->relu_padded(d->dd, d->g, d->out_size);
    d->kernels->max_pool(d->out, d->argmax, NULL, d->x, d->in, conv->stride);
}

static int pixels(const bench_desk *d)
{
    return d->out_size.height * d->out_size.width;
}

/* ---- one function a slot ---------------------------------------------------- */

static void relu(bench_desk *d)
{
    d->kernels->relu(d->out, d->x, td_extent_count(d->in));
}

static void relu_data(bench_desk *d)
{
    d->kernels->relu_data(d->out, d->g, d->x, td_extent_count(d->in));
}

static void relu_padded(bench_desk *d)
{
    d->kernels->relu_padded(d->padded_out, d->x, d->in);
}

static void norm_relu_padded(bench_desk *d)
{
    d->kernels->norm_relu_padded(d->padded_out, d->y, d->a, d->b, d->in);
}

static void norm_relu_data(bench_desk *d)
{
    d->kernels->norm_relu_data(d->out, &d->sums, d->g, d->y, d->a, d->b, d->in.planes,
                               pixels(d));
}

static void halve(bench_desk *d)
{
    d->kernels->halve(d->out, d->r, d->in, TD_MARGIN);
}

static void halve_data(bench_desk *d)
{
    d->kernels->halve_data(d->out, d->g, d->in);
}

static void separable(bench_desk *d)
{
    d->kernels->separable(d->out, &d->sums, d->r, &d->unit, d->work);
}

static void separable_add(bench_desk *d)
{
    d->kernels->separable_add(d->out, d->a, d->r, &d->unit, d->work);
}

static void separable_data(bench_desk *d)
{
    d->kernels->separable_data(d->padded_out, NULL, d->g, d->y, &d->coefs, NULL,
                               &d->unit, d->work);
}

static void separable_both(bench_desk *d)
{
    d->kernels->separable_data(d->padded_out, d->d_matrix, d->g, d->y, &d->coefs, d->r,
                               &d->unit, d->work);
}

static void depthwise_data(bench_desk *d)
{
    d->kernels->depthwise_data(d->out, true, d->dd, d->taps, &d->unit.conv);
}

static void depthwise_weights(bench_desk *d)
{
    d->kernels->depthwise_weights(d->d_taps, d->dd, d->r, &d->unit.conv);
}

static td_channels all_channels(const bench_desk *d)
{
    return (td_channels){ 1, d->in.planes * TD_PLANE };
}

static void pointwise(bench_desk *d)
{
    d->kernels->pointwise(d->out, &d->sums, d->x, d->matrix, all_channels(d),
                          d->in.planes, pixels(d));
}

static void pointwise_weights(bench_desk *d)
{
    d->kernels->pointwise_weights(d->d_matrix, d->g, d->x, all_channels(d),
                                  d->in.planes, pixels(d));
}

static void max_pool(bench_desk *d)
{
    d->kernels->max_pool(d->out, d->argmax, &d->sums, d->x, d->in, d->unit.conv.stride);
}

static void max_pool_data(bench_desk *d)
{
    d->kernels->max_pool_data(d->out, d->g, d->argmax, d->in, d->unit.conv.stride);
}

static void avg_pool(bench_desk *d)
{
    d->kernels->avg_pool(d->out, &d->sums, d->x, d->in, d->unit.conv.stride);
}

static void avg_pool_data(bench_desk *d)
{
    d->kernels->avg_pool_data(d->out, d->g, d->in, d->unit.conv.stride);
}

static void sum(bench_desk *d)
{
    d->kernels->sum(d->first, d->g, d->in.planes, pixels(d));
}

static void dots(bench_desk *d)
{
    double *sums[] = { d->first };
    d->kernels->dots(sums, d->g, (const td_real *[]){ d->y }, 1, d->in.planes,
                     pixels(d));
}

static void affine(bench_desk *d)
{
    d->kernels->affine(d->out, d->g, d->y, &d->coefs, d->in.planes, pixels(d));
}

static void combine(bench_desk *d)
{
    d->kernels->combine(d->out, true, d->c, d->terms, TERMS, d->in.planes, pixels(d));
}

/* ---- the table -------------------------------------------------------------- */

/* Cases of a kernel that are timed: stride 1, 2 or both, once or for every
 * convolution. */
typedef enum { STRIDE_1 = 1, STRIDE_2 = 2, CONVOLUTIONS = 4 } bench_where;

/* Cost of a slot.  Operations per number of the output: \a taps and \a products count
 * multiply-adds over the k·k taps and the C channels.  Moved: \a in and \a out images
 * of the input's and the output's extent, \a filters and \a matrices of weights. */
typedef struct {
    const char *name;
    void (*run)(bench_desk *desk);
    int where;
    struct {
        int taps, products, others;
    } operations;
    struct {
        double in, out;
        int filters, matrices;
    } moved;
} bench_slot;

enum {
    ONCE = STRIDE_1,
    HALF = STRIDE_2,
    BOTH = STRIDE_1 | STRIDE_2,
    EACH = BOTH | CONVOLUTIONS
};

/* clang-format off */
static const bench_slot slots[] = {
    { "relu",              relu,              ONCE, { 0, 0, 1 },  { 1, 1, 0, 0 } },
    { "relu_data",         relu_data,         ONCE, { 0, 0, 2 },  { 2, 2, 0, 0 } },
    { "relu_padded",       relu_padded,       ONCE, { 0, 0, 1 },  { 1, 1, 0, 0 } },
    { "norm_relu_padded",  norm_relu_padded,  ONCE, { 0, 0, 3 },  { 1, 1, 0, 0 } },
    { "norm_relu_data",    norm_relu_data,    ONCE, { 0, 0, 6 },  { 1, 2, 0, 0 } },
    { "halve",             halve,             HALF, { 0, 0, 0 },  { 1, 0, 0, 0 } },
    { "halve_data",        halve_data,        HALF, { 0, 0, 2 },  { 1.5, 0, 0, 0 } },
    { "separable",         separable,         EACH, { 1, 1, 0 },  { 1, 1, 1, 1 } },
    { "separable_add",     separable_add,     EACH, { 1, 1, 2 },  { 1, 2, 1, 1 } },
    { "separable_data",    separable_data,    EACH, { 0, 1, 4 },  { 0, 3, 0, 1 } },
    { "separable_data+dw", separable_both,    EACH, { 1, 2, 4 },  { 1, 3, 1, 3 } },
    { "depthwise_data",    depthwise_data,    EACH, { 1, 0, 0 },  { 2, 1, 1, 0 } },
    { "depthwise_weights", depthwise_weights, EACH, { 1, 0, 0 },  { 1, 1, 2, 0 } },
    { "pointwise",         pointwise,         ONCE, { 0, 1, 0 },  { 1, 1, 0, 1 } },
    { "pointwise_weights", pointwise_weights, ONCE, { 0, 1, 0 },  { 1, 1, 0, 2 } },
    { "max_pool",          max_pool,          BOTH, { 0, 0, 8 },  { 1, 1.25, 0, 0 } },
    { "max_pool_data",     max_pool_data,     BOTH, { 0, 0, 1 },  { 2, 1.25, 0, 0 } },
    { "avg_pool",          avg_pool,          BOTH, { 0, 0, 9 },  { 1, 1, 0, 0 } },
    { "avg_pool_data",     avg_pool_data,     BOTH, { 0, 0, 10 }, { 2, 1, 0, 0 } },
    { "sum",               sum,               ONCE, { 0, 0, 1 },  { 1, 0, 0, 0 } },
    { "dots",              dots,              ONCE, { 0, 0, 2 },  { 1, 1, 0, 0 } },
    { "affine",            affine,            ONCE, { 0, 0, 4 },  { 1, 2, 0, 0 } },
    { "combine",           combine,           ONCE, { 0, 0, 14 }, { 7, 2, 0, 0 } },
};
/* clang-format on */

/* Normal cells at their three sizes; the first edges of the first reduction cell. */
static const struct {
    td_extent in;
    int stride;
} places[] = {
    { { 1, 32, 32 }, 1 }, { { 2, 16, 16 }, 1 }, { { 4, 8, 8 }, 1 }, { { 2, 32, 32 }, 2 }
};

static const struct {
    const char *name;
    int kernel, dilation;
} convolutions[] = {
    { " 3x3", 3, 1 }, { " 5x5", 5, 1 }, { " dil 3x3", 3, 2 }, { " dil 5x5", 5, 2 }
};

enum {
    SLOTS = sizeof slots / sizeof *slots,
    PLACES = sizeof places / sizeof *places,
    CONVOLUTION_COUNT = sizeof convolutions / sizeof *convolutions
};

/* ---- measuring -------------------------------------------------------------- */

static double seconds_of(const bench_slot *slot, bench_desk *desk, int runs)
{
    double start = td_clock_seconds();
    for (int i = 0; i < runs; i++)
        slot->run(desk);
    return (td_clock_seconds() - start) / runs;
}

/* Least time of one call: \a REPEATS runs of about a millisecond. */
static double least_seconds(const bench_slot *slot, bench_desk *desk)
{
    enum { REPEATS = 7, TRIAL = 3, MOST_RUNS = 100000 };
    const double run_seconds = 1e-3;
    seconds_of(slot, desk, 1);
    double best = seconds_of(slot, desk, TRIAL);
    int runs = (int) fmin(MOST_RUNS, 1.0 + run_seconds / best);
    for (int i = 0; i < REPEATS; i++)
        best = fmin(best, seconds_of(slot, desk, runs));
    return best;
}

static void measure(const bench_slot *slot, bench_desk *d, const char *convolution,
                    double peak)
{
    double seconds = least_seconds(slot, d);
    double channels = d->in.planes * TD_PLANE;
    double taps = d->unit.conv.kernel * d->unit.conv.kernel;
    double in = (double) td_extent_count(d->in);
    double out = (double) td_extent_count(d->out_size);
    double operations =
        out * (2.0 * taps * slot->operations.taps +
               2.0 * channels * slot->operations.products + slot->operations.others);
    double numbers = slot->moved.in * in + slot->moved.out * out +
                     slot->moved.filters * taps * channels +
                     slot->moved.matrices * channels * channels;
    double bytes = numbers * (double) sizeof(td_real);
    printf("{\"kernel\": \"%s%s\", \"shape\": \"C%d %dx%d\", \"stride\": %d, "
           "\"isa\": \"%s\", \"microseconds\": %.3f, \"gflops\": %.2f, "
           "\"gbytes_per_second\": %.2f, \"share_of_peak\": %.4f}\n",
           slot->name, convolution, d->in.planes * TD_PLANE, d->in.height, d->in.width,
           d->unit.conv.stride, d->kernels->isa, 1e6 * seconds,
           operations / seconds / 1e9, bytes / seconds / 1e9,
           operations / seconds / peak);
    fflush(stdout);
}

static void measure_slot(const bench_slot *slot, bench_desk *desk, double peak)
{
    bool each = slot->where & CONVOLUTIONS;
    for (int p = 0; p < PLACES; p++) {
        int stride = places[p].stride;
        if (!(slot->where & (stride == 1 ? STRIDE_1 : STRIDE_2)))
            continue;
        for (int c = 0; c < (each ? CONVOLUTION_COUNT : 1); c++) {
            td_depthwise conv = { places[p].in, convolutions[c].kernel, stride,
                                  convolutions[c].dilation };
            prepare(desk, &conv);
            measure(slot, desk, each ? convolutions[c].name : "", peak);
        }
    }
}

int main(void)
{
    static bench_desk desk;
    td_isa isa = TD_ISA_GENERIC;
    td_gemm_init();
    td_kernels_flush_denormals();
    if (td_isa_select(&isa, td_isa_detect()) != TD_OK) {
        fprintf(stderr, "%s\n", td_error_message());
        return EXIT_FAILURE;
    }
    lay_out(&desk, td_kernels_get(isa));
    double peak = td_gemm_peak(1);
    for (int i = 0; i < SLOTS; i++)
        measure_slot(&slots[i], &desk, peak);
    return EXIT_SUCCESS;
}
