/** Floor 3: the one door to MPI.  Only src/comm and src/main.c include mpi.h.
 *
 *  Without mpirun a single process works throughout.  Every function adds something to
 *  the MPI call: types, counts above INT_MAX, a check, timing.  A call that fails ends
 *  the job with MPI's own message: after a failed collective no rank knows the state of
 *  the others.
 */
#ifndef TAILDART_COMM_H
#define TAILDART_COMM_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

/** A communicator with the time spent in it. */
typedef struct td_comm td_comm;

/** Initialise MPI (MPI_THREAD_FUNNELED) and duplicate the world; installs the handler
 *  that ends the job from any rank, and the rank that log lines name.
 *  Collective.  \return for td_comm_end */
td_comm *td_comm_begin(int *argc, char ***argv);

/** Wait for all, flush stdout and stderr, finalise, free.  Only after an agreed
 * verdict: a rank that comes here alone hangs the others.  Collective. */
void td_comm_end(td_comm *comm);

/** Duplicate a communicator over the same ranks (the architecture's gradients, the
 *  weights' gradients).  Collective.  \return for td_comm_free */
td_comm *td_comm_duplicate(const td_comm *comm);

/** Split a communicator: ranks that name the same group are together in a new one, in
 *  the order that they have in \a comm.
 *  Collective over \a comm.  \return the caller's group, for td_comm_free */
td_comm *td_comm_split(const td_comm *comm, int group);

/** Free a duplicate or a part; NULL is fine.  Collective over its ranks. */
void td_comm_free(td_comm *comm);

/** This process's number, from 0.  Not collective. */
int td_comm_rank(const td_comm *comm);

/** The number of ranks.  Not collective. */
int td_comm_size(const td_comm *comm);

/** Seconds spent inside this communicator's calls so far, waiting for others included.
 *  Not collective. */
double td_comm_seconds(const td_comm *comm);

/** What the numbers of a long sum are. */
typedef enum {
    TD_NUMBER_REAL, /**< td_real */
    TD_NUMBER_F64   /**< double  */
} td_number;

/** Bytes of one number.  Not collective. */
size_t td_number_bytes(td_number type);

/** Sum over ranks to \a out; bitwise equal on all ranks.  Collective.
 *  Separate buffers: never MPI_IN_PLACE (src/comm/README.md).
 *  \param [out] out (n) of \a type  \param [in] in (n) of \a type, not \a out */
void td_comm_sum(td_comm *comm, void *out, const void *in, size_t n, td_number type);

/** Sum a few doubles over ranks in place.  Collective.
 *  \param [in,out] values (n) */
void td_comm_sum_f64(td_comm *comm, double *values, size_t n);

/** Sum counts over ranks in place.  Collective.  \param [in,out] values (n) */
void td_comm_sum_i64(td_comm *comm, int64_t *values, size_t n);

/** Largest value over ranks; a NaN of any rank is kept.  Collective. */
double td_comm_max(td_comm *comm, double value);

/** Largest integer over ranks.  Collective. */
int td_comm_max_int(td_comm *comm, int value);

/** Smallest integer over ranks (the instruction set that all support).  Collective. */
int td_comm_min_int(td_comm *comm, int value);

/** Smallest of each number over ranks, in place.  Collective.
 *  \param [in,out] values (n) */
void td_comm_min_f32(td_comm *comm, float *values, size_t n);

/** Whether all ranks hold the same 64 bits; on a difference the first rank that differs
 *  from rank 0.  Collective.  \param [out] rank  may be NULL; -1 when all are equal */
bool td_comm_equal_u64(td_comm *comm, uint64_t value, int *rank);

/** Send rank 0's bytes to all.  Collective.  \param [in,out] bytes (n) */
void td_comm_bcast(td_comm *comm, void *bytes, size_t n);

/** Send rank 0's string (or NULL) to all; on the others \a text is replaced by a copy
 *  for td_free, what it pointed to before is not freed.  Collective. */
void td_comm_bcast_text(td_comm *comm, char **text);

/** Gather fixed-size records of all ranks at rank 0, in rank order; others pass NULL.
 *  Collective.  \param [out] out (size, bytes)  \param [in] in (bytes), the same size
 *  on every rank */
void td_comm_gather(td_comm *comm, void *out, const void *in, size_t bytes);

/** Send \a n bytes to one other rank, which receives as many, in the order of the
 *  calls.  It may come back only when the other accepts: two ranks that deliver to each
 *  other at the same time wait for ever.
 *  Not collective: of two ranks. */
void td_comm_deliver(td_comm *comm, int to, const void *bytes, size_t n);

/** Receive what td_comm_deliver sends on rank \a from.  Not collective: of two ranks.
 *  \param [out] bytes (n) */
void td_comm_accept(td_comm *comm, int from, void *bytes, size_t n);

/** Wait until every rank is here.  Collective. */
void td_comm_barrier(td_comm *comm);

/** Agree on one status: that of the lowest rank that failed, with its message and
 *  hint, becomes that of every rank; TD_OK when none failed.
 *  Collective. */
td_status td_comm_verdict(td_comm *comm, td_status status);

/** Whether all ranks hold the text of rank 0.  Collective.
 *  \param [in] what  of the text, as in "rank 3 is of another \a what than rank 0"
 *  \return TD_USAGE naming the first rank that differs, its host and whose text is
 *  which, the same on every rank */
td_status td_comm_same_text(td_comm *comm, const char *what, const char *text);

/* ---- between two ranks ----------------------------------------------------------- */

/** Send a short message, of a few hundred bytes, to one rank.  Not collective. */
void td_comm_send(td_comm *comm, int to, const void *bytes, size_t n);

/** Take a message that has come, from whatever rank.  Not collective.
 *  \param [out] bytes (n), the size that was sent  \param [out] from  its rank
 *  \return whether there was one */
bool td_comm_take(td_comm *comm, void *bytes, size_t n, int *from);

/** Send rank 0's bytes to all, as td_comm_bcast; but ranks that wait sleep between two
 *  looks, and leave their CPUs to others: for waits of minutes.
 *  Collective.  \param [in,out] bytes (n) */
void td_comm_bcast_asleep(td_comm *comm, void *bytes, size_t n);

/** Name and version of the MPI library ("Open MPI v4.1.4"); works before td_comm_begin
 *  and without ranks.  Not collective.  \return for td_free */
char *td_comm_library(void);

TD_PUBLIC_END

#endif
