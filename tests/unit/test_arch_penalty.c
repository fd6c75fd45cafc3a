/* Penalties: gradients by finite differences, masks, edge weights; and what goes with
 * weights beside their relaxation: shift, bonus, edge weights. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "some_arch.h"
#include "suite.h"
#include "taildart/arch_penalty.h"
#include "taildart/base_random.h"

enum { EDGES = 5, TABLES = 2 * EDGES * TD_NUM_OPS }; /* two nodes */

static td_real alphas[TABLES], betas[2 * EDGES];
static uint8_t present[2 * EDGES];
static double costs[TABLES];

static void fill(void)
{
    td_random key = { .seed = 3, .stream = TD_STREAM_SYNTHETIC };
    for (uint32_t i = 0; i < TABLES; i++) {
        alphas[i] = (td_real) td_random_normal(&key, i);
        costs[i] = td_random_unit(&key, 1000 + i);
    }
    for (uint32_t e = 0; e < 2 * EDGES; e++) {
        betas[e] = (td_real) td_random_normal(&key, 2000 + e);
        present[e] = (uint8_t) (0x2d + 17 * e);
    }
}

static td_arch some_arch(const td_relaxation *relaxation)
{
    fill();
    td_arch arch = arch_of(relaxation, alphas, EDGES);
    arch.betas = betas;
    arch.present = present;
    return arch;
}

/* ---- penalties ------------------------------------------------------------------- */

static td_arch_penalties one_of(int kind)
{
    td_arch_penalties penalties = { .costs = costs };
    penalties.weights[kind] = 0.75;
    return penalties;
}

static double value_of(const td_arch *arch, const td_arch_penalties *penalties)
{
    td_real d_alphas[TABLES] = { 0 }, d_betas[2 * EDGES] = { 0 };
    return td_arch_penalise(arch, penalties, d_alphas, d_betas);
}

/* d(value)/dx by a central difference; \a x is a number of the tables. */
static double slope_by(const td_arch *arch, const td_arch_penalties *penalties,
                       td_real *x)
{
    const td_real h = 1.0f / 64, before = *x;
    *x = before + h;
    double above = value_of(arch, penalties);
    *x = before - h;
    double below = value_of(arch, penalties);
    *x = before;
    return (above - below) / (2.0 * (double) h);
}

START_TEST(test_gradients_of_penalties)
{
    static const td_relaxation *const relaxations[] = { &td_relaxation_softmax,
                                                        &td_relaxation_sigmoid,
                                                        &td_relaxation_dirichlet };
    td_arch_penalties penalties = one_of(_i);
    for (int r = 0; r < 3; r++) {
        td_arch arch = some_arch(relaxations[r]);
        td_real d_alphas[TABLES] = { 0 }, d_betas[2 * EDGES] = { 0 };
        td_arch_penalise(&arch, &penalties, d_alphas, d_betas);
        for (int i = 0; i < TABLES; i++)
            ck_assert(fabs((double) d_alphas[i] -
                           slope_by(&arch, &penalties, &alphas[i])) <= 2e-3);
        for (int e = 0; e < 2 * EDGES; e++)
            ck_assert(fabs((double) d_betas[e] -
                           slope_by(&arch, &penalties, &betas[e])) <= 2e-3);
    }
}
END_TEST

START_TEST(test_penalties_add_up)
{
    td_arch arch = some_arch(&td_relaxation_softmax);
    td_arch_penalties all = { .costs = costs }, none = { .costs = costs };
    double sum = 0.0;
    for (int kind = 0; kind < TD_PENALTY_COUNT; kind++) {
        td_arch_penalties one = one_of(kind);
        sum += value_of(&arch, &one);
        all.weights[kind] = 0.75;
    }
    ck_assert(fabs(value_of(&arch, &all) - sum) <= 1e-12);
    ck_assert(td_arch_has_penalty(&all) && !td_arch_has_penalty(&none));
    ck_assert(value_of(&arch, &none) == 0.0);
}
END_TEST

/* Of one operation per edge, all alike: its cost. */
START_TEST(test_expected_cost)
{
    td_arch arch = some_arch(&td_relaxation_softmax);
    td_arch_penalties penalties = one_of(TD_PENALTY_FLOPS);
    memset(present, 1 << TD_OP_SEP_CONV_3X3, sizeof present);
    arch.betas = NULL;
    double sum = 0.0;
    for (int e = 0; e < 2 * EDGES; e++)
        sum += costs[e * TD_NUM_OPS + TD_OP_SEP_CONV_3X3];
    ck_assert(fabs(value_of(&arch, &penalties) - 0.75 * sum) <= 1e-12);
}
END_TEST

/* ---- beside the relaxation ------------------------------------------------------- */

START_TEST(test_edge_weights_scale_edges)
{
    td_arch arch = some_arch(&td_relaxation_softmax);
    double p[TABLES], sum[2 * 2] = { 0 };
    td_arch_forward(&arch, p);
    for (int e = 0; e < 2 * EDGES; e++)
        for (int k = 0; k < TD_NUM_OPS; k++) /* both nodes of both cells */
            sum[e / EDGES * 2 + (e % EDGES >= 2)] += p[e * TD_NUM_OPS + k];
    for (int i = 0; i < 4; i++)
        ck_assert(fabs(sum[i] - 1.0) <= 1e-12);
}
END_TEST

/* The cell takes p·q: a strong operation on a weak edge stays behind. */
START_TEST(test_edge_weights_decide_a_cell)
{
    td_real level[TABLES] = { 0 }, weights[2 * EDGES] = { 0 };
    td_arch arch = arch_of(&td_relaxation_softmax, level, EDGES);
    td_genotype g;
    level[2 * TD_NUM_OPS + TD_OP_SKIP_CONNECT] = 1; /* node 1, input 0 */
    td_arch_derive(&arch, &g, 2, &two_strongest);
    ck_assert(g.normal.gene[2].state == 0 && g.normal.gene[2].op == TD_OP_SKIP_CONNECT);
    weights[2] = -5;
    arch.betas = weights;
    td_arch_derive(&arch, &g, 2, &two_strongest);
    ck_assert(g.normal.gene[2].state == 1 && g.normal.gene[3].state == 2);
}
END_TEST

START_TEST(test_gradients_with_edge_weights)
{
    td_arch arch = some_arch(&td_relaxation_softmax);
    td_real d_alphas[TABLES] = { 0 }, d_betas[2 * EDGES] = { 0 };
    arch.skip_bonus = 0.5;
    td_arch_backward(&arch, d_alphas, d_betas, costs);
    for (int i = 0; i < TABLES + 2 * EDGES; i++) {
        td_real *x = i < TABLES ? &alphas[i] : &betas[i - TABLES];
        td_real found = i < TABLES ? d_alphas[i] : d_betas[i - TABLES];
        double slope = 0.0, p[TABLES];
        for (int side = -1; side <= 1; side += 2) {
            *x += (td_real) side / 64;
            td_arch_forward(&arch, p);
            *x -= (td_real) side / 64;
            for (int k = 0; k < TABLES; k++)
                slope += side * costs[k] * p[k] * 32;
        }
        ck_assert(fabs((double) found - slope) <= 1e-3);
    }
}
END_TEST

/* On all edges of a normal cell, in a reduction cell on those between nodes. */
START_TEST(test_bonus_is_for_stride_1)
{
    td_arch arch = some_arch(&td_relaxation_softmax);
    double plain[TABLES], with[TABLES];
    memset(present, TD_ALL_PRESENT, sizeof present);
    present[1] = present[EDGES + 2] = 0x71; /* without skip_connect */
    td_arch_forward(&arch, plain);
    arch.skip_bonus = 0.5;
    td_arch_forward(&arch, with);
    for (int i = 0; i < TABLES; i++) {
        int e = i / TD_NUM_OPS, k = i % TD_NUM_OPS;
        bool has_stride = e >= EDGES && e != EDGES + 4;
        bool takes = k == TD_OP_SKIP_CONNECT && present[e] >> k & 1 && !has_stride;
        ck_assert(fabs(with[i] - plain[i] - (takes ? 0.5 : 0.0)) <= 1e-15);
    }
}
END_TEST

START_TEST(test_a_shift_that_leaves_nothing)
{
    td_arch arch = some_arch(&td_relaxation_softmax);
    double shift[TABLES], p[TABLES];
    for (int i = 0; i < TABLES; i++)
        shift[i] = i % TD_NUM_OPS == 3 ? -1.5 : -9.0;
    arch.betas = NULL;
    arch.shift = shift;
    memset(present, 0x0b, sizeof present);
    td_arch_forward(&arch, p);
    for (int i = 0; i < TABLES; i++)
        ck_assert(p[i] == (i % TD_NUM_OPS == 3));
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("arch_penalty");
    TCase *tests = tcase_create("penalties");
    tcase_add_loop_test(tests, test_gradients_of_penalties, 0, TD_PENALTY_COUNT);
    tcase_add_test(tests, test_penalties_add_up);
    tcase_add_test(tests, test_expected_cost);
    suite_add_tcase(suite, tests);
    tests = tcase_create("beside the relaxation");
    tcase_add_test(tests, test_edge_weights_scale_edges);
    tcase_add_test(tests, test_edge_weights_decide_a_cell);
    tcase_add_test(tests, test_gradients_with_edge_weights);
    tcase_add_test(tests, test_bonus_is_for_stride_1);
    tcase_add_test(tests, test_a_shift_that_leaves_nothing);
    suite_add_tcase(suite, tests);
    return suite;
}
