/* Batch norm: mean and inverse deviation from sums, and the gradient behind it
 * (Ioffe & Szegedy 2015).
 *
 * M = images·pixels of a group; ŷ = (y − mean)·inv.  With g the gradient of a term p·ŷ,
 * S = Σ g and T = Σ g·ŷ: gy = p·inv·(g − S/M − ŷ·T/M). */
#include "layers.h"

#include <math.h>
#include <stdio.h>

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

/* One plane's sums over the images of a group, in their order. */
typedef struct {
    double first[TD_PLANE], second[TD_PLANE], values;
} td_total;

static td_total total_of(td_sums_source at, int group, int plane)
{
    td_total total = { { 0 }, { 0 }, 0 };
    const td_span *span = at.span;
    for (int i = span->start[group]; i < span->start[group + 1]; i++) {
        const double *first = td_sums_at(at.ctx, i, at.first).first;
        const double *second = td_sums_at(at.ctx, i, at.second).second;
        for (int c = 0; c < TD_PLANE; c++) {
            total.first[c] += first[plane * TD_PLANE + c];
            total.second[c] += second[plane * TD_PLANE + c];
        }
    }
    total.values = (double) (span->start[group + 1] - span->start[group]) * at.pixels;
    return total;
}

/* What one channel has gathered; values 0: mean and deviation are constants. */
typedef struct {
    double first, second, values;
    bool of_normalised;
} td_channel_sums;

static bool uses_running(const td_context *ctx)
{
    return ctx->pass->running_mean != NULL;
}

static void set_channel(td_norm *norm, size_t at, double mean, double biased,
                        double unbiased)
{
    double inv = 1.0 / sqrt(biased + epsilon);
    norm->mean[at] = (td_real) mean;
    norm->inv[at] = (td_real) inv;
    norm->shift[at] = (td_real) (-mean * inv);
    norm->var[at] = (td_real) unbiased;
}

static void finish_from_batch(td_norm *norm, td_sums_source sums, int group)
{
    for (int p = 0; p < norm->planes; p++) {
        td_total total = total_of(sums, group, p);
        double m = total.values;
        for (int c = 0; c < TD_PLANE; c++) {
            double mean = m > 0 ? total.first[c] / m : 0.0;
            double var = m > 0 ? total.second[c] / m - mean * mean : 0.0;
            if (var < 0.0)
                var = 0.0; /* rounding; NaN stays NaN */
            set_channel(norm, td_norm_at(norm, group) + (size_t) (p * TD_PLANE + c),
                        mean, var, m > 1 ? var * m / (m - 1) : var);
        }
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

void td_norm_finish(td_norm *norm, const td_context *ctx, const td_span *span,
                    int place, int pixels)
{
    TD_ASSERT(span->groups >= 1 && pixels > 0);
    TD_ASSERT(norm->slot >= 0);
    td_sums_source sums = { ctx, span, place, place, pixels, false };
    for (int group = 0; group < span->groups; group++) {
        if (uses_running(ctx))
            finish_from_running(norm, ctx->pass, group);
        else
            finish_from_batch(norm, sums, group);
        if (norm->gamma_slot >= 0)
            finish_affine(norm, ctx, group);
    }
}

/* One channel: S and T to a, b, c; returns its share of ∂L/∂p.  Where ŷ is what was
 * kept, it plays y with mean 0 and deviation 1. */
static double channel_gradient(const td_norm *norm, const td_coefs *coefs, size_t at,
                               td_channel_sums sums, double p)
{
    double inv = (double) norm->inv[at], scale = sums.of_normalised ? 1.0 : inv;
    double mean = sums.of_normalised ? 0.0 : (double) norm->mean[at];
    double s = sums.first, t = scale * (sums.second - mean * s), m = sums.values;
    coefs->a[at] = (td_real) (p * inv);
    coefs->b[at] = m > 0 ? (td_real) (-p * inv * scale * t / m) : 0;
    coefs->c[at] = m > 0 ? (td_real) (p * inv * (scale * mean * t - s) / m) : 0;
    return t;
}

/* ∂L/∂γ = Σ g·ŷ and ∂L/∂β = Σ g over all groups. */
static void add_affine_gradient(const td_norm *norm, const td_context *ctx, int channel,
                                double s, double t)
{
    if (norm->gamma_slot < 0 || channel >= norm->channels || !ctx->grads)
        return;
    td_grad_at(ctx, norm->gamma_slot)[channel] += (td_real) t;
    td_grad_at(ctx, norm->beta_slot)[channel] += (td_real) s;
}

/* What a channel's ŷ is multiplied by. */
static double gamma_of(const td_norm *norm, const td_context *ctx, int channel)
{
    if (norm->gamma_slot < 0)
        return 1.0;
    return channel < norm->channels ? td_weight_at(ctx, norm->gamma_slot)[channel]
                                    : 0.0;
}

double td_norm_gradient(const td_norm *norm, const td_coefs *coefs, td_sums_source sums,
                        double p)
{
    double dp = 0.0;
    TD_ASSERT(sums.span->groups >= 1 && sums.pixels > 0);
    for (int group = 0; group < sums.span->groups; group++)
        for (int plane = 0; plane < norm->planes; plane++) {
            td_total total = total_of(sums, group, plane);
            size_t at = td_norm_at(norm, group) + (size_t) (plane * TD_PLANE);
            double values = uses_running(sums.ctx) ? 0.0 : total.values;
            for (int c = 0; c < TD_PLANE; c++) {
                int number = plane * TD_PLANE + c;
                td_channel_sums channel = { total.first[c], total.second[c], values,
                                            sums.of_normalised };
                double t = channel_gradient(norm, coefs, at + (size_t) c, channel,
                                            p * gamma_of(norm, sums.ctx, number));
                add_affine_gradient(norm, sums.ctx, number, channel.first, t);
                dp += t;
            }
        }
    return dp;
}
