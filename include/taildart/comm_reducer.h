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

/** The functions of a kind of reducer. */
typedef struct {
    /** \a count numbers of \a send are going to be summed into \a receive; none of them
     *  is final yet.  Collective. */
    void (*begin)(td_reducer *r);
    /** The first r->ready numbers are final.  Into which pieces a buffer is cut goes by
     *  its count alone: ranks get here at different times, and some never. */
    void (*ready)(td_reducer *r);
    /** All are; comes back when \a receive holds the sums.  Collective. */
    void (*finish)(td_reducer *r);
} td_reducer_form;

/** The reduction under way, as its form sees it. */
struct td_reducer {
    const td_reducer_form *form;
    td_comm *comm;       /**< borrowed                                   */
    void *receive;       /**< (count) of type, borrowed                  */
    const void *send;    /**< (count) of type, borrowed                  */
    size_t count, ready; /**< of the reduction, and final so far         */
    td_number type;
    bool is_under_way;
};

/** The form of a kind.  Not collective. */
const td_reducer_form *td_reducer_of(td_reducer_kind kind);

/** Begin to sum: \a count numbers of \a send into \a receive, which are apart.  The
 *  same count and type on every rank.  Collective. */
void td_reducer_begin(td_reducer *r, void *receive, const void *send, size_t count,
                      td_number type);

/** The first \a ready numbers of send are final; never fewer than before.  Each rank
 *  tells this when it gets there, or not at all.  Not collective, but a form may
 *  send. */
void td_reducer_ready(td_reducer *r, size_t ready);

/** The rest is final, too: wait for the sums.  Collective. */
void td_reducer_finish(td_reducer *r);

TD_PUBLIC_END

#endif
