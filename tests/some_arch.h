/* Tables of architecture parameters as DARTS reads them: softmax, all operations. */
#ifndef SOME_ARCH_H
#define SOME_ARCH_H

#include "taildart/arch.h"

/* As published: all that the two strongest edges of a node bring. */
static const td_arch_rule two_strongest = { .max_skips = TD_NEVER };

/* Of both cells.  \param [in] alphas (2, edges, 8) */
static inline td_arch arch_of(const td_relaxation *relaxation, const td_real *alphas,
                              int edges)
{
    return (td_arch){
        .relaxation = relaxation, .edges = edges, .alphas = alphas, .temperature = 1.0
    };
}

static inline td_arch softmax_arch(const td_real *alphas, int edges)
{
    return arch_of(&td_relaxation_softmax, alphas, edges);
}

static inline td_genotype derive_softmax(const td_real *alphas, int nodes)
{
    td_genotype genotype;
    td_arch arch = softmax_arch(alphas, td_edge_count(nodes));
    td_arch_derive(&arch, &genotype, nodes, &two_strongest);
    return genotype;
}

#endif
