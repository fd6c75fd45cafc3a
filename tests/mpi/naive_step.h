/* A bilevel step written down as the papers have it, on one rank, for any number of
 * pretended ranks: what the stepper is compared with.  A pretended rank is one pass
 * with batch statistics of its own; sums over them stand for the reductions. */
#ifndef TD_TESTS_NAIVE_STEP_H
#define TD_TESTS_NAIVE_STEP_H

#include <math.h>
#include <string.h>

#include "cross_entropy.h"
#include "taildart/arch.h"
#include "taildart/base_random.h"
#include "taildart/optim.h"
#include "taildart/step.h"

enum { NAIVE_MAX_RANKS = 4, NAIVE_RECORDS = 8 };

/* A network, a state that is stepped naively, and the statistics of the step. */
typedef struct {
    td_network *net;
    td_search_state *state;
    int ranks, branches, classes;
    size_t weights, norms, alphas, image;
    const double *class_weights[2]; /* by td_half */
    int record_count;
    double *mean[NAIVE_RECORDS], *var[NAIVE_RECORDS], n[NAIVE_RECORDS];
    int record_branch[NAIVE_RECORDS];
    double loss, arch_loss, grad_norm;
    /* of a derived network's weight step: */
    bool auxiliary;
    double auxiliary_weight, drop_path;
    int path_rows;
    const td_step_batches *step[NAIVE_MAX_RANKS]; /* places, seed, epoch, step */
} naive;

/* Of one half: by rank and branch. */
typedef td_batch naive_batches[NAIVE_MAX_RANKS][TD_BRANCHES];

static void naive_init(naive *v, const td_net_spec *spec, const td_kernels *kernels,
                       int ranks, uint64_t seed)
{
    *v = (naive){ .ranks = ranks, .branches = spec->two_branch ? 2 : 1 };
    TD_CHECK(td_network_new(&v->net, spec, kernels) == TD_OK, "no network");
    v->state = td_search_state_new(v->net, &td_relaxation_softmax, false, seed);
    v->classes = spec->classes;
    v->auxiliary = spec->auxiliary;
    v->path_rows = td_network_path_rows(spec);
    v->weights = td_network_weights(v->net)->total;
    v->norms = td_network_norms(v->net)->total;
    v->alphas = td_search_state_alpha_count(v->state);
    v->image = (size_t) (spec->height * spec->width * spec->image_channels);
    for (int i = 0; i < NAIVE_RECORDS; i++) {
        v->mean[i] = td_malloc(v->norms * sizeof(double));
        v->var[i] = td_malloc(v->norms * sizeof(double));
    }
}

static void naive_clear(naive *v)
{
    for (int i = 0; i < NAIVE_RECORDS; i++) {
        td_free(v->mean[i]);
        td_free(v->var[i]);
    }
    td_search_state_free(v->state);
    td_network_free(v->net);
}

static double naive_divisor(const naive *v, naive_batches all, int b, const double *w)
{
    double sum = 0.0;
    for (int r = 0; r < v->ranks; r++)
        for (int i = 0; i < all[r][b].count; i++)
            sum += w ? w[all[r][b].labels[i]] : 1.0;
    return sum;
}

static void naive_record(naive *v, int first, int b, int n)
{
    td_real *mean = td_malloc(v->norms * sizeof(td_real));
    td_real *var = td_malloc(v->norms * sizeof(td_real));
    td_network_statistics(v->net, b, 0, mean, var);
    for (size_t i = 0; i < v->norms; i++) {
        v->mean[first + b][i] += (double) n * mean[i];
        v->var[first + b][i] += (double) n * var[i];
    }
    v->n[first + b] += n;
    td_free(mean);
    td_free(var);
}

/* Factors of a pretended rank's images, for td_free; NULL where nothing is dropped. */
static td_real *naive_paths(const naive *v, int r, int rows)
{
    if (v->path_rows == 0 || v->drop_path <= 0.0)
        return NULL;
    const td_step_batches *step = v->step[r];
    int images = v->branches * rows;
    td_real *factors = td_malloc((size_t) (v->path_rows * images) * sizeof *factors);
    for (int gene = 0; gene < v->path_rows; gene++)
        for (int i = 0; i < images; i++) {
            uint32_t place = (uint32_t) step->places[i % rows];
            td_random key = { .seed = step->seed,
                              .stream = TD_STREAM_DROP_PATH,
                              .shard = 2 * place + (i < rows ? 0 : 1),
                              .pass = (uint32_t) step->epoch };
            uint32_t draw = (uint32_t) (step->step * v->path_rows + gene);
            bool is_kept = td_random_unit(&key, draw) >= v->drop_path;
            factors[gene * images + i] =
                is_kept ? (td_real) (1.0 / (1.0 - v->drop_path)) : 0;
        }
    return factors;
}

/* The gradient of the second classifier's loss, which no one reports. */
static void naive_auxiliary(const naive *v, td_real *d_head, const td_real *head,
                            const td_batch *batch, const double *w, double scale)
{
    td_loss_sums unused = { 0 };
    if (v->auxiliary)
        cross_entropy(&unused, d_head, head, batch->labels, w,
                      v->auxiliary_weight * scale, batch->count, v->classes);
}

/* A pass of all pretended ranks; arrays are borrowed. */
typedef struct {
    const double *class_weights;
    double mixing, share[2]; /* share: of the branches in the loss */
    const td_real *weights;
    const double *mixture;
    double *d_mixture;
    td_real *grads, *d_alphas; /* or NULL */
    bool record;
    int first; /* of the records */
    double loss;
} naive_run;

static void naive_begin_records(naive *v)
{
    for (int b = 0; b < v->branches; b++) {
        int row = v->record_count++;
        memset(v->mean[row], 0, v->norms * sizeof(double));
        memset(v->var[row], 0, v->norms * sizeof(double));
        v->n[row] = 0.0;
        v->record_branch[row] = b;
    }
}

/* The loss of a pretended rank's branches, and its gradients by both classifiers. */
static void naive_loss(naive *v, naive_run *run, naive_batches all, int r,
                       const td_real *logits, const td_real *head, td_real *d_logits,
                       td_real *d_head)
{
    const double *w = run->class_weights;
    int rows = all[r][0].count;
    size_t cells = (size_t) (rows * v->classes);
    for (int b = 0; b < v->branches; b++) {
        double scale = run->share[b] / naive_divisor(v, all, b, w);
        td_loss_sums sums = { 0 };
        cross_entropy(&sums, d_logits, logits, all[r][b].labels, w, scale, rows,
                      v->classes);
        naive_auxiliary(v, d_head + b * cells, head + b * cells, &all[r][b], w, scale);
        run->loss += scale * sums.loss;
        if (run->record)
            naive_record(v, run->first, b, rows);
    }
}

static void naive_rank(naive *v, naive_run *run, naive_batches all, int r)
{
    int rows = all[r][0].count;
    size_t cells = (size_t) (rows * v->classes), image = (size_t) rows * v->image;
    td_real *images = td_malloc(2 * image * sizeof(td_real));
    td_real *logits = td_malloc(2 * cells * sizeof(td_real)),
            *d_logits = logits + cells;
    td_real *head = td_malloc(4 * cells * sizeof(td_real)), *d_head = head + 2 * cells;
    td_real *paths = naive_paths(v, r, rows), *d_alphas = run->d_alphas;
    for (int b = 0; b < v->branches; b++)
        memcpy(images + (size_t) b * image, all[r][b].images, image * sizeof(td_real));
    td_pass pass = {
        .weights = run->weights,
        .mixture = run->mixture,
        .images = images,
        .groups = (int[]){ rows, rows },
        .group_count = v->branches,
        .mixing = run->mixing,
        .request = (td_request) ((run->grads ? TD_GRAD_WEIGHTS : 0) |
                                 (d_alphas ? TD_GRAD_ALPHAS : 0)),
        .drop_path = paths,
        .auxiliary = v->auxiliary ? head : NULL,
        .d_auxiliary = v->auxiliary ? d_head : NULL,
    };
    td_network_forward(v->net, &pass, logits);
    naive_loss(v, run, all, r, logits, head, d_logits, d_head);
    td_network_backward(v->net, &pass, d_logits, run->grads,
                        d_alphas ? run->d_mixture : NULL);
    uint8_t masks[2 * TD_MAX_EDGES];
    td_arch arch = td_search_state_arch(v->state, masks);
    if (d_alphas)
        td_arch_backward(&arch, d_alphas, NULL, run->d_mixture);
    td_free(images);
    td_free(logits);
    td_free(head);
    td_free(paths);
}

/* Gradient of the mean loss of all pretended ranks; returns that loss. */
static double naive_pass(naive *v, naive_batches all, td_half half, double m,
                         const td_real *weights, td_real *grads, td_real *d_alphas,
                         bool record)
{
    uint8_t masks[2 * TD_MAX_EDGES];
    td_arch arch = td_search_state_arch(v->state, masks);
    double *mixture = td_arch_weights(&arch);
    double *d_mixture = td_malloc((v->alphas + 1) * sizeof *d_mixture);
    naive_run run = {
        .class_weights = v->class_weights[half],
        .mixing = m,
        .share = { v->branches == 1 ? 1.0 : m, 1.0 - m },
        .weights = weights,
        .mixture = mixture,
        .d_mixture = d_mixture,
        .grads = grads,
        .d_alphas = d_alphas,
        .record = record,
        .first = v->record_count,
    };
    if (grads)
        memset(grads, 0, v->weights * sizeof(td_real));
    if (d_alphas)
        memset(d_alphas, 0, v->alphas * sizeof(td_real));
    if (record)
        naive_begin_records(v);
    for (int r = 0; r < v->ranks; r++)
        if (all[r][0].count > 0)
            naive_rank(v, &run, all, r);
    td_free(mixture);
    td_free(d_mixture);
    return run.loss;
}

/* ∇α L_valid(w') − lr·(∇α L_train(w+R·v) − ∇α L_train(w−R·v))/(2R) */
static void naive_second_order(naive *v, naive_batches train, naive_batches valid,
                               const td_step_rates *rates, td_real *out)
{
    size_t bytes = v->weights * sizeof(td_real);
    td_real *g = td_malloc(bytes), *trial = td_malloc(bytes);
    td_real *plus = td_malloc(v->alphas * sizeof(td_real));
    td_real *minus = td_malloc(v->alphas * sizeof(td_real));
    const td_real *w = v->state->weights;
    naive_pass(v, train, TD_HALF_WEIGHTS, rates->mixing, w, g, NULL, true);
    for (size_t i = 0; i < v->weights; i++)
        trial[i] =
            (td_real) (w[i] - rates->lr * (rates->momentum * v->state->momentum[i] +
                                           g[i] + rates->decay * w[i]));
    v->arch_loss =
        naive_pass(v, valid, TD_HALF_ARCH, rates->mixing, trial, g, out, false);
    double radius = rates->radius / td_l2_norm(g, v->weights);
    td_offset(trial, w, radius, g, v->weights);
    naive_pass(v, train, TD_HALF_WEIGHTS, rates->mixing, trial, NULL, plus, true);
    td_offset(trial, w, -radius, g, v->weights);
    naive_pass(v, train, TD_HALF_WEIGHTS, rates->mixing, trial, NULL, minus, true);
    for (size_t i = 0; i < v->alphas; i++)
        out[i] -=
            (td_real) (rates->lr * ((double) plus[i] - minus[i]) / (2.0 * radius));
    td_free(g);
    td_free(trial);
    td_free(plus);
    td_free(minus);
}

static void naive_apply_statistics(naive *v)
{
    const td_slots *norms = td_network_norms(v->net);
    for (int p = 0; p < v->record_count; p++)
        for (int k = 0; k < norms->count; k++) {
            const td_slot *slot = &norms->slots[k];
            if (!td_network_norm_in_branch(v->net, k, v->record_branch[p]))
                continue;
            for (size_t i = slot->offset; i < slot->offset + slot->count; i++) {
                td_real *mean = v->state->running_mean, *var = v->state->running_var;
                mean[i] = (td_real) (0.9 * mean[i] + 0.1 * v->mean[p][i] / v->n[p]);
                var[i] = (td_real) (0.9 * var[i] + 0.1 * v->var[p][i] / v->n[p]);
            }
        }
}

/* One step of v->state.  \a arch_grads (alphas) receives the gradient before Adam. */
static void naive_step(naive *v, naive_batches train, naive_batches valid,
                       const td_step_rates *rates, td_real *arch_grads)
{
    td_search_state *state = v->state;
    td_real *g = td_malloc(v->weights * sizeof(td_real));
    v->record_count = 0;
    if (rates->arch_step) {
        if (rates->order == 2)
            naive_second_order(v, train, valid, rates, arch_grads);
        else
            v->arch_loss = naive_pass(v, valid, TD_HALF_ARCH, rates->mixing,
                                      state->weights, NULL, arch_grads, true);
        td_adam_step(state->alphas, state->adam_first, state->adam_second, arch_grads,
                     v->alphas, ++state->adam_count, rates->arch_lr, rates->arch_betas,
                     rates->arch_decay);
    }
    v->loss = naive_pass(v, train, TD_HALF_WEIGHTS, rates->mixing, state->weights, g,
                         NULL, true);
    v->grad_norm = td_l2_norm(g, v->weights);
    td_sgd_step(state->weights, state->momentum, g, v->weights,
                td_clip_factor(v->grad_norm, rates->clip), rates->lr, rates->momentum,
                rates->decay);
    naive_apply_statistics(v);
    td_free(g);
}

#endif
