/* Operations on pictures against the bytes that the Python Imaging Library makes, and
 * what the policies draw. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "suite.h"
#include "taildart/augment.h"

enum { SIDE = 24, MOST = SIDE * SIDE * 3 };

static uint8_t source[MOST], wanted[MOST], buffer[2][MOST];
static td_canvas canvas;

static void start(void)
{
    canvas.pixels = buffer[0];
    canvas.spare = buffer[1];
    memcpy(buffer[0], source, sizeof source);
}

static size_t read_hex(FILE *file, uint8_t *out)
{
    unsigned value;
    size_t n = 0;
    while (n < MOST && fscanf(file, "%2x", &value) == 1) {
        out[n++] = (uint8_t) value;
        int next = fgetc(file);
        if (next == '\n' || next == EOF)
            break;
        ungetc(next, file);
    }
    return n;
}

static td_augment_operation find(const char *name)
{
    int operation = 0;
    while (operation < TD_AUGMENT_OPERATIONS &&
           strcmp(td_augment_name((td_augment_operation) operation), name) != 0)
        operation++;
    ck_assert_msg(operation < TD_AUGMENT_OPERATIONS, "no operation %s", name);
    return (td_augment_operation) operation;
}

static void check_operation(FILE *file)
{
    char name[32];
    double amount;
    ck_assert_int_eq(fscanf(file, "%31s %lf ", name, &amount), 2);
    size_t n = read_hex(file, wanted);
    ck_assert_int_eq(n, (size_t) canvas.height * canvas.width * canvas.channels);
    start();
    td_augment_apply(&canvas, find(name), amount);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(canvas.pixels[i] == wanted[i], "%s %g, %d channels: byte %zu",
                      name, amount, canvas.channels, i);
}

/* tests/golden/augment.py has made them. */
START_TEST(test_operations_are_those_of_the_library)
{
    char word[16];
    int checked = 0;
    FILE *file = fopen("tests/golden/augment.txt", "r");
    ck_assert_ptr_nonnull(file);
    while (fscanf(file, "%15s", word) == 1)
        if (strcmp(word, "picture") == 0) {
            ck_assert_int_eq(fscanf(file, "%d %d %d ", &canvas.height, &canvas.width,
                                    &canvas.channels),
                             3);
            read_hex(file, source);
        } else {
            check_operation(file);
            checked++;
        }
    fclose(file);
    ck_assert_int_eq(checked, 6 * 30);
}
END_TEST

START_TEST(test_amounts)
{
    ck_assert(td_augment_amount(TD_AUGMENT_SHEAR_X, 1.0, true) == -0.3);
    ck_assert(fabs(td_augment_amount(TD_AUGMENT_COLOR, 1.0, true) - 0.1) < 1e-15);
    ck_assert(td_augment_amount(TD_AUGMENT_COLOR, 0.0, true) == 1.0);
    ck_assert(td_augment_amount(TD_AUGMENT_POSTERIZE, 7.0 / 9.0, true) == 5.0);
    ck_assert(td_augment_amount(TD_AUGMENT_SOLARIZE, 0.0, false) == 256.0);
    ck_assert(td_augment_amount(TD_AUGMENT_SOLARIZE, 1.0, false) == 0.0);
}
END_TEST

/* ---- policies -------------------------------------------------------------------- */

static void make_picture(int side, int channels)
{
    canvas.height = canvas.width = side;
    canvas.channels = channels;
    for (int i = 0; i < side * side * channels; i++)
        source[i] = (uint8_t) (30 + i * 37 % 200);
}

static int changed(const td_augment_keys *keys, td_random key, uint32_t draws)
{
    int count = 0;
    for (uint32_t draw = 0; draw < draws; draw++) {
        start();
        td_augment_by_policy(&canvas, keys, &key, draw);
        count += memcmp(canvas.pixels, source,
                        (size_t) canvas.height * canvas.width * canvas.channels) != 0;
    }
    return count;
}

START_TEST(test_no_policy_changes_nothing)
{
    const td_augment_keys none = { .kind = TD_AUGMENT_NONE };
    make_picture(SIDE, 3);
    ck_assert_int_eq(changed(&none, (td_random){ .seed = 1 }, 100), 0);
}
END_TEST

/* One operation of fourteen: each, identity with them, as often as the others. */
START_TEST(test_randaugment_draws_evenly)
{
    enum { DRAWS = 14000, KINDS = 14 };
    const td_augment_keys one = { TD_AUGMENT_RANDAUGMENT, 1, 30 };
    int found[KINDS + 1] = { 0 };
    double x2 = 0.0;
    make_picture(SIDE, 3);
    for (uint32_t draw = 0; draw < DRAWS; draw++) {
        int kind = KINDS;
        uint8_t got[MOST];
        start();
        td_augment_by_policy(&canvas, &one, &(td_random){ .seed = 9 }, draw);
        memcpy(got, canvas.pixels, MOST);
        for (int k = 0; k < KINDS && kind == KINDS; k++)
            for (int negative = 0; negative < 2; negative++) {
                td_augment_operation operation = (td_augment_operation) k;
                start();
                td_augment_apply(&canvas, operation,
                                 td_augment_amount(operation, 1.0, negative));
                if (memcmp(got, canvas.pixels, MOST) == 0)
                    kind = k;
            }
        found[kind]++;
    }
    ck_assert_int_eq(found[KINDS], 0);
    for (int k = 0; k < KINDS; k++)
        x2 += pow(found[k] - DRAWS / KINDS, 2) / (DRAWS / KINDS);
    ck_assert_msg(x2 <= 34.5, "chi-square %g", x2); /* 0.1 % of 13 degrees */
}
END_TEST

/* A step as published (Cubuk et al. 2019, table 7), its amounts with either sign. */
typedef struct {
    const char *name;
    double amount[2];
} published;

static const published pairs[25][2] = {
    { { "invert", { 0, 0 } }, { "contrast", { 1.6, 0.4 } } },
    { { "rotate", { 6.66666666667, -6.66666666667 } },
      { "translate-x", { 0.453172205438067, -0.453172205438067 } } },
    { { "sharpness", { 1.1, 0.9 } }, { "sharpness", { 1.3, 0.7 } } },
    { { "shear-y", { 0.266666666667, -0.266666666667 } },
      { "translate-y", { 0.453172205438067, -0.453172205438067 } } },
    { { "autocontrast", { 0, 0 } }, { "equalize", { 0, 0 } } },
    { { "shear-y", { 0.233333333333, -0.233333333333 } }, { "posterize", { 5, 5 } } },
    { { "color", { 1.3, 0.7 } }, { "brightness", { 1.7, 0.3 } } },
    { { "sharpness", { 1.9, 0.1 } }, { "brightness", { 1.9, 0.1 } } },
    { { "equalize", { 0, 0 } }, { "equalize", { 0, 0 } } },
    { { "contrast", { 1.7, 0.3 } }, { "sharpness", { 1.5, 0.5 } } },
    { { "color", { 1.7, 0.3 } },
      { "translate-x", { 0.40281973816717, -0.40281973816717 } } },
    { { "equalize", { 0, 0 } }, { "autocontrast", { 0, 0 } } },
    { { "translate-y", { 0.151057401812689, -0.151057401812689 } },
      { "sharpness", { 1.6, 0.4 } } },
    { { "brightness", { 1.6, 0.4 } }, { "color", { 1.8, 0.2 } } },
    { { "solarize", { 199.111111111, 199.111111111 } }, { "invert", { 0, 0 } } },
    { { "equalize", { 0, 0 } }, { "autocontrast", { 0, 0 } } },
    { { "equalize", { 0, 0 } }, { "equalize", { 0, 0 } } },
    { { "color", { 1.9, 0.1 } }, { "equalize", { 0, 0 } } },
    { { "autocontrast", { 0, 0 } }, { "solarize", { 28.4444444444, 28.4444444444 } } },
    { { "brightness", { 1.3, 0.7 } }, { "color", { 1, 1 } } },
    { { "solarize", { 113.777777778, 113.777777778 } }, { "autocontrast", { 0, 0 } } },
    { { "translate-y", { 0.453172205438067, -0.453172205438067 } },
      { "translate-y", { 0.453172205438067, -0.453172205438067 } } },
    { { "autocontrast", { 0, 0 } }, { "solarize", { 170.666666667, 170.666666667 } } },
    { { "equalize", { 0, 0 } }, { "invert", { 0, 0 } } },
    { { "translate-y", { 0.453172205438067, -0.453172205438067 } },
      { "autocontrast", { 0, 0 } } },
};

/* What is left of the picture by the steps and signs of a number's bits. */
static const uint8_t *picture_of(int pair, unsigned bits)
{
    start();
    for (int i = 0; i < 2; i++)
        if (bits >> i & 1)
            td_augment_apply(&canvas, find(pairs[pair][i].name),
                             pairs[pair][i].amount[bits >> (2 + i) & 1]);
    return canvas.pixels;
}

/* All that a draw makes is what some pair makes, and each pair is made in full by some
 * draw; but the one whose second step is never made. */
START_TEST(test_autoaugment_is_the_published_table)
{
    enum { DRAWS = 20000, NEVER = 14 };
    static uint8_t made[25][16][MOST];
    bool is_seen[25] = { false };
    const td_augment_keys keys = { .kind = TD_AUGMENT_AUTOAUGMENT };
    make_picture(SIDE, 3);
    for (int pair = 0; pair < 25; pair++)
        for (unsigned bits = 0; bits < 16; bits++)
            memcpy(made[pair][bits], picture_of(pair, bits), MOST);
    for (uint32_t draw = 0; draw < DRAWS; draw++) {
        bool is_known = false;
        start();
        td_augment_by_policy(&canvas, &keys, &(td_random){ .seed = 4 }, draw);
        for (int pair = 0; pair < 25; pair++)
            for (unsigned bits = 0; bits < 16; bits++)
                if (memcmp(canvas.pixels, made[pair][bits], MOST) == 0) {
                    is_known = true;
                    is_seen[pair] = is_seen[pair] || (bits & 3) == 3;
                }
        ck_assert_msg(is_known, "draw %u is of no pair", draw);
    }
    for (int pair = 0; pair < 25; pair++)
        ck_assert_msg(is_seen[pair] == (pair != NEVER), "pair %d", pair);
}
END_TEST

/* The mean chance that neither step of a pair of AutoAugment is made, over all pairs:
 * with those that change nothing (the invert of probability 0, colour at level 0). */
START_TEST(test_autoaugment_leaves_as_many_as_its_table_says)
{
    enum { DRAWS = 20000 };
    static const double kept[] = { 0.72, 0.21, 0.02, 0.15, 0.05, 0.56, 0.24, 0.21, 0.20,
                                   0.16, 0.15, 0.42, 0.48, 0.08, 0.50, 0.32, 0.32, 0.04,
                                   0.16, 0.90, 0.06, 0.03, 0.02, 0.18, 0.03 };
    const td_augment_keys keys = { .kind = TD_AUGMENT_AUTOAUGMENT };
    double share = 0.0;
    make_picture(SIDE, 3);
    for (int pair = 0; pair < 25; pair++)
        share += kept[pair] / 25;
    double left =
        1.0 - changed(&keys, (td_random){ .seed = 3 }, DRAWS) / (double) DRAWS;
    ck_assert_msg(fabs(left - share) <= 4 * sqrt(share * (1 - share) / DRAWS),
                  "%g of %g are left", left, share);
}
END_TEST

START_TEST(test_a_draw_is_a_function_of_its_key)
{
    const td_augment_keys keys = { TD_AUGMENT_RANDAUGMENT, 2, 15 };
    const td_random key = { .seed = 5, .stream = 1, .shard = 2, .pass = 3 };
    uint8_t first[MOST];
    int alike = 0;
    make_picture(SIDE, 3);
    for (uint32_t draw = 0; draw < 200; draw++) {
        td_random other = key;
        start();
        td_augment_by_policy(&canvas, &keys, &key, draw);
        memcpy(first, canvas.pixels, MOST);
        start();
        td_augment_by_policy(&canvas, &keys, &key, draw);
        ck_assert_mem_eq(first, canvas.pixels, MOST);
        other.shard++;
        start();
        td_augment_by_policy(&canvas, &keys, &other, draw);
        alike += memcmp(first, canvas.pixels, MOST) == 0;
    }
    ck_assert_int_le(alike, 40);
}
END_TEST

/* Sides of one pixel have no neighbours. */
START_TEST(test_small_pictures)
{
    for (int side = 1; side <= 3; side++)
        for (int channels = 1; channels <= 3; channels += 2)
            for (int k = 0; k < TD_AUGMENT_OPERATIONS; k++) {
                td_augment_operation operation = (td_augment_operation) k;
                make_picture(side, channels);
                start();
                td_augment_apply(&canvas, operation,
                                 td_augment_amount(operation, 1.0, false));
            }
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("augment");
    TCase *cases = tcase_create("operations");
    tcase_add_test(cases, test_operations_are_those_of_the_library);
    tcase_add_test(cases, test_amounts);
    tcase_add_test(cases, test_small_pictures);
    suite_add_tcase(suite, cases);
    cases = tcase_create("policies");
    tcase_add_test(cases, test_no_policy_changes_nothing);
    tcase_add_test(cases, test_randaugment_draws_evenly);
    tcase_add_test(cases, test_autoaugment_is_the_published_table);
    tcase_add_test(cases, test_autoaugment_leaves_as_many_as_its_table_says);
    tcase_add_test(cases, test_a_draw_is_a_function_of_its_key);
    suite_add_tcase(suite, cases);
    return suite;
}
