/* Classes of a data set among those that a run learned. */
#include "data_fixture.h"
#include "suite.h"
#include "taildart/data_classes.h"

enum { MOST = 4 };

/* Names up to NULL; \a room holds them. */
static td_classes classes_of(td_class_name room[MOST], const char *path,
                             const char *const *names)
{
    td_classes all = { .path = path, .names = (const td_class_name *) room };
    for (; names[all.count]; all.count++) {
        ck_assert_int_lt(all.count, MOST);
        snprintf(room[all.count], sizeof *room, "%s", names[all.count]);
    }
    return all;
}

typedef struct {
    const char *data[MOST + 1], *run[MOST + 1];
    bool may_lack;
    const char *words;   /* of the refusal; NULL where it fits */
    int32_t map[MOST];   /* where it fits                      */
    bool moved, numbers; /* where it fits                      */
    int missing, first;  /* where it fits                      */
} match_case;

static const match_case cases[] = {
    { { "cat", "dog" }, { "cat", "dog" }, .map = { 0, 1 }, .first = -1 },
    { { "dog", "emu", "cat" },
      { "cat", "dog", "emu" },
      .map = { 1, 2, 0 },
      .moved = true,
      .first = -1 },
    /* made-up names are numbers where the other side has names */
    { { "0", "1" }, { "cat", "dog" }, .map = { 0, 1 }, .numbers = true, .first = -1 },
    { { "cat", "dog" }, { "0", "1" }, .map = { 0, 1 }, .numbers = true, .first = -1 },
    { { "0", "1", "2" }, { "cat", "dog" }, .words = "data: 3 classes, but run has" },
    /* real names that happen to be digits in another order are names */
    { { "1", "0" }, { "0", "1" }, .map = { 1, 0 }, .moved = true, .first = -1 },
    { { "cat" }, { "cat", "dog" }, .words = "data: 1 classes, without 'dog'" },
    { { "dog" },
      { "cat", "dog", "emu" },
      .may_lack = true,
      .map = { 1 },
      .moved = true,
      .missing = 2,
      .first = 0 },
    { { "cat", "cow" }, { "cat", "dog" }, .words = "data: class 1, 'cow', is none" },
    { { "cat", "dog", "emu" },
      { "cat", "dog" },
      .may_lack = true,
      .words = "data: class 2, 'emu', is none" },
    { { "cat", "dog", "cat" },
      { "cat", "dog", "emu" },
      .may_lack = true,
      .words = "data: two classes are called 'cat'" },
    { { "cat", "dog" },
      { "dog", "dog" },
      .words = "run: two classes are called 'dog'" },
};

START_TEST(test_classes_are_found_by_name)
{
    const match_case *c = &cases[_i];
    td_class_name mine[MOST], theirs[MOST];
    td_classes data = classes_of(mine, "data", c->data);
    td_classes run = classes_of(theirs, "run", c->run);
    td_class_match match;
    td_status status = td_classes_match(&match, &data, &run, c->may_lack);
    ck_assert_int_eq(status, c->words ? TD_DATA : TD_OK);
    if (c->words) {
        ck_assert_msg(strstr(td_error_message(), c->words), "%s", td_error_message());
    } else {
        for (int i = 0; i < data.count; i++)
            ck_assert_int_eq(match.map[i], c->map[i]);
        ck_assert_int_eq(match.is_moved, c->moved);
        ck_assert_int_eq(match.by_number, c->numbers);
        ck_assert_int_eq(match.missing, c->missing);
        ck_assert_int_eq(match.first_missing, c->first);
    }
    td_class_match_clear(&match);
    ck_assert_int_eq(td_base_live_blocks(), 0);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("data_classes");
    TCase *group = tcase_create("match");
    tcase_add_loop_test(group, test_classes_are_found_by_name, 0,
                        (int) (sizeof cases / sizeof *cases));
    suite_add_tcase(suite, group);
    return suite;
}
