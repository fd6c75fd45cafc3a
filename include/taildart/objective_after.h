/** Floor 2: cures for the tail that need no training: what is done to a classifier or
 *  its logits afterwards. */
#ifndef TAILDART_OBJECTIVE_AFTER_H
#define TAILDART_OBJECTIVE_AFTER_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

/** Post-hoc logit adjustment: z_c − tau·log(n_c/Σn) (Menon et al. 2021, eq. 9).
 *  Not collective.  \param [in,out] logits (n, classes)
 *  \param [in] counts (classes) images that were trained on, 1 or more */
void td_adjust_logits(td_real *logits, const int64_t *counts, int classes, double tau,
                      int n);

/** Tau-normalisation: each row over its norm to the power of tau (Kang et al. 2020,
 *  eq. 2); it goes without a bias.  A row of zeros stays.
 *  Not collective.  \param [in,out] matrix (rows, columns) one row per class */
void td_tau_normalise(td_real *matrix, int rows, int columns, double tau);

TD_PUBLIC_END

#endif
