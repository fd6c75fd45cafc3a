/* What the watchdog knows; its thread writes it. */
#ifndef TD_TIMING_WATCH_H
#define TD_TIMING_WATCH_H

#include "table.h"

/* Another rank, as far as it can be seen. */
typedef struct {
    bool is_known;
    double alive; /* when it was first seen to be where it is, or seen to live */
    td_watch_record record;
} td_watch_seen;

typedef struct {
    bool is_on, ends;
    double timeout, note; /* seconds without progress: until the end, until a NOTE */
    double notes;         /* doubles with each, so that a slow run gets few */
    double tick;          /* seconds from look to look */
    double interval;      /* between two exchanges over the table */
    int rank, ranks, first;
    char advice[256];
    double now;       /* of the look under way */
    double moved;     /* when something was last seen to move */
    double exchanged; /* when the table was last written */
    double noted;     /* quiet seconds that the last NOTE told; 0: none since */
    double processor; /* seconds that this process has used it */
    long long beats;  /* of the main thread */
    bool is_reading;  /* the table has been read since this rank stands still */
    int file;         /* the table; -1 without */
    td_watch_record own;
    td_watch_seen *seen; /* owned: (ranks), NULL without a table */
} td_watch;

enum { TD_WATCH_TEXT = 2048 };

/* Times of the usual patience that a section gets: what rank 0 does alone, with the
 * others waiting, may take long on a slow disk. */
double td_watch_patience(int section);

/* Whether this rank is the lowest of which it knows that it lives. */
bool td_watch_is_first(const td_watch *watch);

/* Ranks that wait for the same one run out of patience together: the first that lives
 * speaks.  \return the seconds that this one leaves it to do so */
double td_watch_grace(const td_watch *watch);

/* Whether it is time for a NOTE, and this rank's to give it: the first does.  Where
 * ranks do not see each other it may be rank 0 that hangs: then the last one does, too,
 * which is on another host if any is. */
bool td_watch_tells(const td_watch *watch, double quiet);

/* Write where this rank stands for how long, and which ranks are not there. */
void td_watch_describe(const td_watch *watch, double quiet, char *out, size_t capacity);

#endif
