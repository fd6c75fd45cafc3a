/* ops.h5 and mixed_op.h5: single primitives and whole mixed edges.
 *
 * A primitive is a mixed edge with weight one on it and zero on the others.  The bare
 * pools exist in kernels only: there the batch norm belongs to the edge. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "checker.h"
#include "probe.h"

static const double TOLERANCE = 1e-5;

/* Inputs and expected outputs of a case, NCHW. */
typedef struct {
    golden_probe_spec spec;
    td_real *x, *gy;
    double *y, *gx;
    size_t outer, inner; /* numbers of x and of y */
} edge_case;

static edge_case read_edge(golden_case *c, hid_t group)
{
    golden_shape x = { 0 }, y = { 0 }, gx = { 0 }, gy = { 0 };
    edge_case e = { .x = golden_read(c, group, "x", &x),
                    .gy = golden_read(c, group, "gy", &gy) };
    e.y = golden_read_f64(c, group, "y", &y);
    e.gx = golden_read_f64(c, group, "gx", &gx);
    e.spec.stride = golden_attribute_int(c, group, "stride");
    if (golden_has_failed(c))
        return e;
    e.spec.batch = (int) x.dims[0];
    e.spec.channels = (int) x.dims[1];
    e.spec.height = (int) x.dims[2];
    e.spec.width = (int) x.dims[3];
    e.outer = x.count;
    e.inner = y.count;
    size_t reduction = (size_t) (e.spec.stride * e.spec.stride);
    if (x.rank != 4 || (e.spec.stride != 1 && e.spec.stride != 2) ||
        e.inner * reduction != e.outer || gx.count != x.count || gy.count != y.count)
        golden_fail(c, "x, y, their gradients and the stride do not fit each other");
    return e;
}

static void compare_edge(golden_case *c, const edge_case *e, const td_real *y,
                         const td_real *gx)
{
    golden_compare_array(c, "y", y, e->y, e->inner, TOLERANCE);
    golden_compare_array(c, "gx", gx, e->gx, e->outer, TOLERANCE);
}

/* ---- edges --------------------------------------------------------------- */

/* An edge that has run. */
typedef struct {
    golden_probe *probe;
    const td_slots *weights, *norms;
    td_real *y, *gx, *grads, *mean, *var;
    double gp[TD_NUM_OPS];
} edge_run;

/* Run \a e with the weights of the file; \a names tells which are there. */
static edge_run run_edge(golden_case *c, hid_t group, const edge_case *e,
                         const double *p, const char *slot_prefix)
{
    edge_run r = { .probe = golden_probe_new(e->spec, c->run->kernels) };
    r.weights = golden_probe_weights(r.probe);
    r.norms = golden_probe_norms(r.probe);
    golden_tensors names = { r.weights, slot_prefix, "w:" };
    td_real *weights = GOLDEN_TAKE(c, td_real, r.weights->total);
    golden_read_tensors(c, group, &names, weights);
    r.y = GOLDEN_TAKE(c, td_real, e->inner);
    r.gx = GOLDEN_TAKE(c, td_real, e->outer);
    r.grads = GOLDEN_TAKE(c, td_real, r.weights->total);
    r.mean = GOLDEN_TAKE(c, td_real, r.norms->total);
    r.var = GOLDEN_TAKE(c, td_real, r.norms->total);
    golden_probe_input in = { e->x, e->gy, p, weights };
    golden_probe_output out = { r.y, r.gx, r.gp, r.grads, r.mean, r.var };
    golden_probe_run(r.probe, &in, &out);
    golden_update_statistics(r.mean, r.var, r.norms);
    return r;
}

static void compare_run(golden_case *c, hid_t group, const edge_case *e,
                        const edge_run *r, const char *slot_prefix)
{
    golden_tensors grads = { r->weights, slot_prefix, "gw:" };
    golden_tensors norms = { r->norms, slot_prefix, "buf:" };
    compare_edge(c, e, r->y, r->gx);
    golden_compare_tensors(c, group, &grads, r->grads, NULL, TOLERANCE);
    golden_compare_norms(c, group, &norms, r->mean, r->var, TOLERANCE);
}

static void check_primitive(golden_case *c, hid_t group, const edge_case *e, td_op op)
{
    double p[TD_NUM_OPS] = { 0 };
    char prefix[32];
    p[op] = 1.0;
    snprintf(prefix, sizeof prefix, "_ops.%d.", (int) op);
    edge_run r = run_edge(c, group, e, p, prefix);
    compare_run(c, group, e, &r, prefix);
    golden_probe_free(r.probe);
}

/* Compare one number a primitive. */
static void compare_row(golden_case *c, hid_t group, const char *name,
                        const double *found)
{
    golden_shape shape = { 0 };
    double *expected = golden_read_f64(c, group, name, &shape);
    if (expected && shape.count != TD_NUM_OPS)
        golden_fail(c, "%s has another shape", name);
    golden_compare_array_f64(c, name, found, expected, TD_NUM_OPS, TOLERANCE);
}

static void check_mixed_case(golden_case *c, hid_t group)
{
    edge_case e = read_edge(c, group);
    golden_shape shape = { 0 };
    td_real *alpha = golden_read(c, group, "alpha", &shape);
    double p[TD_NUM_OPS], mean = 0.0, d_alpha[TD_NUM_OPS];
    if (alpha && shape.count != TD_NUM_OPS)
        golden_fail(c, "alpha has another shape");
    if (golden_has_failed(c))
        return;
    const td_arch_edge edge = { .present = TD_ALL_PRESENT, .temperature = 1.0 };
    td_relaxation_softmax.forward(p, alpha, &edge);
    edge_run r = run_edge(c, group, &e, p, "");
    compare_run(c, group, &e, &r, "");
    for (int k = 0; k < TD_NUM_OPS; k++)
        mean += p[k] * r.gp[k];
    for (int k = 0; k < TD_NUM_OPS; k++)
        d_alpha[k] = p[k] * (r.gp[k] - mean);
    compare_row(c, group, "w", p);
    compare_row(c, group, "gw", r.gp);
    compare_row(c, group, "galpha", d_alpha);
    golden_probe_free(r.probe);
}

/* ---- bare pools ---------------------------------------------------------- */

/* Between (C,H,W) and planes [C/16][H][W][16] of one image, either way. */
static void swap_layout(td_real *nchw, td_real *planes, int channels, int pixels,
                        bool to_planes)
{
    for (int k = 0; k < channels; k++)
        for (int i = 0; i < pixels; i++) {
            td_real *a = &nchw[k * pixels + i];
            td_real *b = &planes[(k / TD_PLANE * pixels + i) * TD_PLANE + k % TD_PLANE];
            *(to_planes ? b : a) = *(to_planes ? a : b);
        }
}

/* Memory of one image in planes. */
typedef struct {
    td_real *x, *y, *gx, *gy;
    uint8_t *argmax;
} pool_image;

static pool_image take_image(golden_case *c, td_extent in, td_extent out)
{
    return (pool_image){
        .x = GOLDEN_TAKE(c, td_real, td_extent_count(in)),
        .y = GOLDEN_TAKE(c, td_real, td_extent_count(out)),
        .gx = GOLDEN_TAKE(c, td_real, td_extent_count(in)),
        .gy = GOLDEN_TAKE(c, td_real, td_extent_count(out)),
        .argmax = GOLDEN_TAKE(c, uint8_t, td_extent_count(out)),
    };
}

static void run_pool(const td_kernels *k, td_op op, pool_image *m, td_extent in,
                     int stride)
{
    memset(m->gx, 0, td_extent_count(in) * sizeof *m->gx);
    if (op == TD_OP_MAX_POOL_3X3) {
        k->max_pool(m->y, m->argmax, NULL, m->x, in, stride);
        k->max_pool_data(m->gx, m->gy, m->argmax, in, stride);
    } else {
        k->avg_pool(m->y, NULL, m->x, in, stride);
        k->avg_pool_data(m->gx, m->gy, in, stride);
    }
}

static void check_bare_pool(golden_case *c, const edge_case *e, td_op op)
{
    golden_probe_spec s = e->spec;
    td_extent in = { td_planes(s.channels), s.height, s.width };
    td_extent out = { in.planes, s.height / s.stride, s.width / s.stride };
    int in_pixels = in.height * in.width, out_pixels = out.height * out.width;
    size_t outer = e->outer / (size_t) s.batch, inner = e->inner / (size_t) s.batch;
    pool_image m = take_image(c, in, out);
    td_real *y = GOLDEN_TAKE(c, td_real, e->inner);
    td_real *gx = GOLDEN_TAKE(c, td_real, e->outer);
    for (size_t i = 0; i < (size_t) s.batch; i++) {
        swap_layout(e->x + i * outer, m.x, s.channels, in_pixels, true);
        swap_layout(e->gy + i * inner, m.gy, s.channels, out_pixels, true);
        run_pool(c->run->kernels, op, &m, in, s.stride);
        swap_layout(y + i * inner, m.y, s.channels, out_pixels, false);
        swap_layout(gx + i * outer, m.gx, s.channels, in_pixels, false);
    }
    compare_edge(c, e, y, gx);
}

/* ---- files --------------------------------------------------------------- */

/* The primitive of a name, and whether a pool comes with its batch norm; TD_NUM_OPS for
 * an unknown one. */
static td_op op_of(const char *name, bool *has_norm)
{
    for (int k = 0; k < TD_NUM_OPS; k++) {
        const char *op = td_op_name((td_op) k);
        size_t length = strlen(op);
        bool is_pool = k == TD_OP_MAX_POOL_3X3 || k == TD_OP_AVG_POOL_3X3;
        *has_norm = is_pool && strcmp(name + strnlen(name, length), "_bn") == 0;
        if (strcmp(name, op) == 0 || (*has_norm && strncmp(name, op, length) == 0))
            return (td_op) k;
    }
    return TD_NUM_OPS;
}

static void check_op_case(golden_case *c, hid_t group)
{
    bool has_norm;
    edge_case e = read_edge(c, group);
    const char *name = golden_attribute_text(c, group, "primitive");
    td_op op = op_of(name, &has_norm);
    if (op == TD_NUM_OPS)
        golden_fail(c, "no primitive is called \"%s\"", name);
    if (golden_has_failed(c))
        return;
    bool is_pool = op == TD_OP_MAX_POOL_3X3 || op == TD_OP_AVG_POOL_3X3;
    if (is_pool && !has_norm)
        check_bare_pool(c, &e, op);
    else
        check_primitive(c, group, &e, op);
}

void golden_check_ops(golden_run *run, const char *path, const char *file)
{
    golden_visit(run, path, file, check_op_case);
}

void golden_check_mixed_op(golden_run *run, const char *path, const char *file)
{
    golden_visit(run, path, file, check_mixed_case);
}
