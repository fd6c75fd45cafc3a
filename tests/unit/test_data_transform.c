/* Batches that are changed as a whole: mixup by its formula, shard by shard. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "suite.h"
#include "taildart/sampling_transform.h"

enum { IMAGES = 7, PIXELS = 5, PER_SHARD = 4 };

/* Three images of shard 1, four of shard 2; an image's numbers tell which it is. */
typedef struct {
    td_batch batch;
    td_real images[IMAGES * PIXELS];
    int32_t labels[IMAGES], others[IMAGES];
    double shares[IMAGES];
} desk;

static const int32_t positions[IMAGES] = { 4, 5, 6, 8, 9, 10, 11 };

static td_transform_key key_of(int first, int64_t step)
{
    return (td_transform_key){ .seed = 3,
                               .epoch = 2,
                               .step = step,
                               .positions = positions + first,
                               .per_shard = PER_SHARD,
                               .image = PIXELS };
}

/* The images from \a first on, as a rank would hold them. */
static void fill(desk *d, int first, int count)
{
    for (int i = 0; i < count; i++) {
        d->labels[i] = d->others[i] = first + i;
        d->shares[i] = 1.0;
        for (int p = 0; p < PIXELS; p++)
            d->images[i * PIXELS + p] = (td_real) (10 * (first + i) + p);
    }
    d->batch = (td_batch){ count, d->images, d->labels, d->others, d->shares };
}

START_TEST(test_mixup)
{
    desk d;
    td_transform_key key = key_of(0, 5);
    fill(&d, 0, IMAGES);
    td_transform_of(TD_TRANSFORM_MIXUP)(&d.batch, NULL, &key);
    const int partner[IMAGES] = { 1, 2, 0, 4, 5, 6, 3 };
    for (int i = 0; i < IMAGES; i++) {
        double share = d.shares[i];
        ck_assert(share > 0.0 && share < 1.0);
        ck_assert(share == d.shares[i < 3 ? 0 : 3]);
        ck_assert_int_eq(d.labels[i], i);
        ck_assert_int_eq(d.others[i], partner[i]);
        for (int p = 0; p < PIXELS; p++) {
            double expected =
                share * (10 * i + p) + (1.0 - share) * (10 * partner[i] + p);
            ck_assert(fabs((double) d.images[i * PIXELS + p] - expected) <= 1e-5);
        }
    }
    ck_assert(d.shares[0] != d.shares[3]);
}
END_TEST

/* What becomes of an image does not depend on who holds the other shards. */
START_TEST(test_ranks_mix_as_one)
{
    desk all, first, second;
    td_transform_key key = key_of(0, 5), first_key = key_of(0, 5),
                     second_key = key_of(3, 5);
    fill(&all, 0, IMAGES);
    fill(&first, 0, 3);
    fill(&second, 3, 4);
    td_transform *mixup = td_transform_of(TD_TRANSFORM_MIXUP);
    mixup(&all.batch, NULL, &key);
    mixup(&first.batch, NULL, &first_key);
    mixup(&second.batch, NULL, &second_key);
    ck_assert_mem_eq(all.images, first.images, 3 * PIXELS * sizeof(td_real));
    ck_assert_mem_eq(all.images + 3 * PIXELS, second.images,
                     4 * PIXELS * sizeof(td_real));
    ck_assert_mem_eq(all.shares + 3, second.shares, 4 * sizeof(double));
    ck_assert_mem_eq(all.others, first.others, 3 * sizeof(int32_t));
}
END_TEST

/* Another step, the other stream: other shares; an empty batch and one image are fine.
 */
START_TEST(test_draws_and_borders)
{
    desk one, other, re, empty, single;
    td_transform_key key = key_of(0, 5), later = key_of(0, 6);
    td_transform *mixup = td_transform_of(TD_TRANSFORM_MIXUP);
    fill(&one, 0, IMAGES);
    fill(&other, 0, IMAGES);
    fill(&re, 0, IMAGES);
    fill(&empty, 0, 0);
    fill(&single, 0, 1);
    mixup(&one.batch, &re.batch, &key);
    mixup(&other.batch, NULL, &later);
    ck_assert(one.shares[0] != other.shares[0] && one.shares[0] != re.shares[0]);
    ck_assert(re.shares[0] > 0.0 && re.shares[0] < 1.0);
    mixup(&empty.batch, NULL, &key);
    mixup(&single.batch, NULL, &key);
    for (int p = 0; p < PIXELS; p++)
        ck_assert(fabs((double) single.images[p] - p) <= 1e-5);
    ck_assert_int_eq(single.others[0], single.labels[0]);
}
END_TEST

START_TEST(test_none_changes_nothing)
{
    desk d, before;
    td_transform_key key = key_of(0, 5);
    fill(&d, 0, IMAGES);
    fill(&before, 0, IMAGES);
    td_transform_of(TD_TRANSFORM_NONE)(&d.batch, &d.batch, &key);
    ck_assert_mem_eq(d.images, before.images, sizeof d.images);
    ck_assert_mem_eq(d.shares, before.shares, sizeof d.shares);
    ck_assert_str_eq(td_transform_name(TD_TRANSFORM_NONE), "none");
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("transforms");
    TCase *tests = tcase_create("batches");
    tcase_add_test(tests, test_mixup);
    tcase_add_test(tests, test_ranks_mix_as_one);
    tcase_add_test(tests, test_draws_and_borders);
    tcase_add_test(tests, test_none_changes_nothing);
    suite_add_tcase(suite, tests);
    return suite;
}
