/* The auxiliary classifier of a derived network. */
#ifndef TD_NET_AUXILIARY_H
#define TD_NET_AUXILIARY_H

#include "ends.h"

enum { TD_AUXILIARY_NORMS = 2 };

/* A product with a batch norm and a ReLU behind it.  A row is a pixel's inputs. */
typedef struct {
    int in, out; /* of the product */
    int pixels;  /* outputs of an image: rows */
    int slot;    /* of the matrix [out][in] */
    td_norm norm;
    td_coefs coefs;
    td_real *x;       /* (images·pixels, in) */
    td_real *y, *d_y; /* (images·pixels, out) before the batch norm, and its gradient */
} td_auxiliary_layer;

typedef struct {
    const td_output *source;
    int stride; /* of the windows of its mean */
    td_auxiliary_layer layer[TD_AUXILIARY_NORMS];
    td_real *features, *d_features; /* (images, 768) the classifier's input */
    td_real *d_x;                   /* gradient of the first layer's input, then the
                                       second's */
    td_linear classifier;
} td_auxiliary;

/* Whether windows leave 2x2 pixels of so many a side. */
bool td_auxiliary_takes(td_stem_kind kind, int side);

void td_auxiliary_build(td_auxiliary *head, td_builder *b, const td_output *source,
                        td_stem_kind kind, int classes);
void td_auxiliary_forward(td_auxiliary *head, const td_context *ctx,
                          const td_span *span, td_real *logits);

/* The source's gradient += …, and the weights' gradients. */
void td_auxiliary_backward(td_auxiliary *head, const td_context *ctx,
                           const td_span *span, const td_real *d_logits);

#endif
