/* Pixels on their way to the network: store, normalisation, augmentation, loader. */
#include <fcntl.h>
#include <math.h>
#include <pthread.h>

#include "data_fixture.h"
#include "suite.h"
#include "taildart/sampling_loader.h"

enum {
    SIDE = 6,
    CHANNELS = 3,
    IMAGE = SIDE * SIDE * CHANNELS,
    CLASSES = 3,
    COUNT = 90
};

static td_data_info info;
static uint8_t work[2 * IMAGE]; /* of td_augment */
static td_config config;
static uint8_t *pixels; /* (COUNT, SIDE, SIDE, CHANNELS) */
static int32_t *labels;

static void begin(void)
{
    fixture_begin();
    info = (td_data_info){ .classes = CLASSES,
                           .height = SIDE,
                           .width = SIDE,
                           .channels = CHANNELS,
                           .train_count = COUNT,
                           .mean = { 0.5, 0.25, 0.75 },
                           .std = { 0.25, 0.5, 0.125 } };
    config = fixture_config();
    config.data.crop_pad = 2;
    labels = fixture_labels(CLASSES, COUNT / CLASSES);
    pixels = td_malloc(COUNT * IMAGE);
    for (int64_t i = 0; i < COUNT * IMAGE; i++)
        pixels[i] = (uint8_t) (1 + fixture_pixel(0, i / IMAGE, i % IMAGE) % 255);
}

static void end(void)
{
    td_free(labels);
    td_free(pixels);
    fixture_end();
    ck_assert_int_eq(td_base_live_blocks(), 0);
}

static double normal(uint8_t x, int channel)
{
    return (x / 255.0 - info.mean[channel]) / info.std[channel];
}

/* ---- normalisation and store ----------------------------------------------------- */

START_TEST(test_normalise)
{
    td_real out[2 * IMAGE];
    td_normalise(&info, 2, pixels, out);
    for (int i = 0; i < 2 * IMAGE; i++)
        ck_assert(fabs(out[i] - normal(pixels[i], i % CHANNELS)) <= 1e-6);
    info.std[1] = 0.0;
    td_normalise(&info, 2, pixels, out);
    for (int i = 1; i < 2 * IMAGE; i += CHANNELS)
        ck_assert(fabs(out[i] - (pixels[i] / 255.0 - 0.25)) <= 1e-6);
}
END_TEST

/* All pixels in a file, behind a few other bytes. */
static td_pixel_map map_of_file(void)
{
    enum { BEFORE = 5 };
    FILE *file = fopen(fixture_path("pixels"), "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite("other", 1, BEFORE, file), BEFORE);
    ck_assert_uint_eq(fwrite(pixels, IMAGE, COUNT, file), COUNT);
    ck_assert_int_eq(fclose(file), 0);
    td_pixel_map map = { .count = COUNT,
                         .height = SIDE,
                         .width = SIDE,
                         .channels = CHANNELS,
                         .file_bytes = BEFORE + COUNT * IMAGE,
                         .each = COUNT,
                         .pieces = 1,
                         .at = td_malloc(sizeof *map.at) };
    map.at[0] = BEFORE;
    snprintf(map.path, sizeof map.path, "%s", fixture_path("pixels"));
    return map;
}

/* Every third image held, the others far. */
static td_image_store *store_of(const bool *drawn, const td_pixels *file)
{
    bool held[COUNT] = { false };
    for (int i = 0; i < COUNT; i++)
        held[i] = drawn[i] && (!file || i % 3 == 0);
    td_image_store *store = td_image_store_new(&info, held, drawn, COUNT, file);
    for (int64_t k = 0; k < store->held; k++)
        memcpy(store->pixels + k * IMAGE, pixels + store->image[k] * IMAGE, IMAGE);
    for (int64_t k = 0; k < store->far_count; k++)
        store->far_check[k] =
            td_image_check(pixels + store->far_image[k] * IMAGE, IMAGE);
    return store;
}

START_TEST(test_store_finds_what_is_held_and_what_is_far)
{
    uint8_t buffer[IMAGE];
    bool drawn[COUNT] = { false };
    td_pixels *file = NULL;
    td_pixel_map map = map_of_file();
    ck_assert_int_eq(td_pixels_open(&file, &map, &info), TD_OK);
    for (int i = 0; i < COUNT; i += 7)
        drawn[i] = true;
    td_image_store *store = store_of(drawn, file);
    ck_assert_int_eq(store->held, 5);
    ck_assert_int_eq(store->held + store->far_count, (COUNT + 6) / 7);
    for (int i = 0; i < COUNT; i += 7) {
        const uint8_t *found = NULL;
        td_image_store_expect(store, i);
        ck_assert_int_eq(td_image_store_get(store, i, buffer, &found), TD_OK);
        ck_assert((found == buffer) == (i % 3 != 0));
        ck_assert_mem_eq(found, pixels + i * IMAGE, IMAGE);
    }
    td_image_store_free(store);
    td_pixels_close(file);
    td_pixel_map_clear(&map);
}
END_TEST

/* ---- augmentation ---------------------------------------------------------------- */

/* The offset and flip that explain an augmented image; false if none does. */
static bool explain(const uint8_t *image, const td_real *seen, int pad, int *down,
                    int *right, bool *flip)
{
    for (int guess = 0; guess < 2 * (2 * pad + 1) * (2 * pad + 1); guess++) {
        bool same = true;
        *flip = guess % 2;
        *down = guess / 2 / (2 * pad + 1) - pad;
        *right = guess / 2 % (2 * pad + 1) - pad;
        for (int i = 0; same && i < IMAGE; i++) {
            int c = i % CHANNELS, x = i / CHANNELS % SIDE, y = i / CHANNELS / SIDE;
            int row = y + *down, column = (*flip ? SIDE - 1 - x : x) + *right;
            bool outside = row < 0 || row >= SIDE || column < 0 || column >= SIDE;
            uint8_t raw = outside ? 0 : image[(row * SIDE + column) * CHANNELS + c];
            same = fabs(seen[i] - normal(raw, c)) <= 1e-5;
        }
        if (same)
            return true;
    }
    return false;
}

START_TEST(test_crops_and_flips_are_uniform)
{
    enum { DRAWS = 20000, VIEWS = 50 };
    int64_t found[VIEWS] = { 0 };
    double x2 = 0.0, even = DRAWS / (double) VIEWS;
    for (uint32_t i = 0; i < DRAWS; i++) {
        td_draw draw = { .image = 0, .shard = i % 5, .pass = i % 11, .draw = i };
        td_real out[IMAGE];
        int down, right;
        bool flip;
        td_augment(&config, &info, TD_STREAM_WEIGHTS, &draw, pixels, work, out);
        ck_assert(explain(pixels, out, 2, &down, &right, &flip));
        found[((down + 2) * 5 + right + 2) * 2 + flip]++;
    }
    for (int v = 0; v < VIEWS; v++)
        x2 += ((double) found[v] - even) * ((double) found[v] - even) / even;
    ck_assert_msg(x2 <= 85.4, "chi-square %g", x2); /* 0.1 % of 49 degrees */
}
END_TEST

START_TEST(test_switched_off_is_normalisation)
{
    config.data.crop_pad = 0;
    config.data.flip = false;
    for (uint32_t i = 0; i < 50; i++) {
        td_draw draw = { .image = i, .draw = i };
        td_real out[IMAGE], plain[IMAGE];
        td_augment(&config, &info, TD_STREAM_ARCH, &draw, pixels + i * IMAGE, work,
                   out);
        td_normalise(&info, 1, pixels + i * IMAGE, plain);
        ck_assert_mem_eq(out, plain, sizeof out);
    }
}
END_TEST

/* How many of 200 draws are seen alike when one counter of the key is another. */
static int alike(td_stream_id id, td_draw change, int64_t seed)
{
    int count = 0;
    for (uint32_t i = 0; i < 200; i++) {
        td_draw draw = { .shard = 3, .pass = 4, .draw = i }, other = draw;
        td_config with = config;
        td_real a[IMAGE], b[IMAGE];
        other.shard += change.shard;
        other.pass += change.pass;
        other.draw += change.draw;
        other.image += change.image;
        with.seed += seed;
        td_augment(&config, &info, TD_STREAM_WEIGHTS, &draw, pixels, work, a);
        td_augment(&with, &info, id, &other, pixels, work, b);
        count += memcmp(a, b, sizeof a) == 0;
    }
    return count;
}

START_TEST(test_keyed_by_draw_not_by_image)
{
    const td_draw same = { 0 };
    ck_assert_int_eq(alike(TD_STREAM_WEIGHTS, same, 0), 200);
    ck_assert_int_eq(alike(TD_STREAM_WEIGHTS, (td_draw){ .image = 1 }, 0), 200);
    /* by chance one view of 50 is met again */
    ck_assert_int_le(alike(TD_STREAM_WEIGHTS, (td_draw){ .draw = 1 }, 0), 20);
    ck_assert_int_le(alike(TD_STREAM_WEIGHTS, (td_draw){ .pass = 1 }, 0), 20);
    ck_assert_int_le(alike(TD_STREAM_WEIGHTS, (td_draw){ .shard = 1 }, 0), 20);
    ck_assert_int_le(alike(TD_STREAM_REBALANCE, same, 0), 20);
    ck_assert_int_le(alike(TD_STREAM_WEIGHTS, same, 1), 20);
}
END_TEST

/* The numbers that choose a class do not choose its crop as well. */
START_TEST(test_crop_does_not_depend_on_the_class)
{
    config.search.batch = 300;
    config.data.sampler = TD_SAMPLER_CLASS_BALANCED;
    int64_t found[CLASSES][5] = { { 0 } };
    td_selection *s = NULL;
    ck_assert_int_eq(td_selection_new(&s, &config, labels, COUNT, CLASSES), TD_OK);
    td_stream *stream = td_stream_new(TD_STREAM_WEIGHTS, &config, s, 1);
    for (int epoch = 0; epoch < 40; epoch++) {
        td_draw draws[300];
        int n = td_stream_draws(stream, 0, epoch, 0, draws);
        for (int i = 0; i < n; i++) {
            td_real out[IMAGE];
            int down, right;
            bool flip;
            const uint8_t *image = pixels + draws[i].image * IMAGE;
            td_augment(&config, &info, TD_STREAM_WEIGHTS, &draws[i], image, work, out);
            ck_assert(explain(image, out, 2, &down, &right, &flip));
            found[draws[i].label][down + 2]++;
        }
    }
    for (int c = 0; c < CLASSES; c++)
        for (int down = 0; down < 5; down++) /* 120 expected */
            ck_assert_int_ge(found[c][down], 70);
    td_stream_free(stream);
    td_selection_free(s);
}
END_TEST

/* ---- cutout ---------------------------------------------------------------------- */

/* Rectangle that differs from the same draw without cutout; its pixels must be zero. */
typedef struct {
    int top, left, height, width;
} hole;

static hole hole_of(uint32_t i, int side)
{
    td_draw draw = { .shard = i % 5, .pass = i % 11, .draw = i };
    td_real with[IMAGE], without[IMAGE];
    int bottom = -1, right = -1, count = 0;
    hole h = { SIDE, SIDE, 0, 0 };
    config.data.cutout = 0;
    td_augment(&config, &info, TD_STREAM_WEIGHTS, &draw, pixels, work, without);
    config.data.cutout = side;
    td_augment(&config, &info, TD_STREAM_WEIGHTS, &draw, pixels, work, with);
    for (int p = 0; p < IMAGE; p++) {
        if (with[p] == without[p])
            continue;
        int y = p / CHANNELS / SIDE, x = p / CHANNELS % SIDE;
        ck_assert(with[p] == 0);
        h.top = y < h.top ? y : h.top;
        h.left = x < h.left ? x : h.left;
        bottom = y > bottom ? y : bottom;
        right = x > right ? x : right;
        count++;
    }
    h.height = bottom - h.top + 1;
    h.width = right - h.left + 1;
    ck_assert_int_eq(count, h.height * h.width * CHANNELS); /* a whole rectangle */
    return h;
}

/* No pixel of the image or beside it is zero after normalisation. */
static void keep_from_zero(void)
{
    info.mean[0] = 0.501;
    info.mean[1] = 0.251;
    info.mean[2] = 0.751;
}

/* A side of 3 around each of 36 centres: clipped at the borders, whole elsewhere. */
START_TEST(test_cutout_is_uniform_and_clipped)
{
    enum { DRAWS = 18000, CENTRES = SIDE * SIDE };
    int64_t found[CENTRES] = { 0 };
    double x2 = 0.0, even = DRAWS / (double) CENTRES;
    keep_from_zero();
    for (uint32_t i = 0; i < DRAWS; i++) {
        hole h = hole_of(i, 3);
        int y = h.top == 0 ? h.height - 2 : h.top + 1;
        int x = h.left == 0 ? h.width - 2 : h.left + 1;
        ck_assert_int_eq(h.height, y == 0 || y == SIDE - 1 ? 2 : 3);
        ck_assert_int_eq(h.width, x == 0 || x == SIDE - 1 ? 2 : 3);
        found[y * SIDE + x]++;
    }
    for (int c = 0; c < CENTRES; c++)
        x2 += ((double) found[c] - even) * ((double) found[c] - even) / even;
    ck_assert_msg(x2 <= 66.6, "chi-square %g", x2); /* 0.1 % of 35 degrees */
}
END_TEST

/* An even side reaches one pixel further before the centre, as published. */
START_TEST(test_cutout_sides)
{
    bool seen[SIDE + 1] = { false };
    keep_from_zero();
    for (uint32_t i = 0; i < 500; i++) {
        hole one = hole_of(i, 1), four = hole_of(i, 4), all = hole_of(i, 2 * SIDE);
        ck_assert(one.height == 1 && one.width == 1);
        ck_assert_int_eq(four.top, one.top < 2 ? 0 : one.top - 2);
        ck_assert_int_eq(four.top + four.height,
                         one.top + 2 > SIDE ? SIDE : one.top + 2);
        ck_assert(all.height == SIDE && all.width == SIDE);
        seen[four.height] = true;
    }
    ck_assert(seen[2] && seen[3] && seen[4] && !seen[5]);
}
END_TEST

/* ---- loader ---------------------------------------------------------------------- */

enum { SHARDS = 4, BATCH = 16, FIRST = 1, HELD = 2, STREAMS = 2, MOST = 40 };

typedef struct {
    td_selection *selection;
    td_stream *mine[STREAMS],
        *loaders[STREAMS]; /* asked directly, asked by the loader */
    td_image_store *store;
    td_pixel_map map;
    td_pixels *file;
} rank;

/* \param [in] is_far  whether two of three images stay in a file */
static rank rank_of(bool is_far)
{
    static const td_stream_id ids[STREAMS] = { TD_STREAM_WEIGHTS,
                                               TD_STREAM_ARCH_REBALANCE };
    rank r = { 0 };
    bool needed[COUNT] = { false };
    config.search.batch = BATCH;
    config.data.cutout = 3; /* the same whoever draws */
    config.data.train_share = 0.6;
    ck_assert_int_eq(td_selection_new(&r.selection, &config, labels, COUNT, CLASSES),
                     TD_OK);
    for (int i = 0; i < STREAMS; i++) {
        r.mine[i] = td_stream_new(ids[i], &config, r.selection, SHARDS);
        r.loaders[i] = td_stream_new(ids[i], &config, r.selection, SHARDS);
        for (int k = 0; k < HELD; k++)
            td_stream_images(r.mine[i], FIRST + k, needed);
    }
    if (is_far) {
        r.map = map_of_file();
        ck_assert_int_eq(td_pixels_open(&r.file, &r.map, &info), TD_OK);
    }
    r.store = store_of(needed, r.file);
    return r;
}

static rank rank_new(void)
{
    return rank_of(false);
}

static void rank_free(rank *r)
{
    for (int i = 0; i < STREAMS; i++) {
        td_stream_free(r->mine[i]);
        td_stream_free(r->loaders[i]);
    }
    td_image_store_free(r->store);
    td_selection_free(r->selection);
    td_pixels_close(r->file);
    td_pixel_map_clear(&r->map);
}

static td_loader *loader_of(const rank *r, int depth)
{
    return td_loader_new(&config, r->store, r->loaders, STREAMS, FIRST, HELD,
                         BATCH / SHARDS, depth);
}

/* The batch computed here and now equals what the loader gave. */
static void check_batch(const rank *r, int stream, int pass, int64_t step,
                        const td_batch *batch)
{
    td_draw draws[BATCH];
    int count = 0;
    for (int k = 0; k < HELD; k++)
        count += td_stream_draws(r->mine[stream], FIRST + k, pass, step, draws + count);
    ck_assert_int_eq(batch->count, count);
    for (int i = 0; i < count; i++) {
        td_real image[IMAGE];
        td_augment(&config, &info, td_stream_purpose(r->mine[stream]), &draws[i],
                   pixels + draws[i].image * IMAGE, work, image);
        ck_assert_mem_eq(batch->images + (size_t) i * IMAGE, image, sizeof image);
        ck_assert_int_eq(batch->labels[i], draws[i].label);
        ck_assert_int_eq(batch->labels[i], labels[draws[i].image]);
    }
}

START_TEST(test_loader_equals_direct_computation)
{
    rank r = rank_of(_i == 1);
    for (int depth = 1; depth <= 7; depth++) {
        td_loader *loader = loader_of(&r, depth);
        int asked = 0;
        for (int taken = 0; taken < MOST; taken++) {
            for (; asked < MOST && asked - taken < depth; asked++)
                td_loader_request(loader, asked % 2, asked / 8, asked / 2 % 5);
            check_batch(&r, taken % 2, taken / 8, taken / 2 % 5,
                        td_loader_take(loader));
        }
        td_loader_free(loader);
    }
    rank_free(&r);
}
END_TEST

/* Takes one batch.  \return what the loader says then */
static td_status take_one(rank *r)
{
    td_loader *loader = loader_of(r, 1);
    td_loader_request(loader, 0, 0, 0);
    ck_assert_int_eq(td_loader_take(loader)->count, HELD * BATCH / SHARDS);
    td_status status = td_loader_status(loader);
    td_loader_free(loader);
    return status;
}

/* Another byte in each image, the time of change as it was: only checks can tell. */
START_TEST(test_far_image_that_is_another_is_told)
{
    rank r = rank_of(true);
    struct stat before;
    ck_assert_int_eq(take_one(&r), TD_OK);
    ck_assert_int_eq(stat(r.map.path, &before), 0);
    for (int i = 0; i < COUNT; i++)
        fixture_patch("pixels", r.map.at[0] + (size_t) i * IMAGE, 0);
    const struct timespec times[2] = { before.st_atim, before.st_mtim };
    ck_assert_int_eq(utimensat(AT_FDCWD, r.map.path, times, 0), 0);
    ck_assert_int_eq(take_one(&r), TD_DATA);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "is not the one"));
    rank_free(&r);
}
END_TEST

START_TEST(test_file_that_changes_is_told)
{
    rank r = rank_of(true);
    const struct timespec other[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
    if (_i == 0)
        ck_assert_int_eq(utimensat(AT_FDCWD, r.map.path, other, 0), 0);
    else
        ck_assert_int_eq(truncate(r.map.path, (off_t) r.map.at[0]), 0);
    ck_assert_int_eq(take_one(&r), TD_DATA);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "changed while it was read"));
    rank_free(&r);
}
END_TEST

START_TEST(test_batches_stay_until_depth_further_requests)
{
    enum { DEPTH = 6, HALF = DEPTH / 2 };
    rank r = rank_new();
    td_loader *loader = loader_of(&r, DEPTH);
    const td_batch *held[HALF];
    for (int i = 0; i < HALF; i++)
        td_loader_request(loader, 0, 0, i);
    for (int round = 0; round < 8; round++) {
        for (int i = 0; i < HALF; i++)
            held[i] = td_loader_take(loader);
        for (int i = 0; i < HALF; i++) /* made while the others are in use */
            td_loader_request(loader, 0, round + 1, i);
        for (int i = 0; i < HALF; i++)
            check_batch(&r, 0, round, i, held[i]);
    }
    td_loader_free(loader);
    rank_free(&r);
}
END_TEST

START_TEST(test_empty_batch)
{
    rank r = rank_new();
    td_loader *loader = loader_of(&r, 1);
    td_loader_request(loader, 0, 0, 1000);
    ck_assert_int_eq(td_loader_take(loader)->count, 0);
    td_loader_free(loader);
    rank_free(&r);
}
END_TEST

START_TEST(test_cancel_and_free_with_requests_outstanding)
{
    rank r = rank_new();
    for (int round = 0; round < 600; round++) {
        td_loader *loader = loader_of(&r, 5);
        for (int i = 0; i < round % 6; i++)
            td_loader_request(loader, 1, 0, i);
        if (round % 3 != 0) {
            /* one taken: the worker is then somewhere in the middle of the others */
            if (round % 6 > 0)
                td_loader_take(loader);
            td_loader_cancel(loader);
            for (int i = 0; i < 5; i++)
                td_loader_request(loader, i % 2, 1, i);
            for (int i = 0; i < round % 4; i++)
                check_batch(&r, i % 2, 1, i, td_loader_take(loader));
        }
        td_loader_free(loader);
    }
    rank_free(&r);
}
END_TEST

START_TEST(test_loading_allocates_nothing)
{
    rank r = rank_new();
    td_loader *loader = loader_of(&r, 2);
    long before = td_base_malloc_count();
    for (int i = 0; i < 100; i++) {
        td_loader_request(loader, i % 2, i / 10, i);
        td_loader_take(loader);
    }
    ck_assert_int_eq(td_base_malloc_count(), before);
    td_loader_free(loader);
    rank_free(&r);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("data_loader");
    TCase *cases = tcase_create("loader");
    tcase_add_checked_fixture(cases, begin, end);
    tcase_add_test(cases, test_normalise);
    tcase_add_test(cases, test_store_finds_what_is_held_and_what_is_far);
    tcase_add_test(cases, test_crops_and_flips_are_uniform);
    tcase_add_test(cases, test_switched_off_is_normalisation);
    tcase_add_test(cases, test_keyed_by_draw_not_by_image);
    tcase_add_test(cases, test_crop_does_not_depend_on_the_class);
    tcase_add_test(cases, test_cutout_is_uniform_and_clipped);
    tcase_add_test(cases, test_cutout_sides);
    tcase_add_loop_test(cases, test_loader_equals_direct_computation, 0, 2);
    tcase_add_test(cases, test_far_image_that_is_another_is_told);
    tcase_add_loop_test(cases, test_file_that_changes_is_told, 0, 2);
    tcase_add_test(cases, test_batches_stay_until_depth_further_requests);
    tcase_add_test(cases, test_empty_batch);
    tcase_add_test(cases, test_cancel_and_free_with_requests_outstanding);
    tcase_add_test(cases, test_loading_allocates_nothing);
    suite_add_tcase(suite, cases);
    return suite;
}
