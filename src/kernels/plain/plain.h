/* The plain kernels: loops over planes, rows and pixels whose unit of arithmetic is a
 * vector of channels (a GCC vector type).  A pixel of a plane is TD_SLICES such
 * vectors; loops that keep sums in registers take one slice of the channels at a
 * time, the others just walk over vectors.  Compiled once per instruction set:
 * TD_ISA_TAG keeps the symbols apart, TD_ISA_NAME is what the user reads. */
#ifndef TD_PLAIN_H
#define TD_PLAIN_H

#include "taildart/kernels.h"

#define TD_JOIN_TAGS(name, tag) td_plain_##name##_##tag
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
    TD_LANES = TD_VECTOR_BYTES / (int) sizeof(td_real),
    TD_SLICES = TD_PLANE / TD_LANES
};

/* may_alias: the arrays are declared as numbers. */
typedef td_real td_vec __attribute__((vector_size(TD_VECTOR_BYTES), may_alias));

/* An integer for each lane: comparisons give all bits or none. */
#ifdef TD_REAL_DOUBLE
typedef int64_t td_lane;
#else
typedef int32_t td_lane;
#endif
typedef td_lane td_lanes __attribute__((vector_size(TD_VECTOR_BYTES)));

#define TD_INLINE static inline __attribute__((always_inline))

/* Partial sums are kept in td_real over at most this many pixels, then in double: a
 * single float accumulator over 1024 pixels loses a digit. */
enum { TD_SUM_RUN = 64 };

/* Sums over a run of pixels, of one slice of the channels. */
typedef struct {
    td_vec first, second;
} td_run_sums;

/* Add a run to the double sums of the channels that begin at \a channel. */
TD_INLINE void td_sums_add(td_sums *sums, int channel, const td_run_sums *run)
{
    for (int c = 0; c < TD_LANES; c++) {
        sums->first[channel + c] += (double) run->first[c];
        sums->second[channel + c] += (double) run->second[c];
    }
}

TD_INLINE int td_run_end(int start, int pixels)
{
    return start + TD_SUM_RUN < pixels ? start + TD_SUM_RUN : pixels;
}

TD_INLINE void td_sums_clear(td_sums *sums, int planes)
{
    for (int c = 0; c < planes * TD_PLANE; c++)
        sums->first[c] = sums->second[c] = 0.0;
}

void TD_VARIANT(relu)(td_real *out, const td_real *x, size_t count);
void TD_VARIANT(relu_data)(td_real *dx, const td_real *g, const td_real *x,
                           size_t count);
void TD_VARIANT(relu_padded_data)(td_real *dx, const td_real *dr, const td_real *x,
                                  td_extent size);
void TD_VARIANT(norm_relu_padded_data)(td_real *gz, td_sums *sums, const td_real *dr,
                                       const td_real *y, const td_real *scale,
                                       const td_real *shift, td_extent size);
void TD_VARIANT(halve)(td_real *out, const td_real *x, td_extent in, int margin);
void TD_VARIANT(halve_data)(td_real *dx, const td_real *g, td_extent in, int margin);
void TD_VARIANT(relu_padded)(td_real *out, const td_real *x, td_extent size);
void TD_VARIANT(norm_relu_padded)(td_real *out, const td_real *y, const td_real *scale,
                                  const td_real *shift, td_extent size);
void TD_VARIANT(dot_sums)(td_sums *sums, const td_real *g, const td_real *y, int planes,
                          int pixels);
void TD_VARIANT(affine)(td_real *out, const td_real *g, const td_real *y,
                        const td_real *a, const td_real *b, const td_real *c,
                        int planes, int pixels);
void TD_VARIANT(fill)(td_real *out, const td_real *c, int planes, int pixels);
void TD_VARIANT(add_scaled)(td_real *out, const td_real *y, const td_real *a,
                            int planes, int pixels);
void TD_VARIANT(depthwise)(td_real *d, const td_real *r, const td_real *w,
                           const td_depthwise *conv);
void TD_VARIANT(depthwise_data)(td_real *dr, td_real *work, const td_real *dd,
                                const td_real *w, const td_depthwise *conv);
void TD_VARIANT(depthwise_weights)(td_real *dw, const td_real *dd, const td_real *r,
                                   const td_depthwise *conv);
void TD_VARIANT(pointwise)(td_real *y, td_sums *sums, const td_real *d,
                           const td_real *w, int planes_in, int planes_out, int pixels);
void TD_VARIANT(pointwise_weights)(td_real *dw, const td_real *gy, const td_real *d,
                                   int planes_in, int planes_out, int pixels);
void TD_VARIANT(max_pool)(td_real *m, uint8_t *argmax, td_sums *sums, const td_real *x,
                          td_extent in, int stride);
void TD_VARIANT(max_pool_data)(td_real *dx, const td_real *gm, const uint8_t *argmax,
                               td_extent in, int stride);
void TD_VARIANT(avg_pool)(td_real *m, td_sums *sums, const td_real *x, td_extent in,
                          int stride);
void TD_VARIANT(avg_pool_data)(td_real *dx, const td_real *gm, td_extent in,
                               int stride);

#endif
