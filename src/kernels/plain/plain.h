/* The plain kernels: what every kernel means, as loops that can be read beside its
 * formula, and what the fast ones are tested against.
 *
 * The innermost loop runs over the 16 channels of a pixel, which the compiler turns
 * into whatever vectors the processor has; nothing else here is done for speed. */
#ifndef TD_PLAIN_H
#define TD_PLAIN_H

#include "taildart/kernels.h"

extern const td_kernels td_plain_kernels;

/* ---- places ----------------------------------------------------------- */

/* Numbers of a plane that has \a margin pixels around it. */
static inline size_t td_plain_plane(td_extent size, int margin)
{
    return (size_t) (size.height + 2 * margin) * (size_t) (size.width + 2 * margin) *
           TD_PLANE;
}

/* Index of a pixel's channel 0.  Rows and columns of the margin are those outside
 * 0…height−1 and 0…width−1. */
static inline size_t td_plain_at(td_extent size, int margin, int plane, int y, int x)
{
    size_t row = (size_t) (margin + y), column = (size_t) (margin + x);
    size_t pitch = (size_t) (size.width + 2 * margin);
    return (size_t) plane * td_plain_plane(size, margin) +
           (row * pitch + column) * TD_PLANE;
}

/* Offset of a tap of a convolution or a pool from its window's middle, in rows or
 * columns: \a tap counts along that side of the kernel. */
static inline int td_plain_reach(int tap, int kernel, int dilation)
{
    return dilation * (tap - (kernel - 1) / 2);
}

/* ---- sums over pixels ------------------------------------------------- */

/* They are made in td_real over at most TD_BLOCK pixels and in double between such
 * blocks: one float for a thousand pixels would lose a digit. */
static inline int td_plain_block_end(int start, int pixels)
{
    return pixels - start < TD_BLOCK ? pixels : start + TD_BLOCK;
}

/* The sums that come with a result: Σ g and Σ g·y.  NULL: nobody wants them. */
void td_plain_sums(td_sums *sums, const td_real *g, const td_real *y, int planes,
                   int pixels);

/* ---- parts of the fused kernels --------------------------------------- */

/* A row of outputs of every plane, d (planes, width, 16), from the padded r. */
void td_plain_depthwise_row(td_real *d, const td_real *r, const td_real *taps,
                            const td_depthwise *conv, int row);

/* y = W d for some pixels; planes are y_plane and d_plane numbers apart. */
void td_plain_product(td_real *y, size_t y_plane, const td_real *d, size_t d_plane,
                      const td_real *w, td_channels in, int planes_out, int pixels);

/* ---- slots of the table, see taildart/kernels.h ----------------------- */

void td_plain_relu(td_real *out, const td_real *x, size_t count);
void td_plain_relu_data(td_real *dx, const td_real *g, const td_real *x, size_t count);
void td_plain_relu_padded(td_real *out, const td_real *x, td_extent size);
void td_plain_norm_relu_padded(td_real *out, const td_real *y, const td_real *scale,
                               const td_real *shift, td_extent size);
void td_plain_norm_relu_data(td_real *gz, td_sums *sums, const td_real *dr,
                             const td_real *y, const td_real *scale,
                             const td_real *shift, int planes, int pixels);
void td_plain_halve(td_real *out, const td_real *x, td_extent in, int margin);
void td_plain_halve_data(td_real *dx, const td_real *g, td_extent in);
void td_plain_separable(td_real *y, td_sums *sums, const td_real *r,
                        const td_separable *unit, td_real *work);
void td_plain_separable_add(td_real *y, const td_real *scale, const td_real *r,
                            const td_separable *unit, td_real *work);
void td_plain_separable_data(td_real *dd, td_real *dw, const td_real *g,
                             const td_real *y, const td_affine *coefs, const td_real *r,
                             const td_separable *unit, td_real *work);
void td_plain_depthwise_data(td_real *dr, bool add, const td_real *dd,
                             const td_real *taps, const td_depthwise *conv);
void td_plain_depthwise_weights(td_real *d_taps, const td_real *dd, const td_real *r,
                                const td_depthwise *conv);
void td_plain_pointwise(td_real *y, td_sums *sums, const td_real *d, const td_real *w,
                        td_channels in, int planes_out, int pixels);
void td_plain_pointwise_weights(td_real *dw, const td_real *gy, const td_real *d,
                                td_channels in, int planes_out, int pixels);
void td_plain_max_pool(td_real *m, uint8_t *argmax, td_sums *sums, const td_real *x,
                       td_extent in, int stride);
void td_plain_max_pool_data(td_real *dx, const td_real *gm, const uint8_t *argmax,
                            td_extent in, int stride);
void td_plain_avg_pool(td_real *m, td_sums *sums, const td_real *x, td_extent in,
                       int stride);
void td_plain_avg_pool_data(td_real *dx, const td_real *gm, td_extent in, int stride);
void td_plain_sum(double *sum, const td_real *g, int planes, int pixels);
void td_plain_dots(double *const *dots, const td_real *g, const td_real *const *y,
                   int count, int planes, int pixels);
void td_plain_affine(td_real *out, const td_real *g, const td_real *y,
                     const td_affine *coefs, int planes, int pixels);
void td_plain_combine(td_real *out, bool add, const td_real *start,
                      const td_term *terms, int count, int planes, int pixels);
double td_plain_exact_add(double *sums, const td_real *terms, size_t count);

#endif
