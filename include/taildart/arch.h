/** Floor 4: from architecture parameters to mixture weights and back.
 *
 *  A network knows only what each operation of an edge weighs.  A relaxation says how
 *  that comes from the architecture parameters (alphas), how a gradient goes back to
 *  them, and how strong each operation is when a cell is derived.  A kind is a row of
 *  TD_RELAXATIONS and a file here.
 *
 *  Operations that are absent have weight and gradient 0, and the others do not know of
 *  them: sums, draws, means and entropies run over those that are present.  All is
 *  computed in double; tables are small.
 */
#ifndef TAILDART_ARCH_H
#define TAILDART_ARCH_H

#include "taildart/config.h"
#include "taildart/genotype.h"

TD_PUBLIC_BEGIN

/** Key of the random numbers of a relaxation: equal on all ranks, a function of the
 *  step.  Operation k of edge e (of both tables, 0 to 2·edges − 1) takes draw \a step
 *  of shard 8·e + k in pass \a epoch of TD_STREAM_RELAXATION. */
typedef struct {
    uint64_t seed;
    int64_t epoch, step;
    const double *given; /**< (2, edges, 8) in place of random numbers: uniforms in
                              (0,1), or samples of a Dirichlet; NULL: drawn */
} td_arch_draw;

/** What a relaxation is told of one edge beside its alphas. */
typedef struct {
    uint8_t present;          /**< bit k is set where operation k is there         */
    int number;               /**< of both tables: 0 to 2·edges − 1                */
    double temperature;       /**< positive                                        */
    const td_arch_draw *draw; /**< NULL outside of steps: no chance                */
} td_arch_edge;

/** A relaxation, edge by edge; alphas, weights and strengths (8) each. */
typedef struct {
    bool sums_to_one; /**< whether the strengths of an edge do            */
    bool is_single;   /**< whether nothing is computed but the one operation that
                           has all the weight                             */

    /** The weights \a p. */
    void (*forward)(double *p, const td_real *alpha, const td_arch_edge *edge);

    /** The gradient by the alphas that \a dp means, the one by the weights \a p;
     *  \a alpha and \a edge as in the forward pass that made \a p. */
    void (*backward)(double *d_alpha, const double *dp, const double *p,
                     const td_real *alpha, const td_arch_edge *edge);

    /** The strength of each operation: larger is kept when a cell is derived; in the
     *  order of the alphas, at any temperature. */
    void (*strength)(double *s, const td_real *alpha, uint8_t present);

    /** The gradient by the alphas that \a ds, the one by the strengths, means. */
    void (*strength_backward)(double *d_alpha, const double *ds, const td_real *alpha,
                              uint8_t present);
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

/** The tables of both cells, normal and reduce, and how they are read.  Plain: made for
 *  a look, nothing is owned. */
typedef struct {
    const td_relaxation *relaxation;
    int edges;                /**< of one cell                                       */
    const td_real *alphas;    /**< (2, edges, 8)                                     */
    const td_real *betas;     /**< (2, edges) of the edge weights; NULL: none        */
    const uint8_t *present;   /**< (2, edges) bits of operations; NULL: all          */
    double temperature;       /**< of relaxations that have one                      */
    double skip_bonus;        /**< added to the weight of skip_connect, see
                                   td_arch_forward()                                 */
    const double *shift;      /**< (2, edges, 8) of a perturbation; NULL: none       */
    const td_arch_draw *draw; /**< NULL outside of steps: no chance                  */
} td_arch;

/** Bits of all operations that there are. */
#define TD_ALL_PRESENT UINT8_MAX

/** The operations of an edge of both tables, a bit each.  Not collective. */
static inline uint8_t td_arch_present(const td_arch *arch, int edge)
{
    return arch->present ? arch->present[edge] : TD_ALL_PRESENT;
}

/** The weights of both tables.  A shift is added to what the relaxation gives, the sum
 *  cut to 0…1 and scaled to sum 1; where nothing is left the largest takes all (Chen &
 *  Hsieh 2020).  The edges into a node share a softmax of their betas, by which the
 *  weights of an edge are multiplied (Xu et al. 2020).  Last, the bonus is added to
 *  skip_connect where it is present, but not on edges of stride 2, those that leave an
 *  input of a reduction cell, whose skip_connect has weights (Chu et al. 2021).
 *  Not collective.  \param [out] p (2, edges, 8) */
void td_arch_forward(const td_arch *arch, double *p);

/** The same for td_free; NULL without edges, as derived networks have none.
 *  Not collective. */
double *td_arch_weights(const td_arch *arch);

/** The operations that weights give something to do, a bit each, where the relaxation
 *  computes no others.
 *  Not collective.  \param [out] single (2, edges)  \param [in] p (2, edges, 8)
 *  \return \a single, or what is present where all of that is computed */
const uint8_t *td_arch_computed(const td_arch *arch, uint8_t *single, const double *p);

/** Add the gradient by the alphas and the betas of both tables.  Without a shift.
 *  Not collective.  \param [in,out] d_alphas (2, edges, 8)
 *  \param [in,out] d_betas (2, edges), ignored without betas
 *  \param [in] dp (2, edges, 8) by the weights */
void td_arch_backward(const td_arch *arch, td_real *d_alphas, td_real *d_betas,
                      const double *dp);

/** The strengths of one edge of both tables, without its weight.  Not collective.
 *  \param [out] s (8) */
void td_arch_strength(const td_arch *arch, int edge, double *s);

/** Mean over edges of the entropy of the strengths, in nats, of one table; strengths
 *  that do not sum to one are divided by their sum.  Edges without operations do not
 *  count, here and below; NaN where no edge has any.
 *  Not collective.  \param [in] table  0 normal, 1 reduce */
double td_arch_entropy(const td_arch *arch, int table);

/** Mean over the edges of both tables of the strongest operation's strength.
 *  Not collective. */
double td_arch_mean_strongest(const td_arch *arch);

/** The same of tables that are undecided: alphas 0.  Not collective. */
double td_arch_undecided(const td_arch *arch);

/** Distance of both tables from their start, by the operations that are present.
 *  Not collective.  \param [in] start (2, edges, 8) */
double td_arch_change(const td_arch *arch, const td_real *start);

/** How cells are chosen from strengths. */
typedef struct {
    int max_skips;    /**< skip connections of the normal cell; TD_NEVER: any number */
    double threshold; /**< least strength of what is kept; 0: the two strongest stay */
} td_arch_rule;

/** For each node the two edges with the strongest operation that is present and not
 *  `none`, a strength counting times the edge's weight; ties go to the lower edge and
 *  the earlier operation (Liu et al. 2019, 2.4).  With a threshold those of the two
 *  whose operation reaches it: a node, even a cell, may have no input (Chu et al. 2020,
 *  FairDARTS).  The normal cell is limited in its skip connections: the weakest one is
 *  struck from its edge, and the cell is chosen again (Chen et al. 2019, P-DARTS);
 *  where that would leave no cell the last one stays.  Not collective. */
void td_arch_derive(const td_arch *arch, td_genotype *genotype, int nodes,
                    const td_arch_rule *rule);

TD_PUBLIC_END

#endif
