/* A mixed edge by itself: a graph of one input and one node, made of the parts that a
 * supernet is made of. */
#include "probe.h"

#include <omp.h>
#include <string.h>

#include "../../src/cells/cells.h"

struct golden_probe {
    int channels, batch, threads;
    const td_kernels *kernels;
    td_registry registry;
    td_graph graph;
    td_needs needs;
    td_scratch *scratch;
    double *sums, *totals;
    td_real *slices, *value, *grad;
    td_arena arena;
};

static void build_probe(golden_probe *probe, td_arena *arena, td_extent in, int stride)
{
    td_builder b = { .registry = &probe->registry,
                     .threads = probe->threads,
                     .branch = -1,
                     .arena = arena,
                     .images = probe->batch,
                     .groups = 1,
                     .needs = &probe->needs };
    td_graph_spec spec = { .inputs = 1,
                           .nodes = 1,
                           .channels = probe->channels,
                           .stride = stride,
                           .input = in };
    probe->scratch = td_malloc((size_t) probe->threads * sizeof *probe->scratch);
    td_graph_build(&probe->graph, &b, spec);
    td_graph_build_work(&probe->graph, &b);
    size_t count = (size_t) probe->batch * td_extent_count(probe->graph.node_extent);
    probe->value = TD_TAKE(arena, td_real, count);
    probe->grad = TD_TAKE(arena, td_real, count);
    td_graph_set_values(&probe->graph, probe->value);
    td_graph_set_grads(&probe->graph, probe->grad);
    for (int t = 0; t < probe->threads; t++)
        td_scratch_build(&probe->scratch[t], &b);
    probe->totals = TD_TAKE(
        arena, double,
        (size_t) TD_PHASE_NORMS *TD_TOTAL_NUMBERS *(probe->needs.width / TD_PLANE));
    probe->sums = TD_TAKE(
        arena, double, (size_t) probe->batch *TD_SUMS_COUNT * 2 * probe->needs.width);
    probe->slices = TD_TAKE(arena, td_real, TD_SLICES * probe->needs.slice_length);
    td_slots_order_backward(&probe->registry.weights);
}

static void clear_layout(golden_probe *probe)
{
    td_graph_free(&probe->graph);
    td_free(probe->scratch);
    td_registry_clear(&probe->registry);
}

golden_probe *golden_probe_new(golden_probe_spec spec, const td_kernels *kernels)
{
    TD_ASSERT(spec.channels > 0 && spec.batch > 0 && spec.stride > 0);
    TD_ASSERT(spec.height % spec.stride == 0 && spec.width % spec.stride == 0);
    td_extent in = { td_planes(spec.channels), spec.height, spec.width };
    golden_probe draft = { .channels = spec.channels,
                           .batch = spec.batch,
                           .threads = omp_get_max_threads(),
                           .kernels = kernels };
    golden_probe *probe = td_malloc(sizeof *probe);
    *probe = draft;
    td_arena measure;
    td_arena_init(&measure);
    build_probe(&draft, &measure, in, spec.stride);
    clear_layout(&draft);
    probe->arena.peak = measure.peak;
    td_arena_begin(&probe->arena);
    build_probe(probe, &probe->arena, in, spec.stride);
    return probe;
}

void golden_probe_free(golden_probe *probe)
{
    clear_layout(probe);
    td_arena_clear(&probe->arena);
    td_free(probe);
}

const td_slots *golden_probe_weights(const golden_probe *probe)
{
    return &probe->registry.weights;
}

const td_slots *golden_probe_norms(const golden_probe *probe)
{
    return &probe->registry.norms;
}

/* ---- running ------------------------------------------------------------ */

/* Place of (channel, pixel) in planes. */
static size_t plane_index(td_extent e, int channel, int pixel)
{
    size_t pixels = (size_t) (e.height * e.width);
    size_t plane = (size_t) (channel / TD_PLANE);
    return (plane * pixels + (size_t) pixel) * TD_PLANE + (size_t) (channel % TD_PLANE);
}

static void planes_from_nchw(td_real *planes, const td_real *x, td_extent e, int n,
                             int channels)
{
    TD_ASSERT(n > 0 && td_planes(channels) == e.planes);
    int pixels = e.height * e.width;
    for (int i = 0; i < n; i++)
        for (int c = 0; c < channels; c++)
            for (int p = 0; p < pixels; p++)
                planes[(size_t) i * td_extent_count(e) + plane_index(e, c, p)] = *x++;
}

static void nchw_from_planes(td_real *x, const td_real *planes, td_extent e, int n,
                             int channels)
{
    TD_ASSERT(n > 0 && td_planes(channels) == e.planes);
    int pixels = e.height * e.width;
    for (int i = 0; i < n; i++)
        for (int c = 0; c < channels; c++)
            for (int p = 0; p < pixels; p++)
                *x++ = planes[(size_t) i * td_extent_count(e) + plane_index(e, c, p)];
}

static void read_statistics(const golden_probe *probe, td_real *mean, td_real *var)
{
    const td_registry *layers = &probe->registry;
    for (int i = 0; i < layers->norms.count; i++) {
        const td_slot *slot = &layers->norms.slots[i];
        size_t bytes = slot->count * sizeof(td_real);
        memcpy(mean + slot->offset, layers->norm[i]->mean, bytes);
        memcpy(var + slot->offset, layers->norm[i]->var, bytes);
    }
}

void golden_probe_run(golden_probe *probe, const golden_probe_input *in,
                      const golden_probe_output *out)
{
    TD_ASSERT(in->x && in->gy && in->p && in->weights);
    TD_ASSERT(out->y && out->gx && out->gp);
    td_graph *graph = &probe->graph;
    td_extent outer = graph->states[0].extent, inner = graph->node_extent;
    td_pass pass = { .weights = in->weights };
    const int start[2] = { 0, probe->batch };
    td_span span = { .images = probe->batch, .groups = 1, .start = start };
    double gp[TD_NUM_OPS] = { 0 };
    td_mixture mixture = { in->p, gp, { true, true } };
    int phases = 0;
    td_context ctx = { .k = probe->kernels,
                       .pass = &pass,
                       .slots = &probe->registry.weights,
                       .span = span,
                       .wants_weights = true,
                       .grads = out->grads,
                       .scratch = probe->scratch,
                       .threads = probe->threads,
                       .sums = probe->sums,
                       .totals = probe->totals,
                       .slices = probe->slices,
                       .phases = &phases,
                       .needs = probe->needs };
    planes_from_nchw(graph->states[0].value, in->x, outer, probe->batch,
                     probe->channels);
    td_graph_begin(graph, &ctx, NULL);
    graph->kind->forward(graph, &ctx, &span, in->p);
    nchw_from_planes(out->y, probe->value, inner, probe->batch, probe->channels);
    planes_from_nchw(probe->grad, in->gy, inner, probe->batch, probe->channels);
    graph->kind->backward(graph, &ctx, &span, &mixture);
    nchw_from_planes(out->gx, graph->states[0].grad, outer, probe->batch,
                     probe->channels);
    memcpy(out->gp, gp, sizeof gp);
    read_statistics(probe, out->mean, out->var);
}
