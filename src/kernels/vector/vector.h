/* The vector kernels: loops over planes, rows and pixels whose unit of arithmetic is a
 * vector of channels (a GCC vector type).  A pixel of a plane is TD_SLICES such
 * vectors. The sources are compiled once per instruction set: TD_ISA_TAG keeps the
 * symbols apart, TD_ISA_NAME is what the user reads.
 *
 * Inner loops keep eight sums beside each other, enough to hide the latency of a
 * multiply-add on every CPU of the last ten years.  They are named a0…a7: gcc keeps an
 * array of them in memory.  README.md in this folder tells what else was tried. */
#ifndef TD_VECTOR_H
#define TD_VECTOR_H

#include "taildart/kernels.h"

#define TD_JOIN_TAGS(name, tag) td_vector_##name##_##tag
#define TD_JOIN(name, tag) TD_JOIN_TAGS(name, tag)
#define TD_VARIANT(name) TD_JOIN(name, TD_ISA_TAG)

/* Channels that one register holds. */
#if defined(__AVX512F__)
enum { TD_VECTOR_BYTES = 64 };
#elif defined(__AVX__)
enum { TD_VECTOR_BYTES = 32 };
#else
enum { TD_VECTOR_BYTES = 16 };
#endif
enum {
    TD_LANES = TD_VECTOR_BYTES / (int) sizeof(float),
    TD_SLICES = TD_PLANE / TD_LANES
};

/* may_alias: the arrays are declared as numbers. */
typedef float td_vec __attribute__((vector_size(TD_VECTOR_BYTES), may_alias));

/* An integer for each lane: comparisons give all bits or none. */
typedef int32_t td_lanes __attribute__((vector_size(TD_VECTOR_BYTES)));

#define TD_INLINE static inline __attribute__((always_inline))

/* Say something for each of eight sums: X(0) … X(7). */
#define TD_EIGHT(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)

/* Keep a loaded vector in its register: gcc would load it again for every use. */
#if defined(__aarch64__)
#define TD_PIN(vector) __asm__("" : "+w"(vector))
#else
#define TD_PIN(vector) __asm__("" : "+v"(vector))
#endif

/* NaN passes through: a spoiled number must reach the loss to be noticed. */
TD_INLINE td_vec td_relu(td_vec x)
{
    td_vec zero = { 0 };
    return (td_vec) ((td_lanes) x & ~(td_lanes) (x <= zero));
}

/* g where x > 0, else 0. */
TD_INLINE td_vec td_where_positive(td_vec g, td_vec x)
{
    td_vec zero = { 0 };
    return (td_vec) ((td_lanes) g & (td_lanes) (x > zero));
}

/* ---- pixels --------------------------------------------------------------- */

/* The vectors of a pixel, each kept in its register. */
typedef struct {
    td_vec s0, s1, s2, s3;
} td_pixel;

TD_INLINE td_pixel td_load(const td_vec *at)
{
    td_pixel v = { at[0], at[0], at[0], at[0] };
    TD_PIN(v.s0);
    if (TD_SLICES > 1) {
        v.s1 = at[1 % TD_SLICES];
        TD_PIN(v.s1);
    }
    if (TD_SLICES > 2) {
        v.s2 = at[2 % TD_SLICES];
        v.s3 = at[3 % TD_SLICES];
        TD_PIN(v.s2);
        TD_PIN(v.s3);
    }
    return v;
}

/* Vector i of many pixels: its slice, and that slice of v. */
#define TD_SLICE_OF(i) ((i) % TD_SLICES)
#define TD_SLICE(v, i)                                                                 \
    (TD_SLICE_OF(i) == 0   ? (v).s0                                                    \
     : TD_SLICE_OF(i) == 1 ? (v).s1                                                    \
     : TD_SLICE_OF(i) == 2 ? (v).s2                                                    \
                           : (v).s3)

/* ---- rows of padded images ----------------------------------------------- */

/* Vectors of a row of a padded image. */
TD_INLINE int td_padded_pitch(td_extent e)
{
    return (e.width + 2 * TD_MARGIN) * TD_SLICES;
}

TD_INLINE size_t td_padded_plane(td_extent e)
{
    return (size_t) (e.height + 2 * TD_MARGIN) * (size_t) td_padded_pitch(e);
}

/* Row y of a plane of a padded image, at the image's first column. */
TD_INLINE td_vec *td_padded_row(const td_real *padded, td_extent e, int plane, int y)
{
    return (td_vec *) padded + (size_t) plane * td_padded_plane(e) +
           (size_t) ((TD_MARGIN + y) * td_padded_pitch(e) + TD_MARGIN * TD_SLICES);
}

/* ---- sums over pixels ---------------------------------------------------- */

/* Float sums over at most TD_BLOCK pixels of a plane; a single float accumulator over
 * 1024 pixels would lose a digit. */
typedef struct {
    td_vec first[TD_SLICES], second[TD_SLICES];
} td_run;

/* The double sums += a run's, 16 channels from \a channel on. */
TD_INLINE void td_run_add(double *to, const td_vec run[TD_SLICES])
{
    const float *from = (const float *) run;
    for (int c = 0; c < TD_PLANE; c++)
        to[c] += (double) from[c];
}

TD_INLINE void td_sums_clear(double *sums, int planes)
{
    for (int c = 0; c < planes * TD_PLANE; c++)
        sums[c] = 0.0;
}

/* The sums of one plane += those of a block that has just been written: read once more
 * from the first cache, in two sums each so that they do not wait for each other. */
TD_INLINE void td_block_sums(td_sums *sums, int plane, const td_vec *y, int pixels)
{
    td_run run;
    for (int s = 0; s < TD_SLICES; s++) {
        td_vec a0 = { 0 }, a1 = { 0 }, b0 = { 0 }, b1 = { 0 };
        int end = pixels * TD_SLICES, i = s;
        for (; i + TD_SLICES < end; i += 2 * TD_SLICES) {
            a0 += y[i];
            b0 += y[i] * y[i];
            a1 += y[i + TD_SLICES];
            b1 += y[i + TD_SLICES] * y[i + TD_SLICES];
        }
        if (i < end) {
            a0 += y[i];
            b0 += y[i] * y[i];
        }
        run.first[s] = a0 + a1;
        run.second[s] = b0 + b1;
    }
    td_run_add(sums->first + plane * TD_PLANE, run.first);
    td_run_add(sums->second + plane * TD_PLANE, run.second);
}

TD_INLINE int td_block_end(int start, int pixels)
{
    return start + TD_BLOCK < pixels ? start + TD_BLOCK : pixels;
}

/* ---- the table ------------------------------------------------------------ */

void TD_VARIANT(relu)(td_real *out, const td_real *x, size_t count);
void TD_VARIANT(relu_data)(td_real *dx, const td_real *g, const td_real *x,
                           size_t count);
void TD_VARIANT(relu_padded)(td_real *out, const td_real *x, td_extent size);
void TD_VARIANT(norm_relu_padded)(td_real *out, const td_real *y, const td_real *scale,
                                  const td_real *shift, td_extent size);
void TD_VARIANT(norm_relu_data)(td_real *gz, td_sums *sums, const td_real *dr,
                                const td_real *y, const td_real *scale,
                                const td_real *shift, int planes, int pixels);
void TD_VARIANT(halve)(td_real *out, const td_real *x, td_extent in, int margin);
void TD_VARIANT(halve_data)(td_real *dx, const td_real *g, td_extent in);
void TD_VARIANT(separable)(td_real *y, td_sums *sums, const td_real *r,
                           const td_separable *unit, td_real *work);
void TD_VARIANT(separable_add)(td_real *y, const td_real *scale, const td_real *r,
                               const td_separable *unit, td_real *work);
void TD_VARIANT(separable_data)(td_real *dd, td_real *dw, const td_real *g,
                                const td_real *y, const td_affine *coefs,
                                const td_real *r, const td_separable *unit,
                                td_real *work);
void TD_VARIANT(depthwise_data)(td_real *dr, bool add, const td_real *dd,
                                const td_real *taps, const td_depthwise *conv);
void TD_VARIANT(depthwise_weights)(td_real *d_taps, const td_real *dd, const td_real *r,
                                   const td_depthwise *conv);
void TD_VARIANT(pointwise)(td_real *y, td_sums *sums, const td_real *d,
                           const td_real *w, td_channels in, int planes_out,
                           int pixels);
void TD_VARIANT(pointwise_weights)(td_real *dw, const td_real *gy, const td_real *d,
                                   td_channels in, int planes_out, int pixels);
void TD_VARIANT(max_pool)(td_real *m, uint8_t *argmax, td_sums *sums, const td_real *x,
                          td_extent in, int stride);
void TD_VARIANT(max_pool_data)(td_real *dx, const td_real *gm, const uint8_t *argmax,
                               td_extent in, int stride);
void TD_VARIANT(avg_pool)(td_real *m, td_sums *sums, const td_real *x, td_extent in,
                          int stride);
void TD_VARIANT(avg_pool_data)(td_real *dx, const td_real *gm, td_extent in,
                               int stride);
void TD_VARIANT(sum)(double *sum, const td_real *g, int planes, int pixels);
void TD_VARIANT(dots)(double *const *dots, const td_real *g, const td_real *const *y,
                      int count, int planes, int pixels);
void TD_VARIANT(affine)(td_real *out, const td_real *g, const td_real *y,
                        const td_affine *coefs, int planes, int pixels);
void TD_VARIANT(combine)(td_real *out, bool add, const td_real *start,
                         const td_term *terms, int count, int planes, int pixels);
double TD_VARIANT(exact_add)(double *sums, const td_real *terms, size_t count);

#endif
