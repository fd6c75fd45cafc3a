/** Floor 3: how a flat buffer of gradients is summed over ranks.
 *
 *  The sender fills its buffer from the front, as a backward pass does (td_slots), and
 *  tells how much of it is final; a reducer may send that on its way while the rest is
 *  still being computed; other calls on the same communicator may come in between.  A
 *  kind is a row of TD_REDUCERS and a file here.  No function of a reducer is called
 *  inside a parallel region. */
#ifndef TAILDART_COMM_REDUCER_H
#define TAILDART_COMM_REDUCER_H

#include "taildart/comm.h"
#include "taildart/config.h"

TD_PUBLIC_BEGIN

/** One reducer, over one communicator; one reduction at a time. */
typedef struct td_reducer td_reducer;

/** What this rank's reductions took since it was last asked.  The rank that spends the
 *  least time in td_reducer_finish came last: what it spends is transfer, and what the
 *  others spend beyond that is waiting for it.  Both make up the time in finish. */
typedef struct {
    int64_t calls; /**< reductions                                                    */
    int64_t last;  /**< of these, those to which this rank came last                  */
    int64_t bytes; /**< of the vectors that were summed, each counted once            */
    double transfer; /**< seconds, the same on every rank                             */
    double wait;     /**< seconds for the slowest                                     */
    double hidden;   /**< seconds before finish in which a part was under way         */
    int64_t early;   /**< bytes that came in by then ...                              */
    int64_t received; /**< ... of these in all; 0 where MPI itself sums               */
} td_reducer_times;

/** The functions of a kind of reducer. */
typedef struct {
    /** Whether a sum of so many bytes goes by rings of our own, and not by MPI's sum;
     *  NULL: never.  The same on every rank. */
    bool (*takes_rings)(int ranks, size_t bytes);
    /** Make what \a own points to; others may be NULL, too, but for finish. */
    void (*init)(td_reducer *r);
    /** \a count numbers of \a send are going to be summed into \a receive; none of them
     *  is final yet.  Collective. */
    void (*begin)(td_reducer *r);
    /** The first r->ready numbers are final.  Into which pieces a buffer is cut goes by
     *  its count alone: ranks get here at different times, and some never. */
    void (*ready)(td_reducer *r);
    /** All are; comes back when \a receive holds the sums.  Collective. */
    void (*finish)(td_reducer *r);
    /** Free what \a own points to. */
    void (*clear)(td_reducer *r);
} td_reducer_form;

enum {
    TD_REDUCER_BUCKET = 1 << 20, /* bytes: the usual size of a part */
    TD_REDUCER_LOG = 1024
};

/** The reduction under way, as its form sees it. */
struct td_reducer {
    const td_reducer_form *form;
    td_comm *comm;       /**< borrowed                                   */
    void *receive;       /**< (count) of type, borrowed                  */
    const void *send;    /**< (count) of type, borrowed                  */
    size_t count, ready; /**< of the reduction, and final so far         */
    td_number type;
    bool is_under_way;
    size_t bucket; /**< bytes of the parts that a form may cut into */
    void *own;     /**< of the form, for clear                      */
    td_reducer_times times;
    float inside[TD_REDUCER_LOG]; /**< seconds in finish, not yet split in times */
    int logged;                   /**< of them */
};

/** The form of a kind.  Not collective. */
const td_reducer_form *td_reducer_of(td_reducer_kind kind);

/** Whether a reducer of this kind sums so many bytes by rings of our own; else
 *  MPI_Allreduce does.  Not collective. */
bool td_reducer_takes_rings(td_reducer_kind kind, int ranks, size_t bytes);

/** Messages that a rank sends one after the other in a sum by rings.
 *  Not collective. */
int td_reducer_turns(int ranks);

/** How a vector of so many bytes will be summed, in words: "MPI_Allreduce", "rings of
 *  2 x 3 ranks, 1.05 MB at a time".  \return for td_free.  Not collective. */
char *td_reducer_text(td_reducer_kind kind, int ranks, size_t bytes, td_number type,
                      size_t bucket);

/** Make a reducer of a form.  \a comm is borrowed; \a bucket: bytes.
 *  Not collective. */
void td_reducer_init(td_reducer *r, const td_reducer_form *form, td_comm *comm,
                     size_t bucket);

/** Free what it holds; one that was never made, all zeros, is fine.  Not collective. */
void td_reducer_clear(td_reducer *r);

/** Begin to sum: \a count numbers of \a send into \a receive, which are apart.  The
 *  same count and type on every rank.  Collective. */
void td_reducer_begin(td_reducer *r, void *receive, const void *send, size_t count,
                      td_number type);

/** The first \a ready numbers of send are final; never fewer than before.  Each rank
 *  tells this when it gets there, or not at all.  Not collective, but a form may
 *  send. */
void td_reducer_ready(td_reducer *r, size_t ready);

/** Nothing new is final; messages under way get on.  Not collective. */
void td_reducer_poke(td_reducer *r);

/** The rest is final, too: wait for the sums.  Collective. */
void td_reducer_finish(td_reducer *r);

/** What was measured since the last call; begins anew.  Between reductions.
 *  Collective: one small message. */
td_reducer_times td_reducer_take_times(td_reducer *r);

TD_PUBLIC_END

#endif
