/* One primitive on one edge, in the supernet or in a derived cell.
 *
 * A pass takes an operation through the same phases in both: first units, second units,
 * the sum at its node; and backwards.  What differs between primitives is a family of
 * functions (op_convolution.c, op_skip.c, op_pool.c, op_noise.c); a new primitive is a
 * row of the table in families.c and its family. */
#ifndef TD_CELLS_OPERATION_H
#define TD_CELLS_OPERATION_H

#include "../layers/layers.h"

typedef struct td_family td_family;

typedef struct {
    const td_family *family;
    td_op op;
    bool is_beside; /* a skip connection of weight 1 beside the operations of an edge */
    td_state *from, *to;
    bool is_packed; /* whether its weights of this pass are in the kernels' order */
    int sums;       /* place of its sums */
    int buffer;     /* first of two of the thread's for an output that is not kept */
    int path;       /* its number, or its edge's, among all of the network; of a derived
                      * one also the row of its drop-path factors */
    td_unit first;  /* of a convolution */
    td_unit second; /* of a separable one */
    td_conv1x1 skip; /* of a skip_connect of stride 2 */
    td_real *skip_y; /* (images, …) */
    td_real *noise;  /* (images, …) */
    int channels;    /* of noise */
    uint8_t *argmax; /* (images, …) of a max_pool that is nobody else's */
    td_coefs coefs;  /* of its last batch norm */
    td_coefs inner;  /* of the first unit's, where there are two */
} td_operation;

/* How an operation of some kind is built and run.  What is NULL is nothing to do.
 * \a r: ReLU(state) with its margin.  \a factor: of the output of this image, by drop
 * path; 1 in the supernet, where the coefficients have the mixture weights in them. */
struct td_family {
    bool reads_relu;   /* whether it wants r */
    bool passes_state; /* whether its output is the state itself */

    /* Names "<name>…", memory, and space in a slice that is \a slice_length long so
     * far. */
    void (*build)(td_operation *o, td_builder *b, const char *name, int channels,
                  size_t *slice_length);
    /* Memory of an output that is not kept. */
    void (*build_work)(td_operation *o, td_builder *b);
    void (*pack)(td_operation *o, const td_context *ctx);
    void (*unpack)(const td_operation *o, const td_context *ctx);

    /* The batch norm behind it, NULL where there is none. */
    td_norm *(*norm)(td_operation *o);
    /* Its output in front of that norm. */
    const td_real *(*output)(const td_operation *o, const td_context *ctx,
                             td_item item);

    void (*first_image)(const td_operation *o, const td_context *ctx, td_item item,
                        const td_real *r);
    void (*second_image)(const td_operation *o, const td_context *ctx, td_item item);
    /* The batch norms whose sums the first and the second phase make; with a second one
     * the first stands within the operation. */
    td_norm *(*first_norm)(td_operation *o);
    td_norm *(*second_norm)(td_operation *o);

    /* Evaluation: out += a·output; NULL where the output is taken as it is. */
    void (*add_image)(const td_operation *o, const td_context *ctx, td_item item,
                      const td_real *r, td_real *out);

    /* Backward: make again what was not kept, from r where recalls_from_relu() says so.
     */
    bool (*recalls_from_relu)(const td_operation *o);
    void (*recall_image)(const td_operation *o, const td_context *ctx, td_item item,
                         const td_real *r);
    void (*second_backward_image)(const td_operation *o, const td_context *ctx,
                                  td_item item, double factor);
    /* dr = or += the gradient of r (NULL: not wanted), and the weights' into the slice.
     */
    void (*first_backward_image)(const td_operation *o, const td_context *ctx,
                                 td_item item, double factor, const td_real *r,
                                 td_real *dr, bool add);
    /* The state's gradient += …, of operations that do not read r. */
    void (*state_backward_image)(const td_operation *o, const td_context *ctx,
                                 td_item item, double factor);
};

/* The caller has set op, from, to, sums, buffer and path.  \a is_bare: a pool of its
 * own without batch norm, as derived cells have them (Liu et al. 2019, 3.1). */
void td_operation_build(td_operation *o, td_builder *b, const char *name, int channels,
                        bool is_bare, size_t *slice_length);

/* Its weights into the kernels' order, unless they are there. */
void td_operation_pack(td_operation *o, const td_context *ctx);

/* A list names the operations that take part in a pass; those of an edge of a supernet
 * may be fewer than it has. */
typedef td_operation *const *td_operations;

/* Memory of the outputs of operations that are at work together, if not kept. */
void td_operations_build_work(td_operations list, int count, td_builder *b);
void td_operations_unpack(td_operations list, int count, const td_context *ctx);

/* Whether a pass has a second phase for any of them. */
bool td_operations_have_second(td_operations list, int count);
void td_operations_second_image(td_operations list, int count, const td_context *ctx,
                                td_item item);

/* \a factors (count), or NULL for ones. */
void td_operations_second_backward_image(td_operations list, int count,
                                         const td_context *ctx, td_item item,
                                         const double *factors);

/* The batch norms whose sums the first and the second phase of a forward pass make, and
 * the second one of a backward pass; into \a to.  Return how many. */
int td_operations_first_norms(td_operations list, int count, td_norm_entry *to);
int td_operations_second_norms(td_operations list, int count, td_norm_entry *to);
int td_operations_inner_norms(td_operations list, int count, td_norm_entry *to);

/* The batch norm behind it, NULL where there is none. */
td_norm *td_operation_norm(const td_operation *o);

/* Pixels of its output. */
int td_operation_pixels(const td_operation *o);

/* ReLU(state) with its margin, in the thread's scratch. */
const td_real *td_relu_of_state(const td_state *state, const td_context *ctx,
                                td_item item);

/* The coefficients of an output without batch norm whose term has the weight \a p. */
void td_operation_set_plain(td_operation *o, const td_span *span, double p);

/* The gradient in front of the last batch norm for this image, times \a factor; in the
 * thread's scratch. */
td_affine td_operation_behind(const td_operation *o, const td_context *ctx,
                              td_item item, double factor);

/* What chance in an operation goes by: the image, epoch and step; draws of an edge
 * begin at td_operation_draw(). */
td_random td_operation_key(const td_context *ctx, td_item item, td_stream_id stream);
uint32_t td_operation_draw(const td_operation *o);

/* ---- families ----------------------------------------------------------- */

extern const td_family td_separable_family, td_dilated_family, td_identity_family,
    td_reducing_skip_family, td_shared_pool_family, td_bare_pool_family,
    td_noise_family;

#endif
