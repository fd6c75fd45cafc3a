/* Sums over the pixels of an image, per channel. */
#include "plain.h"

/* Σ g·y over a block of \a pixels, or Σ g without y, onto the sums of a plane. */
static void add_block(double *sum, const td_real *g, const td_real *y, int pixels)
{
    td_real block[TD_PLANE] = { 0 };
    for (int i = 0; i < pixels * TD_PLANE; i += TD_PLANE)
        for (int c = 0; c < TD_PLANE; c++)
            block[c] += y ? g[i + c] * y[i + c] : g[i + c];
    for (int c = 0; c < TD_PLANE; c++)
        sum[c] += (double) block[c];
}

/* Σ g·y, or Σ g without y. */
static void sum_products(double *sum, const td_real *g, const td_real *y, int planes,
                         int pixels)
{
    for (int c = 0; c < planes * TD_PLANE; c++)
        sum[c] = 0.0;
    for (int p = 0; p < planes; p++)
        for (int i = 0; i < pixels; i = td_plain_block_end(i, pixels)) {
            size_t at = ((size_t) p * (size_t) pixels + (size_t) i) * TD_PLANE;
            add_block(sum + p * TD_PLANE, g + at, y ? y + at : NULL,
                      td_plain_block_end(i, pixels) - i);
        }
}

void td_plain_sum(double *sum, const td_real *g, int planes, int pixels)
{
    TD_ASSERT(planes > 0 && pixels > 0);
    sum_products(sum, g, NULL, planes, pixels);
}

void td_plain_dots(double *const *dots, const td_real *g, const td_real *const *y,
                   int count, int planes, int pixels)
{
    TD_ASSERT(planes > 0 && pixels > 0);
    for (int i = 0; i < count; i++)
        sum_products(dots[i], g, y[i], planes, pixels);
}

void td_plain_sums(td_sums *sums, const td_real *g, const td_real *y, int planes,
                   int pixels)
{
    if (!sums)
        return;
    sum_products(sums->first, g, NULL, planes, pixels);
    sum_products(sums->second, g, y, planes, pixels);
}
