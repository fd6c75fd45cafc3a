/* What treats every pixel of a channel alike: sums, and weighted sums of images. */
#include "vector.h"

/* ---- sums over pixels ---------------------------------------------------- */

void TD_VARIANT(sum)(double *sum, const td_real *g, int planes, int pixels)
{
    td_sums_clear(sum, planes);
    for (int p = 0; p < planes; p++)
        for (int start = 0; start < pixels; start += TD_BLOCK) {
            const td_vec *gp = (const td_vec *) g + (size_t) p * (size_t) pixels * TD_SLICES;
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

/* One slice of a block: four sums, so that they do not wait for each other. */
TD_INLINE td_vec dot_block(const td_vec *g, const td_vec *y, int pixels)
{
    td_vec a0 = { 0 }, a1 = { 0 }, a2 = { 0 }, a3 = { 0 };
    int i = 0;
    for (; i + 4 <= pixels; i += 4, g += 4 * TD_SLICES, y += 4 * TD_SLICES) {
        a0 += g[0] * y[0];
        a1 += g[TD_SLICES] * y[TD_SLICES];
        a2 += g[2 * TD_SLICES] * y[2 * TD_SLICES];
        a3 += g[3 * TD_SLICES] * y[3 * TD_SLICES];
    }
    for (; i < pixels; i++, g += TD_SLICES, y += TD_SLICES)
        a0 += *g * *y;
    return (a0 + a1) + (a2 + a3);
}

void TD_VARIANT(dot)(double *dot, const td_real *g, const td_real *y, int planes,
                     int pixels)
{
    td_sums_clear(dot, planes);
    for (int p = 0; p < planes; p++)
        for (int start = 0; start < pixels; start += TD_BLOCK) {
            size_t at = ((size_t) p * (size_t) pixels + (size_t) start) * TD_SLICES;
            td_vec run[TD_SLICES];
            for (int s = 0; s < TD_SLICES; s++)
                run[s] = dot_block((const td_vec *) g + at + s,
                                   (const td_vec *) y + at + s,
                                   td_block_end(start, pixels) - start);
            td_run_add(dot + p * TD_PLANE, run);
        }
}

/* ---- weighted sums of images --------------------------------------------- */

void TD_VARIANT(affine)(td_real *out, const td_real *g, const td_real *y,
                        const td_affine *coefs, int planes, int pixels)
{
    td_vec *to = (td_vec *) out;
    const td_vec *gp = (const td_vec *) g, *yp = (const td_vec *) y;
    for (int p = 0; p < planes; p++) {
        const td_vec *a = (const td_vec *) coefs->a + p * TD_SLICES;
        const td_vec *b = (const td_vec *) coefs->b + p * TD_SLICES;
        const td_vec *c = (const td_vec *) coefs->c + p * TD_SLICES;
        for (int i = 0; i < pixels; i++)
            for (int s = 0; s < TD_SLICES; s++)
                *to++ = a[s] * *gp++ + b[s] * *yp++ + c[s];
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

void TD_VARIANT(mix)(td_real *out, bool add, const td_real *start,
                     const td_term *terms, int count, int planes, int pixels)
{
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
