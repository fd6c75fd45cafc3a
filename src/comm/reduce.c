/* Sums, extremes and comparisons over ranks.
 *
 * Gradients travel between separate buffers: with MPI_IN_PLACE a later non-blocking
 * version would fall back to a slow algorithm (src/comm/README.md).  The few numbers
 * that are reduced in place use the blocking call, which has no such penalty.
 */
#include "comm_mpi.h"

#include <math.h>

#include "taildart/timing.h"

#ifdef TD_REAL_DOUBLE
#define REAL_TYPE MPI_DOUBLE
#else
#define REAL_TYPE MPI_FLOAT
#endif

/* A reduction: MPI's type, its size in bytes, the operation. */
typedef struct {
    MPI_Datatype type;
    size_t size;
    MPI_Op op;
} reduction;

/* Reduce over all ranks: in pieces, checked, timed.  \a in NULL: in place. */
static void allreduce(td_comm *comm, void *out, const void *in, size_t n,
                      reduction kind)
{
    double begun = td_wait_begin();
    TD_ASSERT(n == 0 || out);
    for (size_t done = 0; done < n;) {
        size_t count = n - done < comm->most ? n - done : comm->most;
        char *to = (char *) out + done * kind.size;
        const char *from = in ? (const char *) in + done * kind.size : NULL;
        /* Stuck here?  Some rank skipped a step because its shard ran dry, or stopped
         * with an error that was not agreed: every rank joins every reduction, with
         * zeros if need be, and with the same count. */
        TD_CHECK_MPI(MPI_Allreduce(from ? (const void *) from : MPI_IN_PLACE, to,
                                   (int) count, kind.type, kind.op, comm->mpi));
        done += count;
    }
    comm->seconds += td_wait_end(begun);
}

size_t td_number_bytes(td_number type)
{
    return type == TD_NUMBER_F64 ? sizeof(double) : sizeof(td_real);
}

void td_comm_sum(td_comm *comm, void *out, const void *in, size_t n, td_number type)
{
    MPI_Datatype number = type == TD_NUMBER_F64 ? MPI_DOUBLE : REAL_TYPE;
    TD_ASSERT(n == 0 || (in && in != out));
    allreduce(comm, out, in, n, (reduction){ number, td_number_bytes(type), MPI_SUM });
}

void td_comm_sum_f64(td_comm *comm, double *values, size_t n)
{
    allreduce(comm, values, NULL, n,
              (reduction){ MPI_DOUBLE, sizeof *values, MPI_SUM });
}

void td_comm_sum_i64(td_comm *comm, int64_t *values, size_t n)
{
    allreduce(comm, values, NULL, n,
              (reduction){ MPI_INT64_T, sizeof *values, MPI_SUM });
}

/* MPI_MAX compares, and what it makes of a NaN depends on the order of the ranks: a
 * second number counts them. */
double td_comm_max(td_comm *comm, double value)
{
    double pair[2] = { isnan(value) ? -INFINITY : value, isnan(value) ? 1 : 0 };
    allreduce(comm, pair, NULL, 2, (reduction){ MPI_DOUBLE, sizeof *pair, MPI_MAX });
    return pair[1] > 0 ? NAN : pair[0];
}

int td_comm_max_int(td_comm *comm, int value)
{
    allreduce(comm, &value, NULL, 1, (reduction){ MPI_INT, sizeof value, MPI_MAX });
    return value;
}

int td_comm_min_int(td_comm *comm, int value)
{
    allreduce(comm, &value, NULL, 1, (reduction){ MPI_INT, sizeof value, MPI_MIN });
    return value;
}

void td_comm_min_f32(td_comm *comm, float *values, size_t n)
{
    allreduce(comm, values, NULL, n, (reduction){ MPI_FLOAT, sizeof *values, MPI_MIN });
}

bool td_comm_equal_u64(td_comm *comm, uint64_t value, int *rank)
{
    uint64_t root_value = value;
    td_comm_bcast(comm, &root_value, sizeof root_value);
    bool differs = value != root_value;
    int first = td_comm_min_int(comm, differs ? comm->rank : comm->size);
    bool equal = first == comm->size;
    if (rank)
        *rank = equal ? -1 : first;
    return equal;
}
