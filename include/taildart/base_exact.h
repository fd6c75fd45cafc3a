/** Floor 1: sums that depend neither on the order of their terms nor on who adds what.
 *
 *  Every term is rounded to a multiple of 2^-36, a half to the even one.  A double
 *  holds each such multiple up to 2^17, so adding them is exact: any order, any
 *  division among threads and ranks, any algorithm of a reduction gives the same bits.
 *  Not for files that are compiled with -ffast-math, which would leave the rounding
 *  out. */
#ifndef TAILDART_BASE_EXACT_H
#define TAILDART_BASE_EXACT_H

#ifdef __FAST_MATH__
#error "x + c - c is x with -ffast-math, and order-free sums depend on the difference"
#endif

/** Sums are exact while none on the way is larger: 2^(53 - 36). */
#define TD_EXACT_LIMIT 131072.0

/** Stands for a sum that was beyond the limit on the way. */
#define TD_EXACT_BEYOND 1e300

/** The term that an order-free sum takes for \a x, which is at most a quarter of the
 *  limit, or a float: 1.5·2^16 in front leaves 36 bits behind the point.  NaN and
 *  infinities stay what they are.  Not collective. */
static inline double td_exact_term(double x)
{
    const double c = 98304.0;
    return (x + c) - c;
}

/** Add a term to a sum; one beyond the limit is marked and stays so, since a later term
 *  may bring it back.  NaN stays NaN.  Not collective. */
static inline double td_exact_add_term(double sum, double term)
{
    double all = sum + term;
    return all > TD_EXACT_LIMIT || all < -TD_EXACT_LIMIT ? TD_EXACT_BEYOND : all;
}

#endif
