/* The number of images that data.largest and a long-tailed profile leave to a class. */
#include <math.h>

#include "selection.h"

int64_t td_selection_most(const td_config *config, const int64_t *available,
                          int classes)
{
    int64_t most = 0, limit = config->data.largest;
    for (int c = 0; c < classes; c++)
        most = available[c] > most ? available[c] : most;
    return limit > 0 && limit < most ? limit : most;
}

int64_t td_tail_count(td_profile profile, int classes, int64_t n_max, double imbalance,
                      int c)
{
    TD_ASSERT(c >= 0 && c < classes && n_max >= 0 && imbalance >= 1.0);
    if (profile == TD_PROFILE_STEP)
        return c < classes / 2 ? n_max : (int64_t) ((double) n_max / imbalance);
    if (classes == 1)
        return n_max;
    double position = (double) c / (double) (classes - 1);
    return (int64_t) ((double) n_max * pow(1.0 / imbalance, position));
}
