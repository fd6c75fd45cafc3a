/* Batches that are mixed: by their formulas, shard by shard, in the epochs meant. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "suite.h"
#include "taildart/mix.h"

enum { IMAGES = 7, SIDE = 6, PIXELS = SIDE * SIDE };

/* Three images of shard 1, four of shard 2; an image's numbers tell which it is, and
 * that of its re-balancing batch is 100 further. */
typedef struct {
    td_batch batch;
    td_real images[IMAGES * PIXELS];
    int32_t labels[IMAGES], others[IMAGES];
    double shares[IMAGES];
    int shards[2];
} desk;

static const int64_t counts[200] = { 300, 100, 99, 20, 61, 60, 5 };

static td_mix_keys keys;

static void begin(void)
{
    keys = (td_mix_keys){ .kind = TD_MIX_MIXUP,
                          .alpha = 1.0,
                          .probability = 1.0,
                          .kappa = 3.0,
                          .tau = 0.5,
                          .until = TD_NEVER };
}

static void end(void)
{
    ck_assert_int_eq(td_base_live_blocks(), 0);
}

static td_mix_site site_of(int64_t step)
{
    return (td_mix_site){ .keys = &keys,
                          .height = SIDE,
                          .width = SIDE,
                          .channels = 1,
                          .counts = counts,
                          .seed = 3,
                          .half = TD_HALF_WEIGHTS,
                          .epoch = 2,
                          .step = step,
                          .first_shard = 1 };
}

static double number_of(int image, int pixel)
{
    return 10 * image + 0.125 * pixel;
}

/* The images of shards from 1 + \a shard on, as a rank would hold them. */
static void fill(desk *d, int shard, int shard_count, int shift)
{
    static const int first[3] = { 0, 3, 7 };
    int count = first[shard + shard_count] - first[shard];
    for (int i = 0; i < count; i++) {
        int image = first[shard] + i + shift;
        d->labels[i] = d->others[i] = image;
        d->shares[i] = 1.0;
        for (int p = 0; p < PIXELS; p++)
            d->images[i * PIXELS + p] = (td_real) number_of(image, p);
    }
    for (int k = 0; k < shard_count; k++)
        d->shards[k] = first[shard + k + 1] - first[shard + k];
    d->batch = (td_batch){ count,     d->images, d->labels,  d->others,
                           d->shares, d->shards, shard_count };
}

static const int next[IMAGES] = { 1, 2, 0, 4, 5, 6, 3 };

/* ---- kinds ----------------------------------------------------------------------- */

static void expect_blend(const desk *d, int i, double lambda)
{
    for (int p = 0; p < PIXELS; p++) {
        double expected =
            lambda * number_of(i, p) + (1.0 - lambda) * number_of(next[i], p);
        ck_assert(fabs((double) d->images[i * PIXELS + p] - expected) <= 1e-4);
    }
}

START_TEST(test_mixup)
{
    desk d;
    td_mix_site site = site_of(5);
    fill(&d, 0, 2, 0);
    td_mix_batch(&d.batch, NULL, 0, &site);
    for (int i = 0; i < IMAGES; i++) {
        ck_assert(d.shares[i] > 0.0 && d.shares[i] < 1.0);
        ck_assert(d.shares[i] == d.shares[i < 3 ? 0 : 3]);
        ck_assert_int_eq(d.labels[i], i);
        ck_assert_int_eq(d.others[i], next[i]);
        expect_blend(&d, i, d.shares[i]);
    }
    ck_assert(d.shares[0] != d.shares[3]);
}
END_TEST

/* A share of 0.26 or so of class 0 with 300 images, beside class 1 with 100. */
START_TEST(test_remix)
{
    int moved = 0, kept = 0;
    for (int step = 0; step < 40; step++) {
        desk mixed, remixed;
        td_mix_site site = site_of(step);
        fill(&mixed, 0, 2, 0);
        fill(&remixed, 0, 2, 0);
        keys.kind = TD_MIX_MIXUP;
        td_mix_batch(&mixed.batch, NULL, 0, &site);
        keys.kind = TD_MIX_REMIX;
        td_mix_batch(&remixed.batch, NULL, 0, &site);
        ck_assert_mem_eq(mixed.images, remixed.images, sizeof mixed.images);
        for (int i = 0; i < IMAGES; i++) {
            double lambda = mixed.shares[i], own = (double) counts[i];
            double other = (double) counts[next[i]], expected = lambda;
            if (own >= 3.0 * other && lambda < 0.5)
                expected = 0.0;
            else if (other >= 3.0 * own && lambda > 0.5)
                expected = 1.0;
            ck_assert(remixed.shares[i] == expected);
            moved += expected != lambda;
            kept += expected == lambda;
        }
    }
    ck_assert(moved > 40 && kept > 40);
}
END_TEST

/* Every pixel is the own one, or that of the partner inside of one box. */
static void expect_box(const desk *d, int i, int partner)
{
    int top = SIDE, left = SIDE, bottom = 0, right = 0, pasted = 0;
    for (int p = 0; p < PIXELS; p++) {
        double found = (double) d->images[i * PIXELS + p];
        int y = p / SIDE, x = p % SIDE;
        if (found == (double) (td_real) number_of(i, p))
            continue;
        ck_assert(found == (double) (td_real) number_of(partner, p));
        top = y < top ? y : top;
        left = x < left ? x : left;
        bottom = y + 1 > bottom ? y + 1 : bottom;
        right = x + 1 > right ? x + 1 : right;
        pasted++;
    }
    if (pasted > 0)
        ck_assert_int_eq(pasted, (bottom - top) * (right - left));
    ck_assert(fabs(d->shares[i] - (1.0 - (double) pasted / PIXELS)) <= 1e-12);
    ck_assert_int_eq(d->others[i], partner);
    ck_assert_int_eq(d->labels[i], i);
}

START_TEST(test_cutmix_and_cmo)
{
    double least = 1.0, most = 0.0;
    for (int step = 0; step < 40; step++) {
        desk d, re, before;
        td_mix_site site = site_of(step);
        fill(&d, 0, 2, 0);
        keys.kind = TD_MIX_CUTMIX;
        td_mix_batch(&d.batch, NULL, 0, &site);
        for (int i = 0; i < IMAGES; i++)
            expect_box(&d, i, next[i]);
        fill(&d, 0, 2, 0);
        fill(&re, 0, 2, 100);
        fill(&before, 0, 2, 100);
        keys.kind = TD_MIX_CMO;
        td_mix_batch(&d.batch, &re.batch, 0, &site);
        for (int i = 0; i < IMAGES; i++)
            expect_box(&d, i, 100 + i);
        ck_assert_mem_eq(re.images, before.images, sizeof re.images);
        ck_assert_mem_eq(re.shares, before.shares, sizeof re.shares);
        least = fmin(least, d.shares[0]);
        most = fmax(most, d.shares[0]);
    }
    ck_assert(least < 0.6 && most > 0.9);
}
END_TEST

START_TEST(test_boxes)
{
    td_box all = td_mix_box(4, 8, 0.0, 2, 4), none = td_mix_box(4, 8, 1.0, 2, 4);
    td_box corner = td_mix_box(8, 8, 0.75, 0, 7);
    ck_assert(all.top == 0 && all.left == 0 && all.bottom == 4 && all.right == 8);
    ck_assert(none.top == none.bottom && none.left == none.right);
    ck_assert(corner.top == 0 && corner.bottom == 2 && corner.left == 5 &&
              corner.right == 8);
}
END_TEST

/* ---- who and when ---------------------------------------------------------------- */

/* What becomes of an image does not depend on who holds the other shards. */
START_TEST(test_ranks_mix_as_one)
{
    for (int kind = TD_MIX_MIXUP; kind < TD_MIX_COUNT; kind++) {
        desk all, first, second, re_all, re_first, re_second;
        bool pastes = td_mix_pastes((td_mix_kind) kind);
        td_mix_site site = site_of(5), later = site_of(5);
        keys.kind = kind;
        later.first_shard++;
        fill(&all, 0, 2, 0);
        fill(&first, 0, 1, 0);
        fill(&second, 1, 1, 0);
        fill(&re_all, 0, 2, 100);
        fill(&re_first, 0, 1, 100);
        fill(&re_second, 1, 1, 100);
        td_mix_batch(&all.batch, pastes ? &re_all.batch : NULL, 0, &site);
        td_mix_batch(&first.batch, pastes ? &re_first.batch : NULL, 0, &site);
        td_mix_batch(&second.batch, pastes ? &re_second.batch : NULL, 0, &later);
        ck_assert_mem_eq(all.images, first.images, 3 * PIXELS * sizeof(td_real));
        ck_assert_mem_eq(all.images + 3 * PIXELS, second.images,
                         4 * PIXELS * sizeof(td_real));
        ck_assert_mem_eq(all.shares, first.shares, 3 * sizeof(double));
        ck_assert_mem_eq(all.shares + 3, second.shares, 4 * sizeof(double));
        ck_assert_mem_eq(all.others, first.others, 3 * sizeof(int32_t));
    }
}
END_TEST

/* The share that the first image gets. */
static double share_with(td_mix_site site, int branch)
{
    desk d;
    fill(&d, 0, 2, 0);
    td_mix_batch(&d.batch, NULL, branch, &site);
    return d.shares[0];
}

START_TEST(test_draws_differ)
{
    double share = share_with(site_of(5), 0);
    td_mix_site epoch = site_of(5), half = site_of(5), seed = site_of(5);
    epoch.epoch++;
    half.half = TD_HALF_ARCH;
    seed.seed++;
    ck_assert(share == share_with(site_of(5), 0));
    ck_assert(share != share_with(site_of(6), 0));
    ck_assert(share != share_with(site_of(5), 1));
    ck_assert(share != share_with(epoch, 0));
    ck_assert(share != share_with(half, 0));
    ck_assert(share != share_with(half, 1));
    ck_assert(share != share_with(seed, 0));
}
END_TEST

START_TEST(test_epochs)
{
    static const bool is_mixed[] = { false, false, true, true, false };
    keys.from = 2;
    keys.until = 4;
    for (int e = 0; e < 5; e++) {
        td_mix_site site = site_of(5);
        site.epoch = e;
        ck_assert((share_with(site, 0) < 1.0) == is_mixed[e]);
    }
}
END_TEST

/* A shard's batch is mixed, or not, as often as asked for: 1000 draws. */
START_TEST(test_probability)
{
    static const struct {
        int kind;
        double key, expected;
    } rows[] = { { TD_MIX_MIXUP, TD_AUTO, 1.0 },  { TD_MIX_REMIX, TD_AUTO, 1.0 },
                 { TD_MIX_CUTMIX, TD_AUTO, 0.5 }, { TD_MIX_CMO, TD_AUTO, 0.5 },
                 { TD_MIX_MIXUP, 0.2, 0.2 },      { TD_MIX_CMO, 1.0, 1.0 } };
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        int mixed = 0;
        keys.kind = rows[r].kind;
        keys.probability = rows[r].key;
        for (int step = 0; step < 500; step++) {
            desk d, re;
            td_mix_site site = site_of(step);
            fill(&d, 0, 2, 0);
            fill(&re, 0, 2, 100);
            td_mix_batch(&d.batch,
                         td_mix_pastes((td_mix_kind) keys.kind) ? &re.batch : NULL, 0,
                         &site);
            mixed += (d.others[0] != d.labels[0]) + (d.others[3] != d.labels[3]);
        }
        double expected = 1000 * rows[r].expected;
        double limit = 4.0 * sqrt(expected * (1.0 - rows[r].expected));
        ck_assert(fabs(mixed - expected) <= limit);
    }
}
END_TEST

START_TEST(test_borders)
{
    desk d;
    td_mix_site site = site_of(5);
    fill(&d, 0, 2, 0);
    keys.kind = TD_MIX_NONE;
    td_mix_batch(&d.batch, NULL, 0, &site);
    ck_assert(d.shares[0] == 1.0 && d.others[0] == 0);
    ck_assert_ptr_null(td_mix_of(TD_MIX_NONE));
    ck_assert_str_eq(td_mix_name(TD_MIX_NONE), "none");
    keys.kind = TD_MIX_MIXUP;
    d.shards[0] = 0; /* a shard that ran dry, and one with a single image */
    d.shards[1] = 1;
    d.batch.count = 1;
    td_mix_batch(&d.batch, NULL, 0, &site);
    for (int p = 0; p < PIXELS; p++)
        ck_assert(fabs((double) d.images[p] - number_of(0, p)) <= 1e-5);
    ck_assert_int_eq(d.others[0], d.labels[0]);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("mixed images");
    TCase *tests = tcase_create("batches");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, test_mixup);
    tcase_add_test(tests, test_remix);
    tcase_add_test(tests, test_cutmix_and_cmo);
    tcase_add_test(tests, test_boxes);
    tcase_add_test(tests, test_ranks_mix_as_one);
    tcase_add_test(tests, test_draws_differ);
    tcase_add_test(tests, test_epochs);
    tcase_add_test(tests, test_probability);
    tcase_add_test(tests, test_borders);
    suite_add_tcase(suite, tests);
    return suite;
}
