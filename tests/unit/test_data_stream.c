/* Streams: what is drawn when, on any number of pretended ranks. */
#include <math.h>

#include "data_fixture.h"
#include "suite.h"
#include "taildart/sampling_stream.h"

enum { CLASSES = 10, EACH = 400, COUNT = CLASSES * EACH, SHARDS = 12, BATCH = 96 };

/* A long-tailed half of 4000 images, its streams over 12 shards. */
static int32_t *labels;
static td_config config;
static td_selection *chosen;

static void begin(void)
{
    config = fixture_config();
    config.search.batch = BATCH;
    config.data.imbalance = 20;
    labels = fixture_labels(CLASSES, EACH);
    ck_assert_int_eq(td_selection_new(&chosen, &config, labels, COUNT, CLASSES), TD_OK);
}

static void end(void)
{
    td_selection_free(chosen);
    td_free(labels);
    ck_assert_int_eq(td_base_live_blocks(), 0);
}

static td_stream *open_stream(td_stream_id id, int shards)
{
    return td_stream_new(id, &config, chosen, shards);
}

static const td_stream_id all_ids[] = { TD_STREAM_WEIGHTS, TD_STREAM_ARCH,
                                        TD_STREAM_REBALANCE, TD_STREAM_ARCH_REBALANCE };

/* ---- instance sampler ------------------------------------------------------------ */

static int by_image(const void *a, const void *b)
{
    int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;
    return (x > y) - (x < y);
}

/* The images that `ranks` ranks draw together in a step, sorted; each rank has a stream
 * of its own, as in a run. */
static int global_batch(td_stream *const *streams, int ranks, int pass, int64_t step,
                        int64_t *images)
{
    int held = SHARDS / ranks, count = 0;
    td_draw draws[BATCH];
    for (int r = 0; r < ranks; r++)
        for (int k = r * held; k < (r + 1) * held; k++) {
            int got = td_stream_draws(streams[r], k, pass, step, draws);
            for (int i = 0; i < got; i++)
                images[count++] = draws[i].image;
        }
    qsort(images, (size_t) count, sizeof *images, by_image);
    return count;
}

START_TEST(test_ranks_share_the_same_global_batches)
{
    static const int ranks[] = { 1, 2, 3, 4, 6, 12 };
    int64_t steps = td_epoch_steps(chosen, BATCH);
    for (int i = 0; i < 4; i++) {
        td_stream *alone = open_stream(all_ids[i], SHARDS);
        for (int p = 1; p < 6; p++) {
            td_stream *own[SHARDS];
            for (int r = 0; r < ranks[p]; r++)
                own[r] = open_stream(all_ids[i], SHARDS);
            for (int64_t step = 0; step < steps; step++) {
                int64_t one[BATCH], many[BATCH];
                int count = global_batch(&alone, 1, 3, step, one);
                ck_assert_int_eq(global_batch(own, ranks[p], 3, step, many), count);
                ck_assert_mem_eq(one, many, (size_t) count * sizeof *one);
            }
            for (int r = 0; r < ranks[p]; r++)
                td_stream_free(own[r]);
        }
        td_stream_free(alone);
    }
}
END_TEST

START_TEST(test_each_image_once_an_epoch_in_another_order)
{
    td_stream *stream = open_stream(TD_STREAM_WEIGHTS, SHARDS);
    int64_t steps = td_epoch_steps(chosen, BATCH), batch[BATCH];
    int64_t first[2][BATCH];
    for (int epoch = 0; epoch < 2; epoch++) {
        bool *seen = td_malloc(COUNT);
        int64_t total = 0;
        for (int64_t step = 0; step < steps; step++) {
            int count = global_batch(&stream, 1, epoch, step, batch);
            ck_assert(count > 0 && (step == steps - 1 || count == BATCH));
            for (int i = 0; i < count; i++) {
                ck_assert(!seen[batch[i]]);
                seen[batch[i]] = true;
            }
            total += count;
        }
        for (int64_t i = 0; i < chosen->half_count[TD_HALF_WEIGHTS]; i++)
            ck_assert(seen[chosen->half[TD_HALF_WEIGHTS][i]]);
        ck_assert_int_eq(total, chosen->half_count[TD_HALF_WEIGHTS]);
        global_batch(&stream, 1, epoch, 0, first[epoch]);
        td_free(seen);
    }
    ck_assert(memcmp(first[0], first[1], sizeof *first) != 0);
    td_stream_free(stream);
}
END_TEST

START_TEST(test_last_batches_may_be_short_or_empty)
{
    /* 5 images on 4 shards: 2 1 1 1; one image a shard and step. */
    int32_t few[10] = { 0 };
    td_draw draw;
    td_selection *s = NULL;
    config.data.imbalance = 1;
    config.search.batch = 4;
    ck_assert_int_eq(td_selection_new(&s, &config, few, 10, 1), TD_OK);
    ck_assert_int_eq(td_epoch_steps(s, 4), 2);
    static const td_stream_id ids[] = { TD_STREAM_WEIGHTS, TD_STREAM_REBALANCE };
    for (int i = 0; i < 2; i++) {
        td_stream *stream = td_stream_new(ids[i], &config, s, 4);
        for (int k = 0; k < 4; k++) {
            ck_assert_int_eq(td_stream_draws(stream, k, 0, 0, &draw), 1);
            ck_assert_int_eq(td_stream_draws(stream, k, 0, 1, &draw), k == 0);
        }
        td_stream_free(stream);
    }
    td_selection_free(s);
}
END_TEST

START_TEST(test_architecture_half_reshuffles_when_it_runs_out)
{
    td_stream *stream = open_stream(TD_STREAM_ARCH, SHARDS);
    int b = BATCH / SHARDS, straddled = 0;
    for (int shard = 0; shard < SHARDS; shard++) {
        int64_t n = td_shard_count(chosen, TD_HALF_ARCH, shard, SHARDS);
        int64_t passes = 5, steps = passes * n / b;
        int *seen = td_malloc(COUNT * sizeof *seen);
        td_draw draws[BATCH];
        for (int64_t step = 0; step < steps; step++) {
            ck_assert_int_eq(td_stream_draws(stream, shard, 77, step, draws), b);
            straddled += draws[0].pass != draws[b - 1].pass;
            for (int i = 0; i < b; i++) {
                int64_t position = step * b + i;
                ck_assert_int_eq(draws[i].pass, position / n);
                ck_assert_int_eq(draws[i].draw, position % n);
                /* once a pass: before pass p each image was seen p times */
                ck_assert_int_eq(seen[draws[i].image]++, draws[i].pass);
            }
        }
        td_free(seen);
    }
    ck_assert_int_gt(straddled, 0);
    td_stream_free(stream);
}
END_TEST

START_TEST(test_batch_larger_than_the_shard_spans_many_passes)
{
    int32_t few[6] = { 0, 0, 0, 1, 1, 1 };
    td_selection *s = NULL;
    td_draw draws[8];
    int seen[6] = { 0 };
    config.data.imbalance = 1;
    config.search.batch = 8;
    ck_assert_int_eq(td_selection_new(&s, &config, few, 6, 2), TD_OK);
    td_stream *stream = td_stream_new(TD_STREAM_ARCH, &config, s, 1);
    ck_assert_int_eq(td_stream_draws(stream, 0, 0, 0, draws), 8);
    for (int i = 0; i < 8; i++)
        seen[draws[i].image]++;
    for (int h = 0; h < 2; h++)
        ck_assert_int_eq(seen[s->half[TD_HALF_ARCH][h]], 4);
    td_stream_free(stream);
    td_selection_free(s);
}
END_TEST

START_TEST(test_draws_do_not_depend_on_what_was_asked_before)
{
    for (int i = 0; i < 4; i++) {
        td_stream *forth = open_stream(all_ids[i], SHARDS);
        td_stream *back = open_stream(all_ids[i], SHARDS);
        td_draw kept[20][BATCH], draws[BATCH];
        int counts[20];
        for (int64_t step = 0; step < 20; step++)
            counts[step] = td_stream_draws(forth, 5, (int) step % 3, step, kept[step]);
        for (int64_t step = 19; step >= 0; step--) {
            int count = td_stream_draws(back, 5, (int) step % 3, step, draws);
            ck_assert_int_eq(count, counts[step]);
            for (int k = 0; k < count; k++) {
                ck_assert_int_eq(draws[k].image, kept[step][k].image);
                ck_assert_int_eq(draws[k].draw, kept[step][k].draw);
                ck_assert_int_eq(draws[k].pass, kept[step][k].pass);
            }
        }
        td_stream_free(forth);
        td_stream_free(back);
    }
}
END_TEST

START_TEST(test_seed_and_stream_decide_the_order)
{
    int64_t batches[4][BATCH];
    static const int64_t seeds[4] = { 2, 2, 3, INT64_C(2) + (INT64_C(1) << 32) };
    for (int i = 0; i < 4; i++) {
        config.seed = seeds[i];
        config.bbn.sampler = TD_SAMPLER_INSTANCE;
        td_stream *stream =
            open_stream(i == 1 ? TD_STREAM_REBALANCE : TD_STREAM_WEIGHTS, SHARDS);
        ck_assert_int_eq(global_batch(&stream, 1, 0, 0, batches[i]), BATCH);
        td_stream_free(stream);
        for (int k = 0; k < i; k++)
            ck_assert(memcmp(batches[i], batches[k], sizeof *batches) != 0);
    }
}
END_TEST

START_TEST(test_drawing_allocates_nothing)
{
    for (int i = 0; i < 4; i++) {
        td_stream *stream = open_stream(all_ids[i], SHARDS);
        td_draw draws[BATCH];
        for (int shard = 0; shard < SHARDS; shard++)
            td_stream_reserve(stream, shard);
        long before = td_base_malloc_count();
        for (int64_t step = 0; step < 100; step++)
            td_stream_draws(stream, (int) step % SHARDS, (int) step / 9, step, draws);
        ck_assert_int_eq(td_base_malloc_count(), before);
        td_stream_free(stream);
    }
}
END_TEST

/* ---- class-aware samplers -------------------------------------------------------- */

/* Upper bound that chi-square with df degrees of freedom exceeds once in a thousand
 * (Wilson and Hilferty 1931). */
static double chi_square_limit(double df)
{
    double a = 2.0 / (9.0 * df);
    return df * pow(1.0 - a + 3.09 * sqrt(a), 3.0);
}

static double chi_square(const int64_t *found, const double *p, int n, double total)
{
    double sum = 0.0;
    for (int i = 0; i < n; i++)
        if (p[i] > 0.0)
            sum += ((double) found[i] - total * p[i]) *
                   ((double) found[i] - total * p[i]) / (total * p[i]);
    return sum;
}

START_TEST(test_probabilities)
{
    static const int64_t counts[4] = { 100, 25, 0, 4 };
    static const struct {
        td_sampler_kind kind;
        double weight[4];
    } rows[] = { { TD_SAMPLER_INSTANCE, { 100, 25, 0, 4 } },
                 { TD_SAMPLER_CLASS_BALANCED, { 1, 1, 0, 1 } },
                 { TD_SAMPLER_SQUARE_ROOT, { 10, 5, 0, 2 } },
                 { TD_SAMPLER_REVERSED, { 1, 4, 0, 25 } } };
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        double p[4], sum = 0.0;
        for (int c = 0; c < 4; c++)
            sum += rows[r].weight[c];
        td_sampler_probabilities(rows[r].kind, counts, 4, 0.5, p);
        for (int c = 0; c < 4; c++)
            ck_assert(fabs(p[c] - rows[r].weight[c] / sum) <= 1e-15);
    }
}
END_TEST

/* The probabilities that BBN draws with at imbalance 50. */
START_TEST(test_reversed_is_that_of_bbn)
{
    static const double published[10] = { .0071, .0110, .0170, .0263, .0406,
                                          .0628, .0969, .1499, .2316, .3567 };
    int64_t counts[10];
    double p[10];
    for (int c = 0; c < 10; c++)
        counts[c] = td_tail_count(TD_PROFILE_EXP, 10, 5000, 50, c);
    td_sampler_probabilities(TD_SAMPLER_REVERSED, counts, 10, 0.0, p);
    for (int c = 0; c < 10; c++)
        ck_assert(fabs(p[c] - published[c]) <= 5.1e-5);
}
END_TEST

/* n images weigh 1/(1 + beta + … + beta^(n-1)) each; none is drawn of a class
 * without. */
START_TEST(test_effective_number_is_that_of_ldam)
{
    static const int64_t counts[4] = { 5000, 500, 0, 5 };
    double share[4] = { 0 }, sum = 0.0, p[4];
    for (int c = 0; c < 4; c++) {
        double effective = 0.0, power = 1.0;
        for (int64_t i = 0; i < counts[c]; i++, power *= 0.9999)
            effective += power;
        share[c] = counts[c] > 0 ? (double) counts[c] / effective : 0.0;
        sum += share[c];
    }
    td_sampler_probabilities(TD_SAMPLER_EFFECTIVE, counts, 4, 0.0, p);
    for (int c = 0; c < 4; c++)
        ck_assert(fabs(p[c] - share[c] / sum) <= 1e-10);
}
END_TEST

/* By images at first, evenly at the end, and the mixture between (Kang et al. 2020). */
START_TEST(test_progressive)
{
    static const int64_t counts[4] = { 100, 25, 0, 4 };
    for (int quarter = 0; quarter <= 4; quarter++) {
        double p[4], passed = quarter / 4.0;
        td_sampler_probabilities(TD_SAMPLER_PROGRESSIVE, counts, 4, passed, p);
        for (int c = 0; c < 4; c++) {
            double even = counts[c] > 0 ? 1.0 / 3.0 : 0.0;
            double expected =
                (1.0 - passed) * (double) counts[c] / 129.0 + passed * even;
            ck_assert(fabs(p[c] - expected) <= 1e-15);
        }
    }
}
END_TEST

static void set_sampler(td_stream_id id, td_sampler_kind kind)
{
    if (id == TD_STREAM_WEIGHTS)
        config.data.sampler = kind;
    else if (id == TD_STREAM_ARCH)
        config.arch.sampler = kind;
    else
        config.bbn.sampler = kind;
}

START_TEST(test_class_frequencies_are_the_global_ones)
{
    static const int shard_counts[] = { 1, 4, 12 };
    for (int i = 0; i < 4; i++)
        for (int kind = TD_SAMPLER_CLASS_BALANCED; kind < TD_SAMPLER_PROGRESSIVE;
             kind++)
            for (int k = 0; k < 3; k++) {
                int shards = shard_counts[k];
                set_sampler(all_ids[i], (td_sampler_kind) kind);
                td_stream *stream = open_stream(all_ids[i], shards);
                int64_t found[CLASSES] = { 0 }, total = 0;
                double p[CLASSES];
                td_draw draws[BATCH];
                for (int64_t step = 0; step < 400; step++)
                    for (int s = 0; s < shards; s++) {
                        int epoch = (int) (step / 5);
                        int64_t at = i % 2 ? step : step % 5;
                        int n = td_stream_draws(stream, s, epoch, at, draws);
                        for (int d = 0; d < n; d++)
                            found[draws[d].label]++;
                        total += n;
                    }
                td_sampler_probabilities(
                    (td_sampler_kind) kind,
                    chosen->half_classes[i % 2 ? TD_HALF_ARCH : TD_HALF_WEIGHTS],
                    CLASSES, 0.0, p);
                double x2 = chi_square(found, p, CLASSES, (double) total);
                ck_assert_msg(x2 <= chi_square_limit(CLASSES - 1),
                              "stream %d sampler %d shards %d: chi-square %g", i, kind,
                              shards, x2);
                td_stream_free(stream);
            }
}
END_TEST

/* Count the classes that a stream draws in an epoch.  \return draws */
static int64_t count_classes(td_stream *stream, int shards, int epoch, int64_t *found)
{
    int64_t total = 0, steps = td_epoch_steps(chosen, BATCH);
    memset(found, 0, CLASSES * sizeof *found);
    for (int64_t step = 0; step < steps; step++)
        for (int s = 0; s < shards; s++) {
            td_draw draws[BATCH];
            int n = td_stream_draws(stream, s, epoch, step, draws);
            for (int d = 0; d < n; d++)
                found[draws[d].label]++;
            total += n;
        }
    return total;
}

START_TEST(test_progressive_draws_by_the_epoch)
{
    static const int epochs[] = { 9, 0, 5, 9 };
    config.search.epochs = 10;
    for (int i = 0; i < 4; i++) {
        set_sampler(all_ids[i], TD_SAMPLER_PROGRESSIVE);
        td_stream *stream = open_stream(all_ids[i], 4);
        for (int k = 0; k < 4; k++) {
            int64_t found[CLASSES];
            double p[CLASSES];
            int64_t total = count_classes(stream, 4, epochs[k], found);
            td_sampler_probabilities(
                TD_SAMPLER_PROGRESSIVE,
                chosen->half_classes[i % 2 ? TD_HALF_ARCH : TD_HALF_WEIGHTS], CLASSES,
                epochs[k] / 10.0, p);
            ck_assert(chi_square(found, p, CLASSES, (double) total) <=
                      chi_square_limit(CLASSES - 1));
        }
        td_stream_free(stream);
    }
}
END_TEST

/* Before its epoch a sampler is that of images, draw by draw; from it on, itself. */
START_TEST(test_samplers_begin)
{
    for (int i = 0; i < 2; i++) {
        td_draw draws[BATCH], plain[BATCH], late[BATCH];
        td_stream *instance = open_stream(all_ids[i], SHARDS);
        set_sampler(all_ids[i], TD_SAMPLER_REVERSED);
        td_stream *reversed = open_stream(all_ids[i], SHARDS);
        config.data.sampler_from = config.arch.sampler_from = 3;
        td_stream *stream = open_stream(all_ids[i], SHARDS);
        for (int s = 0; s < SHARDS; s++)
            td_stream_reserve(stream, s);
        long before = td_base_malloc_count();
        for (int epoch = 5; epoch >= 0; epoch--) {
            int n = td_stream_draws(stream, 7, epoch, 1, draws);
            ck_assert_int_eq(td_base_malloc_count(), before);
            ck_assert_int_eq(td_stream_draws(instance, 7, epoch, 1, plain), n);
            ck_assert_int_eq(td_stream_draws(reversed, 7, epoch, 1, late), n);
            before = td_base_malloc_count();
            ck_assert_mem_ne(plain, late, sizeof *plain * (size_t) n);
            ck_assert_mem_eq(draws, epoch < 3 ? plain : late,
                             sizeof *draws * (size_t) n);
        }
        td_stream_free(stream);
        td_stream_free(reversed);
        td_stream_free(instance);
        set_sampler(all_ids[i], TD_SAMPLER_INSTANCE);
        config.data.sampler_from = config.arch.sampler_from = 0;
    }
}
END_TEST

/* All images of a rare class are drawn alike, by all shards together and by each. */
START_TEST(test_rare_classes_are_drawn_evenly_by_every_shard)
{
    td_stream *stream = open_stream(TD_STREAM_REBALANCE, SHARDS);
    int64_t place[COUNT], rare = 0, begin = 0;
    const int32_t *half = chosen->half[TD_HALF_WEIGHTS];
    memset(place, -1, sizeof place);
    for (int c = 0; c < CLASSES - 1; c++)
        begin += chosen->half_classes[TD_HALF_WEIGHTS][c];
    for (int64_t i = begin; i < chosen->half_count[TD_HALF_WEIGHTS]; i++)
        place[half[i]] = rare++;
    ck_assert_int_lt(rare, SHARDS); /* fewer images than shards */
    int64_t found[SHARDS][COUNT] = { { 0 } }, all[COUNT] = { 0 }, total = 0;
    double even[COUNT];
    for (int64_t step = 0; step < 400; step++)
        for (int s = 0; s < SHARDS; s++) {
            td_draw draws[BATCH];
            int n = td_stream_draws(stream, s, (int) step / 5, step % 5, draws);
            for (int d = 0; d < n; d++)
                if (place[draws[d].image] >= 0) {
                    found[s][place[draws[d].image]]++;
                    all[place[draws[d].image]]++;
                    total++;
                }
        }
    for (int64_t i = 0; i < rare; i++)
        even[i] = 1.0 / (double) rare;
    double limit = chi_square_limit((double) rare - 1);
    ck_assert(chi_square(all, even, (int) rare, (double) total) <= limit);
    for (int s = 0; s < SHARDS; s++) {
        double mine = 0.0;
        for (int64_t i = 0; i < rare; i++)
            mine += (double) found[s][i];
        ck_assert(chi_square(found[s], even, (int) rare, mine) <= limit);
    }
    td_stream_free(stream);
}
END_TEST

START_TEST(test_images_within_a_large_class_are_drawn_evenly)
{
    config.data.sampler = TD_SAMPLER_CLASS_BALANCED;
    td_stream *stream = open_stream(TD_STREAM_WEIGHTS, 4);
    int64_t n = chosen->half_classes[TD_HALF_WEIGHTS][0]; /* 200 on 4 shards */
    ck_assert_int_ge(n, 4 * 32);
    int64_t *found = td_malloc(COUNT * sizeof *found), total = 0;
    int64_t counts[COUNT];
    double even[COUNT];
    for (int epoch = 0; epoch < 400; epoch++)
        for (int s = 0; s < 4; s++) {
            td_draw draws[BATCH];
            int got = td_stream_draws(stream, s, epoch, 0, draws);
            for (int d = 0; d < got; d++)
                if (draws[d].label == 0) {
                    found[draws[d].image]++;
                    total++;
                }
        }
    for (int64_t i = 0; i < n; i++) {
        counts[i] = found[chosen->half[TD_HALF_WEIGHTS][i]];
        even[i] = 1.0 / (double) n;
    }
    ck_assert(chi_square(counts, even, (int) n, (double) total) <=
              chi_square_limit((double) n - 1));
    td_free(found);
    td_stream_free(stream);
}
END_TEST

START_TEST(test_sizes_are_those_of_the_instance_stream)
{
    int64_t steps = td_epoch_steps(chosen, BATCH);
    for (int i = 0; i < 4; i++)
        for (int kind = TD_SAMPLER_INSTANCE; kind < TD_SAMPLER_COUNT; kind++) {
            set_sampler(all_ids[i], (td_sampler_kind) kind);
            td_stream *stream = open_stream(all_ids[i], SHARDS);
            for (int shard = 0; shard < SHARDS; shard++)
                for (int64_t step = 0; step < steps; step++) {
                    td_draw draws[BATCH];
                    int64_t b = BATCH / SHARDS, left = b;
                    if (i % 2 == 0) /* a weight stream */
                        left = td_shard_count(chosen, TD_HALF_WEIGHTS, shard, SHARDS) -
                               step * b;
                    int64_t wanted = left < b ? left : b;
                    int got = td_stream_draws(stream, shard, 1, step, draws);
                    ck_assert_int_eq(got, wanted > 0 ? wanted : 0);
                }
            td_stream_free(stream);
        }
}
END_TEST

START_TEST(test_absent_classes_are_never_drawn)
{
    config.data.split = TD_SPLIT_INDEX;
    td_selection *s = NULL;
    ck_assert_int_eq(td_selection_new(&s, &config, labels, COUNT, CLASSES), TD_OK);
    for (int i = 0; i < 4; i++)
        for (int kind = TD_SAMPLER_CLASS_BALANCED; kind <= TD_SAMPLER_REVERSED;
             kind++) {
            set_sampler(all_ids[i], (td_sampler_kind) kind);
            td_stream *stream = td_stream_new(all_ids[i], &config, s, 2);
            td_half half = i % 2 ? TD_HALF_ARCH : TD_HALF_WEIGHTS;
            for (int epoch = 0; epoch < 50; epoch++) {
                td_draw draws[BATCH];
                int n = td_stream_draws(stream, 1, epoch, epoch % 3, draws);
                ck_assert_int_gt(n, 0);
                for (int d = 0; d < n; d++)
                    ck_assert_int_gt(s->half_classes[half][draws[d].label], 0);
            }
            td_stream_free(stream);
        }
    td_selection_free(s);
}
END_TEST

/* ---- what a rank must hold ------------------------------------------------------- */

/* Its own images; for class-aware samplers whole classes of fewer than 32 per shard. */
static bool is_needed(td_half half, int64_t i, int shard, int shards, bool by_class)
{
    int64_t n = chosen->half_classes[half][labels[chosen->half[half][i]]];
    return i % shards == shard || (by_class && n < 32 * shards);
}

START_TEST(test_needed_images_are_those_that_may_be_drawn)
{
    static const int shard_counts[] = { 1, 3, 12 };
    for (int i = 0; i < 4; i++)
        for (int kind = TD_SAMPLER_INSTANCE; kind < TD_SAMPLER_COUNT; kind++)
            for (int k = 0; k < 3; k++) {
                int shards = shard_counts[k], shard = shards - 1;
                set_sampler(all_ids[i], (td_sampler_kind) kind);
                td_stream *stream = open_stream(all_ids[i], shards);
                bool *needed = td_malloc(COUNT);
                td_draw draws[BATCH];
                td_stream_images(stream, shard, needed);
                for (int64_t step = 0; step < 300; step++) {
                    int n = td_stream_draws(stream, shard, (int) step, step % 9, draws);
                    for (int d = 0; d < n; d++)
                        ck_assert(needed[draws[d].image]);
                }
                td_half half = i % 2 ? TD_HALF_ARCH : TD_HALF_WEIGHTS;
                int64_t held = 0, expected = 0;
                for (int64_t image = 0; image < COUNT; image++)
                    held += needed[image];
                for (int64_t at = 0; at < chosen->half_count[half]; at++) {
                    bool wanted =
                        is_needed(half, at, shard, shards, kind != TD_SAMPLER_INSTANCE);
                    ck_assert(needed[chosen->half[half][at]] == wanted);
                    expected += wanted;
                }
                ck_assert_int_eq(held, expected);
                td_free(needed);
                td_stream_free(stream);
            }
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("data_stream");
    TCase *cases = tcase_create("stream");
    tcase_add_checked_fixture(cases, begin, end);
    tcase_add_test(cases, test_ranks_share_the_same_global_batches);
    tcase_add_test(cases, test_each_image_once_an_epoch_in_another_order);
    tcase_add_test(cases, test_last_batches_may_be_short_or_empty);
    tcase_add_test(cases, test_architecture_half_reshuffles_when_it_runs_out);
    tcase_add_test(cases, test_batch_larger_than_the_shard_spans_many_passes);
    tcase_add_test(cases, test_draws_do_not_depend_on_what_was_asked_before);
    tcase_add_test(cases, test_seed_and_stream_decide_the_order);
    tcase_add_test(cases, test_drawing_allocates_nothing);
    tcase_add_test(cases, test_probabilities);
    tcase_add_test(cases, test_reversed_is_that_of_bbn);
    tcase_add_test(cases, test_effective_number_is_that_of_ldam);
    tcase_add_test(cases, test_progressive);
    tcase_add_test(cases, test_class_frequencies_are_the_global_ones);
    tcase_add_test(cases, test_progressive_draws_by_the_epoch);
    tcase_add_test(cases, test_samplers_begin);
    tcase_add_test(cases, test_rare_classes_are_drawn_evenly_by_every_shard);
    tcase_add_test(cases, test_images_within_a_large_class_are_drawn_evenly);
    tcase_add_test(cases, test_sizes_are_those_of_the_instance_stream);
    tcase_add_test(cases, test_absent_classes_are_never_drawn);
    tcase_add_test(cases, test_needed_images_are_those_that_may_be_drawn);
    suite_add_tcase(suite, cases);
    return suite;
}
