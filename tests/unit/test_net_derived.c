/* What users and other floors rely on in derived networks: sizes, the plan, the same
 * bits on any number of threads, drop path, the auxiliary head, branches. */
#include <omp.h>
#include <stdio.h>

#include "../../src/net/network.h"
#include "net_arrays.h"
#include "net_genotypes.h"
#include "suite.h"

static const td_net_spec published = { .channels = 36,
                                       .cells = 20,
                                       .nodes = 4,
                                       .classes = 10,
                                       .image_channels = 3,
                                       .height = 32,
                                       .width = 32,
                                       .batch = 2,
                                       .genotype = &darts_v2 };
static const td_net_spec small = { .channels = 5,
                                   .cells = 4,
                                   .nodes = 4,
                                   .classes = 4,
                                   .image_channels = 1,
                                   .height = 12,
                                   .width = 8,
                                   .batch = 6,
                                   .genotype = &every_operation };
static const td_net_spec headed = { .channels = 3,
                                    .cells = 4,
                                    .nodes = 1,
                                    .classes = 4,
                                    .image_channels = 1,
                                    .height = 32,
                                    .width = 36,
                                    .batch = 6,
                                    .genotype = &one_node,
                                    .auxiliary = true };

/* ---- sizes -------------------------------------------------------------- */

static td_net_plan plan_of(td_net_spec spec)
{
    td_net_plan plan;
    ck_assert_int_eq(td_network_plan(&plan, &spec, 1), TD_OK);
    return plan;
}

START_TEST(test_parameter_counts)
{
    td_net_spec spec = published;
    ck_assert_uint_eq(plan_of(spec).parameters, 3349342);
    ck_assert_uint_eq(plan_of(spec).weights, 3349342);
    spec.classes = 100;
    ck_assert_uint_eq(plan_of(spec).parameters, 3401272);
    spec.classes = 10;
    spec.genotype = &darts_v1;
    ck_assert_uint_eq(plan_of(spec).parameters, 3169414);
}
END_TEST

START_TEST(test_the_auxiliary_head_is_not_counted)
{
    td_net_spec spec = published;
    spec.auxiliary = true;
    td_net_plan plan = plan_of(spec);
    ck_assert_uint_eq(plan.parameters, 3349342);
    ck_assert_uint_eq(plan.weights - plan.parameters, 476426);
}
END_TEST

static const struct {
    int height, width, cells;
    bool two_branch, takes;
} auxiliary_sides[] = {
    { 32, 32, 20, false, true },  { 28, 28, 20, false, false },
    { 40, 40, 20, false, true },  { 44, 44, 20, false, false },
    { 32, 44, 20, false, false }, { 28, 32, 20, false, false },
    { 32, 32, 3, false, true },   { 32, 32, 3, true, false },
    { 32, 32, 4, true, true },    { 32, 32, 1, false, false },
    { 16, 20, 1, false, false }, /* only one cell, which does not reduce */
    { 8, 8, 1, false, true },     { 16, 20, 2, false, false },
    { 32, 32, 2, false, true }
};

START_TEST(test_sides_for_the_auxiliary_head)
{
    td_net_spec spec = published;
    spec.height = auxiliary_sides[_i].height;
    spec.width = auxiliary_sides[_i].width;
    spec.cells = auxiliary_sides[_i].cells;
    spec.two_branch = auxiliary_sides[_i].two_branch;
    ck_assert(td_network_takes_auxiliary(&spec) == auxiliary_sides[_i].takes);
}
END_TEST

static const td_recompute recomputes[] = { TD_RECOMPUTE_NONE, TD_RECOMPUTE_POOLS,
                                           TD_RECOMPUTE_DILATED, TD_RECOMPUTE_ALL,
                                           TD_RECOMPUTE_AUTO };

START_TEST(test_planned_bytes_are_those_allocated)
{
    td_net_spec spec = _i % 2 ? headed : small;
    td_net_plan plan;
    spec.recompute = recomputes[_i / 4];
    spec.two_branch = _i / 2 % 2;
    omp_set_num_threads(_i % 3 + 1);
    ck_assert_int_eq(td_network_plan(&plan, &spec, _i % 3 + 1), TD_OK);
    td_network *net = net_new(spec);
    ck_assert_uint_eq(plan.bytes, net->arena.size);
    ck_assert_uint_eq(plan.bytes, net->arena.peak);
    ck_assert_uint_eq(plan.weights, td_network_weights(net)->total);
    ck_assert_uint_eq(plan.statistics, td_network_norms(net)->total);
    td_network_free(net);
}
END_TEST

START_TEST(test_recomputing_saves_memory)
{
    td_net_spec spec = small;
    td_net_plan none = plan_of(spec), dilated, all;
    spec.recompute = TD_RECOMPUTE_DILATED;
    dilated = plan_of(spec);
    spec.recompute = TD_RECOMPUTE_ALL;
    all = plan_of(spec);
    ck_assert_uint_lt(dilated.bytes, none.bytes);
    ck_assert_uint_lt(all.bytes, dilated.bytes);
}
END_TEST

/* ---- weights ------------------------------------------------------------ */

static void check_all_are(const td_slots *slots, const td_real *weights,
                          const char *norm, const char *suffix, td_real value)
{
    char name[TD_NAME_BYTES + 8];
    snprintf(name, sizeof name, "%s%s", norm, suffix);
    const td_slot *slot = td_slots_find(slots, name);
    ck_assert_msg(slot, "%s is missing", name);
    for (size_t i = 0; i < slot->count; i++)
        ck_assert_msg(weights[slot->offset + i] == value, "%s[%zu]", name, i);
}

START_TEST(test_initial_scales_are_one_and_shifts_zero)
{
    td_net_spec spec = headed;
    spec.genotype = &every_operation;
    spec.nodes = every_operation.nodes;
    spec.two_branch = _i == 1;
    td_network *net = net_new(spec);
    const td_slots *slots = td_network_weights(net), *norms = td_network_norms(net);
    td_real *w = normal(slots->total, 7, 1.0);
    int vectors = 0;
    td_network_init(net, 9, w);
    for (int s = 0; s < norms->count; s++) {
        check_all_are(slots, w, norms->slots[s].name, ".weight", 1);
        check_all_are(slots, w, norms->slots[s].name, ".bias", 0);
    }
    for (int s = 0; s < slots->count; s++)
        vectors += slots->slots[s].rank == 1;
    ck_assert_int_eq(vectors, 2 * norms->count + 2); /* and the classifiers' biases */
    td_free(w);
    td_network_free(net);
}
END_TEST

/* Those that the published code's state_dict has, and no others. */
START_TEST(test_names_are_those_of_the_state_dict)
{
    static const struct {
        const char *name;
        int dims[4];
    } known[] = {
        { "stem.0.weight", { 108, 3, 3, 3 } },
        { "cells.0._ops.0.op.1.weight", { 36, 1, 3, 3 } },
        { "cells.0._ops.0.op.7.bias", { 36 } },
        { "cells.0._ops.7.op.1.weight", { 36, 1, 3, 3 } },
        { "cells.6.preprocess0.op.2.weight", { 72 } },
        { "cells.7.preprocess0.conv_2.weight", { 36, 144, 1, 1 } },
        { "auxiliary_head.features.2.weight", { 128, 576, 1, 1 } },
        { "auxiliary_head.features.5.weight", { 768, 128, 2, 2 } },
        { "auxiliary_head.features.6.bias", { 768 } },
        { "auxiliary_head.classifier.weight", { 10, 768 } },
        { "classifier.weight", { 10, 576 } },
    };
    td_net_spec spec = published;
    spec.auxiliary = true;
    td_network *net = net_new(spec);
    const td_slots *slots = td_network_weights(net);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const td_slot *slot = td_slots_find(slots, known[i].name);
        ck_assert_msg(slot, "%s is missing", known[i].name);
        ck_assert_mem_eq(slot->dims, known[i].dims, sizeof slot->dims);
    }
    ck_assert_ptr_null(td_slots_find(slots, "cells.6._ops.0.1.weight")); /* bare pool */
    ck_assert_uint_eq(td_slots_find(slots, "classifier.bias")->offset, 0);
    td_network_free(net);
}
END_TEST

/* NetworkImageNet of the published code: 48 channels, 14 cells, 1000 classes. */
START_TEST(test_the_network_for_imagenet)
{
    static const struct {
        const char *name;
        int dims[4];
    } known[] = {
        { "stem0.0.weight", { 24, 3, 3, 3 } },
        { "stem0.1.weight", { 24 } },
        { "stem0.3.weight", { 48, 24, 3, 3 } },
        { "stem0.4.bias", { 48 } },
        { "stem1.1.weight", { 48, 48, 3, 3 } },
        { "stem1.2.weight", { 48 } },
        { "cells.0.preprocess0.conv_1.weight", { 24, 48, 1, 1 } },
        { "cells.0.preprocess1.op.1.weight", { 48, 48, 1, 1 } },
        { "cells.1.preprocess0.op.1.weight", { 48, 48, 1, 1 } },
        { "auxiliary_head.features.2.weight", { 128, 768, 1, 1 } },
    };
    td_net_spec spec = published;
    td_net_plan plan;
    spec.stem = TD_STEM_IMAGENET;
    spec.channels = 48;
    spec.cells = 14;
    spec.classes = 1000;
    spec.height = spec.width = 224;
    spec.batch = 1;
    ck_assert(td_network_takes_auxiliary(&spec));
    spec.auxiliary = true;
    ck_assert_int_eq(td_network_plan(&plan, &spec, 1), TD_OK);
    ck_assert_uint_eq(plan.parameters, 4718752);
    td_network *net = net_new(spec);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const td_slot *slot = td_slots_find(td_network_weights(net), known[i].name);
        ck_assert_msg(slot, "%s is missing", known[i].name);
        ck_assert_mem_eq(slot->dims, known[i].dims, sizeof slot->dims);
    }
    /* as PyTorch counts its convolutions, and the classifier */
    ck_assert(td_network_flops(net) == 2.0 * (529143552 + 768 * 1000));
    td_network_free(net);
    spec.auxiliary = false;
    spec.height = 192;
    ck_assert(!td_network_takes_auxiliary(&spec));
}
END_TEST

START_TEST(test_branches_own_their_norms)
{
    td_net_spec spec = headed;
    spec.two_branch = true;
    td_network *net = net_new(spec);
    const td_slots *norms = td_network_norms(net);
    for (int s = 0; s < norms->count; s++) {
        bool conventional = strncmp(norms->slots[s].name, "cells.3.", 8) == 0;
        bool rebalancing = strncmp(norms->slots[s].name, "cell_rb.", 8) == 0;
        ck_assert(td_network_norm_in_branch(net, s, 0) == !rebalancing);
        ck_assert(td_network_norm_in_branch(net, s, 1) == !conventional);
    }
    ck_assert_ptr_nonnull(td_slots_find(norms, "cell_rb._ops.0.op.7"));
    ck_assert_ptr_nonnull(td_slots_find(norms, "auxiliary_head.features.6"));
    td_network_free(net);
}
END_TEST

/* ---- the same bits ------------------------------------------------------ */

/* A training pass of five images with all there is, or of two pairs. */
static arrays run_of(td_net_spec spec, int threads)
{
    bool is_pair = spec.two_branch;
    spec.groups = is_pair ? 1 : 2;
    omp_set_num_threads(threads);
    td_network *net = net_new(spec);
    arrays a = arrays_new(net, is_pair ? 4 : 5, is_pair ? 2 : 5);
    td_pass pass = pass_of(&a, 2, is_pair ? (int[]){ 2, 2 } : (int[]){ 3, 2 });
    pass.mixing = 0.3;
    run_both_ways(net, &pass, &a);
    td_network_free(net);
    return a;
}

START_TEST(test_same_bits_on_any_number_of_threads)
{
    td_net_spec spec = _i > 4 ? headed : small;
    spec.two_branch = _i > 4;
    int threads = (_i - 1) % 4 + 1; /* 1: a second run */
    check_same_bits(run_of(spec, 1), run_of(spec, threads));
}
END_TEST

START_TEST(test_same_bits_whatever_is_recomputed)
{
    td_net_spec spec = small, none = small;
    spec.recompute = recomputes[_i % 5];
    spec.two_branch = none.two_branch = _i >= 5;
    none.recompute = TD_RECOMPUTE_NONE;
    check_same_bits(run_of(none, 2), run_of(spec, 2));
}
END_TEST

/* Room for so many images that some cells recompute; few of its pages are touched. */
START_TEST(test_same_bits_where_some_cells_recompute)
{
    td_net_spec spec = small, none = small;
    spec.recompute = TD_RECOMPUTE_AUTO;
    td_net_plan plan;
    for (plan = plan_of(spec); plan.recomputing == 0; plan = plan_of(spec))
        spec.batch += spec.batch / 16 + 1;
    ck_assert_msg(plan.recomputing < spec.cells, "all %d", plan.recomputing);
    check_same_bits(run_of(none, 2), run_of(spec, 2));
}
END_TEST

START_TEST(test_fewer_images_than_there_is_room_for)
{
    td_net_spec spec = _i == 1 ? headed : small, full = spec;
    full.two_branch = spec.two_branch = _i == 1;
    full.batch = _i == 1 ? 2 : 5;
    spec.batch = 9;
    check_same_bits(run_of(full, 2), run_of(spec, 2));
}
END_TEST

START_TEST(test_a_pass_allocates_nothing_and_repeats)
{
    check_no_allocation(_i ? headed : small);
}
END_TEST

/* ---- groups, evaluation, branches --------------------------------------- */

START_TEST(test_norms_of_a_phase_are_shared_at_one_hook)
{
    check_shared_norms(_i ? headed : small, 10);
}
END_TEST

START_TEST(test_evaluation_by_images_and_by_phases)
{
    td_net_spec spec = _i >= 8 ? headed : small;
    omp_set_num_threads(_i % 4 + 1);
    spec.two_branch = _i / 4 % 2;
    check_ways_of_evaluation(spec, 1e-6);
}
END_TEST

START_TEST(test_mixing_one_is_the_plain_network)
{
    td_net_spec spec = small;
    spec.split = _i == 0 ? TD_BRANCH_CELL : TD_BRANCH_HEAD;
    check_mixing_one(spec);
}
END_TEST

/* One image gives the auxiliary head's last batch norm one value per channel, without
 * variance: what rounding leaves of 0 is multiplied by 1/√ε, some 300. */
START_TEST(test_a_group_of_one_image)
{
    td_net_spec spec = headed;
    spec.groups = 2;
    td_network *net = net_new(spec);
    arrays both = arrays_new(net, 5, 5), alone = arrays_new(net, 1, 1);
    size_t norms = td_network_norms(net)->total, classes = (size_t) headed.classes;
    td_real *mean = td_malloc(norms * sizeof *mean),
            *var = td_malloc(norms * sizeof *var);
    td_pass two = pass_of(&both, 2, (int[]){ 1, 4 }),
            one = pass_of(&alone, 1, (int[]){ 1 });
    one.drop_path = two.drop_path = NULL;
    run_both_ways(net, &two, &both);
    run_both_ways(net, &one, &alone);
    td_network_statistics(net, 0, 0, mean, var);
    check_close(both.logits, alone.logits, classes, 1e-6);
    check_close(both.auxiliary, alone.auxiliary, classes, 1e-4);
    for (size_t i = 0; i < alone.weight_count; i++)
        ck_assert(isfinite(alone.grads[i]) && isfinite(both.grads[i]));
    for (size_t i = 0; i < norms; i++)
        ck_assert(isfinite(mean[i]) && isfinite(var[i]) && var[i] >= 0);
    td_free(mean);
    td_free(var);
    arrays_free(&both);
    arrays_free(&alone);
    td_network_free(net);
}
END_TEST

/* ---- drop path ---------------------------------------------------------- */

static arrays run_with_factors(td_network *net, const td_real *factors)
{
    arrays a = arrays_new(net, 3, 3);
    td_pass pass = pass_of(&a, 1, (int[]){ 3 });
    pass.drop_path = factors;
    run_both_ways(net, &pass, &a);
    return a;
}

static td_real *factors_of(const td_net_spec *spec, td_real value)
{
    size_t count = (size_t) (spec->cells * 2 * spec->nodes * 3);
    td_real *factors = td_malloc(count * sizeof *factors);
    for (size_t i = 0; i < count; i++)
        factors[i] = value;
    return factors;
}

START_TEST(test_factors_of_one_change_nothing)
{
    td_network *net = net_new(small);
    td_real *ones = factors_of(&small, 1);
    check_same_bits(run_with_factors(net, NULL), run_with_factors(net, ones));
    td_free(ones);
    td_network_free(net);
}
END_TEST

/* The second gene of a normal cell here skips, and so does one within a cell that
 * reduces; the skip of stride 2 has weights and is dropped. */
START_TEST(test_plain_skips_are_never_dropped)
{
    td_network *net = net_new(small);
    td_real *ones = factors_of(&small, 1), *skips = factors_of(&small, 1);
    int genes = 2 * small.nodes;
    for (int i = 0; i < 3; i++) {
        skips[(0 * genes + 1) * 3 + i] = 0; /* a normal cell */
        skips[(1 * genes + 7) * 3 + i] = 0; /* a cell that reduces: from a node */
    }
    check_same_bits(run_with_factors(net, ones), run_with_factors(net, skips));
    skips[(1 * genes + 0) * 3 + 2] = 0; /* the last image's skip of stride 2 */
    arrays kept = run_with_factors(net, ones), dropped = run_with_factors(net, skips);
    ck_assert(kept.logits[0] != dropped.logits[0]);
    arrays_free(&kept);
    arrays_free(&dropped);
    td_free(ones);
    td_free(skips);
    td_network_free(net);
}
END_TEST

/* ---- cells without two inputs per node ------------------------------------- */

/* `uneven` as if its dropped nodes had never been. */
static const td_genotype compact = { .nodes = 3,
                                     .normal = { 6,
                                                 { { TD_OP_SEP_CONV_3X3, 1, 2 },
                                                   { TD_OP_MAX_POOL_3X3, 2, 3 },
                                                   { TD_OP_AVG_POOL_3X3, 3, 4 },
                                                   { TD_OP_MAX_POOL_3X3, 0, 4 },
                                                   { TD_OP_SKIP_CONNECT, 1, 4 },
                                                   { TD_OP_DIL_CONV_3X3, 2, 4 } } },
                                     .reduce = { 5,
                                                 { { TD_OP_SKIP_CONNECT, 1, 2 },
                                                   { TD_OP_SEP_CONV_5X5, 2, 3 },
                                                   { TD_OP_DIL_CONV_5X5, 0, 4 },
                                                   { TD_OP_AVG_POOL_3X3, 1, 4 },
                                                   { TD_OP_SKIP_CONNECT, 2, 4 } } } };

static td_net_spec of(const td_genotype *genotype)
{
    td_net_spec spec = small;
    spec.genotype = genotype;
    return spec;
}

static arrays run_undropped(td_net_spec spec)
{
    td_network *net = net_new(spec);
    arrays a = run_with_factors(net, NULL);
    td_network_free(net);
    return a;
}

START_TEST(test_a_dropped_node_leaves_nothing)
{
    td_net_plan whole = plan_of(of(&uneven)), less = plan_of(of(&compact));
    ck_assert_uint_eq(whole.parameters, less.parameters);
    ck_assert_uint_eq(whole.bytes, less.bytes);
    check_same_bits(run_undropped(of(&uneven)), run_undropped(of(&compact)));
}
END_TEST

/* Three nodes of 5 channels in a normal cell, three of 10 in one that reduces. */
START_TEST(test_names_of_uneven_cells)
{
    static const struct {
        const char *name;
        int dims[4];
    } known[] = {
        { "cells.0._ops.3.1.0.op.1.weight", { 5, 1, 3, 3 } },
        { "cells.0._ops.5.3.0.op.1.weight", { 5, 1, 3, 3 } },
        { "cells.1._ops.2.1.0.conv_1.weight", { 5, 10, 1, 1 } },
        { "cells.1._ops.5.0.0.op.1.weight", { 10, 1, 5, 5 } },
        { "cells.1.preprocess1.op.1.weight", { 10, 15, 1, 1 } },
        { "cells.3.preprocess1.op.1.weight", { 20, 60, 1, 1 } },
        { "classifier.weight", { 4, 60 } },
    };
    td_network *net = net_new(of(&uneven));
    const td_slots *slots = td_network_weights(net);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const td_slot *slot = td_slots_find(slots, known[i].name);
        ck_assert_msg(slot, "%s is missing", known[i].name);
        ck_assert_mem_eq(slot->dims, known[i].dims, sizeof slot->dims);
    }
    ck_assert_ptr_null(td_slots_find(slots, "cells.1._ops.5.4.0.op.1.weight"));
    td_network_free(net);
}
END_TEST

/* The first cell is a normal one: a row a gene.  Plain skips are never dropped. */
START_TEST(test_every_gene_has_its_part_in_the_output)
{
    const td_genotype *genotype = _i ? &all_inputs : &uneven;
    const td_genes *genes = &genotype->normal;
    td_net_spec spec = of(genotype);
    td_network *net = net_new(spec);
    size_t count = 3 * (size_t) td_network_path_rows(&spec);
    ck_assert_uint_eq(count, 3 * (size_t) (genes->count * spec.cells));
    td_real *factors = td_malloc(count * sizeof *factors);
    for (int i = 0; i < genes->count; i++) {
        for (size_t n = 0; n < count; n++)
            factors[n] = n / 3 == (size_t) i ? 0 : 1;
        arrays all = run_with_factors(net, NULL), less = run_with_factors(net, factors);
        bool changes =
            memcmp(all.logits, less.logits, all.logit_count * sizeof *all.logits) != 0;
        ck_assert_msg(changes == (genes->gene[i].op != TD_OP_SKIP_CONNECT), "%d", i);
        arrays_free(&all);
        arrays_free(&less);
    }
    td_free(factors);
    td_network_free(net);
}
END_TEST

START_TEST(test_uneven_cells_have_the_same_bits)
{
    td_net_spec spec = of(_i % 2 ? &all_inputs : &uneven), none = spec;
    none.recompute = TD_RECOMPUTE_NONE;
    spec.recompute = recomputes[_i / 2 % 5];
    check_same_bits(run_of(none, 1), run_of(spec, 1 + _i / 2 % 3));
    check_ways_of_evaluation(spec, 1e-6);
    check_no_allocation(spec);
}
END_TEST

/* ---- auxiliary head ----------------------------------------------------- */

/* Who does not ask for the head gets the network without it. */
START_TEST(test_the_auxiliary_head_may_be_left_out)
{
    td_net_spec spec = headed;
    td_network *with = net_new(headed);
    spec.auxiliary = false;
    td_network *without = net_new(spec);
    arrays a = arrays_new(with, 3, 3), b = arrays_new(without, 3, 3);
    const td_slots *from = td_network_weights(with), *to = td_network_weights(without);
    td_pass asks = pass_of(&a, 1, (int[]){ 3 }), plain = pass_of(&b, 1, (int[]){ 3 });
    for (int s = 0; s < to->count; s++) {
        const td_slot *slot = &to->slots[s], *twin = td_slots_find(from, slot->name);
        memcpy(b.weights + slot->offset, a.weights + twin->offset,
               slot->count * sizeof(td_real));
    }
    asks.auxiliary = NULL;
    asks.d_auxiliary = NULL;
    run_both_ways(with, &asks, &a);
    run_both_ways(without, &plain, &b);
    check_bits(a.logits, b.logits, a.logit_count);
    for (int s = 0; s < from->count; s++) {
        const td_slot *slot = &from->slots[s], *twin = td_slots_find(to, slot->name);
        if (twin)
            check_bits(a.grads + slot->offset, b.grads + twin->offset, slot->count);
        for (size_t i = 0; !twin && i < slot->count; i++)
            ck_assert_msg(a.grads[slot->offset + i] == 0, "%s", slot->name);
    }
    arrays_free(&a);
    arrays_free(&b);
    td_network_free(with);
    td_network_free(without);
}
END_TEST

static void add_sizes(TCase *tests)
{
    int sides = sizeof auxiliary_sides / sizeof *auxiliary_sides;
    tcase_add_loop_test(tests, test_norms_of_a_phase_are_shared_at_one_hook, 0, 2);
    tcase_add_test(tests, test_parameter_counts);
    tcase_add_test(tests, test_the_auxiliary_head_is_not_counted);
    tcase_add_loop_test(tests, test_sides_for_the_auxiliary_head, 0, sides);
    tcase_add_loop_test(tests, test_planned_bytes_are_those_allocated, 0, 20);
    tcase_add_test(tests, test_recomputing_saves_memory);
    tcase_add_loop_test(tests, test_initial_scales_are_one_and_shifts_zero, 0, 2);
    tcase_add_test(tests, test_names_are_those_of_the_state_dict);
    tcase_add_test(tests, test_the_network_for_imagenet);
    tcase_add_test(tests, test_branches_own_their_norms);
}

static void add_passes(TCase *tests)
{
    tcase_add_loop_test(tests, test_same_bits_on_any_number_of_threads, 1, 9);
    tcase_add_loop_test(tests, test_same_bits_whatever_is_recomputed, 1, 10);
    tcase_add_test(tests, test_same_bits_where_some_cells_recompute);
    tcase_add_loop_test(tests, test_fewer_images_than_there_is_room_for, 0, 2);
    tcase_add_loop_test(tests, test_a_pass_allocates_nothing_and_repeats, 0, 2);
    tcase_add_loop_test(tests, test_evaluation_by_images_and_by_phases, 0, 16);
    tcase_add_loop_test(tests, test_mixing_one_is_the_plain_network, 0, 2);
    tcase_add_test(tests, test_a_group_of_one_image);
    tcase_add_test(tests, test_factors_of_one_change_nothing);
    tcase_add_test(tests, test_plain_skips_are_never_dropped);
    tcase_add_test(tests, test_the_auxiliary_head_may_be_left_out);
    tcase_add_test(tests, test_a_dropped_node_leaves_nothing);
    tcase_add_test(tests, test_names_of_uneven_cells);
    tcase_add_loop_test(tests, test_every_gene_has_its_part_in_the_output, 0, 2);
    tcase_add_loop_test(tests, test_uneven_cells_have_the_same_bits, 0, 10);
}

Suite *test_suite(void)
{
    Suite *suite = suite_create("derived net");
    TCase *sizes = tcase_create("sizes"), *passes = tcase_create("passes");
    tcase_set_timeout(sizes, 120);
    tcase_set_timeout(passes, 120);
    add_sizes(sizes);
    add_passes(passes);
    suite_add_tcase(suite, sizes);
    suite_add_tcase(suite, passes);
    return suite;
}
