/* Rank 0's list of a study in crews: who gets which point when, what is tried again,
 * and what is told of it. */
#include <math.h>

#include "../../src/campaign/list.h"
#include "store_folder.h"
#include "suite.h"

static td_study *study;
static td_campaign campaign;
static td_list list;

static const td_campaign_options options = { .selection = { NULL, 1, 1 },
                                             .program = "taildart" };

/* A study of four points, of which nothing is there. */
static void set_up(void)
{
    folder_make();
    write_text(in_folder("study.yaml"), "data: some.h5\n"
                                        "seeds: [1, 2, 3, 4]\n"
                                        "imbalance: [10]\n"
                                        "methods: [{name: darts}]\n");
    char *file = td_strdup(in_folder("study.yaml"));
    const td_study_replacements instead = { .out = in_folder("study") };
    td_status status = td_study_read(&study, file, &instead);
    td_free(file);
    ck_assert_msg(status == TD_OK, "%s", td_error_message());
    ck_assert_int_eq(td_campaign_begin(&campaign, study, &options), TD_OK);
}

static void tear_down(void)
{
    td_list_clear(&list);
    td_campaign_clear(&campaign);
    td_study_free(study);
    folder_remove();
}

static double note(int place, td_study_outcome outcome, double now)
{
    td_list_report report = { .place = place, .outcome = outcome };
    if (outcome == TD_STUDY_WENT_WELL)
        for (int stage = 0; stage < TD_STUDY_STAGES; stage++) {
            report.seconds[stage] = 1.0 + stage;
            report.timed[stage] = 1;
        }
    return td_list_note(&list, &report, now);
}

START_TEST(test_each_point_goes_to_one_crew)
{
    td_list_init(&list, &campaign, 3);
    ck_assert_int_eq(list.count, 4);
    for (int crew = 0; crew < 3; crew++)
        ck_assert_int_eq(td_list_take(&list, crew, 10.0), crew);
    ck_assert_int_eq(td_list_count(&list, TD_LIST_AT_WORK), 3);
    ck_assert(note(1, TD_STUDY_WENT_WELL, 12.5) == 2.5);
    ck_assert_int_eq(td_list_take(&list, 1, 12.5), 3);
    note(0, TD_STUDY_HAS_FAILED, 13.0);
    ck_assert_int_eq(td_list_take(&list, 0, 13.0), TD_LIST_NONE);
    ck_assert(!td_list_is_over(&list));
    note(3, TD_STUDY_WENT_WELL, 14.0);
    ck_assert_int_eq(td_list_take(&list, 1, 14.0), TD_LIST_NONE);
    note(2, TD_STUDY_WENT_WELL, 15.0);
    ck_assert_int_eq(td_list_take(&list, 2, 15.0), TD_LIST_NONE);
    ck_assert(td_list_is_over(&list));
    ck_assert_int_eq(td_list_count_ended(&list, TD_STUDY_WENT_WELL), 3);
    ck_assert_int_eq(td_list_count_ended(&list, TD_STUDY_HAS_FAILED), 1);
}
END_TEST

START_TEST(test_idle_time_is_that_after_the_last_point)
{
    int longest = -1;
    td_list_init(&list, &campaign, 2);
    for (int place = 0; place < 4; place++) {
        ck_assert_int_eq(td_list_take(&list, 0, place), place);
        note(place, TD_STUDY_WENT_WELL, place + 1.0);
    }
    td_list_take(&list, 1, 2.0);
    td_list_take(&list, 0, 4.0);
    ck_assert(td_list_idle(&list, 5.0, &longest) == 4.0);
    ck_assert_int_eq(longest, 1);
}
END_TEST

/* By another job: once more behind all others, and only once. */
START_TEST(test_a_held_point_is_tried_once_more_at_the_end)
{
    td_list_init(&list, &campaign, 1);
    ck_assert_int_eq(td_list_take(&list, 0, 0.0), 0);
    note(0, TD_STUDY_IS_ELSEWHERE, 0.0);
    ck_assert_int_eq(td_list_count(&list, TD_LIST_HELD), 1);
    for (int place = 1; place < 4; place++) {
        ck_assert_int_eq(td_list_take(&list, 0, 0.0), place);
        ck_assert(!list.points[place].again);
        note(place, TD_STUDY_WENT_WELL, 0.0);
    }
    ck_assert_int_eq(td_list_take(&list, 0, 0.0), 0);
    ck_assert(list.points[0].again);
    note(0, TD_STUDY_IS_ELSEWHERE, 0.0);
    ck_assert_int_eq(td_list_take(&list, 0, 0.0), TD_LIST_NONE);
    ck_assert_int_eq(td_list_count_ended(&list, TD_STUDY_IS_ELSEWHERE), 1);
}
END_TEST

START_TEST(test_after_a_stop_nothing_is_given)
{
    td_list_init(&list, &campaign, 2);
    td_list_take(&list, 0, 0.0);
    td_list_take(&list, 1, 0.0);
    note(1, TD_STUDY_WAS_STOPPED, 1.0);
    ck_assert(list.stopped);
    ck_assert_int_eq(td_list_take(&list, 1, 1.0), TD_LIST_NONE);
    note(0, TD_STUDY_WENT_WELL, 1.0);
    ck_assert_int_eq(td_list_take(&list, 0, 1.0), TD_LIST_NONE);
    ck_assert(td_list_is_over(&list));
}
END_TEST

/* One of them may have ended the whole job: the others shall be done before. */
START_TEST(test_points_that_failed_before_come_last)
{
    char *point = td_study_path(study, td_grid_point_at(study, 1), "");
    char *command =
        td_format("mkdir -p '%s' && echo no >'%s/failed.txt'", point, point);
    ck_assert_int_eq(system(command), 0);
    td_free(command);
    td_free(point);
    td_list_init(&list, &campaign, 1);
    const int expected[] = { 0, 2, 3, 1 };
    for (int place = 0; place < 4; place++)
        ck_assert_int_eq(list.points[place].index, expected[place]);
}
END_TEST

START_TEST(test_the_time_left_is_that_of_all_hands)
{
    td_list_init(&list, &campaign, 2);
    char *unknown = td_time_left(&list.clock, 2);
    td_list_take(&list, 0, 0.0);
    note(0, TD_STUDY_WENT_WELL, 6.0);
    char *left = td_time_left(&list.clock, 2);
    ck_assert_str_eq(unknown, "time left not yet known");
    ck_assert_str_eq(left, "about 9 s left"); /* three points of 1 + 2 + 3 s */
    td_free(unknown);
    td_free(left);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("campaign");
    TCase *points = tcase_create("list");
    tcase_add_checked_fixture(points, set_up, tear_down);
    tcase_add_test(points, test_each_point_goes_to_one_crew);
    tcase_add_test(points, test_idle_time_is_that_after_the_last_point);
    tcase_add_test(points, test_a_held_point_is_tried_once_more_at_the_end);
    tcase_add_test(points, test_after_a_stop_nothing_is_given);
    tcase_add_test(points, test_points_that_failed_before_come_last);
    tcase_add_test(points, test_the_time_left_is_that_of_all_hands);
    suite_add_tcase(suite, points);
    return suite;
}
