/* Messages to and fro between two ranks. */
#include "taildart/comm_probe.h"

#include "comm_mpi.h"
#include "taildart/base_clock.h"
#include "taildart/timing.h"

/* Trips before the clock starts, and within it: TCP opens its window in the first ones,
 * memory is registered with a card. */
enum { WARMUP = 3, LEAST = 5, MOST = 1000 };

/* The first byte of a message tells whether another one follows. */
enum { LAST, MORE };

static void send_to(td_comm *comm, int peer, const void *bytes, size_t n)
{
    TD_CHECK_MPI(MPI_Send(bytes, (int) n, MPI_BYTE, peer, TD_TAG_PROBE, comm->mpi));
}

static void receive_from(td_comm *comm, int peer, void *bytes, size_t n)
{
    /* Stuck here?  The other rank names another one than this. */
    TD_CHECK_MPI(MPI_Recv(bytes, (int) n, MPI_BYTE, peer, TD_TAG_PROBE, comm->mpi,
                          MPI_STATUS_IGNORE));
}

/* Send and wait for the answer.  \return the median of the trips that count */
static double lead(td_comm *comm, int peer, char *message, size_t bytes, double seconds)
{
    double trips[MOST] = { 0 }, end = 0;
    int count = -WARMUP;
    for (message[0] = MORE; message[0] == MORE; count++) {
        double started = td_clock_seconds();
        if (count == 0)
            end = started + seconds;
        bool enough = count + 1 >= LEAST && started >= end;
        message[0] = enough || count + 1 == MOST ? LAST : MORE;
        send_to(comm, peer, message, bytes);
        receive_from(comm, peer, message, bytes);
        if (count >= 0)
            trips[count] = td_clock_seconds() - started;
    }
    return td_median(trips, count);
}

/* Answer until the last message. */
static void follow(td_comm *comm, int peer, char *message, size_t bytes)
{
    do {
        receive_from(comm, peer, message, bytes);
        send_to(comm, peer, message, bytes);
    } while (message[0] == MORE);
}

double td_comm_ping(td_comm *comm, int peer, size_t bytes, double seconds)
{
    TD_ASSERT(peer >= 0 && peer < comm->size && peer != comm->rank);
    TD_ASSERT(bytes > 0 && bytes <= comm->most);
    double begun = td_wait_begin(), trip = 0;
    char *message = td_malloc(bytes);
    if (comm->rank < peer) {
        trip = lead(comm, peer, message, bytes, seconds);
        send_to(comm, peer, &trip, sizeof trip);
    } else {
        follow(comm, peer, message, bytes);
        receive_from(comm, peer, &trip, sizeof trip);
    }
    td_free(message);
    comm->seconds += td_wait_end(begun);
    return trip / 2;
}
