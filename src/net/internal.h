/* The parts of the network, from a batch norm up to a cell.
 *
 * Training statistics need the whole batch, so a pass runs in phases: in a phase
 * every image is independent and threads share the images; between two phases one
 * thread turns per-image sums into coefficients (in double, in image order: the same
 * bits on any number of threads).  Functions named *_image belong inside a phase and
 * touch one image.
 *
 * A part is built by a function that registers its names and takes its memory from an
 * arena; built over a measuring arena it only adds up.  *_build_work takes what lives
 * during one part's backward pass only, and is shared by all parts.
 *
 * Shapes are per image in planes of 16 channels, (planes, H, W, 16). */
#ifndef TD_NET_INTERNAL_H
#define TD_NET_INTERNAL_H

#include "taildart/base_arena.h"
#include "taildart/net.h"

enum {
    TD_INPUTS = 2, /* states 0 and 1 of a cell: the outputs of the two before it */
    TD_LOTS = 16,  /* most shares of a batch with weight gradients of their own */
    /* primitives with a second unit: sep_conv_3x3, sep_conv_5x5 */
    TD_SEPARABLE = 2,
    TD_UNITS = 4 /* units on ReLU(state): both sep_conv, both dil_conv */
};

/* The images of a pass that go through a part, and the batch-norm groups among them. */
typedef struct {
    int first; /* of the pass */
    int images;
    int groups;
    /* group g: images start[g] … start[g+1]−1 of these */
    int start[TD_MAX_GROUPS + 1];
} td_span;

int td_span_group(const td_span *span, int image);

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
} td_turn;

/* Memory of one thread. */
typedef struct {
    td_padded r;       /* ReLU of a state */
    td_padded z;       /* ReLU of a first unit's output */
    td_padded dd;      /* gradient behind a depthwise convolution */
    td_real *image[3]; /* images, of any extent that occurs */
    td_real *work;     /* of the separable kernels */
    td_turn *turn;
} td_scratch;

/* Clear the margin unless it is that of \a extent already.  Returns the image. */
td_real *td_padded_for(td_padded *padded, td_extent extent);

/* Largest sizes that any part needs; gathered while the network is laid out. */
typedef struct {
    size_t padded, image, work; /* numbers of a thread's buffers */
    size_t lot;                 /* numbers of a lot's weight gradients */
    size_t width;               /* channels of a sum */
} td_needs;

void td_needs_max(size_t *need, size_t value);

/* The sums that an image keeps at a time, by place. */
enum {
    TD_NO_PLACE = -1,                 /* nobody wants them */
    TD_PLACE_OPS = 0,                 /* one for each primitive of the edge at work */
    TD_PLACE_NODE_POOLS = TD_NUM_OPS, /* max, avg of a node that is complete */
    TD_PLACE_INPUT_POOLS = TD_PLACE_NODE_POOLS + 2, /* two for each input state */
    TD_PLACE_GRADIENT = TD_PLACE_INPUT_POOLS + 2 * TD_INPUTS, /* Σ g of the node */
    TD_PLACE_COUNT
};

/* What every part sees during a pass. */
typedef struct {
    const td_kernels *k;
    const td_pass *pass;
    const td_slots *slots; /* of the weights */
    td_real *grads;        /* flat, NULL where no weight gradients are wanted */
    td_scratch *scratch;   /* one a thread */
    double *sums;          /* (images, TD_PLACE_COUNT, 2, width) */
    int *phases;           /* done in this pass */
    bool forgets;          /* evaluation: no backward pass, images one by one */
    td_real *lots;         /* (TD_LOTS, lot) */
    td_needs needs;
} td_context;

td_scratch *td_thread_scratch(const td_context *ctx);

/* ---- phases -------------------------------------------------------------- */

/* One image of a phase. */
typedef struct {
    int image, group; /* of the span; its batch-norm group */
    td_real *lot;     /* weight gradients of its share, NULL where none are wanted */
} td_item;

/* What a phase does with an image; the items of a lot come one after the other. */
typedef void td_task(const void *part, const td_context *ctx, td_item item);

/* Run \a task for every image of the span, shared out among the threads; one that is
 * done takes over from the others, since cores are seldom equally fast.  Before, the
 * first \a lot_count numbers of every lot are cleared; 0 leaves them alone. */
void td_phase(const td_context *ctx, const td_span *span, td_task *task,
              const void *part, size_t lot_count);

/* Sum the lots into lot 0, in their order. */
void td_lots_sum(const td_context *ctx, const td_span *span, size_t count);

/* ---- names and memory --------------------------------------------------- */

typedef struct {
    td_slots *weights, *norms;
    char prefix[TD_NAME_BYTES]; /* of the part under construction: "cells.0." */
    td_arena *arena;            /* measuring or handing out */
    int images, groups;         /* most of a pass */
    td_recompute recompute;
    td_needs *needs;
} td_builder;

/* A thread's buffers, once all needs are known. */
void td_scratch_build(td_scratch *scratch, td_builder *b);

/* Register a weight "<prefix><name>".  Returns its slot. */
int td_add_weight(td_builder *b, const char *name, const int dims[4], int fan_in);

/* Register a batch norm "<prefix><name>".  Returns its slot. */
int td_add_norm(td_builder *b, const char *name, int channels);

/* Lay the weights out in backward order: the last one registered comes first. */
void td_slots_place_backward(td_slots *slots);

const td_real *td_weight_at(const td_context *ctx, int slot);
td_real *td_grad_at(const td_context *ctx, int slot);

/* ---- batch norm --------------------------------------------------------- */

typedef struct {
    int slot;      /* whose running statistics evaluation reads; −1: not yet known */
    size_t offset; /* of them */
    int channels, planes;
    td_real *inv;   /* (groups, planes·16)  1/√(var + 1e-5) */
    td_real *mean;  /* (groups, planes·16) */
    td_real *shift; /* (groups, planes·16)  −mean·inv */
    td_real *var;   /* (groups, planes·16)  unbiased */
} td_norm;

/* Coefficients of a gradient behind a batch norm, gy = a·g + b·y + c; a = p·inv serves
 * the forward sum, too. */
typedef struct {
    td_real *a, *b, *c; /* (groups, planes·16) */
} td_coefs;

void td_norm_build(td_norm *norm, td_builder *b, int channels);
void td_norm_name(td_norm *norm, td_builder *b, const char *name);
td_coefs td_coefs_build(td_builder *b, int channels);

/* Where a group's channels begin in such an array. */
size_t td_norm_at(const td_norm *norm, int group);
td_affine td_coefs_at(const td_coefs *coefs, const td_norm *norm, int group);

/* The sums of image i (of the span) in one of its places. */
td_sums td_sums_at(const td_context *ctx, int image, int place);

/* The same as a kernel takes it: NULL where the sums are not wanted. */
td_sums *td_sums_for(td_sums *sums, const td_context *ctx, int image, int place);

/* Turn Σ y and Σ y² into mean and inv; with running statistics take those. */
void td_norm_finish(td_norm *norm, const td_context *ctx, const td_span *span,
                    int place, int pixels);

/* Where a backward pass finds its sums. */
typedef struct {
    const td_context *ctx;
    const td_span *span;
    int first;  /* place of Σ g, in its first sums */
    int second; /* place of Σ g·y, in its second sums */
    int pixels;
    bool of_normalised; /* Σ g·ŷ, and ŷ is what the coefficients will meet */
} td_sums_place;

/* Turn Σ g and Σ g·y into the coefficients of a term of weight p.
 * Returns ∂L/∂p, the sum of g·ŷ. */
double td_norm_gradient(const td_norm *norm, const td_coefs *coefs, td_sums_place sums,
                        double p);

/* ---- 1x1 convolutions in the kernels' order ----------------------------- */

/* One tensor [out][in] in the matrix.  Its input channels may come in parts that each
 * fill whole planes (the nodes of a concatenation). */
typedef struct {
    int slot;
    int out_channels, in_channels, part_channels;
    int first_out;      /* row of its first output in the matrix */
    int first_in_plane; /* plane of its first input */
} td_matrix_part;

typedef struct {
    td_matrix_part parts[2];
    int part_count;
    int planes_out, planes_in;
    td_real *packed;     /* (planes_out, planes_in·16, 16) */
    td_real *transposed; /* (planes_in, planes_out·16, 16) */
    size_t lot;          /* where its gradient lies in a lot */
} td_matrix;

/* Memory, and room in a lot that is \a lot long so far. */
void td_matrix_build(td_matrix *m, td_builder *b, size_t *lot);
void td_matrix_pack(td_matrix *m, const td_context *ctx);

/* Add lot 0's gradient to the flat one. */
void td_matrix_unpack(const td_matrix *m, const td_context *ctx);

/* ---- depthwise-separable unit: ReLU, depthwise, pointwise, batch norm --- */

typedef struct {
    int channels;
    td_depthwise conv;
    td_extent out;
    int taps_slot;
    td_real *taps; /* (planes, k·k, 16) */
    td_matrix matrix;
    size_t lot; /* where the taps' gradient lies in a lot */
    td_norm norm;
    bool is_kept; /* whether y is still there in the backward pass */
    td_real *y;   /* (images, …) before the batch norm; shared by edges if not kept */
    td_real *room; /* where it is put for the moment when nothing is to be kept */
} td_unit;

/* \a index of its first layer in the state_dict: the taps are `<name>.op.<index+1>`. */
void td_unit_build(td_unit *unit, td_builder *b, const char *name, int index,
                   size_t *lot);

/* Memory for its output, where it was not taken when the unit was built. */
void td_unit_take_output(td_unit *unit, td_builder *b);
void td_unit_pack(td_unit *unit, const td_context *ctx);
void td_unit_unpack(const td_unit *unit, const td_context *ctx);
td_real *td_unit_output(const td_unit *unit, const td_context *ctx, int image);

/* y of one image from its padded input r; Σ y and Σ y² in their place, if any. */
void td_unit_forward_image(const td_unit *unit, const td_context *ctx, int image,
                           int place, const td_real *r);

/* From g, the gradient behind the batch norm, and its coefficients: dr = or += …, and
 * into the lot the weights' gradients.  dr and the lot may be NULL; r, the padded
 * input, is read with a lot only. */
void td_unit_backward_image(const td_unit *unit, const td_context *ctx, td_item item,
                            const td_real *g, const td_coefs *coefs, const td_real *r,
                            td_real *dr, bool add);

/* ---- dense layer: ReLU, 1x1 convolution (whole or factorized), batch norm  */

typedef struct {
    int in_channels, part_channels, out_channels;
    bool factorized; /* two 1x1 convolutions of stride 2, side by side */
    td_extent in, out;
    td_matrix matrix;
    td_norm norm;
} td_dense;

/* The caller has set in_channels, part_channels, out_channels, factorized and in. */
void td_dense_build(td_dense *dense, td_builder *b, const char *name, size_t *lot);

/* The matrix's input from ReLU(x), x with a margin or none: itself, or its two phases
 * in \a room. */
const td_real *td_dense_input(const td_dense *dense, const td_context *ctx,
                              td_real *room, const td_real *relu_x, int margin);

/* ---- states: what edges read -------------------------------------------- */

typedef struct {
    td_extent extent;
    td_extent pooled; /* behind the edges that leave it */
    int stride;       /* of those edges */
    bool is_read;     /* whether any edge leaves it */
    td_real *value, *grad;
    size_t step;        /* numbers from image to image in both */
    bool keeps_pools;   /* whether they are still there in the backward pass */
    td_real *max, *avg; /* (images, …) before their batch norms */
    uint8_t *argmax;
    td_norm max_norm, avg_norm;
    /* of the edges together: a of the first, Σ b, Σ c */
    td_coefs max_coefs, avg_coefs;
} td_state;

td_real *td_state_value(const td_state *state, int image);
td_real *td_state_grad(const td_state *state, int image);
void td_state_build(td_state *state, td_builder *b, int channels);
void td_state_build_work(td_state *state, td_builder *b);

/* Both pools of the forward pass; their sums go to \a place and the next. */
void td_state_pools_image(const td_state *state, const td_context *ctx, int image,
                          int place);

/* Both pools once more for the backward pass. */
void td_state_recall_pools(const td_state *state, const td_context *ctx, int image);
void td_state_pools_finish(td_state *state, const td_context *ctx, const td_span *span,
                           int place);

/* ---- mixed edge --------------------------------------------------------- */

typedef struct {
    td_state *from, *to;
    bool is_first;           /* of its node */
    int max_slot, avg_slot;  /* its own names of the pools' running statistics */
    td_unit first[TD_UNITS]; /* on ReLU(state), in the order of the primitives */
    td_unit second[TD_SEPARABLE];
    bool has_skip; /* skip_connect has weights (stride 2) */
    td_dense skip;
    td_real *skip_y; /* (images, …) */
    td_coefs coefs[TD_NUM_OPS];
    td_coefs inner[TD_SEPARABLE]; /* of the first units of separable convolutions */
    td_real *constant;            /* (groups, planes·16) that it adds to its node */
    size_t lot;                   /* numbers of a lot that its weights need */
} td_edge;

void td_edge_build(td_edge *edge, td_builder *b, int channels);

/* Memory of the outputs that are not kept: all edges of a cell share it. */
void td_edge_build_work(td_edge *edge, td_builder *b);
void td_edge_pack(td_edge *edge, const td_context *ctx);
void td_edge_unpack(const td_edge *edge, const td_context *ctx);

/* Forward, phase by phase; p (8) are the edge's softmax weights. */
void td_edge_first_image(const td_edge *edge, const td_context *ctx, int image);
void td_edge_first_finish(td_edge *edge, const td_context *ctx, const td_span *span);
void td_edge_second_image(const td_edge *edge, const td_context *ctx, int image,
                          int group);

/* Also coefs[].a = p·inv, and what the batch norms subtract into the constant. */
void td_edge_second_finish(td_edge *edge, const td_context *ctx, const td_span *span,
                           const double *p);

/* node = or += the edge's output. */
void td_edge_add_image(const td_edge *edge, const td_context *ctx, int image,
                       int group);

/* Backward, phase by phase, from g, the gradient of the edge's node. */
void td_edge_dots_image(const td_edge *edge, const td_context *ctx, int image,
                        int group);
void td_edge_dots_finish(td_edge *edge, const td_context *ctx, const td_span *span,
                         const double *p, double *dp);
void td_edge_second_backward_image(const td_edge *edge, const td_context *ctx,
                                   td_item item);
void td_edge_second_backward_finish(td_edge *edge, const td_context *ctx,
                                    const td_span *span);

/* With \a data the state's gradient += that of convolutions and skip. */
void td_edge_first_backward_image(const td_edge *edge, const td_context *ctx,
                                  td_item item, bool data);

/* ---- graph: the states and edges of a cell ------------------------------ */

typedef struct {
    int inputs, nodes, channels, edge_count;
    td_extent node_extent;
    td_state *states; /* (inputs + nodes) */
    td_edge *edges;   /* (edge_count), node by node */
    td_real *zeros;   /* (planes·16) */
} td_graph;

/* Softmax weights of a graph and where their gradients go. */
typedef struct {
    const double *p;            /* (edges, 8) */
    double *dp;                 /* (edges, 8) added to */
    bool input_grad[TD_INPUTS]; /* whether the input states' gradients are wanted */
} td_mixture;

/* Input states have the extent \a input and are left with \a stride. */
typedef struct {
    int inputs, nodes, channels, stride;
    td_extent input;
    bool is_numbered; /* edges are named "_ops.<edge>." */
} td_graph_spec;

void td_graph_build(td_graph *graph, td_builder *b, td_graph_spec spec);

/* The nodes' values and gradients, side by side in one tensor (the cell's output). */
void td_graph_place_values(td_graph *graph, td_real *value);
void td_graph_place_grads(td_graph *graph, td_real *grad);
void td_graph_build_work(td_graph *graph, td_builder *b);
void td_graph_free(td_graph *graph);
void td_graph_pack(td_graph *graph, const td_context *ctx);
void td_graph_forward(td_graph *graph, const td_context *ctx, const td_span *span,
                      const double *p);

/* The same with running statistics, image by image: begin, then each image. */
void td_graph_evaluate_begin(td_graph *graph, const td_context *ctx,
                             const td_span *span, const double *p);
void td_graph_evaluate_image(const td_graph *graph, const td_context *ctx, int slot);
void td_graph_backward(td_graph *graph, const td_context *ctx, const td_span *span,
                       const td_mixture *mixture);

/* ---- cell --------------------------------------------------------------- */

/* An output that later parts read: the stem's or a cell's nodes side by side. */
typedef struct {
    td_extent extent;
    int channels, part_channels;
    bool needs_grad; /* whether architecture gradients flow through it */
    td_real *value;  /* (images, …) */
    td_real *grad;   /* (images, …), memory that outputs three cells apart share */
} td_output;

/* Numbers of the whole output, of \a images images. */
size_t td_output_count(const td_output *output, int images);
td_real *td_output_value(const td_output *output, int image);
td_real *td_output_grad(const td_output *output, int image);

typedef struct {
    bool reduction;
    const td_output *source[TD_INPUTS];
    td_dense pre[TD_INPUTS];
    td_coefs coefs[TD_INPUTS];
    size_t lot; /* numbers of a lot that the two input layers need */
    td_graph graph;
    td_output output;
} td_cell;

typedef struct {
    int channels, nodes;
    bool reduction, after_reduction;
} td_cell_plan;

void td_cell_build(td_cell *cell, td_builder *b, td_cell_plan plan,
                   const td_output *before_last, const td_output *last);
void td_cell_build_work(td_cell *cell, td_builder *b);
void td_cell_place_grads(td_cell *cell, td_real *grad);
void td_cell_free(td_cell *cell);
void td_cell_pack(td_cell *cell, const td_context *ctx);
void td_cell_forward(td_cell *cell, const td_context *ctx, const td_span *span,
                     const double *p);
void td_cell_evaluate_begin(td_cell *cell, const td_context *ctx, const td_span *span,
                            const double *p);
void td_cell_evaluate_image(const td_cell *cell, const td_context *ctx, int slot);
void td_cell_backward(td_cell *cell, const td_context *ctx, const td_span *span,
                      const double *p, double *dp);

/* ---- stem and head ------------------------------------------------------ */

typedef struct {
    int image_channels, channels;
    int gamma_slot, beta_slot;
    td_matrix matrix;
    td_norm norm;
    td_coefs coefs;
    td_real *y; /* (images, …) before the batch norm */
    td_output output;
} td_stem;

void td_stem_build(td_stem *stem, td_builder *b, const td_net_spec *spec);
void td_stem_pack(td_stem *stem, const td_context *ctx);
void td_stem_forward(td_stem *stem, const td_context *ctx, const td_span *span);
void td_stem_evaluate_begin(td_stem *stem, const td_context *ctx, const td_span *span);
void td_stem_evaluate_image(const td_stem *stem, const td_context *ctx, int slot,
                            int image);
void td_stem_backward(td_stem *stem, const td_context *ctx, const td_span *span);

/* One branch's features: global averages of an output, without the planes' padding. */
typedef struct {
    td_real *rows; /* row r begins at rows + r·pitch */
    int pitch, count;
    double scale; /* factor on all of them */
} td_features;

void td_features_read(td_features to, const td_output *output);

/* Row \a row from the output of image \a image. */
void td_features_read_row(td_features to, int row, const td_output *output, int image);

/* Its transpose: overwrites the output's gradient. */
void td_features_backward(td_features from, const td_output *output);

#endif
