/* Remix (Chou et al. 2020): pixels as in mixup, but where one class has kappa times the
 * images of the other, the rarer one alone is the label, unless its share of the pixels
 * is small: 1 − tau or less. */
#include "internal.h"

static double share_of(const td_mix_pair *pair)
{
    double own = pair->own_count, partner = pair->partner_count;
    if (own >= pair->kappa * partner && pair->lambda < pair->tau)
        return 0.0;
    if (own * pair->kappa <= partner && 1.0 - pair->lambda < pair->tau)
        return 1.0;
    return pair->lambda;
}

double td_mix_remix(td_real *own, const td_real *partner, const td_mix_pair *pair)
{
    td_mix_blend(own, partner, pair);
    return share_of(pair);
}
