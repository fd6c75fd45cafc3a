/* Cosines for logits: scale·x̂·ŵ, features and rows divided by their norms, no bias
 * (Cao et al. 2019, section 3.2).  With g = scale·∂L/∂logits,
 *
 *     ∂L/∂x   = (d − (x̂·d)·x̂)/|x|,                 d = Σ_c g_c·ŵ_c
 *     ∂L/∂w_c = Σ_rows g_c/|w_c|·(x̂ − cos_c·ŵ_c)
 *
 * A row of zeros has no direction: its cosines are 0, and so are its gradients. */
#include "head.h"

#include <math.h>
#include <string.h>

static void build(td_head *head, td_builder *b, int rows)
{
    size_t in = (size_t) head->in, out = (size_t) head->out, n = (size_t) rows;
    head->linear.matrix_slot = td_add_weight(b, "classifier.weight",
                                             (int[4]){ head->out, head->in }, head->in);
    td_needs_max(&b->needs->product_length, in * out);
    head->x = TD_TAKE(b->arena, td_real, n * in);
    head->w = TD_TAKE(b->arena, td_real, out * in);
    head->x_norm = TD_TAKE(b->arena, double, n);
    head->w_norm = TD_TAKE(b->arena, double, out);
    head->cosines = TD_TAKE(b->arena, td_real, n * out);
    head->d_cosines = TD_TAKE(b->arena, td_real, n * out);
}

static double dot(const td_real *a, const td_real *b, int n)
{
    double sum = 0.0;
    for (int i = 0; i < n; i++)
        sum += (double) a[i] * (double) b[i];
    return sum;
}

/* unit (rows, n) and norms (rows) of x (rows, n). */
static void divide_rows(td_real *unit, double *norms, const td_real *x, int rows, int n)
{
    for (int r = 0; r < rows; r++) {
        const td_real *row = x + r * n;
        norms[r] = sqrt(dot(row, row, n));
        for (int i = 0; i < n; i++)
            unit[r * n + i] =
                norms[r] > 0.0 ? (td_real) ((double) row[i] / norms[r]) : 0;
    }
}

static void forward(td_head *head, const td_context *ctx, td_real *logits,
                    const td_real *x, int rows)
{
    td_gemm_size size = { rows, head->out, head->in, false, true };
    divide_rows(head->x, head->x_norm, x, rows, head->in);
    divide_rows(head->w, head->w_norm, td_weight_at(ctx, head->linear.matrix_slot),
                head->out, head->in);
    td_rows_product(ctx, head->cosines, head->x, head->w, size, 1, false);
    for (int i = 0; i < rows * head->out; i++)
        logits[i] = (td_real) (head->scale * (double) head->cosines[i]);
}

/* d_cosines = g, then d_x. */
static void features_backward(td_head *head, const td_context *ctx, td_real *d_x,
                              const td_real *d_logits, int rows)
{
    int in = head->in;
    td_gemm_size size = { rows, in, head->out, false, false };
    for (int i = 0; i < rows * head->out; i++)
        head->d_cosines[i] = (td_real) (head->scale * (double) d_logits[i]);
    td_rows_product(ctx, d_x, head->d_cosines, head->w, size, 1, false);
    for (int r = 0; r < rows; r++) {
        td_real *d = d_x + r * in;
        const td_real *x = head->x + r * in;
        double along = dot(x, d, in), norm = head->x_norm[r];
        for (int i = 0; i < in; i++)
            d[i] = norm > 0.0
                       ? (td_real) (((double) d[i] - along * (double) x[i]) / norm)
                       : 0;
    }
}

/* d_cosines becomes g_c/|w_c|, then that times −cos_c. */
static void weights_backward(td_head *head, const td_context *ctx, int rows)
{
    int out = head->out, slot = head->linear.matrix_slot;
    td_gemm_size size = { out, head->in, rows, true, false };
    td_real *g = head->d_cosines;
    for (int i = 0; i < rows * out; i++) {
        double norm = head->w_norm[i % out];
        g[i] = norm > 0.0 ? (td_real) ((double) g[i] / norm) : 0;
    }
    td_grads_add_product(ctx, slot, g, head->x, size, 1);
    for (int i = 0; i < rows * out; i++)
        g[i] *= -head->cosines[i];
    td_grads_add_scaled_rows(ctx, slot, g, head->w,
                             (td_gemm_size){ out, head->in, rows, true, false });
}

static void backward(td_head *head, const td_context *ctx, td_real *d_x,
                     const td_real *d_logits, const td_real *x, int rows)
{
    (void) x; /* the forward pass has left what is needed of it */
    features_backward(head, ctx, d_x, d_logits, rows);
    if (ctx->wants_weights)
        weights_backward(head, ctx, rows);
}

const td_head_form td_head_normalised = { build, forward, backward };
