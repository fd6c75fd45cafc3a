/** Floor 4: the supernet, the network derived from a genotype, and the two-branch form
 *  of both.
 *
 *  The network owns activations and workspaces, planned when it is built; weights,
 *  architecture parameters and running statistics belong to the caller and are passed
 *  to each pass, so that second order can look at other weights without copying a
 *  network.
 *
 *  Batch statistics are taken per batch-norm group: a list of groups of consecutive
 *  images.  The first half of a two-branch network's groups is the conventional
 *  branch's, the second one the re-balancing branch's. */
#ifndef TAILDART_NET_H
#define TAILDART_NET_H

#include "taildart/genotype_space.h"
#include "taildart/layers.h"

TD_PUBLIC_BEGIN

/** A kind of network (src/net/network.h). */
typedef struct td_network_kind td_network_kind;

/** Sizes of a network.  Cells at cells/3 and 2·cells/3 reduce; a single one does not.
 *  Without genotype it is a supernet; with one the network that it derives: the genes'
 *  primitives alone, batch norms with scale and shift, bare pools (Liu et al. 2019,
 *  3.1). */
typedef struct {
    int channels; /**< of the first normal cells                       */
    int cells, nodes, classes;
    td_stem_kind stem;
    int image_channels, height, width; /**< layers have sides of td_stem_side() */
    int batch;       /**< most images of a pass, of each branch where there are two */
    bool two_branch; /**< a [classes, 2F] classifier over the features of both … */
    td_branch_split split; /**< … who share the cells, or all but the last       */
    int groups;        /**< most batch-norm groups of a pass, of each branch; 0 for 1 */
    td_head_kind head; /**< what makes logits of features                       */
    double head_scale; /**< of the logits; not read by the linear head          */
    bool head_only;    /**< steps change the head alone: passes take running statistics
                            and a backward pass ends behind it               */
    bool exact; /**< whether weight gradients are order-free sums (td_pass.exact) */
    td_recompute recompute;
    const td_genotype *genotype; /**< NULL: a supernet; copied by a network */
    bool auxiliary; /**< derived networks: a classifier behind cell 2·cells/3, which
                         needs some pixels there: td_network_takes_auxiliary() */
    uint8_t without[2][TD_MAX_EDGES]; /**< supernets, by kind of cell (normal, reduce)
                         and edge: bit k is set where primitive k is not there.  It is
                         neither computed nor stored, and has no weights          */
    bool has_noise;   /**< supernets: noise in the place TD_OP_NOISE_PLACE */
    bool drops_skips; /**< supernets: whether passes may have skip_dropout          */
    /** Supernets: beside the operations of each edge a skip connection of weight 1;
     *  derived networks have it of their genotype. */
    bool adds_skips;
    int stage; /**< of a search, from 0: what is drawn at first is another each time */
    const td_network_kind *kind; /**< NULL: supernet, or derived with a genotype */
} td_net_spec;

/** Give the edges of a supernet the operations of a space.  Not collective. */
void td_net_spec_take(td_net_spec *spec, const td_space *space);

/** Leave edges of a supernet what a mask lets them have.
 *  Not collective.  \param [in] present (2, edges) bit k: primitive k */
void td_net_spec_keep(td_net_spec *spec, const uint8_t *present);

/** The side of the layers that read images of side \a side: zeros are put around them,
 *  as many on both sides or one more behind, where stem and cells could not halve them:
 *  up to a multiple of 4, of 32 with a stem for larger images.  Not collective. */
int td_stem_side(td_stem_kind kind, int side);

/** Zeros above or left of images of side \a side; below and right of them there may be
 *  one more.  Not collective. */
int td_stem_margin(td_stem_kind kind, int side);

/** How often a stem halves the sides of its layers' images.  Not collective. */
int td_stem_halvings(td_stem_kind kind);

/** What sides of layers are multiples of: stem and cells halve them down to 1, so that
 *  is also the least side of a stem for larger images.  Not collective. */
int td_stem_step(td_stem_kind kind);

/** Whether images of this spec leave 8 to 10 pixels a side where the auxiliary head
 *  reads, or behind a stem for larger images 7 or 8.  Not collective. */
bool td_network_takes_auxiliary(const td_net_spec *spec);

/** A supernet or a derived network. */
typedef struct td_network td_network;

/** Build and plan; \a kernels is borrowed.  As many threads as OpenMP has now will work
 *  on a pass, fewer if OpenMP has fewer then.  Not collective.
 *  \return TD_USAGE naming the key that does not fit; TD_DATA for images that are too
 *  small for net.stem */
td_status td_network_new(td_network **out, const td_net_spec *spec,
                         const td_kernels *kernels);

/** Free all but what the caller owns.  Not collective. */
void td_network_free(td_network *net);

/** What a network will take. */
typedef struct {
    size_t bytes;      /**< of activations and workspaces                          */
    size_t parameters; /**< numbers that it learns, without those of the auxiliary
                            head                                                   */
    size_t weights;    /**< numbers of its weights                                 */
    size_t learned;    /**< of those, the numbers that steps change                */
    size_t statistics; /**< numbers of its running means                           */
    int recomputing;   /**< TD_RECOMPUTE_AUTO: first cells that recompute all      */
} td_net_plan;

/** What TD_RECOMPUTE_AUTO keeps within, where recomputing can. */
enum { TD_AUTO_BYTES = 1340000000 };

/** Plan a network of this spec with \a threads threads, without allocating it.  With
 *  TD_RECOMPUTE_AUTO as few cells recompute as fit into TD_AUTO_BYTES: the bits are the
 *  same, but a step is 12 % faster when no cell does than when all do.
 *  Not collective.  \return TD_USAGE, TD_DATA as td_network_new() */
td_status td_network_plan(td_net_plan *plan, const td_net_spec *spec, int threads);

/** The sizes it was built with.  Not collective. */
const td_net_spec *td_network_spec(const td_network *net);

/** Weights, listed as a state_dict lists them; they lie in backward order (the
 *  classifier has offset 0, unless it is fixed: then it is last), as gradients are
 *  reduced.  Not collective. */
const td_slots *td_network_weights(const td_network *net);

/** Batch norms, one slot each, named without `.running_mean`/`.running_var`.
 *  Not collective. */
const td_slots *td_network_norms(const td_network *net);

/** Edges of each of the two cells that have mixture weights; 0: the network has none.
 *  Not collective. */
int td_network_edges(const td_net_spec *spec);

/** Rows of drop-path factors that an image of a pass has; 0: nothing is dropped.
 *  Not collective. */
int td_network_path_rows(const td_net_spec *spec);

/** Floating-point operations of one forward pass of one image, as the mathematics needs
 *  them (multiply and add count 2; depthwise, pointwise and dense convolutions and the
 *  classifier).  Not collective. */
double td_network_flops(const td_network *net);

/** What share of them each operation of a supernet's cells has, in all cells of a kind
 *  together: stem, the layers that cells begin with and the classifier are nobody's.
 *  Not collective.  \param [out] costs (2, edges, 8) */
void td_network_costs(const td_network *net, double *costs);

/** Initial weights: convolutions, classifier and its bias uniform in ±1/√fan_in,
 *  batch-norm scale 1 and shift 0; a fixed classifier as a frame of the seed.
 *  Not collective.  \param [out] weights (weights.total) */
void td_network_init(const td_network *net, uint64_t seed, td_real *weights);

/** Running means 0 and variances 1 and normally distributed alphas, 1e-3·N(0,1).
 *  Not collective.  \param [out] mean,var (norms.total)
 *  \param [out] alphas (2, edges, 8): normal, reduce; not touched where the network is
 *  derived */
void td_network_init_state(const td_network *net, uint64_t seed, td_real *mean,
                           td_real *var, td_real *alphas);

/** Forward.  With running statistics (pass->running_mean) this is evaluation: a
 *  two-branch network then sends every image through both last cells, m = 0.5, and
 *  gives a row of logits an image.  With batch statistics both branches of a two-branch
 *  network have as many groups and images, and it gives one row per pair; a plain one
 *  gives one row per image.  No allocation.
 *  Not collective.  \param [out] logits (rows, classes) */
void td_network_forward(td_network *net, const td_pass *pass, td_real *logits);

/** Backward of the last forward pass, with its \a pass; sums over images, so the caller
 *  divides.  Adds to \a grads, or to those of pass->exact, and fills \a d_mixture.
 *  No allocation.
 *  Works with running statistics, too (they are constants then).
 *  Not collective.  \param [in] d_logits (rows, classes)
 *  \param [in,out] grads (weights.learned), NULL unless weights are requested, and with
 *  order-free sums
 *  \param [out] d_mixture (2, edges, 8), NULL unless alphas are requested */
void td_network_backward(td_network *net, const td_pass *pass, const td_real *d_logits,
                         td_real *grads, double *d_mixture);

/** Batch statistics of the last forward pass, for one group of a branch: mean and
 *  unbiased variance of each batch norm; a norm that the branch does not pass keeps
 *  \a mean and \a var, and so does one of an operation that was not present.  In a
 *  two-branch network `cells.<L-1>` belongs to branch 0 and `cell_rb` to branch 1.
 *  Not collective.  \param [in,out] mean,var (norms.total) */
void td_network_statistics(const td_network *net, int branch, int group, td_real *mean,
                           td_real *var);

/** Whether norm slot \a slot sees images of branch \a branch (see above).
 *  Not collective. */
bool td_network_norm_in_branch(const td_network *net, int slot, int branch);

/** Whether norm slot \a slot takes part in a pass with these operations: norms of
 *  others keep their statistics.  A pool has one norm for all edges that leave a state.
 *  Not collective.  \param [in] present (2, edges) as td_pass has it, NULL: all */
bool td_network_norm_is_present(const td_network *net, int slot,
                                const uint8_t *present);

TD_PUBLIC_END

#endif
