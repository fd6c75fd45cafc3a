/** Floor 6: who started a run, when, where and how: starts.csv, one row per start. */
#ifndef TAILDART_STORE_STARTS_H
#define TAILDART_STORE_STARTS_H

#include "taildart/store.h"

TD_PUBLIC_BEGIN

/** A start of a run; texts are "" where nothing is known. */
typedef struct {
    char *date;             /**< there, as 2026-11-28T20:31:37+01:00; UTC, with
                                 Z, of an older version */
    char *host;             /**< of rank 0                                   */
    int64_t hosts;          /**< how many there are                          */
    char *scheduler;        /**< "Slurm", "PBS", …: whose job it is; ""      */
    char *job;              /**< its number there                            */
    int64_t ranks, threads; /**< threads: of rank 0                   */
    char *commit;           /**< of the program                       */
    char *command;          /**< its command line, quoted for a shell */
} td_start;

/** Write down that the run starts now, in this process; on the disk with td_run_flush.
 *  Not collective (rank 0).  \param [in] keeps  whether rows of former starts stay: the
 *  run is a resumed one; a file that would lose something stays as it is, with a NOTE
 *  \return TD_FAILED naming the file */
td_status td_run_note_start(td_run *run, int64_t ranks, int64_t hosts, int64_t threads,
                            bool keeps);

/** Read the starts of the run in \a path, the first one first.  Not collective.
 *  \param [out] starts  for td_starts_free
 *  \return how many; 0 for a run of an older version */
int td_starts_read(td_start **starts, const char *path);

/** Free what td_starts_read gave.  Not collective. */
void td_starts_free(td_start *starts, int count);

TD_PUBLIC_END

#endif
