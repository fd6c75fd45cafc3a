/* A search under way: what run.c, setup.c, resume.c, epoch.c, save.c and finish.c
 * share. */
#ifndef TD_RUN_RUN_H
#define TD_RUN_RUN_H

#include "taildart/arch.h"
#include "taildart/eval_score.h"
#include "taildart/machine_begin.h"
#include "taildart/net_genotype.h"
#include "taildart/plan.h"
#include "taildart/run.h"
#include "taildart/step.h"
#include "taildart/store.h"
#include "taildart/store_checkpoint.h"
#include "taildart/store_state.h"

typedef struct {
    td_comm *world; /* borrowed */
    int rank, ranks;
    const td_run_kind *kind;
    td_settings *settings;   /* borrowed on rank 0, else owned */
    const td_config *config; /* inside settings */
    td_genotype genotype;    /* of a training */
    td_machine machine;

    td_dataset *dataset; /* rank 0, until the images are shared */
    td_data_info info;
    int32_t *labels; /* (info.train_count) */
    td_selection *selection;
    int shards, first_shard, shard_count; /* of the run, of this rank */
    int rank_batch;                       /* most images of a branch on this rank */
    int64_t steps;                        /* of an epoch */

    int branches;
    td_stepper *stepper;
    td_search_state *state;
    td_image_store *images;
    td_stream *streams[TD_DRAW_COUNT];
    td_loader *loader;
    int32_t *places;  /* (rank_batch) of the images of a step in the whole batch */
    td_score *score;  /* of the last validation */
    td_loss *loss[2]; /* by td_half, of the epoch under way */

    td_progress progress;
    td_loss_sums sums[TD_BRANCHES]; /* training sums of the epoch under way */
    td_checkpoint *saved;           /* rank 0, while resuming */
    bool is_resumed, is_finished;
    bool is_dealt_anew;          /* other shards than the saved run's */
    td_run *directory;           /* rank 0 */
    char *history;               /* rank 0: rows of metrics.csv so far */
    char *class_names;           /* rank 0: a line each */
    td_real *arch_history;       /* rank 0: (arch_room, 2, edges, 8)    */
    int64_t arch_room;           /* epochs that fit into it */
    td_packed_checkpoint best;   /* rank 0: best.h5 while it is not on the disk */
    bool metrics_stale;          /* rank 0: a row could not be written */
    double last_save, last_live; /* rank 0: td_clock_seconds() */
    double validation_seconds;   /* of the epoch that ends */
    double epoch_comm;           /* seconds in MPI when the epoch began */
} td_search;

/* ---- setup.c: what every rank must know; all collective ---------------------- */

td_status td_search_share_settings(td_search *s);
td_status td_search_open_data(td_search *s);
td_status td_search_deal_shards(td_search *s);
td_status td_search_build(td_search *s);
void td_search_share_images(td_search *s);

/* ---- genotype.c: the cells of a training ----------------------------------------- */

/* The cells that the run stands for now: derived from the alphas, or given. */
td_genotype td_search_genotype(const td_search *s);

/* Seconds that a start waits for the lock of another one. */
enum { TD_SEARCH_PATIENCE = 10 };

/* ---- resume.c: continuing a saved run; collective ----------------------------- */

/* Rank 0 finds and verifies the checkpoint; all learn where the run stands. */
td_status td_search_find_saved(td_search *s);

/* The saved state to all ranks; sets is_finished when nothing is left to do. */
td_status td_search_restore(td_search *s);

/* ---- pack.c: all of a run as one checkpoint ------------------------------------- */

/* Names of the data set's classes, unless they are known.  Rank 0. */
void td_search_settle_names(td_search *s);

/* Rank 0.  \param [in] label  says what the file is, whatever name a copy of it
 * bears */
td_status td_search_pack(td_search *s, td_packed_checkpoint *packed, const char *name,
                         char *label);

/* The state under the label "best", as best.h5 holds it.  Rank 0. */
td_status td_search_pack_best(td_search *s);

/* ---- save.c: what a run leaves behind ----------------------------------------- */

/* A warning, where the run goes on. */
void td_search_warn(td_status status);

/* Genotype files, row and checkpoint of the epoch that ended, the replicas being equal.
 * Trouble is a warning unless this is the last save of the run, or the directory is the
 * run's no more.  Collective. */
td_status td_search_save_epoch(td_search *s, const td_metrics *row, bool is_last);

/* Whether checkpoint.minutes have passed since the last one; false but on rank 0, whose
 * clock decides for all.  Not collective. */
bool td_search_is_save_due(const td_search *s);

/* A checkpoint in mid-epoch, if the replicas are equal.  Trouble with the disk is a
 * warning.  \return TD_DIVERGED; TD_FAILED where the directory is the run's no more.
 * Collective. */
td_status td_search_save_now(td_search *s);

/* Genotype files as the state stands.  Rank 0. */
td_status td_search_write_genotype(td_search *s);

/* Write what td_search_pack_best has left, if anything: it is kept until that succeeds.
 * Rank 0. */
td_status td_search_write_best(td_search *s);

/* The last checkpoint before a stop, if the replicas are equal.  Collective.
 * \return TD_DIVERGED; TD_FAILED where nothing could be saved */
td_status td_search_save_last(td_search *s);

/* ---- repair.c: files that could not be written, or are gone ---------------------- */

/* Of a finished run: what does not tell what the checkpoint tells is made anew, which
 * is said; what cannot be is a warning.  Rank 0.
 * \return TD_FAILED when something cannot be written */
td_status td_search_repair(td_search *s);

/* best.h5 alone, of a run that goes on. */
td_status td_search_repair_best(td_search *s);

/* ---- claim.c -------------------------------------------------------------------- */

/* Take the run directory: lock, run.log, config.yaml, metrics.csv.  Collective. */
td_status td_search_claim_directory(td_search *s);

/* The verdict of a run that was stopped on request.  Not collective. */
td_status td_search_stopped(const td_search *s);

/* ---- best.c: the best epoch by what is held out --------------------------------- */

/* Keep the epoch that ends if it is the best so far. */
void td_search_note_best(td_search *s, const td_metrics *row);

/* Progress that was saved goes on by this run's measure; rank 0, with the history. */
void td_search_settle_best(td_search *s);

/* ---- history.c: the alphas after each finished epoch; rank 0 -------------------- */

/* Room for some epochs, with the rows of a run that resumes; NaN where those were not
 * kept.  Again is fine. */
void td_search_history_begin(td_search *s);

/* The alphas of the epoch that has just been counted. */
void td_search_history_note(td_search *s);

/* ---- live.c, finish.c: what people read ---------------------------------------- */

/* Where the epoch stands, on a terminal; now and then. */
void td_search_print_live(td_search *s, const td_step_rates *rates);

/* The line of an epoch. */
void td_search_print_epoch(const td_search *s, const td_metrics *row);

/* genotype.svg, where Graphviz is; else a NOTE.  Rank 0. */
void td_search_draw(td_search *s);

/* Picture and last words.  Collective. */
td_status td_search_finish(td_search *s);

/* ---- losses.c: what the steps of an epoch go down; not collective ---------------- */

/* The losses of both halves for the epoch that begins, at the stepper from now on. */
void td_search_prepare_losses(td_search *s);
void td_search_free_losses(td_search *s);

/* ---- epoch.c, validate.c, row.c -------------------------------------------------- */

/* Train from progress.step to the end of the epoch.
 * \return TD_STOPPED on request, everything saved.  Collective. */
td_status td_search_train_epoch(td_search *s);

/* What a test does to this rank's replica after each step; NULL outside tests. */
extern void (*td_search_fault)(td_search_state *state, const td_progress *progress);

/* Save where the epoch stands, and leave: the verdict of a run that was stopped.
 * Collective. */
td_status td_search_stop(td_search *s);

/* The architecture half with running statistics into s->score.  Collective.
 * \return false when a request to stop came meanwhile: it is not in s->score, and is
 * done again by the run that continues */
bool td_search_validate(td_search *s);

/* The row of metrics.csv for the epoch that ends.  Collective. */
td_metrics td_search_row(td_search *s);

/* Seconds that this rank has spent in MPI so far. */
double td_search_comm_seconds(const td_search *s);

#endif
