/* The table of reducers, and what holds for all of them. */
#include "reducers.h"
#include "rings.h"
#include "taildart/base_memory.h"
#include "taildart/base_text.h"
#include "taildart/timing.h"

#define ROW(NAME, function, word) &td_reducer_##function,
static const td_reducer_form *const table[] = { TD_REDUCERS(ROW) };
#undef ROW

const td_reducer_form *td_reducer_of(td_reducer_kind kind)
{
    TD_ASSERT(kind >= 0 && kind < TD_REDUCER_COUNT);
    return table[kind];
}

bool td_reducer_takes_rings(td_reducer_kind kind, int ranks, size_t bytes)
{
    const td_reducer_form *form = td_reducer_of(kind);
    return form->takes_rings && form->takes_rings(ranks, bytes);
}

int td_reducer_turns(int ranks)
{
    return td_rings_of(0, ranks).turns;
}

char *td_reducer_text(td_reducer_kind kind, int ranks, size_t bytes, td_number type,
                      size_t bucket)
{
    size_t each = td_number_bytes(type);
    if (!td_reducer_takes_rings(kind, ranks, bytes))
        return td_strdup("MPI_Allreduce");
    td_rings rings = td_rings_of(0, ranks);
    td_cut cut = td_rings_cut(bytes / each, bucket / each);
    char size[TD_BYTES_TEXT];
    td_text text = { 0 };
    td_text_write(&text, "rings of %d", rings.ring[0].size);
    for (int i = 1; i < rings.stages; i++)
        td_text_write(&text, " x %d", rings.ring[i].size);
    td_text_write(
        &text, " ranks, %s at a time",
        td_bytes_text((double) (cut.pieces > 1 ? cut.numbers * each : bytes), size));
    return text.chars;
}

void td_reducer_init(td_reducer *r, const td_reducer_form *form, td_comm *comm,
                     size_t bucket)
{
    TD_ASSERT(form && form->finish && comm && bucket > 0);
    *r = (td_reducer){ .form = form, .comm = comm, .bucket = bucket };
    if (form->init)
        form->init(r);
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

void td_reducer_poke(td_reducer *r)
{
    td_reducer_ready(r, r->ready);
}

void td_reducer_finish(td_reducer *r)
{
    TD_ASSERT(r->is_under_way);
    r->ready = r->count;
    double begun = td_wait_begin();
    r->form->finish(r);
    td_reducer_note(r, td_wait_end(begun));
    r->is_under_way = false;
}
