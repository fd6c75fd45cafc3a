/* ranks: 1 2 3 4 9 */
/* Every reducer sums exactly, whatever the length, sends no more than it has to, and
 * tells what it took. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../../src/comm/comm_mpi.h"
#include "../../src/comm/rings.h"
#include "ranks.h"
#include "taildart/comm_reducer.h"

/* ---- what is sent: these come before MPI's own ---------------------------------- */

typedef struct {
    int messages, sums;
    size_t bytes;
} counts;
static counts sent;

int MPI_Isend(const void *bytes, int count, MPI_Datatype type, int to, int tag,
              MPI_Comm comm, MPI_Request *request)
{
    sent.messages++;
    sent.bytes += (size_t) count; /* of MPI_BYTE */
    return PMPI_Isend(bytes, count, type, to, tag, comm, request);
}

int MPI_Allreduce(const void *in, void *out, int count, MPI_Datatype type, MPI_Op op,
                  MPI_Comm comm)
{
    sent.sums++;
    return PMPI_Allreduce(in, out, count, type, op, comm);
}

/* ---- sums ----------------------------------------------------------------------- */

/* The first \a ranks ranks; NULL on the others. */
static td_comm *first_ranks(int ranks)
{
    MPI_Comm group;
    MPI_Comm_split(world->mpi, rank < ranks ? 0 : MPI_UNDEFINED, rank, &group);
    if (group == MPI_COMM_NULL)
        return NULL;
    td_comm *comm = td_malloc(sizeof *comm);
    *comm = (td_comm){ .mpi = group, .rank = rank, .size = ranks, .most = world->most };
    return comm;
}

/* A vector, its sum over ranks, and a number on each side that nobody may touch. */
typedef struct {
    size_t count;
    td_number type;
    char *send, *receive, *own, *wanted; /* (count + 2) */
} vectors;

static void put(void *numbers, size_t i, td_number type, double value)
{
    if (type == TD_NUMBER_F64)
        ((double *) numbers)[i] = value;
    else
        ((td_real *) numbers)[i] = (td_real) value;
}

/* Whole numbers that every td_real holds; multiples of 2^-36 that only doubles hold. */
static double value_of(int r, size_t i, td_number type)
{
    double whole = (r + 1) * (double) (i % 1000);
    return type == TD_NUMBER_F64 ? whole + ldexp(whole, -36) : whole;
}

static vectors vectors_new(size_t count, td_number type, int ranks)
{
    size_t bytes = (count + 2) * td_number_bytes(type);
    vectors v = {
        count,           type, td_malloc(bytes), td_malloc(bytes), td_malloc(bytes),
        td_malloc(bytes)
    };
    for (size_t i = 0; i < count; i++) {
        double sum = ranks * (ranks + 1) / 2 * value_of(0, i, type);
        put(v.send, i + 1, type, value_of(rank, i, type));
        put(v.wanted, i + 1, type, sum);
    }
    for (size_t edge = 0; edge < count + 2; edge += count + 1) {
        put(v.receive, edge, type, 77);
        put(v.wanted, edge, type, 77);
    }
    memcpy(v.own, v.send, bytes);
    return v;
}

static bool vectors_are_right(const vectors *v)
{
    size_t bytes = (v->count + 2) * td_number_bytes(v->type);
    return memcmp(v->receive, v->wanted, bytes) == 0 &&
           memcmp(v->send, v->own, bytes) == 0;
}

static void vectors_free(vectors *v)
{
    td_free(v->send);
    td_free(v->receive);
    td_free(v->own);
    td_free(v->wanted);
}

/* Each rank tells in other parts what is final, and the last one nothing. */
static void reduce(td_reducer *r, const vectors *v)
{
    size_t edge = td_number_bytes(v->type), part = v->count / (size_t) (rank + 2) + 1;
    td_reducer_begin(r, v->receive + edge, v->send + edge, v->count, v->type);
    for (size_t n = part; n < v->count && rank < td_comm_size(r->comm) - 1; n += part)
        td_reducer_ready(r, n);
    td_reducer_finish(r);
}

/* Two sums of other lengths one after the other, as in a step. */
static bool sums_are_right(td_comm *comm, const td_reducer_form *form, size_t bucket,
                           size_t count, td_number type)
{
    td_reducer r;
    bool ok = true;
    td_reducer_init(&r, form, comm, bucket);
    for (size_t longer = 0; longer < 2; longer++) {
        vectors v = vectors_new(count + 100 * longer, type, td_comm_size(comm));
        reduce(&r, &v);
        ok = ok && vectors_are_right(&v);
        if (!ok)
            fprintf(stderr, "rank %d of %d: wrong sum of %zu numbers, bucket %zu\n",
                    rank, td_comm_size(comm), v.count, bucket);
        vectors_free(&v);
    }
    td_reducer_clear(&r);
    return ok;
}

static bool all_lengths_are_right(td_comm *comm, const td_reducer_form *form)
{
    const size_t lengths[] = { 1, 7, 233, 4099, 16385 }, buckets[] = { 1000, 16384 };
    bool ok = true;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (size_t k = 0; k < sizeof buckets / sizeof *buckets; k++) {
            ok &= sums_are_right(comm, form, buckets[k], lengths[i], TD_NUMBER_REAL);
            ok &= sums_are_right(comm, form, buckets[k], lengths[i], TD_NUMBER_F64);
        }
    return ok;
}

static void check_form(td_reducer_kind kind)
{
    for (int ranks = size < 9 ? size : 5; ranks <= size; ranks++) {
        td_comm *comm = first_ranks(ranks);
        CHECK_ALL(!comm || all_lengths_are_right(comm, td_reducer_of(kind)));
        td_comm_free(comm);
    }
}

START_TEST(test_blocking_sums_exactly)
{
    check_form(TD_REDUCER_BLOCKING);
}
END_TEST

START_TEST(test_overlapped_sums_exactly)
{
    check_form(TD_REDUCER_OVERLAPPED);
}
END_TEST

START_TEST(test_ring_sums_exactly)
{
    check_form(TD_REDUCER_RING);
}
END_TEST

/* Numbers whose sum depends on the order, which is that of one rank for all. */
START_TEST(test_all_ranks_get_the_same_bits)
{
    enum { N = 20011 };
    td_real *send = td_malloc(N * sizeof *send), *sum = td_malloc(N * sizeof *sum),
            *root = td_malloc(N * sizeof *root);
    for (int i = 0; i < N; i++)
        send[i] = (td_real) sin(1.0 + i + 1000.0 * rank);
    for (int kind = 0; kind < TD_REDUCER_COUNT; kind++) {
        td_reducer r;
        td_reducer_init(&r, td_reducer_of((td_reducer_kind) kind), world, 20000);
        td_reducer_begin(&r, sum, send, N, TD_NUMBER_REAL);
        td_reducer_finish(&r);
        td_reducer_clear(&r);
        memcpy(root, sum, N * sizeof *root);
        td_comm_bcast(world, root, N * sizeof *root);
        CHECK_ALL(memcmp(root, sum, N * sizeof *root) == 0);
    }
    td_free(send);
    td_free(sum);
    td_free(root);
}
END_TEST

/* ---- what it costs -------------------------------------------------------------- */

static counts count_messages(td_reducer_kind kind, size_t numbers, size_t bucket)
{
    td_reducer r;
    vectors v = vectors_new(numbers, TD_NUMBER_REAL, size);
    td_reducer_init(&r, td_reducer_of(kind), world, bucket);
    memset(&sent, 0, sizeof sent);
    reduce(&r, &v);
    counts found = sent;
    CHECK_ALL(vectors_are_right(&v));
    td_reducer_clear(&r);
    vectors_free(&v);
    return found;
}

/* A megabyte: where P is no power of two, MPI's own sum would send it twice more. */
START_TEST(test_nobody_sends_more_than_rings_do)
{
    enum { PIECES = 4, N = 1 << 18 };
    size_t bytes = N * sizeof(td_real), most = size > 1 ? 2 * bytes : 0;
    most -= most / (size_t) size;
    int turns = td_rings_of(rank, size).turns;
    for (int kind = 0; kind < TD_REDUCER_COUNT; kind++) {
        counts c = count_messages((td_reducer_kind) kind, N, bytes / PIECES);
        CHECK_ALL(c.sums == (size == 1));
        CHECK_ALL(c.messages == PIECES * turns);
        CHECK_ALL(c.bytes >= most - most / 1000 && c.bytes <= most + most / 1000);
    }
}
END_TEST

START_TEST(test_short_vectors_are_left_to_mpi)
{
    counts c =
        count_messages(TD_REDUCER_BLOCKING, (1 << 18) / sizeof(td_real) - 1, 4096);
    CHECK_ALL(c.sums == 1 && c.messages == 0);
    for (int kind = TD_REDUCER_OVERLAPPED; kind <= TD_REDUCER_RING; kind++) {
        c = count_messages((td_reducer_kind) kind, 224, 4096);
        CHECK_ALL(c.sums == 1 && c.messages == 0);
    }
}
END_TEST

/* What was final early goes out early, in whole pieces; all that comes is counted. */
START_TEST(test_what_is_final_goes_out_before_the_end)
{
    enum { N = 1 << 16, PIECES = 4, EARLY = 3 };
    td_reducer r;
    vectors v = vectors_new(N, TD_NUMBER_REAL, size);
    td_reducer_init(&r, td_reducer_of(TD_REDUCER_OVERLAPPED), world,
                    N / PIECES * sizeof(td_real));
    memset(&sent, 0, sizeof sent);
    size_t offset = sizeof(td_real);
    td_reducer_begin(&r, v.receive + offset, v.send + offset, N, TD_NUMBER_REAL);
    td_reducer_ready(&r, N / PIECES - 1);
    int too_early = sent.messages;
    td_reducer_ready(&r, N / PIECES * EARLY + 1);
    int in_time = sent.messages;
    while (size > 1 && r.times.early == 0)
        td_reducer_ready(&r, r.ready);
    td_reducer_finish(&r);
    CHECK_ALL(too_early == 0 && (size == 1 || in_time >= EARLY));
    CHECK_ALL(vectors_are_right(&v));
    td_reducer_times times = td_reducer_take_times(&r);
    CHECK_ALL(times.early <= times.received);
    CHECK_ALL(size == 1 || (times.early > 0 && times.hidden > 0));
    td_reducer_clear(&r);
    vectors_free(&v);
}
END_TEST

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
    CHECK_ALL(r.logged == REDUCTIONS % TD_REDUCER_LOG);
    td_reducer_times times = td_reducer_take_times(&r);
    double inside = times.transfer + times.wait, spent = td_comm_seconds(world);
    double last = (double) times.last;
    td_comm_sum_f64(world, &last, 1);
    CHECK_ALL(times.calls == REDUCTIONS);
    CHECK_ALL(times.bytes == REDUCTIONS * (int64_t) sizeof send);
    CHECK_ALL(inside > 0 && spent > before);
    /* Somebody came last to each, or several at the same time. */
    CHECK_ALL(times.last <= REDUCTIONS && last >= REDUCTIONS);
    CHECK_ALL(r.logged == 0);
    td_reducer_clear(&r);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("reducers");
    TCase *sums = tcase_create("sums"), *costs = tcase_create("costs"),
          *times = tcase_create("times");
    tcase_add_test(sums, test_blocking_sums_exactly);
    tcase_add_test(sums, test_overlapped_sums_exactly);
    tcase_add_test(sums, test_ring_sums_exactly);
    tcase_add_test(sums, test_all_ranks_get_the_same_bits);
    suite_add_tcase(suite, sums);
    tcase_add_test(costs, test_nobody_sends_more_than_rings_do);
    tcase_add_test(costs, test_short_vectors_are_left_to_mpi);
    tcase_add_test(costs, test_what_is_final_goes_out_before_the_end);
    suite_add_tcase(suite, costs);
    tcase_add_test(times, test_transfer_is_told_from_waiting);
    tcase_add_test(times, test_many_reductions_are_counted);
    suite_add_tcase(suite, times);
    return suite;
}
