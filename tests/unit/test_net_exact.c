/* Order-free sums: what shards add to a gradient does not depend on who has them. */
#include <omp.h>
#include <string.h>

#include "net_arrays.h"
#include "net_genotypes.h"
#include "suite.h"
#include "taildart/base_exact.h"

/* Some shards have more images than slices, some fewer, one none. */
enum { SHARDS = 4, IMAGES = 40 };
static const int all_shards[SHARDS] = { 17, 0, 5, 18 };

static const td_net_spec plain = { .channels = 5,
                                   .cells = 3,
                                   .nodes = 2,
                                   .classes = 4,
                                   .image_channels = 1,
                                   .height = 12,
                                   .width = 8,
                                   .batch = IMAGES,
                                   .groups = SHARDS,
                                   .exact = true };

/* Sums of passes. */
typedef struct {
    size_t weights, alphas;
    double *grads, *d_mixture;
    const uint8_t *present; /* td_pass.present of the passes, borrowed */
} sums;

static sums sums_new(const arrays *a)
{
    sums s = { .weights = a->weight_count, .alphas = a->alpha_count };
    s.grads = td_malloc(s.weights * sizeof *s.grads);
    s.d_mixture = td_malloc((s.alphas + 1) * sizeof *s.d_mixture);
    return s;
}

static void sums_free(sums *s)
{
    td_free(s->grads);
    td_free(s->d_mixture);
}

/* Branches one after the other, as a rank gathers them. */
static td_real *images_of(const td_net_spec *spec, const arrays *a, int first,
                          int count)
{
    size_t image = (size_t) (spec->height * spec->width * spec->image_channels);
    int branches = spec->two_branch ? 2 : 1;
    td_real *images = td_malloc((size_t) (branches * count) * image * sizeof *images);
    for (int b = 0; b < branches; b++)
        memcpy(images + (size_t) (b * count) * image,
               a->images + (size_t) (b * IMAGES + first) * image,
               (size_t) count * image * sizeof *images);
    return images;
}

/* A pass of \a count shards from \a first on, added to \a s. */
static void add_shards(td_network *net, arrays *a, sums *s, int first, int count)
{
    const td_net_spec *spec = td_network_spec(net);
    int before = 0, images = 0, branches = spec->two_branch ? 2 : 1;
    int groups[2 * SHARDS];
    for (int k = 0; k < first; k++)
        before += all_shards[k];
    for (int k = 0; k < count; k++) {
        images += all_shards[first + k];
        for (int b = 0; b < branches; b++)
            groups[b * count + k] = all_shards[first + k];
    }
    td_exact_sums exact = { .shards = all_shards + first,
                            .shard_count = count,
                            .grads = s->grads };
    td_real *own = images_of(spec, a, before, images);
    size_t row = (size_t) (before * spec->classes);
    td_pass pass = pass_of(a, branches * count, groups);
    pass.images = own;
    pass.mixing = 0.25;
    pass.exact = &exact;
    pass.present = s->present;
    pass.drop_path = pass.auxiliary = NULL;
    pass.d_auxiliary = NULL;
    if (spec->auxiliary) {
        pass.auxiliary = a->auxiliary + row;
        pass.d_auxiliary = a->d_auxiliary + row;
    }
    td_network_forward(net, &pass, a->logits + row);
    td_network_backward(net, &pass, a->d_logits + row, NULL,
                        s->alphas ? a->d_mixture : NULL);
    for (size_t i = 0; i < s->alphas; i++)
        s->d_mixture[i] += a->d_mixture[i];
    td_free(own);
}

/* The images of a pass in passes that begin with the shards \a cut lists, the last one
 * first; on some threads. */
static sums run_in(td_net_spec spec, const int *cut, int passes, int threads, arrays *a)
{
    omp_set_num_threads(threads);
    td_network *net = net_new(spec);
    *a = arrays_new(net, IMAGES * (spec.two_branch ? 2 : 1), IMAGES);
    sums s = sums_new(a);
    for (int p = passes - 1; p >= 0; p--)
        add_shards(net, a, &s, cut[p], (p + 1 < passes ? cut[p + 1] : SHARDS) - cut[p]);
    td_network_free(net);
    return s;
}

static double largest_in(const sums *s, size_t first, size_t count)
{
    double largest = 0.0;
    for (size_t i = first; i < first + count; i++)
        largest = fmax(largest, fabs(s->grads[i]));
    return largest;
}

static void check_shares(td_net_spec spec)
{
    static const struct {
        int cut[SHARDS], passes, threads;
    } shares[] = { { { 0 }, 1, 2 }, { { 0, 2 }, 2, 1 }, { { 0, 1, 2, 3 }, 4, 3 } };
    arrays a, b;
    sums whole = run_in(spec, (int[]){ 0 }, 1, 1, &a);
    double largest = largest_in(&whole, 0, whole.weights);
    ck_assert(largest > 1e-3 && largest < TD_EXACT_LIMIT);
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        sums s = run_in(spec, shares[i].cut, shares[i].passes, shares[i].threads, &b);
        ck_assert_mem_eq(s.grads, whole.grads, s.weights * sizeof *s.grads);
        ck_assert_mem_eq(s.d_mixture, whole.d_mixture, s.alphas * sizeof(double));
        ck_assert_mem_eq(a.logits, b.logits, a.logit_count * sizeof(td_real));
        sums_free(&s);
        arrays_free(&b);
    }
    sums_free(&whole);
    arrays_free(&a);
}

START_TEST(test_who_has_a_shard_does_not_show)
{
    check_shares(plain);
}
END_TEST

START_TEST(test_nor_with_two_branches)
{
    td_net_spec spec = plain;
    spec.two_branch = true;
    check_shares(spec);
}
END_TEST

START_TEST(test_nor_with_two_heads)
{
    td_net_spec spec = plain;
    spec.two_branch = true;
    spec.split = TD_BRANCH_HEAD;
    check_shares(spec);
}
END_TEST

START_TEST(test_nor_in_a_derived_network)
{
    td_net_spec spec = plain;
    spec.genotype = &darts_v2;
    spec.height = spec.width = 32;
    spec.auxiliary = true;
    check_shares(spec);
}
END_TEST

START_TEST(test_nor_with_skip_connections_beside)
{
    td_genotype genotype = uneven;
    td_net_spec spec = plain;
    spec.adds_skips = true;
    genotype.adds_skips = true;
    if (_i == 1)
        spec.genotype = &genotype;
    check_shares(spec);
}
END_TEST

/* ---- the same gradient as without ------------------------------------------------ */

START_TEST(test_they_are_the_sums_in_order_but_for_rounding)
{
    arrays a, b;
    sums exact = run_in(plain, (int[]){ 0 }, 1, 1, &a);
    td_net_spec spec = plain;
    spec.exact = false;
    td_network *net = net_new(spec);
    b = arrays_new(net, IMAGES, IMAGES);
    td_pass pass = pass_of(&b, SHARDS, all_shards);
    run_both_ways(net, &pass, &b);
    for (size_t i = 0; i < exact.weights; i++) {
        double difference = fabs(exact.grads[i] - (double) b.grads[i]);
        ck_assert_msg(difference <= 2e-5 * fmax(1.0, fabs(exact.grads[i])), "%g",
                      difference);
    }
    for (size_t i = 0; i < exact.alphas; i++)
        ck_assert(fabs(exact.d_mixture[i] - b.d_mixture[i]) <=
                  2e-5 * fmax(1.0, fabs(exact.d_mixture[i])));
    td_network_free(net);
    sums_free(&exact);
    arrays_free(&a);
    arrays_free(&b);
}
END_TEST

/* An operation that is absent is one of weight 0, in these sums, too. */
START_TEST(test_what_is_absent_weighs_nothing)
{
    uint8_t present[10];
    td_network *net = net_new(plain);
    arrays a = arrays_new(net, IMAGES, IMAGES), b = arrays_new(net, IMAGES, IMAGES);
    sums part = sums_new(&a), whole = sums_new(&b);
    part.present = present;
    for (size_t i = 0; i < sizeof present; i++)
        present[i] = (uint8_t) (0xb5 >> i % 3);
    for (size_t i = 0; i < b.alpha_count; i++)
        if (!(present[i / TD_NUM_OPS] >> i % TD_NUM_OPS & 1))
            b.mixture[i] = 0.0;
    add_shards(net, &a, &part, 0, SHARDS);
    add_shards(net, &b, &whole, 0, SHARDS);
    ck_assert_mem_eq(a.logits, b.logits, a.logit_count * sizeof *a.logits);
    for (size_t i = 0; i < part.weights; i++)
        ck_assert(part.grads[i] == whole.grads[i]);
    for (size_t i = 0; i < part.alphas; i++)
        ck_assert(part.d_mixture[i] ==
                  (b.mixture[i] == 0.0 ? 0.0 : whole.d_mixture[i]));
    sums_free(&part);
    sums_free(&whole);
    arrays_free(&a);
    arrays_free(&b);
    td_network_free(net);
}
END_TEST

START_TEST(test_terms_are_multiples_of_the_unit)
{
    arrays a;
    sums s = run_in(plain, (int[]){ 0 }, 1, 1, &a);
    for (size_t i = 0; i < s.weights; i++)
        ck_assert(ldexp(s.grads[i], 36) == rint(ldexp(s.grads[i], 36)));
    sums_free(&s);
    arrays_free(&a);
}
END_TEST

/* A sum that leaves the range stays marked, whatever comes after: of the classifier,
 * and of what is summed in slices. */
START_TEST(test_a_sum_beyond_the_range_is_marked)
{
    td_network *net = net_new(plain);
    arrays a = arrays_new(net, IMAGES, IMAGES);
    sums s = sums_new(&a);
    const td_slot *classifier =
        td_slots_find(td_network_weights(net), "classifier.weight");
    const td_slot *stem = td_slots_find(td_network_weights(net), "stem.0.weight");
    for (size_t i = 0; i < a.logit_count; i++)
        a.d_logits[i] *= 1e9F;
    add_shards(net, &a, &s, 0, SHARDS);
    for (size_t i = 0; i < a.logit_count; i++)
        a.d_logits[i] = -a.d_logits[i];
    add_shards(net, &a, &s, 0, SHARDS);
    ck_assert(largest_in(&s, classifier->offset, classifier->count) > TD_EXACT_LIMIT);
    ck_assert(largest_in(&s, stem->offset, stem->count) > TD_EXACT_LIMIT);
    td_network_free(net);
    sums_free(&s);
    arrays_free(&a);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("net exact");
    TCase *tests = tcase_create("shards");
    td_gemm_init();
    tcase_add_test(tests, test_who_has_a_shard_does_not_show);
    tcase_add_test(tests, test_nor_with_two_branches);
    tcase_add_test(tests, test_nor_with_two_heads);
    tcase_add_test(tests, test_nor_in_a_derived_network);
    tcase_add_loop_test(tests, test_nor_with_skip_connections_beside, 0, 2);
    tcase_add_test(tests, test_they_are_the_sums_in_order_but_for_rounding);
    tcase_add_test(tests, test_what_is_absent_weighs_nothing);
    tcase_add_test(tests, test_terms_are_multiples_of_the_unit);
    tcase_add_test(tests, test_a_sum_beyond_the_range_is_marked);
    suite_add_tcase(suite, tests);
    return suite;
}
