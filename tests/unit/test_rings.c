/* Who sends what to whom: the ranks of a sum are played one after the other, for many
 * numbers of ranks, and what they send is counted. */
#include <check.h>
#include <string.h>

#include "../../src/comm/rings.h"
#include "suite.h"
#include "taildart/comm_reducer.h"

enum { COUNT = 1003 };

/* The ranks of a sum of \a count numbers. */
typedef struct {
    int ranks;
    size_t count;
    td_rings *rings; /* (ranks)        */
    int *own;        /* (ranks, count) */
    int *result;     /* (ranks, count) */
    int *wire;       /* (ranks, count) what each has sent in this turn */
    size_t *sent;    /* (ranks) numbers in all turns */
} players;

static players players_new(int ranks, size_t count)
{
    size_t n = (size_t) ranks;
    players p = { .ranks = ranks, .count = count };
    p.rings = td_malloc(n * sizeof *p.rings);
    p.own = td_malloc(n * count * sizeof *p.own);
    p.result = td_malloc(n * count * sizeof *p.result);
    p.wire = td_malloc(n * count * sizeof *p.wire);
    p.sent = td_malloc(n * sizeof *p.sent);
    for (int r = 0; r < ranks; r++) {
        p.rings[r] = td_rings_of(r, ranks);
        for (size_t i = 0; i < count; i++)
            p.own[(size_t) r * count + i] = (r + 1) * (int) (i % 1000 + 1);
    }
    return p;
}

static void players_free(players *p)
{
    td_free(p->rings);
    td_free(p->own);
    td_free(p->result);
    td_free(p->wire);
    td_free(p->sent);
}

/* Whether there is somebody to send to. */
static bool send_turn(players *p, int r, int turn)
{
    td_turn t = td_rings_turn(&p->rings[r], p->count, turn);
    size_t at = (size_t) r * p->count;
    if (t.to < 0 || t.to >= p->ranks || t.to == r)
        return false;
    memcpy(p->wire + at, (turn == 0 ? p->own : p->result) + at + t.sends.first,
           t.sends.count * sizeof *p->wire);
    p->sent[r] += t.sends.count;
    return true;
}

/* Whether what comes was meant, and overwrites nothing that is being sent. */
static bool take_turn(players *p, int r, int turn)
{
    td_turn t = td_rings_turn(&p->rings[r], p->count, turn);
    td_turn theirs = td_rings_turn(&p->rings[t.from], p->count, turn);
    int *result = p->result + (size_t) r * p->count,
        *own = p->own + (size_t) r * p->count;
    bool is_aside = t.adds && !t.is_own;
    size_t at = is_aside ? td_rings_spare(&p->rings[r], p->count) : t.brings.first;
    size_t end = at + t.brings.count;
    if (theirs.to != r || theirs.sends.first != t.brings.first ||
        theirs.sends.count != t.brings.count || end > p->count ||
        (end > t.sends.first && at < t.sends.first + t.sends.count))
        return false;
    memcpy(result + at, p->wire + (size_t) t.from * p->count,
           t.brings.count * sizeof *result);
    for (size_t i = 0; t.adds && i < t.brings.count; i++)
        result[t.brings.first + i] =
            result[at + i] + (t.is_own ? own : result)[t.brings.first + i];
    return true;
}

static bool play(players *p)
{
    bool ok = true;
    for (int turn = 0; turn < p->rings[0].turns; turn++) {
        for (int r = 0; r < p->ranks; r++)
            ok = ok && send_turn(p, r, turn);
        for (int r = 0; r < p->ranks; r++)
            ok = ok && take_turn(p, r, turn);
    }
    return ok;
}

static bool sums_are_right(const players *p)
{
    int ranks = p->ranks * (p->ranks + 1) / 2;
    for (int r = 0; r < p->ranks; r++)
        for (size_t i = 0; i < p->count; i++)
            if (p->result[(size_t) r * p->count + i] != ranks * (int) (i % 1000 + 1))
                return false;
    return true;
}

/* No rank sends more than 2(P-1)/P of the vector, but for what does not divide. */
static void check(int ranks, size_t count)
{
    players p = players_new(ranks, count);
    ck_assert_msg(play(&p) && sums_are_right(&p), "%d ranks, %zu numbers", ranks,
                  count);
    size_t least = 2 * count * (size_t) (ranks - 1) / (size_t) ranks;
    for (int r = 0; r < ranks; r++)
        ck_assert_msg(p.sent[r] <= least + 2 * (size_t) p.rings[r].turns,
                      "%d ranks, %zu numbers: rank %d sends %zu", ranks, count, r,
                      p.sent[r]);
    players_free(&p);
}

START_TEST(test_any_number_of_ranks)
{
    for (int ranks = 2; ranks <= 40; ranks++)
        check(ranks, COUNT);
    check(64, COUNT);
    check(96, COUNT);
    check(97, COUNT);
}
END_TEST

START_TEST(test_short_vectors)
{
    for (int ranks = 2; ranks <= 36; ranks++)
        for (size_t count = TD_RINGS_LEAST; count < 2 * (size_t) ranks; count++)
            check(ranks, count);
}
END_TEST

START_TEST(test_turns_are_those_of_the_primes)
{
    const struct {
        int ranks, turns;
    } cases[] = { { 1, 0 },    { 2, 2 },    { 3, 4 },     { 4, 4 },    { 6, 6 },
                  { 8, 6 },    { 12, 8 },   { 24, 10 },   { 64, 12 },  { 96, 14 },
                  { 97, 192 }, { 256, 16 }, { 1000, 30 }, { 1024, 20 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_int_eq(td_rings_of(0, cases[i].ranks).turns, cases[i].turns);
}
END_TEST

/* Many ranks that are a power of two are left to MPI, and so is what is short. */
START_TEST(test_rings_are_taken_where_they_pay)
{
    const size_t mega = 1 << 20;
    const struct {
        int ranks;
        size_t bytes;
        bool pays;
    } cases[] = { { 1, 8 * mega, false },      { 2, 8 * mega, true },
                  { 64, 8 * mega, false },     { 4, 8 * mega, true },
                  { 4, (1 << 18) - 1, false }, { 8, 8 * mega, false },
                  { 3, 8 * mega, true },       { 3, 1 << 18, true },
                  { 3, (1 << 18) - 1, false }, { 96, 1 << 18, true },
                  { 62, mega, false },         { 62, 2 * mega, true },
                  { 97, 5 * mega, false },     { 97, 8 * mega, true } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(td_rings_pay(cases[i].ranks, cases[i].bytes) == cases[i].pays,
                      "%d ranks, %zu bytes", cases[i].ranks, cases[i].bytes);
}
END_TEST

/* What is told is what travels: no more than 256 pieces, none of a few numbers. */
START_TEST(test_pieces_are_told_as_they_are_cut)
{
    const struct {
        size_t bytes, bucket;
        const char *told;
    } cases[] = { { 8 << 20, 1 << 20, "rings of 3 ranks, 1.05 MB at a time" },
                  { 8320000, 16 << 10, "rings of 3 ranks, 33 kB at a time" },
                  { 1400000, 1 << 20, "rings of 3 ranks, 1.4 MB at a time" },
                  { 200000, 1 << 20, "MPI_Allreduce" } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *told = td_reducer_text(TD_REDUCER_BLOCKING, 3, cases[i].bytes,
                                     TD_NUMBER_REAL, cases[i].bucket);
        ck_assert_str_eq(told, cases[i].told);
        td_free(told);
    }
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("rings");
    TCase *rings = tcase_create("rings");
    tcase_add_test(rings, test_any_number_of_ranks);
    tcase_add_test(rings, test_short_vectors);
    tcase_add_test(rings, test_turns_are_those_of_the_primes);
    tcase_add_test(rings, test_rings_are_taken_where_they_pay);
    tcase_add_test(rings, test_pieces_are_told_as_they_are_cut);
    suite_add_tcase(suite, rings);
    return suite;
}
