/* From a mixed edge up to a cell. */
#ifndef TD_CELLS_CELLS_H
#define TD_CELLS_CELLS_H

#include "operation.h"

enum { TD_CHOSEN_BYTES = 32 /* of the name of a derived cell's operation */ };

/* ---- mixed edge --------------------------------------------------------- */

/* The weighted sum of some primitives over one state. */
typedef struct {
    td_state *from, *to;
    bool is_first;       /* of its node */
    int path;            /* its number among all of the network */
    td_operation *built; /* (built_count) in the order of the primitives; borrowed */
    int built_count;
    td_operations operations; /* (count) those of the pass under way; borrowed */
    int count;
    int readers[TD_NUM_OPS]; /* (reader_count) those that read ReLU(state) */
    int reader_count;
    td_real *constant;   /* (groups, planes·16) that it adds to its node */
    size_t slice_length; /* numbers of a slice that its weights need */
} td_edge;

/* The caller has set from, to, is_first, path, the operations' primitives and b->place.
 */
void td_edge_build(td_edge *edge, td_builder *b, int channels);

/* The operations of the passes from now on: those whose bit is set.  Put into \a list;
 * returns how many. */
int td_edge_choose(td_edge *edge, td_operation **list, unsigned present);
void td_edge_unpack(const td_edge *edge, const td_context *ctx);

/* Forward, phase by phase; p (8) are the edge's mixture weights. */
void td_edge_first_image(const td_edge *edge, const td_context *ctx, td_item item);

/* Also coefs.a = p·inv, and what the batch norms subtract into the constant. */
void td_edge_second_finish(td_edge *edge, const td_context *ctx, const td_span *span,
                           const double *p);

/* node = or += the edge's output. */
void td_edge_add_image(const td_edge *edge, const td_context *ctx, td_item item);

/* Evaluation: node = or += the edge's output, image by image. */
void td_edge_evaluate_image(const td_edge *edge, const td_context *ctx, td_item item);

/* Backward, phase by phase, from g, the gradient of the edge's node. */
void td_edge_dots_image(const td_edge *edge, const td_context *ctx, td_item item);
void td_edge_dots_finish(td_edge *edge, const td_context *ctx, const td_span *span,
                         const double *p, double *dp);

/* With \a data the state's gradient += that of convolutions and skip. */
void td_edge_first_backward_image(const td_edge *edge, const td_context *ctx,
                                  td_item item, bool data);

/* ---- the operations of a derived cell ------------------------------------ */

/* One of them; states and nodes are counted without dropped ones. */
typedef struct {
    td_op op;
    int from;       /* state */
    int node;       /* from 0 */
    int path;       /* row of drop-path factors among those of a cell */
    int sums;       /* place of its sums */
    bool is_beside; /* the skip connection beside another one */
    char name[TD_CHOSEN_BYTES];
} td_chosen;

/* Node by node; each has one or more, and then the skip connections beside them. */
typedef struct {
    int nodes, count;
    td_chosen operation[2 * TD_MAX_EDGES];
} td_chosen_cell;

/* What the inputs of a cell of \a genotype reach.  Names are those of the DARTS code
 * base where nodes have pairs, else FairDARTS's; confopt's where skip connections stand
 * beside them. */
td_chosen_cell td_cell_choose(const td_genes *genes, const td_genotype *genotype);

/* ---- graph: the states and edges of a cell ------------------------------ */

typedef struct td_graph_kind td_graph_kind;

typedef struct {
    const td_graph_kind *kind;
    int inputs, nodes, channels, edge_count;
    td_extent node_extent;
    td_state *states;         /* (inputs + nodes) */
    td_operation *operations; /* (operation_count), node by node, edge by edge */
    int operation_count;
    td_operation **present; /* (present_count) those of the pass under way */
    int present_count;
    td_edge *edges;            /* (edge_count), node by node: of a supernet */
    size_t *node_slice_length; /* (nodes) of a derived cell: numbers of a slice that the
                                 weights of a node need */
    int node_start[TD_MAX_NODES + 1]; /* there: where a node's operations begin */
    td_real *zeros;                   /* (planes·16) */
} td_graph;

/* Mixture weights of a graph and where their gradients go. */
typedef struct {
    const double *p;            /* (edges, 8) */
    double *dp;                 /* (edges, 8) added to */
    bool input_grad[TD_INPUTS]; /* whether the input states' gradients are wanted */
} td_mixture;

/* Input states have the extent \a input and are left with \a stride. */
typedef struct {
    int inputs, nodes, channels, stride;
    td_extent input;
    bool is_numbered;             /* edges are named "_ops.<edge>." */
    const td_chosen_cell *chosen; /* of a derived cell, else NULL; its paths … */
    int path_rows;                /* … are so many a cell */
    const uint8_t *without; /* (edges) bit k: not primitive k; NULL: all have all */
    bool has_noise;         /* in its place */
    bool adds_skips;        /* a skip connection beside the operations of each edge */
    int table;              /* of its mixture weights: normal, reduce */
    int number;             /* of the cell */
} td_graph_spec;

/* The way through a graph, of mixed edges (mixed_forward.c, mixed_backward.c) or of
 * chosen ones (derived.c); it is settled when the graph is built. */
struct td_graph_kind {
    /* Whether the cell normalises the input states in place; edges that normalise what
     * they read find them in front of their batch norm. */
    bool has_normalised_inputs;
    void (*build_edges)(td_graph *graph, td_builder *b, const td_graph_spec *spec);

    /* Memory that edges share: one is at work at a time. */
    void (*build_work)(td_graph *graph, td_builder *b);

    /* The operations of the passes from now on, by edge (see td_pass.present); NULL:
     * they are always the same. */
    void (*choose)(td_graph *graph, const uint8_t *present);

    /* p (edges, 8): mixture weights, of a mixed graph. */
    void (*forward)(td_graph *graph, const td_context *ctx, const td_span *span,
                    const double *p);

    /* The same with running statistics, image by image: begin, then each image. */
    void (*evaluate_begin)(td_graph *graph, const td_context *ctx, const td_span *span,
                           const double *p);
    void (*evaluate_image)(const td_graph *graph, const td_context *ctx, int slot);

    /* From the nodes' gradients to those of weights, alphas and input states. */
    void (*backward)(td_graph *graph, const td_context *ctx, const td_span *span,
                     const td_mixture *mixture);
};

extern const td_graph_kind td_mixed_kind, td_derived_kind;

void td_graph_build(td_graph *graph, td_builder *b, td_graph_spec spec);

/* Whether an edge has an operation, which `none` never is. */
static inline bool td_graph_has(const td_graph_spec *spec, int edge, td_op op)
{
    int place = td_op_place(op);
    if (op == TD_OP_NONE || td_op_at(place, spec->has_noise) != op)
        return false;
    return !(spec->without && spec->without[edge] >> place & 1);
}

/* The nodes' values and gradients, side by side in one tensor (the cell's output). */
void td_graph_set_values(td_graph *graph, td_real *value);
void td_graph_set_grads(td_graph *graph, td_real *grad);
void td_graph_build_work(td_graph *graph, td_builder *b);
void td_graph_free(td_graph *graph);

/* Before a pass: its operations, and their weights in the kernels' order.
 * \a present (edges), NULL: all. */
void td_graph_begin(td_graph *graph, const td_context *ctx, const uint8_t *present);

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
    int first_weight; /* slot of the first weight that it registers */
    const td_output *source[TD_INPUTS];
    td_conv1x1 pre[TD_INPUTS];
    td_coefs coefs[TD_INPUTS];
    size_t slice_length; /* numbers of a slice that the two input layers need */
    td_graph graph;
    td_output output;
} td_cell;

typedef struct {
    int number, channels, nodes;
    bool reduction, after_reduction;
    const td_chosen_cell *chosen; /* as td_graph_spec has it */
    int path_rows;                /* the same */
    const uint8_t *without;       /* (edges) as td_graph_spec has it */
    bool has_noise, adds_skips;   /* the same */
} td_cell_plan;

void td_cell_build(td_cell *cell, td_builder *b, td_cell_plan plan,
                   const td_output *before_last, const td_output *last);
void td_cell_build_work(td_cell *cell, td_builder *b);
void td_cell_set_grads(td_cell *cell, td_real *grad);
void td_cell_free(td_cell *cell);
void td_cell_begin(td_cell *cell, const td_context *ctx, const uint8_t *present);
void td_cell_forward(td_cell *cell, const td_context *ctx, const td_span *span,
                     const double *p);
void td_cell_evaluate_begin(td_cell *cell, const td_context *ctx, const td_span *span,
                            const double *p);
void td_cell_evaluate_image(const td_cell *cell, const td_context *ctx, int slot);
void td_cell_backward(td_cell *cell, const td_context *ctx, const td_span *span,
                      const double *p, double *dp);

#endif
