/* Images weigh one over the effective number of their class (Cui et al. 2019), as the
 * re-sampling of Cao et al. 2019 (LDAM) has it: a class of n images is drawn with the
 * share n/E(n), nearly evenly below 1/(1-beta) = 10,000 images and by its size
 * above. */
#include "samplers.h"
#include "taildart/objective.h"

double td_sampler_effective(double n, const td_sampler_view *view)
{
    (void) view;
    return n * td_effective_weight(n);
}
