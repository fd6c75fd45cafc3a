/* The plain kernels against their formulas written out in double; the fast ones are
 * compared with the plain ones in test_kernels_vector.c. */
#include <stdlib.h>

#include "kernel_buffers.h"
#include "suite.h"

static const td_kernels *k; /* the plain table */

static void find_plain(void)
{
    k = td_kernels_get(TD_ISA_GENERIC);
}

static double *zero_doubles(size_t count)
{
    return memset(guarded(count * sizeof(double)), 0, count * sizeof(double));
}

/* Index of a channel of a pixel in an image. */
static size_t number_at(int pixels, int channel, int pixel)
{
    return (size_t) ((channel / TD_PLANE * pixels + pixel) * TD_PLANE +
                     channel % TD_PLANE);
}

/* Index of W[o, i]. */
static size_t weight_at(int planes_in, int o, int i)
{
    return number_at(planes_in * TD_PLANE, o, i);
}

static int pixels_of(td_extent e)
{
    return e.height * e.width;
}

/* Σ g and Σ g·y of an image of some channels. */
static td_sums right_sums(const double *g, const double *y, int planes, int pixels)
{
    size_t count = (size_t) planes * TD_PLANE;
    double *first = zero_doubles(count), *second = zero_doubles(count);
    for (int c = 0; c < planes * TD_PLANE; c++)
        for (int i = 0; i < pixels; i++) {
            size_t at = number_at(pixels, c, i);
            first[c] += g[at];
            second[c] += g[at] * y[at];
        }
    return (td_sums){ first, second };
}

/* \a scale is that of one number. */
static void check_sums(td_sums found, const double *g, const double *y, int planes,
                       int pixels, double scale)
{
    td_sums right = right_sums(g, y, planes, pixels);
    size_t count = (size_t) planes * TD_PLANE;
    double root = sqrt((double) pixels);
    check_doubles("first", found.first, right.first, count, scale * root);
    check_doubles("second", found.second, right.second, count, scale * scale * root);
}

/* ---- element-wise ----------------------------------------------------- */

START_TEST(test_relu)
{
    for (int i = 0; i < IMAGES; i++) {
        image_case at = case_at(i);
        size_t n = td_extent_count(at.size);
        td_real *x = numbers(n), *g = numbers(n), *start = numbers(n);
        x[0] = (td_real) NAN, x[1] = 0;
        freeze();
        td_real *out = unwritten(n), *dx = copy_of(start, n);
        td_real *in_margin = padded(at.size, NULL, margin_word);
        k->relu(out, x, n);
        k->relu_padded(in_margin, x, at.size);
        k->relu_data(dx, g, x, n);
        ck_assert(isnan(out[0]) && out[1] == 0 && dx[0] == start[0]);
        for (size_t j = 1; j < n; j++) {
            ck_assert(out[j] == (x[j] > 0 ? x[j] : 0));
            ck_assert(dx[j] == start[j] + (x[j] > 0 ? g[j] : 0));
        }
        check_same("relu_padded", inner_of(in_margin, at.size), out, n);
        release();
    }
}
END_TEST

START_TEST(test_norm_relu)
{
    for (int i = 0; i < IMAGES; i++) {
        image_case at = case_at(i);
        int pixels = pixels_of(at.size), planes = at.size.planes;
        size_t n = td_extent_count(at.size);
        td_real *y = numbers(n), *dr = numbers(n);
        td_real *scale = image(at.channels, 1), *shift = image(at.channels, 1);
        freeze();
        td_real *out = padded(at.size, NULL, margin_word), *gz = copy_of(dr, n);
        double *right = zero_doubles(n), *right_gz = zero_doubles(n);
        td_sums sums = unwritten_sums(planes);
        k->norm_relu_padded(out, y, scale, shift, at.size);
        k->norm_relu_data(gz, &sums, gz, y, scale, shift, planes, pixels);
        for (int c = 0; c < planes * TD_PLANE; c++)
            for (int px = 0; px < pixels; px++) {
                size_t j = number_at(pixels, c, px);
                double value = (double) (scale[c] * y[j] + shift[c]);
                right[j] = fmax(value, 0.0);
                right_gz[j] = value > 0.0 ? (double) dr[j] : 0.0;
            }
        check_numbers("norm_relu_padded", inner_of(out, at.size), right, n, 1);
        check_numbers("norm_relu_data", gz, right_gz, n, 0);
        check_sums(sums, right_gz, doubles_of(y, n), planes, pixels, 1);
        release();
    }
}
END_TEST

START_TEST(test_halve)
{
    for (int i = 0; i < IMAGES; i++) {
        image_case out = case_at(i);
        td_extent half = out.size,
                  in = { half.planes, 2 * half.height, 2 * half.width };
        td_extent both = { 2 * half.planes, half.height, half.width };
        size_t n = td_extent_count(in);
        td_real *x = numbers(n), *start = numbers(n), *g = numbers(n / 2);
        td_real *surrounded = padded(in, x, 0);
        freeze();
        td_real *found = unwritten(n / 2), *other = unwritten(n / 2);
        td_real *dx = copy_of(start, n), *right = copy_of(start, n);
        k->halve(found, x, in, 0);
        k->halve(other, surrounded, in, TD_MARGIN);
        k->halve_data(dx, g, in);
        FOR_EACH_PIXEL(both, 0, p, row, column)
        {
            int phase = p / half.planes;
            size_t from = at(both, p, row, column);
            size_t to = at(in, p % half.planes, 2 * row + phase, 2 * column + phase);
            check_same("halve", found + from, x + to, TD_PLANE);
            for (size_t c = 0; c < TD_PLANE; c++)
                right[to + c] += g[from + c];
        }
        check_same("halve of a padded image", other, found, n / 2);
        check_same("halve_data", dx, right, n);
        release();
    }
}
END_TEST

/* ---- per channel ------------------------------------------------------ */

/* A start, two terms, and onto what was there. */
static void check_combine(const td_real *const in[2], td_affine coefs, int planes,
                          int pixels)
{
    const td_real *a = coefs.a, *b = coefs.b, *start = coefs.c;
    size_t n = (size_t) (planes * pixels * TD_PLANE);
    td_term terms[2] = { { in[0], a }, { in[1], b } };
    td_real *before = numbers(n), *mixed = unwritten(n), *added = copy_of(before, n);
    td_real *flat = unwritten(n);
    double *right = zero_doubles(n), *right_added = zero_doubles(n);
    double *right_flat = zero_doubles(n);
    for (int c = 0; c < planes * TD_PLANE; c++)
        for (int px = 0; px < pixels; px++) {
            size_t j = number_at(pixels, c, px);
            right_flat[j] = (double) start[c];
            right[j] = (double) a[c] * (double) in[0][j] +
                       (double) b[c] * (double) in[1][j] + (double) start[c];
            right_added[j] = right[j] + (double) before[j];
        }
    k->combine(mixed, false, start, terms, 2, planes, pixels);
    k->combine(added, true, start, terms, 2, planes, pixels);
    k->combine(flat, false, start, NULL, 0, planes, pixels);
    check_numbers("combine", mixed, right, n, 1);
    check_numbers("combine added", added, right_added, n, 1);
    check_numbers("combine of nothing", flat, right_flat, n, 0);
    k->affine(mixed, in[0], in[1], &coefs, planes, pixels);
    check_numbers("affine", mixed, right, n, 1);
}

START_TEST(test_per_channel)
{
    for (int i = 0; i < CHANNEL_COUNTS * LENGTHS; i++) {
        int channels = channel_counts[i % CHANNEL_COUNTS], planes = td_planes(channels);
        int pixels = length_at(i / CHANNEL_COUNTS);
        size_t n = (size_t) (planes * pixels * TD_PLANE);
        set_label("%d channels, %d pixels", channels, pixels);
        td_real *g = numbers(n), *y = numbers(n);
        td_affine coefs = { image(channels, 1), image(channels, 1),
                            image(channels, 1) };
        freeze();
        td_sums sums = unwritten_sums(planes);
        k->sum(sums.first, g, planes, pixels);
        k->dots(&sums.second, g, (const td_real *[]){ y }, 1, planes, pixels);
        check_sums(sums, doubles_of(g, n), doubles_of(y, n), planes, pixels, 1);
        check_combine((const td_real *[]){ g, y }, coefs, planes, pixels);
        release();
    }
}
END_TEST

/* ---- convolutions ----------------------------------------------------- */

/* y += W d, or with \a transposed y += Wᵀ d: the same weights, read the other way. */
static double *product(const td_real *w, bool transposed, const double *d,
                       const int planes[2], int pixels)
{
    int in = planes[0] * TD_PLANE, out = planes[1] * TD_PLANE;
    double *y = zero_doubles((size_t) (out * pixels));
    for (int o = 0; o < out; o++)
        for (int i = 0; i < in; i++) {
            size_t from =
                transposed ? weight_at(planes[1], i, o) : weight_at(planes[0], o, i);
            for (int px = 0; px < pixels && w[from] != 0; px++)
                y[number_at(pixels, o, px)] +=
                    (double) w[from] * d[number_at(pixels, i, px)];
        }
    return y;
}

/* dw + Σ over pixels of gy ⊗ d. */
static double *outer_sum(const td_real *dw, const double *gy, const double *d,
                         const int planes[2], int pixels)
{
    int in = planes[0] * TD_PLANE, out = planes[1] * TD_PLANE;
    double *sum = doubles_of(dw, (size_t) (in * out));
    for (int o = 0; o < out; o++)
        for (int i = 0; i < in; i++)
            for (int px = 0; px < pixels; px++)
                sum[weight_at(planes[0], o, i)] +=
                    gy[number_at(pixels, o, px)] * d[number_at(pixels, i, px)];
    return sum;
}

static void check_pointwise(td_channels in, int out, int pixels)
{
    set_label("%d x %d to %d channels, %d pixels", in.parts, in.channels, out, pixels);
    int planes[2] = { td_channels_planes(in), td_planes(out) };
    double in_scale = typical(in.parts * in.channels);
    size_t n = (size_t) (planes[1] * pixels * TD_PLANE);
    size_t weights = (size_t) (planes[0] * planes[1] * TD_PLANE * TD_PLANE);
    td_real *d = image_in_parts(in, pixels), *gy = image(out, pixels);
    td_real *w = matrix_in_parts(in, out), *start = matrix_in_parts(in, out);
    freeze();
    td_real *y = unwritten(n), *alone = unwritten(n), *dw = copy_of(start, weights);
    td_sums sums = unwritten_sums(planes[1]);
    const double *d_in = doubles_of(d, (size_t) (planes[0] * pixels * TD_PLANE));
    const double *right = product(w, false, d_in, planes, pixels);
    k->pointwise(y, &sums, d, w, in, planes[1], pixels);
    k->pointwise(alone, NULL, d, w, in, planes[1], pixels);
    k->pointwise_weights(dw, gy, d, in, planes[1], pixels);
    check_numbers("pointwise", y, right, n, in_scale);
    check_sums(sums, right, right, planes[1], pixels, in_scale);
    check_same("pointwise without sums", alone, y, n);
    check_numbers("pointwise_weights", dw,
                  outer_sum(start, doubles_of(gy, n), d_in, planes, pixels), weights,
                  typical(pixels));
    release();
}

START_TEST(test_pointwise)
{
    for (int i = 0; i < CHANNEL_COUNTS; i++)
        for (int j = i % 4; j < LENGTHS; j += 4)
            check_pointwise((td_channels){ 1 + j % 3, channel_counts[i] },
                            channel_counts[(i + j) % CHANNEL_COUNTS], length_at(j));
    check_pointwise((td_channels){ 1, 20 }, 36, 200);
}
END_TEST

/* The three products of a depthwise convolution, without margins. */
typedef struct {
    const td_real *x, *w, *g; /* input, taps, gradient of the output */
    double *d, *dx, *dw;      /* output, their gradients             */
} tap_sums;

static void add_tap(tap_sums *s, size_t d, size_t x, size_t w)
{
    for (size_t c = 0; c < TD_PLANE; c++) {
        s->d[d + c] += (double) s->x[x + c] * (double) s->w[w + c];
        s->dx[x + c] += (double) s->g[d + c] * (double) s->w[w + c];
        s->dw[w + c] += (double) s->g[d + c] * (double) s->x[x + c];
    }
}

/* Every tap that lies inside of the image. */
static tap_sums sum_taps(const td_depthwise *conv, const td_real *x, const td_real *w,
                         const td_real *g)
{
    td_extent in = conv->in, out = td_depthwise_out(conv);
    int size = conv->kernel, pad = conv->dilation * (size - 1) / 2;
    tap_sums s = { x,
                   w,
                   g,
                   zero_doubles(td_extent_count(out)),
                   zero_doubles(td_extent_count(in)),
                   zero_doubles((size_t) (in.planes * size * size * TD_PLANE)) };
    FOR_EACH_PIXEL(out, 0, p, y, column)
    for (int t = 0; t < size * size; t++) {
        int row = y * conv->stride + t / size * conv->dilation - pad;
        int from = column * conv->stride + t % size * conv->dilation - pad;
        if (inside(in, row, from))
            add_tap(&s, at(out, p, y, column), at(in, p, row, from),
                    (size_t) ((p * size * size + t) * TD_PLANE));
    }
    return s;
}

static void check_depthwise(image_case out, const td_depthwise *conv)
{
    int taps = conv->kernel * conv->kernel, n = out.channels;
    size_t in = td_extent_count(conv->in);
    size_t weights = (size_t) (out.size.planes * taps * TD_PLANE);
    td_real *x = image(n, pixels_of(conv->in)), *w = image(n, taps);
    td_real *g = image(n, pixels_of(out.size)), *dd = padded(out.size, g, 0);
    td_real *r = padded(conv->in, x, 0);
    td_real *start = image(n, pixels_of(conv->in)), *start_w = image(n, taps);
    freeze();
    tap_sums right = sum_taps(conv, x, w, g);
    td_real *dr = unwritten(in), *added = copy_of(start, in);
    td_real *dw = copy_of(start_w, weights);
    k->depthwise_data(dr, false, dd, w, conv);
    k->depthwise_data(added, true, dd, w, conv);
    k->depthwise_weights(dw, dd, r, conv);
    check_numbers("depthwise_data", dr, right.dx, in, typical(taps));
    for (size_t i = 0; i < in; i++)
        right.dx[i] += (double) start[i];
    check_numbers("depthwise_data added", added, right.dx, in, typical(taps));
    for (size_t i = 0; i < weights; i++)
        right.dw[i] += (double) start_w[i];
    check_numbers("depthwise_weights", dw, right.dw, weights,
                  typical(pixels_of(out.size)));
}

/* Wᵀ as the kernels want it. */
static td_real *transpose_of(const td_real *w, int planes)
{
    int channels = planes * TD_PLANE;
    td_real *turned = unwritten((size_t) (channels * channels));
    for (int o = 0; o < channels; o++)
        for (int i = 0; i < channels; i++)
            turned[weight_at(planes, i, o)] = w[weight_at(planes, o, i)];
    return turned;
}

static void check_separable(image_case out, const td_separable *unit, const td_real *r,
                            const double *d)
{
    int planes[2] = { out.size.planes, out.size.planes }, pixels = pixels_of(out.size);
    size_t n = td_extent_count(out.size), work = td_separable_work(out.size);
    double scale = typical(unit->conv.kernel * unit->conv.kernel) * sqrt(out.channels);
    td_real *y = unwritten(n), *alone = unwritten(n);
    td_sums sums = unwritten_sums(planes[0]);
    const double *right = product(unit->matrix, false, d, planes, pixels);
    k->separable(y, &sums, r, unit, unwritten(work));
    k->separable(alone, NULL, r, unit, unwritten(work));
    check_numbers("separable", y, right, n, scale);
    check_sums(sums, right, right, planes[0], pixels, scale);
    check_same("separable without sums", alone, y, n);
}

static void check_separable_add(image_case out, const td_separable *unit,
                                const td_real *r, const td_real *start, const double *d)
{
    int planes[2] = { out.size.planes, out.size.planes }, pixels = pixels_of(out.size);
    size_t n = td_extent_count(out.size), work = td_separable_work(out.size);
    const td_real *scale = image(out.channels, 1);
    freeze();
    td_real *y = copy_of(start, n);
    const double *term = product(unit->matrix, false, d, planes, pixels);
    double *right = zero_doubles(n);
    for (int c = 0; c < planes[0] * TD_PLANE; c++)
        for (int px = 0; px < pixels; px++) {
            size_t j = number_at(pixels, c, px);
            right[j] = (double) start[j] + (double) scale[c] * term[j];
        }
    k->separable_add(y, scale, r, unit, unwritten(work));
    check_numbers("separable_add", y, right, n,
                  typical(unit->conv.kernel * unit->conv.kernel) * sqrt(out.channels));
}

/* gy = a·g + b·y + c */
static double *gradient(const td_real *g, const td_real *y, const td_affine *coefs,
                        int planes, int pixels)
{
    double *gy = zero_doubles((size_t) (planes * pixels * TD_PLANE));
    for (int c = 0; c < planes * TD_PLANE; c++)
        for (int px = 0; px < pixels; px++) {
            size_t j = number_at(pixels, c, px);
            gy[j] = (double) coefs->a[c] * (double) g[j] +
                    (double) coefs->b[c] * (double) y[j] + (double) coefs->c[c];
        }
    return gy;
}

static void check_separable_data(image_case out, const td_separable *unit,
                                 const td_real *r, const td_real *g, const double *d)
{
    int n = out.channels, pixels = pixels_of(out.size);
    int planes[2] = { out.size.planes, out.size.planes };
    size_t count = td_extent_count(out.size), work = td_separable_work(out.size);
    size_t weights = (size_t) (planes[0] * planes[0] * TD_PLANE * TD_PLANE);
    td_affine coefs = { image(n, 1), image(n, 1), image(n, 1) };
    td_real *y = image(n, pixels), *start = matrix(n, n);
    freeze();
    const double *gy = gradient(g, y, &coefs, planes[0], pixels);
    td_real *dd = padded(out.size, NULL, margin_word);
    td_real *alone = padded(out.size, NULL, margin_word);
    td_real *dw = copy_of(start, weights);
    k->separable_data(dd, dw, g, y, &coefs, r, unit, unwritten(work));
    k->separable_data(alone, NULL, g, y, &coefs, NULL, unit, unwritten(work));
    td_real *inner = inner_of(dd, out.size);
    check_numbers("separable_data", inner,
                  product(unit->matrix, true, gy, planes, pixels), count,
                  3 * typical(n));
    check_same("separable_data alone", inner_of(alone, out.size), inner, count);
    check_numbers("separable_data dw", dw, outer_sum(start, gy, d, planes, pixels),
                  weights,
                  typical(unit->conv.kernel * unit->conv.kernel) * sqrt(pixels));
}

/* Every size with one of the forms, every form with many of the sizes. */
START_TEST(test_depthwise)
{
    for (int i = 0; i < IMAGES; i++) {
        image_case out = case_at(i);
        td_depthwise conv = form_at((i + _i) % FORMS, out);
        check_depthwise(out, &conv);
        release();
    }
}
END_TEST

START_TEST(test_separable)
{
    for (int i = 0; i < IMAGES; i++) {
        image_case out = case_at(i);
        int n = out.channels;
        td_depthwise conv = form_at((i + _i) % FORMS, out);
        td_real *x = image(n, pixels_of(conv.in)), *r = padded(conv.in, x, 0);
        td_real *g = image(n, pixels_of(out.size));
        td_real *w = image(n, conv.kernel * conv.kernel), *by = matrix(n, n);
        td_separable unit = { conv, n, w, by, transpose_of(by, out.size.planes) };
        freeze();
        tap_sums right = sum_taps(&conv, x, w, g);
        check_separable(out, &unit, r, right.d);
        check_separable_add(out, &unit, r, g, right.d);
        check_separable_data(out, &unit, r, g, right.d);
        release();
    }
}
END_TEST

/* ---- pools ------------------------------------------------------------ */

typedef struct {
    td_extent in, out;
    int stride;
    const td_real *x, *g; /* input, gradient of the output */
    double *max, *mean;   /* outputs                       */
    double *dmax, *dmean; /* what they add to that of x    */
    uint8_t *place;
} pools;

/* Taps of a window that are inside, in row order; returns their number. */
static int window(const pools *s, int y, int x, int taps[9], size_t from[9])
{
    int count = 0;
    for (int t = 0; t < 9; t++) {
        int row = y * s->stride - 1 + t / 3, column = x * s->stride - 1 + t % 3;
        if (inside(s->in, row, column)) {
            taps[count] = t;
            from[count++] = at(s->in, 0, row, column);
        }
    }
    return count;
}

/* One channel of one window; plane, to: first channels in the input and the output. */
static void pool_channel(pools *s, size_t plane, size_t to, const int taps[9],
                         const size_t from[9], int count)
{
    int best = 0;
    for (int i = 0; i < count; i++) {
        s->mean[to] += (double) s->x[plane + from[i]] / count;
        s->dmean[plane + from[i]] += (double) s->g[to] / count;
        if (s->x[plane + from[i]] > s->x[plane + from[best]])
            best = i;
    }
    s->max[to] = (double) s->x[plane + from[best]];
    s->dmax[plane + from[best]] += (double) s->g[to];
    s->place[to] = (uint8_t) taps[best];
}

static pools pool_windows(td_extent in, td_extent out, int stride, const td_real *x,
                          const td_real *g, const td_real *start)
{
    size_t n = td_extent_count(in), count = td_extent_count(out);
    pools s = { .in = in, .out = out, .stride = stride, .x = x, .g = g };
    s.max = zero_doubles(count), s.mean = zero_doubles(count);
    s.dmax = doubles_of(start, n), s.dmean = doubles_of(start, n);
    s.place = guarded(count);
    FOR_EACH_PIXEL(out, 0, p, y, column)
    {
        int taps[9];
        size_t from[9];
        int inside_count = window(&s, y, column, taps, from);
        for (size_t c = 0; c < TD_PLANE; c++)
            pool_channel(&s, at(in, p, 0, 0) + c, at(out, p, y, column) + c, taps, from,
                         inside_count);
    }
    return s;
}

static void check_pools(image_case out, int stride, int how)
{
    td_extent in = { out.size.planes, stride * out.size.height,
                     stride * out.size.width };
    size_t n = td_extent_count(in), count = td_extent_count(out.size);
    int pixels = pixels_of(out.size);
    td_real *x = image(out.channels, pixels_of(in)), *start = numbers(n);
    td_real *g = numbers(count);
    make_ties(x, n, how);
    freeze();
    pools right = pool_windows(in, out.size, stride, x, g, start);
    td_real *max = unwritten(count), *mean = unwritten(count);
    td_real *dmax = copy_of(start, n), *dmean = copy_of(start, n);
    uint8_t *place = guarded(count);
    td_sums max_sums = unwritten_sums(in.planes), sums = unwritten_sums(in.planes);
    k->max_pool(max, place, &max_sums, x, in, stride);
    k->max_pool_data(dmax, g, place, in, stride);
    k->avg_pool(mean, &sums, x, in, stride);
    k->avg_pool_data(dmean, g, in, stride);
    check_numbers("max_pool", max, right.max, count, 0);
    ck_assert_msg(memcmp(place, right.place, count) == 0, "other places: %s", label);
    check_sums(max_sums, right.max, right.max, in.planes, pixels, 1);
    check_numbers("max_pool_data", dmax, right.dmax, n, 1);
    check_numbers("avg_pool", mean, right.mean, count, 1);
    check_sums(sums, right.mean, right.mean, in.planes, pixels, 1);
    check_numbers("avg_pool_data", dmean, right.dmean, n, 1);
    k->max_pool(max, NULL, NULL, x, in, stride);
    k->avg_pool(mean, NULL, x, in, stride);
    check_numbers("max_pool alone", max, right.max, count, 0);
    check_numbers("avg_pool without sums", mean, right.mean, count, 1);
    release();
}

START_TEST(test_pools)
{
    for (int i = 0; i < IMAGES; i++)
        for (int stride = 1; stride <= 2; stride++) {
            image_case out = case_at(i);
            set_label("%d channels to %d x %d, stride %d, ties %d", out.channels,
                      out.size.height, out.size.width, stride, _i);
            check_pools(out, stride, _i);
        }
}
END_TEST

/* A flat image: the first pixel of each window that is there at all. */
START_TEST(test_first_of_equal_maxima)
{
    static const uint8_t right[4 * 3] = { 4, 3, 3, 1, 0, 0, 1, 0, 0, 1, 0, 0 };
    td_extent size = { 1, 4, 3 };
    td_real *x = zeros(4 * 3 * TD_PLANE), *m = unwritten(4 * 3 * TD_PLANE);
    uint8_t *place = guarded(4 * 3 * TD_PLANE);
    k->max_pool(m, place, NULL, x, size, 1);
    for (int i = 0; i < 4 * 3 * TD_PLANE; i++)
        ck_assert_int_eq(place[i], right[i / TD_PLANE]);
    release();
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("kernels");
    TCase *tests = tcase_create("against sums in double");
    tcase_set_timeout(tests, 120);
    tcase_add_checked_fixture(tests, find_plain, NULL);
    tcase_add_test(tests, test_relu);
    tcase_add_test(tests, test_norm_relu);
    tcase_add_test(tests, test_halve);
    tcase_add_test(tests, test_per_channel);
    tcase_add_test(tests, test_pointwise);
    tcase_add_loop_test(tests, test_depthwise, 0, FORMS);
    tcase_add_loop_test(tests, test_separable, 0, FORMS);
    tcase_add_loop_test(tests, test_pools, 0, TIES);
    tcase_add_test(tests, test_first_of_equal_maxima);
    suite_add_tcase(suite, tests);
    return suite;
}
