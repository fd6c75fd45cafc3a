/** Floor 4: from architecture parameters to mixture weights and back.
 *
 *  A network knows only what each operation of an edge weighs.  A relaxation says how
 *  that comes from the architecture parameters (alphas), how a gradient goes back to
 *  them, and how strong each operation is when a cell is derived.  A kind is a row of
 *  TD_RELAXATIONS and a file here.
 */
#ifndef TAILDART_ARCH_H
#define TAILDART_ARCH_H

#include "taildart/config.h"
#include "taildart/genotype.h"

TD_PUBLIC_BEGIN

/** Key of the random numbers of a relaxation: equal on all ranks, a function of the
 *  step. */
typedef struct {
    uint64_t seed;
    int64_t epoch, step;
    int edge; /**< of both tables: 0 to 2·edges − 1 */
} td_arch_draw;

/** A relaxation, edge by edge; alphas, weights and strengths (8) each. */
typedef struct {
    bool sums_to_one; /**< whether the strengths of an edge do */

    /** The weights \a p.  \param [in] draw  NULL outside of steps: no chance */
    void (*forward)(double *p, const td_real *alpha, const td_arch_draw *draw);

    /** Add to \a d_alpha the gradient by the alphas that \a dp, the one by the weights
     *  \a p, means; \a alpha and \a draw as in the forward pass. */
    void (*backward)(td_real *d_alpha, const double *dp, const double *p,
                     const td_real *alpha, const td_arch_draw *draw);

    /** The strength of each operation: larger is kept when a cell is derived; in the
     *  order of the alphas. */
    void (*strength)(double *s, const td_real *alpha);
} td_relaxation;

#define TD_RELAXATION_DECLARE(NAME, function, word)                                    \
    extern const td_relaxation td_relaxation_##function;
TD_RELAXATIONS(TD_RELAXATION_DECLARE)
#undef TD_RELAXATION_DECLARE

/** The relaxation of a kind.  Not collective. */
const td_relaxation *td_relaxation_of(td_relaxation_kind kind);

/** The kind of a relaxation that td_relaxation_of gave.  Not collective. */
td_relaxation_kind td_relaxation_kind_of(const td_relaxation *relaxation);

/** "softmax", "sigmoid", …  Not collective. */
const char *td_relaxation_name(td_relaxation_kind kind);

/** The kind of a name, -1 where there is none.  Not collective. */
int td_relaxation_find(const char *name);

/** The weights of both tables.  Not collective.
 *  \param [out] p (2, edges, 8)  \param [in] alphas (2, edges, 8)
 *  \param [in] draw  NULL outside of steps; its edge is ignored */
void td_arch_forward(const td_relaxation *relaxation, double *p, const td_real *alphas,
                     int edges, const td_arch_draw *draw);

/** The same outside of steps, for td_free; NULL without edges, as derived networks have
 *  none.  Not collective. */
double *td_arch_weights(const td_relaxation *relaxation, const td_real *alphas,
                        int edges);

/** Add the gradient by the alphas of both tables.  Not collective.
 *  \param [in,out] d_alphas (2, edges, 8)  \param [in] dp, p, alphas (2, edges, 8)
 *  \param [in] draw  as in td_arch_forward() */
void td_arch_backward(const td_relaxation *relaxation, td_real *d_alphas,
                      const double *dp, const double *p, const td_real *alphas,
                      int edges, const td_arch_draw *draw);

/** Mean over edges of the entropy of the strengths, in nats, of one table; strengths
 *  that do not sum to one are divided by their sum.
 *  Not collective.  \param [in] alphas (edges, 8) */
double td_arch_entropy(const td_relaxation *relaxation, const td_real *alphas,
                       int edges);

/** Mean over edges of the strongest operation's strength.
 *  Not collective.  \param [in] alphas (edges, 8) */
double td_arch_mean_strongest(const td_relaxation *relaxation, const td_real *alphas,
                              int edges);

/** The strength of an operation on an edge that is undecided: alphas 0.
 *  Not collective. */
double td_arch_undecided(const td_relaxation *relaxation);

/** Distance of both tables from their start.
 *  Not collective.  \param [in] alphas, start (2, edges, 8) */
double td_arch_change(const td_real *alphas, const td_real *start, int edges);

/** For each node the two edges with the strongest operation that is not `none`; ties go
 *  to the lower edge and the earlier operation (Liu et al. 2019, 2.4).
 *  Not collective.  \param [in] alphas (2, edges, 8) */
void td_arch_derive(const td_relaxation *relaxation, td_genotype *genotype,
                    const td_real *alphas, int nodes);

TD_PUBLIC_END

#endif
