/* Heads: rows of a frame, directions of nothing, what is learned and what stays. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "../checker/bare_head.h"
#include "suite.h"
#include "taildart/objective.h"

/* ---- frames -------------------------------------------------------------- */

START_TEST(test_rows_of_a_frame)
{
    static const int sizes[][2] = { { 2, 1 },  { 2, 7 },    { 3, 2 },
                                    { 10, 9 }, { 10, 256 }, { 100, 99 } };
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        int classes = sizes[s][0], dims = sizes[s][1];
        td_real *m = td_malloc((size_t) (classes * dims) * sizeof *m);
        td_head_frame(3, classes, dims, m);
        for (int a = 0; a < classes; a++)
            for (int b = 0; b <= a; b++) {
                double sum = 0.0, wanted = a == b ? 1.0 : -1.0 / (classes - 1);
                for (int i = 0; i < dims; i++)
                    sum += (double) m[a * dims + i] * (double) m[b * dims + i];
                ck_assert_msg(fabs(sum - wanted) <= 1e-6, "%d x %d, %d·%d: %.9g",
                              classes, dims, a, b, sum);
            }
        td_free(m);
    }
}
END_TEST

START_TEST(test_a_frame_goes_by_its_seed)
{
    td_real m[3][3 * 8];
    td_head_frame(1, 3, 8, m[0]);
    td_head_frame(1, 3, 8, m[1]);
    td_head_frame(2, 3, 8, m[2]);
    ck_assert_int_eq(memcmp(m[0], m[1], sizeof m[0]), 0);
    ck_assert_int_ne(memcmp(m[0], m[2], sizeof m[0]), 0);
}
END_TEST

static td_net_spec spec_of(td_head_kind head, int classes)
{
    return (td_net_spec){ .channels = 2,
                          .cells = 3,
                          .nodes = 2,
                          .classes = classes,
                          .image_channels = 1,
                          .height = 8,
                          .width = 8,
                          .batch = 2,
                          .head = head,
                          .head_scale = 1.0 };
}

/* 2 channels, doubled twice, 2 nodes: 16 features. */
START_TEST(test_too_few_features)
{
    td_net_plan plan;
    td_net_spec fits = spec_of(TD_HEAD_ETF, 17), not = spec_of(TD_HEAD_ETF, 18);
    ck_assert_int_eq(td_network_plan(&plan, &fits, 1), TD_OK);
    ck_assert_int_eq(td_network_plan(&plan, &not, 1), TD_USAGE);
    ck_assert_msg(strstr(td_error_message(), "18 classes need 17 features") &&
                      strstr(td_error_message(), "has 16"),
                  "%s", td_error_message());
    fits.two_branch = true;
    ck_assert_int_eq(td_network_plan(&plan, &fits, 1), TD_USAGE);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "half of a frame"));
    not .head = TD_HEAD_NORMALISED;
    not .two_branch = false;
    ck_assert_int_eq(td_network_plan(&plan, &not, 1), TD_OK);
}
END_TEST

/* The frame lies behind all that steps change, and is no parameter. */
START_TEST(test_what_is_learned)
{
    td_net_plan linear, normalised, etf;
    td_net_spec spec = spec_of(TD_HEAD_LINEAR, 5);
    ck_assert_int_eq(td_network_plan(&linear, &spec, 1), TD_OK);
    spec.head = TD_HEAD_NORMALISED;
    ck_assert_int_eq(td_network_plan(&normalised, &spec, 1), TD_OK);
    spec.head = TD_HEAD_ETF;
    ck_assert_int_eq(td_network_plan(&etf, &spec, 1), TD_OK);
    ck_assert_int_eq(linear.weights, linear.learned);
    ck_assert_int_eq(linear.parameters, normalised.parameters + 5);
    ck_assert_int_eq(normalised.weights, etf.weights);
    ck_assert_int_eq(normalised.learned, etf.learned + 5 * 16);
    ck_assert_int_eq(etf.parameters, etf.learned);
    td_network *net;
    ck_assert_int_eq(td_network_new(&net, &spec, td_kernels_get(TD_ISA_GENERIC)),
                     TD_OK);
    const td_slots *slots = td_network_weights(net);
    const td_slot *frame = td_slots_find(slots, "classifier.weight");
    ck_assert(frame->is_fixed && frame->offset == slots->learned);
    ck_assert(td_slots_find(slots, "classifier.bias") == NULL);
    td_network_free(net);
}
END_TEST

/* ---- nothing has no direction -------------------------------------------- */

static void ones(void *context, td_real *d_logits, const td_real *logits)
{
    td_real *kept = context;
    for (int i = 0; i < 6; i++) {
        kept[i] = logits[i];
        d_logits[i] = (td_real) (1 + i);
    }
}

START_TEST(test_features_and_rows_of_zeros)
{
    const td_real features[4] = { 0, 0, 3, 4 };
    const td_real rows[6] = { 0, 0, 8, -6, 1, 0 };
    td_real logits[6], grads[6] = { 0 };
    td_network *net = bare_head_new(td_kernels_get(TD_ISA_GENERIC), TD_HEAD_NORMALISED,
                                    10.0, 2, 3, 2);
    const td_real *d = bare_head_pass(net, rows, features, 2, ones, logits, grads);
    const td_real wanted[6] = { 0, 0, 0, 0, 0, 6 };
    for (int i = 0; i < 6; i++)
        ck_assert(fabs((double) (logits[i] - wanted[i])) <= 1e-6);
    ck_assert(d[0] == 0 && d[1] == 0 && grads[0] == 0 && grads[1] == 0);
    for (int i = 0; i < 6; i++)
        ck_assert(isfinite(grads[i]) && (i >= 4 || isfinite(d[i])));
    /* x̂ = (.6, .8), ŵ = (.8, −.6): slope 10·5/|w| along the direction across ŵ */
    ck_assert(fabs((double) grads[2] - 5.0 * 0.6) <= 1e-5);
    ck_assert(fabs((double) grads[3] - 5.0 * 0.8) <= 1e-5);
    td_network_free(net);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("heads");
    TCase *cases = tcase_create("heads");
    tcase_add_test(cases, test_rows_of_a_frame);
    tcase_add_test(cases, test_a_frame_goes_by_its_seed);
    tcase_add_test(cases, test_too_few_features);
    tcase_add_test(cases, test_what_is_learned);
    tcase_add_test(cases, test_features_and_rows_of_zeros);
    suite_add_tcase(suite, cases);
    return suite;
}
