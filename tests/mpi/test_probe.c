/* ranks: 1 2 3 4 */
/* Messages to and fro, of any size: both ranks hear the same time, which counts as
 * communication, and sums are not mixed up with them. */
#include <check.h>
#include <math.h>

#include "ranks.h"
#include "taildart/comm_probe.h"

enum { SMALL = 8, LARGE = 1 << 22 };

/* The rank that this one meets, -1 for none: pairs side by side. */
static int partner(void)
{
    int peer = rank ^ 1;
    return peer < size ? peer : -1;
}

START_TEST(test_both_hear_the_same_time)
{
    double times[4] = { 0 }; /* of rank r */
    if (partner() >= 0)
        times[rank] = td_comm_ping(world, partner(), SMALL, 0.001);
    td_comm_sum_f64(world, times, 4);
    int met = partner() >= 0 ? partner() : rank;
    CHECK_ALL(isfinite(times[rank]) && times[rank] == times[met]);
    CHECK_ALL(partner() < 0 || times[rank] > 0);
}
END_TEST

START_TEST(test_messages_of_any_size)
{
    const size_t sizes[] = { 1, 1000, 65537, LARGE };
    bool ok = true;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes && partner() >= 0; i++)
        ok = ok && td_comm_ping(world, partner(), sizes[i], 0) > 0;
    CHECK_ALL(ok);
}
END_TEST

START_TEST(test_time_counts_as_communication)
{
    double before = td_comm_seconds(world), spent = 0;
    for (int i = 0; i < 3 && partner() >= 0; i++)
        td_comm_ping(world, partner(), 1, 0);
    spent = td_comm_seconds(world) - before;
    CHECK_ALL(partner() < 0 ? spent == 0 : spent > 0);
}
END_TEST

START_TEST(test_sums_go_on_behind_it)
{
    if (partner() >= 0)
        td_comm_ping(world, partner(), 100, 0);
    double one = 1;
    td_comm_sum_f64(world, &one, 1);
    CHECK_ALL(one == size);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("probe");
    TCase *ping = tcase_create("ping");
    tcase_add_test(ping, test_both_hear_the_same_time);
    tcase_add_test(ping, test_messages_of_any_size);
    tcase_add_test(ping, test_time_counts_as_communication);
    tcase_add_test(ping, test_sums_go_on_behind_it);
    suite_add_tcase(suite, ping);
    return suite;
}
