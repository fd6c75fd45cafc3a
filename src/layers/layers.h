/* The layers that edges and cells are made of: batch norm, 1x1 convolutions, the
 * depthwise-separable unit, the states that edges read. */
#ifndef TD_LAYERS_LAYERS_H
#define TD_LAYERS_LAYERS_H

#include "runtime.h"
#include "taildart/base_random.h"

/* ---- batch norm --------------------------------------------------------- */

struct td_norm {
    int slot;      /* whose running statistics evaluation reads; −1: not yet known */
    size_t offset; /* of them */
    int channels, planes;
    int gamma_slot, beta_slot; /* the weights of an affine norm; −1: it has none */
    td_real *inv;              /* (groups, planes·16)  1/√(var + 1e-5) */
    td_real *mean;             /* (groups, planes·16) */
    td_real *var;              /* (groups, planes·16)  unbiased */
    /* what comes out is scale·y + shift */
    td_real *scale; /* (groups, planes·16)  γ·inv; inv itself without γ */
    td_real *shift; /* (groups, planes·16)  β − γ·mean·inv */
};

/* Coefficients of a gradient behind a batch norm, gy = a·g + b·y + c; a = p·inv serves
 * the forward sum, too. */
typedef struct {
    td_real *a, *b, *c; /* (groups, planes·16) */
} td_coefs;

void td_norm_build(td_norm *norm, td_builder *b, int channels);
void td_norm_name(td_norm *norm, td_builder *b, const char *name);

/* The same with weights of its own, γ and β. */
void td_norm_name_affine(td_norm *norm, td_builder *b, const char *name);
td_coefs td_coefs_build(td_builder *b, int channels);

/* Where a group's channels begin in such an array. */
size_t td_norm_at(const td_norm *norm, int group);
td_affine td_coefs_at(const td_coefs *coefs, const td_norm *norm, int group);

/* The sums of image i (of the span) in one of its places. */
td_sums td_sums_at(const td_context *ctx, int image, int place);

/* The same as a kernel takes it: NULL where the sums are not wanted. */
td_sums *td_sums_for(td_sums *sums, const td_context *ctx, int image, int place);

/* A batch norm whose sums over images a phase has made. */
typedef struct {
    td_norm *norm;
    int first, second; /* index of its first sums, and of its second ones */
    int pixels;
    /* of a backward pass: */
    const td_coefs *coefs; /* of the gradient in front of it */
    double p;              /* weight of the term behind it */
    double *dp;            /* ∂L/∂p is added to it; NULL: nobody asks */
    bool of_normalised;    /* Σ g·ŷ, and ŷ is what the coefficients will meet */
} td_norm_entry;

/* All batch norms of a phase: sums Σ y and Σ y² become mean and deviation, with running
 * statistics those do.  At most TD_PHASE_NORMS, unless statistics are running.  Between
 * the sums and what comes of them stands td_pass.sum_norms. */
void td_norms_finish(const td_context *ctx, const td_span *span,
                     const td_norm_entry *list, int count);

/* The same backward: Σ g and Σ g·y become the coefficients of a term of weight p, and
 * ∂L/∂γ, ∂L/∂β of an affine norm. */
void td_norms_gradient(const td_context *ctx, const td_span *span,
                       const td_norm_entry *list, int count);

/* ---- 1x1 convolutions in the kernels' order ----------------------------- */

/* One tensor [out][in] in the matrix.  Its input channels may come in parts that each
 * fill whole planes (the nodes of a concatenation).  With taps it is
 * [out][channel][tap]: each tap is such a part, and in_channels counts channels times
 * taps. */
typedef struct {
    int slot;
    int out_channels, in_channels, part_channels;
    int first_out;      /* row of its first output in the matrix */
    int first_in_plane; /* plane of its first input */
    bool has_taps;
} td_matrix_part;

typedef struct {
    td_matrix_part parts[2];
    int part_count;
    td_channels out, in;
    td_real *packed;     /* (planes_out, planes_in·16, 16) */
    td_real *transposed; /* (planes_in, planes_out·16, 16) */
    size_t slice_offset; /* of its gradient in a slice */
} td_matrix;

/* Memory, and space in a slice that is \a slice_length long so far. */
void td_matrix_build(td_matrix *m, td_builder *b, size_t *slice_length);
void td_matrix_pack(td_matrix *m, const td_context *ctx);

/* Add slice 0's gradient to the flat one. */
void td_matrix_unpack(const td_matrix *m, const td_context *ctx);

/* ---- classifier --------------------------------------------------------- */

typedef struct {
    int in, out;
    int matrix_slot, bias_slot; /* [out][in], [out] */
} td_linear;

/* "<name>.weight" and "<name>.bias". */
void td_linear_build(td_linear *linear, td_builder *b, const char *name, int in,
                     int out);

/* y (rows, out) from x (rows, in). */
void td_linear_forward(const td_linear *linear, const td_context *ctx, td_real *y,
                       const td_real *x, int rows);

/* d_x from d_y, and the weights' gradients where they are wanted. */
void td_linear_backward(const td_linear *linear, const td_context *ctx, td_real *d_x,
                        const td_real *d_y, const td_real *x, int rows);

/* ---- depthwise-separable unit: ReLU, depthwise, pointwise, batch norm --- */

typedef struct {
    int channels;
    td_depthwise conv;
    td_extent out;
    int taps_slot;
    td_real *taps; /* (planes, k·k, 16) */
    td_matrix matrix;
    size_t slice_offset; /* of the taps' gradient in a slice */
    td_norm norm;
    bool is_kept; /* whether y is still there in the backward pass */
    td_real *y;   /* (images, …) before the batch norm; shared by edges if not kept */
    int buffer;   /* of the thread: where y is put when nothing is to be kept */
} td_unit;

/* \a index of its first layer in the state_dict: the taps are `<name>.op.<index+1>`. */
void td_unit_build(td_unit *unit, td_builder *b, const char *name, int index,
                   size_t *slice_length);

/* Memory for its output, where it was not taken when the unit was built. */
void td_unit_take_output(td_unit *unit, td_builder *b);
void td_unit_pack(td_unit *unit, const td_context *ctx);
void td_unit_unpack(const td_unit *unit, const td_context *ctx);
td_real *td_unit_output(const td_unit *unit, const td_context *ctx, int image);

/* y of one image from its padded input r; Σ y and Σ y² in their place, if any. */
void td_unit_forward_image(const td_unit *unit, const td_context *ctx, int image,
                           int place, const td_real *r);

/* out += scale·y, where nothing else is to become of y. */
void td_unit_add_image(const td_unit *unit, const td_context *ctx, td_real *out,
                       const td_real *scale, const td_real *r);

/* z = ReLU(batch norm(y)) of a first unit, the padded input of the one behind it, in
 * the thread's scratch. */
const td_real *td_unit_second_input(const td_unit *first, const td_context *ctx,
                                    int image, int group);

/* From g, the gradient \a behind the batch norm: dr = or += …, and into the slice the
 * weights' gradients.  dr and the slice may be NULL; r, the padded
 * input, is read with a slice only. */
void td_unit_backward_image(const td_unit *unit, const td_context *ctx, td_item item,
                            const td_real *g, td_affine behind, const td_real *r,
                            td_real *dr, bool add);

/* ---- conv layer: ReLU, 1x1 convolution (whole or factorized), batch norm  */

typedef struct {
    int in_channels, part_channels, out_channels;
    bool factorized; /* two 1x1 convolutions of stride 2, side by side */
    td_extent in, out;
    td_matrix matrix;
    td_norm norm;
} td_conv1x1;

/* The caller has set in_channels, part_channels, out_channels, factorized and in. */
void td_conv1x1_build(td_conv1x1 *conv, td_builder *b, const char *name,
                      size_t *slice_length);

/* The matrix's input from ReLU(x), x with a margin or none: itself, or its two phases
 * in \a phases. */
const td_real *td_conv1x1_input(const td_conv1x1 *conv, const td_context *ctx,
                                td_real *phases, const td_real *relu_x, int margin);

/* The skip of stride 2, factorized: y from the padded ReLU of a state. */
void td_conv1x1_skip_image(const td_conv1x1 *skip, const td_context *ctx, td_real *y,
                           td_sums *sums, const td_real *r);

/* From g, the gradient \a behind the batch norm: dr += …, and into the slice the
 * weights' gradient.  dr and the slice may be NULL; r is read with a slice only. */
void td_conv1x1_skip_backward_image(const td_conv1x1 *skip, const td_context *ctx,
                                    td_item item, const td_real *g, const td_real *y,
                                    td_affine behind, const td_real *r, td_real *dr);

/* ---- states: what edges read -------------------------------------------- */

typedef enum { TD_POOL_MAX, TD_POOL_AVG, TD_POOLS } td_pool_kind;

/* A pool of a state of a supernet, which all edges that leave the state share. */
typedef struct {
    bool is_used;    /* by an operation of the pass under way; at first: of any */
    uint64_t users;  /* edges that have it, a bit each */
    td_real *y;      /* (images, …) before its batch norm */
    td_real *own;    /* (threads, …) the same in an evaluation, where y is memory that
                     cells share; else NULL */
    uint8_t *argmax; /* (images, …) of a max pool */
    td_norm norm;
    td_coefs coefs; /* of the edges together: a of the first, Σ b, Σ c */
} td_pool;

typedef struct {
    td_extent extent;
    td_extent pooled; /* behind the edges that leave it */
    int stride;       /* of those edges */
    td_real *value, *grad;
    const td_norm *behind; /* derived cells: what edges read is this norm of value */
    size_t step;           /* numbers from image to image in both */
    bool keeps_pools;      /* whether they are still there in the backward pass */
    td_pool pools[TD_POOLS];
} td_state;

td_real *td_state_value(const td_state *state, int image);
td_real *td_state_grad(const td_state *state, int image);

/* Whether any edge uses a pool of it. */
bool td_state_has_pools(const td_state *state);
void td_state_build_pools(td_state *state, td_builder *b, int channels);
void td_state_build_work(td_state *state, td_builder *b);

/* What edges read: the value, or its norm in the thread's scratch. */
const td_real *td_state_read(const td_state *state, const td_context *ctx, int image,
                             int group);

/* A pool of an image; in an evaluation the image has the number of its thread. */
td_real *td_state_pool(const td_state *state, td_pool_kind kind, const td_context *ctx,
                       int image);

/* The pools of the forward pass; their sums have the index \a sums and the next. */
void td_state_pools_image(const td_state *state, const td_context *ctx, int image,
                          int sums);

/* The pools once more for the backward pass. */
void td_state_recall_pools(const td_state *state, const td_context *ctx, int image);

/* Their batch norms, into \a to (TD_POOLS); \a sums as above.  Returns how many. */
int td_state_pool_norms(td_state *state, int sums, td_norm_entry *to);

/* ---- drop-out ------------------------------------------------------------- */

typedef struct {
    td_random key;
    uint32_t first; /* draw: an image takes count/8 of them */
    double share;   /* of the numbers that are left out, below 1 */
} td_dropout;

/* \a to: zeros where a draw leaves a number of \a from out, others times 1/(1 − share).
 * Both (count), whole planes. */
void td_dropout_image(const td_dropout *dropout, const td_real *from, td_real *to,
                      size_t count);

#endif
