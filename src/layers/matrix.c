/* 1x1 convolutions between the state_dict's order, [out][in], and the kernels'. */
#include "layers.h"

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

/* ---- tiles: weights whose outputs lie in one plane, and whose inputs do ---- */

typedef struct {
    int out, outs; /* first channel of the planes, and how many */
    int in, ins;
    size_t weight; /* the tile's first among the tensor's */
    size_t stride; /* from the weights of an output to those of the next */
    size_t step;   /* from the weight of an input to that of the next */
} tile;

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* Where input \a c has its weight among those of an output. */
static size_t weight_of_input(const td_matrix_part *part, int c)
{
    int taps = part->in_channels / part->part_channels;
    if (!part->has_taps)
        return (size_t) c;
    return (size_t) (c % part->part_channels * taps + c / part->part_channels);
}

/* The tile that begins with output o and input c. */
static tile tile_at(const td_matrix_part *part, int o, int c)
{
    int out = part->first_out + o, in = plane_channel(part, c);
    int ins =
        least(part->in_channels - c, part->part_channels - c % part->part_channels);
    return (tile){
        .out = out,
        .outs = least(part->out_channels - o, TD_PLANE - out % TD_PLANE),
        .in = in,
        .ins = least(ins, TD_PLANE - in % TD_PLANE),
        .weight = (size_t) o * (size_t) part->in_channels + weight_of_input(part, c),
        .stride = (size_t) part->in_channels,
        .step = part->has_taps ? (size_t) (part->in_channels / part->part_channels) : 1,
    };
}

/* Into both forms, a plane's channels side by side in what is written. */
static void pack_tile(td_matrix *m, tile t, const td_real *w)
{
    td_real *rows = m->packed + packed_index(t.out, t.in, td_channels_planes(m->in));
    td_real *columns =
        m->transposed + packed_index(t.in, t.out, td_channels_planes(m->out));
    for (int i = 0; i < t.ins; i++)
        for (int o = 0; o < t.outs; o++)
            rows[i * TD_PLANE + o] = w[(size_t) o * t.stride + (size_t) i * t.step];
    for (int o = 0; o < t.outs; o++)
        for (int i = 0; i < t.ins; i++)
            columns[o * TD_PLANE + i] = w[(size_t) o * t.stride + (size_t) i * t.step];
}

/* From the sums of the products, at \a from in the slice. */
static void unpack_tile(tile t, size_t to, size_t from, const td_context *ctx)
{
    for (int o = 0; o < t.outs; o++)
        for (int i = 0; i < t.ins; i++)
            td_grads_move(ctx, to + (size_t) o * t.stride + (size_t) i * t.step,
                          from + (size_t) (i * TD_PLANE + o));
}

/* ---- parts --------------------------------------------------------------- */

static void pack_part(td_matrix *m, const td_matrix_part *part, const td_real *w)
{
    TD_ASSERT(part->first_out + part->out_channels <= m->out.channels);
    for (int o = 0, outs = 0; o < part->out_channels; o += outs)
        for (int c = 0, ins = 0; c < part->in_channels; c += ins) {
            tile t = tile_at(part, o, c);
            pack_tile(m, t, w + t.weight);
            outs = t.outs;
            ins = t.ins;
        }
}

/* What no weight fills is zero since the arena began, and nobody writes it. */
void td_matrix_pack(td_matrix *m, const td_context *ctx)
{
    for (int i = 0; i < m->part_count; i++)
        pack_part(m, &m->parts[i], td_weight_at(ctx, m->parts[i].slot));
}

static void unpack_part(const td_matrix *m, const td_matrix_part *part,
                        const td_context *ctx)
{
    size_t first = td_grad_offset(ctx, part->slot);
    int planes_in = td_channels_planes(m->in);
    for (int o = 0, outs = 0; o < part->out_channels; o += outs)
        for (int c = 0, ins = 0; c < part->in_channels; c += ins) {
            tile t = tile_at(part, o, c);
            unpack_tile(t, first + t.weight,
                        m->slice_offset + packed_index(t.out, t.in, planes_in), ctx);
            outs = t.outs;
            ins = t.ins;
        }
}

void td_matrix_unpack(const td_matrix *m, const td_context *ctx)
{
    TD_ASSERT(m->part_count >= 1);
    for (int i = 0; i < m->part_count; i++)
        unpack_part(m, &m->parts[i], ctx);
}
