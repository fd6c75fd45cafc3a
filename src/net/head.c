/* The table of heads, and the first of them: a matrix and a bias. */
#include "head.h"

#define ROW(NAME, function, word) &td_head_##function,
static const td_head_form *const table[] = { TD_HEADS(ROW) };
#undef ROW

void td_head_build(td_head *head, td_builder *b, const td_net_spec *spec, int in,
                   int rows)
{
    TD_ASSERT(spec->head >= 0 && spec->head < TD_HEAD_COUNT && in > 0);
    head->form = table[spec->head];
    head->in = in;
    head->out = spec->classes;
    head->scale = spec->head_scale;
    head->form->build(head, b, rows);
}

void td_head_forward(td_head *head, const td_context *ctx, td_real *logits,
                     const td_real *x, int rows)
{
    head->form->forward(head, ctx, logits, x, rows);
}

void td_head_backward(td_head *head, const td_context *ctx, td_real *d_x,
                      const td_real *d_logits, const td_real *x, int rows)
{
    head->form->backward(head, ctx, d_x, d_logits, x, rows);
}

/* ---- linear ---------------------------------------------------------------------- */

static void build(td_head *head, td_builder *b, int rows)
{
    (void) rows;
    td_linear_build(&head->linear, b, "classifier", head->in, head->out);
}

static void forward(td_head *head, const td_context *ctx, td_real *logits,
                    const td_real *x, int rows)
{
    td_linear_forward(&head->linear, ctx, logits, x, rows);
}

static void backward(td_head *head, const td_context *ctx, td_real *d_x,
                     const td_real *d_logits, const td_real *x, int rows)
{
    td_linear_backward(&head->linear, ctx, d_x, d_logits, x, rows);
}

const td_head_form td_head_linear = { build, forward, backward };
