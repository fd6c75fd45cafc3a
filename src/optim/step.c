/* The loops over flat arrays of weights.  Every element is computed alone, so the bits
 * do not depend on how OpenMP divides the range; the one sum, td_l2_norm, has blocks
 * that depend on the length alone.  Denormal numbers (a momentum that decays for ever)
 * are slow but right here; a program that wants them flushed sets that for its threads
 * itself. */
#include "taildart/optim.h"

#include <math.h>

enum {
    NORM_BLOCKS = 256,     /* more than threads, few enough for the stack        */
    PARALLEL_MIN = 1 << 14 /* below, waking the threads costs more than the loop */
};

/* ---- norms --------------------------------------------------------------- */

static double block_sum_of_squares(const td_real *x, size_t n)
{
    double sum = 0.0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++)
        sum += (double) x[i] * (double) x[i];
    return sum;
}

double td_l2_norm(const td_real *x, size_t n)
{
    double block[NORM_BLOCKS], sum = 0.0;
    size_t length = (n + NORM_BLOCKS - 1) / NORM_BLOCKS;
#pragma omp parallel for schedule(static) if (n >= PARALLEL_MIN)
    for (size_t b = 0; b < NORM_BLOCKS; b++) {
        size_t first = b * length < n ? b * length : n;
        size_t count = n - first < length ? n - first : length;
        block[b] = block_sum_of_squares(x + first, count);
    }
    for (int b = 0; b < NORM_BLOCKS; b++)
        sum += block[b];
    return sqrt(sum);
}

/* A norm of NaN gives a factor of NaN, not 1. */
double td_clip_factor(double norm, double limit)
{
    TD_ASSERT(limit > 0.0);
    double factor = limit / (norm + 1e-6);
    return factor >= 1.0 ? 1.0 : factor;
}

/* ---- SGD with momentum --------------------------------------------------- */

void td_sgd_step(td_real *w, td_real *velocity, const td_real *g, size_t n,
                 double factor, double lr, double momentum, double decay)
{
    TD_ASSERT(lr >= 0.0 && decay >= 0.0 && momentum >= 0.0 && momentum < 1.0);
    const td_real f = (td_real) factor, rate = (td_real) lr;
    const td_real m = (td_real) momentum, d = (td_real) decay;
#pragma omp parallel for simd schedule(static) if (n >= PARALLEL_MIN)
    for (size_t i = 0; i < n; i++) {
        velocity[i] = m * velocity[i] + f * g[i] + d * w[i];
        w[i] -= rate * velocity[i];
    }
}

void td_sgd_unroll(td_real *out, const td_real *w, const td_real *velocity,
                   const td_real *g, size_t n, double lr, double momentum, double decay)
{
    TD_ASSERT(lr >= 0.0 && decay >= 0.0 && momentum >= 0.0 && momentum < 1.0);
    const td_real rate = (td_real) lr, m = (td_real) momentum, d = (td_real) decay;
#pragma omp parallel for simd schedule(static) if (n >= PARALLEL_MIN)
    for (size_t i = 0; i < n; i++)
        out[i] = w[i] - rate * (m * velocity[i] + g[i] + d * w[i]);
}

void td_offset(td_real *out, const td_real *w, double a, const td_real *d, size_t n)
{
    const td_real factor = (td_real) a;
#pragma omp parallel for simd schedule(static) if (n >= PARALLEL_MIN)
    for (size_t i = 0; i < n; i++)
        out[i] = w[i] + factor * d[i];
}

/* ---- Adam ---------------------------------------------------------------- */

/* Kingma & Ba 2015, algorithm 1.  In double: the tables are small, and a second moment
 * of float gradients near 1e-6 has few bits to lose. */
void td_adam_step(td_real *w, td_real *first, td_real *second, const td_real *g,
                  size_t n, int64_t count, double lr, const double betas[2],
                  double decay)
{
    const double epsilon = 1e-8, b1 = betas[0], b2 = betas[1];
    const double unbias1 = 1.0 - pow(b1, (double) count);
    const double unbias2 = 1.0 - pow(b2, (double) count);
    TD_ASSERT(count >= 1 && b1 >= 0.0 && b1 < 1.0 && b2 >= 0.0 && b2 < 1.0);
    TD_ASSERT(lr >= 0.0 && decay >= 0.0);
#pragma omp parallel for schedule(static) if (n >= PARALLEL_MIN)
    for (size_t i = 0; i < n; i++) {
        double gradient = (double) g[i] + decay * (double) w[i];
        double m = b1 * (double) first[i] + (1.0 - b1) * gradient;
        double v = b2 * (double) second[i] + (1.0 - b2) * gradient * gradient;
        double update = lr * (m / unbias1) / (sqrt(v / unbias2) + epsilon);
        first[i] = (td_real) m;
        second[i] = (td_real) v;
        w[i] = (td_real) ((double) w[i] - update);
    }
}
