/** Floor 5: what a run leaves behind: run directory, lock, metrics, checkpoint. */
#ifndef TAILDART_STORE_H
#define TAILDART_STORE_H

#include "taildart/base.h"

/** Write a whole file: temporary name, flush, rename, flush of the folder, so that it is
 *  complete or absent.  Not collective.  \return TD_FAILED naming the file */
td_status td_file_write(const char *path, const void *bytes, size_t n);

/** Read a whole file.  Not collective.  \param [out] bytes for td_free, a 0 behind the end
 *  \return TD_DATA naming the file */
td_status td_file_read(char **bytes, size_t *n, const char *path);

/** A run directory in use: its path and its lock. */
typedef struct td_run td_run;

/** Make the directory where needed and take `run.lock` (flock, with pid, host and job id
 *  inside).  Not collective (rank 0).  \return TD_FAILED when it cannot be made or written,
 *  TD_USAGE when another start holds it, saying who; without lock support a NOTE */
td_status td_run_begin(td_run **run, const char *path);

/** Release the lock.  Not collective. */
void td_run_end(td_run *run);

/** "<run>/<name>", borrowed until the next call.  Not collective. */
const char *td_run_path(td_run *run, const char *name);

/* ---- metrics.csv ------------------------------------------------------------ */

/** The columns of metrics.csv (DESIGN, 2); an absent value is NaN and an empty field. */
typedef struct {
    int epoch;
    double seconds, images_per_second, lr_weights, lr_arch, mixing, train_loss,
        train_top1, valid_loss, valid_top1, valid_balanced_top1, many_top1, medium_top1,
        few_top1, alpha_entropy_normal, alpha_entropy_reduce, alpha_change,
        skip_count_normal, comm_seconds, peak_rss_bytes;
} td_metrics;

/** Header line, and one row, each with its newline.  Not collective.  \return for td_free */
char *td_metrics_header(void);
char *td_metrics_row(const td_metrics *metrics);

/** Cut metrics.csv to its header and the rows in \a history (of the checkpoint), then
 *  append and flush from there on.  Not collective.  \return TD_FAILED naming the file */
td_status td_metrics_begin(const char *path, const char *history);
td_status td_metrics_append(const char *path, const char *row);

/** The longest run of the history: "" or complete rows.  Used by checkpoints. */

#endif
