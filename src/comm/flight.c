/* Requests of all pieces lie side by side, so that one call of MPI looks at all. */
#include "flight.h"

#include "comm_mpi.h"
#include "rings.h"
#include "taildart/base_clock.h"

enum { REQUESTS = 2 }; /* of a piece: one that receives, one that sends */

/* A piece on its way. */
typedef struct {
    td_piece part; /* of the vector                    */
    int turn;      /* of its rings, now                */
    int pending;   /* requests of this turn, not done  */
    td_turn now;
} traveller;

struct td_flight {
    td_rings rings;
    int pieces, launched, landed;
    traveller piece[TD_RINGS_PIECES];
    MPI_Request requests[TD_RINGS_PIECES * REQUESTS];
    int done[TD_RINGS_PIECES * REQUESTS];
    double since; /* when something was under way; 0: nothing is */
    bool is_finishing;
};

/* ---- one piece ---------------------------------------------------------------- */

static size_t number_bytes(const td_reducer *r)
{
    return td_number_bytes(r->type);
}

/* A place in the result, or in what this rank began with. */
static char *result_at(const td_reducer *r, const traveller *t, size_t number)
{
    return (char *) r->receive + (t->part.first + number) * number_bytes(r);
}

static const char *own_at(const td_reducer *r, const traveller *t, size_t number)
{
    return (const char *) r->send + (t->part.first + number) * number_bytes(r);
}

/* Where the numbers of this turn arrive. */
static char *landing(const td_reducer *r, const td_flight *f, const traveller *t)
{
    bool is_aside = t->now.adds && !t->now.is_own;
    return result_at(r, t,
                     is_aside ? td_rings_spare(&f->rings, t->part.count)
                              : t->now.brings.first);
}

static void post(td_reducer *r, td_flight *f, int i)
{
    traveller *t = &f->piece[i];
    MPI_Request *requests = &f->requests[(size_t) i * REQUESTS];
    t->now = td_rings_turn(&f->rings, t->part.count, t->turn);
    /* What a rank began with goes out in the very first turn alone. */
    const char *out = t->turn == 0 ? own_at(r, t, t->now.sends.first)
                                   : result_at(r, t, t->now.sends.first);
    int bytes_out = (int) (t->now.sends.count * number_bytes(r)),
        bytes_in = (int) (t->now.brings.count * number_bytes(r));
    t->pending = REQUESTS;
    TD_CHECK_MPI(MPI_Irecv(landing(r, f, t), bytes_in, MPI_BYTE, t->now.from,
                           TD_TAG_PIECES + i, r->comm->mpi, &requests[0]));
    TD_CHECK_MPI(MPI_Isend(out, bytes_out, MPI_BYTE, t->now.to, TD_TAG_PIECES + i,
                           r->comm->mpi, &requests[1]));
}

/* out = a + b; \a out may be one of them. */
static void add_f64(double *out, const double *a, const double *b, size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        out[i] = a[i] + b[i];
}

static void add_real(td_real *out, const td_real *a, const td_real *b, size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        out[i] = a[i] + b[i];
}

static void add(td_number type, void *out, const void *a, const void *b, size_t n)
{
    if (type == TD_NUMBER_F64)
        add_f64(out, a, b, n);
    else
        add_real(out, a, b, n);
}

/* The turn is over; whether there is another. */
static bool end_turn(td_reducer *r, const td_flight *f, traveller *t)
{
    size_t n = t->now.brings.count;
    char *out = result_at(r, t, t->now.brings.first);
    int64_t bytes = (int64_t) (n * number_bytes(r));
    if (t->now.adds)
        add(r->type, out, landing(r, f, t),
            t->now.is_own ? own_at(r, t, t->now.brings.first) : out, n);
    r->times.received += bytes;
    if (!f->is_finishing)
        r->times.early += bytes;
    return ++t->turn < f->rings.turns;
}

/* ---- all that are under way --------------------------------------------------- */

static bool is_idle(const td_flight *f)
{
    return f->landed == f->launched;
}

/* Count the time in which something is under way before finish. */
static void tick(td_reducer *r, td_flight *f)
{
    double now = td_clock_seconds();
    if (f->since > 0.0)
        r->times.hidden += now - f->since;
    f->since = is_idle(f) || f->is_finishing ? 0.0 : now;
}

static void advance(td_reducer *r, td_flight *f, int i)
{
    if (end_turn(r, f, &f->piece[i]))
        post(r, f, i);
    else
        f->landed++;
}

/* Take what came in.  \a waits: for something, at least. */
static int take(td_reducer *r, td_flight *f, bool waits)
{
    int n = 0, all = REQUESTS * f->launched;
    /* Stuck here?  A rank is computing still, or has left; or ranks were told of
     * vectors that differ in length. */
    if (waits)
        TD_CHECK_MPI(MPI_Waitsome(all, f->requests, &n, f->done, MPI_STATUSES_IGNORE));
    else
        TD_CHECK_MPI(MPI_Testsome(all, f->requests, &n, f->done, MPI_STATUSES_IGNORE));
    if (n == MPI_UNDEFINED)
        return 0;
    for (int k = 0; k < n; k++) {
        int i = f->done[k] / REQUESTS;
        if (--f->piece[i].pending == 0)
            advance(r, f, i);
    }
    return n;
}

static void launch(td_reducer *r, td_flight *f)
{
    for (; f->launched < f->pieces; f->launched++) {
        const traveller *next = &f->piece[f->launched];
        if (next->part.first + next->part.count > r->ready)
            break;
        post(r, f, f->launched);
    }
}

/* ---- for the forms ------------------------------------------------------------ */

bool td_flight_takes(const td_reducer *r)
{
    return r->form->takes_rings(td_comm_size(r->comm), r->count * number_bytes(r));
}

void td_flight_init(td_reducer *r)
{
    td_flight *f = r->own = td_malloc(sizeof *f);
    f->rings = td_rings_of(td_comm_rank(r->comm), td_comm_size(r->comm));
}

void td_flight_begin(td_reducer *r)
{
    td_flight *f = r->own;
    TD_ASSERT(TD_TAG_PIECES + TD_RINGS_PIECES <= TD_TAG_PROBE);
    td_cut cut = td_rings_cut(r->count, r->bucket / number_bytes(r));
    TD_ASSERT(cut.pieces <= TD_RINGS_PIECES);
    f->pieces = cut.pieces;
    f->launched = f->landed = 0;
    f->since = 0.0;
    f->is_finishing = false;
    for (int i = 0; i < f->pieces; i++) {
        size_t first = (size_t) i * cut.numbers;
        bool is_last = i == f->pieces - 1;
        f->piece[i] =
            (traveller){ .part = { first, is_last ? r->count - first : cut.numbers } };
    }
}

void td_flight_poke(td_reducer *r)
{
    td_flight *f = r->own;
    double started = td_clock_seconds();
    launch(r, f);
    while (!is_idle(f) && take(r, f, false) > 0)
        ;
    tick(r, f);
    r->comm->seconds += td_clock_seconds() - started;
}

void td_flight_finish(td_reducer *r)
{
    td_flight *f = r->own;
    double started = td_clock_seconds();
    f->is_finishing = true;
    tick(r, f);
    launch(r, f);
    while (!is_idle(f))
        take(r, f, true);
    TD_ASSERT(f->landed == f->pieces);
    r->comm->seconds += td_clock_seconds() - started;
}

void td_flight_sum(td_reducer *r)
{
    if (td_flight_takes(r)) {
        td_flight_begin(r);
        td_flight_finish(r);
    } else
        td_comm_sum(r->comm, r->receive, r->send, r->count, r->type);
}

void td_flight_clear(td_reducer *r)
{
    td_free(r->own);
}
