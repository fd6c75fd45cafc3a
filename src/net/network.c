/* Laying out a network: names, shapes, memory.
 *
 * Building runs twice, first over a measuring arena: what it takes is the plan. */
#include "network.h"

#include "taildart/net_genotype.h"

#include <omp.h>
#include <stdio.h>
#include <string.h>

enum { GRADIENTS_ALIVE = 3 };

int td_cell_branch(const td_network *net, int cell)
{
    TD_ASSERT(cell < net->cell_count);
    if (!net->spec.two_branch || cell < net->spec.cells - 1)
        return -1;
    return cell - (net->spec.cells - 1);
}

size_t td_network_table(const td_network *net)
{
    return net->spec.genotype ? 0
                              : (size_t) td_edge_count(net->spec.nodes) * TD_NUM_OPS;
}

/* ---- layout ------------------------------------------------------------- */

/* The outputs that cell \a cell reads; cell_rb reads what the last cell does. */
static const td_output *source_of(const td_network *net, int cell, int back)
{
    TD_ASSERT(back == 1 || back == 2);
    int number = cell < net->spec.cells ? cell : net->spec.cells - 1;
    int from = number - back;
    return from < 0 ? &net->stem.output : &net->cells[from].output;
}

/* Cells a third and two thirds of the way reduce: size halved, channels doubled. */
static td_cell_plan plan_of(const td_net_spec *spec, int cell)
{
    int number = cell < spec->cells ? cell : spec->cells - 1;
    int thirds[2] = { spec->cells / 3, 2 * spec->cells / 3 };
    td_cell_plan plan = { .number = cell,
                          .channels = spec->channels,
                          .nodes = spec->nodes };
    for (int i = 0; i < 2; i++) {
        if (i == 1 && thirds[1] == thirds[0])
            break;
        plan.channels *= number >= thirds[i] ? 2 : 1;
        plan.reduction |= number == thirds[i];
        plan.after_reduction |= number == thirds[i] + 1;
    }
    if (spec->genotype)
        plan.genes = plan.reduction ? spec->genotype->reduce : spec->genotype->normal;
    return plan;
}

/* Most images of a pass, and of a cell: the two last cells see one branch each. */
static int pass_images(const td_net_spec *spec)
{
    return spec->batch * (spec->two_branch ? 2 : 1);
}

static int cell_images(const td_network *net, int cell)
{
    return td_cell_branch(net, cell) < 0 ? pass_images(&net->spec) : net->spec.batch;
}

static td_recompute recompute_of(const td_network *net, int cell)
{
    if (net->spec.recompute != TD_RECOMPUTE_AUTO)
        return net->spec.recompute;
    /* the rebalancing branch's cell goes with the last one */
    int place = cell < net->spec.cells ? cell : net->spec.cells - 1;
    return place < net->recomputing ? TD_RECOMPUTE_ALL : TD_RECOMPUTE_NONE;
}

static void build_cells(td_network *net, td_builder *b)
{
    for (int i = 0; i < net->cell_count; i++) {
        bool is_rebalancing = i == net->spec.cells;
        b->images = cell_images(net, i);
        b->recompute = recompute_of(net, i);
        if (is_rebalancing)
            snprintf(b->prefix, sizeof b->prefix, "cell_rb.");
        else
            snprintf(b->prefix, sizeof b->prefix, "cells.%d.", i);
        td_cell_build(&net->cells[i], b, plan_of(&net->spec, i), source_of(net, i, 2),
                      source_of(net, i, 1));
    }
    b->prefix[0] = '\0';
}

static void build_head(td_network *net, td_builder *b)
{
    int branches = net->spec.two_branch ? 2 : 1;
    net->features = net->cells[net->spec.cells - 1].output.channels;
    int in = branches * net->features, classes = net->spec.classes;
    net->classifier_slot =
        td_add_weight(b, "classifier.weight", (int[4]){ classes, in }, in);
    net->bias_slot = td_add_weight(b, "classifier.bias", (int[4]){ classes }, in);
    size_t rows = (size_t) net->spec.batch * (size_t) in;
    net->x = TD_TAKE(b->arena, td_real, rows);
    net->d_x = TD_TAKE(b->arena, td_real, rows);
}

/* Memory that one part at a time uses: what a cell does not keep, input gradients. */
static void build_work(td_network *net, td_builder *b)
{
    td_arena *arena = b->arena;
    size_t mark = arena->used, end = mark;
    for (int i = 0; i < net->cell_count; i++) {
        b->images = cell_images(net, i);
        td_cell_build_work(&net->cells[i], b);
        end = arena->used > end ? arena->used : end;
        td_arena_release(arena, mark);
    }
    td_arena_take(arena, end - mark, 1);
}

/* A cell reads the two outputs before it, so three gradients are alive at a time: those
 * of outputs three cells apart share memory.  The stem's output counts as number −1. */
static void build_gradients(td_network *net, td_builder *b)
{
    td_real *grad[GRADIENTS_ALIVE];
    size_t needs[GRADIENTS_ALIVE] = { 0 };
    int cells = net->spec.cells;
    for (int i = -1; i < cells; i++) {
        const td_output *output = i < 0 ? &net->stem.output : &net->cells[i].output;
        td_needs_max(&needs[(i + 1) % GRADIENTS_ALIVE],
                     td_output_count(output, cell_images(net, i)));
    }
    for (int i = 0; i < GRADIENTS_ALIVE; i++)
        grad[i] = TD_TAKE(b->arena, td_real, needs[i]);
    net->stem.output.grad = grad[0];
    for (int i = 0; i < cells; i++)
        td_cell_place_grads(&net->cells[i], grad[(i + 1) % GRADIENTS_ALIVE]);
    for (int i = cells; i < net->cell_count; i++)
        td_cell_place_grads(
            &net->cells[i],
            TD_TAKE(b->arena, td_real,
                    td_output_count(&net->cells[i].output, cell_images(net, i))));
}

static void build_scratch(td_network *net, td_builder *b)
{
    td_needs *needs = b->needs;
    size_t images = (size_t) pass_images(&net->spec);
    for (int t = 0; t < net->threads; t++)
        td_scratch_build(&net->scratch[t], b);
    net->sums = TD_TAKE(b->arena, double, images *TD_PLACE_COUNT * 2 * needs->width);
    needs->lot = (needs->lot + TD_PLANE - 1) / TD_PLANE * TD_PLANE;
    net->lots = TD_TAKE(b->arena, td_real, TD_LOTS * needs->lot);
}

/* Stride 2 at cells/3 and 2·cells/3, which may be the same cell. */
bool td_network_takes_auxiliary(const td_net_spec *spec)
{
    enum { LEAST = TD_AUXILIARY_LEAST, MOST = TD_AUXILIARY_MOST };
    /* a branch's last cell does not see all images */
    if (spec->two_branch && 2 * spec->cells / 3 == spec->cells - 1)
        return false;
    int halvings = 2 * spec->cells / 3 > spec->cells / 3 ? 2 : 1;
    int height = spec->height >> halvings, width = spec->width >> halvings;
    return height >= LEAST && height <= MOST && width >= LEAST && width <= MOST;
}

/* ---- building ----------------------------------------------------------- */

/* Behind cell 2·cells/3. */
static void build_auxiliary(td_network *net, td_builder *b)
{
    const td_output *source = &net->cells[2 * net->spec.cells / 3].output;
    b->images = pass_images(&net->spec);
    if (net->spec.auxiliary)
        td_auxiliary_build(&net->auxiliary, b, source, net->spec.classes);
}

static void build_network(td_network *net, td_arena *arena)
{
    if (net->spec.genotype) {
        net->genotype = *net->spec.genotype;
        net->spec.genotype = &net->genotype;
        net->spec.nodes = net->genotype.nodes;
    }
    const td_net_spec *spec = &net->spec;
    td_builder b = { .weights = &net->weights,
                     .norms = &net->norms,
                     .arena = arena,
                     .groups = TD_MAX_GROUPS,
                     .images = pass_images(spec),
                     .is_affine = spec->genotype != NULL,
                     .needs = &net->needs };
    size_t table = td_network_table(net);
    net->cell_count = spec->cells + (spec->two_branch ? 1 : 0);
    net->cells = td_malloc((size_t) net->cell_count * sizeof *net->cells);
    net->scratch = td_malloc((size_t) net->threads * sizeof *net->scratch);
    net->p = TD_TAKE(arena, double, 2 * table);
    net->dp = TD_TAKE(arena, double, 2 * table);
    td_stem_build(&net->stem, &b, spec);
    build_cells(net, &b);
    build_auxiliary(net, &b);
    build_head(net, &b);
    build_work(net, &b);
    build_gradients(net, &b);
    build_scratch(net, &b);
    td_slots_place_backward(&net->weights);
}

static void note_norm(td_network *net, const td_norm *norm, int slot, int group)
{
    TD_ASSERT(slot >= 0 && slot < net->norms.count);
    net->norm_source[slot] = norm;
    net->norm_group[slot] = group;
}

static void note_edge(td_network *net, const td_edge *edge, int group)
{
    for (int u = 0; u < TD_UNITS; u++)
        note_norm(net, &edge->first[u].norm, edge->first[u].norm.slot, group);
    for (int u = 0; u < TD_SEPARABLE; u++)
        note_norm(net, &edge->second[u].norm, edge->second[u].norm.slot, group);
    if (edge->has_skip)
        note_norm(net, &edge->skip.norm, edge->skip.norm.slot, group);
    note_norm(net, &edge->from->max_norm, edge->max_slot, group);
    note_norm(net, &edge->from->avg_norm, edge->avg_slot, group);
}

static void note_choice(td_network *net, td_choice *choice, int group)
{
    const td_norm *last = td_choice_norm(choice);
    if (!last)
        return;
    note_norm(net, last, last->slot, group);
    if (last == &choice->second.norm)
        note_norm(net, &choice->first.norm, choice->first.norm.slot, group);
}

static void note_cell(td_network *net, const td_cell *cell, int group)
{
    const td_graph *graph = &cell->graph;
    for (int s = 0; s < TD_INPUTS; s++)
        note_norm(net, &cell->pre[s].norm, cell->pre[s].norm.slot, group);
    for (int e = 0; graph->edges && e < graph->edge_count; e++)
        note_edge(net, &graph->edges[e], group);
    for (int i = 0; graph->choices && i < TD_GENES * graph->nodes; i++)
        note_choice(net, &graph->choices[i], group);
}

/* Which batch norm each name of a running statistic belongs to. */
static void note_norms(td_network *net)
{
    size_t count = (size_t) net->norms.count;
    net->norm_source = td_malloc(count * sizeof *net->norm_source);
    net->norm_group = td_malloc(count * sizeof *net->norm_group);
    note_norm(net, &net->stem.norm, net->stem.norm.slot, -1);
    for (int i = 0; i < net->cell_count; i++)
        note_cell(net, &net->cells[i], td_cell_branch(net, i));
    for (int i = 0; net->spec.auxiliary && i < TD_AUXILIARY_NORMS; i++) {
        const td_norm *norm = &net->auxiliary.layer[i].norm;
        note_norm(net, norm, norm->slot, -1);
    }
}

static void clear_network(td_network *net)
{
    for (int i = 0; i < net->cell_count; i++)
        td_cell_free(&net->cells[i]);
    td_free(net->cells);
    td_free(net->scratch);
    td_free(net->norm_source);
    td_free(net->norm_group);
    td_free(net->weights.slots);
    td_free(net->norms.slots);
    td_arena_clear(&net->arena);
}

static td_status check_spec(const td_net_spec *spec)
{
    TD_ASSERT(!spec->genotype || td_genotype_is_valid(spec->genotype));
    TD_ASSERT(!spec->auxiliary || (spec->genotype && td_network_takes_auxiliary(spec)));
    if (spec->height % 4 || spec->width % 4 || spec->height < 4 || spec->width < 4)
        return td_error(
            TD_DATA,
            "images of %dx%d pixels do not fit the search: both sides must be "
            "multiples of 4; pad or crop them when importing",
            spec->height, spec->width);
    if (spec->nodes < 1 || spec->nodes > TD_MAX_NODES)
        return td_error(TD_USAGE, "net.nodes is %d; it must be 1 to %d", spec->nodes,
                        TD_MAX_NODES);
    if (spec->channels < 1 || spec->cells < 1 || spec->classes < 2 || spec->batch < 1)
        return td_error(TD_USAGE, "net.channels, net.cells and search.batch must be at "
                                  "least 1, and the data have two classes or more");
    return TD_OK;
}

static void measure_network(td_net_plan *plan, const td_net_spec *spec, int threads,
                            int recomputing)
{
    td_network draft = { .spec = *spec,
                         .threads = threads,
                         .recomputing = recomputing };
    td_arena measure;
    td_arena_init(&measure);
    build_network(&draft, &measure);
    *plan =
        (td_net_plan){ .bytes = measure.peak,
                       .parameters = draft.weights.total - draft.auxiliary.parameters,
                       .weights = draft.weights.total,
                       .statistics = draft.norms.total,
                       .recomputing = recomputing };
    clear_network(&draft);
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
    note_norms(net);
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

/* ---- what callers ask --------------------------------------------------- */

const td_net_spec *td_network_spec(const td_network *net)
{
    return &net->spec;
}

const td_slots *td_network_weights(const td_network *net)
{
    return &net->weights;
}

const td_slots *td_network_norms(const td_network *net)
{
    return &net->norms;
}

bool td_network_norm_in_group(const td_network *net, int slot, int group)
{
    TD_ASSERT(slot >= 0 && slot < net->norms.count);
    return net->norm_group[slot] < 0 || net->norm_group[slot] == group;
}

void td_network_statistics(const td_network *net, int group, td_real *mean,
                           td_real *var)
{
    TD_ASSERT(group >= 0 && group < TD_MAX_GROUPS);
    for (int i = 0; i < net->norms.count; i++) {
        const td_norm *norm = net->norm_source[i];
        if (!td_network_norm_in_group(net, i, group))
            continue;
        size_t from = td_norm_at(norm, net->norm_group[i] < 0 ? group : 0);
        size_t bytes = net->norms.slots[i].count * sizeof(td_real);
        memcpy(mean + net->norms.slots[i].offset, norm->mean + from, bytes);
        memcpy(var + net->norms.slots[i].offset, norm->var + from, bytes);
    }
}
