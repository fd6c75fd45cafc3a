/* One pass through a network of cells, forward and backward. */
#include "darts.h"

#include <omp.h>
#include <string.h>

/* Whether the branches see different images. */
static bool is_split(const td_network *net, const td_pass *pass)
{
    return net->spec.two_branch && !td_pass_is_evaluation(pass);
}

/* The images that go through a cell. */
static td_span cell_span(const td_network *net, const td_context *ctx, int cell)
{
    int branch = td_darts_branch(&net->spec, cell);
    bool is_whole = branch < 0 || !is_split(net, ctx->pass);
    return is_whole ? ctx->span : td_branch_span(ctx, branch);
}

static int row_count(const td_network *net, const td_context *ctx)
{
    return ctx->span.images / (is_split(net, ctx->pass) ? 2 : 1);
}

/* Factor on a branch's features: 2m and 2(1−m), which is 1 for both at m = 0.5. */
static double branch_scale(const td_network *net, const td_pass *pass, int branch)
{
    double m = td_pass_is_evaluation(pass) ? 0.5 : pass->mixing;
    if (!net->spec.two_branch)
        return 1.0;
    return 2.0 * (branch == 0 ? m : 1.0 - m);
}

/* The columns of a branch in the classifier's input, or in its gradient.  Where the
 * last cell is shared, its output has the images of both branches, one after the other,
 * or in an evaluation the same ones for both. */
static td_features features_of(const td_network *net, const td_context *ctx,
                               td_real *rows, int branch)
{
    const td_darts *d = net->body;
    bool shares = branch > 0 && !td_darts_splits_cell(&net->spec);
    bool splits = is_split(net, ctx->pass);
    int count = row_count(net, ctx);
    return (td_features){ .rows = rows + branch * d->features,
                          .pitch = d->branches * d->features,
                          .count = count,
                          .first = shares && splits ? count : 0,
                          .scale = branch_scale(net, ctx->pass, branch),
                          .adds = shares && !splits };
}

/* The number of the cell that gives a branch its features. */
static int last_cell_of(const td_network *net, int branch)
{
    bool is_own = td_darts_splits_cell(&net->spec);
    return net->spec.cells - 1 + (is_own ? branch : 0);
}

/* Where a cell's edges begin in both tables of mixture weights. */
static size_t cell_table(const td_darts *d, const td_cell *cell)
{
    return cell->reduction ? d->table : 0;
}

/* Its operations in this pass, edge by edge; NULL: all. */
static const uint8_t *cell_present(const td_darts *d, const td_pass *pass,
                                   const td_cell *cell)
{
    if (!pass->present)
        return NULL;
    return pass->present + cell_table(d, cell) / TD_NUM_OPS;
}

static void check_pass(const td_network *net, const td_context *ctx)
{
    const td_pass *pass = ctx->pass;
    bool is_derived = net->spec.genotype != NULL, splits = is_split(net, pass);
    TD_ASSERT(is_derived || pass->mixture);
    TD_ASSERT(!pass->drop_path || !td_pass_is_evaluation(pass));
    TD_ASSERT(!splits ||
              (ctx->span.groups % 2 == 0 &&
               2 * ctx->span.start[ctx->span.groups / 2] == ctx->span.images));
    TD_ASSERT(!pass->auxiliary ||
              (net->spec.auxiliary && !td_pass_is_evaluation(pass)));
    TD_ASSERT(!is_derived || !(pass->request & TD_GRAD_ALPHAS));
    TD_ASSERT(ctx->span.images <= net->spec.batch * (splits ? 2 : 1));
}

/* ---- forward ------------------------------------------------------------ */

static void begin(td_network *net, const td_context *ctx)
{
    td_darts *d = net->body;
    check_pass(net, ctx);
    if (d->table)
        memcpy(d->p, ctx->pass->mixture, 2 * d->table * sizeof *d->p);
    if (!ctx->pass->has_weights_of_last)
        td_stem_pack(&d->stem, ctx);
    for (int i = 0; i < d->cell_count; i++)
        td_cell_begin(&d->cells[i], ctx, cell_present(d, ctx->pass, &d->cells[i]));
}

void td_darts_forward(td_network *net, const td_context *ctx, td_real *logits)
{
    td_darts *d = net->body;
    const td_pass *pass = ctx->pass;
    td_span span = ctx->span;
    begin(net, ctx);
    td_stem_forward(&d->stem, ctx, &span);
    for (int i = 0; i < d->cell_count; i++) {
        td_cell *cell = &d->cells[i];
        td_span part = cell_span(net, ctx, i);
        td_cell_forward(cell, ctx, &part, d->p + cell_table(d, cell));
    }
    for (int b = 0; b < d->branches; b++)
        td_features_read(features_of(net, ctx, d->x, b),
                         &d->cells[last_cell_of(net, b)].output);
    if (pass->auxiliary)
        td_auxiliary_forward(&d->auxiliary, ctx, &span, pass->auxiliary);
    td_head_forward(&d->head, ctx, logits, d->x, row_count(net, ctx));
}

/* No image waits for another: a thread takes one through the whole network, in memory
 * that fits its cache: the places of the image that has the thread's number. */
static void evaluate_task(const void *part, const td_context *ctx, td_item item)
{
    const td_network *net = part;
    const td_darts *d = net->body;
    int slot = omp_get_thread_num();
    td_thread_scratch(ctx)->evaluated = item.image;
    td_stem_evaluate_image(&d->stem, ctx, slot, item.image);
    for (int i = 0; i < d->cell_count; i++)
        td_cell_evaluate_image(&d->cells[i], ctx, slot);
    for (int b = 0; b < d->branches; b++)
        td_features_read_row(features_of(net, ctx, d->x, b), item.image,
                             &d->cells[last_cell_of(net, b)].output, slot);
}

void td_darts_evaluate(td_network *net, const td_context *ctx, td_real *logits)
{
    td_darts *d = net->body;
    td_span span = ctx->span;
    TD_ASSERT(ctx->is_inference);
    begin(net, ctx);
    td_stem_evaluate_begin(&d->stem, ctx, &span);
    for (int i = 0; i < d->cell_count; i++)
        td_cell_evaluate_begin(&d->cells[i], ctx, &span,
                               d->p + cell_table(d, &d->cells[i]));
    td_phase(ctx, &span, evaluate_task, net);
    td_head_forward(&d->head, ctx, logits, d->x, span.images);
}

/* ---- backward ----------------------------------------------------------- */

/* Outputs gather the gradients of the cells that read them, so they start from zero
 * before the first of these: two cells later, or at the end of the network. */
static void clear_gradient(td_darts *d, int number, int images)
{
    if (number < -d->stem.outputs)
        return;
    const td_output *output = td_darts_output(d, number);
#pragma omp parallel for schedule(static)
    for (int i = 0; i < images; i++)
        memset(td_output_grad(output, i), 0,
               td_output_count(output, 1) * sizeof(td_real));
}

static void clear_read_gradients(td_network *net, int cell, int images)
{
    td_darts *d = net->body;
    int last = net->spec.cells - 1;
    if (cell == d->cell_count - 1) {
        clear_gradient(d, last - 1, images);
        clear_gradient(d, last - 2, images);
    } else if (cell < last) {
        clear_gradient(d, cell - 2, images);
    }
}

static void cell_backward(td_network *net, const td_context *ctx, int i)
{
    td_darts *d = net->body;
    td_cell *cell = &d->cells[i];
    const td_pass *pass = ctx->pass;
    td_span whole = ctx->span, part = cell_span(net, ctx, i);
    size_t table = cell_table(d, cell);
    clear_read_gradients(net, i, whole.images);
    for (int b = 0; b < d->branches; b++)
        if (last_cell_of(net, b) == i)
            td_features_backward(features_of(net, ctx, d->d_x, b), &cell->output);
    if (pass->d_auxiliary && i == 2 * net->spec.cells / 3)
        td_auxiliary_backward(&d->auxiliary, ctx, &whole, pass->d_auxiliary);
    td_cell_backward(cell, ctx, &part, d->p + table, d->dp + table);
    /* the auxiliary head's weights lie between the cells' and the classifier's */
    if (!pass->d_auxiliary || i <= 2 * net->spec.cells / 3)
        td_grads_ready(ctx, cell->first_weight);
}

void td_darts_backward(td_network *net, const td_context *ctx, const td_real *d_logits,
                       double *d_mixture)
{
    td_darts *d = net->body;
    td_span span = ctx->span;
    TD_ASSERT(!net->spec.head_only || !d_mixture);
    memset(d->dp, 0, 2 * d->table * sizeof *d->dp);
    td_head_backward(&d->head, ctx, d->d_x, d_logits, d->x, row_count(net, ctx));
    td_grads_ready(ctx, d->head.linear.matrix_slot);
    if (net->spec.head_only)
        return;
    for (int i = d->cell_count - 1; i >= 0; i--)
        cell_backward(net, ctx, i);
    if (ctx->wants_weights)
        td_stem_backward(&d->stem, ctx, &span);
    td_grads_ready(ctx, 0);
    if (d_mixture)
        memcpy(d_mixture, d->dp, 2 * d->table * sizeof *d->dp);
}
