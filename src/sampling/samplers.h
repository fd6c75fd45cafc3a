/* The samplers: the share of a class in the draws, one function a kind
 * (TD_SAMPLERS). */
#ifndef TD_SAMPLING_SAMPLERS_H
#define TD_SAMPLING_SAMPLERS_H

#include "taildart/config.h"

/* The share of a class with \a n images, 1 or more, where the largest class has \a
 * n_max; shares need not add up to 1. */
typedef double td_sampler(double n, double n_max);

#define TD_SAMPLER_DECLARE(NAME, function, word) td_sampler td_sampler_##function;
TD_SAMPLERS(TD_SAMPLER_DECLARE)
#undef TD_SAMPLER_DECLARE

#endif
