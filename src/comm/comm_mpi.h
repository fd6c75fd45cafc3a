/* The struct of a communicator, and the check around every MPI call. */
#ifndef TD_COMM_MPI_H
#define TD_COMM_MPI_H

#include <mpi.h>

#include "taildart/comm.h"

struct td_comm {
    MPI_Comm mpi;   /* owned: a duplicate, so that no other library gets our messages */
    int rank, size; /* of this communicator                                           */
    size_t most;    /* items of one MPI call; tests make it small                     */
    double seconds; /* spent in its calls                                             */
};

/* Tags of messages between two ranks.  Pieces of a reduction (flight.c) have the first
 * TD_RINGS_PIECES, on whatever communicator it is of. */
enum {
    TD_TAG_PIECES = 0,
    TD_TAG_PROBE = 256, /* probe.c                          */
    TD_TAG_MESSAGE,     /* messages.c: short, from anybody  */
    TD_TAG_DELIVERY     /* deliver.c: in order, of any size */
};

/* End the job with the message of the MPI library.  Not collective. */
_Noreturn void td_comm_failed(int code, const char *call, const char *file, int line);

/* Check of every MPI call: with MPI_ERRORS_RETURN it is we who print the error. */
#define TD_CHECK_MPI(call)                                                             \
    do {                                                                               \
        int code_ = (call);                                                            \
        if (code_ != MPI_SUCCESS)                                                      \
            td_comm_failed(code_, #call, __FILE__, __LINE__);                          \
    } while (0)

#endif
