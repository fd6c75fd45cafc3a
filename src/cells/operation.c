/* Operations of every family, alone and together. */
#include "operation.h"

int td_operation_pixels(const td_operation *o)
{
    return o->to->extent.height * o->to->extent.width;
}

td_norm *td_operation_norm(const td_operation *o)
{
    return o->family->norm ? o->family->norm((td_operation *) o) : NULL;
}

const td_real *td_relu_of_state(const td_state *state, const td_context *ctx,
                                td_item item)
{
    const td_norm *norm = state->behind;
    const td_real *value = td_state_value(state, item.image);
    td_real *r = td_padded_for(&td_thread_scratch(ctx)->r, state->extent);
    if (!norm) {
        ctx->k->relu_padded(r, value, state->extent);
        return r;
    }
    size_t at = td_norm_at(norm, item.group);
    ctx->k->norm_relu_padded(r, value, norm->scale + at, norm->shift + at,
                             state->extent);
    return r;
}

void td_operation_set_plain(td_operation *o, const td_span *span, double p)
{
    int width = o->to->extent.planes * TD_PLANE;
    TD_ASSERT(!td_operation_norm(o));
    for (int i = 0; i < span->groups * width; i++) {
        o->coefs.a[i] = (td_real) p;
        o->coefs.b[i] = o->coefs.c[i] = 0;
    }
}

void td_operation_pack(td_operation *o, const td_context *ctx)
{
    if (!o->is_packed && o->family->pack)
        o->family->pack(o, ctx);
    o->is_packed = true;
}

td_affine td_operation_behind(const td_operation *o, const td_context *ctx,
                              td_item item, double factor)
{
    int width = o->to->extent.planes * TD_PLANE;
    size_t at = (size_t) (item.group * width);
    td_affine coefs = { o->coefs.a + at, o->coefs.b + at, o->coefs.c + at };
    if (factor == 1.0)
        return coefs;
    td_real *a = td_thread_scratch(ctx)->channels[0];
    for (int c = 0; c < width; c++)
        a[c] = (td_real) factor * coefs.a[c];
    coefs.a = a;
    return coefs;
}

/* ---- chance ------------------------------------------------------------- */

/* An evaluation has the image in the place of its thread. */
td_random td_operation_key(const td_context *ctx, td_item item, td_stream_id stream)
{
    const td_noise_key *key = &ctx->pass->noise;
    int image = ctx->is_inference ? td_thread_scratch(ctx)->evaluated : item.image;
    return (td_random){ .seed = key->seed,
                        .stream = stream,
                        .shard = (uint32_t) (key->places ? key->places[image] : image),
                        .pass = key->epoch,
                        .lane = key->step };
}

uint32_t td_operation_draw(const td_operation *o)
{
    enum { DRAW_BITS = 18 /* of an image on one edge: more repeat another edge's */ };
    return (uint32_t) o->path << DRAW_BITS;
}

/* ---- together ----------------------------------------------------------- */

void td_operations_build_work(td_operations list, int count, td_builder *b)
{
    for (int i = 0; i < count; i++)
        if (list[i]->family->build_work)
            list[i]->family->build_work(list[i], b);
}

void td_operations_unpack(td_operations list, int count, const td_context *ctx)
{
#pragma omp parallel for schedule(static)
    for (int i = 0; i < count; i++)
        if (list[i]->family->unpack)
            list[i]->family->unpack(list[i], ctx);
}

bool td_operations_have_second(td_operations list, int count)
{
    for (int i = 0; i < count; i++)
        if (list[i]->family->second_image)
            return true;
    return false;
}

void td_operations_second_image(td_operations list, int count, const td_context *ctx,
                                td_item item)
{
    for (int i = 0; i < count; i++)
        if (list[i]->family->second_image)
            list[i]->family->second_image(list[i], ctx, item);
}

void td_operations_second_backward_image(td_operations list, int count,
                                         const td_context *ctx, td_item item,
                                         const double *factors)
{
    for (int i = 0; i < count; i++)
        if (list[i]->family->second_backward_image)
            list[i]->family->second_backward_image(list[i], ctx, item,
                                                   factors ? factors[i] : 1.0);
}

/* ---- batch norms of a phase --------------------------------------------- */

static td_norm_entry entry_of(const td_operation *o, td_norm *norm)
{
    return (td_norm_entry){ .norm = norm,
                            .first = o->sums,
                            .second = o->sums,
                            .pixels = td_operation_pixels(o),
                            .p = 1.0 };
}

int td_operations_first_norms(td_operations list, int count, td_norm_entry *to)
{
    int norms = 0;
    for (int i = 0; i < count; i++)
        if (list[i]->family->first_norm)
            to[norms++] = entry_of(list[i], list[i]->family->first_norm(list[i]));
    return norms;
}

int td_operations_second_norms(td_operations list, int count, td_norm_entry *to)
{
    int norms = 0;
    for (int i = 0; i < count; i++)
        if (list[i]->family->second_norm)
            to[norms++] = entry_of(list[i], list[i]->family->second_norm(list[i]));
    return norms;
}

int td_operations_inner_norms(td_operations list, int count, td_norm_entry *to)
{
    int norms = 0;
    for (int i = 0; i < count; i++) {
        if (!list[i]->family->second_norm)
            continue;
        to[norms] = entry_of(list[i], list[i]->family->first_norm(list[i]));
        to[norms++].coefs = &list[i]->inner;
    }
    return norms;
}
