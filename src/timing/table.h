/* The table of the watchdog: one record per rank, in a file that has no name any
 * more. */
#ifndef TD_TIMING_TABLE_H
#define TD_TIMING_TABLE_H

#include "taildart/base.h"

/* Where a rank is; plain bytes, as they stand in the file. */
typedef struct {
    uint64_t key;
    int64_t ticks; /* grows while the rank's watchdog lives */
    int64_t beats; /* grows while its main thread does anything */
    int64_t epoch, step;
    int32_t section;
    int32_t is_waiting;
    int32_t has_ended; /* this rank's watchdog has ended the job */
    char host[64];
} td_watch_record;

/* Write the record of \a rank.  Safe in any thread. */
void td_table_write(int file, int rank, const td_watch_record *record);

/* Read that of \a rank.  \return false where none was written.  Safe in any thread. */
bool td_table_read(int file, int rank, uint64_t key, td_watch_record *record);

#endif
