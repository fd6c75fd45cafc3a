/* The table of reducers, and what holds for all of them. */
#include "reducers.h"
#include "taildart/base_clock.h"

#define ROW(NAME, function, word) &td_reducer_##function,
static const td_reducer_form *const table[] = { TD_REDUCERS(ROW) };
#undef ROW

const td_reducer_form *td_reducer_of(td_reducer_kind kind)
{
    TD_ASSERT(kind >= 0 && kind < TD_REDUCER_COUNT);
    return table[kind];
}

void td_reducer_init(td_reducer *r, const td_reducer_form *form, td_comm *comm,
                     size_t bucket)
{
    TD_ASSERT(form && form->finish && comm && bucket > 0);
    *r = (td_reducer){ .form = form, .comm = comm, .bucket = bucket };
}

void td_reducer_clear(td_reducer *r)
{
    TD_ASSERT(!r->is_under_way);
    if (r->form && r->form->clear)
        r->form->clear(r);
    r->own = NULL;
}

void td_reducer_begin(td_reducer *r, void *receive, const void *send, size_t count,
                      td_number type)
{
    TD_ASSERT(r->form && r->comm && !r->is_under_way);
    TD_ASSERT(count > 0 && receive && send && receive != send);
    r->receive = receive;
    r->send = send;
    r->count = count;
    r->type = type;
    r->ready = 0;
    r->is_under_way = true;
    if (r->form->begin)
        r->form->begin(r);
}

void td_reducer_ready(td_reducer *r, size_t ready)
{
    TD_ASSERT(r->is_under_way && ready >= r->ready && ready <= r->count);
    r->ready = ready;
    if (r->form->ready)
        r->form->ready(r);
}

void td_reducer_finish(td_reducer *r)
{
    TD_ASSERT(r->is_under_way);
    r->ready = r->count;
    double started = td_clock_seconds();
    r->form->finish(r);
    td_reducer_note(r, td_clock_seconds() - started);
    r->is_under_way = false;
}
