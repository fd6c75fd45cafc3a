/* What users and other floors rely on in the supernet: sizes, names, the plan, the same
 * bits on any number of threads, branches. */
#include <omp.h>

#include "net_arrays.h"
#include "suite.h"

static const td_net_spec published = { .channels = 16,
                                       .cells = 8,
                                       .nodes = 4,
                                       .classes = 10,
                                       .image_channels = 3,
                                       .height = 32,
                                       .width = 32,
                                       .batch = 2 };
static const td_net_spec small = { .channels = 5,
                                   .cells = 3,
                                   .nodes = 2,
                                   .classes = 4,
                                   .image_channels = 1,
                                   .height = 12,
                                   .width = 8,
                                   .batch = 6 };

/* ---- sizes and names ------------------------------------------------------------- */

START_TEST(test_parameter_counts)
{
    td_net_spec spec = published;
    td_net_plan plan;
    ck_assert_int_eq(td_network_plan(&plan, &spec, 1), TD_OK);
    ck_assert_uint_eq(plan.parameters, 1930618);
    spec.classes = 100;
    ck_assert_int_eq(td_network_plan(&plan, &spec, 1), TD_OK);
    ck_assert_uint_eq(plan.parameters, 1953748);
}
END_TEST

START_TEST(test_arithmetic_of_a_step)
{
    td_network *net = net_new(published);
    double step = 5 * 64 * td_network_flops(net);
    ck_assert_msg(fabs(step - 192e9) <= 0.5e9, "%.3g", step);
    td_network_free(net);
}
END_TEST

/* Multiplications and additions of an operation that leaves so many pixels: a depthwise
 * and a pointwise product, twice in a separable one; a factorized reduction where a
 * skip connection halves the sides; the rest is no product. */
static double counted(int op, double pixels, double channels, bool is_halved)
{
    static const double taps[TD_NUM_OPS] = { [TD_OP_SEP_CONV_3X3] = 9,
                                             [TD_OP_SEP_CONV_5X5] = 25,
                                             [TD_OP_DIL_CONV_3X3] = 9,
                                             [TD_OP_DIL_CONV_5X5] = 25 };
    bool is_twice = op == TD_OP_SEP_CONV_3X3 || op == TD_OP_SEP_CONV_5X5;
    double once = 2.0 * pixels * channels * (taps[op] + channels);
    if (op == TD_OP_SKIP_CONNECT)
        return is_halved ? 2.0 * pixels * channels * channels : 0.0;
    return taps[op] == 0 ? 0.0 : is_twice ? 2 * once : once;
}

/* Cell 0 is normal: 12x8 pixels of 5 channels; 1 and 2 reduce to 6x4 of 10 and 3x2 of
 * 20.  Edges 0 to 3 come from their inputs, 4 from the first node. */
START_TEST(test_costs_of_operations)
{
    td_network *net = net_new(small);
    double costs[2][5][TD_NUM_OPS], all = td_network_flops(net);
    td_network_costs(net, &costs[0][0][0]);
    for (int e = 0; e < 5; e++)
        for (int k = 0; k < TD_NUM_OPS; k++) {
            double normal = counted(k, 96, 5, false);
            double reduce = counted(k, 24, 10, e < 4) + counted(k, 6, 20, e < 4);
            ck_assert_double_eq_tol(costs[0][e][k] * all, normal, 1e-6);
            ck_assert_double_eq_tol(costs[1][e][k] * all, reduce, 1e-6);
        }
    td_network_free(net);
}
END_TEST

/* ---- masked primitives ----------------------------------------------------------- */

/* Operations that a masked edge keeps; of both kinds of cells the same. */
static td_net_spec masked_spec(void)
{
    td_net_spec spec = small;
    for (int kind = 0; kind < 2; kind++)
        for (int e = 0; e < td_edge_count(spec.nodes); e++) {
            spec.without[kind][e] |= 1 << TD_OP_SEP_CONV_5X5 | 1 << TD_OP_AVG_POOL_3X3;
            if (e % 2)
                spec.without[kind][e] |= 1 << TD_OP_SKIP_CONNECT;
        }
    return spec;
}

/* Weights by name, and no weight at all where an operation is masked. */
static void take_masked(const td_network *net, arrays *a, const td_network *full,
                        arrays *from)
{
    const td_slots *mine = td_network_weights(net), *all = td_network_weights(full);
    for (int i = 0; i < mine->count; i++) {
        const td_slot *slot = &mine->slots[i], *other = td_slots_find(all, slot->name);
        ck_assert(other && other->count == slot->count);
        memcpy(a->weights + slot->offset, from->weights + other->offset,
               slot->count * sizeof(td_real));
    }
    for (int row = 0; row < 2 * arrays_edges(a); row++) {
        const td_net_spec *spec = td_network_spec(net);
        int edges = arrays_edges(a);
        for (int k = 0; k < TD_NUM_OPS; k++)
            if (spec->without[row / edges][row % edges] >> k & 1)
                a->mixture[row * TD_NUM_OPS + k] = 0.0;
    }
    memcpy(from->mixture, a->mixture, from->alpha_count * sizeof *from->mixture);
}

/* A network without some operations is the whole one where those weigh nothing. */
START_TEST(test_what_is_masked_is_not_there)
{
    td_net_spec spec = masked_spec();
    td_network *full = net_new(small), *net = net_new(spec);
    const td_slots *weights = td_network_weights(net), *norms = td_network_norms(net);
    ck_assert(!td_slots_find(weights, "cells.0._ops.0._ops.5.op.1.weight"));
    ck_assert(td_slots_find(weights, "cells.0._ops.0._ops.4.op.1.weight"));
    ck_assert(!td_slots_find(norms, "cells.0._ops.0._ops.2.1"));
    ck_assert(td_slots_find(norms, "cells.0._ops.0._ops.1.1"));
    ck_assert(td_network_flops(net) < 0.8 * td_network_flops(full));
    td_net_plan masked_plan, plan;
    ck_assert_int_eq(td_network_plan(&masked_plan, &spec, 1), TD_OK);
    ck_assert_int_eq(td_network_plan(&plan, &small, 1), TD_OK);
    ck_assert((double) masked_plan.bytes < 0.85 * (double) plan.bytes);
    ck_assert_uint_eq(masked_plan.parameters, weights->total);

    arrays a = arrays_new(net, 6, 6), b = arrays_new(full, 6, 6);
    take_masked(net, &a, full, &b);
    td_pass pass = pass_of(&a, 1, (int[]){ 6 }), whole = pass_of(&b, 1, (int[]){ 6 });
    run_both_ways(net, &pass, &a);
    run_both_ways(full, &whole, &b);
    check_close(a.logits, b.logits, a.logit_count, 1e-5);
    for (int i = 0; i < weights->count; i++) {
        const td_slot *slot = &weights->slots[i];
        const td_slot *other = td_slots_find(td_network_weights(full), slot->name);
        check_close(a.grads + slot->offset, b.grads + other->offset, slot->count, 1e-4);
    }
    arrays_free(&a);
    arrays_free(&b);
    td_network_free(net);
    td_network_free(full);
}
END_TEST

START_TEST(test_masked_evaluation_by_images_and_by_phases)
{
    check_ways_of_evaluation(masked_spec(), 1e-4);
}
END_TEST

/* Stem, input layers, two phases of five edges per cell; and back. */
START_TEST(test_norms_of_a_phase_are_shared_at_one_hook)
{
    check_shared_norms(small, 2 * (1 + 3 * (1 + 2 * 5)));
}
END_TEST

START_TEST(test_names_are_those_of_the_state_dict)
{
    static const struct {
        const char *name;
        int dims[4];
    } known[] = {
        { "stem.0.weight", { 48, 3, 3, 3 } },
        { "stem.1.bias", { 48, 0, 0, 0 } },
        { "cells.0.preprocess0.op.1.weight", { 16, 48, 1, 1 } },
        { "cells.3.preprocess0.conv_2.weight", { 16, 64, 1, 1 } },
        { "cells.2._ops.1._ops.3.conv_1.weight", { 16, 32, 1, 1 } },
        { "cells.0._ops.3._ops.4.op.1.weight", { 16, 1, 3, 3 } },
        { "cells.5._ops.13._ops.5.op.6.weight", { 64, 64, 1, 1 } },
        { "cells.7._ops.0._ops.7.op.2.weight", { 64, 64, 1, 1 } },
        { "classifier.weight", { 10, 256, 0, 0 } },
    };
    static const char *norms[] = { "stem.1",
                                   "cells.0.preprocess1.op.2",
                                   "cells.3.preprocess0.bn",
                                   "cells.1._ops.2._ops.1.1",
                                   "cells.1._ops.2._ops.4.op.7",
                                   "cells.2._ops.0._ops.3.bn" };
    td_network *net = net_new(published);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const td_slot *slot = td_slots_find(td_network_weights(net), known[i].name);
        ck_assert_msg(slot, "%s is missing", known[i].name);
        ck_assert_mem_eq(slot->dims, known[i].dims, sizeof slot->dims);
    }
    for (size_t i = 0; i < sizeof norms / sizeof *norms; i++)
        ck_assert_msg(td_slots_find(td_network_norms(net), norms[i]), "%s", norms[i]);
    ck_assert_uint_eq(8 * td_network_norms(net)->total,
                      298368); /* bytes of statistics */
    ck_assert_uint_eq(td_slots_find(td_network_weights(net), "classifier.bias")->offset,
                      0);
    td_network_free(net);
}
END_TEST

START_TEST(test_two_branch_names)
{
    td_net_spec spec = published;
    spec.two_branch = true;
    td_network *net = net_new(spec);
    const td_slots *weights = td_network_weights(net), *norms = td_network_norms(net);
    ck_assert_ptr_nonnull(td_slots_find(weights, "cell_rb._ops.0._ops.4.op.1.weight"));
    ck_assert_int_eq(td_slots_find(weights, "classifier.weight")->dims[1], 512);
    for (int s = 0; s < norms->count; s++) {
        bool conventional = strncmp(norms->slots[s].name, "cells.7.", 8) == 0;
        bool rebalancing = strncmp(norms->slots[s].name, "cell_rb.", 8) == 0;
        ck_assert(td_network_norm_in_branch(net, s, 0) == !rebalancing);
        ck_assert(td_network_norm_in_branch(net, s, 1) == !conventional);
    }
    td_network_free(net);
}
END_TEST

/* Two heads share all cells, and every batch norm. */
START_TEST(test_two_head_names)
{
    td_net_spec spec = published;
    td_network *plain = net_new(spec);
    spec.two_branch = true;
    spec.split = TD_BRANCH_HEAD;
    td_network *net = net_new(spec);
    const td_slots *weights = td_network_weights(net), *norms = td_network_norms(net);
    ck_assert_ptr_null(td_slots_find(weights, "cell_rb._ops.0._ops.4.op.1.weight"));
    ck_assert_int_eq(td_slots_find(weights, "classifier.weight")->dims[1], 512);
    ck_assert_int_eq(weights->count, td_network_weights(plain)->count);
    ck_assert_int_eq(norms->count, td_network_norms(plain)->count);
    for (int s = 0; s < norms->count; s++)
        ck_assert(td_network_norm_in_branch(net, s, 0) &&
                  td_network_norm_in_branch(net, s, 1));
    td_network_free(plain);
    td_network_free(net);
}
END_TEST

/* Sides that cannot be halved are padded to those that can; only nothing at all is
 * refused. */
START_TEST(test_sides)
{
    static const struct {
        td_stem_kind stem;
        int side, padded;
    } samples[] = { { TD_STEM_CIFAR, 1, 4 },       { TD_STEM_CIFAR, 28, 28 },
                    { TD_STEM_CIFAR, 30, 32 },     { TD_STEM_IMAGENET, 32, 32 },
                    { TD_STEM_IMAGENET, 33, 64 },  { TD_STEM_IMAGENET, 224, 224 },
                    { TD_STEM_IMAGENET, 225, 256 } };
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        ck_assert_int_eq(td_stem_side(samples[i].stem, samples[i].side),
                         samples[i].padded);
}
END_TEST

START_TEST(test_what_a_stem_refuses)
{
    td_net_spec spec = small;
    td_net_plan plan;
    spec.stem = TD_STEM_IMAGENET;
    spec.channels = 4;
    spec.height = 64;
    spec.width = 31;
    ck_assert_int_eq(td_network_plan(&plan, &spec, 1), TD_DATA);
    ck_assert_str_eq(
        td_error_message(),
        "images of 64x31 pixels are too small for net.stem imagenet, which "
        "needs 32 or more a side: set net.stem to cifar, or import larger "
        "ones");
    spec.width = 32;
    ck_assert_int_eq(td_network_plan(&plan, &spec, 1), TD_OK);
    spec.channels = 5;
    ck_assert_int_eq(td_network_plan(&plan, &spec, 1), TD_USAGE);
    ck_assert_str_eq(td_error_message(),
                     "net.channels: found \"5\", but net.stem imagenet needs an even "
                     "number; accepted: for example 6");
}
END_TEST

/* A padded image is what a larger one with zeros around it is, to the bit. */
START_TEST(test_padding_is_zeros)
{
    td_net_spec spec = small, whole = small;
    spec.height = 6;
    spec.width = 5;
    whole.height = whole.width = 8;
    td_network *net = net_new(spec), *large = net_new(whole);
    arrays a = arrays_new(net, 2, 2), b = arrays_new(large, 2, 2);
    int colours = spec.image_channels;
    td_pass one = pass_of(&a, 1, (int[]){ 2 }), other = pass_of(&b, 1, (int[]){ 2 });
    memset(b.images, 0, (size_t) (2 * 8 * 8 * colours) * sizeof *b.images);
    for (int i = 0; i < 2; i++)
        for (int y = 0; y < 6; y++) /* one row above, one column to the left */
            memcpy(b.images + ((i * 8 + y + 1) * 8 + 1) * colours,
                   a.images + (i * 6 + y) * 5 * colours,
                   (size_t) (5 * colours) * sizeof *a.images);
    run_both_ways(net, &one, &a);
    run_both_ways(large, &other, &b);
    td_network_free(net);
    td_network_free(large);
    check_same_bits(a, b);
}
END_TEST

START_TEST(test_initial_weights)
{
    td_network *net = net_new(small);
    const td_slots *slots = td_network_weights(net);
    td_real *w = td_malloc(slots->total * sizeof *w);
    td_network_init(net, 9, w);
    for (int s = 0; s < slots->count; s++) {
        const td_slot *slot = &slots->slots[s];
        double bound = slot->fan_in ? 1 / sqrt(slot->fan_in) : 1.0, largest = 0.0;
        for (size_t i = 0; i < slot->count; i++)
            largest = fmax(largest, fabs((double) w[slot->offset + i]));
        ck_assert_msg(largest <= bound * (1 + 1e-6), "%s: %g", slot->name, largest);
        bool zero = strcmp(slot->name, "stem.1.bias") == 0;
        ck_assert_msg(zero ? largest == 0 : largest > 0.5 * bound || slot->count < 8,
                      "%s", slot->name);
    }
    td_free(w);
    td_network_free(net);
}
END_TEST

/* ---- a pass ---------------------------------------------------------------------- */

static arrays run_groups(int threads, td_recompute recompute, const int groups[2])
{
    td_net_spec spec = small;
    int images = groups[0] + groups[1];
    omp_set_num_threads(threads);
    spec.recompute = recompute;
    spec.batch = images + 1;
    spec.groups = 2;
    td_network *net = net_new(spec);
    arrays a = arrays_new(net, images, images);
    td_pass pass = pass_of(&a, 2, groups);
    run_both_ways(net, &pass, &a);
    td_network_free(net);
    return a;
}

static arrays run_with(int threads, td_recompute recompute)
{
    return run_groups(threads, recompute, (int[]){ 3, 2 });
}

/* More images than slices: some slices hold two of them, some three. */
START_TEST(test_same_bits_where_slices_are_uneven)
{
    const int groups[2] = { 20, 17 };
    check_same_bits(run_groups(1, TD_RECOMPUTE_NONE, groups),
                    run_groups(_i, TD_RECOMPUTE_ALL, groups));
}
END_TEST

/* The threads may change after the network was built: it stays with those it has room
 * for. */
START_TEST(test_threads_may_change_under_a_network)
{
    td_net_spec spec = small;
    spec.groups = 2;
    omp_set_num_threads(2);
    td_network *net = net_new(spec);
    arrays a = arrays_new(net, 5, 5);
    td_pass pass = pass_of(&a, 2, (int[]){ 3, 2 });
    omp_set_num_threads(_i);
    run_both_ways(net, &pass, &a);
    td_network_free(net);
    check_same_bits(run_with(1, TD_RECOMPUTE_NONE), a);
}
END_TEST

START_TEST(test_same_bits_on_any_number_of_threads)
{
    check_same_bits(run_with(1, TD_RECOMPUTE_NONE), run_with(_i, TD_RECOMPUTE_NONE));
}
END_TEST

START_TEST(test_same_bits_whatever_is_recomputed)
{
    check_same_bits(run_with(2, TD_RECOMPUTE_NONE), run_with(2, (td_recompute) _i));
}
END_TEST

START_TEST(test_recomputing_saves_memory)
{
    td_net_spec spec = published;
    size_t before = SIZE_MAX;
    td_net_plan plan;
    spec.batch = 64;
    for (int i = TD_RECOMPUTE_NONE; i <= TD_RECOMPUTE_ALL; i++) {
        spec.recompute = (td_recompute) i;
        ck_assert_int_eq(td_network_plan(&plan, &spec, 2), TD_OK);
        ck_assert_uint_lt(plan.bytes, before);
        ck_assert_int_eq(plan.recomputing, 0); /* no choice to make */
        before = plan.bytes;
    }
    ck_assert_uint_le(before, TD_AUTO_BYTES);
}
END_TEST

START_TEST(test_auto_keeps_what_fits)
{
    td_net_spec spec = published;
    td_net_plan some, none, more;
    spec.recompute = TD_RECOMPUTE_AUTO;
    spec.batch = 64;
    ck_assert_int_eq(td_network_plan(&some, &spec, 2), TD_OK);
    ck_assert(some.recomputing > 0 && some.recomputing < spec.cells);
    ck_assert_uint_le(some.bytes, TD_AUTO_BYTES);
    spec.batch = 16;
    ck_assert_int_eq(td_network_plan(&none, &spec, 2), TD_OK);
    ck_assert_int_eq(none.recomputing, 0);
    spec.batch = 1024; /* never fits */
    ck_assert_int_eq(td_network_plan(&more, &spec, 2), TD_OK);
    ck_assert_int_eq(more.recomputing, spec.cells);
}
END_TEST

/* The cell of the second branch recomputes, too. */
START_TEST(test_auto_at_its_end_is_all)
{
    td_net_spec spec = published;
    td_net_plan most, all;
    spec.batch = 512;
    spec.two_branch = _i;
    spec.recompute = TD_RECOMPUTE_AUTO;
    ck_assert_int_eq(td_network_plan(&most, &spec, 2), TD_OK);
    spec.recompute = TD_RECOMPUTE_ALL;
    ck_assert_int_eq(td_network_plan(&all, &spec, 2), TD_OK);
    ck_assert_uint_eq(most.bytes, all.bytes);
}
END_TEST

/* Which of two products is fused with their sum is the compiler's choice: gcc's is the
 * same on both ways, clang's is not. */
#ifdef __clang__
static const double ways_apart = 1e-6;
#else
static const double ways_apart = 0.0;
#endif

START_TEST(test_evaluation_by_images_and_by_phases)
{
    td_net_spec spec = small;
    omp_set_num_threads(_i % 4 + 1);
    spec.two_branch = _i >= 4;
    spec.split = _i >= 8 ? TD_BRANCH_HEAD : TD_BRANCH_CELL;
    check_ways_of_evaluation(spec, ways_apart);
}
END_TEST

/* Logits of an evaluation of sixteen images; for td_free. */
static td_real *evaluate(td_recompute recompute, int threads, bool two_branch,
                         int times)
{
    td_net_spec spec = published;
    spec.batch = 16;
    spec.recompute = recompute;
    spec.two_branch = two_branch;
    omp_set_num_threads(threads);
    td_network *net = net_new(spec);
    arrays a = arrays_new(net, 16, 16);
    size_t norms = td_network_norms(net)->total;
    td_real *mean = td_malloc(norms * sizeof *mean), *var = normal(norms, 5, 0.0);
    td_real *logits = td_malloc((size_t) times * a.logit_count * sizeof *logits);
    td_pass pass = pass_of(&a, 1, (int[]){ 16 });
    for (size_t i = 0; i < norms; i++)
        var[i] = 1;
    pass.running_mean = mean;
    pass.running_var = var;
    pass.request = TD_GRAD_NONE;
    for (int t = 0; t < times; t++)
        td_network_forward(net, &pass, logits + (size_t) t * a.logit_count);
    td_free(mean);
    td_free(var);
    arrays_free(&a);
    td_network_free(net);
    return logits;
}

/* Threads take images through different cells at a time: what cells share in a training
 * pass must not be shared then. */
START_TEST(test_evaluation_has_the_same_bits_whatever_is_recomputed)
{
    enum { TIMES = 4, LOGITS = 16 * 10 };
    bool two_branch = _i % 2;
    td_real *alone = evaluate(TD_RECOMPUTE_NONE, 1, two_branch, 1);
    td_real *shared =
        evaluate(_i < 2 ? TD_RECOMPUTE_POOLS : TD_RECOMPUTE_ALL, 4, two_branch, TIMES);
    for (int t = 0; t < TIMES; t++)
        check_bits(alone, shared + t * LOGITS, LOGITS);
    td_free(alone);
    td_free(shared);
}
END_TEST

START_TEST(test_a_pass_allocates_nothing_and_repeats)
{
    check_no_allocation(small);
}
END_TEST

START_TEST(test_an_empty_batch_is_a_pass_like_any_other)
{
    td_network *net = net_new(small);
    arrays a = arrays_new(net, 1, 1);
    td_pass pass = pass_of(&a, 1, (int[]){ 0 });
    size_t norms = td_network_norms(net)->total;
    td_real *mean = td_malloc(norms * sizeof *mean),
            *var = td_malloc(norms * sizeof *var);
    run_both_ways(net, &pass, &a);
    td_network_statistics(net, 0, 0, mean, var);
    for (size_t i = 0; i < a.weight_count; i++)
        ck_assert(a.grads[i] == 0);
    for (size_t i = 0; i < norms; i++)
        ck_assert(isfinite(mean[i]) && isfinite(var[i]));
    td_free(mean);
    td_free(var);
    arrays_free(&a);
    td_network_free(net);
}
END_TEST

/* The groups of a pass do not see each other: two groups equal two passes. */
START_TEST(test_groups_are_apart)
{
    td_net_spec grouped = small;
    grouped.groups = 2;
    td_network *net = net_new(grouped);
    arrays a = arrays_new(net, 6, 6);
    const td_net_spec *spec = td_network_spec(net);
    td_pass both = pass_of(&a, 2, (int[]){ 4, 2 }),
            second = pass_of(&a, 1, (int[]){ 2 });
    td_real alone[8];
    second.images += 4 * spec->height * spec->width * spec->image_channels;
    td_network_forward(net, &both, a.logits);
    td_network_forward(net, &second, alone);
    for (int i = 0; i < 8; i++)
        ck_assert(fabs((double) (alone[i] - a.logits[16 + i])) <= 1e-6);
    arrays_free(&a);
    td_network_free(net);
}
END_TEST

/* ---- branches -------------------------------------------------------------------- */

START_TEST(test_mixing_one_is_the_plain_network)
{
    td_net_spec spec = small;
    spec.split = _i == 0 ? TD_BRANCH_CELL : TD_BRANCH_HEAD;
    check_mixing_one(spec);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("net");
    TCase *tests = tcase_create("supernet");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, test_parameter_counts);
    tcase_add_test(tests, test_arithmetic_of_a_step);
    tcase_add_test(tests, test_costs_of_operations);
    tcase_add_test(tests, test_what_is_masked_is_not_there);
    tcase_add_test(tests, test_masked_evaluation_by_images_and_by_phases);
    tcase_add_test(tests, test_norms_of_a_phase_are_shared_at_one_hook);
    tcase_add_test(tests, test_names_are_those_of_the_state_dict);
    tcase_add_test(tests, test_two_branch_names);
    tcase_add_test(tests, test_two_head_names);
    tcase_add_test(tests, test_sides);
    tcase_add_test(tests, test_what_a_stem_refuses);
    tcase_add_test(tests, test_padding_is_zeros);
    tcase_add_test(tests, test_initial_weights);
    tcase_add_loop_test(tests, test_same_bits_on_any_number_of_threads, 2, 5);
    tcase_add_loop_test(tests, test_same_bits_whatever_is_recomputed, 1, 5);
    tcase_add_test(tests, test_recomputing_saves_memory);
    tcase_add_test(tests, test_auto_keeps_what_fits);
    tcase_add_loop_test(tests, test_auto_at_its_end_is_all, 0, 2);
    tcase_add_loop_test(tests, test_same_bits_where_slices_are_uneven, 1, 5);
    tcase_add_loop_test(tests, test_threads_may_change_under_a_network, 1, 5);
    tcase_add_loop_test(tests, test_evaluation_by_images_and_by_phases, 0, 12);
    tcase_add_loop_test(tests, test_evaluation_has_the_same_bits_whatever_is_recomputed,
                        0, 4);
    tcase_add_test(tests, test_a_pass_allocates_nothing_and_repeats);
    tcase_add_test(tests, test_an_empty_batch_is_a_pass_like_any_other);
    tcase_add_test(tests, test_groups_are_apart);
    tcase_add_loop_test(tests, test_mixing_one_is_the_plain_network, 0, 2);
    suite_add_tcase(suite, tests);
    return suite;
}
