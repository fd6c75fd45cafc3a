/* The two half-size phases of an image: its pixels with even rows and columns, and
 * those with odd ones. */
#include "plain.h"

void td_plain_halve(td_real *out, const td_real *x, td_extent in, int margin)
{
    TD_ASSERT(in.height % 2 == 0 && in.width % 2 == 0);
    td_extent half = { 2 * in.planes, in.height / 2, in.width / 2 };
    for (int q = 0; q < half.planes; q++) {
        int phase = q / in.planes, p = q % in.planes;
        for (int y = 0; y < half.height; y++)
            for (int i = 0; i < half.width; i++) {
                td_real *to = out + td_plain_at(half, 0, q, y, i);
                const td_real *from =
                    x + td_plain_at(in, margin, p, 2 * y + phase, 2 * i + phase);
                for (int c = 0; c < TD_PLANE; c++)
                    to[c] = from[c];
            }
    }
}

void td_plain_halve_data(td_real *dx, const td_real *g, td_extent in)
{
    TD_ASSERT(in.height % 2 == 0 && in.width % 2 == 0);
    td_extent half = { 2 * in.planes, in.height / 2, in.width / 2 };
    for (int q = 0; q < half.planes; q++) {
        int phase = q / in.planes, p = q % in.planes;
        for (int y = 0; y < half.height; y++)
            for (int i = 0; i < half.width; i++) {
                const td_real *from = g + td_plain_at(half, 0, q, y, i);
                td_real *to = dx + td_plain_at(in, 0, p, 2 * y + phase, 2 * i + phase);
                for (int c = 0; c < TD_PLANE; c++)
                    to[c] += from[c];
            }
    }
}
