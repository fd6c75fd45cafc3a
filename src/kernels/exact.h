/* The loop of td_kernels.exact_add, for the plain and the vector kernels. */
#ifndef TD_KERNELS_EXACT_H
#define TD_KERNELS_EXACT_H

#include "taildart/base_exact.h"
#include "taildart/kernels.h"

static inline double td_exact_add(double *sums, const td_real *terms, size_t count)
{
    double most = 0.0, least = 0.0;
#pragma omp simd reduction(max : most) reduction(min : least)
    for (size_t i = 0; i < count; i++) {
        double sum = sums[i] + td_exact_term((double) terms[i]);
        sums[i] = sum;
        most = sum > most ? sum : most;
        least = sum < least ? sum : least;
    }
    return most > -least ? most : -least;
}

#endif
