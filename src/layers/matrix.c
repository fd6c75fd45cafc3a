/* 1x1 convolutions between the state_dict's order, [out][in], and the kernels'. */
#include "layers.h"

#include <string.h>

static size_t matrix_count(const td_matrix *m)
{
    return (size_t) td_channels_planes(m->out) * (size_t) td_channels_planes(m->in) *
           TD_PLANE * TD_PLANE;
}

void td_matrix_build(td_matrix *m, td_builder *b, size_t *slice_length)
{
    TD_ASSERT(m->part_count >= 1 && m->out.channels > 0 && m->in.channels > 0);
    m->packed = TD_TAKE(b->arena, td_real, matrix_count(m));
    m->transposed = TD_TAKE(b->arena, td_real, matrix_count(m));
    m->slice_offset = *slice_length;
    *slice_length += matrix_count(m);
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

/* One part into both forms; rows of W are read in order, and what is written lies in
 * planes of 16 side by side. */
static void pack_part(td_matrix *m, const td_matrix_part *part, const td_real *w)
{
    TD_ASSERT(part->first_out + part->out_channels <= m->out.channels);
    for (int o = 0; o < part->out_channels; o++, w += part->in_channels) {
        int out = part->first_out + o;
        td_real *row = m->packed + packed_index(out, 0, td_channels_planes(m->in));
        for (int c = 0; c < part->in_channels;) {
            int in = plane_channel(part, c), run = TD_PLANE - in % TD_PLANE;
            int left = part->part_channels - c % part->part_channels;
            td_real *column =
                m->transposed + packed_index(in, out, td_channels_planes(m->out));
            run = run < left ? run : left;
            for (int i = 0; i < run; i++, c++) {
                row[(in + i) * TD_PLANE] = w[c];
                column[i] = w[c];
            }
        }
    }
}

void td_matrix_pack(td_matrix *m, const td_context *ctx)
{
    memset(m->packed, 0, matrix_count(m) * sizeof(td_real));
    memset(m->transposed, 0, matrix_count(m) * sizeof(td_real));
    for (int i = 0; i < m->part_count; i++)
        pack_part(m, &m->parts[i], td_weight_at(ctx, m->parts[i].slot));
}

void td_matrix_unpack(const td_matrix *m, const td_context *ctx)
{
    int planes_in = td_channels_planes(m->in);
    TD_ASSERT(m->part_count >= 1);
    for (int i = 0; i < m->part_count; i++) {
        const td_matrix_part *part = &m->parts[i];
        size_t to = td_grad_offset(ctx, part->slot);
        for (int o = 0; o < part->out_channels; o++)
            for (int c = 0; c < part->in_channels; c++)
                td_grads_move(ctx, to++,
                              m->slice_offset + packed_index(part->first_out + o,
                                                             plane_channel(part, c),
                                                             planes_in));
    }
}
