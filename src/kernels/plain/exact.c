#include "../exact.h"
#include "plain.h"

double td_plain_exact_add(double *sums, const td_real *terms, size_t count)
{
    return td_exact_add(sums, terms, count);
}
