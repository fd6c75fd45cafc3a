/* Whether a checkpoint fits the network at hand; another's is refused in plain
 * words. */
#include "saved_state.h"
#include "suite.h"

/* Whether \a old fits, and the line that says why not. */
static void check_misfit(int edges, const char *words)
{
    td_status status = td_checkpoint_fits(&old, "c.h5", &weights, &norms, edges);
    ck_assert_int_eq(status, TD_CHECKPOINT);
    ck_assert_msg(strstr(td_error_message(), words) != NULL, "\"%s\" is not in: %s",
                  words, td_error_message());
}

START_TEST(test_the_same_network_fits)
{
    td_checkpoint *c = NULL;
    save(&old);
    ck_assert_int_eq(td_checkpoint_load(&c, path), TD_OK);
    ck_assert_msg(td_checkpoint_fits(c, "c.h5", &weights, &norms, SOME_EDGES) == TD_OK,
                  "%s", td_error_message());
    td_checkpoint_free(c);
}
END_TEST

START_TEST(test_another_network_is_refused_in_plain_words)
{
    td_slots saved = weights, saved_norms = norms;
    td_slot rows[8], norm_rows[8];
    memcpy(rows, weights.slots, sizeof rows);
    memcpy(norm_rows, norms.slots, sizeof norm_rows);
    saved.slots = rows;
    saved_norms.slots = norm_rows;
    old.state.weight_slots = &saved;
    old.state.norm_slots = &saved_norms;
    check_misfit(14, "5 edges in a cell, this one 14");

    rows[3].dims[0] = 14;
    check_misfit(SOME_EDGES, "14 classes, this one 10");
    rows[3].dims[0] = 10;

    rows[3].dims[1] *= 2;
    check_misfit(SOME_EDGES, "features for the classifier, this one ");
    rows[3].dims[1] /= 2;

    rows[0].dims[0] = 48;
    check_misfit(SOME_EDGES, "16 channels, this one 4");
    rows[0].dims[0] = 12;

    rows[0].dims[1] = 1;
    check_misfit(SOME_EDGES, "1 image channels, this one 3");
    rows[0].dims[1] = 3;

    snprintf(rows[2].name, sizeof rows[2].name, "cells.7._ops.0._ops.4.op.1.weight");
    check_misfit(SOME_EDGES, "8 cells, this one 2");
    snprintf(rows[2].name, sizeof rows[2].name, "cell_rb._ops.0._ops.4.op.1.weight");
    check_misfit(SOME_EDGES, "2 branches, this one 1");
    snprintf(rows[2].name, sizeof rows[2].name, "cells.1._ops.9._ops.4.op.1.weight");
    check_misfit(SOME_EDGES,
                 "it has cells.1._ops.9._ops.4.op.1.weight, which this one lacks");
    rows[2] = weights.slots[2];

    rows[1].dims[1] = 8;
    check_misfit(SOME_EDGES, "cells.0._ops.3._ops.4.op.2.weight is 4x8x1x1, this one's "
                             "4x4x1x1");
    rows[1] = weights.slots[1];
    rows[1].offset = 0; /* another order is that of another program */
    rows[3].offset = 16;
    ck_assert_int_eq(td_checkpoint_fits(&old, "c.h5", &weights, &norms, SOME_EDGES),
                     TD_OK);
    rows[1] = weights.slots[1];
    rows[3] = weights.slots[3];

    snprintf(rows[1].name, sizeof rows[1].name, "auxiliary_head.classifier.bias");
    check_misfit(SOME_EDGES, "it has an auxiliary head, this one none; images of "
                             "another size");
    rows[1] = weights.slots[1];

    snprintf(rows[0].name, sizeof rows[0].name, "stem0.0.weight");
    check_misfit(SOME_EDGES, "its stem is imagenet, this one's cifar (net.stem)");
    rows[0] = weights.slots[0];

    norm_rows[1].dims[0] = 5;
    check_misfit(SOME_EDGES, "cells.0._ops.3._ops.1.1 is 5, this one's 4");
    norm_rows[1] = norms.slots[1];
    saved_norms.count = 2;
    check_misfit(SOME_EDGES, "this one has cells.1.preprocess0.op.2, which it lacks");
    old.state.weight_slots = &weights;
    old.state.norm_slots = &norms;
    ck_assert_int_eq(td_checkpoint_fits(&old, "c.h5", &weights, &norms, SOME_EDGES),
                     TD_OK);
}
END_TEST

/* A derived network's checkpoint is not a supernet's, nor the other way round. */
START_TEST(test_a_search_and_a_training_do_not_fit)
{
    check_misfit(0, "it is of a search, this one a training");
    drop_alphas(&old);
    check_misfit(SOME_EDGES, "it is of a training, this one a search");
    ck_assert_int_eq(td_checkpoint_fits(&old, "c.h5", &weights, &norms, 0), TD_OK);
}
END_TEST

/* Slots of a network derived from a cell of one node. */
static td_network *derived(td_op op, int channels)
{
    const td_genes cell = { 2, { { op, 0, 2 }, { TD_OP_SKIP_CONNECT, 1, 2 } } };
    const td_genotype genotype = { .nodes = 1, .normal = cell, .reduce = cell };
    const td_net_spec spec = { .channels = channels,
                               .cells = 3,
                               .nodes = 1,
                               .classes = 3,
                               .image_channels = 1,
                               .height = 8,
                               .width = 8,
                               .batch = 2,
                               .genotype = &genotype };
    td_network *net = NULL;
    ck_assert_msg(td_network_new(&net, &spec, td_kernels_get(TD_ISA_GENERIC)) == TD_OK,
                  "%s", td_error_message());
    return net;
}

START_TEST(test_another_genotype_does_not_fit)
{
    td_network *saved = derived(TD_OP_SEP_CONV_3X3, 4);
    td_network *other = derived(TD_OP_DIL_CONV_3X3, 4);
    td_network *wider = derived(TD_OP_SEP_CONV_5X5, 4);
    drop_alphas(&old);
    old.state.weight_slots = td_network_weights(saved);
    old.state.norm_slots = td_network_norms(saved);
    ck_assert_int_eq(td_checkpoint_fits(&old, "c.h5", old.state.weight_slots,
                                        old.state.norm_slots, 0),
                     TD_OK);
    const td_network *const others[] = { other, wider };
    static const char *const words[] = {
        "it has cells.0._ops.0.op.5.weight, which this one lacks",
        "cells.0._ops.0.op.1.weight is 4x1x3x3, this one's 4x1x5x5"
    };
    for (int i = 0; i < 2; i++) {
        td_status status =
            td_checkpoint_fits(&old, "c.h5", td_network_weights(others[i]),
                               td_network_norms(others[i]), 0);
        ck_assert_int_eq(status, TD_CHECKPOINT);
        ck_assert_msg(strstr(td_error_message(), words[i]) != NULL,
                      "\"%s\" is not in: %s", words[i], td_error_message());
    }
    old.state.weight_slots = &weights;
    old.state.norm_slots = &norms;
    td_network_free(saved);
    td_network_free(other);
    td_network_free(wider);
}
END_TEST

static void make_ones(td_real *reals, size_t n)
{
    for (size_t i = 0; i < n; i++)
        reals[i] = 1;
}

/* A root is taken of these: a negative one would be NaN some steps later. */
/* A mask is read as one: half an operation cannot be, nor an edge with nothing; with
 * `none` alone it is one that a projection has taken away. */
START_TEST(test_masks_are_ones_and_zeros)
{
    td_real *present = old.state.present;
    for (const td_state_row *row = td_state_rows; row->name; row++)
        make_ones(*td_state_array(&old.state, row),
                  td_state_array_numbers(&old.state, row));
    present[5] = 0;
    ck_assert_int_eq(td_checkpoint_check_finite(&old, "x.h5"), TD_OK);
    present[5] = (td_real) 0.5;
    ck_assert_int_eq(td_checkpoint_check_finite(&old, "x.h5"), TD_CHECKPOINT);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "x.h5: /arch/present_*"));
    for (int k = 1; k < TD_NUM_OPS; k++)
        present[k] = 0;
    ck_assert_int_eq(td_checkpoint_check_finite(&old, "x.h5"), TD_OK);
    present[0] = 0;
    ck_assert_int_eq(td_checkpoint_check_finite(&old, "x.h5"), TD_CHECKPOINT);
    present[7] = 1;
    ck_assert_int_eq(td_checkpoint_check_finite(&old, "x.h5"), TD_OK);
}
END_TEST

START_TEST(test_means_of_squares_are_not_negative)
{
    for (const td_state_row *row = td_state_rows; row->name; row++)
        make_ones(*td_state_array(&old.state, row),
                  td_state_array_numbers(&old.state, row));
    ck_assert_msg(td_checkpoint_check_finite(&old, "x.h5") == TD_OK, "%s",
                  td_error_message());
    old.state.running_var[norms.total - 1] = -1;
    ck_assert_int_eq(td_checkpoint_check_finite(&old, "x.h5"), TD_CHECKPOINT);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "x.h5: /buffers/*.running_var"));
    old.state.running_var[norms.total - 1] = 0;
    old.state.adam_second[SOME_TABLES - 1] = -1;
    ck_assert_int_eq(td_checkpoint_check_finite(&old, "x.h5"), TD_CHECKPOINT);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "x.h5: /optim/adam_second"));
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("checkpoint fits");
    TCase *fits = case_with_state(suite, "fits");
    tcase_add_test(fits, test_the_same_network_fits);
    tcase_add_test(fits, test_another_network_is_refused_in_plain_words);
    tcase_add_test(fits, test_a_search_and_a_training_do_not_fit);
    tcase_add_test(fits, test_another_genotype_does_not_fit);
    tcase_add_test(fits, test_means_of_squares_are_not_negative);
    tcase_add_test(fits, test_masks_are_ones_and_zeros);
    return suite;
}
