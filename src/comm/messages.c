/* Messages between two ranks, and waits that leave the CPU to others. */
#include "comm_mpi.h"

#include <limits.h>
#include <time.h>

/* So short messages are on their way at once, whether or not somebody waits for them:
 * every MPI library sends them eagerly.  Were one not sent so, we would wait for the
 * other rank's next look, and it never waits for us meanwhile. */
void td_comm_send(td_comm *comm, int to, const void *bytes, size_t n)
{
    TD_ASSERT(to >= 0 && to < comm->size && n <= INT_MAX);
    TD_CHECK_MPI(MPI_Send(bytes, (int) n, MPI_BYTE, to, TD_TAG_MESSAGE, comm->mpi));
}

bool td_comm_take(td_comm *comm, void *bytes, size_t n, int *from)
{
    int is_there = 0, count = 0;
    MPI_Status about;
    TD_CHECK_MPI(
        MPI_Iprobe(MPI_ANY_SOURCE, TD_TAG_MESSAGE, comm->mpi, &is_there, &about));
    if (!is_there)
        return false;
    *from = about.MPI_SOURCE;
    TD_CHECK_MPI(
        MPI_Recv(bytes, (int) n, MPI_BYTE, *from, TD_TAG_MESSAGE, comm->mpi, &about));
    TD_CHECK_MPI(MPI_Get_count(&about, MPI_BYTE, &count));
    TD_CHECK((size_t) count == n, "a message of %d bytes, not of %zu", count, n);
    return true;
}

void td_comm_bcast_asleep(td_comm *comm, void *bytes, size_t n)
{
    const struct timespec nap = { 0, 1000000 };
    MPI_Request request = MPI_REQUEST_NULL;
    int is_there = 0;
    TD_ASSERT(n <= INT_MAX);
    int code = MPI_Ibcast(bytes, (int) n, MPI_BYTE, 0, comm->mpi, &request);
    /* Stuck here?  Rank 0 of these has not come: it waits for others itself. */
    while (code == MPI_SUCCESS && !is_there) {
        code = MPI_Request_get_status(request, &is_there, MPI_STATUS_IGNORE);
        if (!is_there)
            nanosleep(&nap, NULL);
    }
    int end = MPI_Wait(&request, MPI_STATUS_IGNORE);
    TD_CHECK_MPI(code);
    TD_CHECK_MPI(end);
}
