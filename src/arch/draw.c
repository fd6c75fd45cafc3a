/* Random numbers of relaxations. */
#include "internal.h"
#include "taildart/base_random.h"

#include <math.h>

static td_random key_of(const td_arch_edge *edge, int k)
{
    const td_arch_draw *draw = edge->draw;
    return (td_random){ .seed = draw->seed,
                        .stream = TD_STREAM_RELAXATION,
                        .shard = (uint32_t) (edge->number * TD_NUM_OPS + k),
                        .pass = (uint32_t) draw->epoch };
}

/* 0 itself becomes half of the least number above it. */
double td_arch_uniform(const td_arch_edge *edge, int k)
{
    TD_ASSERT(edge->draw);
    if (edge->draw->given)
        return edge->draw->given[edge->number * TD_NUM_OPS + k];
    td_random key = key_of(edge, k);
    return fmax(td_random_unit(&key, (uint32_t) edge->draw->step), 0x1p-54);
}

double td_arch_log_gamma(const td_arch_edge *edge, int k, double shape)
{
    TD_ASSERT(edge->draw && !edge->draw->given);
    td_random key = key_of(edge, k);
    return td_random_log_gamma(&key, (uint32_t) edge->draw->step, shape);
}

void td_gumbel_add(double *z, const td_real *alpha, const td_arch_edge *edge)
{
    for (int k = 0; k < TD_NUM_OPS; k++)
        z[k] = td_is_present(edge->present, k)
                   ? (double) alpha[k] - log(-log(td_arch_uniform(edge, k)))
                   : 0.0;
}
