/* The product of a 1x1 convolution: a tile of pixels against one plane of outputs.
 *
 * The weights of an output plane lie side by side, so each input number is broadcast
 * against the vectors of a plane.  A tile has eight sums, sum i for pixel i / TD_SLICES
 * and slice i % TD_SLICES: eight pixels of one wide vector, or four of two. */
#ifndef TD_VECTOR_PRODUCT_H
#define TD_VECTOR_PRODUCT_H

#include "vector.h"

enum { TD_TILE_PIXELS = 8 / TD_SLICES };

/* The inputs of a product. */
typedef struct {
    td_channels in;
    size_t pitch; /* numbers from an input plane to the next */
} td_product;

/* The weights of an output plane: its first input's. */
TD_INLINE const td_vec *td_plane_of_matrix(const td_real *matrix, int plane,
                                           int planes_in)
{
    return (const td_vec *) matrix +
           (size_t) plane * (size_t) planes_in * TD_PLANE * TD_SLICES;
}

/* Use of a product: y, with its sums into \a run, or y += scale·product.  One of the
 * two is NULL at least. */
typedef struct {
    td_run *run;
    const td_vec *scale; /* of the output plane */
} td_result;

/* Sum i of a tile: its pixel. */
#define TD_PIXEL_OF(i) ((i) / TD_SLICES)

#define TD_START(i) td_vec a##i = { 0 };
#define TD_MULTIPLY(i)                                                                 \
    if (i < n)                                                                         \
        a##i += d[TD_PIXEL_OF(i) * TD_PLANE + k] * TD_SLICE(weight, i);
#define TD_FINISH(i)                                                                   \
    if (i < n) {                                                                       \
        if (to.scale)                                                                  \
            y[i] += a##i * to.scale[TD_SLICE_OF(i)];                                   \
        else                                                                           \
            y[i] = a##i;                                                               \
        if (to.run) {                                                                  \
            to.run->first[TD_SLICE_OF(i)] += a##i;                                     \
            to.run->second[TD_SLICE_OF(i)] += a##i * a##i;                             \
        }                                                                              \
    }

/* W d of n / TD_SLICES pixels (n ≤ 8, a constant).  d, w: the first pixel's, the output
 * plane's first. */
TD_INLINE void td_product_tile(td_vec *y, td_result to, const td_real *d,
                               const td_vec *w, td_product size, int n)
{
    const int whole = size.in.channels / TD_PLANE, rest = size.in.channels % TD_PLANE;
    TD_EIGHT(TD_START)
    for (int part = 0; part < size.in.parts; part++) {
        for (int p = 0; p < whole; p++, d += size.pitch, w += TD_PLANE * TD_SLICES)
#pragma GCC unroll 16
            for (int k = 0; k < TD_PLANE; k++) {
                td_pixel weight = td_load(w + k * TD_SLICES);
                TD_EIGHT(TD_MULTIPLY)
            }
        if (rest == 0)
            continue;
        for (int k = 0; k < rest; k++) {
            td_pixel weight = td_load(w + k * TD_SLICES);
            TD_EIGHT(TD_MULTIPLY)
        }
        d += size.pitch;
        w += TD_PLANE * TD_SLICES;
    }
    TD_EIGHT(TD_FINISH)
}

/* Multiply the last pixels of a block, fewer than a tile has. */
TD_INLINE void td_product_rest(td_vec *y, td_result to, const td_real *d,
                               const td_vec *w, td_product size, int pixels)
{
#define TD_CASE(i)                                                                     \
    if ((i) > 0 && (i) < TD_TILE_PIXELS && pixels == (i))                              \
        td_product_tile(y, to, d, w, size, (i) *TD_SLICES);
    TD_EIGHT(TD_CASE)
#undef TD_CASE
}

/* Memory of the next block that corresponds to this one's outputs, or NULL: it is
 * fetched meanwhile, since products leave the memory idle. */
typedef struct {
    const td_real *first, *second;
} td_ahead;

TD_INLINE void td_fetch_tile(const td_real *ahead, int pixel)
{
    enum { LINE = 64 / (int) sizeof(td_real) };
    if (ahead)
        for (int at = 0; at < TD_TILE_PIXELS * TD_PLANE; at += LINE)
            __builtin_prefetch(ahead + pixel * TD_PLANE + at);
}

/* A block of pixels that lie behind each other, in y as in every plane of d. */
TD_INLINE void td_product_block(td_vec *y, td_result to, const td_real *d,
                                const td_vec *w, td_product size, int pixels,
                                td_ahead ahead)
{
    int i = 0;
    for (; i + TD_TILE_PIXELS <= pixels; i += TD_TILE_PIXELS) {
        td_fetch_tile(ahead.first, i);
        td_fetch_tile(ahead.second, i);
        td_product_tile(y + i * TD_SLICES, to, d + i * TD_PLANE, w, size, 8);
    }
    td_product_rest(y + i * TD_SLICES, to, d + i * TD_PLANE, w, size, pixels - i);
}

/* dw (planes_out, planes_in·16, 16) += Σ over a block of gy ⊗ d, with planes of \a
 * pixels pixels in both. */
void TD_VARIANT(outer_block)(td_real *dw, const td_real *gy, size_t gy_pitch,
                             const td_real *d, td_product size, int planes_out,
                             int pixels);

#endif
