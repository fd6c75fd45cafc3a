/* 3x3 maximum and the place of the first one in row order.
 *
 * Three rows of a column give a candidate, three candidates a window: of equal ones the
 * smaller place is the first in row order, whichever way they are compared. */
#include "pool.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif
#include <string.h>

/* A candidate: its value, and its place 3·row + column in the window. */
typedef struct {
    td_vec value;
    td_lanes place;
} candidate;

TD_INLINE td_lanes all_lanes(int value)
{
    return (td_lanes){ 0 } + value;
}

TD_INLINE td_lanes pick(td_lanes mask, td_lanes yes, td_lanes no)
{
    return (yes & mask) | (no & ~mask);
}

TD_INLINE td_vec larger(td_vec a, td_vec b)
{
    return (td_vec) pick((td_lanes) (b > a), (td_lanes) b, (td_lanes) a);
}

/* ---- places as bytes: gcc's own conversion goes number by number ------------ */

#if !defined(__x86_64__)
typedef uint8_t td_bytes __attribute__((vector_size(TD_LANES)));
#endif

TD_INLINE void write_places(uint8_t *bytes, td_lanes places)
{
#if defined(__AVX512F__)
    _mm_storeu_si128((__m128i *) bytes, _mm512_cvtepi32_epi8((__m512i) places));
#elif !defined(__x86_64__)
    td_bytes narrow = __builtin_convertvector(places, td_bytes);
    memcpy(bytes, &narrow, sizeof narrow);
#else
    const __m128i first_bytes =
        _mm_set_epi8(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 12, 8, 4, 0);
    for (int half = 0; half < TD_LANES / 4; half++) {
        __m128i four = ((const __m128i *) &places)[half];
        int packed = _mm_cvtsi128_si32(_mm_shuffle_epi8(four, first_bytes));
        memcpy(bytes + 4 * half, &packed, sizeof packed);
    }
#endif
}

TD_INLINE td_lanes read_places(const uint8_t *bytes)
{
#if defined(__AVX512F__)
    return (td_lanes) _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *) bytes));
#elif defined(__AVX2__)
    return (td_lanes) _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *) bytes));
#elif !defined(__x86_64__)
    td_bytes narrow;
    memcpy(&narrow, bytes, sizeof narrow);
    return __builtin_convertvector(narrow, td_lanes);
#else
    int packed;
    memcpy(&packed, bytes, sizeof packed);
    return (td_lanes) _mm_cvtepu8_epi32(_mm_cvtsi32_si128(packed));
#endif
}

/* ---- forward --------------------------------------------------------------- */

/* The largest of a column; later rows must be larger to win. */
TD_INLINE candidate column_max(const td_vec *x, int pitch, td_neighbours rows,
                               bool with_place)
{
    candidate best = { x[rows.before ? -pitch : 0], all_lanes(rows.before ? 0 : 3) };
    for (int r = rows.before ? 1 : 2; r <= 1 + rows.behind; r++) {
        td_vec here = x[(r - 1) * pitch];
        if (with_place)
            best.place =
                pick((td_lanes) (here > best.value), all_lanes(3 * r), best.place);
        best.value = larger(best.value, here);
    }
    return best;
}

/* The better of two candidates; column numbers are in their places. */
TD_INLINE candidate better(candidate a, candidate b, bool with_place)
{
    td_lanes wins = (td_lanes) (b.value > a.value);
    if (with_place) {
        wins |= (td_lanes) (b.value == a.value) & (b.place < a.place);
        a.place = pick(wins, b.place, a.place);
    }
    a.value = (td_vec) pick(wins, (td_lanes) b.value, (td_lanes) a.value);
    return a;
}

TD_INLINE candidate in_column(candidate c, int column)
{
    c.place += column;
    return c;
}

/* One row of outputs of one slice; \a in is the middle row of its windows. */
TD_INLINE void max_row(td_vec *out, uint8_t *argmax, const td_vec *in, int width,
                       int stride, td_neighbours rows)
{
    int pitch = width * TD_SLICES;
    bool with_place = argmax != NULL;
    candidate here = column_max(in, pitch, rows, with_place), before = here, behind;
    for (int x = 0; x < width; x += stride, out += TD_SLICES) {
        candidate best = in_column(here, 1);
        behind = here;
        if (x > 0)
            best = better(in_column(before, 0), best, with_place);
        if (x + 1 < width) {
            behind = column_max(in + (x + 1) * TD_SLICES, pitch, rows, with_place);
            best = better(best, in_column(behind, 2), with_place);
        }
        *out = best.value;
        if (with_place) {
            write_places(argmax, best.place);
            argmax += TD_PLANE;
        }
        before = stride == 1 ? here : behind;
        here = behind;
        if (stride == 2 && x + 2 < width)
            here = column_max(in + (x + 2) * TD_SLICES, pitch, rows, with_place);
    }
}

/* The forms as constants: with places or without, stride 1 or 2. */
static void any_row(td_vec *out, uint8_t *argmax, const td_vec *in, int width,
                    int stride, td_neighbours rows)
{
#define ROW(n)                                                                         \
    if (argmax && stride == 1)                                                         \
        max_row(out, argmax, in, width, 1, n);                                         \
    else if (argmax)                                                                   \
        max_row(out, argmax, in, width, 2, n);                                         \
    else if (stride == 1)                                                              \
        max_row(out, NULL, in, width, 1, n);                                           \
    else                                                                               \
        max_row(out, NULL, in, width, 2, n)
    TD_WITH_NEIGHBOURS(ROW, rows);
#undef ROW
}

void TD_VARIANT(max_pool)(td_real *m, uint8_t *argmax, td_sums *sums, const td_real *x,
                          td_extent in, int stride)
{
    TD_ASSERT(stride == 1 || (stride == 2 && in.height % 2 == 0 && in.width % 2 == 0));
    int rows = in.height / stride, columns = in.width / stride;
    if (sums) {
        td_sums_clear(sums->first, in.planes);
        td_sums_clear(sums->second, in.planes);
    }
    for (int p = 0; p < in.planes; p++)
        for (int y = 0; y < rows; y++)
            for (int s = 0; s < TD_SLICES; s++) {
                int at = (p * rows + y) * columns;
                td_vec *out = (td_vec *) m + at * TD_SLICES + s;
                uint8_t *place = argmax ? argmax + at * TD_PLANE + s * TD_LANES : NULL;
                const td_vec *from =
                    (const td_vec *) x +
                    (p * in.height + y * stride) * in.width * TD_SLICES + s;
                any_row(out, place, from, in.width, stride,
                        td_neighbours_of(y * stride, in.height));
                if (sums && s == TD_SLICES - 1)
                    td_block_sums(sums, p, out - s, columns);
            }
}

/* ---- backward -------------------------------------------------------------- */

/* Gradients of a column of outputs for the pixels of one row: before the column, in it,
 * behind it. */
typedef struct {
    td_vec before, here, behind;
} column_gift;

/* Add what one output gives if its maximum lies in row \a row of its window. */
TD_INLINE void give(column_gift *gift, td_vec g, const uint8_t *argmax, int row)
{
    td_lanes place = read_places(argmax), bits = (td_lanes) g;
    gift->before += (td_vec) (bits & (place == all_lanes(3 * row)));
    gift->here += (td_vec) (bits & (place == all_lanes(3 * row + 1)));
    gift->behind += (td_vec) (bits & (place == all_lanes(3 * row + 2)));
}

/* \a g, \a argmax: the column, in the outputs' row whose middle row the pixels are. */
TD_INLINE column_gift gift_of(const td_vec *g, const uint8_t *argmax, int pitch,
                              td_neighbours rows)
{
    column_gift gift = { { 0 }, { 0 }, { 0 } };
    if (rows.before)
        give(&gift, g[-pitch], argmax - pitch * TD_LANES, 2);
    give(&gift, g[0], argmax, 1);
    if (rows.behind)
        give(&gift, g[pitch], argmax + pitch * TD_LANES, 0);
    return gift;
}

/* Stride 1: a pixel looks at the nine windows that it is in. */
TD_INLINE void gather_row(td_vec *dx, const td_vec *g, const uint8_t *argmax, int width,
                          td_neighbours rows)
{
    int pitch = width * TD_SLICES;
    td_vec from_before = { 0 };
    column_gift here = gift_of(g, argmax, pitch, rows);
    for (int x = 0; x < width; x++, dx += TD_SLICES) {
        column_gift next = { { 0 }, { 0 }, { 0 } };
        g += TD_SLICES;
        argmax += TD_PLANE;
        if (x + 1 < width)
            next = gift_of(g, argmax, pitch, rows);
        *dx += from_before + here.here + next.before;
        from_before = here.behind;
        here = next;
    }
}

static void gather_plane(td_vec *dx, const td_vec *g, const uint8_t *argmax,
                         td_extent in)
{
    for (int y = 0; y < in.height; y++)
        for (int s = 0; s < TD_SLICES; s++) {
            int at = y * in.width;
            td_vec *to = dx + at * TD_SLICES + s;
            const td_vec *from = g + at * TD_SLICES + s;
            const uint8_t *place = argmax + at * TD_PLANE + s * TD_LANES;
#define ROW(n) gather_row(to, from, place, in.width, n)
            TD_WITH_NEIGHBOURS(ROW, td_neighbours_of(y, in.height));
#undef ROW
        }
}

/* Stride 2: an output gives to each pixel of its window where that was the maximum. */
static void scatter_plane(td_vec *dx, const td_vec *g, const uint8_t *argmax,
                          td_extent in)
{
    for (int y = 0; y < in.height; y += 2)
        for (int x = 0; x < in.width; x += 2, g += TD_SLICES, argmax += TD_PLANE)
            for (int tap = 0; tap < 9; tap++) {
                int r = y - 1 + tap / 3, c = x - 1 + tap % 3;
                if (r < 0 || r >= in.height || c < 0 || c >= in.width)
                    continue;
                td_vec *to = dx + (r * in.width + c) * TD_SLICES;
                for (int s = 0; s < TD_SLICES; s++)
                    to[s] += (td_vec) ((td_lanes) g[s] &
                                       (read_places(argmax + s * TD_LANES) ==
                                        all_lanes(tap)));
            }
}

void TD_VARIANT(max_pool_data)(td_real *dx, const td_real *gm, const uint8_t *argmax,
                               td_extent in, int stride)
{
    TD_ASSERT(stride == 1 || (stride == 2 && in.height % 2 == 0 && in.width % 2 == 0));
    int plane = in.height * in.width, out_plane = plane / (stride * stride);
    for (int p = 0; p < in.planes; p++) {
        td_vec *to = (td_vec *) dx + p * plane * TD_SLICES;
        const td_vec *g = (const td_vec *) gm + p * out_plane * TD_SLICES;
        const uint8_t *places = argmax + p * out_plane * TD_PLANE;
        if (stride == 1)
            gather_plane(to, g, places, in);
        else
            scatter_plane(to, g, places, in);
    }
}
