/* all-skip: a skip connection of weight 1 beside the operations of every edge, in the
 * supernet and in the networks that it leaves. */
#include <math.h>
#include <omp.h>
#include <string.h>

#include "../../src/net/network.h"
#include "net_arrays.h"
#include "net_genotypes.h"
#include "suite.h"

/* A cell at full size: all skip connections are plain ones. */
static const td_net_spec flat = { .channels = 5,
                                  .cells = 1,
                                  .nodes = 2,
                                  .classes = 4,
                                  .image_channels = 1,
                                  .height = 12,
                                  .width = 8,
                                  .batch = 6,
                                  .adds_skips = true };

static td_genotype with_skips(td_genotype genotype)
{
    genotype.adds_skips = true;
    return genotype;
}

static td_net_spec supernet(void)
{
    td_net_spec spec = flat;
    spec.cells = 3;
    return spec;
}

static td_net_spec derived(const td_genotype *genotype)
{
    td_net_spec spec = flat;
    spec.cells = 4;
    spec.adds_skips = false; /* the genotype says it */
    spec.genotype = genotype;
    return spec;
}

/* ---- what they add --------------------------------------------------------------- */

static void check_near(const double *one, const double *other, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(fabs(one[i] - other[i]) <= 1e-3 * fmax(1.0, fabs(other[i])),
                      "[%zu]: %g and %g", i, one[i], other[i]);
}

/* Beside the others it is what one more of skip_connect's weight would be. */
START_TEST(test_a_plain_one_weighs_one)
{
    td_net_spec without = flat;
    without.adds_skips = false;
    td_network *net = net_new(flat), *twin = net_new(without);
    arrays a = arrays_new(net, 5, 5), b = arrays_new(twin, 5, 5);
    ck_assert_uint_eq(a.weight_count, b.weight_count);
    for (size_t i = TD_OP_SKIP_CONNECT; i < b.alpha_count; i += TD_NUM_OPS)
        b.mixture[i] += 1.0;
    td_pass one = pass_of(&a, 1, (int[]){ 5 }), other = pass_of(&b, 1, (int[]){ 5 });
    run_both_ways(net, &one, &a);
    run_both_ways(twin, &other, &b);
    check_close(a.logits, b.logits, a.logit_count, 1e-4);
    check_close(a.grads, b.grads, a.weight_count, 1e-3);
    check_near(a.d_mixture, b.d_mixture, a.alpha_count / 2);
    arrays_free(&a);
    arrays_free(&b);
    td_network_free(net);
    td_network_free(twin);
}
END_TEST

/* Two inputs that pass, each twice: features twice as large. */
START_TEST(test_a_derived_cell_has_them)
{
    static const td_genes both = {
        2, { { TD_OP_SKIP_CONNECT, 0, 2 }, { TD_OP_SKIP_CONNECT, 1, 2 } }
    };
    const td_genotype single = { .nodes = 1, .normal = both, .reduce = both };
    const td_genotype twice = with_skips(single);
    td_net_spec spec = derived(&single);
    spec.cells = 1;
    td_network *one = net_new(spec);
    spec.genotype = &twice;
    td_network *two = net_new(spec);
    arrays a = arrays_new(one, 3, 3), b = arrays_new(two, 3, 3);
    const td_real *bias =
        a.weights + td_slots_find(td_network_weights(one), "classifier.bias")->offset;
    td_pass pass = pass_of(&a, 1, (int[]){ 3 });
    run_both_ways(one, &pass, &a);
    pass.images = b.images;
    run_both_ways(two, &pass, &b);
    for (size_t i = 0; i < a.logit_count; i++) {
        td_real c = bias[i % 4];
        ck_assert(fabsf((b.logits[i] - c) - 2 * (a.logits[i] - c)) <= 1e-5f);
    }
    arrays_free(&a);
    arrays_free(&b);
    td_network_free(one);
    td_network_free(two);
}
END_TEST

/* ---- names and numbers ----------------------------------------------------- */

static td_net_plan plan_of(td_net_spec spec)
{
    td_net_plan plan;
    ck_assert_int_eq(td_network_plan(&plan, &spec, 1), TD_OK);
    return plan;
}

/* Cells 1 and 2 reduce, to 10 and to 20 channels: those from their inputs have weights,
 * a factorized product. */
START_TEST(test_those_of_stride_two_have_weights)
{
    td_net_spec without = supernet();
    without.adds_skips = false;
    td_net_plan more = plan_of(supernet()), less = plan_of(without);
    ck_assert_uint_eq(more.parameters - less.parameters, 4 * (10 * 10 + 20 * 20));
    ck_assert_uint_eq(more.statistics - less.statistics, 4 * (10 + 20));
    ck_assert_uint_gt(more.bytes, less.bytes);
    td_network *net = net_new(supernet()), *twin = net_new(without);
    ck_assert(td_network_flops(net) - td_network_flops(twin) ==
              4 * 2.0 * (6 * 4 * 100 + 3 * 2 * 400));
    const td_slots *slots = td_network_weights(net);
    const td_slot *slot = td_slots_find(slots, "cells.1._ops.0.aux_skip.conv_1.weight");
    ck_assert_ptr_nonnull(slot);
    ck_assert_mem_eq(slot->dims, ((int[4]){ 5, 10, 1, 1 }), sizeof slot->dims);
    ck_assert_ptr_null(td_slots_find(slots, "cells.0._ops.0.aux_skip.conv_1.weight"));
    ck_assert_ptr_null(td_slots_find(slots, "cells.1._ops.4.aux_skip.conv_1.weight"));
    td_network_free(net);
    td_network_free(twin);
}
END_TEST

/* darts_v2's reduction cell has five operations that leave an input. */
START_TEST(test_those_of_a_derived_network)
{
    const td_genotype genotype = with_skips(darts_v2);
    td_net_plan more = plan_of(derived(&genotype)), less = plan_of(derived(&darts_v2));
    ck_assert_uint_eq(more.parameters - less.parameters,
                      5 * (10 * 10 + 2 * 10 + 20 * 20 + 2 * 20));
    td_network *net = net_new(derived(&genotype));
    const td_slots *slots = td_network_weights(net);
    ck_assert_ptr_nonnull(td_slots_find(slots, "cells.1._ops.3.aux_skip.bn.weight"));
    ck_assert_ptr_nonnull(td_slots_find(slots, "cells.0._ops.7.operation.op.1.weight"));
    ck_assert_ptr_null(td_slots_find(slots, "cells.0._ops.7.op.1.weight"));
    td_network_free(net);
}
END_TEST

/* An edge without operations keeps it, and its batch norm learns. */
START_TEST(test_it_is_there_whatever_is_absent)
{
    td_net_spec spec = supernet();
    td_network *net = net_new(spec);
    uint8_t present[10] = { 0 };
    arrays a = arrays_new(net, 3, 3);
    td_pass pass = pass_of(&a, 1, (int[]){ 3 });
    pass.present = present;
    run_both_ways(net, &pass, &a);
    const td_slots *norms = td_network_norms(net);
    for (int i = 0; i < norms->count; i++) {
        const char *name = norms->slots[i].name;
        bool stays = !strstr(name, "_ops.") || strstr(name, "aux_skip");
        ck_assert(td_network_norm_is_present(net, i, present) == stays);
    }
    const td_slot *slot =
        td_slots_find(td_network_weights(net), "cells.1._ops.0.aux_skip.conv_2.weight");
    double sum = 0.0;
    for (size_t i = 0; i < slot->count; i++)
        sum += fabs((double) a.grads[slot->offset + i]);
    ck_assert(sum > 0.0);
    arrays_free(&a);
    td_network_free(net);
}
END_TEST

/* Drop-out is for skip_connect, which takes no part here. */
START_TEST(test_nothing_of_it_is_left_out)
{
    td_net_spec spec = supernet();
    spec.drops_skips = true;
    td_network *net = net_new(spec);
    uint8_t present[10];
    arrays a = arrays_new(net, 3, 3), b = arrays_new(net, 3, 3);
    td_pass one = pass_of(&a, 1, (int[]){ 3 }), other = pass_of(&b, 1, (int[]){ 3 });
    memset(present, 0xff & ~(1 << TD_OP_SKIP_CONNECT), sizeof present);
    one.present = other.present = present;
    other.skip_dropout = 0.4;
    run_both_ways(net, &one, &a);
    run_both_ways(net, &other, &b);
    check_same_bits(a, b);
    td_network_free(net);
}
END_TEST

/* ---- as every network ------------------------------------------------------ */

static td_net_spec form(int i)
{
    static td_genotype genotypes[3];
    genotypes[0] = with_skips(every_operation);
    genotypes[1] = with_skips(uneven);
    genotypes[2] = with_skips(all_inputs);
    td_net_spec spec = i % 4 == 3 ? supernet() : derived(&genotypes[i % 4]);
    spec.two_branch = i / 4 % 2;
    return spec;
}

static arrays run_of(td_net_spec spec, int threads)
{
    spec.groups = spec.two_branch ? 1 : 2;
    omp_set_num_threads(threads);
    td_network *net = net_new(spec);
    arrays a = arrays_new(net, spec.two_branch ? 4 : 5, spec.two_branch ? 2 : 5);
    td_pass pass = pass_of(&a, 2, spec.two_branch ? (int[]){ 2, 2 } : (int[]){ 3, 2 });
    pass.mixing = 0.3;
    run_both_ways(net, &pass, &a);
    td_network_free(net);
    return a;
}

START_TEST(test_same_bits_however_they_are_computed)
{
    static const td_recompute recomputes[] = { TD_RECOMPUTE_POOLS, TD_RECOMPUTE_DILATED,
                                               TD_RECOMPUTE_ALL };
    td_net_spec spec = form(_i), none = spec;
    none.recompute = TD_RECOMPUTE_NONE;
    spec.recompute = recomputes[_i % 3];
    check_same_bits(run_of(none, 1), run_of(spec, 1 + _i % 3));
    check_ways_of_evaluation(spec, 1e-5);
    spec.two_branch = false;
    check_no_allocation(spec);
}
END_TEST

START_TEST(test_planned_bytes_are_those_allocated)
{
    td_net_plan plan = plan_of(form(_i));
    omp_set_num_threads(1);
    td_network *net = net_new(form(_i));
    ck_assert_uint_eq(plan.bytes, net->arena.size);
    td_network_free(net);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("skip connections beside");
    TCase *tests = tcase_create("all-skip");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, test_a_plain_one_weighs_one);
    tcase_add_test(tests, test_a_derived_cell_has_them);
    tcase_add_test(tests, test_those_of_stride_two_have_weights);
    tcase_add_test(tests, test_those_of_a_derived_network);
    tcase_add_test(tests, test_it_is_there_whatever_is_absent);
    tcase_add_test(tests, test_nothing_of_it_is_left_out);
    tcase_add_loop_test(tests, test_same_bits_however_they_are_computed, 0, 8);
    tcase_add_loop_test(tests, test_planned_bytes_are_those_allocated, 0, 8);
    suite_add_tcase(suite, tests);
    return suite;
}
