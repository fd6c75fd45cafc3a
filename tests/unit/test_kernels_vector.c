/* Every kernel of every instruction set that this machine has against the plain loops,
 * whose own test is test_kernels.c. */
#include <stdlib.h>

#include "kernel_buffers.h"
#include "suite.h"

static const td_kernels *plain, *fast;

/* The instruction sets that run here.  \return their number */
static int list_isas(td_isa isas[TD_ISA_COUNT])
{
    int count = 0;
    for (int i = 0; i < TD_ISA_COUNT; i++)
        if (td_isa_runs((td_isa) i))
            isas[count++] = (td_isa) i;
    return count;
}

/* \a number is the loop variable of a test. */
static void choose(int number)
{
    td_isa isas[TD_ISA_COUNT];
    ck_assert_int_lt(number, list_isas(isas));
    td_isa isa = isas[number];
    plain = td_kernels_get(TD_ISA_GENERIC);
    fast = td_kernels_get(isa);
    ck_assert_str_eq(fast->isa, td_isa_name(isa));
}

/* An image, or numbers per channel, of both tables. */
static void compare(const char *what, const td_real *found, const td_real *right,
                    int channels, int pixels, double scale)
{
    size_t count = (size_t) td_planes(channels) * (size_t) pixels * TD_PLANE;
    check_numbers(what, found, doubles_of(right, count), count, scale);
    check_padding(what, found, channels, (size_t) pixels);
}

/* Sums of both tables; scale is that of a single number. */
static void compare_sums(td_sums found, td_sums right, int planes, int pixels,
                         double scale)
{
    size_t count = (size_t) planes * TD_PLANE;
    double root = sqrt((double) pixels);
    check_doubles("first", found.first, right.first, count, scale * root);
    check_doubles("second", found.second, right.second, count, scale * scale * root);
}

/* ---- ReLU ------------------------------------------------------------- */

/* Put numbers that a comparison may get wrong over the first pixel. */
static void put_odd_numbers(td_real *x, int channels)
{
    const td_real odd[] = { (td_real) NAN, -0.0f, 0.0f, INFINITY, -INFINITY, 1e-40f };
    for (int c = 0; c < channels && c < (int) (sizeof odd / sizeof *odd); c++)
        x[c] = odd[c];
}

START_TEST(test_relu)
{
    choose(_i);
    for (int i = 0; i < IMAGES; i++) {
        image_case at = case_at(i);
        size_t n = td_extent_count(at.size);
        int pixels = at.size.height * at.size.width;
        td_real *x = image(at.channels, pixels), *g = image(at.channels, pixels);
        td_real *start = image(at.channels, pixels);
        put_odd_numbers(x, at.channels);
        freeze();
        td_real *found = unwritten(n), *right = unwritten(n);
        fast->relu(found, x, n);
        plain->relu(right, x, n);
        check_same("relu", found, right, n);
        found = padded(at.size, NULL, margin_word);
        fast->relu_padded(found, x, at.size);
        check_same("relu_padded", inner_of(found, at.size), right, n);
        found = copy_of(start, n), right = copy_of(start, n);
        fast->relu_data(found, g, x, n);
        plain->relu_data(right, g, x, n);
        check_same("relu_data", found, right, n);
        release();
    }
}
END_TEST

/* What goes through a batch norm; no scaled number is so near zero that a fused
 * multiply-add could see another sign. */
typedef struct {
    td_real *y, *scale, *shift;
} normed;

static normed normed_image(int channels, int pixels)
{
    normed in = { image(channels, pixels), image(channels, 1), image(channels, 1) };
    for (int c = 0; c < channels; c++) {
        in.scale[c] += in.scale[c] < 0 ? -0.5f : 0.5f;
        td_real *y = in.y + c / TD_PLANE * pixels * TD_PLANE + c % TD_PLANE;
        for (int i = 0; i < pixels; i++, y += TD_PLANE)
            if (fabs((double) (in.scale[c] * *y + in.shift[c])) < 1e-3)
                *y += 0.01f;
    }
    return in;
}

START_TEST(test_norm_relu)
{
    choose(_i);
    for (int i = 0; i < IMAGES; i++) {
        image_case at = case_at(i);
        size_t n = td_extent_count(at.size);
        int pixels = at.size.height * at.size.width, planes = at.size.planes;
        normed in = normed_image(at.channels, pixels);
        td_real *dr = image(at.channels, pixels);
        freeze();
        td_real *found = padded(at.size, NULL, margin_word);
        td_real *right = padded(at.size, NULL, margin_word);
        fast->norm_relu_padded(found, in.y, in.scale, in.shift, at.size);
        plain->norm_relu_padded(right, in.y, in.scale, in.shift, at.size);
        compare("norm_relu_padded", inner_of(found, at.size), inner_of(right, at.size),
                at.channels, pixels, 1);
        td_sums sums = unwritten_sums(planes), right_sums = unwritten_sums(planes);
        found = unwritten(n), right = unwritten(n);
        fast->norm_relu_data(found, &sums, dr, in.y, in.scale, in.shift, planes,
                             pixels);
        plain->norm_relu_data(right, &right_sums, dr, in.y, in.scale, in.shift, planes,
                              pixels);
        check_same("norm_relu_data", found, right, n);
        compare_sums(sums, right_sums, planes, pixels, 1);
        td_real *both = copy_of(dr, n);
        sums = unwritten_sums(planes);
        fast->norm_relu_data(both, &sums, both, in.y, in.scale, in.shift, planes,
                             pixels);
        check_same("norm_relu_data in place", both, right, n);
        compare_sums(sums, right_sums, planes, pixels, 1);
        release();
    }
}
END_TEST

/* Wherever it stands, and nowhere else. */
START_TEST(test_nan_passes_a_norm)
{
    choose(_i);
    td_extent size = { 1, 1, 3 };
    for (int i = 0; i < 3 * TD_PLANE; i++) {
        td_real *scale = numbers(TD_PLANE), *shift = numbers(TD_PLANE);
        td_real *y = numbers(3 * TD_PLANE), *out = padded(size, NULL, margin_word);
        y[i] = (td_real) NAN;
        fast->norm_relu_padded(out, y, scale, shift, size);
        const td_real *inner = inner_of(out, size);
        for (int k = 0; k < 3 * TD_PLANE; k++)
            ck_assert_int_eq(isnan(inner[k]) != 0, k == i);
        release();
    }
}
END_TEST

/* ---- halves ----------------------------------------------------------- */

START_TEST(test_halve)
{
    choose(_i);
    for (int i = 0; i < IMAGES; i++) {
        image_case at = case_at(i);
        td_extent in = { at.size.planes, 2 * at.size.height, 2 * at.size.width };
        size_t n = td_extent_count(in);
        td_real *x = image(at.channels, in.height * in.width), *start = numbers(n);
        td_real *surrounded = padded(in, x, margin_word), *g = numbers(n / 2);
        freeze();
        td_real *found = unwritten(n / 2), *right = unwritten(n / 2);
        fast->halve(found, x, in, 0);
        plain->halve(right, x, in, 0);
        check_same("halve", found, right, n / 2);
        found = unwritten(n / 2);
        fast->halve(found, surrounded, in, TD_MARGIN);
        check_same("halve of a padded image", found, right, n / 2);
        found = copy_of(start, n), right = copy_of(start, n);
        fast->halve_data(found, g, in);
        plain->halve_data(right, g, in);
        check_same("halve_data", found, right, n);
        release();
    }
}
END_TEST

/* ---- convolutions ----------------------------------------------------- */

/* Inputs of a separable convolution and its way back. */
typedef struct {
    image_case out;
    int pixels; /* of the output */
    td_separable unit;
    td_real *r;     /* padded */
    td_real *g, *y; /* outputs' */
    td_affine coefs;
    double d_scale, y_scale; /* what comes out of the two halves, as a rule */
} separable_case;

static separable_case separable_at(int i, int form)
{
    image_case out = case_at(i);
    int n = out.channels, pixels = out.size.height * out.size.width;
    td_depthwise conv = form_at(form, out);
    int taps = conv.kernel * conv.kernel;
    td_real *x = image(n, conv.in.height * conv.in.width);
    separable_case c = { .out = out, .pixels = pixels, .r = padded(conv.in, x, 0) };
    c.unit = (td_separable){ conv, n, image(n, taps), matrix(n, n), matrix(n, n) };
    c.g = image(n, pixels);
    c.y = image(n, pixels);
    c.coefs = (td_affine){ image(n, 1), image(n, 1), image(n, 1) };
    c.d_scale = typical(taps);
    c.y_scale = c.d_scale * sqrt((double) n);
    freeze();
    return c;
}

static void check_separable(const separable_case *c)
{
    int planes = c->out.size.planes;
    size_t n = td_extent_count(c->out.size), work = td_separable_work(c->out.size);
    td_real *found = unwritten(n), *right = unwritten(n), *other = unwritten(n);
    td_sums sums = unwritten_sums(planes), right_sums = unwritten_sums(planes);
    fast->separable(found, &sums, c->r, &c->unit, unwritten(work));
    fast->separable(other, NULL, c->r, &c->unit, unwritten(work));
    plain->separable(right, &right_sums, c->r, &c->unit, unwritten(work));
    compare("separable", found, right, c->out.channels, c->pixels, c->y_scale);
    check_same("separable without sums", other, found, n);
    compare_sums(sums, right_sums, planes, c->pixels, c->y_scale);
}

static void check_separable_add(const separable_case *c)
{
    size_t n = td_extent_count(c->out.size), work = td_separable_work(c->out.size);
    td_real *found = copy_of(c->g, n), *right = copy_of(c->g, n);
    fast->separable_add(found, c->coefs.a, c->r, &c->unit, unwritten(work));
    plain->separable_add(right, c->coefs.a, c->r, &c->unit, unwritten(work));
    compare("separable_add", found, right, c->out.channels, c->pixels, c->y_scale);
}

static void check_separable_data(const separable_case *c)
{
    td_extent out = c->out.size;
    int channels = c->out.channels, rows = out.planes * TD_PLANE;
    size_t work = td_separable_work(out), n = td_extent_count(out);
    td_real *dw = matrix(channels, channels);
    td_real *right_dw = copy_of(dw, (size_t) (rows * rows));
    td_real *found = padded(out, NULL, margin_word);
    td_real *other = padded(out, NULL, margin_word);
    td_real *right = padded(out, NULL, margin_word);
    fast->separable_data(found, dw, c->g, c->y, &c->coefs, c->r, &c->unit,
                         unwritten(work));
    fast->separable_data(other, NULL, c->g, c->y, &c->coefs, NULL, &c->unit,
                         unwritten(work));
    plain->separable_data(right, right_dw, c->g, c->y, &c->coefs, c->r, &c->unit,
                          unwritten(work));
    compare("separable_data", inner_of(found, out), inner_of(right, out), channels,
            c->pixels, 3 * typical(channels));
    check_same("separable_data without dw", inner_of(other, out), inner_of(found, out),
               n);
    compare("separable_data dw", dw, right_dw, channels, rows,
            c->d_scale * sqrt((double) c->pixels));
}

START_TEST(test_separable)
{
    choose(_i);
    for (int i = 0; i < IMAGES; i++)
        for (int form = 0; form < FORMS; form++) {
            separable_case c = separable_at(i, form);
            check_separable(&c);
            check_separable_add(&c);
            check_separable_data(&c);
            release();
        }
}
END_TEST

static void check_depthwise_data(image_case out, const td_depthwise *conv)
{
    int taps = conv->kernel * conv->kernel, pixels = conv->in.height * conv->in.width;
    size_t n = td_extent_count(conv->in);
    td_real *w = image(out.channels, taps), *start = image(out.channels, pixels);
    td_real *g = image(out.channels, out.size.height * out.size.width);
    td_real *dd = padded(out.size, g, 0);
    freeze();
    td_real *found = unwritten(n), *right = unwritten(n);
    fast->depthwise_data(found, false, dd, w, conv);
    plain->depthwise_data(right, false, dd, w, conv);
    compare("depthwise_data", found, right, out.channels, pixels, typical(taps));
    found = copy_of(start, n), right = copy_of(start, n);
    fast->depthwise_data(found, true, dd, w, conv);
    plain->depthwise_data(right, true, dd, w, conv);
    compare("depthwise_data added", found, right, out.channels, pixels, typical(taps));
}

static void check_depthwise_weights(image_case out, const td_depthwise *conv)
{
    int taps = conv->kernel * conv->kernel, pixels = out.size.height * out.size.width;
    td_real *g = image(out.channels, pixels);
    td_real *x = image(out.channels, conv->in.height * conv->in.width);
    td_real *dd = padded(out.size, g, 0), *r = padded(conv->in, x, 0);
    freeze();
    td_real *found = image(out.channels, taps);
    td_real *right = copy_of(found, (size_t) (out.size.planes * taps * TD_PLANE));
    fast->depthwise_weights(found, dd, r, conv);
    plain->depthwise_weights(right, dd, r, conv);
    compare("depthwise_weights", found, right, out.channels, taps, typical(pixels));
}

START_TEST(test_depthwise_data)
{
    choose(_i);
    for (int i = 0; i < IMAGES; i++)
        for (int form = 0; form < FORMS; form++) {
            image_case out = case_at(i);
            td_depthwise conv = form_at(form, out);
            check_depthwise_data(out, &conv);
            release();
        }
}
END_TEST

START_TEST(test_depthwise_weights)
{
    choose(_i);
    for (int i = 0; i < IMAGES; i++)
        for (int form = 0; form < FORMS; form++) {
            image_case out = case_at(i);
            td_depthwise conv = form_at(form, out);
            check_depthwise_weights(out, &conv);
            release();
        }
}
END_TEST

static void check_pointwise(td_channels in, int out, int pixels)
{
    set_label("%d x %d to %d channels, %d pixels", in.parts, in.channels, out, pixels);
    int rows = td_channels_planes(in) * TD_PLANE, planes_out = td_planes(out);
    int summands = in.parts * in.channels;
    size_t n = (size_t) (planes_out * pixels * TD_PLANE);
    td_real *d = image_in_parts(in, pixels), *gy = image(out, pixels);
    td_real *w = matrix_in_parts(in, out);
    freeze();
    td_real *found = unwritten(n), *right = unwritten(n), *other = unwritten(n);
    td_sums sums = unwritten_sums(planes_out), right_sums = unwritten_sums(planes_out);
    fast->pointwise(found, &sums, d, w, in, planes_out, pixels);
    fast->pointwise(other, NULL, d, w, in, planes_out, pixels);
    plain->pointwise(right, &right_sums, d, w, in, planes_out, pixels);
    compare("pointwise", found, right, out, pixels, typical(summands));
    check_same("pointwise without sums", other, found, n);
    compare_sums(sums, right_sums, planes_out, pixels, typical(summands));
    td_real *dw = matrix_in_parts(in, out);
    td_real *right_dw = copy_of(dw, (size_t) (planes_out * rows * TD_PLANE));
    fast->pointwise_weights(dw, gy, d, in, planes_out, pixels);
    plain->pointwise_weights(right_dw, gy, d, in, planes_out, pixels);
    compare("pointwise_weights", dw, right_dw, out, rows, typical(pixels));
    release();
}

START_TEST(test_pointwise)
{
    choose(_i);
    for (int i = 0; i < CHANNEL_COUNTS; i++)
        for (int k = 0; k < LENGTHS; k++) {
            int other = channel_counts[(i * 3 + k * 7) % CHANNEL_COUNTS];
            td_channels in = { 1 + (i + k) % 4, channel_counts[i] };
            check_pointwise(in, other, length_at(k));
        }
    check_pointwise((td_channels){ 1, 20 }, 36, 1023);
}
END_TEST

/* ---- pools ------------------------------------------------------------ */

/* Places of maxima for an image that has \a count numbers. */
static uint8_t *places(size_t count)
{
    uint8_t *argmax = guarded(count);
    memset(argmax, 255, count);
    return argmax;
}

static void check_max_pool(image_case out, const td_real *x, td_extent in, int stride)
{
    int pixels = out.size.height * out.size.width, planes = in.planes;
    size_t n = td_extent_count(in), count = td_extent_count(out.size);
    td_real *g = image(out.channels, pixels);
    td_real *start = image(out.channels, in.height * in.width);
    freeze();
    td_real *found = unwritten(count), *right = unwritten(count);
    td_real *other = unwritten(count);
    uint8_t *argmax = places(count), *right_argmax = places(count);
    td_sums sums = unwritten_sums(planes), right_sums = unwritten_sums(planes);
    fast->max_pool(found, argmax, &sums, x, in, stride);
    fast->max_pool(other, NULL, NULL, x, in, stride);
    plain->max_pool(right, right_argmax, &right_sums, x, in, stride);
    check_same("max_pool", found, right, count);
    check_same("max_pool alone", other, right, count);
    ck_assert_msg(memcmp(argmax, right_argmax, count) == 0, "other places: %s", label);
    compare_sums(sums, right_sums, planes, pixels, 1);
    found = copy_of(start, n), right = copy_of(start, n);
    fast->max_pool_data(found, g, right_argmax, in, stride);
    plain->max_pool_data(right, g, right_argmax, in, stride);
    compare("max_pool_data", found, right, out.channels, in.height * in.width, 1);
}

static void check_avg_pool(image_case out, const td_real *x, td_extent in, int stride)
{
    int pixels = out.size.height * out.size.width, planes = in.planes;
    size_t n = td_extent_count(in), count = td_extent_count(out.size);
    td_real *g = image(out.channels, pixels);
    td_real *start = image(out.channels, in.height * in.width);
    freeze();
    td_real *found = unwritten(count), *right = unwritten(count);
    td_real *other = unwritten(count);
    td_sums sums = unwritten_sums(planes), right_sums = unwritten_sums(planes);
    fast->avg_pool(found, &sums, x, in, stride);
    fast->avg_pool(other, NULL, x, in, stride);
    plain->avg_pool(right, &right_sums, x, in, stride);
    compare("avg_pool", found, right, out.channels, pixels, 1);
    check_same("avg_pool without sums", other, found, count);
    compare_sums(sums, right_sums, planes, pixels, 1);
    found = copy_of(start, n), right = copy_of(start, n);
    fast->avg_pool_data(found, g, in, stride);
    plain->avg_pool_data(right, g, in, stride);
    compare("avg_pool_data", found, right, out.channels, in.height * in.width, 1);
}

START_TEST(test_pools)
{
    choose(_i);
    for (int i = 0; i < IMAGES; i++)
        for (int stride = 1; stride <= 2; stride++)
            for (int how = 0; how < TIES; how++) {
                image_case out = case_at(i);
                td_extent in = { out.size.planes, stride * out.size.height,
                                 stride * out.size.width };
                set_label("%d channels, %d x %d, stride %d, ties %d", out.channels,
                          in.height, in.width, stride, how);
                td_real *x = image(out.channels, in.height * in.width);
                make_ties(x, td_extent_count(in), how);
                freeze();
                check_max_pool(out, x, in, stride);
                check_avg_pool(out, x, in, stride);
                release();
            }
}
END_TEST

/* ---- per channel ------------------------------------------------------ */

static void check_sums_of(const td_real *g, int planes, int pixels)
{
    int n = planes * TD_PLANE;
    double *found = unwritten_doubles(n), *right = unwritten_doubles(n);
    fast->sum(found, g, planes, pixels);
    plain->sum(right, g, planes, pixels);
    check_doubles("sum", found, right, (size_t) n, typical(pixels));
}

enum { MOST_DOTS = 9 };

/* Every number of images, in another order and some of them twice. */
static void check_dots_of(const td_real *const images[2], int planes, int pixels)
{
    int n = planes * TD_PLANE;
    double *found[MOST_DOTS], *right[MOST_DOTS];
    const td_real *y[MOST_DOTS];
    for (int i = 0; i < MOST_DOTS; i++) {
        found[i] = unwritten_doubles(n);
        right[i] = unwritten_doubles(n);
        y[i] = images[i % 3 == 0];
    }
    for (int count = 1; count <= MOST_DOTS; count++) {
        fast->dots(found, images[0], y, count, planes, pixels);
        plain->dots(right, images[0], y, count, planes, pixels);
        for (int i = 0; i < count; i++)
            check_doubles("dots", found[i], right[i], (size_t) n, typical(pixels));
    }
}

enum { MOST_TERMS = 8 };

static void check_combine(int channels, int pixels, int count)
{
    size_t n = (size_t) (td_planes(channels) * pixels * TD_PLANE);
    td_term terms[MOST_TERMS];
    for (int t = 0; t < count; t++)
        terms[t] = (td_term){ image(channels, pixels), image(channels, 1) };
    td_real *start = image(channels, 1), *before = image(channels, pixels);
    freeze();
    td_real *found = unwritten(n), *right = unwritten(n);
    fast->combine(found, false, start, terms, count, td_planes(channels), pixels);
    plain->combine(right, false, start, terms, count, td_planes(channels), pixels);
    compare("combine", found, right, channels, pixels, 1);
    found = copy_of(before, n), right = copy_of(before, n);
    fast->combine(found, true, start, terms, count, td_planes(channels), pixels);
    plain->combine(right, true, start, terms, count, td_planes(channels), pixels);
    compare("combine added", found, right, channels, pixels, 1);
}

START_TEST(test_per_channel)
{
    choose(_i);
    for (int i = 0; i < CHANNEL_COUNTS * LENGTHS; i++) {
        int channels = channel_counts[i % CHANNEL_COUNTS], planes = td_planes(channels);
        int pixels = length_at(i / CHANNEL_COUNTS);
        size_t n = (size_t) (planes * pixels * TD_PLANE);
        set_label("%d channels, %d pixels", channels, pixels);
        td_real *g = image(channels, pixels), *y = image(channels, pixels);
        td_affine coefs = { image(channels, 1), image(channels, 1),
                            image(channels, 1) };
        freeze();
        check_sums_of(g, planes, pixels);
        check_dots_of((const td_real *[]){ g, y }, planes, pixels);
        td_real *found = unwritten(n), *right = unwritten(n);
        fast->affine(found, g, y, &coefs, planes, pixels);
        plain->affine(right, g, y, &coefs, planes, pixels);
        compare("affine", found, right, channels, pixels, 1);
        check_combine(channels, pixels, i % (MOST_TERMS + 1));
        release();
    }
}
END_TEST

/* ---- sums in double --------------------------------------------------- */

/* One large number among ones: a float that has taken it up cannot count the ones any
 * more.  It may lose those of its own block, but no others. */
enum { SIDE = 64, SPOILED_BLOCKS = 3 };
static const td_extent square = { 1, SIDE, SIDE };

static void check_counted(const char *what, double sum, const td_real *y, bool squares)
{
    double right = 0.0;
    for (int i = 0; i < SIDE * SIDE; i++, y += TD_PLANE)
        right += squares ? (double) *y * (double) *y : (double) *y;
    ck_assert_msg(fabs(sum - right) <= SPOILED_BLOCKS * TD_BLOCK, "%s: %.9g, not %.9g",
                  what, sum, right);
}

/* Weights that make a separable convolution a copy. */
static td_separable copying_unit(void)
{
    td_real *middle = zeros(9 * TD_PLANE), *diagonal = zeros(TD_PLANE * TD_PLANE);
    for (int c = 0; c < TD_PLANE; c++)
        diagonal[c * TD_PLANE + c] = middle[4 * TD_PLANE + c] = 1;
    return (td_separable){ { square, 3, 1, 1 }, TD_PLANE, middle, diagonal, diagonal };
}

/* A spike in every channel of the first pixel, ones in the others. */
static td_real *spiked_image(td_real spike)
{
    td_real *x = numbers(td_extent_count(square));
    for (int i = 0; i < SIDE * SIDE * TD_PLANE; i++)
        x[i] = i < TD_PLANE ? spike : 1;
    return x;
}

static void check_spike(td_real spike, bool squares)
{
    enum { PIXELS = SIDE * SIDE, CHANNEL = 5 };
    td_separable unit = copying_unit();
    td_real *x = spiked_image(spike), *y = unwritten(td_extent_count(square));
    td_sums sums = unwritten_sums(1);
    const double *sum = (squares ? sums.second : sums.first) + CHANNEL;
    fast->separable(y, &sums, padded(square, x, 0), &unit,
                    unwritten(td_separable_work(square)));
    check_counted("separable", *sum, y + CHANNEL, squares);
    fast->pointwise(y, &sums, x, unit.matrix, (td_channels){ 1, TD_PLANE }, 1, PIXELS);
    check_counted("pointwise", *sum, y + CHANNEL, squares);
    fast->norm_relu_data(y, &sums, x, x, unit.taps + 4 * TD_PLANE, unit.taps, 1,
                         PIXELS); /* scale 1, shift 0 */
    check_counted("norm_relu_data", *sum, y + CHANNEL, squares);
    fast->max_pool(y, NULL, &sums, x, square, 1);
    check_counted("max_pool", *sum, y + CHANNEL, squares);
    fast->avg_pool(y, &sums, x, square, 1);
    check_counted("avg_pool", *sum, y + CHANNEL, squares);
    fast->sum(sums.first, x, 1, PIXELS);
    fast->dots(&sums.second, x, (const td_real *[]){ x }, 1, 1, PIXELS);
    check_counted("sum or dots", *sum, x + CHANNEL, squares);
    release();
}

START_TEST(test_blocks_meet_in_double)
{
    choose(_i);
    check_spike(0x1p24f, false);
    check_spike(0x1p12f, true);
}
END_TEST

Suite *test_suite(void)
{
    td_isa list[TD_ISA_COUNT];
    int isas = list_isas(list); /* the plain table against itself, too */
    Suite *suite = suite_create("vector kernels");
    TCase *tests = tcase_create("against the plain ones");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, test_relu, 0, isas);
    tcase_add_loop_test(tests, test_norm_relu, 0, isas);
    tcase_add_loop_test(tests, test_nan_passes_a_norm, 0, isas);
    tcase_add_loop_test(tests, test_halve, 0, isas);
    tcase_add_loop_test(tests, test_separable, 0, isas);
    tcase_add_loop_test(tests, test_depthwise_data, 0, isas);
    tcase_add_loop_test(tests, test_depthwise_weights, 0, isas);
    tcase_add_loop_test(tests, test_pointwise, 0, isas);
    tcase_add_loop_test(tests, test_pools, 0, isas);
    tcase_add_loop_test(tests, test_per_channel, 0, isas);
    tcase_add_loop_test(tests, test_blocks_meet_in_double, 0, isas);
    suite_add_tcase(suite, tests);
    return suite;
}
