/* The samplers: the share of a class in the draws, one function per kind
 * (TD_SAMPLERS). */
#ifndef TD_SAMPLING_SAMPLERS_H
#define TD_SAMPLING_SAMPLERS_H

#include "taildart/config.h"

/* What a sampler may look at beside the images of a class. */
typedef struct {
    double n_max, n_all; /* of the largest class, of all of them */
    double classes;      /* that have images                     */
    double passed;       /* share of the run that is over, 0…1   */
} td_sampler_view;

/* The share of a class with \a n images, 1 or more; shares need not add up to 1. */
typedef double td_sampler(double n, const td_sampler_view *view);

#define TD_SAMPLER_DECLARE(NAME, function, word) td_sampler td_sampler_##function;
TD_SAMPLERS(TD_SAMPLER_DECLARE)
#undef TD_SAMPLER_DECLARE

#endif
