/* mixup: x = λ·x_i + (1 − λ)·x_j, and the same of the targets (Zhang et al. 2018). */
#include "internal.h"

double td_mix_blend(td_real *own, const td_real *partner, const td_mix_pair *pair)
{
    size_t count =
        (size_t) pair->height * (size_t) pair->width * (size_t) pair->channels;
    td_real mine = (td_real) pair->lambda, other = (td_real) (1.0 - pair->lambda);
    for (size_t k = 0; k < count; k++)
        own[k] = mine * own[k] + other * partner[k];
    return pair->lambda;
}
