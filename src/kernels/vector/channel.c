/* Kernels that treat pixels of a channel alike: sums, and weighted sums of images. */
#include "vector.h"

/* ---- sums over pixels ---------------------------------------------------- */

void TD_VARIANT(sum)(double *sum, const td_real *g, int planes, int pixels)
{
    TD_ASSERT(planes > 0 && pixels > 0);
    td_sums_clear(sum, planes);
    for (int p = 0; p < planes; p++)
        for (int start = 0; start < pixels; start += TD_BLOCK) {
            const td_vec *gp =
                (const td_vec *) g + (size_t) p * (size_t) pixels * TD_SLICES;
            td_vec run[TD_SLICES];
            for (int s = 0; s < TD_SLICES; s++) {
                td_vec even = { 0 }, odd = { 0 };
                int i = start, end = td_block_end(start, pixels);
                for (; i + 2 <= end; i += 2) {
                    even += gp[i * TD_SLICES + s];
                    odd += gp[(i + 1) * TD_SLICES + s];
                }
                if (i < end)
                    even += gp[i * TD_SLICES + s];
                run[s] = even + odd;
            }
            td_run_add(sum + p * TD_PLANE, run);
        }
}

enum { TOGETHER = 4 }; /* images that meet g at a time */

/* One slice of a block: n dots (at most 4, a constant), in two sums each so that they
 * do not wait for each other.  \a at: the block's first vector. */
TD_INLINE void dots_block(td_vec *dots, const td_vec *g, const td_real *const *y,
                          size_t at, int pixels, int n)
{
    td_vec a0 = { 0 }, a1 = { 0 }, a2 = { 0 }, a3 = { 0 };
    td_vec b0 = { 0 }, b1 = { 0 }, b2 = { 0 }, b3 = { 0 };
    const td_vec *y0 = (const td_vec *) y[0] + at;
    const td_vec *y1 = n > 1 ? (const td_vec *) y[1] + at : y0;
    const td_vec *y2 = n > 2 ? (const td_vec *) y[2] + at : y0;
    const td_vec *y3 = n > 3 ? (const td_vec *) y[3] + at : y0;
    g += at;
#define MULTIPLY(k, i)                                                                 \
    if ((k) < n)                                                                       \
        a##k += g[i] * y##k[i];
#define MULTIPLY_NEXT(k, i)                                                            \
    if ((k) < n)                                                                       \
        b##k += g[i] * y##k[i];
#define ALL(what, i) what(0, i) what(1, i) what(2, i) what(3, i)
    int end = pixels * TD_SLICES, i = 0;
    for (; i + TD_SLICES < end; i += 2 * TD_SLICES) {
        ALL(MULTIPLY, i)
        ALL(MULTIPLY_NEXT, i + TD_SLICES)
    }
    if (i < end) {
        ALL(MULTIPLY, i)
    }
#undef ALL
    const td_vec sums[TOGETHER] = { a0 + b0, a1 + b1, a2 + b2, a3 + b3 };
    for (int k = 0; k < n; k++)
        dots[k * TD_SLICES] = sums[k];
}

/* A block of a plane against up to four images. */
static void dots_of_block(double *const *dots, const td_real *g,
                          const td_real *const *y, int count, int plane, size_t at,
                          int pixels)
{
    td_vec runs[TOGETHER * TD_SLICES];
    for (int s = 0; s < TD_SLICES; s++) {
        size_t first = at * TD_SLICES + (size_t) s;
        const td_vec *gp = (const td_vec *) g;
        if (count == 1)
            dots_block(runs + s, gp, y, first, pixels, 1);
        else if (count == 2)
            dots_block(runs + s, gp, y, first, pixels, 2);
        else if (count == 3)
            dots_block(runs + s, gp, y, first, pixels, 3);
        else
            dots_block(runs + s, gp, y, first, pixels, 4);
    }
    for (int k = 0; k < count; k++)
        td_run_add(dots[k] + plane * TD_PLANE, runs + k * TD_SLICES);
}

void TD_VARIANT(dots)(double *const *dots, const td_real *g, const td_real *const *y,
                      int count, int planes, int pixels)
{
    TD_ASSERT(planes > 0 && pixels > 0);
    for (int i = 0; i < count; i++)
        td_sums_clear(dots[i], planes);
    for (int p = 0; p < planes; p++)
        for (int start = 0; start < pixels; start += TD_BLOCK) {
            size_t at = (size_t) p * (size_t) pixels + (size_t) start;
            int block = td_block_end(start, pixels) - start;
            for (int i = 0; i < count; i += TOGETHER)
                dots_of_block(dots + i, g, y + i,
                              count - i < TOGETHER ? count - i : TOGETHER, p, at,
                              block);
        }
}

/* ---- weighted sums of images --------------------------------------------- */

void TD_VARIANT(affine)(td_real *out, const td_real *g, const td_real *y,
                        const td_affine *coefs, int planes, int pixels)
{
    TD_ASSERT(planes > 0 && pixels > 0);
    td_vec *to = (td_vec *) out;
    const td_vec *gp = (const td_vec *) g, *yp = (const td_vec *) y;
    for (int p = 0; p < planes; p++) {
        td_pixel a = td_load((const td_vec *) coefs->a + p * TD_SLICES);
        td_pixel b = td_load((const td_vec *) coefs->b + p * TD_SLICES);
        td_pixel c = td_load((const td_vec *) coefs->c + p * TD_SLICES);
        for (int i = 0; i < pixels; i++)
#pragma GCC unroll 4
            for (int s = 0; s < TD_SLICES; s++)
                *to++ =
                    TD_SLICE(a, s) * *gp++ + TD_SLICE(b, s) * *yp++ + TD_SLICE(c, s);
    }
}

/* Sum i of a tile of eight vectors belongs to slice i % TD_SLICES. */
#define START(i)                                                                       \
    td_vec a##i = start[(i) % TD_SLICES];                                              \
    if (add)                                                                           \
        a##i += out[i];
#define ADD(i) a##i += y[i] * a[(i) % TD_SLICES];
#define STORE(i) out[i] = a##i;

/* Eight vectors of a plane, all terms; \a at counts vectors, \a channel slices. */
TD_INLINE void mix_eight(td_vec *out, bool add, const td_vec *start,
                         const td_term *terms, int count, size_t at, int channel)
{
    TD_EIGHT(START)
    for (int t = 0; t < count; t++) {
        const td_vec *y = (const td_vec *) terms[t].y + at;
        const td_vec *a = (const td_vec *) terms[t].a + channel;
        TD_EIGHT(ADD)
    }
    TD_EIGHT(STORE)
}

static void mix_one(td_vec *out, bool add, const td_vec *start, const td_term *terms,
                    int count, size_t at, int channel)
{
    td_vec sum = *start;
    if (add)
        sum += *out;
    for (int t = 0; t < count; t++)
        sum +=
            ((const td_vec *) terms[t].y)[at] * ((const td_vec *) terms[t].a)[channel];
    *out = sum;
}

void TD_VARIANT(combine)(td_real *out, bool add, const td_real *start,
                         const td_term *terms, int count, int planes, int pixels)
{
    TD_ASSERT(planes > 0 && pixels > 0);
    int vectors = pixels * TD_SLICES;
    for (int p = 0; p < planes; p++) {
        size_t plane = (size_t) p * (size_t) vectors;
        int channel = p * TD_SLICES, i = 0;
        const td_vec *from = (const td_vec *) start + channel;
        td_vec *to = (td_vec *) out + plane;
        for (; i + 8 <= vectors; i += 8)
            if (add)
                mix_eight(to + i, true, from, terms, count, plane + (size_t) i,
                          channel);
            else
                mix_eight(to + i, false, from, terms, count, plane + (size_t) i,
                          channel);
        for (; i < vectors; i++)
            mix_one(to + i, add, from + i % TD_SLICES, terms, count, plane + (size_t) i,
                    channel + i % TD_SLICES);
    }
}
