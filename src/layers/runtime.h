/* The runtime of networks: how threads share a pass, and how layers get names and
 * memory.
 *
 * Training statistics need the whole batch, so a pass runs in phases: in a phase every
 * image is independent and threads share the images; between two phases per-image sums
 * become coefficients (in double, in image order: the same bits on any number of
 * threads).  Functions named *_image belong inside a phase and touch one image.
 *
 * A part is built by a function that registers its names and takes its memory from an
 * arena; built over a measuring arena it only adds up.  *_build_work takes what lives
 * during one part's pass only, and is shared by all parts.
 *
 * Shapes are per image in planes of 16 channels, (planes, H, W, 16). */
#ifndef TD_LAYERS_RUNTIME_H
#define TD_LAYERS_RUNTIME_H

#include "taildart/base_arena.h"
#include "taildart/base_exact.h"
#include "taildart/layers.h"

enum {
    TD_INPUTS = 2, /* states 0 and 1 of a cell: the outputs of the two before it */
    TD_PHASE_NORMS = 16,                 /* most batch norms of a phase */
    TD_TOTAL_NUMBERS = 2 * TD_PLANE + 2, /* of a plane: both sums, values, range */
    TD_SLICES = 16, /* most shares of a batch with weight gradients of their own */
    /* operations of a node of a derived cell, where they are few … */
    TD_LEAST_TERMS = 2,
    /* … and most: from all states before the last, each with a skip beside */
    TD_MOST_TERMS = 2 * (TD_MAX_NODES + 1),
    /* outputs of units that are alive together in an evaluation: both of each derived
     * operation of a node; in a mixed edge the first of a separable one */
    TD_MOST_BUFFERS = 2 * (TD_MAX_NODES + 1)
};

/* The images of a pass that go through a part, and the batch-norm groups among them. */
typedef struct {
    int first; /* of the pass */
    int images;
    int groups;
    const int *start; /* (groups + 1) where groups begin in the pass; borrowed */
    /* where weight gradients are order-free: */
    const int *cut; /* (cuts + 1) where shares of the images begin in the pass */
    int cuts;
} td_span;

int td_span_group(const td_span *span, int image);

/* The number of images in a group. */
int td_span_group_images(const td_span *span, int group);

/* Whether a pass takes running statistics. */
bool td_pass_is_evaluation(const td_pass *pass);

/* An image with a margin of zeros, which stays as long as the extent does. */
typedef struct {
    td_real *data;
    td_extent extent;
} td_padded;

/* Which of its share of a phase a thread takes next; others help themselves when theirs
 * is done.  Padded to a line of the cache. */
typedef struct {
    _Atomic int next;
    int end;
    char line[64 - 2 * sizeof(int)];
} td_queue;

/* Memory of one thread. */
typedef struct {
    td_padded r;                      /* ReLU of a state */
    td_padded z;                      /* ReLU of a first unit's output */
    td_padded dd;                     /* gradient behind a depthwise convolution */
    td_real *image[3];                /* images, of any extent that occurs */
    td_real *state;                   /* an input state of a derived cell, normalised */
    td_real *buffer[TD_MOST_BUFFERS]; /* outputs of units when nothing is kept */
    /* factors of a derived node's terms, their sum */
    td_real *channels[TD_MOST_TERMS + 1];
    td_real *work;    /* of the separable kernels */
    td_real *thinned; /* a state, or its gradient, behind drop-out */
    td_queue *queue;
    int evaluated; /* the image that it takes through an evaluation */
    /* where weight gradients are order-free: */
    td_real *share; /* of the images at work */
    double *totals; /* of all shares that this thread has had */
    double largest; /* sum that came about */
} td_scratch;

/* Clear the margin unless it is that of \a extent already.  Returns the image. */
td_real *td_padded_for(td_padded *padded, td_extent extent);

/* Largest sizes that any part needs; gathered while the network is laid out. */
typedef struct {
    size_t padded, image, work; /* numbers of a thread's buffers */
    size_t slice_length;        /* numbers of a slice's weight gradients */
    size_t product_length;      /* numbers of the gradient of a product of all rows */
    size_t width;               /* channels of a sum */
    size_t state, channels;     /* of derived cells */
    size_t thinned;             /* of supernets with drop-out on skips */
    size_t terms, buffers;      /* operations of a node of theirs, outputs not kept */
} td_needs;

void td_needs_max(size_t *need, size_t value);

/* The sums that an image keeps at a time, by place. */
enum {
    TD_SUMS_NONE = -1,               /* nobody wants them */
    TD_SUMS_OPS = 0,                 /* one for each primitive of the edge at work */
    TD_SUMS_NODE_POOLS = TD_NUM_OPS, /* max, avg of a node that is complete */
    TD_SUMS_INPUT_POOLS = TD_SUMS_NODE_POOLS + 2, /* two for each input state */
    TD_SUMS_GRADIENT = TD_SUMS_INPUT_POOLS + 2 * TD_INPUTS, /* Σ g of the node */
    TD_SUMS_COUNT
};

/* A pass, as every layer sees it. */
typedef struct {
    const td_kernels *k;
    const td_pass *pass;
    const td_slots *slots; /* of the weights */
    td_span span;          /* the whole pass */
    bool wants_weights;    /* a backward pass with weight gradients */
    td_real *grads;        /* flat; NULL, too, where they go to pass->exact */
    td_scratch *scratch;   /* one per thread */
    int threads;           /* that there is scratch for */
    double *totals;        /* (TD_PHASE_NORMS, groups, width/16, TD_TOTAL_NUMBERS) */
    double *sums;          /* (images, TD_SUMS_COUNT, 2, width) */
    int *phases;           /* done in this pass */
    bool is_inference;     /* evaluation: no backward pass, images one by one */
    td_real *slices;       /* (TD_SLICES, slice_length), or: */
    double *exact_slice;   /* (slice_length) their order-free sum */
    td_real *product;      /* (product_length) of one shard */
    td_needs needs;
} td_context;

/* The part of a pass that one of two branches sees. */
td_span td_branch_span(const td_context *ctx, int branch);

td_scratch *td_thread_scratch(const td_context *ctx);

/* ---- phases -------------------------------------------------------------- */

/* One image of a phase. */
typedef struct {
    int image, group; /* of the span; its batch-norm group */
    td_real *slice;   /* weight gradients of its share, NULL where none are wanted */
} td_item;

/* The work of a phase on one image; the items of a slice come one after the other. */
typedef void td_task(const void *part, const td_context *ctx, td_item item);

/* Run \a task for every image of the span, shared out among the threads; one that is
 * done takes over from the others, since cores are seldom equally fast. */
void td_phase(const td_context *ctx, const td_span *span, td_task *task,
              const void *part);

/* The same where the task adds weight gradients to the first \a count numbers of its
 * slice.  They are 0 before, unless an earlier phase has \a begun them. */
void td_phase_weights(const td_context *ctx, const td_span *span, td_task *task,
                      const void *part, size_t count, bool begun);

/* Sum what the slices hold, for td_grads_add(): in their order, or order-free. */
void td_slices_sum(const td_context *ctx, const td_span *span, size_t count);

/* ---- names and memory --------------------------------------------------- */

typedef struct td_norm td_norm;

/* To which operation of a supernet a batch norm belongs: pools are one for all edges
 * that leave a state. */
typedef struct {
    bool is_mixed;  /* whether it belongs to one */
    int table;      /* of the kind of cell: normal, reduce */
    int op;         /* the primitive */
    uint64_t edges; /* a bit each */
} td_norm_place;

/* Layers register here when they are built. */
typedef struct {
    td_slots weights, norms; /* owned                                                */
    const td_norm **norm;    /* (norms.count) owned: whose statistics a name has     */
    int *norm_branch;        /* (norms.count) owned: the only branch it sees, or −1 */
    td_norm_place *place;    /* (norms.count) owned */
    size_t training_only;    /* numbers of weights that only training has            */
    double flops;            /* of one image's forward pass, as td_network_flops()   */
    double mixed_flops[2][TD_MAX_EDGES][TD_NUM_OPS]; /* those of a mixed edge's part */
} td_registry;

void td_registry_clear(td_registry *registry);

typedef struct {
    td_registry *registry;
    char prefix[TD_NAME_BYTES]; /* of the part under construction: "cells.0." */
    int branch;                 /* the only one that it sees, or −1 */
    td_norm_place place;        /* of the operation under construction */
    bool is_uncounted;  /* one pass of an image takes another part in its place */
    td_arena *arena;    /* measuring or handing out */
    int images, groups; /* most of a pass */
    int threads;        /* that take an image each through an evaluation */
    td_recompute recompute;
    bool is_affine;   /* whether the batch norms of units and conv layers are */
    bool drops_skips; /* whether passes may leave numbers of skips out */
    td_needs *needs;
} td_builder;

/* A thread's buffers, once all needs are known. */
void td_scratch_build(td_scratch *scratch, td_builder *b);

/* Register a weight "<prefix><name>", drawn uniformly in ±1/√fan_in.  Returns its
 * slot. */
int td_add_weight(td_builder *b, const char *name, const int dims[4], int fan_in);

/* Register a weight (count) that starts from \a value.  Returns its slot. */
int td_add_constant(td_builder *b, const char *name, int count, double value);

/* Register a weight (rows, columns) that no step changes.  Returns its slot. */
int td_add_frame(td_builder *b, const char *name, int rows, int columns);

/* Register the statistics of \a norm as "<prefix><name>".  Returns their slot. */
int td_add_norm(td_builder *b, const char *name, const td_norm *norm);

/* Count operations of an image's forward pass. */
void td_add_flops(td_builder *b, double flops);

/* Lay the weights out in backward order: the last one registered comes first, fixed
 * ones behind all others. */
void td_slots_order_backward(td_slots *slots);

/* Tell the pass that the gradients of weight \a slot, and of all that were registered
 * after it, are final.  A fixed one has none. */
void td_grads_ready(const td_context *ctx, int slot);

const td_real *td_weight_at(const td_context *ctx, int slot);

/* Where the gradient of a weight begins among all. */
size_t td_grad_offset(const td_context *ctx, int slot);

/* Add number \a from of the summed slices to number \a to of all gradients. */
static inline void td_grads_move(const td_context *ctx, size_t to, size_t from)
{
    if (ctx->grads)
        ctx->grads[to] += ctx->slices[from];
    else
        ctx->pass->exact->grads[to] =
            td_exact_add_term(ctx->pass->exact->grads[to], ctx->exact_slice[from]);
}

/* Add one number, a sum over images of one shard. */
static inline void td_grads_add(const td_context *ctx, size_t to, double value)
{
    if (ctx->grads)
        ctx->grads[to] += (td_real) value;
    else
        ctx->pass->exact->grads[to] =
            td_exact_add_term(ctx->pass->exact->grads[to], td_exact_term(value));
}

/* Add aᵀ·b to the gradient of weight \a slot.  a and b have \a per_image rows an
 * image. */
void td_grads_add_product(const td_context *ctx, int slot, const td_real *a,
                          const td_real *b, td_gemm_size size, int per_image);

/* Add the sums of the columns of a (rows, columns), one row per image. */
void td_grads_add_columns(const td_context *ctx, int slot, const td_real *a,
                          int columns, int rows);

/* Add to row c of weight \a slot the sum of column c of a times row c of b: a (size.k,
 * size.m), one row per image; b (size.m, size.n). */
void td_grads_add_scaled_rows(const td_context *ctx, int slot, const td_real *a,
                              const td_real *b, td_gemm_size size);

/* c = or += a·b where rows of a and c belong to images, \a per_image to each. */
void td_rows_product(const td_context *ctx, td_real *c, const td_real *a,
                     const td_real *b, td_gemm_size size, int per_image, bool add);

#endif
