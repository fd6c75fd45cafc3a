/* Laying out a network of cells: names, shapes, memory. */
#include "darts.h"

#include "taildart/genotype.h"

#include <stdio.h>

enum { GRADIENTS_ALIVE = 3 };

/* Most images of a cell: two last cells see one branch each. */
static int cell_images(const td_net_spec *spec, int cell)
{
    return td_darts_branch(spec, cell) < 0 ? td_network_images(spec) : spec->batch;
}

/* The number of the cell in the network; cell_rb stands beside the last one. */
static int depth_of(const td_net_spec *spec, int cell)
{
    return cell < spec->cells ? cell : spec->cells - 1;
}

/* ---- cells -------------------------------------------------------------- */

/* The outputs that cell \a cell reads; cell_rb reads what the last cell does. */
static const td_output *source_of(const td_darts *d, const td_net_spec *spec, int cell,
                                  int back)
{
    TD_ASSERT(back == 1 || back == 2);
    return td_darts_output(d, depth_of(spec, cell) - back);
}

/* Cells a third and two thirds of the way reduce: size halved, channels doubled.  A
 * single cell does not.  Of three convolutions the last one halved what the first cell
 * reads beside it. */
td_cell_plan td_darts_plan(const td_net_spec *spec, int cell)
{
    int depth = depth_of(spec, cell);
    int thirds[2] = { spec->cells / 3, 2 * spec->cells / 3 };
    td_cell_plan plan = { .number = cell,
                          .channels = spec->channels,
                          .nodes = spec->nodes };
    for (int i = 0; i < 2 && spec->cells > 1; i++) {
        if (i == 1 && thirds[1] == thirds[0])
            break;
        plan.channels *= depth >= thirds[i] ? 2 : 1;
        plan.reduction |= depth == thirds[i];
        plan.after_reduction |= depth == thirds[i] + 1;
    }
    plan.after_reduction |= depth == 0 && spec->stem == TD_STEM_IMAGENET;
    if (!spec->genotype)
        plan.without = spec->without[plan.reduction];
    plan.has_noise = spec->has_noise;
    plan.adds_skips = spec->adds_skips;
    return plan;
}

/* Genes of both kinds of cells have their rows of drop-path factors in cells of one
 * length. */
static int path_rows_of_cell(const td_genotype *genotype)
{
    int normal = genotype->normal.count, reduce = genotype->reduce.count;
    return normal > reduce ? normal : reduce;
}

static const td_genes *genes_of(const td_net_spec *spec, const td_cell_plan *plan)
{
    return plan->reduction ? &spec->genotype->reduce : &spec->genotype->normal;
}

td_chosen_cell td_darts_choose(const td_net_spec *spec, const td_cell_plan *plan)
{
    TD_ASSERT(spec->genotype);
    return td_cell_choose(genes_of(spec, plan), spec->genotype);
}

static void build_cell(td_darts *d, const td_net_spec *spec, td_builder *b, int cell)
{
    td_chosen_cell chosen;
    td_cell_plan plan = td_darts_plan(spec, cell);
    if (spec->genotype) {
        chosen = td_darts_choose(spec, &plan);
        plan.chosen = &chosen;
        plan.nodes = chosen.nodes;
        plan.path_rows = path_rows_of_cell(spec->genotype);
    }
    td_cell_build(&d->cells[cell], b, plan, source_of(d, spec, cell, 2),
                  source_of(d, spec, cell, 1));
}

static td_recompute recompute_of(const td_network *net, int cell)
{
    if (net->spec.recompute != TD_RECOMPUTE_AUTO)
        return net->spec.recompute;
    bool saves = depth_of(&net->spec, cell) < net->recomputing;
    return saves ? TD_RECOMPUTE_ALL : TD_RECOMPUTE_NONE;
}

static void build_cells(td_darts *d, td_network *net, td_builder *b)
{
    const td_net_spec *spec = &net->spec;
    for (int i = 0; i < d->cell_count; i++) {
        bool is_rebalancing = i == spec->cells;
        b->images = cell_images(spec, i);
        b->recompute = recompute_of(net, i);
        b->branch = td_darts_branch(spec, i);
        b->groups = td_network_groups(spec) / (b->branch < 0 ? 1 : 2);
        b->is_uncounted = is_rebalancing;
        if (is_rebalancing)
            snprintf(b->prefix, sizeof b->prefix, "cell_rb.");
        else
            snprintf(b->prefix, sizeof b->prefix, "cells.%d.", i);
        build_cell(d, spec, b, i);
    }
    b->prefix[0] = '\0';
    b->branch = -1;
    b->groups = td_network_groups(spec);
    b->is_uncounted = false;
}

/* ---- heads -------------------------------------------------------------- */

/* Pixels of a side behind the stem, and behind cell 2·cells/3: stride 2 there and at
 * cells/3, which may be the same cell; a single one has none. */
static int auxiliary_side(const td_net_spec *spec, int side)
{
    int halvings = 2 * spec->cells / 3 > spec->cells / 3 ? 2 : spec->cells > 1;
    halvings += td_stem_halvings(spec->stem);
    return td_stem_side(spec->stem, side) >> halvings;
}

bool td_network_takes_auxiliary(const td_net_spec *spec)
{
    /* a branch's last cell does not see all images */
    if (td_darts_branch(spec, 2 * spec->cells / 3) >= 0)
        return false;
    return td_auxiliary_takes(spec->stem, auxiliary_side(spec, spec->height)) &&
           td_auxiliary_takes(spec->stem, auxiliary_side(spec, spec->width));
}

/* Behind cell 2·cells/3; only training has it. */
static void build_auxiliary(td_darts *d, const td_net_spec *spec, td_builder *b)
{
    size_t before = b->registry->weights.total;
    b->images = td_network_images(spec);
    b->is_uncounted = true;
    if (spec->auxiliary)
        td_auxiliary_build(&d->auxiliary, b, &d->cells[2 * spec->cells / 3].output,
                           spec->stem, spec->classes);
    b->is_uncounted = false;
    b->registry->training_only += b->registry->weights.total - before;
}

static void build_classifier(td_darts *d, const td_net_spec *spec, td_builder *b)
{
    d->features = d->cells[spec->cells - 1].output.channels;
    int in = d->branches * d->features;
    b->is_uncounted = true; /* a training image has the features of one branch */
    td_head_build(&d->head, b, spec, in, spec->batch);
    b->is_uncounted = false;
    td_add_flops(b, 2.0 * d->features * spec->classes);
    size_t rows = (size_t) spec->batch * (size_t) in;
    d->x = TD_TAKE(b->arena, td_real, rows);
    d->d_x = TD_TAKE(b->arena, td_real, rows);
}

/* ---- shared memory ------------------------------------------------------ */

/* Memory that one part at a time uses: what a cell does not keep, input gradients. */
static void build_work(td_darts *d, const td_net_spec *spec, td_builder *b)
{
    td_arena *arena = b->arena;
    size_t mark = arena->used, end = mark;
    for (int i = 0; i < d->cell_count; i++) {
        b->images = cell_images(spec, i);
        td_cell_build_work(&d->cells[i], b);
        end = arena->used > end ? arena->used : end;
        td_arena_release(arena, mark);
    }
    td_arena_take(arena, end - mark, 1);
}

/* Which of them output \a number has. */
static int gradient_of(int number)
{
    return (number - TD_DARTS_FIRST) % GRADIENTS_ALIVE;
}

/* A cell reads the two outputs before it, so three gradients are alive at a time: those
 * of outputs three cells apart share memory. */
static void build_gradients(td_darts *d, const td_net_spec *spec, td_builder *b)
{
    td_real *grad[GRADIENTS_ALIVE];
    size_t needs[GRADIENTS_ALIVE] = { 0 };
    int cells = spec->cells;
    for (int i = -d->stem.outputs; i < cells; i++)
        td_needs_max(&needs[gradient_of(i)],
                     td_output_count(td_darts_output(d, i), cell_images(spec, i)));
    for (int i = 0; i < GRADIENTS_ALIVE; i++)
        grad[i] = TD_TAKE(b->arena, td_real, needs[i]);
    for (int i = 0; i < d->stem.outputs; i++)
        d->stem.output[i].grad = grad[gradient_of(i - d->stem.outputs)];
    for (int i = 0; i < cells; i++)
        td_cell_set_grads(&d->cells[i], grad[gradient_of(i)]);
    for (int i = cells; i < d->cell_count; i++)
        td_cell_set_grads(&d->cells[i], TD_TAKE(b->arena, td_real,
                                                td_output_count(&d->cells[i].output,
                                                                cell_images(spec, i))));
}

/* ---- the kinds ---------------------------------------------------------- */

static int mixed_edges(const td_net_spec *spec)
{
    return td_edge_count(spec->nodes);
}

static int path_rows(const td_net_spec *spec)
{
    return (spec->cells + (td_darts_splits_cell(spec) ? 1 : 0)) *
           path_rows_of_cell(spec->genotype);
}

/* A frame of K unit vectors that are all as far from each other lies in K−1 dimensions,
 * and in no fewer; its halves, one for each branch, are none. */
static td_status check_head(const td_net_spec *spec)
{
    td_cell_plan last = td_darts_plan(spec, spec->cells - 1);
    int nodes =
        spec->genotype ? td_genes_reached_nodes(genes_of(spec, &last)) : spec->nodes;
    int features = last.channels * nodes;
    if (spec->head != TD_HEAD_ETF)
        return TD_OK;
    if (spec->two_branch)
        return td_error(
            TD_USAGE, "net.head: found \"etf\", but each of two branches would see "
                      "half of a frame, which is none; set net.head to normalised, or "
                      "bbn.enabled to false");
    if (features >= spec->classes - 1)
        return TD_OK;
    return td_error(TD_USAGE,
                    "net.head: found \"etf\", but %d classes need %d features, and the "
                    "network has %d; more net.channels, or another net.head",
                    spec->classes, spec->classes - 1, features);
}

/* The first cell's input of larger images has two convolutions for its channels. */
static td_status check_stem(const td_net_spec *spec)
{
    int least = td_stem_step(spec->stem);
    TD_ASSERT(spec->height > 0 && spec->width > 0);
    if (spec->stem != TD_STEM_IMAGENET)
        return TD_OK;
    if (spec->channels % 2 != 0)
        return td_error(TD_USAGE,
                        "net.channels: found \"%d\", but net.stem imagenet needs an "
                        "even number; accepted: for example %d",
                        spec->channels, spec->channels + 1);
    if (spec->height >= least && spec->width >= least)
        return TD_OK;
    return td_error(TD_DATA,
                    "images of %dx%d pixels are too small for net.stem imagenet, which "
                    "needs %d or more a side: set net.stem to cifar, or import larger "
                    "ones",
                    spec->height, spec->width, least);
}

static td_status check(const td_net_spec *spec)
{
    TD_ASSERT(!spec->genotype || (td_genotype_is_valid(spec->genotype) &&
                                  td_genotype_check(spec->genotype) == TD_OK));
    TD_ASSERT(!spec->head_only || (spec->genotype && !spec->two_branch &&
                                   !spec->auxiliary && spec->head != TD_HEAD_ETF));
    TD_ASSERT(!spec->auxiliary || (spec->genotype && td_network_takes_auxiliary(spec)));
    td_status status = check_stem(spec);
    if (status != TD_OK)
        return status;
    if (spec->nodes < 1 || spec->nodes > TD_MAX_NODES)
        return td_error(TD_USAGE, "net.nodes is %d; it must be 1 to %d", spec->nodes,
                        TD_MAX_NODES);
    return check_head(spec);
}

static void *build(td_network *net, td_builder *b)
{
    const td_net_spec *spec = &net->spec;
    td_darts *d = td_malloc(sizeof *d);
    d->branches = td_network_branches(spec);
    d->table = net->kind->edges ? (size_t) (net->kind->edges(spec) * TD_NUM_OPS) : 0;
    d->cell_count = spec->cells + (td_darts_splits_cell(spec) ? 1 : 0);
    d->cells = td_malloc((size_t) d->cell_count * sizeof *d->cells);
    d->p = TD_TAKE(b->arena, double, 2 * d->table);
    d->dp = TD_TAKE(b->arena, double, 2 * d->table);
    td_stem_build(&d->stem, b, spec->stem, spec->channels, td_network_image_size(spec));
    build_cells(d, net, b);
    build_auxiliary(d, spec, b);
    build_classifier(d, spec, b);
    build_work(d, spec, b);
    build_gradients(d, spec, b);
    return d;
}

static void clear_body(void *body)
{
    td_darts *d = body;
    for (int i = 0; i < d->cell_count; i++)
        td_cell_free(&d->cells[i]);
    td_free(d->cells);
    td_free(d);
}

#define FUNCTIONS                                                                      \
    .check = check, .build = build, .clear = clear_body, .forward = td_darts_forward,  \
    .evaluate = td_darts_evaluate, .backward = td_darts_backward

const td_network_kind td_network_supernet = {
    .name = "supernet",
    .edges = mixed_edges,
    FUNCTIONS,
};

/* Batch norms have scale and shift (Liu et al. 2019, 3.1). */
const td_network_kind td_network_derived = {
    .name = "derived",
    .is_affine = true,
    .path_rows = path_rows,
    FUNCTIONS,
};
