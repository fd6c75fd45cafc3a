/* ranks: 1 2 3 4 */
/* Every reducer sums exactly, whatever the length, and tells what it took. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "ranks.h"
#include "taildart/comm_reducer.h"

/* ---- what a reduction took ------------------------------------------------------ */

/* Times that are made up: rank r was inside for r + 1 quarters, but for every third
 * reduction, to which rank 0 came first. */
static double made_up(int r, int reduction)
{
    return 0.25 * (reduction % 3 == 0 && r == 0 ? size + 1 : r + 1);
}

START_TEST(test_transfer_is_told_from_waiting)
{
    enum { REDUCTIONS = 7, LATE = 3 };
    td_reducer r;
    td_reducer_init(&r, td_reducer_of(TD_REDUCER_BLOCKING), world, TD_REDUCER_BUCKET);
    double transfer = 0, inside = 0;
    int last = 0;
    for (int i = 0; i < REDUCTIONS; i++) {
        double least = size > 1 && i % 3 == 0 ? made_up(1, i) : made_up(0, i);
        r.inside[r.logged++] = (float) made_up(rank, i);
        transfer += least;
        inside += made_up(rank, i);
        last += made_up(rank, i) == least;
    }
    td_reducer_times times = td_reducer_take_times(&r);
    CHECK_ALL(times.transfer == transfer && times.wait == inside - transfer);
    CHECK_ALL(times.last == last);
    CHECK_ALL(size == 1 || rank > 1 || last == (rank == 0 ? REDUCTIONS - LATE : LATE));
    times = td_reducer_take_times(&r);
    CHECK_ALL(times.transfer == 0 && times.wait == 0 && times.last == 0);
    td_reducer_clear(&r);
}
END_TEST

START_TEST(test_many_reductions_are_counted)
{
    enum { REDUCTIONS = 2 * TD_REDUCER_LOG + 5, N = 3 };
    td_reducer r;
    td_reducer_init(&r, td_reducer_of(TD_REDUCER_BLOCKING), world, TD_REDUCER_BUCKET);
    td_real send[N] = { 1, 2, 3 }, receive[N];
    double before = td_comm_seconds(world);
    for (int i = 0; i < REDUCTIONS; i++) {
        td_reducer_begin(&r, receive, send, N, TD_NUMBER_REAL);
        td_reducer_finish(&r);
    }
    td_reducer_times times = td_reducer_take_times(&r);
    double inside = times.transfer + times.wait, spent = td_comm_seconds(world);
    CHECK_ALL(times.calls == REDUCTIONS);
    CHECK_ALL(times.bytes == REDUCTIONS * (int64_t) sizeof send);
    CHECK_ALL(inside > 0 && spent > before && times.last <= REDUCTIONS);
    td_reducer_clear(&r);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("reducers");
    TCase *times = tcase_create("times");
    tcase_add_test(times, test_transfer_is_told_from_waiting);
    tcase_add_test(times, test_many_reductions_are_counted);
    suite_add_tcase(suite, times);
    return suite;
}
