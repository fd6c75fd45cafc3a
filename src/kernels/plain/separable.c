/* Depthwise-separable convolutions: a depthwise and a pointwise one, a row of outputs
 * at a time, so that what lies between them never is an image. */
#include "plain.h"

static td_channels channels_of(const td_separable *unit)
{
    return (td_channels){ 1, unit->channels };
}

/* A row of W·depthwise(r) to y, its first number, with so many numbers per plane. */
static void forward_row(td_real *y, size_t y_pitch, const td_real *r,
                        const td_separable *unit, td_real *d, int row)
{
    td_extent out = td_depthwise_out(&unit->conv);
    td_plain_depthwise_row(d, r, unit->taps, &unit->conv, row);
    td_plain_product(y, y_pitch, d, (size_t) out.width * TD_PLANE, unit->matrix,
                     channels_of(unit), out.planes, out.width);
}

void td_plain_separable(td_real *y, td_sums *sums, const td_real *r,
                        const td_separable *unit, td_real *work)
{
    TD_ASSERT(td_separable_is_valid(unit));
    td_extent out = td_depthwise_out(&unit->conv);
    for (int row = 0; row < out.height; row++)
        forward_row(y + td_plain_at(out, 0, 0, row, 0), td_plain_plane(out, 0), r, unit,
                    work, row);
    td_plain_sums(sums, y, y, out.planes, out.height * out.width);
}

void td_plain_separable_add(td_real *y, const td_real *scale, const td_real *r,
                            const td_separable *unit, td_real *work)
{
    TD_ASSERT(td_separable_is_valid(unit));
    td_extent out = td_depthwise_out(&unit->conv);
    size_t plane = (size_t) out.width * TD_PLANE;
    td_real *d = work, *product = work + (size_t) out.planes * plane;
    for (int row = 0; row < out.height; row++) {
        forward_row(product, plane, r, unit, d, row);
        for (int p = 0; p < out.planes; p++) {
            td_real *to = y + td_plain_at(out, 0, p, row, 0);
            const td_real *from = product + (size_t) p * plane;
            for (size_t i = 0; i < plane; i++)
                to[i] += scale[p * TD_PLANE + (int) (i % TD_PLANE)] * from[i];
        }
    }
}

/* gy (planes, width, 16) of one row. */
static void gradient_row(td_real *gy, const td_real *g, const td_real *y,
                         const td_affine *coefs, td_extent size, int row)
{
    for (int p = 0; p < size.planes; p++) {
        size_t at = td_plain_at(size, 0, p, row, 0);
        td_affine of_plane = { coefs->a + p * TD_PLANE, coefs->b + p * TD_PLANE,
                               coefs->c + p * TD_PLANE };
        td_plain_affine(gy, g + at, y + at, &of_plane, 1, size.width);
        gy += size.width * TD_PLANE;
    }
}

void td_plain_separable_data(td_real *dd, td_real *dw, const td_real *g,
                             const td_real *y, const td_affine *coefs, const td_real *r,
                             const td_separable *unit, td_real *work)
{
    TD_ASSERT(td_separable_is_valid(unit));
    TD_ASSERT(!dw || r);
    td_extent out = td_depthwise_out(&unit->conv);
    size_t plane = (size_t) out.width * TD_PLANE;
    td_real *gy = work, *d = work + (size_t) out.planes * plane;
    for (int row = 0; row < out.height; row++) {
        gradient_row(gy, g, y, coefs, out, row);
        td_plain_product(dd + td_plain_at(out, TD_MARGIN, 0, row, 0),
                         td_plain_plane(out, TD_MARGIN), gy, plane, unit->transposed,
                         channels_of(unit), out.planes, out.width);
        if (!dw)
            continue;
        td_plain_depthwise_row(d, r, unit->taps, &unit->conv, row);
        td_plain_pointwise_weights(dw, gy, d, channels_of(unit), out.planes, out.width);
    }
}
