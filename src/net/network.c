/* Networks of every kind: memory, passes, and what callers ask.
 *
 * Building runs twice, first over a measuring arena: what it takes is the plan. */
#include "network.h"

#include "taildart/genotype.h"

#include <omp.h>
#include <string.h>

/* ---- building ----------------------------------------------------------- */

/* Where weight gradients are added before they are everybody's. */
static void build_slices(td_network *net, td_builder *b)
{
    td_needs *needs = b->needs;
    needs->slice_length = (needs->slice_length + TD_PLANE - 1) / TD_PLANE * TD_PLANE;
    if (!net->spec.exact) {
        net->slices = TD_TAKE(b->arena, td_real, TD_SLICES * needs->slice_length);
        return;
    }
    net->exact_slice = TD_TAKE(b->arena, double, needs->slice_length);
    net->product = TD_TAKE(b->arena, td_real, needs->product_length);
    for (int t = 0; t < net->threads; t++) {
        net->scratch[t].share = TD_TAKE(b->arena, td_real, needs->slice_length);
        net->scratch[t].totals = TD_TAKE(b->arena, double, needs->slice_length);
    }
}

static void build_scratch(td_network *net, td_builder *b)
{
    size_t images = (size_t) td_network_images(&net->spec);
    size_t groups = (size_t) td_network_groups(&net->spec), width = b->needs->width;
    for (int t = 0; t < net->threads; t++)
        td_scratch_build(&net->scratch[t], b);
    net->totals =
        TD_TAKE(b->arena, double,
                (size_t) TD_PHASE_NORMS *groups *TD_TOTAL_NUMBERS *(width / TD_PLANE));
    net->sums = TD_TAKE(b->arena, double, images *TD_SUMS_COUNT * 2 * width);
    net->starts = TD_TAKE(b->arena, int, groups + 1);
    net->cuts = TD_TAKE(b->arena, int, images + 1);
    net->present =
        TD_TAKE(b->arena, uint8_t, 2 * (size_t) td_network_edges(&net->spec));
    build_slices(net, b);
}

/* The head is registered last, so it lies first. */
static size_t head_numbers(const td_slots *weights)
{
    size_t numbers = 0;
    for (int i = 0; i < weights->count; i++)
        if (strncmp(weights->slots[i].name, "classifier.", strlen("classifier.")) == 0)
            numbers += weights->slots[i].count;
    TD_ASSERT(numbers > 0 && numbers <= weights->learned);
    return numbers;
}

static void build_network(td_network *net, td_arena *arena)
{
    if (net->spec.genotype) {
        net->genotype = *net->spec.genotype;
        net->spec.genotype = &net->genotype;
        net->spec.nodes = net->genotype.nodes;
    }
    net->kind = td_network_kind_of(&net->spec);
    td_builder b = { .registry = &net->registry,
                     .arena = arena,
                     .groups = td_network_groups(&net->spec),
                     .images = td_network_images(&net->spec),
                     .threads = net->threads,
                     .branch = -1,
                     .is_affine = net->kind->is_affine,
                     .drops_skips = net->spec.drops_skips,
                     .needs = &net->needs };
    net->scratch = td_malloc((size_t) net->threads * sizeof *net->scratch);
    net->body = net->kind->build(net, &b);
    build_scratch(net, &b);
    td_slots_order_backward(&net->registry.weights);
    if (net->spec.head_only)
        net->registry.weights.learned = head_numbers(&net->registry.weights);
}

static void clear_network(td_network *net)
{
    net->kind->clear(net->body);
    td_free(net->scratch);
    td_registry_clear(&net->registry);
    td_arena_clear(&net->arena);
}

static void measure_network(td_net_plan *plan, const td_net_spec *spec, int threads,
                            int recomputing)
{
    td_network draft = { .spec = *spec,
                         .threads = threads,
                         .recomputing = recomputing };
    const td_registry *layers = &draft.registry;
    td_arena measure;
    td_arena_init(&measure);
    build_network(&draft, &measure);
    *plan =
        (td_net_plan){ .bytes = measure.peak,
                       .parameters = layers->weights.learned - layers->training_only,
                       .weights = layers->weights.total,
                       .learned = layers->weights.learned,
                       .statistics = layers->norms.total,
                       .recomputing = recomputing };
    clear_network(&draft);
}

static td_status check_spec(const td_net_spec *spec)
{
    if (spec->channels < 1 || spec->cells < 1 || spec->classes < 2 || spec->batch < 1)
        return td_error(TD_USAGE, "net.channels, net.cells and search.batch must be at "
                                  "least 1, and the data have two classes or more");
    return td_network_kind_of(spec)->check(spec);
}

/* To recompute takes the same time in every cell, but the first ones have the largest
 * images: they save most. */
td_status td_network_plan(td_net_plan *plan, const td_net_spec *spec, int threads)
{
    TD_ASSERT(threads > 0);
    int most = spec->recompute == TD_RECOMPUTE_AUTO ? spec->cells : 0, cells = 0;
    td_status status = check_spec(spec);
    if (status != TD_OK)
        return status;
    do
        measure_network(plan, spec, threads, cells);
    while (plan->bytes > TD_AUTO_BYTES && cells++ < most);
    return TD_OK;
}

td_status td_network_new(td_network **out, const td_net_spec *spec,
                         const td_kernels *kernels)
{
    TD_ASSERT(spec && kernels);
    td_net_plan plan;
    int threads = omp_get_max_threads();
    td_status status = td_network_plan(&plan, spec, threads);
    if (status != TD_OK)
        return status;
    td_network *net = td_malloc(sizeof *net);
    net->spec = *spec;
    net->recomputing = plan.recomputing;
    net->kernels = kernels;
    net->threads = threads;
    td_arena_init(&net->arena);
    net->arena.peak = plan.bytes;
    td_arena_begin(&net->arena);
    build_network(net, &net->arena);
    TD_ASSERT(net->arena.peak == plan.bytes);
    *out = net;
    return TD_OK;
}

void td_network_free(td_network *net)
{
    if (!net)
        return;
    clear_network(net);
    td_free(net);
}

/* ---- passes ------------------------------------------------------------- */

static td_span span_of(td_network *net, const td_pass *pass)
{
    td_span span = { .groups = pass->group_count, .start = net->starts };
    TD_ASSERT(span.groups >= 1 && span.groups <= td_network_groups(&net->spec));
    net->starts[0] = 0;
    for (int g = 0; g < pass->group_count; g++) {
        TD_ASSERT(pass->groups[g] >= 0);
        span.images += pass->groups[g];
        net->starts[g + 1] = span.images;
    }
    TD_ASSERT(span.images <= td_network_images(&net->spec));
    return span;
}

/* Cut \a images that begin at \a first as slices would be. */
static int cut_shard(int *cuts, int first, int images)
{
    int count = images < TD_SLICES ? images : TD_SLICES;
    for (int i = 0; i < count; i++)
        cuts[i] = first + (int) ((int64_t) images * i / count);
    return count;
}

/* Shares lie within a shard: what they sum does not depend on who has it. */
static void cut_shards(td_network *net, const td_pass *pass, td_span *span)
{
    const td_exact_sums *exact = pass->exact;
    int first = 0;
    TD_ASSERT(net->spec.exact && exact->shard_count > 0);
    while (first < span->images)
        for (int s = 0; s < exact->shard_count; s++) {
            span->cuts += cut_shard(net->cuts + span->cuts, first, exact->shards[s]);
            first += exact->shards[s];
        }
    TD_ASSERT(first == span->images);
    net->cuts[span->cuts] = first;
    span->cut = net->cuts;
}

static td_context context_of(td_network *net, const td_pass *pass)
{
    net->phases = 0;
    return (td_context){ .k = net->kernels,
                         .pass = pass,
                         .slots = &net->registry.weights,
                         .span = span_of(net, pass),
                         .scratch = net->scratch,
                         .threads = net->threads,
                         .totals = net->totals,
                         .sums = net->sums,
                         .phases = &net->phases,
                         .slices = net->slices,
                         .exact_slice = net->exact_slice,
                         .product = net->product,
                         .needs = net->needs };
}

static void remember_present(td_network *net, const td_pass *pass)
{
    net->is_partial = pass->present != NULL;
    if (net->is_partial)
        memcpy(net->present, pass->present, 2 * (size_t) td_network_edges(&net->spec));
}

void td_network_forward(td_network *net, const td_pass *pass, td_real *logits)
{
    td_context ctx = context_of(net, pass);
    TD_ASSERT(!pass->running_mean == !pass->running_var);
    TD_ASSERT(pass->weights && pass->images && logits);
    TD_ASSERT(!net->spec.head_only || td_pass_is_evaluation(pass));
    /* a backward pass needs what every image has left behind, or features alone */
    ctx.is_inference = td_pass_is_evaluation(pass) &&
                       (pass->request == TD_GRAD_NONE || net->spec.head_only);
    remember_present(net, pass);
    net->groups_of_branch = pass->group_count / td_network_branches(&net->spec);
    if (ctx.is_inference)
        net->kind->evaluate(net, &ctx, logits);
    else
        net->kind->forward(net, &ctx, logits);
}

void td_network_backward(td_network *net, const td_pass *pass, const td_real *d_logits,
                         td_real *grads, double *d_mixture)
{
    td_context ctx = context_of(net, pass);
    bool is_exact = pass->exact != NULL;
    ctx.wants_weights = pass->request & TD_GRAD_WEIGHTS;
    ctx.grads = grads;
    TD_ASSERT(d_logits && !(is_exact && grads));
    TD_ASSERT(!ctx.wants_weights || is_exact == net->spec.exact);
    TD_ASSERT(ctx.wants_weights == (grads || (is_exact && pass->exact->grads)));
    TD_ASSERT(!(pass->request & TD_GRAD_ALPHAS) == !d_mixture);
    if (is_exact)
        cut_shards(net, pass, &ctx.span);
    net->kind->backward(net, &ctx, d_logits, d_mixture);
}

/* ---- what callers ask --------------------------------------------------- */

void td_net_spec_take(td_net_spec *spec, const td_space *space)
{
    spec->has_noise = space->has_noise;
    spec->adds_skips = space->adds_skips;
    for (int kind = 0; kind < 2; kind++)
        for (int e = 0; e < TD_MAX_EDGES; e++)
            spec->without[kind][e] = (uint8_t) ~space->present[kind][e];
}

void td_net_spec_keep(td_net_spec *spec, const uint8_t *present)
{
    int edges = td_network_edges(spec);
    for (int row = 0; row < 2 * edges; row++)
        spec->without[row / edges][row % edges] |= (uint8_t) ~present[row];
}

const td_net_spec *td_network_spec(const td_network *net)
{
    return &net->spec;
}

const td_slots *td_network_weights(const td_network *net)
{
    return &net->registry.weights;
}

const td_slots *td_network_norms(const td_network *net)
{
    return &net->registry.norms;
}

int td_network_edges(const td_net_spec *spec)
{
    const td_network_kind *kind = td_network_kind_of(spec);
    return kind->edges ? kind->edges(spec) : 0;
}

int td_network_path_rows(const td_net_spec *spec)
{
    const td_network_kind *kind = td_network_kind_of(spec);
    return kind->path_rows ? kind->path_rows(spec) : 0;
}

double td_network_flops(const td_network *net)
{
    return net->registry.flops;
}

void td_network_costs(const td_network *net, double *costs)
{
    int edges = td_network_edges(&net->spec);
    for (int table = 0; table < 2; table++)
        for (int e = 0; e < edges; e++)
            for (int k = 0; k < TD_NUM_OPS; k++)
                *costs++ = net->registry.mixed_flops[table][e][k] / net->registry.flops;
}

bool td_network_norm_in_branch(const td_network *net, int slot, int branch)
{
    TD_ASSERT(slot >= 0 && slot < net->registry.norms.count);
    int only = net->registry.norm_branch[slot];
    return only < 0 || only == branch;
}

bool td_network_norm_is_present(const td_network *net, int slot, const uint8_t *present)
{
    TD_ASSERT(slot >= 0 && slot < net->registry.norms.count);
    const td_norm_place *place = &net->registry.place[slot];
    int edges = td_network_edges(&net->spec);
    if (!present || !place->is_mixed)
        return true;
    for (int e = 0; e < edges; e++)
        if (place->edges >> e & 1 && present[place->table * edges + e] >> place->op & 1)
            return true;
    return false;
}

void td_network_statistics(const td_network *net, int branch, int group, td_real *mean,
                           td_real *var)
{
    const td_registry *layers = &net->registry;
    TD_ASSERT(branch >= 0 && branch < td_network_branches(&net->spec));
    TD_ASSERT(group >= 0 && group < net->groups_of_branch);
    for (int i = 0; i < layers->norms.count; i++) {
        const td_norm *norm = layers->norm[i];
        const td_slot *slot = &layers->norms.slots[i];
        if (!td_network_norm_in_branch(net, i, branch) ||
            !td_network_norm_is_present(net, i, net->is_partial ? net->present : NULL))
            continue;
        bool is_shared = layers->norm_branch[i] < 0;
        size_t from =
            td_norm_at(norm, group + (is_shared ? branch * net->groups_of_branch : 0));
        memcpy(mean + slot->offset, norm->mean + from, slot->count * sizeof(td_real));
        memcpy(var + slot->offset, norm->var + from, slot->count * sizeof(td_real));
    }
}
