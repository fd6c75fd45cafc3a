/* Student's t for whole degrees of freedom, where its distribution is a finite sum
 * (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4). */
#include <math.h>

#include "internal.h"

/* P(|T| <= t). */
static double within(double t, int freedom)
{
    double angle = atan(t / sqrt(freedom)), cosine = cos(angle);
    double term = freedom % 2 ? cosine : 1.0, sum = 0.0;
    for (int k = freedom % 2 ? 1 : 0; k <= freedom - 2; k += 2) {
        sum += term;
        term *= cosine * cosine * (k + 1) / (k + 2);
    }
    if (freedom % 2 == 0)
        return sin(angle) * sum;
    return 2.0 / acos(-1.0) * (angle + sin(angle) * sum);
}

double td_study_student(double probability, int freedom)
{
    TD_ASSERT(probability >= 0.5 && probability < 1.0 && freedom >= 1);
    double low = 0.0, high = 1e6;
    for (int halving = 0; halving < 200; halving++) {
        double middle = 0.5 * (low + high);
        if (0.5 + 0.5 * within(middle, freedom) < probability)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}
