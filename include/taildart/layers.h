/** Floor 4: what layers are told in a pass, and how their tensors are named and lie. */
#ifndef TAILDART_LAYERS_H
#define TAILDART_LAYERS_H

#include "taildart/config.h"
#include "taildart/genotype.h"
#include "taildart/kernels.h"

TD_PUBLIC_BEGIN

enum { TD_NAME_BYTES = 96 /**< a name of the state_dict, its 0 with it */ };

/** One tensor of the state: its state_dict name, its place in the flat array. */
typedef struct {
    char name[TD_NAME_BYTES];
    size_t offset, count;
    int dims[4]; /**< OIHW, [out,in] or [n]; unused ones are 0 */
    int rank;    /**< of the tensor                            */
    int fan_in;  /**< weights: inputs of one output; 0: they start from initial */
    td_real initial;
    bool is_fixed; /**< weights: rows of a frame, which no step changes           */
} td_slot;

/** A list of tensors that lie side by side in one flat array. */
typedef struct {
    td_slot *slots;
    int count;
    size_t total;   /**< numbers in the flat array                             */
    size_t learned; /**< of weights: the first so many, behind which fixed ones lie */
} td_slots;

/** The slot of a name, NULL if there is none.  Not collective. */
const td_slot *td_slots_find(const td_slots *slots, const char *name);

/** What a pass is to compute. */
typedef enum {
    TD_GRAD_NONE = 0,
    TD_GRAD_WEIGHTS = 1,
    TD_GRAD_ALPHAS = 2,
    TD_GRAD_BOTH = 3
} td_request;

/** What a pass is told where its sums shall not show how images are shared out: by
 *  shards, and order-free between them (base_exact.h). */
typedef struct {
    const int *shards; /**< (shard_count) images of each, the same in every branch */
    int shard_count;
    double *grads; /**< (weights.total) added to, instead of td_network_backward()'s */
    bool counts_shared; /**< of those who share norms (sum_norms) exactly one counts
                             the gradients that come of the shared sums             */
    bool *is_beyond;    /**< set where a shared sum left the range, the same for all who
                          share it; NULL: nobody asks                               */
} td_exact_sums;

/** What chance in operations goes by (noise, drop-out): equal keys give equal draws,
 *  whoever computes them. */
typedef struct {
    uint64_t seed;
    uint32_t epoch, step;
    const int32_t
        *places; /**< (images of the pass) numbers of the images; NULL: as they
                                stand in the pass                            */
} td_noise_key;

/** One pass over a batch.  Everything is borrowed. */
typedef struct {
    const td_real *weights;   /**< (weights.total)                              */
    bool has_weights_of_last; /**< the pass before on this network had the same
                                      numbers as weights: they need no new packing */
    const double *mixture;    /**< (2, edges, 8) what operations weigh; a derived
                                      network has none                           */
    const uint8_t *present;   /**< (2, edges) bit k: primitive k takes part.  One that
                                      does not is neither computed nor counted: it has
                                      no share in its node, gradients 0, and batch norms
                                      stay as they are.  NULL: all that are built  */
    const td_real *running_mean; /**< (norms.total) or NULL: batch statistics      */
    const td_real *running_var;  /**< (norms.total) or NULL                        */
    td_noise_key noise;          /**< where there is such an operation, or:        */
    double skip_dropout; /**< share of the numbers that skip_connect of stride 1 leaves
                              out, others grow by 1/(1 - share); 0 but in supernets with
                              drops_skips and batch statistics              */
    const td_real *images; /**< (Σ group, height, width, image_channels)     */
    const int *groups;     /**< (group_count) images of each batch-norm group */
    int group_count;
    const td_exact_sums *exact; /**< NULL: sums in the order of the images          */
    double mixing;              /**< m of a two-branch network                    */
    td_request request;         /**< what a backward pass will be asked for       */
    /* derived networks, with batch statistics: */
    const td_real *drop_path; /**< (cells, 2·nodes, images) factors of every gene's
                                   output, cell_rb's last: 0, or 1/(share that is kept);
                                   plain skips have none.  NULL: all 1  */
    td_real *auxiliary;       /**< out: (images, classes) logits of the auxiliary head,
                                     NULL where there is none             */
    const td_real *d_auxiliary; /**< their gradient, for the backward pass */
    /** Told by a backward pass, outside of parallel regions: the first \a count numbers
     *  of grads are final.  NULL: nobody wants to know */
    void (*ready)(void *context, size_t count);
    /** Told often in such a pass, between its phases: messages under way get on.  NULL:
     *  none are */
    void (*between)(void *context);
    void *ready_context;
    /** Told between the phases of a pass, outside of parallel regions, for each phase
     *  once: the sums of all its batch norms, which may be added to those of others
     *  that share them.  The same \a count everywhere.  NULL: nobody does */
    void (*sum_norms)(void *context, double *totals, size_t count);
    void *norms_context;
} td_pass;

TD_PUBLIC_END

#endif
