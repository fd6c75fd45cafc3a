/* A checkpoint's network asked by another program: no MPI is begun here. */
#include <check.h>
#include <math.h>
#include <omp.h>
#include <string.h>

#include "saved_state.h"
#include "small_supernet.h"
#include "suite.h"
#include "taildart/arch.h"
#include "taildart/eval_classifier.h"

enum { CLASSES = 3, SIDE = 8, IMAGES = 70, BYTES = SIDE * SIDE };

static td_network *net;
static td_search_state *state;
static td_checkpoint saved;

/* A search of a moment, with weights at random. */
static void save_run(void)
{
    folder_make();
    td_net_spec spec = small;
    ck_assert_int_eq(td_network_new(&net, &spec, td_kernels_get(TD_ISA_GENERIC)),
                     TD_OK);
    state = td_search_state_new(net, &td_relaxation_softmax, false, 7);
    saved = (td_checkpoint){
        .state = *state,
        .texts = { .command = "search", .class_names = "ant\nbee\ncat\n" },
        .net = { .is_known = true, .channels = 2, .cells = 3, .nodes = 2 },
        .has_statistics = true,
        .mean = { 0.5 },
        .std = { 0.25 },
        .world_size = 1,
        .shards = 1,
        .classes = CLASSES,
        .image_channels = 1,
        .height = SIDE,
        .width = SIDE,
    };
    ck_assert_msg(td_checkpoint_save(&saved, in_folder("checkpoint.h5")) == TD_OK, "%s",
                  td_error_message());
}

static void forget_run(void)
{
    td_search_state_free(state);
    td_network_free(net);
    folder_remove();
}

static td_classifier *loaded(void)
{
    td_classifier *classifier = NULL;
    ck_assert_msg(td_classifier_load(&classifier, folder) == TD_OK, "%s",
                  td_error_message());
    return classifier;
}

static void fill(uint8_t *images)
{
    for (int i = 0; i < IMAGES * BYTES; i++)
        images[i] = (uint8_t) (i * 7 + i / BYTES * 41 + i % 8 * (i / BYTES) * 13);
}

START_TEST(test_what_it_knows)
{
    td_classifier *classifier = loaded();
    int shape[3];
    td_classifier_image_shape(classifier, shape);
    ck_assert(shape[0] == SIDE && shape[1] == SIDE && shape[2] == 1);
    ck_assert_uint_eq(td_classifier_image_bytes(classifier), BYTES);
    ck_assert_int_eq(td_classifier_classes(classifier), CLASSES);
    ck_assert_str_eq(td_classifier_class_name(classifier, 1), "bee");
    td_classifier_free(classifier);
    td_classifier_free(NULL);
}
END_TEST

/* More images than a pass takes have the answers that each has alone. */
START_TEST(test_answers)
{
    static uint8_t images[IMAGES * BYTES];
    static double all[IMAGES][CLASSES], alone[CLASSES];
    td_classifier *classifier = loaded();
    int different = 0;
    fill(images);
    ck_assert_int_eq(td_classifier_answer(classifier, images, IMAGES, all[0]), TD_OK);
    for (int i = 0; i < IMAGES; i++) {
        ck_assert_int_eq(td_classifier_answer(classifier, images + i * BYTES, 1, alone),
                         TD_OK);
        for (int c = 0; c < CLASSES; c++)
            ck_assert_msg(fabs(all[i][c] - alone[c]) < 1e-6, "image %d", i);
        ck_assert(fabs(alone[0] + alone[1] + alone[2] - 1.0) < 1e-12);
        different += memcmp(all[i], all[0], sizeof alone) != 0;
    }
    ck_assert_int_gt(different, IMAGES / 2);
    ck_assert_int_eq(td_classifier_answer(classifier, images, 0, NULL), TD_OK);
    td_classifier_free(classifier);
}
END_TEST

/* A program that calls keeps its denormal numbers and its threads, and its own settings
 * do not reach into a pass. */
START_TEST(test_the_caller_stays_as_it_was)
{
    static uint8_t images[IMAGES * BYTES];
    double probability[CLASSES];
    volatile float tiny = 1e-38F;
    omp_set_num_threads(3);
    omp_set_dynamic(true);
    td_classifier *classifier = loaded();
    ck_assert(tiny * 0.125F > 0);
    ck_assert_int_eq(omp_get_max_threads(), 3);
    ck_assert(omp_get_dynamic());
    fill(images);
    ck_assert_int_eq(td_classifier_answer(classifier, images, 1, probability), TD_OK);
    ck_assert(tiny * 0.125F > 0);
    ck_assert_int_eq(omp_get_max_threads(), 3);
    ck_assert(omp_get_dynamic());
    td_classifier_free(classifier);
}
END_TEST

START_TEST(test_two_at_once)
{
    static uint8_t images[IMAGES * BYTES];
    double first[CLASSES], second[CLASSES];
    td_classifier *one = loaded(), *other = loaded();
    fill(images);
    ck_assert_int_eq(td_classifier_answer(one, images, 1, first), TD_OK);
    td_classifier_free(one);
    ck_assert_int_eq(td_classifier_answer(other, images, 1, second), TD_OK);
    td_classifier_free(other);
    ck_assert_mem_eq(first, second, sizeof first);
}
END_TEST

START_TEST(test_refusals)
{
    uint8_t image[BYTES];
    td_classifier *classifier = loaded(), *none = classifier;
    ck_assert_int_eq(td_classifier_read(classifier, in_folder("no.png"), image),
                     TD_DATA);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "no.png: "));
    td_classifier_free(classifier);
    ck_assert_int_eq(td_classifier_load(&none, in_folder("none.h5")), TD_CHECKPOINT);
    ck_assert_ptr_null(none);
    setenv("TAILDART_ISA", "avx2", 1);
    ck_assert_int_eq(td_classifier_load(&none, folder), TD_USAGE);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "TAILDART_ISA=avx2"));
}
END_TEST

START_TEST(test_of_an_older_taildart)
{
    td_classifier *none = NULL;
    saved.has_statistics = false;
    ck_assert_int_eq(td_checkpoint_save(&saved, in_folder("checkpoint.h5")), TD_OK);
    ck_assert_int_eq(td_classifier_load(&none, folder), TD_CHECKPOINT);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "neither mean nor deviation"));
}
END_TEST

/* A logit that is no number is an error, with no answer behind it. */
START_TEST(test_overflow)
{
    uint8_t image[BYTES];
    double probability[CLASSES];
    memset(image, 255, sizeof image);
    for (size_t i = 0; i < state->weight_slots->total; i++)
        state->weights[i] = 1e38f;
    ck_assert_int_eq(td_checkpoint_save(&saved, in_folder("checkpoint.h5")), TD_OK);
    td_classifier *classifier = loaded();
    ck_assert_int_eq(td_classifier_answer(classifier, image, 1, probability),
                     TD_CHECKPOINT);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "not finite for image 0"));
    td_classifier_free(classifier);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("classifier");
    TCase *tests = tcase_create("classifier");
    tcase_add_checked_fixture(tests, save_run, forget_run);
    tcase_add_test(tests, test_what_it_knows);
    tcase_add_test(tests, test_answers);
    tcase_add_test(tests, test_the_caller_stays_as_it_was);
    tcase_add_test(tests, test_two_at_once);
    tcase_add_test(tests, test_refusals);
    tcase_add_test(tests, test_of_an_older_taildart);
    tcase_add_test(tests, test_overflow);
    suite_add_tcase(suite, tests);
    return suite;
}
