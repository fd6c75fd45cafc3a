#include "../exact.h"
#include "vector.h"

double TD_VARIANT(exact_add)(double *sums, const td_real *terms, size_t count)
{
    return td_exact_add(sums, terms, count);
}
