/** Floor 4: penalties on architecture parameters, which architecture steps add to the
 *  loss of their images.  A penalty is a row of TD_PENALTIES and a function of
 *  src/arch/penalties.c. */
#ifndef TAILDART_ARCH_PENALTY_H
#define TAILDART_ARCH_PENALTY_H

#include "taildart/arch.h"

TD_PUBLIC_BEGIN

/** How much each penalty counts, and what one of them goes by. */
typedef struct {
    double weights[TD_PENALTY_COUNT]; /**< 0: not at all                            */
    const double *costs; /**< (2, edges, 8) of operations, as td_network_costs()
                              gives them; read by `flops` alone                    */
} td_arch_penalties;

/** Add the gradients of all penalties by the parameters of both tables.  They run over
 *  the operations that are present, and go by the alphas themselves: neither the
 *  temperature nor draws matter.
 *  Not collective, the same on every rank: to be added once to a gradient of all.
 *  \param [in,out] d_alphas (2, edges, 8)
 *  \param [in,out] d_betas (2, edges), ignored without betas
 *  \return their weighted sum */
double td_arch_penalise(const td_arch *arch, const td_arch_penalties *penalties,
                        td_real *d_alphas, td_real *d_betas);

/** Whether any has a weight.  Not collective. */
bool td_arch_has_penalty(const td_arch_penalties *penalties);

TD_PUBLIC_END

#endif
