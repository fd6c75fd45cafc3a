/** Floor 6: what a run leaves behind: the run directory with its lock, metrics.
 *  Rank 0 alone calls this room; it shares the verdict afterwards. */
#ifndef TAILDART_STORE_H
#define TAILDART_STORE_H

#include "taildart/base.h"
#include "taildart/base_run_files.h"
#include "taildart/objective_measures.h"
#include "taildart/timing.h"

TD_PUBLIC_BEGIN

/* ---- the run directory ------------------------------------------------------- */

/** A run directory in use: its path and its lock. */
typedef struct td_run td_run;

/** Whether a run may begin or continue at \a path: a new or empty directory, or one
 *  that a run made (its run.lock or a checkpoint says so).  Nothing is changed.
 *  Not collective (rank 0).  \return TD_USAGE naming what else lies there, TD_FAILED
 *  when it is no directory that can be read */
td_status td_run_check_folder(const char *path);

/** Make the directory where needed and take `run.lock` (flock, with pid, host and job
 *  id inside); remove temporary files of its own that a killed run left.  From here on
 *  a file beyond the limit of `ulimit -f` is an error of write, no longer a signal.
 *  Not collective (rank 0).  \param [out] run  for td_run_end; NULL on failure
 *  \param [in] patience  seconds to wait for another start that holds it: ranks of a
 *  killed job take a moment to die; a NOTE says so
 *  \return as td_run_check_folder(); TD_FAILED when it cannot be made or written,
 *  TD_USAGE when another start holds it, saying who; a file system without locks is a
 *  NOTE */
td_status td_run_begin(td_run **run, const char *path, double patience);

/** Whether the directory is still this run's, to be asked before each save: it may have
 *  been removed, and another run may have begun under its name.  A lock alone that was
 *  removed is made anew.
 *  Not collective (rank 0).  \return TD_FAILED: nothing may be written there */
td_status td_run_check(td_run *run);

/** Release the lock and free; NULL is fine.  Not collective. */
void td_run_end(td_run *run);

/** "<run>/<name>", borrowed until the next call.  Not collective. */
const char *td_run_path(td_run *run, const char *name);

/** Write a file of the run that its checkpoint can make again, whole
 *  (td_file_replace_soon): a link under this name is replaced.
 *  Not collective.  \return TD_FAILED naming the file */
td_status td_run_write(td_run *run, const char *name, const char *text);

/** Wait until all that td_run_write and td_metrics_append have written is on the disk.
 *  Not collective.  \return TD_FAILED naming the file */
td_status td_run_flush(td_run *run);

/** Refuse an output of another command that is a file of the run at \a path which
 *  reports read; NULL is no output.
 *  Not collective.  \return TD_USAGE naming it */
td_status td_run_keep_apart(const char *path, const char *output);

/* ---- metrics.csv ------------------------------------------------------------- */

/** The columns of metrics.csv; an absent value is NaN and an empty field.
 *  Accuracies are fractions, losses sample means, entropies in nats.  Times are
 *  seconds, means over ranks, of all that passed since the row before: sections add up
 *  to `seconds`, in the epoch that a start goes on with to what this start spent on
 *  it.  In the epochs of a projection lr_arch is 0; valid_… are from before the
 *  decision that falls at the end of the epoch but the last one, skip_count_… and
 *  alpha_… from after. */
typedef struct {
    int epoch;
    double seconds, images_per_second, lr_weights, lr_arch, mixing, train_loss,
        train_top1, valid_loss, valid_top1, valid_balanced_top1;
    double group_top1[TD_GROUPS]; /**< many, medium, few: <group>_top1 */
    double alpha_entropy_normal, alpha_entropy_reduce, alpha_change, skip_count_normal,
        comm_seconds, peak_rss_bytes, valid_ece;
    double section_seconds[TD_SECTION_COUNT]; /**< <word>_seconds; start has none */
    double weight_transfer_seconds, weight_wait_seconds, /**< of their reductions: */
        arch_transfer_seconds, arch_wait_seconds,        /**< for the slowest rank */
        hidden_seconds; /**< in which reductions travelled while ranks computed    */
    double imbalance;   /**< computing of the slowest rank over the mean, less 1   */
    double slowest_rank;
    double arch_penalty;       /**< weighted sum of the penalties at the epoch's end */
    double hessian_eigenvalue; /**< the largest, of the held-out loss by alpha, weight
                                    decay inside, where search.stop asks for it */
} td_metrics;

/** The header line with its newline.  Not collective.  \return for td_free */
char *td_metrics_header(void);

/** One row with its newline, the same in every locale.
 *  Not collective.  \return for td_free */
char *td_metrics_row(const td_metrics *metrics);

/** Rows from the text of a metrics.csv, by the names in its header: what it lacks, and
 *  what is no number, is NaN; columns of other versions and lines without an epoch are
 *  passed over; of rows of one epoch the last counts, and an earlier epoch again takes
 *  the place of what followed it.  The same in every locale.
 *  Not collective.  \param [out] rows  for td_free  \return how many, 0 without a
 *  header that knows epochs */
int td_metrics_parse(td_metrics **rows, const char *text);

/** The same of a file that anybody may have written.  Not collective.
 *  \param [in] bytes  of the text; those behind a 0 are not read
 *  \param [out] unread  lines that are no whole row: other fields than the header has,
 *  no epoch, one that was there before, words where a number belongs */
int td_metrics_parse_noting(td_metrics **rows, const char *text, size_t bytes,
                            int *unread);

/** Cut metrics.csv to its header and the rows in \a history (of the checkpoint): rows
 *  of epochs that are going to be computed again go, rows of an older version get empty
 *  fields for the columns that it did not have.
 *  Not collective.  \param [in] history  "" or complete rows
 *  \return TD_FAILED naming the file */
td_status td_metrics_begin(const char *path, const char *history);

/** Append a row and flush it to disk.  Not collective.
 *  \return TD_FAILED naming the file */
td_status td_metrics_append(const char *path, const char *row);

TD_PUBLIC_END

#endif
