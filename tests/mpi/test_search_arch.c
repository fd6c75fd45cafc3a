/* ranks: 1 2 3 */
/* Architecture steps and perturbed weight steps of one small search over ranks: what
 * each relaxation computes, gradients of penalties, passes that a step takes. */
#include <check.h>
#include <math.h>
#include <mpi.h>
#include <string.h>

#include "ranks.h"
#include "taildart/arch_penalty.h"
#include "taildart/base_random.h"
#include "taildart/step.h"

enum { BATCH = 6, CLASSES = 3, SIDE = 8, IMAGE = SIDE * SIDE, EDGES = 5 };

static td_real images[2][BATCH * IMAGE];
static int32_t labels[2][BATCH];

static td_net_spec small_spec(void)
{
    return (td_net_spec){ .channels = 4,
                          .cells = 3,
                          .nodes = 2,
                          .classes = CLASSES,
                          .image_channels = 1,
                          .height = SIDE,
                          .width = SIDE,
                          .batch = BATCH };
}

typedef struct {
    td_stepper *stepper;
    td_search_state *state;
    td_step_batches batches;
} search;

/* With batches of this rank's own. */
static search search_new(const td_relaxation *relaxation, int order, bool edge_weights)
{
    td_net_spec spec = small_spec();
    search s = { .batches = { .epoch = 2, .step = 5, .seed = 11 } };
    for (int half = 0; half < 2; half++) {
        td_random key = { .seed = 5,
                          .stream = TD_STREAM_SYNTHETIC,
                          .shard = (uint32_t) (2 * rank + half) };
        for (int i = 0; i < BATCH * IMAGE; i++)
            images[half][i] = (td_real) td_random_normal(&key, (uint32_t) i);
        for (int i = 0; i < BATCH; i++)
            labels[half][i] = (i + rank + half) % CLASSES;
        td_batch *batch = half == 0 ? s.batches.train : s.batches.valid;
        batch->count = BATCH;
        batch->images = images[half];
        batch->labels = labels[half];
    }
    td_status status =
        td_stepper_new(&s.stepper, world, &spec, td_kernels_get(TD_ISA_GENERIC), order);
    TD_CHECK(status == TD_OK, "%s", td_error_message());
    s.state =
        td_search_state_new(td_stepper_net(s.stepper), relaxation, edge_weights, 3);
    size_t n = td_search_state_alpha_count(s.state);
    for (size_t i = 0; i < n; i++)
        s.state->alphas[i] *= 500; /* decided enough to matter */
    return s;
}

static void search_free(search *s)
{
    td_search_state_free(s->state);
    td_stepper_free(s->stepper);
}

static td_step_rates usual_rates(int order)
{
    return (td_step_rates){ .arch_step = true,
                            .order = order,
                            .lr = 0.05,
                            .momentum = 0.9,
                            .clip = 5.0,
                            .arch_lr = 3e-3,
                            .arch_betas = { 0.5, 0.999 },
                            .radius = TD_STEP_RADIUS };
}

/* ---- passes of the test's own ---------------------------------------------------- */

/* The loss over the images of this rank and one half, summed, and its gradient by the
 * mixture, every operation computed.  \param [out] dp  (2, EDGES, TD_NUM_OPS) */
static double pass_over(search *s, int half, const double *p, double *dp)
{
    td_real logits[BATCH * CLASSES], d_logits[BATCH * CLASSES] = { 0 };
    int groups[1] = { BATCH };
    td_loss *loss = td_loss_new(&(td_loss_spec){ .classes = CLASSES });
    td_loss_sums sums = { 0 };
    td_pass pass = { .weights = s->state->weights,
                     .mixture = p,
                     .images = images[half],
                     .groups = groups,
                     .group_count = 1,
                     .mixing = 1.0,
                     .request = TD_GRAD_ALPHAS };
    td_network_forward(td_stepper_net(s->stepper), &pass, logits);
    td_loss_add(loss, &sums, d_logits, logits, (td_targets){ .labels = labels[half] },
                1.0, BATCH);
    td_network_backward(td_stepper_net(s->stepper), &pass, d_logits, NULL, dp);
    td_loss_free(loss);
    return sums.loss;
}

/* ---- gdas ------------------------------------------------------------------------ */

/* Gradient of the mean loss over the images of this rank with every operation computed,
 * at weights that are one-hot. */
static double all_computed(search *s, const td_arch *arch, td_real *d_alphas)
{
    double p[2 * EDGES * TD_NUM_OPS], dp[2 * EDGES * TD_NUM_OPS];
    td_arch_forward(arch, p);
    double loss = pass_over(s, 1, p, dp);
    for (int i = 0; i < 2 * EDGES * TD_NUM_OPS; i++)
        dp[i] = p[i] != 0.0 ? dp[i] : 0.0; /* of the others nothing is known */
    memset(d_alphas, 0, 2 * EDGES * TD_NUM_OPS * sizeof *d_alphas);
    td_arch_backward(arch, d_alphas, NULL, dp);
    return loss / BATCH;
}

/* One rank: the step is that of the whole mixture at one-hot weights, to the bit. */
START_TEST(test_gdas_is_the_hard_form)
{
    search s = search_new(&td_relaxation_gdas, 1, false);
    td_step_rates rates = usual_rates(1);
    td_step_result result;
    td_real expected[2 * EDGES * TD_NUM_OPS];
    uint8_t masks[2 * TD_MAX_EDGES];
    td_arch arch = td_search_state_arch(s.state, masks);
    td_arch_draw draw = { 11, 2, 5, NULL };
    arch.draw = &draw;
    double loss = all_computed(&s, &arch, expected);
    for (int i = 0; i < 2 * EDGES * TD_NUM_OPS; i++)
        expected[i] *= (td_real) (1.0 / BATCH);
    td_status status = td_search_step(s.stepper, s.state, &s.batches, &rates, &result);
    CHECK_ALL(status == TD_OK);
    if (size == 1) {
        ck_assert_mem_eq(result.arch_grads, expected, sizeof expected);
        ck_assert(result.arch_loss == loss);
    }
    CHECK_ALL(td_search_state_check(s.state, world, 0) == TD_OK);
    search_free(&s);
}
END_TEST

/* ---- what is asked beside steps -------------------------------------------------- */

/* Curvature rests on it: at the state's own alphas it is that of a first-order step. */
START_TEST(test_a_gradient_is_that_of_a_step)
{
    search s = search_new(&td_relaxation_softmax, 1, false);
    td_step_rates rates = usual_rates(1);
    td_step_result result;
    double gradient[2 * EDGES * TD_NUM_OPS], most = 0.0, apart = 0.0;
    CHECK_ALL(td_step_arch_gradient(s.stepper, s.state, &s.batches, &rates,
                                    s.state->alphas, gradient) == TD_OK);
    CHECK_ALL(td_search_step(s.stepper, s.state, &s.batches, &rates, &result) == TD_OK);
    for (int i = 0; i < 2 * EDGES * TD_NUM_OPS; i++) {
        most = fmax(most, fabs(gradient[i]));
        apart = fmax(apart, fabs(gradient[i] - (double) result.arch_grads[i]));
    }
    CHECK_ALL(most > 1e-4 && apart <= 1e-6 * most);
    search_free(&s);
}
END_TEST

START_TEST(test_a_state_is_handed_on_whole)
{
    search s = search_new(&td_relaxation_softmax, 1, false);
    s.state->temperature = rank == 0 ? 5.0 : 1.0;
    s.state->skip_bonus = rank == 0 ? 0.25 : 0.0;
    s.state->alphas[3] = (td_real) rank;
    td_search_state_bcast(s.state, world);
    CHECK_ALL(s.state->temperature == 5.0 && s.state->skip_bonus == 0.25 &&
              s.state->alphas[3] == 0);
    search_free(&s);
}
END_TEST

/* ---- penalties ------------------------------------------------------------------- */

/* Once to the gradient of all ranks, in either order; losses are told without it. */
START_TEST(test_a_penalty_is_added_once)
{
    td_real without[2 * EDGES * (TD_NUM_OPS + 1)],
        penalty[2 * EDGES * TD_NUM_OPS] = { 0 }, betas[2 * EDGES] = { 0 };
    double loss = 0.0, costs[2 * EDGES * TD_NUM_OPS];
    for (int with = 0; with < 2; with++) {
        search s = search_new(&td_relaxation_softmax, _i, true);
        td_step_rates rates = usual_rates(_i);
        td_step_result result;
        uint8_t masks[2 * TD_MAX_EDGES];
        td_arch arch = td_search_state_arch(s.state, masks);
        td_arch_penalties penalties = { .costs = costs };
        td_network_costs(td_stepper_net(s.stepper), costs);
        if (with)
            rates.penalties[TD_PENALTY_ENTROPY] = rates.penalties[TD_PENALTY_FLOPS] = 2;
        memcpy(penalties.weights, rates.penalties, sizeof rates.penalties);
        double value = td_arch_penalise(&arch, &penalties, penalty, betas);
        td_status status =
            td_search_step(s.stepper, s.state, &s.batches, &rates, &result);
        CHECK_ALL(status == TD_OK);
        CHECK_ALL(with ? fabs(result.arch_penalty - value) <= 1e-12
                       : isnan(result.arch_penalty));
        bool is_right = true;
        for (int i = 0; i < 2 * EDGES * (TD_NUM_OPS + 1); i++) {
            double more = (double) (i < 2 * EDGES * TD_NUM_OPS
                                        ? penalty[i]
                                        : betas[i - 2 * EDGES * TD_NUM_OPS]);
            double found = (double) result.arch_grads[i];
            is_right =
                is_right && (!with || fabs(found - (double) without[i] - more) <= 1e-6);
            without[i] = with ? without[i] : result.arch_grads[i];
        }
        CHECK_ALL(is_right);
        CHECK_ALL(!with || result.arch_loss == loss);
        loss = result.arch_loss;
        search_free(&s);
    }
}
END_TEST

/* ---- perturbation ---------------------------------------------------------------- */

static uint64_t learned(int perturb, double epsilon, int *passes, double *loss)
{
    search s = search_new(&td_relaxation_softmax, 1, false);
    td_step_rates rates = usual_rates(1);
    td_step_result result;
    rates.perturb = perturb;
    rates.epsilon = epsilon;
    td_status status = td_search_step(s.stepper, s.state, &s.batches, &rates, &result);
    CHECK_ALL(status == TD_OK);
    CHECK_ALL(td_search_state_check(s.state, world, 0) == TD_OK);
    uint64_t hash = td_search_state_hash(s.state);
    *passes = result.arch_passes;
    *loss = result.loss;
    search_free(&s);
    return hash;
}

/* An adversarial step takes seven passes more; its loss is above the random one's, and
 * that of no shift is the plain step's. */
START_TEST(test_perturbed_steps)
{
    int passes;
    double plain, none, random, adversarial;
    uint64_t is_plain = learned(TD_PERTURB_NONE, 0.3, &passes, &plain);
    CHECK_ALL(passes == 1);
    CHECK_ALL(learned(TD_PERTURB_ADVERSARIAL, 0.0, &passes, &none) == is_plain);
    CHECK_ALL(passes == 1 && none == plain);
    CHECK_ALL(learned(TD_PERTURB_RANDOM, 0.3, &passes, &random) != is_plain);
    CHECK_ALL(passes == 1);
    CHECK_ALL(learned(TD_PERTURB_ADVERSARIAL, 0.3, &passes, &adversarial) != is_plain);
    CHECK_ALL(passes == 8);
    CHECK_ALL(adversarial > random && adversarial > plain);
}
END_TEST

/* The sum over ranks of \a count numbers. */
static void sum_all(double *values, int count)
{
    MPI_Allreduce(MPI_IN_PLACE, values, count, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
}

/* The mean loss of all ranks after seven ascents from the step's own draw: by the sign
 * of what all ranks say, and never further than epsilon. */
static double ascended(search *s, double epsilon)
{
    enum { COUNT = 2 * EDGES * TD_NUM_OPS };
    double shift[COUNT], p[COUNT], dp[COUNT], loss = 0.0;
    uint8_t masks[2 * TD_MAX_EDGES];
    td_arch arch = td_search_state_arch(s->state, masks);
    arch.shift = shift;
    for (int i = 0; i < COUNT; i++) {
        td_random key = {
            .seed = 11, .stream = TD_STREAM_PERTURB, .shard = (uint32_t) i, .pass = 2
        };
        shift[i] = epsilon * (2.0 * td_random_unit(&key, 5) - 1.0);
    }
    for (int pass = 0; pass <= 7; pass++) {
        td_arch_forward(&arch, p);
        loss = pass_over(s, 0, p, dp);
        sum_all(&loss, 1);
        sum_all(dp, COUNT);
        for (int i = 0; i < COUNT && pass < 7; i++) {
            double sign = (double) (dp[i] > 0.0) - (double) (dp[i] < 0.0);
            shift[i] = fmax(-epsilon, fmin(epsilon, shift[i] + epsilon * sign * 2 / 7));
        }
    }
    return loss / BATCH / size;
}

START_TEST(test_an_adversary_climbs_with_all_ranks)
{
    search s = search_new(&td_relaxation_softmax, 1, false);
    td_step_rates rates = usual_rates(1);
    td_step_result result;
    rates.arch_step = false;
    rates.perturb = TD_PERTURB_ADVERSARIAL;
    rates.epsilon = 0.3;
    double expected = ascended(&s, rates.epsilon);
    td_status status = td_search_step(s.stepper, s.state, &s.batches, &rates, &result);
    CHECK_ALL(status == TD_OK);
    CHECK_ALL(fabs(result.loss - expected) <= 1e-6 * expected);
    search_free(&s);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("search_arch");
    TCase *tests = tcase_create("steps");
    tcase_add_test(tests, test_gdas_is_the_hard_form);
    tcase_add_test(tests, test_a_gradient_is_that_of_a_step);
    tcase_add_test(tests, test_a_state_is_handed_on_whole);
    tcase_add_loop_test(tests, test_a_penalty_is_added_once, 1, 3);
    tcase_add_test(tests, test_perturbed_steps);
    tcase_add_test(tests, test_an_adversary_climbs_with_all_ranks);
    suite_add_tcase(suite, tests);
    return suite;
}
