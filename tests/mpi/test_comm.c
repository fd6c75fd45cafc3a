/* ranks: 1 2 3 */
/* Every verb of comm, on one, two and three ranks: also with nothing to send, with odd
 * lengths, and with messages that have to be split. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/comm/comm_mpi.h"
#include "ranks.h"
#include "taildart/base_clock.h"

/* ---- sums and extremes --------------------------------------------------------- */

/* Whether sums of \a n numbers are right everywhere; small integers, so exactly. */
static bool sum_is_right(size_t n)
{
    td_real *in = td_malloc((n + 1) * sizeof *in),
            *out = td_malloc((n + 1) * sizeof *out);
    for (size_t i = 0; i < n; i++)
        in[i] = (td_real) ((rank + 1) * (int) (i % 100));
    in[n] = out[n] = 77;
    td_comm_sum(world, out, in, n, TD_NUMBER_REAL);
    int ranks = size * (size + 1) / 2;
    bool ok = in[n] == 77 && out[n] == 77;
    for (size_t i = 0; i < n; i++)
        ok = ok && out[i] == (td_real) (ranks * (int) (i % 100)) &&
             in[i] == (td_real) ((rank + 1) * (int) (i % 100));
    td_free(in);
    td_free(out);
    return ok;
}

START_TEST(test_sum_of_any_length)
{
    const size_t lengths[] = { 0, 1, 2, 3, 7, 64, 1001, 65537 };
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        CHECK_ALL(sum_is_right(lengths[i]));
}
END_TEST

START_TEST(test_long_messages_are_split)
{
    size_t whole = world->most;
    ck_assert(whole > 0 && whole < INT32_MAX);
    world->most = 5;
    bool ok = sum_is_right(5) && sum_is_right(6) && sum_is_right(23);
    world->most = whole;
    CHECK_ALL(ok);
}
END_TEST

/* Small whole multiples of 2⁻³⁶ beside large ones: no float holds them. */
START_TEST(test_doubles_are_summed_exactly)
{
    enum { N = 301 };
    double in[N], out[N];
    bool ok = true;
    for (int i = 0; i < N; i++)
        in[i] = (rank + 1) * (ldexp(i, 4) + ldexp(i, -36));
    td_comm_sum(world, out, in, N, TD_NUMBER_F64);
    int ranks = size * (size + 1) / 2;
    for (int i = 0; i < N; i++)
        ok = ok && out[i] == ranks * (ldexp(i, 4) + ldexp(i, -36));
    CHECK_ALL(ok);
}
END_TEST

START_TEST(test_sum_is_bitwise_equal_on_all_ranks)
{
    enum { N = 1000 };
    td_real in[N], out[N];
    for (int i = 0; i < N; i++)
        in[i] = (td_real) sin(1.0 + i + 1000.0 * rank);
    td_comm_sum(world, out, in, N, TD_NUMBER_REAL);
    td_real root[N];
    memcpy(root, out, sizeof root);
    td_comm_bcast(world, root, sizeof root);
    CHECK_ALL(memcmp(root, out, sizeof root) == 0);
}
END_TEST

START_TEST(test_sum_in_place)
{
    double f[3] = { 1, rank, 1e300 };
    int64_t i[2] = { INT64_C(1) << 52, -rank };
    td_comm_sum_f64(world, f, 3);
    td_comm_sum_i64(world, i, 2);
    td_comm_sum_f64(world, NULL, 0);
    int below = size * (size - 1) / 2;
    CHECK_ALL(f[0] == size && f[1] == below && f[2] == size * 1e300);
    CHECK_ALL(i[0] == size * (INT64_C(1) << 52) && i[1] == -below);
}
END_TEST

START_TEST(test_extremes)
{
    CHECK_ALL(td_comm_max(world, -1.5 - rank) == -1.5);
    CHECK_ALL(td_comm_max_int(world, rank - 10) == size - 11);
    CHECK_ALL(td_comm_min_int(world, 3 - rank) == 4 - size);
}
END_TEST

START_TEST(test_nan_of_any_rank_survives_max)
{
    for (int bad = 0; bad < size; bad++)
        CHECK_ALL(isnan(td_comm_max(world, rank == bad ? (double) NAN : 1.0)));
}
END_TEST

START_TEST(test_equal_u64_names_the_rank)
{
    int first = 99;
    CHECK_ALL(td_comm_equal_u64(world, UINT64_C(0xFFFFFFFF00000001), &first));
    CHECK_ALL(first == -1);
    for (int bad = 1; bad < size; bad++) {
        /* differs in the upper half only, from this rank on */
        uint64_t value = rank >= bad ? UINT64_C(1) << 63 : 0;
        CHECK_ALL(!td_comm_equal_u64(world, value, &first));
        CHECK_ALL(first == bad);
    }
    CHECK_ALL(td_comm_equal_u64(world, 5, NULL));
}
END_TEST

/* ---- moving bytes --------------------------------------------------------------- */

START_TEST(test_bcast)
{
    char text[11] = "";
    size_t whole = world->most;
    if (rank == 0)
        memcpy(text, "0123456789", sizeof text);
    world->most = 3;
    td_comm_bcast(world, text, sizeof text);
    td_comm_bcast(world, NULL, 0);
    world->most = whole;
    CHECK_ALL(strcmp(text, "0123456789") == 0);
}
END_TEST

/* Rank 0's text (or NULL) as every rank has it afterwards. */
static bool text_arrives(const char *sent)
{
    char *text = rank == 0 && sent ? td_strdup(sent) : NULL;
    td_comm_bcast_text(world, &text);
    bool ok = sent ? text && strcmp(text, sent) == 0 : text == NULL;
    td_free(text);
    return ok;
}

START_TEST(test_bcast_text)
{
    CHECK_ALL(text_arrives("weights:\n  lr: 0.1\n"));
    CHECK_ALL(text_arrives(""));
    CHECK_ALL(text_arrives(NULL));
}
END_TEST

START_TEST(test_gather_keeps_rank_order)
{
    char in[16], out[4 * sizeof in] = "";
    bool ok = true;
    ck_assert(size <= 4);
    snprintf(in, sizeof in, "rank %d", rank);
    size_t whole = world->most;
    world->most = 3;
    td_comm_gather(world, rank == 0 ? out : NULL, in, sizeof in);
    td_comm_gather(world, NULL, NULL, 0);
    world->most = whole;
    for (int r = 0; r < size && rank == 0; r++) {
        snprintf(in, sizeof in, "rank %d", r);
        ok = ok && strcmp(out + sizeof in * (size_t) r, in) == 0;
    }
    CHECK_ALL(ok);
}
END_TEST

/* ---- verdicts ------------------------------------------------------------------- */

START_TEST(test_verdict_without_failure)
{
    CHECK_ALL(td_comm_verdict(world, TD_OK) == TD_OK);
}
END_TEST

START_TEST(test_verdict_of_any_rank_is_everybodys)
{
    for (int bad = 0; bad < size; bad++) {
        td_status mine = TD_OK;
        td_error(TD_FAILED, "stale");
        td_error_hint("stale");
        if (rank == bad) {
            mine = td_error(TD_DATA, "labels.idx: label %d is out of range", 10 + bad);
            td_error_hint("check rank %d", bad);
        }
        char line[64], hint[64];
        snprintf(line, sizeof line, "labels.idx: label %d is out of range", 10 + bad);
        snprintf(hint, sizeof hint, "check rank %d", bad);
        td_status shared = td_comm_verdict(world, mine);
        CHECK_ALL(shared == TD_DATA);
        CHECK_ALL(strcmp(td_error_message(), line) == 0);
        CHECK_ALL(strcmp(td_error_hint_message(), hint) == 0);
    }
}
END_TEST

START_TEST(test_verdict_takes_the_lowest_rank)
{
    td_status mine = td_error(rank == 0 ? TD_CHECKPOINT : TD_FAILED, "from %d", rank);
    int lowest = size > 1 ? 1 : 0;
    td_status shared = td_comm_verdict(world, rank < lowest ? TD_OK : mine);
    CHECK_ALL(shared == (size > 1 ? TD_FAILED : TD_CHECKPOINT));
    char line[16];
    snprintf(line, sizeof line, "from %d", lowest);
    CHECK_ALL(strcmp(td_error_message(), line) == 0);
    CHECK_ALL(td_error_hint_message()[0] == '\0');
}
END_TEST

/* ---- the rest ---------------------------------------------------------------------
 */

START_TEST(test_duplicates_are_apart)
{
    td_comm *other = td_comm_duplicate(world);
    CHECK_ALL(td_comm_rank(other) == rank && td_comm_size(other) == size);
    double before = td_comm_seconds(world);
    td_real in = 1, out = 0;
    td_comm_sum(other, &out, &in, 1, TD_NUMBER_REAL);
    bool counted = td_comm_seconds(other) > 0 && td_comm_seconds(world) == before;
    td_comm_free(other);
    td_comm_free(NULL);
    CHECK_ALL(out == (td_real) size);
    CHECK_ALL(counted);
}
END_TEST

/* Groups of every other rank: each is a world of its own, in the order of the ranks. */
START_TEST(test_a_part_is_a_world_of_its_own)
{
    td_comm *part = td_comm_split(world, rank % 2);
    int odd = size / 2, own = rank % 2 ? odd : size - odd;
    CHECK_ALL(td_comm_size(part) == own && td_comm_rank(part) == rank / 2);
    double sum = rank;
    td_comm_sum_f64(part, &sum, 1);
    double expected = 0;
    for (int other = rank % 2; other < size; other += 2)
        expected += other;
    CHECK_ALL(sum == expected);
    int first = rank;
    td_comm_bcast(part, &first, sizeof first);
    CHECK_ALL(first == rank % 2);
    td_comm_free(part);
}
END_TEST

START_TEST(test_an_error_of_a_part_stays_in_it)
{
    td_comm *part = td_comm_split(world, rank == 0 ? 0 : 1);
    td_status mine = rank == 0 ? td_error(TD_DATA, "of rank 0") : TD_OK;
    td_status shared = td_comm_verdict(part, mine);
    CHECK_ALL(shared == (rank == 0 ? TD_DATA : TD_OK));
    td_comm_free(part);
}
END_TEST

/* ---- between two ranks ---------------------------------------------------------- */

static void take_one(void *bytes, size_t n, int *from)
{
    while (!td_comm_take(world, bytes, n, from))
        ;
}

START_TEST(test_messages_arrive_in_order_from_whomever)
{
    char words[2][32] = { "" };
    int from = -1, next[4] = { 0 };
    bool ok = !td_comm_take(world, words[0], sizeof words[0], &from);
    td_comm_barrier(world);
    for (int i = 0; i < 2 && rank > 0; i++) {
        snprintf(words[i], sizeof words[i], "message %d of rank %d", i, rank);
        td_comm_send(world, 0, words[i], sizeof words[i]);
    }
    for (int i = 0; i < 2 * (size - 1) && rank == 0; i++) {
        char got[32], expected[32];
        take_one(got, sizeof got, &from);
        snprintf(expected, sizeof expected, "message %d of rank %d", next[from]++,
                 from);
        ok = ok && strcmp(got, expected) == 0;
        td_comm_send(world, from, got, sizeof got);
    }
    for (int i = 0; i < 2 && rank > 0; i++) {
        char got[32];
        take_one(got, sizeof got, &from);
        ok = ok && from == 0 && strcmp(got, words[i]) == 0;
    }
    CHECK_ALL(ok && !td_comm_take(world, words[0], sizeof words[0], &from));
}
END_TEST

START_TEST(test_bcast_asleep)
{
    int value = rank == 0 ? 42 : 0;
    td_comm_bcast_asleep(world, &value, sizeof value);
    CHECK_ALL(value == 42);
}
END_TEST

START_TEST(test_time_in_calls_is_no_more_than_went_by)
{
    double clock = td_clock_seconds(), before = td_comm_seconds(world);
    td_comm_barrier(world);
    double spent = td_comm_seconds(world) - before;
    CHECK_ALL(spent > 0 && spent <= td_clock_seconds() - clock);
}
END_TEST

START_TEST(test_ranks_are_named)
{
    int mpi_rank = -1;
    MPI_Comm_rank(MPI_COMM_WORLD, &mpi_rank);
    CHECK_ALL(td_comm_rank(world) == mpi_rank && td_base_rank() == mpi_rank);
    CHECK_ALL(td_comm_size(world) >= 1);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("comm");
    TCase *verbs = tcase_create("verbs");
    tcase_add_test(verbs, test_sum_of_any_length);
    tcase_add_test(verbs, test_long_messages_are_split);
    tcase_add_test(verbs, test_doubles_are_summed_exactly);
    tcase_add_test(verbs, test_sum_is_bitwise_equal_on_all_ranks);
    tcase_add_test(verbs, test_sum_in_place);
    tcase_add_test(verbs, test_extremes);
    tcase_add_test(verbs, test_nan_of_any_rank_survives_max);
    tcase_add_test(verbs, test_equal_u64_names_the_rank);
    tcase_add_test(verbs, test_bcast);
    tcase_add_test(verbs, test_bcast_text);
    tcase_add_test(verbs, test_gather_keeps_rank_order);
    tcase_add_test(verbs, test_verdict_without_failure);
    tcase_add_test(verbs, test_verdict_of_any_rank_is_everybodys);
    tcase_add_test(verbs, test_verdict_takes_the_lowest_rank);
    tcase_add_test(verbs, test_duplicates_are_apart);
    tcase_add_test(verbs, test_a_part_is_a_world_of_its_own);
    tcase_add_test(verbs, test_an_error_of_a_part_stays_in_it);
    tcase_add_test(verbs, test_messages_arrive_in_order_from_whomever);
    tcase_add_test(verbs, test_bcast_asleep);
    tcase_add_test(verbs, test_time_in_calls_is_no_more_than_went_by);
    tcase_add_test(verbs, test_ranks_are_named);
    suite_add_tcase(suite, verbs);
    return suite;
}
