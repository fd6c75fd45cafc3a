/* Shared by tests of kernels: buffers between guard words, of which the inputs
 * are compared with a copy when a case ends; sizes around the width of a vector;
 * comparisons that NaN fails. */
#ifndef TD_KERNEL_BUFFERS_H
#define TD_KERNEL_BUFFERS_H

#include <check.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "taildart/kernels.h"

/* ---- buffers ---------------------------------------------------------- */

enum { GUARD = 128, MOST_BUFFERS = 64, GUARD_BYTE = 0xa5 };

/* Stands in margins that kernels must not touch. */
static const td_real margin_word = (td_real) 12345.5;

typedef struct {
    unsigned char *block; /* guard, numbers, guard         */
    size_t bytes;         /* of the numbers                */
    void *copy;           /* of an input; NULL: an output  */
} td_guarded;

static td_guarded buffers[MOST_BUFFERS];
static int buffer_count;

static inline void *guarded(size_t bytes)
{
    ck_assert_int_lt(buffer_count, MOST_BUFFERS);
    unsigned char *block = td_malloc(bytes + 2 * GUARD);
    memset(block, GUARD_BYTE, GUARD);
    memset(block + GUARD + bytes, GUARD_BYTE, GUARD);
    buffers[buffer_count++] = (td_guarded){ block, bytes, NULL };
    return block + GUARD;
}

/* Everything that was made so far is an input: nobody may change it. */
static inline void freeze(void)
{
    for (int i = 0; i < buffer_count; i++)
        if (!buffers[i].copy) {
            buffers[i].copy = td_malloc(buffers[i].bytes);
            memcpy(buffers[i].copy, buffers[i].block + GUARD, buffers[i].bytes);
        }
}

/* The sizes at hand, for messages. */
static char label[160];

static inline TD_PRINTF(1, 2) void set_label(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(label, sizeof label, format, arguments);
    va_end(arguments);
}

/* End of a case: look at the guards and inputs, give everything back. */
static inline void release(void)
{
    bool touched = false, changed = false;
    for (int i = 0; i < buffer_count; i++) {
        td_guarded *b = &buffers[i];
        for (size_t k = 0; k < GUARD; k++)
            touched |= b->block[k] != GUARD_BYTE ||
                       b->block[GUARD + b->bytes + k] != GUARD_BYTE;
        changed |= b->copy && memcmp(b->copy, b->block + GUARD, b->bytes) != 0;
        td_free(b->block);
        td_free(b->copy);
    }
    buffer_count = 0;
    ck_assert_msg(!touched, "written outside of a buffer: %s", label);
    ck_assert_msg(!changed, "an input was changed: %s", label);
}

/* ---- contents --------------------------------------------------------- */

/* The next of some numbers between −1 and 1; thousands of buffers want a quick one. */
static inline td_real draw(void)
{
    static uint64_t state = 11;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (td_real) ((double) (state >> 40) / (double) (1 << 23) - 1.0);
}

static inline td_real *numbers(size_t count)
{
    td_real *x = guarded(count * sizeof *x);
    for (size_t i = 0; i < count; i++)
        x[i] = draw();
    return x;
}

static inline td_real *zeros(size_t count)
{
    return memset(guarded(count * sizeof(td_real)), 0, count * sizeof(td_real));
}

/* For a result: NaN where the kernel fails to write. */
static inline td_real *unwritten(size_t count)
{
    td_real *x = guarded(count * sizeof *x);
    for (size_t i = 0; i < count; i++)
        x[i] = (td_real) NAN;
    return x;
}

static inline double *unwritten_doubles(int count)
{
    double *x = guarded((size_t) count * sizeof *x);
    for (int i = 0; i < count; i++)
        x[i] = NAN;
    return x;
}

static inline td_sums unwritten_sums(int planes)
{
    double *first = unwritten_doubles(planes * TD_PLANE);
    return (td_sums){ first, unwritten_doubles(planes * TD_PLANE) };
}

static inline td_real *copy_of(const td_real *x, size_t count)
{
    td_real *copy = guarded(count * sizeof *copy);
    memcpy(copy, x, count * sizeof *copy);
    return copy;
}

/* Zeros in the channels that pad a plane. */
static inline td_real *clear_padding(td_real *x, td_channels c, size_t pixels)
{
    size_t plane = pixels * TD_PLANE;
    for (size_t i = 0; i < (size_t) td_channels_planes(c) * plane; i++)
        if ((int) (i % TD_PLANE) >= td_plane_channels(c, (int) (i / plane)))
            x[i] = 0;
    return x;
}

/* (planes, pixels, 16) with zeros in the channels of the padding; one pixel: numbers
 * per channel, k·k of them: taps. */
static inline td_real *image_in_parts(td_channels c, int pixels)
{
    size_t count = (size_t) td_channels_planes(c) * (size_t) pixels * TD_PLANE;
    return clear_padding(numbers(count), c, (size_t) pixels);
}

static inline td_real *image(int channels, int pixels)
{
    return image_in_parts((td_channels){ 1, channels }, pixels);
}

/* (planes_out, planes_in·16, 16), zeros for the padding of both sides. */
static inline td_real *matrix_in_parts(td_channels in, int out)
{
    int rows = td_channels_planes(in) * TD_PLANE;
    td_real *w = image(out, rows);
    for (int i = 0; i < td_planes(out) * rows; i++) {
        int row = i % rows;
        if (row % TD_PLANE >= td_plane_channels(in, row / TD_PLANE))
            memset(w + i * TD_PLANE, 0, TD_PLANE * sizeof *w);
    }
    return w;
}

static inline td_real *matrix(int in, int out)
{
    return matrix_in_parts((td_channels){ 1, in }, out);
}

/* Images for pools: as they come, with many ties, and flat ones below zero, where a
 * margin of zeros must not win. */
enum { TIES = 3 };
static inline void make_ties(td_real *x, size_t count, int how)
{
    for (size_t i = 0; i < count && how > 0; i++)
        if (how == 1)
            x[i] = (td_real) round(2 * (double) x[i]);
        else
            x[i] = x[i] == 0 ? 0 : (td_real) -0.75;
}

/* ---- places ----------------------------------------------------------- */

static inline size_t at(td_extent e, int plane, int y, int x)
{
    return (((size_t) plane * (size_t) e.height + (size_t) y) * (size_t) e.width +
            (size_t) x) *
           TD_PLANE;
}

static inline td_extent with_margin(td_extent e)
{
    return (td_extent){ e.planes, e.height + 2 * TD_MARGIN, e.width + 2 * TD_MARGIN };
}

static inline size_t padded_at(td_extent e, int plane, int y, int x)
{
    return at(with_margin(e), plane, y + TD_MARGIN, x + TD_MARGIN);
}

static inline bool inside(td_extent e, int y, int x)
{
    return y >= 0 && y < e.height && x >= 0 && x < e.width;
}

/* Every pixel of an extent; rows and columns from −margin on. */
#define FOR_EACH_PIXEL(e, margin, p, y, x)                                             \
    for (int p = 0; p < (e).planes; p++)                                               \
        for (int y = -(margin); y < (e).height + (margin); y++)                        \
            for (int x = -(margin); x < (e).width + (margin); x++)

/* A padded image with \a margin around copies of x, or around NaN without x. */
static inline td_real *padded(td_extent e, const td_real *x, td_real margin)
{
    td_real *r = unwritten(td_extent_padded_count(e));
    FOR_EACH_PIXEL(e, TD_MARGIN, p, row, column)
    {
        td_real *to = r + padded_at(e, p, row, column);
        for (int c = 0; c < TD_PLANE; c++)
            if (!inside(e, row, column))
                to[c] = margin;
            else if (x)
                to[c] = x[at(e, p, row, column) + (size_t) c];
    }
    return r;
}

/* The inner part of a padded image whose margin_word must still be there. */
static inline td_real *inner_of(const td_real *r, td_extent e)
{
    td_real *x = unwritten(td_extent_count(e));
    bool touched = false;
    FOR_EACH_PIXEL(e, TD_MARGIN, p, row, column)
    {
        const td_real *from = r + padded_at(e, p, row, column);
        for (int c = 0; c < TD_PLANE; c++)
            if (inside(e, row, column))
                x[at(e, p, row, column) + (size_t) c] = from[c];
            else
                touched |= from[c] != margin_word;
    }
    ck_assert_msg(!touched, "written into the margin: %s", label);
    return x;
}

/* ---- sizes ------------------------------------------------------------ */

static const int channel_counts[] = { 1, 3, 8, 10, 16, 20, 24, 36, 48, 64 };

/* 1 … 2V+1 for vectors of V = 16, then around a block: rows, columns, pixels. */
enum { CHANNEL_COUNTS = 10, LENGTHS = 36, IMAGES = 2 * LENGTHS, FORMS = 8 };

static inline int length_at(int i)
{
    return i < 33 ? i + 1 : 63 + i - 33;
}

typedef struct {
    int channels;
    td_extent size;
} image_case;

/* Wide images of every length, then high ones, with all counts of channels. */
static inline image_case case_at(int i)
{
    static const int short_sides[] = { 5, 1, 4, 3, 7, 2 };
    int channels = channel_counts[i % CHANNEL_COUNTS], side = short_sides[i % 6];
    int length = length_at(i % LENGTHS);
    td_extent wide = { td_planes(channels), side, length };
    td_extent high = { td_planes(channels), length, side };
    td_extent size = i < LENGTHS ? wide : high;
    set_label("%d channels, %d x %d", channels, size.height, size.width);
    return (image_case){ channels, size };
}

/* The forms of a depthwise convolution over outputs of a case's size. */
static inline td_depthwise form_at(int form, image_case image)
{
    td_depthwise conv = { image.size, form & 1 ? 5 : 3, form & 2 ? 2 : 1,
                          form & 4 ? 2 : 1 };
    conv.in.height *= conv.stride;
    conv.in.width *= conv.stride;
    set_label("%d channels, %d x %d, kernel %d, stride %d, dilation %d", image.channels,
              conv.in.height, conv.in.width, conv.kernel, conv.stride, conv.dilation);
    return conv;
}

/* ---- comparisons ------------------------------------------------------ */

/* What a sum of products of two numbers from (−1, 1) amounts to, as a rule: with it a
 * sum that happens to cancel is not measured by the little that is left. */
static inline double typical(double terms)
{
    return sqrt(terms) / 3.0;
}

/* 2e-6 of the largest number, at least of \a scale: some thirty roundings of float. */
static inline double tolerance_of(const double *right, size_t count, double scale)
{
    for (size_t i = 0; i < count; i++)
        scale = fmax(scale, fabs(right[i]));
    return 2e-6 * scale;
}

static inline void check_doubles(const char *what, const double *found,
                                 const double *right, size_t count, double scale)
{
    double tolerance = tolerance_of(right, count, scale);
    for (size_t i = 0; i < count; i++)
        if (!(fabs(found[i] - right[i]) <= tolerance))
            ck_abort_msg("%s[%zu] is %.9g, not %.9g: %s", what, i, found[i], right[i],
                         label);
}

static inline double *doubles_of(const td_real *x, size_t count)
{
    double *copy = guarded(count * sizeof *copy);
    for (size_t i = 0; i < count; i++)
        copy[i] = (double) x[i];
    return copy;
}

static inline void check_numbers(const char *what, const td_real *found,
                                 const double *right, size_t count, double scale)
{
    check_doubles(what, doubles_of(found, count), right, count, scale);
}

/* The same number, or both NaN. */
static inline void check_same(const char *what, const td_real *found,
                              const td_real *right, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!(found[i] == right[i] || (isnan(found[i]) && isnan(right[i]))))
            ck_abort_msg("%s[%zu] is %.9g, not %.9g: %s", what, i, (double) found[i],
                         (double) right[i], label);
}

/* Channels of the padding hold exactly zero. */
static inline void check_padding(const char *what, const td_real *x, int channels,
                                 size_t pixels)
{
    size_t plane = pixels * TD_PLANE;
    for (size_t i = 0; i < (size_t) td_planes(channels) * plane; i++)
        if ((int) (i / plane * TD_PLANE + i % TD_PLANE) >= channels && !(x[i] == 0))
            ck_abort_msg("%s[%zu], a channel of the padding, is %.9g: %s", what, i,
                         (double) x[i], label);
}

#endif
