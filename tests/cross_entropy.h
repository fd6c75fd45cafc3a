/* A loss of explicit weights in one call, as tests compare with. */
#ifndef TEST_CROSS_ENTROPY_H
#define TEST_CROSS_ENTROPY_H

#include "taildart/objective.h"

static inline void cross_entropy(td_loss_sums *sums, td_real *d_logits,
                                 const td_real *logits, const int32_t *labels,
                                 const double *weights, double scale, int n,
                                 int classes)
{
    td_loss *loss =
        td_loss_new(&(td_loss_spec){ .classes = classes, .weights = weights });
    td_loss_add(loss, sums, d_logits, logits, (td_targets){ .labels = labels }, scale,
                n);
    td_loss_free(loss);
}

#endif
