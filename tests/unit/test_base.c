/* Floor 1: errors, memory, the arena, counter-based random numbers. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"
#include "taildart/base_arena.h"
#include "taildart/base_memory.h"
#include "taildart/base_random.h"

START_TEST(test_errors_keep_one_line_and_a_hint)
{
    ck_assert_int_eq(td_error(TD_DATA, "%s is %d", "x", 3), TD_DATA);
    td_error_hint("try %d", 4);
    ck_assert_str_eq(td_error_message(), "x is 3");
    ck_assert_str_eq(td_error_hint_message(), "try 4");
    td_error(TD_USAGE, "first: %s", td_error_message());
    ck_assert_str_eq(td_error_message(), "first: x is 3");
    ck_assert_str_eq(td_error_hint_message(), "");
}
END_TEST

START_TEST(test_memory_is_zeroed_aligned_and_counted)
{
    long before = td_base_live_blocks();
    char *block = td_malloc(100), *text = td_format("%d-%s", 7, "a");
    ck_assert_uint_eq((uintptr_t) block % 64, 0);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(block[i], 0);
    ck_assert_str_eq(text, "7-a");
    ck_assert_int_eq(td_base_live_blocks(), before + 2);
    td_free(block);
    td_free(text);
    td_free(NULL);
    ck_assert_int_eq(td_base_live_blocks(), before);
}
END_TEST

static void take_arrays(td_arena *arena, char **a, double **b)
{
    size_t mark;
    *a = TD_TAKE(arena, char, 3);
    mark = arena->used;
    *b = TD_TAKE(arena, double, 100);
    td_arena_release(arena, mark);
    TD_TAKE(arena, double, 5);
}

START_TEST(test_a_block_that_grows_keeps_its_beginning)
{
    long before = td_base_live_blocks();
    char *block = td_enlarge(NULL, 0, 4);
    memcpy(block, "abcd", 4);
    block = td_enlarge(block, 3, 1000);
    ck_assert_int_eq(memcmp(block, "abc", 3), 0);
    for (int i = 3; i < 1000; i++)
        ck_assert_int_eq(block[i], 0);
    ck_assert_int_eq(td_base_live_blocks(), before + 1);
    td_free(block);
    ck_assert_int_eq(td_base_live_blocks(), before);
}
END_TEST

START_TEST(test_arena_measures_what_it_hands_out)
{
    td_arena arena;
    char *a;
    double *b;
    td_arena_init(&arena);
    take_arrays(&arena, &a, &b);
    ck_assert_ptr_null(a);
    ck_assert_uint_eq(arena.peak, 64 + 832);
    td_arena_begin(&arena);
    take_arrays(&arena, &a, &b);
    ck_assert_uint_eq(arena.peak, arena.size);
    ck_assert_uint_eq((uintptr_t) b % 64, 0);
    ck_assert(a[2] == 0 && b[99] == 0.0);
    td_arena_clear(&arena);
}
END_TEST

/* The published answer of Philox4x32-10 to a counter and key of zeros (Random123's
 * known-answer tests). */
START_TEST(test_random_words_are_philox)
{
    td_random zero = { 0 };
    uint32_t word[4];
    td_random_block(&zero, 0, word);
    ck_assert_uint_eq(word[0], 0x6627e8d5);
    ck_assert_uint_eq(word[1], 0xe169c58d);
    ck_assert_uint_eq(word[2], 0xbc57ac4c);
    ck_assert_uint_eq(word[3], 0x9b00dbd8);
}
END_TEST

START_TEST(test_every_counter_matters)
{
    td_random keys[7] = { { 0 } };
    uint32_t words[7][4];
    keys[1].seed = 1;
    keys[2].seed = UINT64_C(1) << 32;
    keys[3].stream = TD_STREAM_ARCH;
    keys[4].shard = 1;
    keys[5].pass = 1;
    keys[6].lane = TD_LANE_AUGMENT;
    for (int i = 0; i < 7; i++)
        td_random_block(&keys[i], 0, words[i]);
    for (int i = 0; i < 7; i++)
        for (int j = 0; j < i; j++)
            ck_assert(memcmp(words[i], words[j], sizeof words[i]) != 0);
}
END_TEST

START_TEST(test_distributions)
{
    enum { DRAWS = 20000 };
    td_random key = { .seed = 3, .stream = TD_STREAM_SYNTHETIC };
    double sum = 0, square = 0, unit = 0;
    for (uint32_t i = 0; i < DRAWS; i++) {
        double x = td_random_normal(&key, i), u = td_random_unit(&key, i);
        sum += x;
        square += x * x;
        unit += u;
        ck_assert(u >= 0.0 && u < 1.0);
    }
    ck_assert(fabs(sum / DRAWS) <= 4 / sqrt(DRAWS));
    ck_assert(fabs(square / DRAWS - 1) <= 4 * sqrt(2.0 / DRAWS));
    ck_assert(fabs(unit / DRAWS - 0.5) <= 4 / sqrt(12.0 * DRAWS));
    ck_assert_uint_eq(td_random_below(UINT32_MAX, UINT32_MAX, 10), 9);
    ck_assert_uint_eq(td_random_below(0, 0, 10), 0);
}
END_TEST

/* Moments of Beta(a, b), also where a double would not hold the draws of Gamma. */
START_TEST(test_random_beta)
{
    enum { DRAWS = 40000 };
    static const double shapes[][2] = {
        { 0.2, 0.2 }, { 1.0, 1.0 }, { 4.0, 4.0 }, { 0.5, 2.0 }, { 1e-3, 1e-3 }
    };
    for (size_t r = 0; r < sizeof shapes / sizeof *shapes; r++) {
        double a = shapes[r][0], b = shapes[r][1], sum = 0.0, squares = 0.0;
        td_random key = { .seed = 5, .stream = TD_STREAM_MIX, .lane = 7 };
        for (uint32_t i = 0; i < DRAWS; i++) {
            double x = td_random_beta(&key, i, a, b);
            ck_assert(x >= 0.0 && x <= 1.0);
            sum += x;
            squares += x * x;
        }
        double mean = a / (a + b), variance = mean * (1.0 - mean) / (a + b + 1.0);
        double found = sum / DRAWS, spread = squares / DRAWS - found * found;
        ck_assert(fabs(found - mean) <= 4.0 * sqrt(variance / DRAWS));
        ck_assert(fabs(spread - variance) <= 0.03 * variance);
    }
}
END_TEST

/* Beta(1, 1) is uniform: ten equal parts hold a tenth each (chi-square, 1 in 1000). */
START_TEST(test_random_beta_of_ones_is_uniform)
{
    int found[10] = { 0 };
    double sum = 0.0;
    td_random key = { .seed = 6, .stream = TD_STREAM_MIX };
    for (uint32_t i = 0; i < 20000; i++) {
        int part = (int) (10.0 * td_random_beta(&key, i, 1.0, 1.0));
        found[part < 10 ? part : 9]++;
    }
    for (int i = 0; i < 10; i++)
        sum += (found[i] - 2000.0) * (found[i] - 2000.0) / 2000.0;
    ck_assert(sum <= 27.9);
}
END_TEST

START_TEST(test_permutations)
{
    enum { N = 6, DRAWS = 6000 };
    int64_t order[N];
    int first[N] = { 0 };
    for (uint32_t pass = 0; pass < DRAWS; pass++) {
        td_random key = { .seed = 1, .stream = TD_STREAM_WEIGHTS, .pass = pass };
        int seen = 0;
        td_random_permutation(&key, N, order);
        for (int i = 0; i < N; i++)
            seen |= 1 << order[i];
        ck_assert_int_eq(seen, (1 << N) - 1);
        first[order[0]]++;
    }
    double chi2 = 0;
    for (int i = 0; i < N; i++)
        chi2 += pow(first[i] - DRAWS / N, 2) / (DRAWS / N);
    ck_assert(chi2 <= 20.5); /* 0.1 % of 5 degrees of freedom */
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("base");
    TCase *tests = tcase_create("floor 1");
    tcase_add_test(tests, test_errors_keep_one_line_and_a_hint);
    tcase_add_test(tests, test_memory_is_zeroed_aligned_and_counted);
    tcase_add_test(tests, test_a_block_that_grows_keeps_its_beginning);
    tcase_add_test(tests, test_arena_measures_what_it_hands_out);
    tcase_add_test(tests, test_random_words_are_philox);
    tcase_add_test(tests, test_every_counter_matters);
    tcase_add_test(tests, test_distributions);
    tcase_add_test(tests, test_random_beta);
    tcase_add_test(tests, test_random_beta_of_ones_is_uniform);
    tcase_add_test(tests, test_permutations);
    suite_add_tcase(suite, tests);
    return suite;
}
