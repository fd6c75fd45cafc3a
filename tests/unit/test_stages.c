/* Searches in stages: where they are, what counts anew, what each network is. */
#include <math.h>
#include <string.h>

#include "../../src/layers/layers.h"
#include "../../src/plan/plan.h"
#include "net_arrays.h"
#include "small_supernet.h"
#include "suite.h"
#include "taildart/choice.h"
#include "taildart/config_stages.h"
#include "taildart/sampling_stream.h"

static const char published[] =
    "[{epoch: 25, cells: 11, keep: 5}, {epoch: 50, cells: 17, keep: 3}]";

/* Five cells, 75 epochs, `key value key value … NULL` over that. */
static td_settings *settings_of(const char *stages, const char *const *changes)
{
    td_settings *settings = td_settings_new(TD_FOR_SEARCH);
    const char *const all[] = {
        "net.cells", "5", "search.epochs", "75", "search.stages", stages, NULL
    };
    const char *const *lists[] = { all, changes };
    for (int l = 0; l < 2; l++)
        for (int i = 0; lists[l] && lists[l][i]; i += 2)
            ck_assert_msg(td_settings_set(settings, lists[l][i], lists[l][i + 1],
                                          TD_ORIGIN_OPTION) == TD_OK,
                          "%s", td_error_message());
    return settings;
}

/* ---- where stages are ------------------------------------------------------------ */

START_TEST(test_epochs_belong_to_stages)
{
    static const struct {
        int epoch, number, first, epochs, cells, keep;
    } all[] = {
        { 0, 0, 0, 25, 5, 8 },    { 24, 0, 0, 25, 5, 8 },   { 25, 1, 25, 25, 11, 5 },
        { 49, 1, 25, 25, 11, 5 }, { 50, 2, 50, 25, 17, 3 }, { 74, 2, 50, 25, 17, 3 },
    };
    td_settings *settings = settings_of(published, NULL);
    const td_config *config = td_settings_config(settings);
    ck_assert_int_eq(td_settings_check(settings), TD_OK);
    ck_assert_int_eq(td_stage_count(config), 3);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        td_search_stage stage = td_stage_at(config, all[i].epoch);
        ck_assert_int_eq(stage.number, all[i].number);
        ck_assert_int_eq(stage.first, all[i].first);
        ck_assert_int_eq(stage.epochs, all[i].epochs);
        ck_assert_int_eq(stage.cells, all[i].cells);
        ck_assert_int_eq(stage.keep, all[i].keep);
        ck_assert_int_eq(td_stage_epoch(config, all[i].epoch),
                         all[i].epoch - all[i].first);
    }
    td_settings_free(settings);
}
END_TEST

START_TEST(test_a_shorter_search_has_fewer)
{
    const char *const changes[] = { "search.epochs", "30", NULL };
    td_settings *settings = settings_of(published, changes);
    const td_config *config = td_settings_config(settings);
    ck_assert_int_eq(td_stage_of(config, 0).epochs, 25);
    ck_assert_int_eq(td_stage_of(config, 1).epochs, 5);
    ck_assert_int_eq(td_stage_of(config, 2).epochs, 0);
    ck_assert_int_eq(td_stage_at(config, 29).number, 1);
    td_settings_free(settings);
}
END_TEST

START_TEST(test_a_list_comes_back_as_text)
{
    char text[TD_TEXT_BYTES];
    td_settings *settings = settings_of(published, NULL);
    td_settings_value(settings, "search.stages", text);
    ck_assert_str_eq(text, published);
    td_settings_free(settings);
}
END_TEST

/* ---- what is refused ------------------------------------------------------------- */

static const struct {
    const char *stages, *changes[5], *says;
} refusals[] = {
    { "[{epoch: 5, cells: 8, keep: 5}, {epoch: 5, cells: 9, keep: 3}]",
      { NULL },
      "search.stages: found epoch 5 behind epoch 5" },
    { "[{epoch: 5, cells: 4, keep: 5}]",
      { NULL },
      "search.stages: found 4 cells from epoch 5 on, but 5 are there before" },
    { "[{epoch: 5, cells: 8, keep: 5}, {epoch: 9, cells: 9, keep: 6}]",
      { NULL },
      "search.stages: found keep 6 from epoch 9 on, but 5 are there before" },
    { "[{epoch: 5, cells: 257, keep: 5}]",
      { NULL },
      "search.stages: found 257 cells; accepted: at most 256" },
    { "[{epoch: 5, cells: 8, keep: 9}]", { NULL }, "search.stages: found keep 9" },
    { "[{epoch: 5, cells: 8, keep: 5}]",
      { "net.cells", "1" },
      "net.cells: found \"1\", but search.stages" },
    { "[{epoch: 5, cells: 8, keep: 5}]",
      { "search.prune", "[{epoch: 7, keep: 3}]" },
      "search.prune: found \"[{epoch: 7, keep: 3}]\", but search.stages drops" },
    { "[{epoch: 5, cells: 8, keep: 5}]",
      { "search.method", "random" },
      "search.stages: found \"[{epoch: 5, cells: 8, keep: 5}]\", but search.method" },
    { "[{epoch: 25, cells: 8, keep: 5}]",
      { "search.stop", "skips" },
      "search.stop_start: found \"10\", but the last of search.stages begins at epoch "
      "25" },
    { "[{epoch: 25, cells: 8, keep: 5}]",
      { "search.stop", "eigenvalue", "search.stop_start", "28" },
      "accepted: at least 29" },
};

START_TEST(test_what_makes_no_sense_is_refused)
{
    td_settings *settings = settings_of(refusals[_i].stages, refusals[_i].changes);
    ck_assert_int_eq(td_settings_check(settings), TD_USAGE);
    ck_assert_msg(strstr(td_error_message(), refusals[_i].says) != NULL, "%s",
                  td_error_message());
    td_settings_free(settings);
}
END_TEST

START_TEST(test_a_stop_in_the_last_stage_is_fine)
{
    const char *const skips[] = { "search.stop", "skips", "search.stop_start", "50",
                                  NULL };
    const char *const bent[] = { "search.stop", "eigenvalue", "search.stop_start", "54",
                                 NULL };
    const char *const *const lists[] = { skips, bent };
    for (int i = 0; i < 2; i++) {
        td_settings *settings = settings_of(published, lists[i]);
        ck_assert_msg(td_settings_check(settings) == TD_OK, "%s", td_error_message());
        td_settings_free(settings);
    }
}
END_TEST

/* An average that could look at an earlier stage is refused: nobody asks for it. */
START_TEST(test_the_last_stage_alone_is_evaluated)
{
    const char *const changes[] = {
        "search.stop", "eigenvalue", "search.stop_every", "2", "search.stop_start",
        "70",          NULL
    };
    td_settings *settings = settings_of(published, changes);
    const td_config *config = td_settings_config(settings);
    ck_assert_int_eq(td_settings_check(settings), TD_OK);
    for (int epoch = 0; epoch < 75; epoch++)
        ck_assert_int_eq(td_stop_evaluates(config, epoch),
                         epoch >= 50 && epoch % 2 == 0);
    td_settings_free(settings);
}
END_TEST

/* Those of earlier stages have their numbers, as if they were there. */
START_TEST(test_averages_are_those_of_the_last_stage)
{
    const char *const changes[] = { "search.stop",
                                    "eigenvalue",
                                    "search.stop_every",
                                    "1",
                                    "search.stop_window",
                                    "3",
                                    "search.stop_delta",
                                    "2",
                                    "search.stop_start",
                                    "51",
                                    "search.stop_factor",
                                    "1.3",
                                    NULL };
    td_settings *settings = settings_of(published, changes);
    td_metrics rows[60];
    for (int e = 0; e < 60; e++)
        rows[e] = (td_metrics){ .epoch = e,
                                .hessian_eigenvalue = e < 50   ? NAN
                                                      : e < 56 ? 1.0
                                                               : 4.0 };
    ck_assert_int_eq(td_settings_check(settings), TD_OK);
    td_choice_end end = td_choice_stop(td_settings_config(settings), rows, 60);
    ck_assert(end.is_there);
    ck_assert_int_eq(end.epoch, 56);
    ck_assert_int_eq(end.genotype_epoch, 53);
    td_settings_free(settings);
}
END_TEST

START_TEST(test_rows_that_cannot_be_read)
{
    static const char *const bad[] = {
        "[{epoch: 5, cells: 8}]",
        "[{epoch: 5, cells: 8, keep: 5, keep: 4}]",
        "[{epoch: 0, cells: 8, keep: 5}]",
        "[{epoch: 5, cells: 8, keep: 0}]",
        "5",
        "[{epoch: 5, cells: 8.5, keep: 5}]",
        "[{epoch: 5, cells: 8, keep: 5, skip_dropout: 1}]",
        "[{epoch: 5, cells: 8, keep: 5, skip_dropout: -0.1}]",
        "[{epoch: 5, cells: 8, keep: 5, skip_dropout: 0x1}]",
        "[{epoch: 5, cells: 8, keep: 5, skip_dropout: nan}]",
        "[{epoch: 5, cells: 8, keep: 5, skip_dropout: 0.1, skip_dropout: 0.1}]",
        "[{epoch: 5, cells: 8, skip_dropout: 0.1}]",
        "[{epoch: 5, cells: 8, keep: 5, skip_dropout: 0.999995}]",
    };
    td_settings *settings = td_settings_new(TD_FOR_SEARCH);
    ck_assert_int_eq(
        td_settings_set(settings, "search.stages", bad[_i], TD_ORIGIN_OPTION),
        TD_USAGE);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "search.stages: found"));
    ck_assert_ptr_nonnull(strstr(td_error_message(),
                                 "from 1 to 1000000000, and where it is wanted "
                                 "skip_dropout, from 0 to 0.99"));
    ck_assert_ptr_nonnull(strstr(td_error_message(), "{epoch: a, cells: b, keep: c}"));
    td_settings_free(settings);
}
END_TEST

/* ---- what counts anew ------------------------------------------------------------ */

/* As published: each stage has a cosine of its own, and weights alone learn first. */
START_TEST(test_rates_begin_anew)
{
    const char *const changes[] = { "weights.lr.end",
                                    "0",
                                    "arch.lr.frozen_until",
                                    "10",
                                    "arch.temperature.shape",
                                    "linear",
                                    "arch.temperature.start",
                                    "5",
                                    "arch.penalty.entropy.shape",
                                    "linear",
                                    "arch.penalty.entropy.start",
                                    "1",
                                    NULL };
    td_settings *settings = settings_of(published, changes);
    const td_config *config = td_settings_config(settings);
    for (int e = 0; e < 75; e++) {
        td_step_rates rates = td_plan_rates(&td_run_search, config, e);
        td_step_rates first = td_plan_rates(&td_run_search, config, e % 25);
        ck_assert(fabs(rates.lr - 0.0125 * (1 + cos(M_PI * (e % 25) / 25.0))) < 1e-12);
        ck_assert((rates.arch_lr > 0) == (e % 25 >= 10));
        ck_assert(rates.temperature == first.temperature);
        ck_assert(rates.penalties[TD_PENALTY_ENTROPY] ==
                  first.penalties[TD_PENALTY_ENTROPY]);
        ck_assert(td_is_arch_step(config, e, 0) == (e % 25 >= 10));
    }
    td_settings_free(settings);
}
END_TEST

/* 2·0.98^24 is above 1, 2·0.98^74 is not. */
START_TEST(test_limits_of_a_schedule_are_those_of_a_stage)
{
    const char *const changes[] = { "arch.relaxation",
                                    "reinmax",
                                    "arch.temperature.shape",
                                    "exponential",
                                    "arch.temperature.start",
                                    "2",
                                    "arch.temperature.gamma",
                                    "0.98",
                                    NULL };
    td_settings *staged = settings_of(published, changes);
    td_settings *whole = settings_of("[]", changes);
    ck_assert_int_eq(td_stage_longest(td_settings_config(staged)), 25);
    ck_assert_int_eq(td_stage_longest(td_settings_config(whole)), 75);
    ck_assert_msg(td_settings_check(staged) == TD_OK, "%s", td_error_message());
    ck_assert_int_eq(td_settings_check(whole), TD_USAGE);
    td_settings_free(staged);
    td_settings_free(whole);
}
END_TEST

START_TEST(test_architecture_steps_are_counted)
{
    const char *const changes[] = { "arch.lr.frozen_until",
                                    "10",
                                    "arch.lr.frozen_from",
                                    "23",
                                    "arch.interval",
                                    "3",
                                    NULL };
    td_settings *settings = settings_of(published, changes);
    const td_config *config = td_settings_config(settings);
    int64_t counted = 0;
    for (int e = 0; e < 80; e++) {
        ck_assert_int_eq(td_arch_steps_before(config, 7, e), counted);
        for (int64_t step = 0; step < 7; step++)
            counted += td_is_arch_step(config, e, step);
    }
    ck_assert_int_eq(counted, 3 * 3 * 13);
    td_settings_free(settings);
}
END_TEST

/* As in the published code: linear while weights learn alone, then e^-0.2 per epoch. */
START_TEST(test_dropout_falls_in_each_stage)
{
    const char *const changes[] = { "arch.lr.frozen_until", "10", NULL };
    td_settings *settings =
        settings_of("[{epoch: 25, cells: 11, keep: 5, skip_dropout: 0.4}, "
                    "{epoch: 50, cells: 17, keep: 3, skip_dropout: 0.7}]",
                    changes);
    const td_config *config = td_settings_config(settings);
    ck_assert_int_eq(td_settings_check(settings), TD_OK);
    static const double begin[] = { 0.0, 0.4, 0.7 };
    for (int e = 0; e < 75; e++) {
        int since = e % 25;
        double wanted = begin[e / 25] *
                        (since < 10 ? (24.0 - since) / 25.0 : exp(-0.2 * (since - 10)));
        ck_assert(fabs(td_plan_rates(&td_run_search, config, e).skip_dropout - wanted) <
                  1e-12);
    }
    td_settings_free(settings);
}
END_TEST

START_TEST(test_a_share_comes_back_as_text)
{
    static const char list[] = "[{epoch: 2, cells: 5, keep: 5, skip_dropout: 0.4}, "
                               "{epoch: 5, cells: 6, keep: 3}]";
    char text[TD_TEXT_BYTES];
    td_settings *settings =
        settings_of("[{ skip_dropout: 0.40, keep: 5,epoch: 2, cells: 5 },"
                    "{epoch: 5, cells: 6, keep: 3, skip_dropout: 0}]",
                    NULL);
    td_settings_value(settings, "search.stages", text);
    ck_assert_str_eq(text, list);
    td_settings_free(settings);
}
END_TEST

/* ---- drop-out on skips ----------------------------------------------------------- */

enum { MANY = 1 << 16 };

START_TEST(test_dropout_keeps_the_mean)
{
    td_real *from = normal(MANY, 1, 1.0), *to = normal(MANY, 2, 1.0),
            *again = normal(MANY, 3, 1.0);
    td_dropout dropout = { .key = { .seed = 4, .stream = TD_STREAM_DROPOUT },
                           .share = 0.4 };
    int dropped = 0, same = 0;
    td_dropout_image(&dropout, from, to, MANY);
    td_dropout_image(&dropout, from, again, MANY);
    ck_assert_mem_eq(to, again, MANY * sizeof *to);
    for (int i = 0; i < MANY; i++) {
        dropped += to[i] == 0;
        ck_assert(to[i] == 0 || fabs(to[i] / from[i] - 1.0 / 0.6) < 1e-4);
    }
    /* five standard deviations */
    ck_assert(fabs(dropped - 0.4 * MANY) < 5.0 * sqrt(0.24 * MANY));
    dropout.key.shard = 1;
    td_dropout_image(&dropout, from, again, MANY);
    for (int i = 0; i < MANY; i++)
        same += (to[i] == 0) == (again[i] == 0);
    ck_assert(fabs(same - 0.52 * MANY) < 5.0 * sqrt(0.25 * MANY));
    td_free(from);
    td_free(to);
    td_free(again);
}
END_TEST

/* ---- networks -------------------------------------------------------------------- */

enum { ROWS = 10 };

/* Weights and alphas of a later stage are none of an earlier one's. */
START_TEST(test_all_is_drawn_anew)
{
    td_net_spec spec = small;
    td_search_state *states[2];
    td_network *nets[2];
    for (int n = 0; n < 2; n++) {
        spec.stage = n;
        nets[n] = net_new(spec);
        states[n] = td_search_state_new(nets[n], &td_relaxation_softmax, true, 3);
        ck_assert_int_eq(states[n]->stage, n);
    }
    const td_slot *slot = td_slots_find(states[0]->weight_slots, "classifier.weight");
    for (size_t i = 0; i < slot->count; i++)
        ck_assert(states[0]->weights[slot->offset + i] !=
                  states[1]->weights[slot->offset + i]);
    for (int i = 0; i < ROWS * TD_NUM_OPS; i++)
        ck_assert(states[0]->alphas[i] != states[1]->alphas[i]);
    for (int i = 0; i < ROWS; i++)
        ck_assert(states[0]->betas[i] != states[1]->betas[i]);
    for (int n = 0; n < 2; n++) {
        td_search_state_free(states[n]);
        td_network_free(nets[n]);
    }
}
END_TEST

/* What is dropped has no weights in the network of the next stage. */
START_TEST(test_a_network_has_what_is_left)
{
    const char *const changes[] = { "net.cells", "3", "net.nodes", "2", NULL };
    td_settings *settings = settings_of("[{epoch: 5, cells: 4, keep: 2}]", changes);
    td_plan_stage stage = { .number = 1 };
    td_net_spec spec = small;
    memset(stage.present, 1 << TD_OP_SKIP_CONNECT | 1 << TD_OP_NONE, ROWS);
    stage.present[3] = 1 << TD_OP_SEP_CONV_3X3;
    td_plan_enter_stage(&spec, td_settings_config(settings), &stage);
    ck_assert_int_eq(spec.cells, 4);
    td_network *net = net_new(spec);
    td_search_state *state = td_search_state_new(net, &td_relaxation_softmax, false, 1);
    uint8_t masks[2 * TD_MAX_EDGES];
    td_search_state_masks(state, masks);
    ck_assert_mem_eq(masks, stage.present, ROWS);
    const td_slots *weights = td_network_weights(net);
    int found = 0;
    for (int i = 0; i < weights->count; i++) {
        const char *op = strstr(weights->slots[i].name, "_ops.4.");
        found += op != NULL;
        ck_assert(!strstr(weights->slots[i].name, "_ops.5."));
        ck_assert(!op || strstr(weights->slots[i].name, "_ops.3._ops.4."));
    }
    ck_assert_int_gt(found, 0);
    td_search_state_free(state);
    td_network_free(net);
    td_settings_free(settings);
}
END_TEST

/* ---- checkpoints ----------------------------------------------------------------- */

/* A checkpoint of stage 1 of the settings, in whose epoch 7 it is. */
typedef struct {
    td_network *net;
    td_search_state *state;
    td_settings *settings;
    td_checkpoint saved;
} saved_stage;

static saved_stage saved_new(void)
{
    const char *const changes[] = { "net.cells", "3", "net.nodes", "2", NULL };
    saved_stage s = { .net = net_new(small) };
    s.state = td_search_state_new(s.net, &td_relaxation_softmax, false, 1);
    s.settings = settings_of("[{epoch: 5, cells: 4, keep: 2}, "
                             "{epoch: 10, cells: 4, keep: 1}]",
                             changes);
    td_search_state_prune(s.state, 2);
    s.state->stage = 1;
    s.saved = (td_checkpoint){ .state = *s.state, .progress = { .epoch = 7 } };
    return s;
}

static void saved_free(saved_stage *s)
{
    td_search_state_free(s->state);
    td_network_free(s->net);
    td_settings_free(s->settings);
}

static td_status take(saved_stage *s, td_plan_stage *stage)
{
    return td_plan_saved_stage(stage, &s->saved, "run", td_settings_config(s->settings),
                               small);
}

START_TEST(test_a_checkpoint_tells_its_stage)
{
    saved_stage s = saved_new();
    uint8_t masks[2 * TD_MAX_EDGES];
    td_plan_stage stage = { 0 };
    ck_assert_msg(take(&s, &stage) == TD_OK, "%s", td_error_message());
    td_search_state_masks(s.state, masks);
    ck_assert_int_eq(stage.number, 1);
    ck_assert_mem_eq(stage.present, masks, ROWS);
    /* the stage before, where the next one is about to begin */
    s.saved.progress.epoch = 10;
    ck_assert_int_eq(take(&s, &stage), TD_OK);
    saved_free(&s);
}
END_TEST

static const struct {
    int64_t epoch, step, stage;
    bool is_empty;
    const char *says;
} forged[] = {
    { 10, 1, 1, false, "is of stage 2 of the search in epoch 11" },
    { 4, 0, 1, false, "search.stages does not have there" },
    { 7, 0, 2, false, "is of stage 3" },
    { 7, 0, 0, false, "is of stage 1" },
    { 7, 0, -1, false, "is of stage 0" },
    { 7, 0, INT64_C(1) << 40, false, "does not have there" },
    { 7, 0, 1, true, "/arch/present_*" },
};

START_TEST(test_a_forged_stage_is_refused)
{
    saved_stage s = saved_new();
    td_plan_stage stage;
    s.saved.progress.epoch = forged[_i].epoch;
    s.saved.progress.step = forged[_i].step;
    s.saved.state.stage = forged[_i].stage;
    if (forged[_i].is_empty)
        memset(s.state->present + TD_NUM_OPS, 0, TD_NUM_OPS * sizeof(td_real));
    ck_assert_int_eq(take(&s, &stage), TD_CHECKPOINT);
    ck_assert_msg(strstr(td_error_message(), forged[_i].says) != NULL, "%s",
                  td_error_message());
    saved_free(&s);
}
END_TEST

/* The network of a checkpoint alone: too many stages, another number of nodes. */
START_TEST(test_a_stage_that_cannot_be)
{
    saved_stage s = saved_new();
    td_net_spec spec = small;
    s.saved.state.stage = 17;
    ck_assert_int_eq(td_checkpoint_take_stage(&s.saved, "run", &spec), TD_CHECKPOINT);
    s.saved.state.stage = 1;
    spec.nodes = 3;
    ck_assert_int_eq(td_checkpoint_take_stage(&s.saved, "run", &spec), TD_CHECKPOINT);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "the file was changed"));
    saved_free(&s);
}
END_TEST

/* ---- memory ---------------------------------------------------------------------- */

/* \a keep primitives of each edge, drawn at random. */
static void draw_masks(uint8_t *masks, int rows, int keep, uint32_t draw)
{
    for (int row = 0; row < rows; row++) {
        int64_t order[TD_NUM_OPS];
        td_random key = { .seed = 7,
                          .stream = TD_STREAM_SYNTHETIC,
                          .shard = (uint32_t) row,
                          .pass = draw };
        td_random_permutation(&key, TD_NUM_OPS, order);
        masks[row] = 0;
        for (int i = 0; i < keep; i++)
            masks[row] |= (uint8_t) (1U << order[i]);
    }
}

/* What a choice on top of \a plan needs, against the plan of the stage to come. */
static void check_choice(const td_plan *plan, const td_net_plan *planned,
                         const td_plan_stage *stage)
{
    td_net_plan real;
    td_net_spec spec = plan->spec;
    td_plan_enter_stage(&spec, plan->config, stage);
    ck_assert_int_eq(td_network_plan(&real, &spec, 2), TD_OK);
    ck_assert_msg(real.bytes <= planned->bytes, "%zu bytes, but %zu planned",
                  real.bytes, planned->bytes);
    ck_assert_uint_le(real.statistics, planned->statistics);
}

static int bits_of(unsigned mask)
{
    int count = 0;
    for (; mask != 0; mask &= mask - 1)
        count++;
    return count;
}

/* The \a keep primitives of an edge that may need most memory. */
static unsigned heavy_of(int keep)
{
    static const td_op heavy[TD_NUM_OPS] = {
        TD_OP_SEP_CONV_5X5, TD_OP_SEP_CONV_3X3, TD_OP_DIL_CONV_5X5, TD_OP_DIL_CONV_3X3,
        TD_OP_SKIP_CONNECT, TD_OP_MAX_POOL_3X3, TD_OP_AVG_POOL_3X3, TD_OP_NONE,
    };
    unsigned mask = 0;
    for (int i = 0; i < keep; i++)
        mask |= 1U << heavy[i];
    return mask;
}

/* The plan of a stage to come holds whatever alphas choose: each subset on all edges,
 * or on those of reduction cells alone with the heaviest in normal ones, and a subset
 * of its own on each edge. */
START_TEST(test_no_choice_needs_more_than_planned)
{
    static const char *const dropouts[] = { "", ", skip_dropout: 0.4" };
    static const td_recompute recomputes[] = { TD_RECOMPUTE_NONE, TD_RECOMPUTE_ALL };
    enum { DRAWS = 40, NODES = 4 };
    int keep = 1 + _i / 8;
    size_t edges = (size_t) td_edge_count(NODES);
    char *list =
        td_format("[{epoch: 5, cells: 7, keep: %d%s}]", keep, dropouts[_i / 4 % 2]);
    td_settings *settings = settings_of(list, NULL);
    td_plan plan = { .config = td_settings_config(settings), .spec = small };
    td_plan_stage stage = { .number = 1 };
    td_net_plan planned;
    plan.spec.recompute = recomputes[_i % 2];
    plan.spec.nodes = NODES;
    plan.spec.two_branch = _i / 2 % 2;
    td_net_spec largest = td_plan_stage_spec(&plan, 1);
    ck_assert_int_eq(td_network_plan(&planned, &largest, 2), TD_OK);
    memset(stage.present, (int) heavy_of(keep), edges);
    for (unsigned subset = 1; subset < 256; subset++) {
        if (bits_of(subset) != keep)
            continue;
        memset(stage.present + edges, (int) subset, edges);
        check_choice(&plan, &planned, &stage);
        memset(stage.present, (int) subset, edges);
        check_choice(&plan, &planned, &stage);
    }
    for (uint32_t i = 0; i < DRAWS; i++) {
        draw_masks(stage.present, 2 * (int) edges, keep, i);
        check_choice(&plan, &planned, &stage);
    }
    td_free(list);
    td_settings_free(settings);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("stages");
    TCase *cases = tcase_create("stages");
    tcase_add_test(cases, test_epochs_belong_to_stages);
    tcase_add_test(cases, test_a_shorter_search_has_fewer);
    tcase_add_test(cases, test_a_list_comes_back_as_text);
    tcase_add_loop_test(cases, test_what_makes_no_sense_is_refused, 0,
                        (int) (sizeof refusals / sizeof *refusals));
    tcase_add_test(cases, test_a_stop_in_the_last_stage_is_fine);
    tcase_add_test(cases, test_the_last_stage_alone_is_evaluated);
    tcase_add_test(cases, test_averages_are_those_of_the_last_stage);
    tcase_add_loop_test(cases, test_rows_that_cannot_be_read, 0, 13);
    tcase_add_test(cases, test_dropout_falls_in_each_stage);
    tcase_add_test(cases, test_a_share_comes_back_as_text);
    tcase_add_test(cases, test_dropout_keeps_the_mean);
    tcase_add_test(cases, test_rates_begin_anew);
    tcase_add_test(cases, test_limits_of_a_schedule_are_those_of_a_stage);
    tcase_add_test(cases, test_architecture_steps_are_counted);
    tcase_add_test(cases, test_all_is_drawn_anew);
    tcase_add_test(cases, test_a_network_has_what_is_left);
    tcase_add_test(cases, test_a_checkpoint_tells_its_stage);
    tcase_add_loop_test(cases, test_a_forged_stage_is_refused, 0,
                        (int) (sizeof forged / sizeof *forged));
    tcase_add_test(cases, test_a_stage_that_cannot_be);
    tcase_add_loop_test(cases, test_no_choice_needs_more_than_planned, 0, 8 * 7);
    suite_add_tcase(suite, cases);
    return suite;
}
