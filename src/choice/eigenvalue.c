/* The algebraically largest eigenvalue of a Hessian, by Lanczos's method: products with
 * the Hessian are central differences of gradients, so that some twenty pairs of passes
 * do what a dense one needs 2·2·edges·8 for (RobustDARTS; Zela et al. 2020, section 4).
 *
 * Plain power iteration finds the end that is larger in magnitude, which in half of all
 * searches is the other one. */
#include "taildart/choice.h"

#include <math.h>
#include <string.h>

#include "taildart/base_random.h"

enum { LEAST = 8, MOST = 40 /* products: most settle near 20 */ };

/* The vectors, orthonormal, and the tridiagonal matrix that stands for the Hessian. */
typedef struct {
    const td_curvature *of;
    double *basis; /* (MOST, n) */
    double diagonal[MOST], beside[MOST];
    int count;
    td_real *moved;        /* (n) parameters beside the point */
    double *above, *below; /* (n) gradients there */
} lanczos;

/* ---- vectors ---------------------------------------------------------------- */

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static void subtract(double *a, double factor, const double *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        a[i] -= factor * b[i];
}

/* \return the former length */
static double normalise(double *a, size_t n)
{
    double length = sqrt(dot(a, a, n));
    for (size_t i = 0; i < n && length > 0.0; i++)
        a[i] /= length;
    return length;
}

static bool is_free(const td_curvature *c, size_t i)
{
    return !c->is_free || c->is_free[i] != 0;
}

/* The same on every rank. */
static void draw_first(double *v, const td_curvature *c)
{
    td_random key = { .seed = c->seed, .stream = TD_STREAM_CURVATURE };
    for (size_t i = 0; i < c->n; i++)
        v[i] = is_free(c, i) ? td_random_normal(&key, (uint32_t) i) : 0.0;
    normalise(v, c->n);
}

/* ---- products --------------------------------------------------------------- */

static td_status gradient_beside(lanczos *l, const double *v, double step, double *to)
{
    const td_curvature *c = l->of;
    for (size_t i = 0; i < c->n; i++)
        l->moved[i] = (td_real) ((double) c->at[i] + step * v[i]);
    return c->gradient(c->context, l->moved, to);
}

/* product = (Hessian + decay)·v. */
static td_status multiply(lanczos *l, const double *v, double *product)
{
    const td_curvature *c = l->of;
    td_status status = gradient_beside(l, v, c->step, l->above);
    if (status == TD_OK)
        status = gradient_beside(l, v, -c->step, l->below);
    for (size_t i = 0; i < c->n; i++)
        product[i] = is_free(c, i) ? (l->above[i] - l->below[i]) / (2.0 * c->step) +
                                         c->decay * v[i]
                                   : 0.0;
    return status;
}

/* ---- the tridiagonal matrix --------------------------------------------------- */

/* How many of its eigenvalues are below x: signs of Sturm's sequence. */
static int count_below(const lanczos *l, double x)
{
    int below = 0;
    double pivot = 1.0;
    for (int i = 0; i < l->count; i++) {
        double beside = i ? l->beside[i - 1] : 0.0;
        pivot = l->diagonal[i] - x - beside * beside / pivot;
        if (pivot == 0.0)
            pivot = 1e-300;
        below += pivot < 0.0;
    }
    return below;
}

/* By halving an interval that holds all of them (Gershgorin). */
static double largest_of(const lanczos *l)
{
    double low = INFINITY, high = -INFINITY;
    for (int i = 0; i < l->count; i++) {
        double reach = (i ? fabs(l->beside[i - 1]) : 0.0) +
                       (i + 1 < l->count ? fabs(l->beside[i]) : 0.0);
        low = fmin(low, l->diagonal[i] - reach);
        high = fmax(high, l->diagonal[i] + reach);
    }
    for (int halvings = 0; halvings < 100; halvings++) {
        double middle = 0.5 * (low + high);
        if (count_below(l, middle) == l->count)
            high = middle;
        else
            low = middle;
    }
    return 0.5 * (low + high);
}

/* ---- the iteration ------------------------------------------------------------ */

/* The next vector, orthogonal to all before: rounding would bring found ones back.
 * \return its length before it was made 1: 0 where there is none */
static double extend(lanczos *l, double *next)
{
    size_t n = l->of->n;
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < l->count; i++) {
            const double *v = l->basis + (size_t) i * n;
            subtract(next, dot(next, v, n), v, n);
        }
    return normalise(next, n);
}

static td_status iterate(lanczos *l, double *value)
{
    const td_curvature *c = l->of;
    double before = NAN, *v = l->basis, *next = td_malloc(c->n * sizeof *next);
    td_status status = TD_OK;
    draw_first(v, c);
    while (status == TD_OK && l->count < MOST) {
        status = multiply(l, v, next);
        l->diagonal[l->count++] = dot(v, next, c->n);
        double length = extend(l, next);
        *value = largest_of(l);
        double scale = fmax(fabs(*value), length);
        bool is_settled =
            l->count >= LEAST && fabs(*value - before) <= c->tolerance * fabs(*value);
        if (is_settled || !(length > c->tolerance * scale) || l->count == MOST)
            break;
        l->beside[l->count - 1] = length;
        before = *value;
        v = l->basis + (size_t) l->count * c->n;
        memcpy(v, next, c->n * sizeof *next);
    }
    td_free(next);
    return status;
}

td_status td_dominant_eigenvalue(double *value, const td_curvature *curvature)
{
    size_t n = curvature->n;
    lanczos l = { .of = curvature };
    TD_ASSERT(n > 0 && curvature->step > 0.0);
    l.basis = td_malloc(MOST * n * sizeof *l.basis);
    l.moved = td_malloc(n * sizeof *l.moved);
    l.above = td_malloc(n * sizeof *l.above);
    l.below = td_malloc(n * sizeof *l.below);
    *value = NAN;
    td_status status = iterate(&l, value);
    td_free(l.basis);
    td_free(l.moved);
    td_free(l.above);
    td_free(l.below);
    return status;
}
