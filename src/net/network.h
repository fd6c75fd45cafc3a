/* Networks of every kind, and the table that a kind fills in (network.c, kinds.c). */
#ifndef TD_NET_NETWORK_H
#define TD_NET_NETWORK_H

#include "ends.h"
#include "taildart/net.h"

struct td_network {
    td_net_spec spec;
    td_genotype genotype; /* which spec.genotype points to, if it is derived */
    const td_network_kind *kind;
    const td_kernels *kernels;
    int threads;
    td_registry registry; /* owned: weights, batch norms, flops */
    int recomputing; /* AUTO: so many of the first cells recompute all, the rest none */
    void *body;      /* owned: of the kind */
    td_arena arena;
    td_scratch *scratch; /* (threads)                                            */
    td_needs needs;
    double *totals, *sums;
    td_real *slices, *product;
    double *exact_slice;
    int *starts, *cuts;   /* of the groups and the shares of the present pass */
    int groups_of_branch; /* in it */
    int phases;           /* done in it */
    uint8_t *present;     /* (2, edges) in it, where it said so */
    bool is_partial;      /* whether it did */
};

/* A kind of network: a row of kinds.c and a file.  None is collective. */
struct td_network_kind {
    const char *name;
    bool is_affine; /* whether the batch norms of its layers have weights */

    /* Edges of one of its two cells that have mixture weights, and rows of drop-path
     * factors of an image; NULL: it has none. */
    int (*edges)(const td_net_spec *spec);
    int (*path_rows)(const td_net_spec *spec);

    /* Check the sizes.  \return TD_USAGE or TD_DATA with the fix */
    td_status (*check)(const td_net_spec *spec);

    /* Build the layers, which register themselves, and take memory; runs over a
     * measuring arena, too.  \return the body, for \a clear */
    void *(*build)(td_network *net, td_builder *b);
    void (*clear)(void *body);

    /* With batch statistics, or with running ones and what a backward pass needs.
     * \param [out] logits (rows, classes) */
    void (*forward)(td_network *net, const td_context *ctx, td_real *logits);

    /* With running statistics, nothing kept.  ctx->is_inference is set. */
    void (*evaluate)(td_network *net, const td_context *ctx, td_real *logits);

    /* Of the last forward pass; adds to ctx->grads, where there are some.
     * \param [out] d_mixture (2, edges, 8) or NULL */
    void (*backward)(td_network *net, const td_context *ctx, const td_real *d_logits,
                     double *d_mixture);
};

static inline int td_network_branches(const td_net_spec *spec)
{
    return spec->two_branch ? 2 : 1;
}

/* Most batch-norm groups of a pass. */
static inline int td_network_groups(const td_net_spec *spec)
{
    return td_network_branches(spec) * (spec->groups > 0 ? spec->groups : 1);
}

/* Most images of a pass. */
static inline int td_network_images(const td_net_spec *spec)
{
    return spec->batch * td_network_branches(spec);
}

static inline td_image_size td_network_image_size(const td_net_spec *spec)
{
    return (td_image_size){ spec->image_channels, spec->height, spec->width };
}

/* The kind of a spec: its own, or the supernet's or the derived network's. */
const td_network_kind *td_network_kind_of(const td_net_spec *spec);

#endif
