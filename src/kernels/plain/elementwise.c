/* Kernels that touch each number once: ReLU, with and without a normalisation before
 * it, and linear combinations with coefficients per channel. */
#include "plain.h"

/* NaN passes through: a spoiled number must reach the loss to be noticed. */
static inline td_real relu(td_real x)
{
    return x <= 0 ? 0 : x;
}

/* ---- ReLU ------------------------------------------------------------- */

void td_plain_relu(td_real *out, const td_real *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = relu(x[i]);
}

void td_plain_relu_data(td_real *dx, const td_real *g, const td_real *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        dx[i] += x[i] > 0 ? g[i] : 0;
}

void td_plain_relu_padded(td_real *out, const td_real *x, td_extent size)
{
    for (int p = 0; p < size.planes; p++)
        for (int y = 0; y < size.height; y++)
            td_plain_relu(out + td_plain_at(size, TD_MARGIN, p, y, 0),
                          x + td_plain_at(size, 0, p, y, 0),
                          (size_t) size.width * TD_PLANE);
}

/* ---- ReLU behind a batch norm ----------------------------------------- */

void td_plain_norm_relu_padded(td_real *out, const td_real *y, const td_real *scale,
                               const td_real *shift, td_extent size)
{
    for (int p = 0; p < size.planes; p++, scale += TD_PLANE, shift += TD_PLANE)
        for (int row = 0; row < size.height; row++)
            for (int x = 0; x < size.width; x++) {
                td_real *to = out + td_plain_at(size, TD_MARGIN, p, row, x);
                const td_real *from = y + td_plain_at(size, 0, p, row, x);
                for (int c = 0; c < TD_PLANE; c++)
                    to[c] = relu(scale[c] * from[c] + shift[c]);
            }
}

void td_plain_norm_relu_data(td_real *gz, td_sums *sums, const td_real *dr,
                             const td_real *y, const td_real *scale,
                             const td_real *shift, int planes, int pixels)
{
    TD_ASSERT(planes > 0 && pixels > 0);
    size_t at = 0;
    for (int p = 0; p < planes; p++, scale += TD_PLANE, shift += TD_PLANE)
        for (int i = 0; i < pixels; i++, at += TD_PLANE)
            for (int c = 0; c < TD_PLANE; c++)
                gz[at + c] = scale[c] * y[at + c] + shift[c] > 0 ? dr[at + c] : 0;
    td_plain_sums(sums, gz, y, planes, pixels);
}

/* ---- linear combinations ---------------------------------------------- */

void td_plain_affine(td_real *out, const td_real *g, const td_real *y,
                     const td_affine *coefs, int planes, int pixels)
{
    size_t at = 0;
    for (int p = 0; p < planes; p++) {
        const td_real *a = coefs->a + p * TD_PLANE;
        const td_real *b = coefs->b + p * TD_PLANE;
        const td_real *c = coefs->c + p * TD_PLANE;
        for (int i = 0; i < pixels; i++, at += TD_PLANE)
            for (int k = 0; k < TD_PLANE; k++)
                out[at + k] = a[k] * g[at + k] + b[k] * y[at + k] + c[k];
    }
}

void td_plain_combine(td_real *out, bool add, const td_real *start,
                      const td_term *terms, int count, int planes, int pixels)
{
    for (int p = 0; p < planes; p++)
        for (int i = 0; i < pixels; i++)
            for (int k = 0; k < TD_PLANE; k++) {
                size_t channel = (size_t) (p * TD_PLANE + k);
                size_t at =
                    ((size_t) p * (size_t) pixels + (size_t) i) * TD_PLANE + (size_t) k;
                td_real sum = (add ? out[at] : 0) + start[channel];
                for (int t = 0; t < count; t++)
                    sum += terms[t].a[channel] * terms[t].y[at];
                out[at] = sum;
            }
}
