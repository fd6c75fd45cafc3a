/* 1x1 convolutions between the state_dict's order, [out][in], and the kernels'. */
#include "internal.h"

#include <string.h>

static size_t matrix_count(const td_matrix *m)
{
    return (size_t) m->planes_out * (size_t) m->planes_in * TD_PLANE * TD_PLANE;
}

void td_matrix_build(td_matrix *m, td_builder *b, size_t *lot)
{
    m->packed = TD_TAKE(b->arena, td_real, matrix_count(m));
    m->transposed = TD_TAKE(b->arena, td_real, matrix_count(m));
    m->lot = *lot;
    *lot += matrix_count(m);
}

/* The channel of the planes that holds input \a in of a part. */
static int plane_channel(const td_matrix_part *part, int in)
{
    int part_planes = td_planes(part->part_channels);
    int plane = part->first_in_plane + in / part->part_channels * part_planes;
    return plane * TD_PLANE + in % part->part_channels;
}

/* Index of (out, in) where the 16 outputs of a plane lie side by side for each input.
 */
static size_t packed_index(int out, int in, int planes_in)
{
    size_t row =
        (size_t) (out / TD_PLANE) * (size_t) (planes_in * TD_PLANE) + (size_t) in;
    return row * TD_PLANE + (size_t) (out % TD_PLANE);
}

void td_matrix_pack(td_matrix *m, const td_context *ctx)
{
    memset(m->packed, 0, matrix_count(m) * sizeof(td_real));
    memset(m->transposed, 0, matrix_count(m) * sizeof(td_real));
    for (int i = 0; i < m->part_count; i++) {
        const td_matrix_part *part = &m->parts[i];
        const td_real *w = td_weight_at(ctx, part->slot);
        for (int o = 0; o < part->out_channels; o++)
            for (int c = 0; c < part->in_channels; c++, w++) {
                int out = part->first_out + o, in = plane_channel(part, c);
                m->packed[packed_index(out, in, m->planes_in)] = *w;
                m->transposed[packed_index(in, out, m->planes_out)] = *w;
            }
    }
}

void td_matrix_unpack(const td_matrix *m, const td_context *ctx)
{
    const td_real *packed = ctx->lots + m->lot;
    for (int i = 0; i < m->part_count; i++) {
        const td_matrix_part *part = &m->parts[i];
        td_real *g = td_grad_at(ctx, part->slot);
        for (int o = 0; o < part->out_channels; o++)
            for (int c = 0; c < part->in_channels; c++, g++)
                *g += packed[packed_index(part->first_out + o, plane_channel(part, c),
                                          m->planes_in)];
    }
}
