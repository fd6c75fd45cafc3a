/* The classifier at the end of a network: a row of TD_HEADS and a file. */
#ifndef TD_NET_HEAD_H
#define TD_NET_HEAD_H

#include "../layers/layers.h"
#include "taildart/net.h"

typedef struct td_head_form td_head_form;

typedef struct {
    const td_head_form *form;
    td_linear linear; /* its slots; a form may have the matrix alone */
    int in, out;
    double scale; /* of the logits; the linear form has none */
    /* of the normalised form, from the forward pass: */
    td_real *x, *w;          /* (rows, in), (out, in) with norm 1, or 0 */
    double *x_norm, *w_norm; /* (rows), (out) norms that they had */
    td_real *cosines;        /* (rows, out) */
    td_real *d_cosines;      /* (rows, out) */
} td_head;

/* What a kind of head does; the meaning of td_head_*(). */
struct td_head_form {
    void (*build)(td_head *head, td_builder *b, int rows);
    void (*forward)(td_head *head, const td_context *ctx, td_real *logits,
                    const td_real *x, int rows);
    void (*backward)(td_head *head, const td_context *ctx, td_real *d_x,
                     const td_real *d_logits, const td_real *x, int rows);
};

/* Names and memory of the head that the spec asks for, of \a in features and for at
 * most \a rows of them. */
void td_head_build(td_head *head, td_builder *b, const td_net_spec *spec, int in,
                   int rows);

/* logits (rows, out) from x (rows, in). */
void td_head_forward(td_head *head, const td_context *ctx, td_real *logits,
                     const td_real *x, int rows);

/* d_x from d_logits, and the weights' gradients where they are wanted. */
void td_head_backward(td_head *head, const td_context *ctx, td_real *d_x,
                      const td_real *d_logits, const td_real *x, int rows);

/* The rows of an etf head (classes, dims): unit vectors with cosine −1/(classes − 1)
 * between any two, turned at random; dims >= classes − 1. */
void td_head_frame(uint64_t seed, int classes, int dims, td_real *matrix);

#define TD_HEAD_DECLARE(NAME, function, word)                                          \
    extern const td_head_form td_head_##function;
TD_HEADS(TD_HEAD_DECLARE)
#undef TD_HEAD_DECLARE

#endif
