/* Transfer told from waiting, without a barrier: the least time of any rank is that of
 * the one that came last, and so transfer alone.  A number a reduction is kept, and
 * they are compared over ranks when there are many, at the same call everywhere. */
#include <string.h>

#include "reducers.h"

/* Split what is logged. */
static void compare(td_reducer *r)
{
    float least[TD_REDUCER_LOG];
    memcpy(least, r->inside, (size_t) r->logged * sizeof *least);
    /* Stuck here?  Some rank asks for times, or has counted other reductions. */
    td_comm_min_f32(r->comm, least, (size_t) r->logged);
    for (int i = 0; i < r->logged; i++) {
        r->times.transfer += least[i];
        r->times.wait += r->inside[i] - least[i];
        r->times.last += r->inside[i] == least[i];
    }
    r->logged = 0;
}

void td_reducer_note(td_reducer *r, double seconds)
{
    TD_ASSERT(r->logged < TD_REDUCER_LOG && seconds >= 0.0);
    r->times.calls++;
    r->times.bytes += (int64_t) (r->count * td_number_bytes(r->type));
    r->inside[r->logged++] = (float) seconds;
    if (r->logged == TD_REDUCER_LOG)
        compare(r);
}

td_reducer_times td_reducer_take_times(td_reducer *r)
{
    TD_ASSERT(!r->is_under_way);
    compare(r);
    td_reducer_times times = r->times;
    r->times = (td_reducer_times){ 0 };
    return times;
}
