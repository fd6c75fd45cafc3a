/* The long tail and the halves: counts of the field, and which images. */
#include "data_fixture.h"
#include "suite.h"
#include "taildart/sampling_split.h"

/* ---- counts ---------------------------------------------------------------------- */

START_TEST(test_counts_of_cifar10)
{
    static const struct {
        double imbalance;
        int64_t counts[10], sum;
    } rows[] = {
        { 10, { 5000, 3871, 2997, 2320, 1796, 1391, 1077, 834, 645, 500 }, 20431 },
        { 20, { 5000, 3584, 2569, 1842, 1320, 946, 678, 486, 348, 250 }, 17023 },
        { 50, { 5000, 3237, 2096, 1357, 878, 568, 368, 238, 154, 100 }, 13996 },
        { 100, { 5000, 2997, 1796, 1077, 645, 387, 232, 139, 83, 50 }, 12406 },
        { 200, { 5000, 2775, 1540, 854, 474, 263, 146, 81, 45, 25 }, 11203 },
    };
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        int64_t sum = 0;
        for (int c = 0; c < 10; c++) {
            int64_t n = td_tail_count(TD_PROFILE_EXP, 10, 5000, rows[r].imbalance, c);
            ck_assert_int_eq(n, rows[r].counts[c]);
            sum += n;
        }
        ck_assert_int_eq(sum, rows[r].sum);
    }
}
END_TEST

static int64_t total(td_profile profile, int classes, int64_t n_max, double imbalance)
{
    int64_t sum = 0;
    for (int c = 0; c < classes; c++)
        sum += td_tail_count(profile, classes, n_max, imbalance, c);
    return sum;
}

START_TEST(test_totals_of_cifar100_and_step)
{
    ck_assert_int_eq(total(TD_PROFILE_EXP, 100, 500, 10), 19573);
    ck_assert_int_eq(total(TD_PROFILE_EXP, 100, 500, 20), 15907);
    ck_assert_int_eq(total(TD_PROFILE_EXP, 100, 500, 50), 12608);
    ck_assert_int_eq(total(TD_PROFILE_EXP, 100, 500, 100), 10847);
    ck_assert_int_eq(total(TD_PROFILE_EXP, 100, 500, 200), 9502);
    ck_assert_int_eq(td_tail_count(TD_PROFILE_EXP, 100, 500, 10, 99), 50);
    ck_assert_int_eq(td_tail_count(TD_PROFILE_EXP, 100, 500, 100, 99), 5);
    ck_assert_int_eq(td_tail_count(TD_PROFILE_EXP, 100, 500, 200, 99), 2);
    for (int wide = 0; wide < 2; wide++) {
        int classes = wide ? 100 : 10, n_max = wide ? 500 : 5000;
        ck_assert_int_eq(total(TD_PROFILE_STEP, classes, n_max, 10), 27500);
        ck_assert_int_eq(total(TD_PROFILE_STEP, classes, n_max, 50), 25500);
        ck_assert_int_eq(total(TD_PROFILE_STEP, classes, n_max, 100), 25250);
    }
}
END_TEST

START_TEST(test_counts_at_the_edges)
{
    ck_assert_int_eq(td_tail_count(TD_PROFILE_STEP, 3, 90, 9, 0), 90);
    ck_assert_int_eq(td_tail_count(TD_PROFILE_STEP, 3, 90, 9, 1), 10);
    ck_assert_int_eq(td_tail_count(TD_PROFILE_EXP, 1, 90, 9, 0), 90);
    for (int c = 0; c < 10; c++)
        ck_assert_int_eq(td_tail_count(TD_PROFILE_EXP, 10, 6000, 1, c), 6000);
}
END_TEST

/* ---- which images ---------------------------------------------------------------- */

enum { CLASSES = 10, EACH = 200, COUNT = CLASSES * EACH };

/* Each selected image once, of the right class, sorted, counts as announced. */
static void check_selection(const td_selection *s, const int32_t *labels, int64_t n)
{
    bool *seen = td_malloc((size_t) n);
    for (int h = 0; h < 2; h++) {
        int64_t found[CLASSES] = { 0 };
        for (int64_t i = 0; i < s->half_count[h]; i++) {
            int64_t image = s->half[h][i];
            ck_assert(image >= 0 && image < n && !seen[image]);
            ck_assert(i == 0 || labels[image] >= labels[s->half[h][i - 1]]);
            seen[image] = true;
            found[labels[image]]++;
        }
        for (int c = 0; c < s->classes; c++)
            ck_assert_int_eq(found[c], s->half_classes[h][c]);
    }
    for (int c = 0; c < s->classes; c++)
        ck_assert_int_eq(s->half_classes[0][c] + s->half_classes[1][c], s->counts[c]);
    td_free(seen);
}

static td_selection *select_from(const td_config *config, const int32_t *labels,
                                 int64_t n, int classes)
{
    td_selection *s = NULL;
    td_status status = td_selection_new(&s, config, labels, n, classes);
    ck_assert_msg(status == TD_OK, "%s", td_error_message());
    return s;
}

START_TEST(test_imbalance_one_keeps_everything)
{
    td_config config = fixture_config();
    int32_t labels[] = { 1, 0, 1, 1, 0, 1, 1, 0, 1 };
    td_selection *s = select_from(&config, labels, 9, 2);
    check_selection(s, labels, 9);
    ck_assert_int_eq(s->counts[0], 3);
    ck_assert_int_eq(s->counts[1], 6);
    ck_assert_int_eq(s->half_classes[TD_HALF_WEIGHTS][0], 2);
    ck_assert_int_eq(s->half_classes[TD_HALF_ARCH][0], 1);
    ck_assert_int_eq(s->half_count[TD_HALF_WEIGHTS], 5);
    td_selection_free(s);
}
END_TEST

START_TEST(test_largest_caps_every_class)
{
    td_config config = fixture_config();
    int32_t *labels = fixture_labels(CLASSES, EACH);
    config.data.train_share = 1.0;
    config.data.largest = 60;
    td_selection *few = select_from(&config, labels, COUNT, CLASSES);
    config.data.largest = EACH + 1;
    td_selection *all = select_from(&config, labels, COUNT, CLASSES);
    check_selection(few, labels, COUNT);
    for (int c = 0; c < CLASSES; c++) {
        ck_assert_int_eq(few->counts[c], 60);
        ck_assert_int_eq(all->counts[c], EACH);
        /* Fewer images are those that more begin with. */
        for (int i = 0; i < 60; i++)
            ck_assert_int_eq(few->half[0][c * 60 + i], all->half[0][c * EACH + i]);
    }
    td_selection_free(few);
    config.data.imbalance = 10;
    config.data.largest = 100;
    few = select_from(&config, labels, COUNT, CLASSES);
    ck_assert_int_eq(few->counts[0], 100);
    ck_assert_int_eq(few->counts[CLASSES - 1], 10);
    td_selection_free(few);
    td_selection_free(all);
    td_free(labels);
}
END_TEST

START_TEST(test_tail_follows_the_profile)
{
    td_config config = fixture_config();
    int32_t *labels = fixture_labels(CLASSES, EACH);
    config.data.imbalance = 50;
    td_selection *s = select_from(&config, labels, COUNT, CLASSES);
    check_selection(s, labels, COUNT);
    for (int c = 0; c < CLASSES; c++) {
        int64_t n = td_tail_count(TD_PROFILE_EXP, CLASSES, EACH, 50, c);
        ck_assert_int_eq(s->counts[c], n);
        ck_assert_int_eq(s->half_classes[TD_HALF_WEIGHTS][c], (n + 1) / 2);
    }
    td_selection_free(s);
    td_free(labels);
}
END_TEST

START_TEST(test_class_smaller_than_its_profile_keeps_all)
{
    td_config config = fixture_config();
    int32_t labels[30];
    for (int i = 0; i < 30; i++)
        labels[i] = i < 20 ? 0 : i < 24 ? 1 : 2; /* 20, 4 and 6 images */
    config.data.imbalance = 4;                   /* profile 20, 10, 5 */
    td_selection *s = select_from(&config, labels, 30, 3);
    check_selection(s, labels, 30);
    ck_assert_int_eq(s->counts[0], 20);
    ck_assert_int_eq(s->counts[1], 4);
    ck_assert_int_eq(s->counts[2], 5);
    td_selection_free(s);
}
END_TEST

static bool is_same(const td_selection *a, const td_selection *b)
{
    bool same = true;
    for (int h = 0; h < 2; h++)
        same = same && a->half_count[h] == b->half_count[h] &&
               memcmp(a->half[h], b->half[h],
                      (size_t) a->half_count[h] * sizeof *a->half[h]) == 0;
    return same;
}

START_TEST(test_data_seed_alone_decides_which)
{
    td_config config = fixture_config(), other = config, third = config;
    int32_t *labels = fixture_labels(CLASSES, EACH);
    config.data.imbalance = other.data.imbalance = third.data.imbalance = 20;
    other.seed = 99;
    third.data.seed = 1;
    td_selection *a = select_from(&config, labels, COUNT, CLASSES);
    td_selection *b = select_from(&other, labels, COUNT, CLASSES);
    td_selection *c = select_from(&third, labels, COUNT, CLASSES);
    ck_assert(is_same(a, b));
    ck_assert(!is_same(a, c));
    td_selection_free(a);
    td_selection_free(b);
    td_selection_free(c);
    td_free(labels);
}
END_TEST

/* Images lie in blocks of CLASSES, one per class: alike orders keep whole blocks. */
START_TEST(test_each_class_has_an_order_of_its_own)
{
    td_config config = fixture_config();
    int32_t *labels = fixture_labels(CLASSES, EACH);
    td_selection *s = select_from(&config, labels, COUNT, CLASSES);
    const int32_t *half = s->half[TD_HALF_WEIGHTS];
    int64_t n = s->half_classes[TD_HALF_WEIGHTS][0], alike = 0;
    for (int c = 1; c < CLASSES; c++)
        for (int64_t i = 0; i < n; i++)
            alike += half[c * n + i] / CLASSES == half[i] / CLASSES;
    ck_assert_int_lt(alike, 3 * CLASSES); /* one per class by chance */
    td_selection_free(s);
    td_free(labels);
}
END_TEST

START_TEST(test_smaller_imbalance_keeps_what_the_larger_one_kept)
{
    td_config large = fixture_config(), small = large;
    int32_t *labels = fixture_labels(CLASSES, EACH);
    bool kept[COUNT] = { false };
    large.data.imbalance = 50;
    small.data.imbalance = 10;
    td_selection *a = select_from(&large, labels, COUNT, CLASSES);
    td_selection *b = select_from(&small, labels, COUNT, CLASSES);
    for (int h = 0; h < 2; h++)
        for (int64_t i = 0; i < b->half_count[h]; i++)
            kept[b->half[h][i]] = true;
    for (int h = 0; h < 2; h++)
        for (int64_t i = 0; i < a->half_count[h]; i++)
            ck_assert(kept[a->half[h][i]]);
    td_selection_free(a);
    td_selection_free(b);
    td_free(labels);
}
END_TEST

/* ---- halves ---------------------------------------------------------------------- */

START_TEST(test_share_is_rounded_up_in_exact_numbers)
{
    static const struct {
        double share;
        int64_t n, first;
    } rows[] = {
        { 0.1, 30, 3 },   { 0.3, 10, 3 },    { 0.7, 10, 7 },    { 0.7, 30, 21 },
        { 0.5, 7, 4 },    { 0.5, 2, 1 },     { 0.8, 9, 8 },     { 0.01, 100, 1 },
        { 0.07, 100, 7 }, { 0.29, 100, 29 }, { 0.57, 100, 57 }, { 0.334, 3, 2 },
    };
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        td_config config = fixture_config();
        config.data.train_share = rows[r].share;
        int32_t *labels = fixture_labels(2, rows[r].n);
        td_selection *s = select_from(&config, labels, 2 * rows[r].n, 2);
        ck_assert_msg(s->half_classes[TD_HALF_WEIGHTS][1] == rows[r].first,
                      "%g of %lld: %lld", rows[r].share, (long long) rows[r].n,
                      (long long) s->half_classes[TD_HALF_WEIGHTS][1]);
        td_selection_free(s);
        td_free(labels);
    }
}
END_TEST

/* What the scripts of the field do to a sorted list. */
START_TEST(test_split_by_index_loses_classes)
{
    static const int64_t expected[2][CLASSES] = { { 5000, 1998 }, { 5000, 1203 } };
    int32_t *labels = fixture_labels(CLASSES, 5000);
    for (int r = 0; r < 2; r++) {
        td_config config = fixture_config();
        config.data.split = TD_SPLIT_INDEX;
        config.data.imbalance = r == 0 ? 50 : 100;
        td_selection *s = select_from(&config, labels, 50000, CLASSES);
        check_selection(s, labels, 50000);
        for (int c = 0; c < CLASSES; c++)
            ck_assert_int_eq(s->half_classes[TD_HALF_WEIGHTS][c], expected[r][c]);
        td_selection_free(s);
    }
    td_free(labels);
}
END_TEST

START_TEST(test_class_with_one_image_is_refused)
{
    td_config config = fixture_config();
    td_selection *s = NULL;
    int32_t lonely[] = { 0, 0, 1, 2, 2 };
    snprintf(config.data.path, sizeof config.data.path, "some.h5");
    FIXTURE_REFUSED(td_selection_new(&s, &config, lonely, 5, 3), TD_DATA, "some.h5",
                    "1 of 3 classes has fewer than 2 training images: class 1 (1);",
                    "halves needs one", "data.train_share=1");
    int32_t *labels = fixture_labels(3, 20);
    config.data.imbalance = 20;
    FIXTURE_REFUSED(td_selection_new(&s, &config, labels, 60, 3), TD_DATA,
                    "class 2 (1);", "data.imbalance 20 leaves too few",
                    "the largest that works is 10");
    config.data.largest = 10;
    FIXTURE_REFUSED(td_selection_new(&s, &config, labels, 60, 3), TD_DATA,
                    "the largest that works is 5, or a larger data.largest");
    config.data.largest = 0;
    config.data.imbalance = 10;
    s = select_from(&config, labels, 60, 3);
    ck_assert_int_eq(s->half_classes[TD_HALF_ARCH][2], 1);
    td_selection_free(s);
    td_free(labels);
    ck_assert_int_eq(td_base_live_blocks(), 0);
}
END_TEST

/* Images of each class of both parts (-1: no further class), and what is said. */
static const struct {
    int train[12], test[12];
    double imbalance;
    const char *words[4]; /* ends with NULL */
} scarce[] = {
    { { 0, 5, 5, -1 },
      { 0, 2, 2 },
      1,
      { "c0 (0);", "no image has label 0", "write them from 0" } },
    { { 5, 0, 5, -1 }, { 2, 0, 2 }, 1, { "c1 (0);", "gap in the labels" } },
    { { 5, 5, 0, 0, -1 },
      { 2, 2 },
      1,
      { "c2 (0), c3 (0);", "the labels end at 1", "announce 2" } },
    { { 5, 0, 5, -1 }, { 2, 1, 2 }, 1, { "c1 (0);", "the test part alone" } },
    { { 5, 1, 9, 1, -1 },
      { 0 },
      1,
      { "2 of 4 classes have", "c1 (1), c3 (1);", "data.train_share=1" } },
    { { 5, 1, 9, -1 }, { 0 }, 30, { "c1 (1), c2 (0);", "data.train_share=1" } },
    { { 90, 90, 90, -1 }, { 0 }, 90, { "c2 (1);", "the largest that works is 45" } },
    { { 9, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1 },
      { 0 },
      1,
      { "10 of 11 classes have", "c8 (1) and 2 more;" } },
};

static void count_out(td_dataset *d, td_part part, const int *counts)
{
    int64_t n = 0;
    for (int c = 0; c < d->info.classes; c++)
        n += counts[c];
    d->labels[part] = td_malloc((size_t) (n + 1) * sizeof(int32_t));
    *(part == TD_PART_TRAIN ? &d->info.train_count : &d->info.test_count) = n;
    for (int c = 0; c < d->info.classes; c++)
        for (int i = 0; i < counts[c]; i++)
            d->labels[part][--n] = c;
}

START_TEST(test_scarce_classes_are_named_with_the_cause)
{
    for (size_t r = 0; r < sizeof scarce / sizeof *scarce; r++) {
        td_config config = fixture_config();
        td_selection *s = NULL;
        td_dataset *d = td_malloc(sizeof *d);
        while (scarce[r].train[d->info.classes] >= 0)
            d->info.classes++;
        d->class_names = td_malloc((size_t) d->info.classes * TD_CLASS_NAME_BYTES);
        for (int c = 0; c < d->info.classes; c++)
            snprintf(d->class_names[c], TD_CLASS_NAME_BYTES, "c%d", c);
        count_out(d, TD_PART_TRAIN, scarce[r].train);
        count_out(d, TD_PART_TEST, scarce[r].test);
        config.data.imbalance = scarce[r].imbalance;
        fixture_refused(td_selection_of(&s, &config, d), TD_DATA, scarce[r].words);
        td_dataset_free(d);
        ck_assert_int_eq(td_base_live_blocks(), 0);
    }
}
END_TEST

START_TEST(test_each_half_has_each_class)
{
    static const double shares[] = { 1e-9, 0.01, 0.5, 0.9, 0.999 };
    int32_t *labels = fixture_labels(4, 20);
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        td_config config = fixture_config();
        config.data.train_share = shares[i];
        config.data.imbalance = 10;
        td_selection *s = select_from(&config, labels, 80, 4);
        for (int h = 0; h < 2; h++)
            for (int c = 0; c < 4; c++)
                ck_assert_int_ge(s->half_classes[h][c], 1);
        check_selection(s, labels, 80);
        td_selection_free(s);
    }
    td_free(labels);
}
END_TEST

START_TEST(test_cut_by_index_that_empties_a_half_is_refused)
{
    td_config config = fixture_config();
    td_selection *s = NULL;
    int32_t *labels = fixture_labels(4, 5);
    config.data.split = TD_SPLIT_INDEX;
    config.data.train_share = 0.01;
    FIXTURE_REFUSED(td_selection_new(&s, &config, labels, 20, 4), TD_DATA,
                    "train_share 0.01", "20 images", "weight half");
    td_free(labels);
    ck_assert_int_eq(td_base_live_blocks(), 0);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("data_tail");
    TCase *cases = tcase_create("tail");
    tcase_add_test(cases, test_counts_of_cifar10);
    tcase_add_test(cases, test_totals_of_cifar100_and_step);
    tcase_add_test(cases, test_counts_at_the_edges);
    tcase_add_test(cases, test_imbalance_one_keeps_everything);
    tcase_add_test(cases, test_tail_follows_the_profile);
    tcase_add_test(cases, test_largest_caps_every_class);
    tcase_add_test(cases, test_class_smaller_than_its_profile_keeps_all);
    tcase_add_test(cases, test_data_seed_alone_decides_which);
    tcase_add_test(cases, test_each_class_has_an_order_of_its_own);
    tcase_add_test(cases, test_smaller_imbalance_keeps_what_the_larger_one_kept);
    tcase_add_test(cases, test_share_is_rounded_up_in_exact_numbers);
    tcase_add_test(cases, test_split_by_index_loses_classes);
    tcase_add_test(cases, test_class_with_one_image_is_refused);
    tcase_add_test(cases, test_scarce_classes_are_named_with_the_cause);
    tcase_add_test(cases, test_each_half_has_each_class);
    tcase_add_test(cases, test_cut_by_index_that_empties_a_half_is_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
