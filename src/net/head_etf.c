/* A fixed head: logits scale·x·mᵀ, the rows m a simplex equiangular tight frame, where
 * neural collapse would end (Papyan, Han, Donoho 2020); it is drawn once and no step
 * changes it, so the features do not have to follow a classifier that the head classes
 * have biased (Hasegawa, Sato 2024; for searches: LT-DARTS).
 *
 * Rows of norm 1, no bias, features as they are.  A frame of K rows lies in K−1
 * dimensions: no more are asked for. */
#include "head.h"

#include <math.h>

#include "taildart/base_random.h"

static void build(td_head *head, td_builder *b, int rows)
{
    (void) rows;
    TD_ASSERT(head->in >= head->out - 1);
    head->linear.matrix_slot =
        td_add_frame(b, "classifier.weight", head->out, head->in);
}

static void forward(td_head *head, const td_context *ctx, td_real *logits,
                    const td_real *x, int rows)
{
    td_gemm_size size = { rows, head->out, head->in, false, true };
    td_rows_product(ctx, logits, x, td_weight_at(ctx, head->linear.matrix_slot), size,
                    1, false);
    for (int i = 0; i < rows * head->out; i++)
        logits[i] = (td_real) (head->scale * (double) logits[i]);
}

static void backward(td_head *head, const td_context *ctx, td_real *d_x,
                     const td_real *d_logits, const td_real *x, int rows)
{
    (void) x;
    td_gemm_size size = { rows, head->in, head->out, false, false };
    td_rows_product(ctx, d_x, d_logits, td_weight_at(ctx, head->linear.matrix_slot),
                    size, 1, false);
    for (int i = 0; i < rows * head->in; i++)
        d_x[i] = (td_real) (head->scale * (double) d_x[i]);
}

const td_head_form td_head_etf = { build, forward, backward };

/* ---- the frame ------------------------------------------------------------------- */

/* Take the part along the \a done unit vectors before it out of \a v, twice, since the
 * first time leaves what was rounded; then make it one of them. */
static void orthonormalise(double *v, const double *before, int done, int dims)
{
    for (int again = 0; again < 2; again++)
        for (int j = 0; j < done; j++) {
            const double *unit = before + (size_t) j * (size_t) dims;
            double along = 0.0;
            for (int i = 0; i < dims; i++)
                along += unit[i] * v[i];
            for (int i = 0; i < dims; i++)
                v[i] -= along * unit[i];
        }
    double square = 0.0;
    for (int i = 0; i < dims; i++)
        square += v[i] * v[i];
    for (int i = 0; i < dims; i++)
        v[i] /= sqrt(square);
}

/* (count, dims) orthonormal vectors in a direction drawn uniformly. */
static double *draw_basis(uint64_t seed, int count, int dims)
{
    td_random key = { .seed = seed, .stream = TD_STREAM_INIT_WEIGHTS, .pass = 1 };
    double *basis = td_malloc((size_t) count * (size_t) dims * sizeof *basis);
    for (int j = 0; j < count; j++) {
        double *v = basis + (size_t) j * (size_t) dims;
        for (int i = 0; i < dims; i++)
            v[i] = td_random_normal(&key, (uint32_t) (j * dims + i));
        orthonormalise(v, basis, j, dims);
    }
    return basis;
}

/* Coordinates of row \a c in the basis, by the columns of Helmert's matrix: column j
 * (from 1) has 1/√(j(j+1)) in the j rows above row j, −j/√(j(j+1)) in it, 0 below. */
static double helmert(int c, int j)
{
    double length = sqrt((double) j * (j + 1));
    return c < j ? 1.0 / length : c == j ? -j / length : 0.0;
}

void td_head_frame(uint64_t seed, int classes, int dims, td_real *matrix)
{
    TD_ASSERT(classes >= 2 && dims >= classes - 1);
    double *basis = draw_basis(seed, classes - 1, dims);
    double *row = td_malloc((size_t) dims * sizeof *row);
    double size = sqrt((double) classes / (classes - 1));
    for (int c = 0; c < classes; c++) {
        for (int i = 0; i < dims; i++)
            row[i] = 0.0;
        for (int j = c > 0 ? c : 1; j < classes; j++)
            for (int i = 0; i < dims; i++)
                row[i] += size * helmert(c, j) *
                          basis[(size_t) (j - 1) * (size_t) dims + (size_t) i];
        for (int i = 0; i < dims; i++)
            matrix[(size_t) c * (size_t) dims + (size_t) i] = (td_real) row[i];
    }
    td_free(row);
    td_free(basis);
}
