/** Floor 4: from architecture parameters to mixture weights and back.
 *
 *  A network knows only what each operation of an edge weighs.  A relaxation says how
 *  that comes from the architecture parameters (alphas) and how a gradient goes back to
 *  them; when a cell is derived an operation is as strong as it weighs.
 */
#ifndef TAILDART_ARCH_H
#define TAILDART_ARCH_H

#include "taildart/net_genotype.h"

/** What a relaxation does with one edge; alphas and weights (8) each. */
typedef struct {
    /** The weights \a p of the operations. */
    void (*forward)(double *p, const td_real *alpha);
    /** Add to \a d_alpha what the gradient \a dp of the weights says of the alphas. */
    void (*backward)(td_real *d_alpha, const double *dp, const double *p);
} td_relaxation;

/** exp(alpha) over its sum on the edge (Liu et al. 2019, eq. 2). */
extern const td_relaxation td_relaxation_softmax;

/** The weights of both tables.  Not collective.
 *  \param [out] p (2, edges, 8)  \param [in] alphas (2, edges, 8) */
void td_arch_forward(const td_relaxation *relaxation, double *p, const td_real *alphas,
                     int edges);

/** The same for td_free; NULL without edges, as derived networks have none.
 *  Not collective. */
double *td_arch_weights(const td_relaxation *relaxation, const td_real *alphas,
                        int edges);

/** Add the gradient by the alphas of both tables.  Not collective.
 *  \param [in,out] d_alphas (2, edges, 8)  \param [in] dp, p (2, edges, 8) */
void td_arch_backward(const td_relaxation *relaxation, td_real *d_alphas,
                      const double *dp, const double *p, int edges);

/** Mean over edges of the entropy of the weights, in nats, of one table.
 *  Not collective.  \param [in] alphas (edges, 8) */
double td_arch_entropy(const td_relaxation *relaxation, const td_real *alphas,
                       int edges);

/** For each node the two edges with the strongest operation that is not `none`; ties go
 *  to the lower edge and the earlier operation (Liu et al. 2019, 2.4).
 *  Not collective.  \param [in] alphas (2, edges, 8) */
void td_arch_derive(const td_relaxation *relaxation, td_genotype *genotype,
                    const td_real *alphas, int nodes);

#endif
