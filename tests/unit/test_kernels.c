/* Every kernel of every instruction set that this machine has, against sums written out in
 * double, with guard words behind every output. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "taildart/base_random.h"
#include "taildart/kernels.h"

enum { GUARD = 16 };

static const td_real guard_word = (td_real) 12345.5;
static const double tolerance =
    2e-6; /* of the largest number; a few roundings of float */

/* An output with guard words behind it. */
typedef struct {
    td_real *x;
    size_t count;
} buffer;

static uint32_t draws;

static buffer buffer_new(size_t count, double scale)
{
    td_random key = { .seed = 11, .stream = TD_STREAM_SYNTHETIC, .shard = draws++ };
    buffer b = { td_malloc((count + GUARD) * sizeof(td_real)), count };
    for (size_t i = 0; i < count; i++)
        b.x[i] = (td_real) (scale * td_random_normal(&key, (uint32_t) i));
    for (size_t i = 0; i < GUARD; i++)
        b.x[count + i] = guard_word;
    return b;
}

static void buffer_free(buffer *b)
{
    for (size_t i = 0; i < GUARD; i++)
        ck_assert_msg(b->x[b->count + i] == guard_word, "written behind the end");
    td_free(b->x);
}

static void check_close(const char *what, const td_real *mine, const double *right,
                        size_t n)
{
    double largest = 1e-30;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(right[i]));
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(fabs((double) mine[i] - right[i]) <= tolerance * largest,
                      "%s[%zu] is %g, not %g", what, i, (double) mine[i], right[i]);
}

static void check_sums(const char *what, const double *mine, const double *right, int n)
{
    double largest = 1.0;
    for (int i = 0; i < n; i++)
        largest = fmax(largest, fabs(right[i]));
    for (int i = 0; i < n; i++)
        ck_assert_msg(fabs(mine[i] - right[i]) <= 1e-5 * largest,
                      "%s[%d] is %g, not %g", what, i, mine[i], right[i]);
}

/* ---- cases ------------------------------------------------------------------------------- */

static const td_extent extents[] = { { 1, 4, 4 }, { 1, 7, 9 },   { 2, 8, 8 },
                                     { 1, 2, 2 }, { 3, 5, 17 },  { 1, 16, 16 },
                                     { 1, 1, 1 }, { 2, 14, 10 }, { 1, 3, 32 } };
enum { EXTENTS = sizeof extents / sizeof *extents };

static size_t at(td_extent e, int plane, int y, int x, int c)
{
    return (((size_t) plane * (size_t) e.height + (size_t) y) * (size_t) e.width +
            (size_t) x) *
               TD_PLANE +
           (size_t) c;
}

static size_t padded_at(td_extent e, int plane, int y, int x, int c)
{
    td_extent padded = { e.planes, e.height + 2 * TD_MARGIN, e.width + 2 * TD_MARGIN };
    return at(padded, plane, y + TD_MARGIN, x + TD_MARGIN, c);
}

static bool inside(td_extent e, int y, int x)
{
    return y >= 0 && y < e.height && x >= 0 && x < e.width;
}

/* Calls body for every instruction set; k is its table. */
#define FOR_EACH_ISA(k)                                                                \
    for (int isa = 0; isa <= (int) td_isa_detect(); isa++)                             \
        for (const td_kernels *k = td_kernels_get((td_isa) isa); k; k = NULL)

/* Calls body for every number of an extent. */
#define FOR_EACH_NUMBER(e, p, y, x, c)                                                 \
    for (int p = 0; p < (e).planes; p++)                                               \
        for (int y = 0; y < (e).height; y++)                                           \
            for (int x = 0; x < (e).width; x++)                                        \
                for (int c = 0; c < TD_PLANE; c++)

/* ---- element-wise -------------------------------------------------------------------------- */

START_TEST(test_relu)
{
    td_extent e = extents[_i];
    size_t n = td_extent_count(e);
    FOR_EACH_ISA(k)
    {
        buffer x = buffer_new(n, 1), out = buffer_new(n, 1), g = buffer_new(n, 1);
        buffer padded = buffer_new(td_extent_padded_count(e), 1);
        x.x[0] = NAN;
        k->relu(out.x, x.x, n);
        k->relu_padded(padded.x, x.x, e);
        ck_assert(isnan(out.x[0]) && isnan(padded.x[padded_at(e, 0, 0, 0, 0)]));
        td_real before = g.x[1];
        k->relu_data(g.x, out.x, x.x, n);
        ck_assert(g.x[1] == before + (x.x[1] > 0 ? out.x[1] : 0));
        td_extent whole = { e.planes, e.height + 2 * TD_MARGIN,
                            e.width + 2 * TD_MARGIN };
        FOR_EACH_NUMBER(whole, p, y, xx, c)
        {
            int row = y - TD_MARGIN, column = xx - TD_MARGIN;
            td_real found = padded.x[at(whole, p, y, xx, c)], right = 0;
            if (inside(e, row, column))
                right = x.x[at(e, p, row, column, c)];
            ck_assert(isnan(right) || found == (right > 0 ? right : 0));
        }
        buffer_free(&x);
        buffer_free(&out);
        buffer_free(&g);
        buffer_free(&padded);
    }
}
END_TEST

START_TEST(test_norm_relu)
{
    td_extent e = extents[_i];
    size_t n = td_extent_count(e), width = (size_t) (e.planes * TD_PLANE);
    FOR_EACH_ISA(k)
    {
        buffer y = buffer_new(n, 1), a = buffer_new(width, 1), b = buffer_new(width, 1);
        buffer z = buffer_new(td_extent_padded_count(e), 1), gz = buffer_new(n, 1);
        buffer dr = buffer_new(td_extent_padded_count(e), 1);
        double first[64] = { 0 }, second[64] = { 0 }, right1[64] = { 0 },
               right2[64] = { 0 };
        td_sums sums = { first, second };
        k->norm_relu_padded(z.x, y.x, a.x, b.x, e);
        k->norm_relu_padded_data(gz.x, &sums, dr.x, y.x, a.x, b.x, e);
        FOR_EACH_NUMBER(e, p, row, x, c)
        {
            int channel = p * TD_PLANE + c;
            td_real here = y.x[at(e, p, row, x, c)];
            td_real value = a.x[channel] * here + b.x[channel];
            td_real found = z.x[padded_at(e, p, row, x, c)];
            ck_assert(fabs((double) (found - (value > 0 ? value : 0))) <= 1e-5);
            double g = found > 0 ? (double) dr.x[padded_at(e, p, row, x, c)] : 0.0;
            ck_assert((double) gz.x[at(e, p, row, x, c)] == g);
            right1[channel] += g;
            right2[channel] += g * (double) here;
        }
        check_sums("first", first, right1, (int) width);
        check_sums("second", second, right2, (int) width);
        td_real before = y.x[0], value = z.x[padded_at(e, 0, 0, 0, 0)];
        k->relu_padded_data(y.x, dr.x, gz.x, e);
        ck_assert(y.x[0] ==
                  before + (gz.x[0] > 0 ? dr.x[padded_at(e, 0, 0, 0, 0)] : 0 * value));
        buffer_free(&y);
        buffer_free(&a);
        buffer_free(&b);
        buffer_free(&z);
        buffer_free(&gz);
        buffer_free(&dr);
    }
}
END_TEST

START_TEST(test_per_channel)
{
    td_extent e = extents[_i];
    int pixels = e.height * e.width;
    size_t n = td_extent_count(e), width = (size_t) (e.planes * TD_PLANE);
    FOR_EACH_ISA(k)
    {
        buffer g = buffer_new(n, 1), y = buffer_new(n, 1), out = buffer_new(n, 1);
        buffer a = buffer_new(width, 1), b = buffer_new(width, 1),
               c = buffer_new(width, 1);
        double *affine = td_malloc(n * sizeof *affine),
               *sum = td_malloc(n * sizeof *sum);
        double first[64], second[64], right1[64] = { 0 }, right2[64] = { 0 };
        td_sums sums = { first, second };
        FOR_EACH_NUMBER(e, p, row, x, ch)
        {
            size_t i = at(e, p, row, x, ch);
            int channel = p * TD_PLANE + ch;
            affine[i] = (double) a.x[channel] * (double) g.x[i] +
                        (double) b.x[channel] * (double) y.x[i] + (double) c.x[channel];
            sum[i] = (double) c.x[channel] + (double) a.x[channel] * (double) y.x[i];
            right1[channel] += (double) g.x[i];
            right2[channel] += (double) g.x[i] * (double) y.x[i];
        }
        k->affine(out.x, g.x, y.x, a.x, b.x, c.x, e.planes, pixels);
        check_close("affine", out.x, affine, n);
        k->fill(out.x, c.x, e.planes, pixels);
        k->add_scaled(out.x, y.x, a.x, e.planes, pixels);
        check_close("add_scaled", out.x, sum, n);
        k->dot_sums(&sums, g.x, y.x, e.planes, pixels);
        check_sums("first", first, right1, (int) width);
        check_sums("second", second, right2, (int) width);
        td_free(affine);
        td_free(sum);
        buffer_free(&g);
        buffer_free(&y);
        buffer_free(&out);
        buffer_free(&a);
        buffer_free(&b);
        buffer_free(&c);
    }
}
END_TEST

START_TEST(test_halve)
{
    static const td_extent even[] = { { 1, 2, 2 }, { 2, 6, 4 }, { 1, 14, 10 } };
    td_extent e = even[_i], half = { e.planes, e.height / 2, e.width / 2 };
    size_t n = td_extent_count(e);
    FOR_EACH_ISA(k)
    {
        buffer x = buffer_new(n, 1), out = buffer_new(n / 2, 1);
        buffer dx = buffer_new(td_extent_padded_count(e), 1);
        td_real *before = td_malloc(dx.count * sizeof(td_real));
        memcpy(before, dx.x, dx.count * sizeof(td_real));
        k->halve(out.x, x.x, e, 0);
        k->halve_data(dx.x, out.x, e, TD_MARGIN);
        FOR_EACH_NUMBER(half, p, y, xx, c)
        for (int phase = 0; phase < 2; phase++) {
            td_extent both = { 2 * e.planes, half.height, half.width };
            td_real found = out.x[at(both, p + phase * e.planes, y, xx, c)];
            size_t to = padded_at(e, p, 2 * y + phase, 2 * xx + phase, c);
            ck_assert(found == x.x[at(e, p, 2 * y + phase, 2 * xx + phase, c)]);
            ck_assert(dx.x[to] == before[to] + found);
        }
        td_free(before);
        buffer_free(&x);
        buffer_free(&out);
        buffer_free(&dx);
    }
}
END_TEST

/* ---- convolutions ----------------------------------------------------------------------------- */

/* Calls visit for every product dd·r·w of a depthwise convolution, by their indices. */
typedef void tap_visitor(void *arg, size_t d, size_t r, size_t w);

static void each_tap(const td_depthwise *conv, tap_visitor *visit, void *arg)
{
    td_extent in = conv->in;
    td_extent out = { in.planes, in.height / conv->stride, in.width / conv->stride };
    int k = conv->kernel, pad = conv->dilation * (k - 1) / 2;
    FOR_EACH_NUMBER(out, p, y, x, c)
    for (int t = 0; t < k * k; t++) {
        int row = y * conv->stride + t / k * conv->dilation - pad;
        int column = x * conv->stride + t % k * conv->dilation - pad;
        if (inside(in, row, column))
            visit(arg, at(out, p, y, x, c), padded_at(in, p, row, column, c),
                  (size_t) ((p * k * k + t) * TD_PLANE + c));
    }
}

typedef struct {
    const td_real *r, *w, *dd;
    double *d, *dr, *dw;
} tap_sums;

static void add_tap(void *arg, size_t d, size_t r, size_t w)
{
    tap_sums *t = arg;
    t->d[d] += (double) t->r[r] * (double) t->w[w];
    t->dr[r] += (double) t->dd[d] * (double) t->w[w];
    t->dw[w] += (double) t->dd[d] * (double) t->r[r];
}

/* The inner part of a padded array; the margin collects what nobody reads. */
static void check_inner(const char *what, const td_real *mine, const double *right,
                        td_extent e)
{
    double largest = 1e-30;
    FOR_EACH_NUMBER(e, p, y, x, c)
    largest = fmax(largest, fabs(right[padded_at(e, p, y, x, c)]));
    FOR_EACH_NUMBER(e, p, y, x, c)
    {
        size_t i = padded_at(e, p, y, x, c);
        ck_assert_msg(fabs((double) mine[i] - right[i]) <= tolerance * largest,
                      "%s at %d %d %d: %g, not %g", what, p, y, x, (double) mine[i],
                      right[i]);
    }
}

static void check_depthwise(const td_kernels *k, const td_depthwise *conv)
{
    td_extent in = conv->in, plane = { 1, in.height, in.width };
    size_t padded = td_extent_padded_count(in);
    size_t out = td_extent_count(in) / (size_t) (conv->stride * conv->stride);
    size_t taps = (size_t) (in.planes * conv->kernel * conv->kernel * TD_PLANE);
    buffer x = buffer_new(td_extent_count(in), 1), r = buffer_new(padded, 0);
    buffer w = buffer_new(taps, 1), d = buffer_new(out, 1), dd = buffer_new(out, 1);
    buffer dr = buffer_new(padded, 0), dw = buffer_new(taps, 0);
    buffer work = buffer_new(td_extent_padded_count(plane) + td_extent_count(plane), 1);
    tap_sums right = { r.x,
                       w.x,
                       dd.x,
                       td_malloc(out * sizeof(double)),
                       td_malloc(padded * sizeof(double)),
                       td_malloc(taps * sizeof(double)) };
    k->relu_padded(r.x, x.x, in);
    each_tap(conv, add_tap, &right);
    k->depthwise(d.x, r.x, w.x, conv);
    check_close("depthwise", d.x, right.d, out);
    k->depthwise_data(dr.x, work.x, dd.x, w.x, conv);
    check_inner("depthwise_data", dr.x, right.dr, in);
    k->depthwise_weights(dw.x, dd.x, r.x, conv);
    check_close("depthwise_weights", dw.x, right.dw, taps);
    k->depthwise_weights(dw.x, dd.x, r.x, conv);
    for (size_t i = 0; i < taps; i++)
        right.dw[i] *= 2; /* it adds */
    check_close("depthwise_weights, again", dw.x, right.dw, taps);
    td_free(right.d);
    td_free(right.dr);
    td_free(right.dw);
    buffer *all[] = { &x, &r, &w, &d, &dd, &dr, &dw, &work };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        buffer_free(all[i]);
}

START_TEST(test_depthwise)
{
    for (int form = 0; form < 8; form++) {
        td_depthwise conv = { extents[_i], form & 1 ? 5 : 3, form & 2 ? 2 : 1,
                              form & 4 ? 2 : 1 };
        bool divides =
            conv.in.height % conv.stride == 0 && conv.in.width % conv.stride == 0;
        if (divides)
            FOR_EACH_ISA(k)
        check_depthwise(k, &conv);
    }
}
END_TEST

static void check_pointwise(const td_kernels *k, int in, int out, int pixels)
{
    size_t plane = (size_t) pixels * TD_PLANE;
    size_t weights = (size_t) (in * out) * TD_PLANE * TD_PLANE;
    buffer d = buffer_new((size_t) in * plane, 1),
           y = buffer_new((size_t) out * plane, 1);
    buffer gy = buffer_new((size_t) out * plane, 1), w = buffer_new(weights, 1);
    buffer dw = buffer_new(weights, 0);
    double *right = td_malloc((size_t) out * plane * sizeof *right);
    double *right_dw = td_malloc(weights * sizeof *right_dw);
    double first[64], second[64], sum1[64] = { 0 }, sum2[64] = { 0 };
    td_sums sums = { first, second };
    for (int q = 0; q < out * TD_PLANE; q++)
        for (int px = 0; px < pixels; px++) {
            size_t to = (size_t) (q / TD_PLANE) * plane +
                        (size_t) (px * TD_PLANE + q % TD_PLANE);
            for (int p = 0; p < in * TD_PLANE; p++) {
                size_t from = (size_t) (p / TD_PLANE) * plane +
                              (size_t) (px * TD_PLANE + p % TD_PLANE);
                size_t weight =
                    (size_t) ((q / TD_PLANE * in * TD_PLANE + p) * TD_PLANE +
                              q % TD_PLANE);
                right[to] += (double) d.x[from] * (double) w.x[weight];
                right_dw[weight] += (double) d.x[from] * (double) gy.x[to];
            }
            sum1[q] += right[to];
            sum2[q] += right[to] * right[to];
        }
    k->pointwise(y.x, &sums, d.x, w.x, in, out, pixels);
    check_close("pointwise", y.x, right, (size_t) out * plane);
    check_sums("first", first, sum1, out * TD_PLANE);
    check_sums("second", second, sum2, out * TD_PLANE);
    k->pointwise(y.x, NULL, d.x, w.x, in, out, pixels);
    check_close("pointwise without sums", y.x, right, (size_t) out * plane);
    k->pointwise_weights(dw.x, gy.x, d.x, in, out, pixels);
    check_close("pointwise_weights", dw.x, right_dw, weights);
    td_free(right);
    td_free(right_dw);
    buffer *all[] = { &d, &y, &gy, &w, &dw };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        buffer_free(all[i]);
}

START_TEST(test_pointwise)
{
    static const int pixels[] = { 1,  2,  3,  5,  7,  8,  9,  15,
                                  16, 17, 31, 33, 49, 64, 65, 130 };
    FOR_EACH_ISA(k)
    for (size_t i = 0; i < sizeof pixels / sizeof *pixels; i++)
        check_pointwise(k, _i + 1, 3 - _i, pixels[i]);
}
END_TEST

/* ---- pools ----------------------------------------------------------------------------------------- */

/* Maximum with its first place, and mean, of the window of output (y, x). */
static void window(td_extent e, const td_real *x, int stride, const int place[4],
                   double *max, int *tap, double *mean)
{
    int count = 0;
    *max = -INFINITY;
    *mean = 0.0;
    for (int t = 0; t < 9; t++) {
        int row = place[1] * stride - 1 + t / 3, column = place[2] * stride - 1 + t % 3;
        if (!inside(e, row, column))
            continue;
        double here = (double) x[at(e, place[0], row, column, place[3])];
        if (here > *max) {
            *max = here;
            *tap = t;
        }
        *mean += here;
        count++;
    }
    *mean /= count;
}

static void check_pools(const td_kernels *k, td_extent e, int stride)
{
    td_extent half = { e.planes, e.height / stride, e.width / stride };
    size_t n = td_extent_count(e), out = td_extent_count(half);
    buffer x = buffer_new(n, 1), m = buffer_new(out, 1), v = buffer_new(out, 1);
    buffer dm = buffer_new(n, 0), dv = buffer_new(n, 0), g = buffer_new(out, 1);
    uint8_t *argmax = td_malloc(out);
    double *right_dm = td_malloc(n * sizeof(double)),
           *right_dv = td_malloc(n * sizeof(double));
    double first[64], second[64], sum1[64] = { 0 }, sum2[64] = { 0 };
    td_sums sums = { first, second };
    for (size_t i = 0; i < n; i++)
        x.x[i] = (td_real) round(2 * (double) x.x[i]); /* ties, as flat images have */
    k->max_pool(m.x, argmax, &sums, x.x, e, stride);
    k->avg_pool(v.x, NULL, x.x, e, stride);
    FOR_EACH_NUMBER(half, p, y, xx, c)
    {
        double max, mean;
        int tap = 0, inside_count = 0;
        size_t i = at(half, p, y, xx, c);
        window(e, x.x, stride, (int[4]){ p, y, xx, c }, &max, &tap, &mean);
        ck_assert((double) m.x[i] == max && argmax[i] == tap);
        ck_assert(fabs((double) v.x[i] - mean) <= 1e-6);
        sum1[p * TD_PLANE + c] += max;
        sum2[p * TD_PLANE + c] += max * max;
        for (int t = 0; t < 9; t++)
            inside_count += inside(e, y * stride - 1 + t / 3, xx * stride - 1 + t % 3);
        for (int t = 0; t < 9; t++) {
            int row = y * stride - 1 + t / 3, column = xx * stride - 1 + t % 3;
            if (!inside(e, row, column))
                continue;
            size_t to = at(e, p, row, column, c);
            right_dm[to] += t == tap ? (double) g.x[i] : 0.0;
            right_dv[to] += (double) g.x[i] / inside_count;
        }
    }
    check_sums("first", first, sum1, e.planes * TD_PLANE);
    check_sums("second", second, sum2, e.planes * TD_PLANE);
    k->max_pool_data(dm.x, g.x, argmax, e, stride);
    k->avg_pool_data(dv.x, g.x, e, stride);
    check_close("max_pool_data", dm.x, right_dm, n);
    check_close("avg_pool_data", dv.x, right_dv, n);
    td_free(argmax);
    td_free(right_dm);
    td_free(right_dv);
    buffer *all[] = { &x, &m, &v, &dm, &dv, &g };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        buffer_free(all[i]);
}

START_TEST(test_pools)
{
    td_extent e = extents[_i];
    FOR_EACH_ISA(k)
    {
        check_pools(k, e, 1);
        if (e.height % 2 == 0 && e.width % 2 == 0)
            check_pools(k, e, 2);
    }
}
END_TEST

/* ---- choice and dense products ------------------------------------------------------------------------ */

START_TEST(test_choice)
{
    td_isa chosen;
    setenv("TAILDART_ISA", "generic", 1);
    ck_assert_int_eq(td_isa_select(&chosen, td_isa_detect()), TD_OK);
    ck_assert_int_eq(chosen, TD_ISA_GENERIC);
    ck_assert_str_eq(td_kernels_get(chosen)->isa, "generic");
    setenv("TAILDART_ISA", "avx2", 1);
    ck_assert_int_eq(td_isa_select(&chosen, td_isa_detect()), TD_USAGE);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "generic"));
    unsetenv("TAILDART_ISA");
    ck_assert_int_eq(td_isa_select(&chosen, td_isa_detect()), TD_OK);
    ck_assert_int_eq(chosen, td_isa_detect());
}
END_TEST

START_TEST(test_gemm)
{
    td_real a[6] = { 1, 2, 3, 4, 5, 6 }, b[6] = { 1, 0, 2, 1, 0, 3 },
            c[4] = { 1, 1, 1, 1 };
    td_gemm(c, a, b, (td_gemm_size){ 2, 2, 3, false, false }, true);
    ck_assert(c[0] == 6 && c[1] == 12 && c[2] == 15 && c[3] == 24);
    td_gemm(c, a, b, (td_gemm_size){ 2, 2, 3, true, true }, false);
    ck_assert(c[0] == 11 && c[1] == 16 && c[2] == 14 && c[3] == 20);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kernels");
    TCase *tests = tcase_create("against sums");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, test_relu, 0, EXTENTS);
    tcase_add_loop_test(tests, test_norm_relu, 0, EXTENTS);
    tcase_add_loop_test(tests, test_per_channel, 0, EXTENTS);
    tcase_add_loop_test(tests, test_halve, 0, 3);
    tcase_add_loop_test(tests, test_depthwise, 0, EXTENTS);
    tcase_add_loop_test(tests, test_pointwise, 0, 3);
    tcase_add_loop_test(tests, test_pools, 0, EXTENTS);
    tcase_add_test(tests, test_choice);
    tcase_add_test(tests, test_gemm);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed || td_base_live_blocks() ? EXIT_FAILURE : EXIT_SUCCESS;
}
