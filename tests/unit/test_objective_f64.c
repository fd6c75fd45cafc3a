/* The gradient of every loss against central differences of its value.
 *
 * With f three times differentiable and eps the rounding of a loss near L, the error of
 * (f(x+h)-f(x-h))/2h is about h²·|f'''|/6 + eps·L/h; |f'''| is below 1 for a softmax of
 * weight 1.  h = 1e-5 leaves 2e-11 + 1e-16·10/1e-5 = 1e-10 for weights up to 4. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "suite.h"
#include "taildart/base_random.h"
#include "taildart/objective.h"

enum { IMAGES = 7, CLASSES = 5, GAMMAS = 4 };

static const double STEP = 1e-5, TOLERANCE = 1e-9;
static const double class_weights[CLASSES] = { 0.1, 0.4, 0.5, 0.0, 4.0 };
static const int64_t counts[CLASSES] = { 500, 120, 40, 12, 3 };
static const double gammas[GAMMAS] = { 0.0, 0.5, 1.0, 2.0 };

/* A batch and the loss that it is asked for. */
typedef struct {
    td_loss *loss;
    td_targets targets;
    int32_t labels[IMAGES], others[IMAGES];
    double shares[IMAGES];
    td_real logits[IMAGES * CLASSES];
} trial;

static double loss_of(const trial *t)
{
    td_loss_sums sums = { 0 };
    td_loss_add(t->loss, &sums, NULL, t->logits, t->targets, 1.0, IMAGES);
    ck_assert(fabs(sums.divisor - td_loss_divisor(t->loss, t->targets, IMAGES)) <=
              1e-15 * sums.divisor);
    return sums.loss;
}

/* Logits of spread 2, every class as a label; each image mixed with another share. */
static void draw(trial *t, uint64_t seed, bool is_mixed)
{
    td_random key = { .seed = seed, .stream = TD_STREAM_SYNTHETIC };
    for (int i = 0; i < IMAGES * CLASSES; i++)
        t->logits[i] = 2.0 * td_random_normal(&key, (uint32_t) i);
    for (int i = 0; i < IMAGES; i++) {
        t->labels[i] = i % CLASSES;
        t->others[i] = (3 * i + 1) % CLASSES;
        t->shares[i] = (double) i / (IMAGES - 1);
    }
    t->targets = (td_targets){ t->labels, is_mixed ? t->others : NULL,
                               is_mixed ? t->shares : NULL };
}

static void check_gradient(trial *t, double scale)
{
    td_real d[IMAGES * CLASSES] = { 0 };
    td_loss_sums sums = { 0 };
    td_loss_add(t->loss, &sums, d, t->logits, t->targets, scale, IMAGES);
    for (int i = 0; i < IMAGES * CLASSES; i++) {
        td_real kept = t->logits[i];
        t->logits[i] = kept + STEP;
        double above = loss_of(t);
        t->logits[i] = kept - STEP;
        double below = loss_of(t);
        t->logits[i] = kept;
        double expected = scale * (above - below) / (2.0 * STEP);
        ck_assert_msg(fabs(d[i] - expected) <= TOLERANCE, "logit %d: %.12g, not %.12g",
                      i, d[i], expected);
    }
}

/* Kind, gamma, weights or none, mixed or not. */
START_TEST(test_gradient_is_the_slope)
{
    for (int variant = 0; variant < 4 * GAMMAS; variant++) {
        bool is_weighted = variant % 2, is_mixed = variant / 2 % 2;
        trial t;
        draw(&t, (uint64_t) variant + 1, is_mixed);
        t.loss = td_loss_new(
            &(td_loss_spec){ .kind = (td_loss_kind) _i,
                             .classes = CLASSES,
                             .gamma = gammas[variant / 4],
                             .tau = gammas[variant / 4],
                             .margin = 0.5,
                             .scale = 4.0,
                             .head = 0.4,
                             .tail = 0.1,
                             .counts = counts,
                             .weights = is_weighted ? class_weights : NULL });
        check_gradient(&t, is_weighted ? 0.3 : 1.0);
        td_loss_free(t.loss);
    }
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("objective, finite differences");
    TCase *cases = tcase_create("gradient");
    tcase_add_loop_test(cases, test_gradient_is_the_slope, 0, TD_LOSS_COUNT);
    suite_add_tcase(suite, cases);
    return suite;
}
