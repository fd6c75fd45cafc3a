/* Operations that do not take part in a pass (td_pass.present): they equal operations
 * of weight zero, bit for bit, and nothing of theirs moves. */
#include <stdio.h>

#include "net_arrays.h"
#include "suite.h"

static const td_net_spec small = { .channels = 5,
                                   .cells = 4,
                                   .nodes = 3,
                                   .classes = 4,
                                   .image_channels = 1,
                                   .height = 12,
                                   .width = 8,
                                   .batch = 4 };

enum { EDGES = 9 }; /* of three nodes */

/* Four of ten are absent; some edges have nothing left. */
static void draw_present(uint8_t present[2 * EDGES], uint32_t shard)
{
    td_random key = { .seed = 9, .stream = TD_STREAM_SYNTHETIC, .shard = shard };
    memset(present, 0, 2 * EDGES);
    for (uint32_t i = 0; i < 2 * EDGES * TD_NUM_OPS; i++)
        if (td_random_unit(&key, i) < 0.6)
            present[i / TD_NUM_OPS] |= (uint8_t) (1U << i % TD_NUM_OPS);
    present[3] = present[EDGES + 2] = 0;
}

static bool is_present(const uint8_t *present, size_t i)
{
    return present[i / TD_NUM_OPS] >> i % TD_NUM_OPS & 1;
}

static void weigh_nothing(arrays *a, const uint8_t *present)
{
    for (size_t i = 0; i < a->alpha_count; i++)
        if (!is_present(present, i))
            a->mixture[i] = 0.0;
}

static const td_net_spec forms[] = {
    { .groups = 1 },
    { .groups = 2 },
    { .two_branch = true },
    { .recompute = TD_RECOMPUTE_ALL },
    { .recompute = TD_RECOMPUTE_DILATED, .two_branch = true, .groups = 2 },
};
enum { FORMS = sizeof forms / sizeof forms[0] };

static td_net_spec spec_of(int form)
{
    td_net_spec spec = small;
    spec.groups = forms[form].groups;
    spec.two_branch = forms[form].two_branch;
    spec.recompute = forms[form].recompute;
    return spec;
}

/* The images of each group, two or four. */
static td_pass grouped_pass(const arrays *a, td_net_spec spec)
{
    static const int pairs[4] = { 2, 2, 2, 2 }, whole[2] = { 4, 4 };
    int branches = spec.two_branch ? 2 : 1;
    return spec.groups == 2 ? pass_of(a, 2 * branches, pairs)
                            : pass_of(a, branches, whole);
}

static void check_equal(const td_real *one, const td_real *other, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(one[i] == other[i], "[%zu]: %.9g and %.9g", i, (double) one[i],
                      (double) other[i]);
}

static void check_d_mixture(const arrays *a, const arrays *b, const uint8_t *present)
{
    for (size_t i = 0; i < a->alpha_count; i++)
        ck_assert(a->d_mixture[i] == (is_present(present, i) ? b->d_mixture[i] : 0.0));
}

/* The second round has other operations, and weights that are packed already; packed
 * weights of operations that the first round did without must not be old ones. */
START_TEST(test_what_is_absent_weighs_nothing)
{
    td_net_spec spec = spec_of(_i);
    td_network *part = net_new(spec), *whole = net_new(spec);
    int rows = spec.batch, images = rows * (spec.two_branch ? 2 : 1);
    arrays a = arrays_new(part, images, rows), b = arrays_new(whole, images, rows);
    td_pass some = grouped_pass(&a, spec), all = grouped_pass(&b, spec);
    double *mixture = a.mixture, *d_mixture = a.d_mixture;
    some.mixing = all.mixing = 0.3;
    run_both_ways(part, &some, &a); /* leaves numbers everywhere */
    for (size_t i = 0; i < a.weight_count; i++)
        b.weights[i] = a.weights[i] += (td_real) 0.01;
    for (uint32_t round = 0; round < 3; round++) {
        uint8_t present[2 * EDGES];
        draw_present(present, round);
        some.present = present;
        some.has_weights_of_last = round > 0;
        weigh_nothing(&b, present);
        memset(a.grads, 0, a.weight_count * sizeof *a.grads);
        memset(b.grads, 0, b.weight_count * sizeof *b.grads);
        run_both_ways(part, &some, &a);
        run_both_ways(whole, &all, &b);
        check_equal(a.logits, b.logits, a.logit_count);
        check_equal(a.grads, b.grads, a.weight_count);
        check_d_mixture(&a, &b, present);
        memcpy(b.mixture, mixture, b.alpha_count * sizeof *mixture);
    }
    ck_assert_ptr_eq(d_mixture, a.d_mixture);
    arrays_free(&a);
    arrays_free(&b);
    td_network_free(part);
    td_network_free(whole);
}
END_TEST

/* Image by image, and by phases with what a backward pass needs. */
START_TEST(test_evaluations_without_what_is_absent)
{
    td_network *net = net_new(small);
    arrays a = arrays_new(net, 4, 4), b = arrays_new(net, 4, 4);
    size_t norms = td_network_norms(net)->total;
    td_real *mean = normal(norms, 4, 0.1), *var = normal(norms, 5, 0.1);
    uint8_t present[2 * EDGES];
    td_pass some = pass_of(&a, 1, (int[]){ 4 }), all = pass_of(&b, 1, (int[]){ 4 });
    for (size_t i = 0; i < norms; i++)
        var[i] = (td_real) exp((double) var[i]);
    draw_present(present, 0);
    weigh_nothing(&b, present);
    some.present = present;
    some.running_mean = all.running_mean = mean;
    some.running_var = all.running_var = var;
    for (int keeps = 0; keeps < 2; keeps++) {
        some.request = all.request = keeps ? TD_GRAD_BOTH : TD_GRAD_NONE;
        td_network_forward(net, &all, b.logits);
        td_network_forward(net, &some, a.logits);
        check_equal(a.logits, b.logits, a.logit_count);
    }
    ck_assert(a.logits[0] != a.logits[small.classes]);
    td_free(mean);
    td_free(var);
    arrays_free(&a);
    arrays_free(&b);
    td_network_free(net);
}
END_TEST

/* A pool's norm is one for all edges that leave a state; the others are an edge's. */
static bool is_read(const char *name, const uint8_t *present)
{
    static const int from[EDGES] = { 0, 1, 0, 1, 2, 0, 1, 2, 3 };
    int cell, edge, op,
        found = sscanf(name, "cells.%d._ops.%d._ops.%d", &cell, &edge, &op);
    if (found < 3)
        return true;
    const uint8_t *table = present + (cell == 1 || cell == 2 ? EDGES : 0);
    bool is_read = table[edge] >> op & 1;
    for (int e = 0; e < EDGES; e++)
        if (from[e] == from[edge] &&
            (op == TD_OP_MAX_POOL_3X3 || op == TD_OP_AVG_POOL_3X3))
            is_read = is_read || table[e] >> op & 1;
    return is_read;
}

START_TEST(test_norms_of_the_absent_keep_their_statistics)
{
    td_network *net = net_new(small);
    const td_slots *norms = td_network_norms(net);
    arrays a = arrays_new(net, 4, 4);
    td_real *mean = td_malloc(norms->total * sizeof *mean);
    td_real *var = td_malloc(norms->total * sizeof *var);
    uint8_t present[2 * EDGES];
    int absent = 0;
    td_pass pass = pass_of(&a, 1, (int[]){ 4 });
    draw_present(present, 1);
    pass.present = present;
    for (size_t i = 0; i < norms->total; i++)
        mean[i] = var[i] = 1000;
    run_both_ways(net, &pass, &a);
    td_network_statistics(net, 0, 0, mean, var);
    for (int i = 0; i < norms->count; i++) {
        const td_slot *slot = &norms->slots[i];
        bool is_told = td_network_norm_is_present(net, i, present);
        ck_assert_msg(is_told == is_read(slot->name, present), "%s", slot->name);
        ck_assert_msg(is_told == (mean[slot->offset] != 1000), "%s", slot->name);
        ck_assert(is_told == (var[slot->offset] != 1000));
        ck_assert(td_network_norm_is_present(net, i, NULL));
        absent += !is_told;
    }
    ck_assert_int_gt(absent, 20);
    td_free(mean);
    td_free(var);
    arrays_free(&a);
    td_network_free(net);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("net, operations of a pass");
    TCase *tests = tcase_create("present");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, test_what_is_absent_weighs_nothing, 0, FORMS);
    tcase_add_test(tests, test_evaluations_without_what_is_absent);
    tcase_add_test(tests, test_norms_of_the_absent_keep_their_statistics);
    suite_add_tcase(suite, tests);
    return suite;
}
