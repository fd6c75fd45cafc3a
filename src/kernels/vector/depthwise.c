/* Depthwise convolutions.
 *
 * Forward and transposed they are the same loop: a weighted sum of shifted rows, eight
 * columns of a row together.  The taps of a row and the eight sums stay in registers
 * while the inputs go by, each loaded once for all the sums that it reaches.  Padded
 * images spare the branches at the borders.  At stride 2 the transpose falls into four
 * phases, each with some of the taps. */
#include "depthwise.h"

/* The taps that meet in an output.  In columns: */
typedef struct {
    int rows, columns;
    int dilation; /* of the input, from a tap to the next              */
    int stride;   /* of the input, from an output's taps to the next's */
    int apart;    /* of the output, from an output to the next         */
    /* In vectors: */
    int first; /* from an output's own place to tap (0,0)              */
    int down;  /* from a row of taps to the next                       */
    int weight_across, weight_down; /* from a weight to its neighbours */
} tap_grid;

/* Rows of a plane, in outputs; and in vectors: */
typedef struct {
    int width, height;
    int down;       /* from a row of outputs to the next      */
    int input_down; /* from their inputs to those of the next */
    bool add;       /* to what is there                       */
} row_form;

/* ---- the loop ------------------------------------------------------------- */

#define START(i) td_vec a##i = { 0 };
#define ADD_TO(i)                                                                      \
    if ((i) < n)                                                                       \
        a##i = out[(i) *grid.apart * TD_SLICES];
#define LOAD_TAP(k)                                                                    \
    td_vec t##k = w[((k) < grid.columns ? (k) : 0) * grid.weight_across];              \
    TD_PIN(t##k)
/* From the first tap of output i to input column j. */
#define AWAY(i) (j - (i) *grid.stride)
#define IS_TAP(i)                                                                      \
    (AWAY(i) >= 0 && AWAY(i) % grid.dilation == 0 &&                                   \
     AWAY(i) / grid.dilation < grid.columns)
#define TAP(k) ((k) == 0 ? t0 : (k) == 1 ? t1 : (k) == 2 ? t2 : (k) == 3 ? t3 : t4)
#define REACH(i)                                                                       \
    if ((i) < n && IS_TAP(i))                                                          \
        a##i += x * TAP(AWAY(i) / grid.dilation);
#define STORE(i)                                                                       \
    if ((i) < n)                                                                       \
        out[(i) *grid.apart * TD_SLICES] = a##i;

/* n columns (at most 8).  n and the grid's columns, dilation, stride and apart are
 * constants.
 *
 * The inputs come from the left half and the right half by turns: neighbours reach
 * almost the same sums, and a product has to wait for the one before it in its sum. */
TD_INLINE void columns(td_vec *out, const td_vec *in, const td_vec *w, row_form form,
                       tap_grid grid, int n)
{
    int inputs = (n - 1) * grid.stride + (grid.columns - 1) * grid.dilation + 1;
    TD_EIGHT(START)
    if (form.add) {
        TD_EIGHT(ADD_TO)
    }
    in += grid.first;
    for (int ky = 0; ky < grid.rows; ky++, in += grid.down, w += grid.weight_down) {
        LOAD_TAP(0);
        LOAD_TAP(1);
        LOAD_TAP(2);
        LOAD_TAP(3);
        LOAD_TAP(4);
#pragma GCC unroll 24
        for (int i = 0; i < inputs; i++) {
            int j = i % 2 * ((inputs + 1) / 2) + i / 2;
            td_vec x = in[j * TD_SLICES];
            TD_PIN(x);
            TD_EIGHT(REACH)
        }
    }
    TD_EIGHT(STORE)
}

/* A row of one slice. */
TD_INLINE void row_of(td_vec *out, const td_vec *in, const td_vec *w, row_form form,
                      tap_grid grid)
{
    int left = form.width;
    for (; left >= 8; left -= 8) {
        columns(out, in, w, form, grid, 8);
        out += 8 * grid.apart * TD_SLICES;
        in += 8 * grid.stride * TD_SLICES;
    }
#define REST(i)                                                                        \
    if ((i) > 0 && left == (i))                                                        \
        columns(out, in, w, form, grid, i);
    TD_EIGHT(REST)
#undef REST
}

/* Columns, dilation, stride and apart of all grids that there are: both ways at
 * stride 1, forward at stride 2, and the phases of its transpose. */
#define STRIDE_1(X) X(3, 1, 1, 1) X(5, 1, 1, 1) X(3, 2, 1, 1) X(5, 2, 1, 1)
#define STRIDE_2(X) X(3, 1, 2, 1) X(5, 1, 2, 1) X(3, 2, 2, 1) X(5, 2, 2, 1)
#define PHASES(X) X(1, 1, 1, 2) X(2, 1, 1, 2) X(3, 1, 1, 2) X(5, 1, 1, 2)
#define EVERY_GRID(X) STRIDE_1(X) STRIDE_2(X) PHASES(X)

#define ROWS_OF(c, d, s, a)                                                            \
    static void rows_##c##_##d##_##s##_##a(                                            \
        td_vec *out, const td_vec *in, const td_vec *w, row_form form, tap_grid grid)  \
    {                                                                                  \
        grid.columns = c;                                                              \
        grid.dilation = d;                                                             \
        grid.stride = s;                                                               \
        grid.apart = a;                                                                \
        for (int y = 0; y < form.height; y++, out += form.down, in += form.input_down) \
            for (int i = 0; i < TD_SLICES; i++)                                        \
                row_of(out + i, in + i, w + i, form, grid);                            \
    }
EVERY_GRID(ROWS_OF)

/* Rows of a plane. */
static void rows_of(td_vec *out, const td_vec *in, const td_vec *w, row_form form,
                    tap_grid grid)
{
#define IF_GRID(c, d, s, a)                                                            \
    if (grid.columns == (c) && grid.dilation == (d) && grid.stride == (s) &&           \
        grid.apart == (a))                                                             \
        rows_##c##_##d##_##s##_##a(out, in, w, form, grid);
    EVERY_GRID(IF_GRID)
}

/* ---- forward -------------------------------------------------------------- */

static const td_vec *plane_taps(const td_real *taps, const td_depthwise *conv,
                                int plane)
{
    return (const td_vec *) taps + plane * conv->kernel * conv->kernel * TD_SLICES;
}

void TD_VARIANT(depthwise_rows)(td_real *d, const td_real *r, const td_real *taps,
                                const td_depthwise *conv, int row, int count)
{
    int pitch = td_padded_pitch(conv->in);
    tap_grid grid = { .rows = conv->kernel,
                      .columns = conv->kernel,
                      .apart = 1,
                      .stride = conv->stride,
                      .dilation = conv->dilation,
                      .first = -td_reach(conv) * (pitch + TD_SLICES),
                      .down = conv->dilation * pitch,
                      .weight_across = TD_SLICES,
                      .weight_down = conv->kernel * TD_SLICES };
    int width = td_depthwise_out(conv).width;
    row_form form = { .width = width,
                      .height = count,
                      .down = width * TD_SLICES,
                      .input_down = conv->stride * pitch };
    td_vec *out = (td_vec *) d;
    for (int p = 0; p < conv->in.planes; p++, out += count * form.down)
        rows_of(out, td_padded_row(r, conv->in, p, row * conv->stride),
                plane_taps(taps, conv, p), form, grid);
}

/* ---- backward to the data ------------------------------------------------- */

/* The taps of an axis through which inputs of a phase were read, from the last to the
 * first: in this order their outputs ascend. */
typedef struct {
    int count, last;
    int output; /* that read through the last one, from input / stride on */
} axis_taps;

/* Output y reads input y·s + t·d − reach through tap t, so input Y depends on output
 * (Y + reach − t·d) / s, where that is whole.  All inputs of a phase, Y mod s, have the
 * same taps. */
static axis_taps taps_of_phase(const td_depthwise *conv, int phase)
{
    axis_taps taps = { 0 };
    for (int t = conv->kernel - 1; t >= 0; t--) {
        int at = phase + td_reach(conv) - t * conv->dilation;
        if (at % conv->stride != 0)
            continue;
        if (taps.count++ == 0) {
            taps.last = t;
            taps.output = at / conv->stride;
        }
    }
    return taps;
}

/* The grid of a phase.  Of the taps, each or every other one belongs to it. */
static tap_grid grid_of_phase(const td_depthwise *conv, axis_taps down,
                              axis_taps across)
{
    int pitch = td_padded_pitch(td_depthwise_out(conv));
    int every = conv->stride > conv->dilation ? 2 : 1;
    int dilation = every * conv->dilation / conv->stride;
    bool empty = down.count == 0 || across.count == 0;
    return (tap_grid){ .rows = empty ? 0 : down.count,
                       .columns = empty ? 1 : across.count,
                       .apart = conv->stride,
                       .stride = 1,
                       .dilation = dilation,
                       .first = down.output * pitch + across.output * TD_SLICES,
                       .down = dilation * pitch,
                       .weight_across = -every * TD_SLICES,
                       .weight_down = -every * conv->kernel * TD_SLICES };
}

static void data_phase(td_real *dr, bool add, const td_real *dd, const td_real *taps,
                       const td_depthwise *conv, int row, int column)
{
    td_extent in = conv->in, from = td_depthwise_out(conv);
    axis_taps down = taps_of_phase(conv, row), across = taps_of_phase(conv, column);
    tap_grid grid = grid_of_phase(conv, down, across);
    int last = (down.last * conv->kernel + across.last) * TD_SLICES;
    row_form form = { .width = from.width,
                      .height = from.height,
                      .down = conv->stride * in.width * TD_SLICES,
                      .input_down = td_padded_pitch(from),
                      .add = add };
    for (int p = 0; p < in.planes; p++) {
        int to = (p * in.height + row) * in.width + column;
        rows_of((td_vec *) dr + to * TD_SLICES, td_padded_row(dd, from, p, 0),
                plane_taps(taps, conv, p) + last, form, grid);
    }
}

void TD_VARIANT(depthwise_data)(td_real *dr, bool add, const td_real *dd,
                                const td_real *taps, const td_depthwise *conv)
{
    TD_ASSERT(td_depthwise_is_valid(conv));
    for (int row = 0; row < conv->stride; row++)
        for (int column = 0; column < conv->stride; column++)
            data_phase(dr, add, dd, taps, conv, row, column);
}
