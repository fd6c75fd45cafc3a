/* A reducer that only tests have: it notes what it is told, looks whether what was
 * called final stays so, and sums in pieces. */
#ifndef TD_LOGGING_REDUCER_H
#define TD_LOGGING_REDUCER_H

#include <string.h>

#include "taildart/comm_reducer.h"

enum { LOG_PIECE = 700, LOG_MOST = 1 << 20 };

static struct {
    int begun, told, finished;
    size_t last;     /* of what was told in the last reduction */
    bool is_changed; /* whether something final was written again */
    char *final_;    /* (LOG_MOST doubles) as it was when it was told */
    size_t sent;     /* in pieces so far */
} reducer_log;

static inline void log_begin(td_reducer *r)
{
    TD_ASSERT(r->count <= LOG_MOST);
    if (!reducer_log.final_)
        reducer_log.final_ = td_malloc(LOG_MOST * sizeof(double));
    reducer_log.begun++;
    reducer_log.last = reducer_log.sent = 0;
}

static inline void log_ready(td_reducer *r)
{
    size_t size = td_number_bytes(r->type), from = reducer_log.last * size;
    memcpy(reducer_log.final_ + from, (const char *) r->send + from,
           r->ready * size - from);
    reducer_log.last = r->ready;
    reducer_log.told++;
}

/* Pieces go by the count: the same on every rank. */
static inline void log_finish(td_reducer *r)
{
    size_t size = td_number_bytes(r->type), bytes = reducer_log.last * size;
    reducer_log.is_changed |= memcmp(reducer_log.final_, r->send, bytes) != 0;
    for (size_t at = 0; at < r->count; at += LOG_PIECE) {
        size_t left = r->count - at;
        td_comm_sum(r->comm, (char *) r->receive + at * size,
                    (const char *) r->send + at * size,
                    left < LOG_PIECE ? left : LOG_PIECE, r->type);
    }
    reducer_log.finished++;
}

static const td_reducer_form logging_reducer = { .begin = log_begin,
                                                 .ready = log_ready,
                                                 .finish = log_finish };

static inline void log_clear(void)
{
    td_free(reducer_log.final_);
    memset(&reducer_log, 0, sizeof reducer_log);
}

#endif
