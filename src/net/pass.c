/* One pass through the network, forward and backward. */
#include "network.h"

#include "taildart/net_genotype.h"

#include <omp.h>
#include <string.h>

static td_span whole_span(const td_pass *pass)
{
    td_span span = { .groups = pass->group_count };
    for (int g = 0; g < pass->group_count; g++) {
        span.images += pass->groups[g];
        span.start[g + 1] = span.images;
    }
    return span;
}

static td_context context_of(td_network *net, const td_pass *pass, td_real *grads)
{
    net->phases = 0;
    return (td_context){ .k = net->kernels,
                         .pass = pass,
                         .slots = &net->weights,
                         .images = whole_span(pass).images,
                         .grads = grads,
                         .scratch = net->scratch,
                         .threads = net->threads,
                         .sums = net->sums,
                         .phases = &net->phases,
                         .lots = net->lots,
                         .needs = net->needs };
}

static bool is_evaluation(const td_pass *pass)
{
    return pass->running_mean != NULL;
}

/* Whether the two last cells see different images. */
static bool is_split(const td_network *net, const td_pass *pass)
{
    return net->spec.two_branch && !is_evaluation(pass);
}

/* The images that go through a cell. */
static td_span cell_span(const td_network *net, const td_pass *pass, int cell)
{
    int branch = td_cell_branch(net, cell);
    td_span whole = whole_span(pass);
    if (branch < 0 || !is_split(net, pass))
        return whole;
    int images = pass->groups[branch];
    return (td_span){ whole.start[branch], images, 1, { 0, images } };
}

static int row_count(const td_network *net, const td_pass *pass)
{
    return is_split(net, pass) ? pass->groups[0] : whole_span(pass).images;
}

/* Factor on a branch's features: 2m and 2(1−m), which is 1 for both at m = 0.5. */
static double branch_scale(const td_network *net, const td_pass *pass, int branch)
{
    double m = is_evaluation(pass) ? 0.5 : pass->mixing;
    if (!net->spec.two_branch)
        return 1.0;
    return 2.0 * (branch == 0 ? m : 1.0 - m);
}

static td_features features_of(const td_network *net, const td_pass *pass,
                               td_real *rows, int branch)
{
    int branches = net->spec.two_branch ? 2 : 1;
    return (td_features){ rows + branch * net->features, branches * net->features,
                          row_count(net, pass), branch_scale(net, pass, branch) };
}

static size_t cell_table(const td_network *net, const td_cell *cell)
{
    return cell->reduction ? td_network_table(net) : 0;
}

static void check_pass(const td_network *net, const td_pass *pass)
{
    td_span span = whole_span(pass);
    TD_ASSERT(!pass->running_mean == !pass->running_var);
    TD_ASSERT(net->spec.genotype || pass->mixture);
    TD_ASSERT(pass->weights && pass->images);
    TD_ASSERT(pass->group_count >= 1 && pass->group_count <= TD_MAX_GROUPS);
    TD_ASSERT(!is_split(net, pass) ||
              (pass->group_count == 2 && pass->groups[0] == pass->groups[1]));
    TD_ASSERT(!pass->auxiliary || (net->spec.auxiliary && !is_evaluation(pass)));
    TD_ASSERT(!net->spec.genotype || !(pass->request & TD_GRAD_ALPHAS));
    TD_ASSERT(span.images <= net->spec.batch * (is_split(net, pass) ? 2 : 1));
}

/* ---- forward ------------------------------------------------------------ */

static void classify(const td_network *net, const td_context *ctx, int rows,
                     td_real *logits)
{
    int in = net->features * (net->spec.two_branch ? 2 : 1),
        classes = net->spec.classes;
    const td_real *bias = td_weight_at(ctx, net->bias_slot);
    td_gemm_size size = { rows, classes, in, false, true };
    for (int r = 0; r < rows; r++)
        memcpy(logits + r * classes, bias, (size_t) classes * sizeof *bias);
    td_gemm(logits, net->x, td_weight_at(ctx, net->classifier_slot), size, true);
}

static void train(td_network *net, const td_context *ctx)
{
    const td_pass *pass = ctx->pass;
    td_span span = whole_span(pass);
    td_stem_forward(&net->stem, ctx, &span);
    for (int i = 0; i < net->cell_count; i++) {
        td_cell *cell = &net->cells[i];
        td_span part = cell_span(net, pass, i);
        td_cell_forward(cell, ctx, &part, net->p + cell_table(net, cell));
    }
    for (int i = net->spec.cells - 1; i < net->cell_count; i++)
        td_features_read(features_of(net, pass, net->x, i - (net->spec.cells - 1)),
                         &net->cells[i].output);
    if (pass->auxiliary)
        td_auxiliary_forward(&net->auxiliary, ctx, &span, pass->auxiliary);
}

/* No image waits for another: a thread takes one through the whole network, in memory
 * that fits its cache: the places of the image that has the thread's number. */
static void evaluate_task(const void *part, const td_context *ctx, td_item item)
{
    const td_network *net = part;
    int slot = omp_get_thread_num();
    td_stem_evaluate_image(&net->stem, ctx, slot, item.image);
    for (int i = 0; i < net->cell_count; i++)
        td_cell_evaluate_image(&net->cells[i], ctx, slot);
    for (int i = net->spec.cells - 1; i < net->cell_count; i++)
        td_features_read_row(
            features_of(net, ctx->pass, net->x, i - (net->spec.cells - 1)), item.image,
            &net->cells[i].output, slot);
}

static void evaluate(td_network *net, td_context *ctx)
{
    td_span span = whole_span(ctx->pass);
    ctx->forgets = true;
    td_stem_evaluate_begin(&net->stem, ctx, &span);
    for (int i = 0; i < net->cell_count; i++)
        td_cell_evaluate_begin(&net->cells[i], ctx, &span,
                               net->p + cell_table(net, &net->cells[i]));
    td_phase(ctx, &span, evaluate_task, net, 0);
}

void td_network_forward(td_network *net, const td_pass *pass, td_real *logits)
{
    td_context ctx = context_of(net, pass, NULL);
    check_pass(net, pass);
    if (pass->mixture)
        memcpy(net->p, pass->mixture, 2 * td_network_table(net) * sizeof *net->p);
    td_stem_pack(&net->stem, &ctx);
    for (int i = 0; i < net->cell_count; i++)
        td_cell_pack(&net->cells[i], &ctx);
    /* a backward pass needs what every image has left behind */
    if (is_evaluation(pass) && pass->request == TD_GRAD_NONE)
        evaluate(net, &ctx);
    else
        train(net, &ctx);
    classify(net, &ctx, row_count(net, pass), logits);
}

/* ---- backward ----------------------------------------------------------- */

static void classifier_backward(const td_network *net, const td_context *ctx, int rows,
                                const td_real *d_logits)
{
    int in = net->features * (net->spec.two_branch ? 2 : 1),
        classes = net->spec.classes;
    td_gemm_size data = { rows, in, classes, false, false };
    td_gemm_size weights = { classes, in, rows, true, false };
    td_gemm(net->d_x, d_logits, td_weight_at(ctx, net->classifier_slot), data, false);
    if (!ctx->grads || rows == 0)
        return;
    td_gemm(td_grad_at(ctx, net->classifier_slot), d_logits, net->x, weights, true);
    td_real *d_bias = td_grad_at(ctx, net->bias_slot);
    for (int k = 0; k < classes; k++) {
        double sum = 0.0;
        for (int r = 0; r < rows; r++)
            sum += (double) d_logits[r * classes + k];
        d_bias[k] += (td_real) sum;
    }
}

/* Outputs gather the gradients of the cells that read them, so they start from zero
 * before the first of these: two cells later, or at the end of the network. */
static void clear_gradient(td_network *net, int number, int images)
{
    const td_output *output =
        number < 0 ? &net->stem.output : &net->cells[number].output;
#pragma omp parallel for schedule(static)
    for (int i = 0; i < images; i++)
        memset(td_output_grad(output, i), 0,
               td_output_count(output, 1) * sizeof(td_real));
}

static void clear_read_gradients(td_network *net, int cell, int images)
{
    int last = net->spec.cells - 1;
    if (cell == net->cell_count - 1) {
        clear_gradient(net, last - 1, images);
        if (last >= 1)
            clear_gradient(net, last - 2, images);
    } else if (cell < last && cell >= 1) {
        clear_gradient(net, cell - 2, images);
    }
}

void td_network_backward(td_network *net, const td_pass *pass, const td_real *d_logits,
                         td_real *grads, double *d_mixture)
{
    TD_ASSERT(d_logits && pass->group_count >= 1);
    TD_ASSERT(!(pass->request & TD_GRAD_WEIGHTS) == !grads);
    TD_ASSERT(!(pass->request & TD_GRAD_ALPHAS) == !d_mixture);
    td_context ctx = context_of(net, pass, grads);
    td_span span = whole_span(pass);
    memset(net->dp, 0, 2 * td_network_table(net) * sizeof *net->dp);
    classifier_backward(net, &ctx, row_count(net, pass), d_logits);
    for (int i = net->cell_count - 1; i >= 0; i--) {
        td_cell *cell = &net->cells[i];
        td_span part = cell_span(net, pass, i);
        int branch = i - (net->spec.cells - 1);
        clear_read_gradients(net, i, span.images);
        if (branch >= 0)
            td_features_backward(features_of(net, pass, net->d_x, branch),
                                 &cell->output);
        if (pass->d_auxiliary && i == 2 * net->spec.cells / 3)
            td_auxiliary_backward(&net->auxiliary, &ctx, &span, pass->d_auxiliary);
        td_cell_backward(cell, &ctx, &part, net->p + cell_table(net, cell),
                         net->dp + cell_table(net, cell));
    }
    if (grads)
        td_stem_backward(&net->stem, &ctx, &span);
    if (d_mixture)
        memcpy(d_mixture, net->dp, 2 * td_network_table(net) * sizeof *net->dp);
}
