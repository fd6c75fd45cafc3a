/* A mixed edge by itself: what the golden vectors of operators check. */
#ifndef CHECKER_PROBE_H
#define CHECKER_PROBE_H

#include "taildart/net.h"

typedef struct golden_probe golden_probe;

/* Its sizes: of the input, divisible by the stride. */
typedef struct {
    int channels, height, width, stride, batch;
} golden_probe_spec;

/* Build one; kernels is borrowed. */
golden_probe *golden_probe_new(golden_probe_spec spec, const td_kernels *kernels);

void golden_probe_free(golden_probe *probe);

/* Its weights, named as in mixed_op.h5: `_ops.4.op.1.weight`. */
const td_slots *golden_probe_weights(const golden_probe *probe);

/* Its batch norms: `_ops.4.op.3`, `_ops.1.1`. */
const td_slots *golden_probe_norms(const golden_probe *probe);

/* Inputs, NCHW.  With p one at a single primitive and zero elsewhere the edge
 * is that primitive with its batch norm. */
typedef struct {
    const td_real *x;       /* (n,c,h,w)                          */
    const td_real *gy;      /* (n,c,h/s,w/s)                      */
    const double *p;        /* (8) weights of the primitives      */
    const td_real *weights; /* (weights.total)                    */
} golden_probe_input;

/* Outputs, NCHW. */
typedef struct {
    td_real *y;          /* (n,c,h/s,w/s)                          */
    td_real *gx;         /* (n,c,h,w)                              */
    double *gp;          /* (8) gradient with respect to p         */
    td_real *grads;      /* (weights.total) added to               */
    td_real *mean, *var; /* (norms.total) batch statistics         */
} golden_probe_output;

/* y = Σ_k p_k·op_k(x) in training mode, and the gradients for gy. */
void golden_probe_run(golden_probe *probe, const golden_probe_input *in,
                      const golden_probe_output *out);

#endif
