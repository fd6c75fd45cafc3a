/* Batch norm: mean and inverse deviation from sums, and the gradient behind it
 * (Ioffe & Szegedy 2015).
 *
 * M = images·pixels of a group; ŷ = (y − mean)·inv.  With g the gradient of a term p·ŷ,
 * S = Σ g and T = Σ g·ŷ: gy = p·inv·(g − S/M − ŷ·T/M). */
#include "layers.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double epsilon = 1e-5;

void td_norm_build(td_norm *norm, td_builder *b, int channels)
{
    TD_ASSERT(channels > 0 && b->groups > 0);
    norm->slot = norm->gamma_slot = norm->beta_slot = -1;
    norm->channels = channels;
    norm->planes = td_planes(channels);
    size_t width = (size_t) (norm->planes * TD_PLANE);
    size_t count = (size_t) b->groups * width;
    norm->inv = norm->scale = TD_TAKE(b->arena, td_real, count);
    norm->mean = TD_TAKE(b->arena, td_real, count);
    norm->shift = TD_TAKE(b->arena, td_real, count);
    norm->var = TD_TAKE(b->arena, td_real, count);
    td_needs_max(&b->needs->width, width);
}

void td_norm_name(td_norm *norm, td_builder *b, const char *name)
{
    TD_ASSERT(norm->slot < 0);
    norm->slot = td_add_norm(b, name, norm);
    norm->offset = b->registry->norms.slots[norm->slot].offset;
}

void td_norm_name_affine(td_norm *norm, td_builder *b, const char *name)
{
    TD_ASSERT(norm->gamma_slot < 0);
    char weight[TD_NAME_BYTES];
    snprintf(weight, sizeof weight, "%s.weight", name);
    norm->gamma_slot = td_add_constant(b, weight, norm->channels, 1.0);
    snprintf(weight, sizeof weight, "%s.bias", name);
    norm->beta_slot = td_add_constant(b, weight, norm->channels, 0.0);
    norm->scale =
        TD_TAKE(b->arena, td_real, (size_t) (b->groups * norm->planes * TD_PLANE));
    td_norm_name(norm, b, name);
}

td_coefs td_coefs_build(td_builder *b, int channels)
{
    TD_ASSERT(channels > 0 && b->groups > 0);
    size_t count = (size_t) (b->groups * td_planes(channels) * TD_PLANE);
    td_coefs coefs;
    coefs.a = TD_TAKE(b->arena, td_real, count);
    coefs.b = TD_TAKE(b->arena, td_real, count);
    coefs.c = TD_TAKE(b->arena, td_real, count);
    return coefs;
}

size_t td_norm_at(const td_norm *norm, int group)
{
    TD_ASSERT(group >= 0);
    return (size_t) (group * norm->planes * TD_PLANE);
}

td_affine td_coefs_at(const td_coefs *coefs, const td_norm *norm, int group)
{
    size_t at = td_norm_at(norm, group);
    return (td_affine){ coefs->a + at, coefs->b + at, coefs->c + at };
}

td_sums td_sums_at(const td_context *ctx, int image, int place)
{
    TD_ASSERT(place >= 0 && place < TD_SUMS_COUNT);
    size_t at = (size_t) image * TD_SUMS_COUNT + (size_t) place;
    double *first = ctx->sums + at * 2 * ctx->needs.width;
    return (td_sums){ first, first + ctx->needs.width };
}

td_sums *td_sums_for(td_sums *sums, const td_context *ctx, int image, int place)
{
    if (place == TD_SUMS_NONE || ctx->is_inference)
        return NULL;
    *sums = td_sums_at(ctx, image, place);
    return sums;
}

/* ---- the sums of a phase ------------------------------------------------ */

/* The sums of one plane of a group, all doubles, as the hook gets them. */
typedef struct {
    double first[TD_PLANE], second[TD_PLANE], values;
    double range; /* of order-free sums: the largest term of each image, added up */
} td_total;

_Static_assert(sizeof(td_total) == TD_TOTAL_NUMBERS * sizeof(double), "no gaps");

static td_total *total_at(const td_context *ctx, const td_span *span, int entry,
                          const td_norm *norm, int group, int plane)
{
    int most = (int) (ctx->needs.width / TD_PLANE);
    TD_ASSERT(entry < TD_PHASE_NORMS && plane < norm->planes && plane < most);
    int at = (entry * span->groups + group) * most + plane;
    return (td_total *) ctx->totals + at;
}

/* Whether others add to the sums of a phase, in no order. */
static bool is_shared_exactly(const td_context *ctx)
{
    return ctx->pass->exact && ctx->pass->sum_norms;
}

/* Terms of an order-free sum are means over pixels, which stay in its range.  No sum
 * of any order exceeds that of the largest ones. */
static void add_means(td_total *total, const double *first, const double *second,
                      int pixels)
{
    double largest = 0.0;
    for (int c = 0; c < TD_PLANE; c++) {
        double a = td_exact_term(first[c] / pixels);
        double b = td_exact_term(second[c] / pixels);
        total->first[c] += a;
        total->second[c] += b;
        largest = fmax(largest, fmax(fabs(a), fabs(b)));
    }
    total->range += td_exact_term(largest);
}

static void add_sums(td_total *total, const double *first, const double *second)
{
    for (int c = 0; c < TD_PLANE; c++) {
        total->first[c] += first[c];
        total->second[c] += second[c];
    }
}

/* Over the images of a group, in their order. */
static void add_images(td_total *total, const td_context *ctx, const td_span *span,
                       const td_norm_entry *entry, int group, int plane)
{
    int images = td_span_group_images(span, group);
    int from = span->start[group] - span->first;
    bool is_exact = is_shared_exactly(ctx);
    *total = (td_total){ .values = (double) images * entry->pixels };
    for (int i = from; i < from + images; i++) {
        const double *first = td_sums_at(ctx, i, entry->first).first + plane * TD_PLANE;
        const double *second =
            td_sums_at(ctx, i, entry->second).second + plane * TD_PLANE;
        if (is_exact)
            add_means(total, first, second, entry->pixels);
        else
            add_sums(total, first, second);
    }
}

/* All norms of a phase into one array. */
static void gather(const td_context *ctx, const td_span *span,
                   const td_norm_entry *list, int count)
{
    TD_ASSERT(count <= TD_PHASE_NORMS && span->groups >= 1);
    size_t planes = ctx->needs.width / TD_PLANE * (size_t) span->groups;
    if (ctx->pass->sum_norms) /* nothing that is not a sum goes to others */
        memset(ctx->totals, 0, (size_t) count * planes * sizeof(td_total));
#pragma omp parallel for schedule(static) if (count > 1)
    for (int k = 0; k < count; k++)
        for (int group = 0; group < span->groups; group++)
            for (int plane = 0; plane < list[k].norm->planes; plane++)
                add_images(total_at(ctx, span, k, list[k].norm, group, plane), ctx,
                           span, &list[k], group, plane);
}

/* From means over pixels back to sums; those beyond the range are told. */
static void restore_sums(const td_context *ctx, const td_span *span,
                         const td_norm_entry *entry, int index)
{
    bool *told = ctx->pass->exact->is_beyond;
    for (int group = 0; group < span->groups; group++)
        for (int plane = 0; plane < entry->norm->planes; plane++) {
            td_total *total = total_at(ctx, span, index, entry->norm, group, plane);
            if (told && total->range > TD_EXACT_LIMIT)
                *told = true;
            for (int c = 0; c < TD_PLANE; c++) {
                total->first[c] *= entry->pixels;
                total->second[c] *= entry->pixels;
            }
        }
}

/* The array is everybody's who shares the norms: the one hook of a phase. */
static void share(const td_context *ctx, const td_span *span, const td_norm_entry *list,
                  int count)
{
    const td_pass *pass = ctx->pass;
    size_t planes = ctx->needs.width / TD_PLANE * (size_t) span->groups;
    if (!pass->sum_norms || count == 0)
        return;
    pass->sum_norms(pass->norms_context, ctx->totals,
                    (size_t) count * planes * TD_TOTAL_NUMBERS);
    for (int k = 0; pass->exact && k < count; k++)
        restore_sums(ctx, span, &list[k], k);
}

/* ---- mean and deviation ------------------------------------------------- */

static void set_channel(td_norm *norm, size_t at, double mean, double biased,
                        double unbiased)
{
    double inv = 1.0 / sqrt(biased + epsilon);
    norm->mean[at] = (td_real) mean;
    norm->inv[at] = (td_real) inv;
    norm->shift[at] = (td_real) (-mean * inv);
    norm->var[at] = (td_real) unbiased;
}

static void finish_plane(td_norm *norm, const td_total *total, size_t at)
{
    double m = total->values;
    for (int c = 0; c < TD_PLANE; c++) {
        double mean = m > 0 ? total->first[c] / m : 0.0;
        double var = m > 0 ? total->second[c] / m - mean * mean : 0.0;
        if (var < 0.0)
            var = 0.0; /* rounding; NaN stays NaN */
        set_channel(norm, at + (size_t) c, mean, var, m > 1 ? var * m / (m - 1) : var);
    }
}

static void finish_from_running(td_norm *norm, const td_pass *pass, int group)
{
    for (int c = 0; c < norm->planes * TD_PLANE; c++) {
        bool is_padding = c >= norm->channels;
        size_t at = norm->offset + (size_t) c;
        double mean = is_padding ? 0.0 : (double) pass->running_mean[at];
        double var = is_padding ? 1.0 : (double) pass->running_var[at];
        set_channel(norm, td_norm_at(norm, group) + (size_t) c, mean, var, var);
    }
}

/* γ and β come on top; padding stays 0. */
static void finish_affine(td_norm *norm, const td_context *ctx, int group)
{
    const td_real *gamma = td_weight_at(ctx, norm->gamma_slot);
    const td_real *beta = td_weight_at(ctx, norm->beta_slot);
    for (int c = 0; c < norm->planes * TD_PLANE; c++) {
        size_t at = td_norm_at(norm, group) + (size_t) c;
        bool is_padding = c >= norm->channels;
        norm->scale[at] = is_padding ? 0 : gamma[c] * norm->inv[at];
        norm->shift[at] = is_padding ? 0 : gamma[c] * norm->shift[at] + beta[c];
    }
}

void td_norms_finish(const td_context *ctx, const td_span *span,
                     const td_norm_entry *list, int count)
{
    bool runs = td_pass_is_evaluation(ctx->pass);
    if (!runs) {
        gather(ctx, span, list, count);
        share(ctx, span, list, count);
    }
#pragma omp parallel for schedule(static) if (count > 1)
    for (int k = 0; k < count; k++) {
        td_norm *norm = list[k].norm;
        TD_ASSERT(norm->slot >= 0 && list[k].pixels > 0);
        for (int group = 0; group < span->groups; group++) {
            if (runs)
                finish_from_running(norm, ctx->pass, group);
            for (int p = 0; !runs && p < norm->planes; p++)
                finish_plane(norm, total_at(ctx, span, k, norm, group, p),
                             td_norm_at(norm, group) + (size_t) (p * TD_PLANE));
            if (norm->gamma_slot >= 0)
                finish_affine(norm, ctx, group);
        }
    }
}

/* ---- the gradient behind a batch norm ----------------------------------- */

/* T = Σ g·ŷ of a channel.  Where ŷ is what was kept, it plays y with mean 0 and
 * deviation 1. */
static double normalised_sum(const td_norm_entry *entry, size_t at, double s,
                             double second)
{
    const td_norm *norm = entry->norm;
    if (entry->of_normalised)
        return second;
    return (double) norm->inv[at] * (second - (double) norm->mean[at] * s);
}

/* Factor on a channel's ŷ. */
static double gamma_of(const td_norm *norm, const td_context *ctx, int channel)
{
    if (norm->gamma_slot < 0)
        return 1.0;
    return channel < norm->channels ? td_weight_at(ctx, norm->gamma_slot)[channel]
                                    : 0.0;
}

/* ∂L/∂γ = Σ g·ŷ and ∂L/∂β = Σ g. */
static void add_affine_gradient(const td_norm *norm, const td_context *ctx, int channel,
                                double s, double t)
{
    if (norm->gamma_slot < 0 || channel >= norm->channels || !ctx->wants_weights)
        return;
    td_grads_add(ctx, td_grad_offset(ctx, norm->gamma_slot) + (size_t) channel, t);
    td_grads_add(ctx, td_grad_offset(ctx, norm->beta_slot) + (size_t) channel, s);
}

/* Gradients of weights and of p from the sums of a group. */
static double group_gradients(const td_norm_entry *entry, const td_context *ctx,
                              const td_span *span, int index, int group, double dp)
{
    for (int plane = 0; plane < entry->norm->planes; plane++) {
        const td_total *total = total_at(ctx, span, index, entry->norm, group, plane);
        size_t at = td_norm_at(entry->norm, group) + (size_t) (plane * TD_PLANE);
        for (int c = 0; c < TD_PLANE; c++) {
            double s = total->first[c];
            double t = normalised_sum(entry, at + (size_t) c, s, total->second[c]);
            add_affine_gradient(entry->norm, ctx, plane * TD_PLANE + c, s, t);
            dp += t;
        }
    }
    return dp;
}

/* They are summed over ranks later: of order-free sums a group is a term. */
static void own_gradients(const td_context *ctx, const td_span *span,
                          const td_norm_entry *list, int count)
{
    bool is_exact = ctx->pass->exact != NULL;
#pragma omp parallel for schedule(static) if (count > 1)
    for (int k = 0; k < count; k++) {
        double dp = 0.0;
        for (int group = 0; group < span->groups; group++) {
            double own =
                group_gradients(&list[k], ctx, span, k, group, is_exact ? 0.0 : dp);
            dp = is_exact ? td_exact_add_term(dp, td_exact_term(own)) : own;
        }
        if (list[k].dp)
            *list[k].dp =
                is_exact ? td_exact_add_term(*list[k].dp, dp) : *list[k].dp + dp;
    }
}

/* S and T of all images to a, b, c; without values mean and deviation are constants. */
static void set_coefs(const td_norm_entry *entry, const td_context *ctx,
                      const td_total *total, int group, int plane)
{
    const td_norm *norm = entry->norm;
    double m = td_pass_is_evaluation(ctx->pass) ? 0.0 : total->values;
    for (int c = 0; c < TD_PLANE; c++) {
        size_t at = td_norm_at(norm, group) + (size_t) (plane * TD_PLANE + c);
        double p = entry->p * gamma_of(norm, ctx, plane * TD_PLANE + c);
        double inv = (double) norm->inv[at], scale = entry->of_normalised ? 1.0 : inv;
        double mean = entry->of_normalised ? 0.0 : (double) norm->mean[at];
        double s = total->first[c];
        double t = normalised_sum(entry, at, s, total->second[c]);
        entry->coefs->a[at] = (td_real) (p * inv);
        entry->coefs->b[at] = m > 0 ? (td_real) (-p * inv * scale * t / m) : 0;
        entry->coefs->c[at] =
            m > 0 ? (td_real) (p * inv * (scale * mean * t - s) / m) : 0;
    }
}

/* This rank's own images make its gradients, whoever shares the norms.  Such sums
 * depend on who has which images; where that must not show, one rank counts those of
 * all. */
void td_norms_gradient(const td_context *ctx, const td_span *span,
                       const td_norm_entry *list, int count)
{
    bool is_shared = is_shared_exactly(ctx);
    for (int k = 0; k < count; k++)
        TD_ASSERT(list[k].coefs && list[k].pixels > 0);
    gather(ctx, span, list, count);
    if (!is_shared)
        own_gradients(ctx, span, list, count);
    share(ctx, span, list, count);
    if (is_shared && ctx->pass->exact->counts_shared)
        own_gradients(ctx, span, list, count);
#pragma omp parallel for schedule(static) if (count > 1)
    for (int k = 0; k < count; k++)
        for (int group = 0; group < span->groups; group++)
            for (int plane = 0; plane < list[k].norm->planes; plane++)
                set_coefs(&list[k], ctx,
                          total_at(ctx, span, k, list[k].norm, group, plane), group,
                          plane);
}
