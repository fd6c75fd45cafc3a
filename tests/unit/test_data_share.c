/* What a rank holds: said before, found in a store. */
#include <math.h>

#include "data_fixture.h"
#include "suite.h"
#include "taildart/sampling_loader.h"

/* Images of each class, and how they are shared out. */
typedef struct {
    const char *name;
    int classes;
    int64_t most, least;
    int side;
} shape;

static const shape shapes[] = { { "CIFAR-100-LT", 100, 500, 5, 32 },
                                { "ImageNet-LT", 1000, 1280, 5, 64 } };

enum { SHAPES = sizeof shapes / sizeof *shapes };

static td_config config;
static td_selection *selection;
static int32_t *labels;
static int64_t count;
static td_data_info info;

/* A tail from most to least, as Pareto tails fall: half of the classes are rare. */
static void begin(const shape *s)
{
    int64_t *each = td_malloc((size_t) s->classes * sizeof *each), at = 0;
    config = fixture_config();
    config.search.batch = 64;
    count = 0;
    for (int c = 0; c < s->classes; c++) {
        double falls =
            pow((double) s->least / (double) s->most, (double) c / (s->classes - 1));
        each[c] = (int64_t) ((double) s->most * falls + 0.5);
        count += each[c];
    }
    labels = td_malloc((size_t) count * sizeof *labels);
    for (int c = 0; c < s->classes; c++)
        for (int64_t i = 0; i < each[c]; i++)
            labels[at++] = c;
    td_free(each);
    info = (td_data_info){ .classes = s->classes,
                           .height = 1, /* who holds what is asked, not its pixels */
                           .width = 1,
                           .channels = 1,
                           .train_count = count };
    ck_assert_int_eq(td_selection_new(&selection, &config, labels, count, s->classes),
                     TD_OK);
}

static void end(void)
{
    td_selection_free(selection);
    td_free(labels);
    ck_assert_int_eq(td_base_live_blocks(), 0);
}

/* The store as a run fills it: own, and all that its streams may draw beyond. */
static td_image_store *store_of(const td_share *share, bool holds_all)
{
    static const td_stream_id ids[] = { TD_STREAM_WEIGHTS, TD_STREAM_ARCH,
                                        TD_STREAM_REBALANCE, TD_STREAM_ARCH_REBALANCE };
    static const char nothing;
    bool *own = td_malloc((size_t) count), *drawn = td_malloc((size_t) count);
    td_share_mark(selection, share, own);
    memcpy(drawn, own, (size_t) count);
    for (int i = 0; i < 4; i++) {
        if (!td_stream_is_used(ids[i], &config))
            continue;
        td_stream *stream = td_stream_new(ids[i], &config, selection, share->shards);
        for (int k = 0; k < share->shard_count; k++)
            td_stream_images(stream, share->first_shard + k, drawn);
        td_stream_free(stream);
    }
    /* the file is never read here */
    td_image_store *store = td_image_store_new(&info, holds_all ? drawn : own, drawn,
                                               count, (const td_pixels *) &nothing);
    td_free(drawn);
    td_free(own);
    return store;
}

START_TEST(test_said_is_found)
{
    static const int rank_counts[] = { 1, 4, 8, 64 };
    begin(&shapes[_i % SHAPES]);
    bool is_bbn = _i >= SHAPES;
    config.bbn.enabled = is_bbn;
    for (int r = 0; r < 4; r++)
        for (int each = 1; each <= 2; each++) {
            int shards = rank_counts[r] * each > 64 ? 64 : rank_counts[r] * each;
            int per_rank = shards / rank_counts[r];
            td_share share = { .halves = 2,
                               .shards = shards,
                               .first_shard = shards - per_rank,
                               .shard_count = per_rank };
            int64_t shared = 0;
            int64_t own = td_share_count(selection, &config, &share, &shared);
            td_image_store *near = store_of(&share, false),
                           *all = store_of(&share, true);
            ck_assert_int_eq(near->held, own);
            ck_assert_int_eq(near->far_count, shared);
            ck_assert_int_eq(all->held, own + shared);
            ck_assert_int_eq(all->far_count, 0);
            ck_assert(is_bbn || shared == 0);
            td_image_store_free(near);
            td_image_store_free(all);
        }
    end();
}
END_TEST

/* Bytes of a rank that grow with the data: pixels, halves, lists, permutations. */
static double bytes_of(const shape *s, int ranks)
{
    double image = 3.0 * s->side * s->side;
    td_share share = { .halves = 2, .shards = ranks, .shard_count = 1 };
    td_image_store *store = store_of(&share, false);
    double bytes =
        (double) store->held * image +
        4.0 * (double) (selection->half_count[0] + selection->half_count[1]) +
        4.0 * (double) store->held + 8.0 * (double) store->far_count +
        8.0 * (double) store->held;
    td_image_store_free(store);
    return bytes;
}

START_TEST(test_bytes_fall_as_ranks_grow)
{
    begin(&shapes[_i]);
    double ratio = bytes_of(&shapes[_i], 1) / bytes_of(&shapes[_i], 64);
    ck_assert_msg(ratio >= 50.0, "%s: 1/%.1f", shapes[_i].name, ratio);
    end();
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("data_share");
    TCase *cases = tcase_create("share");
    tcase_add_loop_test(cases, test_said_is_found, 0, 2 * SHAPES);
    tcase_add_loop_test(cases, test_bytes_fall_as_ranks_grow, 0, SHAPES);
    tcase_set_timeout(cases, 60);
    suite_add_tcase(suite, cases);
    return suite;
}
