/* ranks: 1 2 3 4 */
/* One bilevel step over ranks against the same step written down naively on one rank:
 * first and second order, one and two branches, class weights, uneven and empty
 * batches; a training step of a derived network likewise, with its second classifier
 * and drop path. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cross_entropy.h"
#include "logging_reducer.h"
#include "naive_step.h"
#include "ranks.h"

enum {
    BATCH = 8,
    CLASSES = 3,
    SIDE = 8,
    STEPS = 3,
    IMAGE = SIDE * SIDE,
    WIDE = 32, /* a side that leaves the second classifier its 8 pixels */
    ROOM = WIDE * WIDE
};

/* ---- a small world ------------------------------------------------------------- */

static const td_net_spec plain_spec = {
    .channels = 4,
    .cells = 3,
    .nodes = 2,
    .classes = CLASSES,
    .image_channels = 1,
    .height = SIDE,
    .width = SIDE,
    .batch = BATCH,
};

static td_net_spec two_branch_spec(void)
{
    td_net_spec spec = plain_spec;
    spec.two_branch = true;
    return spec;
}

static td_step_rates usual_rates(void)
{
    return (td_step_rates){
        .arch_step = true,
        .order = 1,
        .mixing = 0.7,
        .lr = 0.05,
        .momentum = 0.9,
        .decay = 3e-4,
        .clip = 1.0,
        .arch_lr = 3e-3,
        .arch_decay = 1e-3,
        .arch_betas = { 0.5, 0.999 },
        .radius = TD_STEP_RADIUS,
    };
}

/* All batches of a step: every rank can make everybody's. */
typedef struct {
    naive_batches train, valid;
    td_real images[2][NAIVE_MAX_RANKS][TD_BRANCHES][BATCH * ROOM];
    int32_t labels[2][NAIVE_MAX_RANKS][TD_BRANCHES][BATCH];
    int32_t places[NAIVE_MAX_RANKS][BATCH];
} batches;

static void fill_batch(batches *all, int step, int half, int r, int b, int count)
{
    td_random key = { .seed = 5,
                      .stream = TD_STREAM_SYNTHETIC,
                      .shard = (uint32_t) (4 * r + 2 * half + b),
                      .pass = (uint32_t) step };
    td_batch *batch = half == 0 ? &all->train[r][b] : &all->valid[r][b];
    batch->count = count;
    batch->images = all->images[half][r][b];
    batch->labels = all->labels[half][r][b];
    for (int i = 0; i < BATCH * ROOM; i++)
        batch->images[i] = (td_real) td_random_normal(&key, (uint32_t) i);
    for (int i = 0; i < BATCH; i++) {
        batch->labels[i] = (i + r + b + step) % CLASSES;
        all->places[r][i] =
            i * NAIVE_MAX_RANKS + r; /* none twice, whatever the order */
    }
}

/* Uneven: a full batch, short ones, an empty one. */
static void fill(batches *all, int step, bool uneven)
{
    static const int short_counts[NAIVE_MAX_RANKS] = { BATCH, BATCH - 3, 0, 3 };
    for (int half = 0; half < 2; half++)
        for (int r = 0; r < NAIVE_MAX_RANKS; r++)
            for (int b = 0; b < TD_BRANCHES; b++)
                fill_batch(all, step, half, r, b, uneven ? short_counts[r] : BATCH);
}

static td_step_batches of_rank(const batches *all, int step, int r)
{
    td_step_batches own = {
        .epoch = 2, .step = step, .places = all->places[r], .seed = 11
    };
    memcpy(own.train, all->train[r], sizeof own.train);
    memcpy(own.valid, all->valid[r], sizeof own.valid);
    return own;
}

static td_step_batches of_this_rank(const batches *all, int step)
{
    return of_rank(all, step, rank);
}

static const td_kernels *kernels(void)
{
    return td_kernels_get(TD_ISA_GENERIC);
}

/* ---- comparison ---------------------------------------------------------------- */

/* ‖a − b‖/‖b‖; NaN if a number is none. */
static double difference(const td_real *a, const td_real *b, size_t n)
{
    double apart = 0.0, length = 1e-30;
    for (size_t i = 0; i < n; i++) {
        double d = (double) a[i] - (double) b[i];
        apart += d * d;
        length += (double) b[i] * (double) b[i];
    }
    return sqrt(apart / length);
}

static bool near(const char *name, const td_real *a, const td_real *b, size_t n,
                 double tolerance)
{
    double d = difference(a, b, n);
    if (!(d <= tolerance))
        fprintf(stderr, "rank %d: %s differs by %g\n", rank, name, d);
    return d <= tolerance;
}

static bool near_number(double a, double b, double tolerance)
{
    return fabs(a - b) <= tolerance * fabs(b);
}

static bool same_state(const td_search_state *a, const naive *v)
{
    const td_search_state *b = v->state;
    bool ok = near("weights", a->weights, b->weights, v->weights, 1e-4);
    ok &= near("momentum", a->momentum, b->momentum, v->weights, 1e-3);
    ok &= near("running mean", a->running_mean, b->running_mean, v->norms, 1e-4);
    ok &= near("running variance", a->running_var, b->running_var, v->norms, 1e-4);
    ok &= near("alphas", a->alphas, b->alphas, v->alphas, 1e-3);
    return ok && a->adam_count == b->adam_count;
}

/* A wide difference quotient: both sides make the same error of method, and the
 * rounding errors of two float passes do not drown what is compared. */
static td_step_rates second_order_rates(void)
{
    td_step_rates rates = usual_rates();
    rates.order = 2;
    rates.radius = 10 * TD_STEP_RADIUS;
    return rates;
}

enum { SEED = 3 };

/* A difference quotient magnifies what a ReLU makes of a number that is 0 but for
 * rounding: the fewer numbers a network has, the less often that happens. */
static td_net_spec spec_for(const td_net_spec *spec, int order)
{
    td_net_spec few = *spec;
    if (order == 2) {
        few.channels = 2;
        few.cells = 2;
        few.nodes = 1;
    }
    return few;
}

static void naive_step_of(naive *v, batches *all, int step, const td_step_rates *rates,
                          td_real *arch_grads)
{
    td_step_batches of[NAIVE_MAX_RANKS];
    for (int r = 0; r < NAIVE_MAX_RANKS; r++) {
        of[r] = of_rank(all, step, r);
        v->step[r] = &of[r];
    }
    v->drop_path = rates->drop_path;
    v->auxiliary_weight = rates->auxiliary_weight;
    naive_step(v, all->train, all->valid, rates, arch_grads);
}

static bool same_result(const td_step_result *result, const naive *v,
                        const td_step_rates *rates, const td_real *arch_grads)
{
    bool ok = near_number(result->loss, v->loss, 1e-4);
    ok &= near_number(result->grad_norm, v->grad_norm, 1e-3);
    if (!rates->arch_step)
        return ok && isnan(result->arch_loss);
    ok &= near_number(result->arch_loss, v->arch_loss, 1e-4);
    return ok && near("arch gradient", result->arch_grads, arch_grads, v->alphas, 2e-3);
}

/* The form that sums in compare(). */
static const td_reducer_form *reducer;
enum { PIECE_BYTES = 4096 };

/* Some steps with the stepper and naively, and everything compared. */
static void compare(const td_net_spec *wanted, const td_step_rates *rates, bool uneven,
                    const double *const class_weights[2])
{
    td_net_spec fitting = spec_for(wanted, rates->order), *spec = &fitting;
    td_stepper *stepper = NULL;
    td_status status = td_stepper_new(&stepper, world, spec, kernels(), rates->order);
    CHECK_ALL(status == TD_OK);
    td_search_state *state = td_search_state_new(td_stepper_net(stepper),
                                                 &td_relaxation_softmax, false, SEED);
    batches *all = td_malloc(sizeof *all);
    naive v;
    td_net_spec ordered = *spec;
    ordered.exact = false;
    naive_init(&v, &ordered, kernels(), size, SEED);
    td_loss *losses[2] = { NULL, NULL };
    if (reducer)
        td_stepper_set_reducer(stepper, reducer, PIECE_BYTES);
    for (int h = 0; class_weights && h < 2; h++) {
        v.class_weights[h] = class_weights[h];
        losses[h] = td_loss_new(
            &(td_loss_spec){ .classes = CLASSES, .weights = class_weights[h] });
        td_stepper_set_loss(stepper, (td_half) h, losses[h]);
    }
    td_real *arch_grads = td_malloc(v.alphas * sizeof(td_real));
    for (int step = 0; step < STEPS; step++) {
        td_step_result result;
        fill(all, step, uneven);
        td_step_batches own = of_this_rank(all, step);
        naive_step_of(&v, all, step, rates, arch_grads);
        status = td_search_step(stepper, state, &own, rates, &result);
        CHECK_ALL(status == TD_OK);
        CHECK_ALL(same_result(&result, &v, rates, arch_grads));
        CHECK_ALL(same_state(state, &v));
        CHECK_ALL(td_search_state_check(state, world, 0) == TD_OK);
        /* Kinks (ReLU, max pooling) would let rounding errors grow from step to
         * step. */
        memcpy(state->memory.base, v.state->memory.base, state->memory.used);
    }
    int64_t sums = td_stepper_take_times(stepper, TD_HALF_WEIGHTS).calls;
    CHECK_ALL(sums == STEPS * (rates->arch_step && rates->order == 2 ? 3 : 1));
    sums = td_stepper_take_times(stepper, TD_HALF_ARCH).calls;
    CHECK_ALL(sums == (rates->arch_step ? STEPS : 0));
    td_free(arch_grads);
    naive_clear(&v);
    td_free(all);
    td_search_state_free(state);
    td_stepper_free(stepper);
    for (int h = 0; h < 2; h++)
        td_loss_free(losses[h]);
}

START_TEST(test_first_order_equals_the_naive_step)
{
    td_step_rates rates = usual_rates();
    compare(&plain_spec, &rates, false, NULL);
}
END_TEST

START_TEST(test_second_order_equals_the_naive_step)
{
    td_step_rates rates = second_order_rates();
    rates.decay = 0.1;
    compare(&plain_spec, &rates, false, NULL);
}
END_TEST

START_TEST(test_short_and_empty_batches_are_exact)
{
    td_step_rates rates = usual_rates();
    compare(&plain_spec, &rates, true, NULL);
    rates = second_order_rates();
    compare(&plain_spec, &rates, true, NULL);
}
END_TEST

START_TEST(test_two_branches_equal_the_naive_step)
{
    td_net_spec spec = two_branch_spec();
    td_step_rates rates = usual_rates();
    compare(&spec, &rates, false, NULL);
    compare(&spec, &rates, true, NULL);
    rates = second_order_rates();
    compare(&spec, &rates, true, NULL);
}
END_TEST

/* The divisors of the branches differ on every rank and in sum. */
START_TEST(test_class_weights_divide_each_branch_by_its_own_sum)
{
    const double train[CLASSES] = { 0.2, 0.8, 2.0 }, valid[CLASSES] = { 1.5, 0.5, 1.0 };
    const double *const both[2] = { train, valid };
    const double *const one[2] = { NULL, valid };
    td_net_spec spec = two_branch_spec();
    td_step_rates rates = usual_rates();
    compare(&plain_spec, &rates, true, both);
    compare(&spec, &rates, true, both);
    compare(&spec, &rates, false, one);
    rates = second_order_rates();
    compare(&spec, &rates, true, both);
}
END_TEST

/* ---- order-free sums ------------------------------------------------------------- */

/* They are those of the naive step but for the rounding of terms. */
START_TEST(test_order_free_sums_equal_the_naive_step)
{
    td_net_spec plain = plain_spec, two = two_branch_spec();
    td_step_rates rates = usual_rates();
    plain.exact = two.exact = true;
    compare(&plain, &rates, true, NULL);
    rates = second_order_rates();
    compare(&two, &rates, true, NULL);
}
END_TEST

/* ---- training a derived network -------------------------------------------------- */

/* Every kind of operation, a skip of each stride, and a node that feeds another. */
static const td_genotype some_cells = { .nodes = 2,
                                        .normal = { 4,
                                                    { { TD_OP_SEP_CONV_3X3, 0, 2 },
                                                      { TD_OP_SKIP_CONNECT, 1, 2 },
                                                      { TD_OP_DIL_CONV_5X5, 2, 3 },
                                                      { TD_OP_AVG_POOL_3X3, 0, 3 } } },
                                        .reduce = {
                                            4,
                                            { { TD_OP_MAX_POOL_3X3, 0, 2 },
                                              { TD_OP_SKIP_CONNECT, 1, 2 },
                                              { TD_OP_SEP_CONV_5X5, 2, 3 },
                                              { TD_OP_DIL_CONV_3X3, 1, 3 } } } };

/* Three inputs of a node, and one; a dropped node. */
static const td_genotype uneven_cells = {
    .nodes = 2,
    .normal = { 4,
                { { TD_OP_SEP_CONV_3X3, 0, 2 },
                  { TD_OP_AVG_POOL_3X3, 2, 3 },
                  { TD_OP_DIL_CONV_5X5, 0, 3 },
                  { TD_OP_MAX_POOL_3X3, 1, 3 } } },
    .reduce = { 2, { { TD_OP_SKIP_CONNECT, 0, 3 }, { TD_OP_SEP_CONV_3X3, 2, 3 } } }
};

static td_net_spec derived_spec(bool two_branch)
{
    td_net_spec spec = plain_spec;
    spec.height = spec.width = WIDE;
    spec.genotype = &some_cells;
    spec.cells = 4; /* the second classifier reads cell 2, which no branch has alone */
    spec.auxiliary = true;
    spec.two_branch = two_branch;
    return spec;
}

static td_step_rates training_rates(void)
{
    td_step_rates rates = usual_rates();
    rates.arch_step = false;
    rates.drop_path = 0.3;
    rates.auxiliary_weight = 0.4;
    return rates;
}

START_TEST(test_training_equals_the_naive_step)
{
    td_net_spec spec = derived_spec(false);
    td_step_rates rates = training_rates();
    compare(&spec, &rates, false, NULL);
    compare(&spec, &rates, true, NULL);
}
END_TEST

START_TEST(test_training_two_branches_equals_the_naive_step)
{
    td_net_spec spec = derived_spec(true);
    td_step_rates rates = training_rates();
    compare(&spec, &rates, false, NULL);
    compare(&spec, &rates, true, NULL);
}
END_TEST

START_TEST(test_training_uneven_cells_equals_the_naive_step)
{
    td_step_rates rates = training_rates();
    for (int two_branch = 0; two_branch < 2; two_branch++) {
        td_net_spec spec = derived_spec(two_branch);
        spec.genotype = &uneven_cells;
        compare(&spec, &rates, true, NULL);
    }
}
END_TEST

START_TEST(test_training_with_class_weights_equals_the_naive_step)
{
    const double train[CLASSES] = { 0.2, 0.8, 2.0 };
    const double *const weights[2] = { train, NULL };
    td_net_spec one = derived_spec(false), two = derived_spec(true);
    td_step_rates rates = training_rates();
    compare(&one, &rates, true, weights);
    compare(&two, &rates, true, weights);
}
END_TEST

/* Another reducer sums to the same, and is told in time what is final: part by part,
 * with nothing written afterwards; on a rank without images not at all. */
START_TEST(test_another_reducer_comes_in_by_the_same_door)
{
    td_net_spec two_branch = two_branch_spec(), derived = derived_spec(false);
    const struct {
        const td_net_spec *spec;
        td_step_rates rates;
        bool uneven;
        int least; /* parts of a network: cells, stem, head */
    } cases[] = { { &plain_spec, usual_rates(), false, 3 },
                  { &plain_spec, second_order_rates(), false, 3 },
                  { &two_branch, usual_rates(), false, 4 },
                  { &derived, training_rates(), true, 0 } };
    reducer = &logging_reducer;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        log_clear();
        compare(cases[i].spec, &cases[i].rates, cases[i].uneven, NULL);
        CHECK_ALL(reducer_log.begun > 0 && reducer_log.finished == reducer_log.begun);
        CHECK_ALL(reducer_log.told >= STEPS * cases[i].least);
        CHECK_ALL(!reducer_log.is_changed);
        CHECK_ALL(cases[i].uneven || reducer_log.last > 1000);
    }
    log_clear();
    reducer = NULL;
}
END_TEST

/* The forms that there are, in small pieces, some of them sent before the pass ends. */
START_TEST(test_every_reducer_steps_alike)
{
    td_net_spec derived = derived_spec(false);
    td_step_rates rates = usual_rates(), both = second_order_rates(),
                  training = training_rates();
    for (int kind = 0; kind < TD_REDUCER_COUNT; kind++) {
        reducer = td_reducer_of((td_reducer_kind) kind);
        compare(&plain_spec, &rates, false, NULL);
        compare(&plain_spec, &both, true, NULL);
        compare(&derived, &training, true, NULL);
    }
    reducer = NULL;
}
END_TEST

/* ---- properties ---------------------------------------------------------------- */

typedef struct {
    td_stepper *stepper;
    td_search_state *state;
    batches *all;
} fixture;

static fixture fixture_new(const td_net_spec *spec, int order)
{
    fixture f = { .all = td_malloc(sizeof *f.all) };
    td_status status = td_stepper_new(&f.stepper, world, spec, kernels(), order);
    TD_CHECK(status == TD_OK, "%s", td_error_message());
    f.state = td_search_state_new(td_stepper_net(f.stepper), &td_relaxation_softmax,
                                  false, 3);
    fill(f.all, 0, false);
    return f;
}

static void fixture_free(fixture *f)
{
    td_search_state_free(f->state);
    td_stepper_free(f->stepper);
    td_free(f->all);
}

START_TEST(test_a_step_allocates_nothing)
{
    td_net_spec spec = two_branch_spec();
    fixture f = fixture_new(&spec, 2);
    td_step_batches own = of_this_rank(f.all, 0);
    td_step_rates rates = usual_rates();
    td_step_result result;
    rates.order = 2;
    long before = td_base_malloc_count();
    td_status status = td_search_step(f.stepper, f.state, &own, &rates, &result);
    CHECK_ALL(status == TD_OK && td_base_malloc_count() == before);
    fixture_free(&f);
}
END_TEST

/* Frozen: no moment, no count, no statistic of the architecture's half changes. */
START_TEST(test_without_architecture_step_its_half_leaves_no_trace)
{
    fixture f = fixture_new(&plain_spec, 1), g = fixture_new(&plain_spec, 1);
    td_step_batches own = of_this_rank(f.all, 0), other = own;
    td_step_rates rates = usual_rates();
    td_step_result result;
    rates.arch_step = false;
    memset(other.valid, 0, sizeof other.valid);
    td_status status = td_search_step(f.stepper, f.state, &own, &rates, &result);
    CHECK_ALL(status == TD_OK && isnan(result.arch_loss));
    status = td_search_step(g.stepper, g.state, &other, &rates, &result);
    CHECK_ALL(status == TD_OK);
    CHECK_ALL(td_search_state_hash(f.state) == td_search_state_hash(g.state));
    size_t n = td_search_state_alpha_count(f.state);
    CHECK_ALL(difference(f.state->alphas, f.state->alphas_start, n) <= 0.0);
    CHECK_ALL(td_l2_norm(f.state->adam_first, n) <= 0.0 && f.state->adam_count == 0);
    fixture_free(&f);
    fixture_free(&g);
}
END_TEST

START_TEST(test_a_request_of_one_rank_to_stop_reaches_all)
{
    fixture f = fixture_new(&plain_spec, 1);
    td_step_batches own = of_this_rank(f.all, 0);
    td_step_rates rates = usual_rates();
    td_step_result result;
    td_search_step(f.stepper, f.state, &own, &rates, &result);
    CHECK_ALL(!result.stop);
    own.stop = rank == size - 1;
    td_search_step(f.stepper, f.state, &own, &rates, &result);
    CHECK_ALL(result.stop);
    fixture_free(&f);
}
END_TEST

/* The last rank's image is spoilt: all stop, all name it, nothing has changed. */
static void spoil(td_batch *batch, const char *what, int order)
{
    fixture f = fixture_new(&plain_spec, order);
    td_step_batches own = of_this_rank(f.all, 17);
    td_step_rates rates = usual_rates();
    td_step_result result;
    char wanted[64];
    rates.order = order;
    memcpy(own.train, f.all->train[rank], sizeof own.train);
    if (rank == size - 1)
        (batch == NULL ? own.train : own.valid)[0].images[7] = NAN;
    uint64_t before = td_search_state_hash(f.state);
    td_status status = td_search_step(f.stepper, f.state, &own, &rates, &result);
    CHECK_ALL(status == TD_FAILED);
    CHECK_ALL(td_search_state_hash(f.state) == before);
    snprintf(wanted, sizeof wanted, "rank %d", size - 1);
    CHECK_ALL(strstr(td_error_message(), wanted) != NULL);
    CHECK_ALL(strstr(td_error_message(), "epoch 2, step 17") != NULL);
    CHECK_ALL(strstr(td_error_message(), what) != NULL);
    fixture_free(&f);
}

START_TEST(test_a_number_that_is_none_stops_all_ranks_and_changes_nothing)
{
    td_batch valid;
    spoil(NULL, "weight step", 1);
    spoil(&valid, "architecture step", 1);
    spoil(NULL, "weight step", 2);
    spoil(&valid, "architecture step", 2);
}
END_TEST

/* Sums of norms that all ranks share, of images that are much too bright: no later sum
 * would show it, since a batch norm takes their scale away. */
START_TEST(test_a_shared_sum_beyond_the_range_is_refused)
{
    td_net_spec spec = plain_spec;
    spec.exact = true;
    fixture f = fixture_new(&spec, 1);
    td_step_batches own = of_this_rank(f.all, 3);
    td_step_rates rates = usual_rates();
    td_step_result result;
    td_stepper_share_norms(f.stepper, true);
    CHECK_ALL(td_search_step(f.stepper, f.state, &own, &rates, &result) == TD_OK);
    for (int i = 0; i < BATCH * IMAGE; i++)
        own.valid[0].images[i] *= 1e4F;
    uint64_t before = td_search_state_hash(f.state);
    CHECK_ALL(td_search_step(f.stepper, f.state, &own, &rates, &result) == TD_FAILED);
    CHECK_ALL(td_search_state_hash(f.state) == before);
    CHECK_ALL(strstr(td_error_message(), "a batch norm's sums (architecture step)"));
    fixture_free(&f);
}
END_TEST

/* The check names \a odd and what it has that others have not. */
static void check_named(const td_search_state *state, int odd, const char *what)
{
    char who[32];
    snprintf(who, sizeof who, "rank %d ", odd);
    CHECK_ALL(td_search_state_check(state, world, 4) == TD_DIVERGED);
    const char *message = td_error_message();
    CHECK_ALL(strstr(message, "epoch 4") != NULL);
    CHECK_ALL(strstr(message, "rank -1") == NULL);
    CHECK_ALL(strstr(message, what) != NULL);
    CHECK_ALL(strstr(message, who) != NULL);
}

START_TEST(test_replicas_that_differ_are_named)
{
    fixture f = fixture_new(&plain_spec, 1);
    const td_slot *slot = td_slots_find(f.state->weight_slots, "classifier.bias");
    td_real *bias = f.state->weights + slot->offset, before = *bias;
    CHECK_ALL(td_search_state_check(f.state, world, 4) == TD_OK);
    for (int odd = 0; size > 1 && odd < size; odd++) {
        if (size == 2 && odd == 0)
            continue; /* which of two is right nobody knows */
        if (rank == odd)
            *bias += (td_real) 1e-3;
        check_named(f.state, odd, "other weights of classifier.bias");
        *bias = before;
    }
    fixture_free(&f);
}
END_TEST

/* Each rank has weights of its own. */
START_TEST(test_replicas_that_all_differ_are_named)
{
    fixture f = fixture_new(&plain_spec, 1);
    f.state->weights[0] += (td_real) rank;
    if (size > 1)
        check_named(f.state, 1, "other weights of ");
    fixture_free(&f);
}
END_TEST

/* Arrays begin at multiples of 64 bytes. */
START_TEST(test_replicas_that_differ_beside_the_arrays_are_named)
{
    fixture f = fixture_new(&plain_spec, 1);
    td_search_state *state = f.state;
    state->adam_count = rank;
    if (size > 1)
        check_named(state, 1, "counts other Adam steps");
    state->adam_count = 0;
    char *gap = (char *) (state->weights + state->weight_slots->total);
    ck_assert(gap < (char *) state->momentum);
    if (rank == size - 1)
        *gap = 1;
    if (size > 1)
        check_named(state, size - 1, "bytes between its arrays");
    fixture_free(&f);
}
END_TEST

/* ---- m = 1 is plain DARTS with a doubled classifier -------------------- */

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* W_c of two branches is [classes, 2F], conventional first. */
static void copy_into_plain(td_search_state *plain, const td_search_state *two)
{
    for (int k = 0; k < plain->weight_slots->count; k++) {
        const td_slot *to = &plain->weight_slots->slots[k];
        const td_slot *from = td_slots_find(two->weight_slots, to->name);
        td_real *w = plain->weights + to->offset;
        if (strcmp(to->name, "classifier.weight") != 0) {
            memcpy(w, two->weights + from->offset, to->count * sizeof(td_real));
            continue;
        }
        int features = to->dims[1];
        for (int c = 0; c < CLASSES; c++)
            for (int f = 0; f < features; f++)
                w[c * features + f] =
                    2 * two->weights[from->offset + (size_t) (2 * c * features + f)];
    }
    memcpy(plain->alphas, two->alphas,
           td_search_state_alpha_count(two) * sizeof(td_real));
}

/* After one step without momentum and decay the velocity is the gradient. */
static bool same_gradients(const td_search_state *plain, const td_search_state *two)
{
    bool ok = true;
    for (int k = 0; k < two->weight_slots->count; k++) {
        const td_slot *slot = &two->weight_slots->slots[k];
        const td_slot *other = td_slots_find(plain->weight_slots, slot->name);
        const td_real *g = two->momentum + slot->offset;
        if (starts_with(slot->name, "cell_rb")) {
            ok &= td_l2_norm(g, slot->count) <= 0.0;
        } else if (strcmp(slot->name, "classifier.weight") != 0) {
            ok &=
                near(slot->name, g, plain->momentum + other->offset, slot->count, 2e-4);
        } else {
            int features = other->dims[1];
            for (int c = 0; c < CLASSES; c++)
                for (int f = 0; f < features; f++) {
                    const td_real *row = g + (size_t) (2 * c * features);
                    double wanted =
                        2.0 *
                        plain->momentum[other->offset + (size_t) (c * features + f)];
                    ok &= fabs(row[f] - wanted) <= 1e-5 + 2e-4 * fabs(wanted);
                    ok &= fabs((double) row[features + f]) <= 0.0;
                }
        }
    }
    return ok;
}

START_TEST(test_mixing_one_is_plain_darts)
{
    td_net_spec spec = two_branch_spec();
    fixture plain = fixture_new(&plain_spec, 1), two = fixture_new(&spec, 1);
    td_step_rates rates = usual_rates();
    td_step_result a, b;
    rates.mixing = 1.0;
    rates.momentum = rates.decay = 0.0;
    rates.clip = 1e9;
    copy_into_plain(plain.state, two.state);
    td_step_batches own = of_this_rank(plain.all, 0);
    CHECK_ALL(td_search_step(plain.stepper, plain.state, &own, &rates, &a) == TD_OK);
    CHECK_ALL(td_search_step(two.stepper, two.state, &own, &rates, &b) == TD_OK);
    CHECK_ALL(near_number(b.loss, a.loss, 1e-5));
    CHECK_ALL(near_number(b.arch_loss, a.arch_loss, 1e-5));
    CHECK_ALL(near("arch gradient", b.arch_grads, a.arch_grads,
                   td_search_state_alpha_count(two.state), 2e-4));
    CHECK_ALL(same_gradients(plain.state, two.state));
    fixture_free(&plain);
    fixture_free(&two);
}
END_TEST

/* ---- one rank with 2B images, two ranks with B each ------------------------------ */

/* All training images of the step, rank after rank. */
typedef struct {
    td_real *images, *logits, *d_logits;
    int32_t *labels;
} whole_batch;

static whole_batch whole_new(const batches *all)
{
    size_t rows = (size_t) (BATCH * size), cells = rows * CLASSES;
    whole_batch w = { .images = td_malloc(rows * IMAGE * sizeof(td_real)),
                      .logits = td_malloc(2 * cells * sizeof(td_real)),
                      .labels = td_malloc(rows * sizeof(int32_t)) };
    w.d_logits = w.logits + cells;
    for (int r = 0; r < size; r++) {
        memcpy(w.images + r * BATCH * IMAGE, all->train[r][0].images,
               BATCH * IMAGE * sizeof(td_real));
        memcpy(w.labels + r * BATCH, all->train[r][0].labels, BATCH * sizeof(int32_t));
    }
    return w;
}

static void whole_free(whole_batch *w)
{
    td_free(w->images);
    td_free(w->logits);
    td_free(w->labels);
}

/* Whose images share a batch norm in a pass. */
typedef enum {
    NORMS_RUNNING, /* nobody's: running statistics                      */
    NORMS_OF_RANK, /* those of a rank                                   */
    NORMS_OF_PASS, /* those of the pass                                 */
    NORMS_OF_ALL   /* those of all ranks, which have a pass of one each */
} norms_of;

static void sum_over_ranks(void *comm, double *totals, size_t count)
{
    td_comm_sum_f64(comm, totals, count);
}

/* Gradient of \a ranks pretended ranks from \a first on, in one pass. */
static td_real *gradient(fixture *f, whole_batch *w, int first, int ranks,
                         norms_of norms)
{
    bool evaluate = norms == NORMS_RUNNING, is_one = norms != NORMS_OF_RANK;
    td_network *net = td_stepper_net(f->stepper);
    td_real *grads = td_malloc(f->state->weight_slots->total * sizeof *grads);
    int count = ranks * BATCH, groups[8];
    for (int g = 0; g < ranks; g++)
        groups[g] = BATCH;
    uint8_t masks[2 * TD_MAX_EDGES];
    td_arch arch = td_search_state_arch(f->state, masks);
    double *mixture = td_arch_weights(&arch);
    td_pass pass = {
        .weights = f->state->weights,
        .mixture = mixture,
        .running_mean = evaluate ? f->state->running_mean : NULL,
        .running_var = evaluate ? f->state->running_var : NULL,
        .images = w->images + first * BATCH * IMAGE,
        .groups = is_one ? &count : groups,
        .group_count = is_one ? 1 : ranks,
        .request = TD_GRAD_WEIGHTS,
        .sum_norms = norms == NORMS_OF_ALL ? sum_over_ranks : NULL,
        .norms_context = world,
    };
    td_loss_sums sums = { 0 };
    memset(w->d_logits, 0, (size_t) (count * CLASSES) * sizeof *w->d_logits);
    td_network_forward(net, &pass, w->logits);
    cross_entropy(&sums, w->d_logits, w->logits, w->labels + first * BATCH, NULL, 1.0,
                  count, CLASSES);
    td_network_backward(net, &pass, w->d_logits, grads, NULL);
    td_free(mixture);
    return grads;
}

/* The gradients that ranks have by themselves, added, and that of all in one pass. */
static void compare_gradients(norms_of norms, norms_of whole_norms)
{
    td_net_spec spec = plain_spec;
    spec.batch = BATCH * size;
    spec.groups = size;
    fixture f = fixture_new(&spec, 1);
    whole_batch w = whole_new(f.all);
    size_t n = f.state->weight_slots->total;
    td_real *own = gradient(&f, &w, rank, 1, norms), *sum = td_malloc(n * sizeof *sum);
    td_real *whole = gradient(&f, &w, 0, size, whole_norms);
    td_comm_sum(world, sum, own, n, TD_NUMBER_REAL);
    CHECK_ALL(td_l2_norm(whole, n) > 0.0 && near("gradient", sum, whole, n, 2e-5));
    td_free(own);
    td_free(sum);
    td_free(whole);
    whole_free(&w);
    fixture_free(&f);
}

/* With running statistics no image sees another: sums over ranks are sums over
 * images. */
START_TEST(test_evaluation_statistics_do_not_see_who_computes)
{
    compare_gradients(NORMS_RUNNING, NORMS_RUNNING);
}
END_TEST

START_TEST(test_ranks_are_batch_norm_groups)
{
    compare_gradients(NORMS_OF_RANK, NORMS_OF_RANK);
}
END_TEST

START_TEST(test_shared_norms_make_ranks_one)
{
    compare_gradients(NORMS_OF_ALL, NORMS_OF_PASS);
}
END_TEST

/* ---- main ------------------------------------------------------------------------ */

Suite *test_suite(void)
{
    td_gemm_init();
    Suite *suite = suite_create("search_step");
    TCase *naive_case = tcase_create("against the naive step");
    tcase_add_test(naive_case, test_first_order_equals_the_naive_step);
    tcase_add_test(naive_case, test_second_order_equals_the_naive_step);
    tcase_add_test(naive_case, test_short_and_empty_batches_are_exact);
    tcase_add_test(naive_case, test_two_branches_equal_the_naive_step);
    tcase_add_test(naive_case, test_class_weights_divide_each_branch_by_its_own_sum);
    tcase_add_test(naive_case, test_order_free_sums_equal_the_naive_step);
    suite_add_tcase(suite, naive_case);
    TCase *training = tcase_create("training");
    tcase_add_test(training, test_training_equals_the_naive_step);
    tcase_add_test(training, test_training_two_branches_equals_the_naive_step);
    tcase_add_test(training, test_training_uneven_cells_equals_the_naive_step);
    tcase_add_test(training, test_training_with_class_weights_equals_the_naive_step);
    tcase_add_test(training, test_another_reducer_comes_in_by_the_same_door);
    tcase_add_test(training, test_every_reducer_steps_alike);
    suite_add_tcase(suite, training);
    TCase *properties = tcase_create("properties");
    tcase_add_test(properties, test_a_step_allocates_nothing);
    tcase_add_test(properties, test_without_architecture_step_its_half_leaves_no_trace);
    tcase_add_test(properties, test_a_request_of_one_rank_to_stop_reaches_all);
    tcase_add_test(properties,
                   test_a_number_that_is_none_stops_all_ranks_and_changes_nothing);
    tcase_add_test(properties, test_a_shared_sum_beyond_the_range_is_refused);
    tcase_add_test(properties, test_replicas_that_differ_are_named);
    tcase_add_test(properties, test_replicas_that_all_differ_are_named);
    tcase_add_test(properties, test_replicas_that_differ_beside_the_arrays_are_named);
    tcase_add_test(properties, test_mixing_one_is_plain_darts);
    tcase_add_test(properties, test_evaluation_statistics_do_not_see_who_computes);
    tcase_add_test(properties, test_ranks_are_batch_norm_groups);
    tcase_add_test(properties, test_shared_norms_make_ranks_one);
    suite_add_tcase(suite, properties);
    return suite;
}
