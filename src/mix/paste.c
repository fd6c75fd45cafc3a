/* cutmix (Yun et al. 2019): a box of the partner is pasted into the image, and labels
 * are shared as the pixels are.  With partners of a re-balancing stream this is CMO
 * (Park et al. 2022): images of the tail on images of the head. */
#include "internal.h"

#include <math.h>
#include <string.h>

static int at_least(int a, int b)
{
    return a < b ? b : a;
}

static int at_most(int a, int b)
{
    return a > b ? b : a;
}

td_box td_mix_box(int height, int width, double lambda, int row, int column)
{
    TD_ASSERT(lambda >= 0.0 && lambda <= 1.0);
    double side = sqrt(1.0 - lambda);
    int half_height = (int) (height * side) / 2, half_width = (int) (width * side) / 2;
    return (td_box){ .top = at_least(row - half_height, 0),
                     .left = at_least(column - half_width, 0),
                     .bottom = at_most(row + half_height, height),
                     .right = at_most(column + half_width, width) };
}

double td_mix_paste(td_real *own, const td_real *partner, const td_mix_pair *pair)
{
    const td_box *box = &pair->box;
    size_t channels = (size_t) pair->channels, row = channels * (size_t) pair->width;
    int height = box->bottom - box->top, width = box->right - box->left;
    for (int y = box->top; y < box->bottom; y++) {
        size_t at = (size_t) y * row + (size_t) box->left * channels;
        memcpy(own + at, partner + at, (size_t) width * channels * sizeof *own);
    }
    return 1.0 - (double) (height * width) / (double) (pair->height * pair->width);
}
