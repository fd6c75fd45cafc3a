/* A run under way: what the files of this room share. */
#ifndef TD_RUN_RUN_H
#define TD_RUN_RUN_H

#include "taildart/arch.h"
#include "taildart/checkpoint.h"
#include "taildart/choice.h"
#include "taildart/eval_score.h"
#include "taildart/genotype.h"
#include "taildart/machine_begin.h"
#include "taildart/plan.h"
#include "taildart/run.h"
#include "taildart/sampling_source.h"
#include "taildart/step.h"
#include "taildart/store.h"
#include "taildart/store_beat.h"
#include "taildart/timing_report.h"

/* The images, and the part of them that this rank draws. */
typedef struct {
    td_dataset *dataset;    /* rank 0, until the images are shared */
    td_image_source source; /* of the training images */
    td_hold hold;           /* settled: auto is what a rank owns */
    td_data_info info;
    td_selection *selection;
    int shards, first_shard, shard_count; /* of the run, of this rank */
    bool is_dealt_anew;                   /* other shards than the saved run's */
    int rank_batch;                       /* most images of a branch on this rank */
    int64_t steps;                        /* of an epoch */
} td_job_data;

/* The state of the loop over epochs. */
typedef struct {
    td_stepper *stepper;
    td_search_state *state;
    td_loss *loss[2]; /* by td_half, of the epoch under way */
    td_image_store *images;
    td_stream *streams[TD_DRAW_COUNT];
    td_loader *loader;
    int32_t *places;       /* (rank_batch) of the images of a step in the whole batch */
    int32_t *valid_places; /* (rank_batch) the same of the architecture half */
    td_score *score;       /* of the last validation */
    td_progress progress;
    td_plan_stage stage;            /* of the network at hand */
    td_choice_end end;              /* by search.stop, once it is reached */
    td_loss_sums sums[TD_BRANCHES]; /* training sums of the epoch under way */
    td_times counted;               /* what the rows so far, and the start, have told */
    double seconds_before;          /* of the epoch under way, in former starts */
    td_reductions reduced[TD_REDUCTION_KINDS]; /* of this start */
    double arrived[2]; /* bytes by rings in this start, and the early ones of these */
    bool is_traced;    /* trace.json has been written */
    bool is_time_told; /* after the first epoch of this start */
    double last_live;  /* rank 0: td_clock_seconds() */
    double last_beat;  /* likewise, of the heartbeat */
} td_job_loop;

/* Files of the run, which rank 0 reads and writes; empty on the others. */
typedef struct {
    td_run *directory;
    td_checkpoint *saved;  /* while resuming */
    td_checkpoint *trunk;  /* of train.from, until its weights are taken */
    char *history;         /* rows of metrics.csv so far */
    char *class_names;     /* a line each */
    td_real *arch_history; /* (arch_room, 2, edges, 8): −∞ where there is no such
                                  operation any more */
    int64_t arch_room;     /* epochs that fit into it */
    td_packed_checkpoint best; /* best.h5 while it is not on the disk */
    bool metrics_stale;        /* a row could not be written */
    double last_save;          /* td_clock_seconds() */
} td_job_files;

/* A run of any kind, as this start of it has it. */
typedef struct {
    td_comm *world; /* borrowed */
    int rank, ranks;
    const td_run_kind *kind;
    td_settings *settings;   /* borrowed on rank 0, else owned */
    const td_config *config; /* inside settings */
    td_genotype genotype;    /* that the kind was given */
    td_machine machine;
    int branches;
    bool is_resumed, is_finished;
    double throttled_before; /* td_throttled_read(), when this start began */
    td_job_data data;
    td_job_loop loop;
    td_job_files files;
} td_job;

/* ---- setup.c: what every rank must know; all collective ---------------------- */

td_status td_job_share_settings(td_job *job);
td_status td_job_open_data(td_job *job);
td_status td_job_deal_shards(td_job *job);
td_status td_job_build(td_job *job);

/* Network, buffers and first state of the stage at hand.  Collective. */
td_status td_job_build_network(td_job *job);

/* The run as it is known before its work; borrows of the job.  Not collective. */
td_plan td_job_plan(const td_job *job);

/* ---- images.c: pixels from their file, or from rank 0; all collective ----------- */

/* Open the file of the pixels where there is one: td_image_source_open(). */
td_status td_job_open_pixels(td_job *job);

/* Streams, images and loader: each rank gets the images that it draws. */
td_status td_job_share_images(td_job *job);

/* ---- genotype.c ----------------------------------------------------------------- */

/* The cells that the run stands for now: derived from the alphas, or given. */
td_genotype td_job_genotype(const td_job *job);

/* The same without search.max_skips, which would hide a collapse from who counts. */
td_genotype td_job_free_genotype(const td_job *job);

/* Whether search.stop ends the run, into loop.end.  \a row: that is not in the history
 * yet, or NULL.  Collective. */
void td_job_find_end(td_job *job, const td_metrics *row);

/* Whether no epoch is left to do. */
bool td_job_is_over(const td_job *job);

/* Say so where search.stop has ended it. */
void td_job_tell_end(const td_job *job);

/* ---- compare.c: whether a saved run is the one that is asked for; rank 0 --------- */

/* By config.yaml, before all else: a changed key shall be named as such, not as another
 * network.  \param [out] is_there  whether it could be read */
td_status td_job_compare_config(const td_job *job, bool *is_there);

/* By the settings in the checkpoint. */
td_status td_job_compare_saved(const td_job *job);

td_status td_job_compare_images(const td_job *job);

/* All that is left to compare once the network is built. */
td_status td_job_accept_saved(const td_job *job);

/* ---- resume.c: continuing a saved run; collective ----------------------------- */

/* Rank 0 finds and verifies the checkpoint; all learn where the run stands. */
td_status td_job_find_saved(td_job *job);

/* The saved state to all ranks; sets is_finished when nothing is left to do. */
td_status td_job_restore(td_job *job);

/* A run goes on with the mean and the deviation that it began with.  \return whether
 * they are others than those of the data.  Not collective. */
bool td_job_take_statistics(td_data_info *info, const td_checkpoint *saved);

/* ---- trunk.c: the network that train.from names; collective -------------------- */

/* Read it, check it and take its mean and deviation, where a run begins with one. */
td_status td_job_find_trunk(td_job *job);

/* Its weights to all ranks. */
td_status td_job_take_trunk(td_job *job);

/* ---- pack.c: all of a run as one checkpoint ------------------------------------- */

/* Names of the data set's classes, unless they are known.  Rank 0. */
void td_job_settle_names(td_job_files *files, const td_dataset *dataset);

/* Rank 0.  \param [in] label  says what the file is, whatever name a copy of it
 * bears */
td_status td_job_pack(td_job *job, td_packed_checkpoint *packed, const char *name,
                      char *label);

/* The state under the label "best", as best.h5 holds it.  Rank 0. */
td_status td_job_pack_best(td_job *job);

/* ---- save.c: what a run leaves behind ----------------------------------------- */

/* A warning, where the run goes on. */
void td_job_warn(td_status status);

/* Genotype files, row and checkpoint of the epoch that ended, the replicas being equal.
 * Trouble is a warning unless this is the last save of the run, or the directory is the
 * run's no more.  Collective. */
td_status td_job_save_epoch(td_job *job, const td_metrics *row, bool is_last);

/* Whether checkpoint.minutes have passed since the last one; false but on rank 0, whose
 * clock decides for all.  Not collective. */
bool td_job_is_save_due(const td_job *job);

/* A checkpoint in mid-epoch, if the replicas are equal.  Trouble with the disk is a
 * warning.  \return TD_DIVERGED; TD_FAILED where the directory is the run's no more.
 * Collective. */
td_status td_job_save_now(td_job *job);

/* The cell in all its forms but the picture.  Rank 0. */
td_status td_job_write_genotype(td_run *directory, const td_genotype *genotype);

/* Write what td_job_pack_best has left, if anything: it is kept until that succeeds.
 * Rank 0. */
td_status td_job_write_best(td_job_files *files);

/* The last checkpoint before a stop, if the replicas are equal.  Collective.
 * \return TD_DIVERGED; TD_FAILED where nothing could be saved */
td_status td_job_save_last(td_job *job);

/* ---- repair.c: files that could not be written, or are gone ---------------------- */

/* Of a finished run: what does not tell what the checkpoint tells is made anew, which
 * is said; what cannot be is a warning.  Rank 0.
 * \return TD_FAILED when something cannot be written */
td_status td_job_repair(td_job *job);

/* best.h5 alone, of a run that goes on. */
td_status td_job_repair_best(td_job *job);

/* ---- claim.c -------------------------------------------------------------------- */

/* Seconds that a start waits for the lock of another one. */
enum { TD_JOB_PATIENCE = 10 };

/* Take the run directory: lock, run.log, config.yaml, metrics.csv.  Collective. */
td_status td_job_claim_directory(td_job *job);

/* The verdict of a run that was stopped on request.  Not collective. */
td_status td_job_stopped(const td_progress *progress, const char *out);

/* ---- best.c: the best epoch by what is held out --------------------------------- */

/* Keep the epoch that ends if it is the best so far. */
void td_job_note_best(td_progress *progress, td_best by, const td_metrics *row);

/* Progress that was saved goes on by this run's measure, with values out of the rows so
 * far. */
void td_job_settle_best(td_progress *progress, const td_run_kind *kind, td_best by,
                        const char *history);

/* ---- history.c: the alphas after each finished epoch; rank 0 -------------------- */

/* Room for some epochs, with the rows of a run that resumes after \a done of them; NaN
 * where those were not kept.  Again is fine. */
void td_job_history_begin(td_job_files *files, const td_search_state *state,
                          int64_t done);

/* The alphas of the epoch that has just been counted. */
void td_job_history_note(td_job_files *files, const td_search_state *state,
                         int64_t done);

/* ---- beat.c: the heartbeat ------------------------------------------------------- */

/* Leave a sign of life: of steps at most every five seconds. */
void td_job_beat(td_job *job, td_beat_state state);

/* The last one, of a run whose loop had begun. */
void td_job_beat_last(td_job *job, td_status status);

/* ---- live.c, finish.c: what people read ---------------------------------------- */

/* Show how far the epoch is, on a terminal; now and then. */
void td_job_print_live(td_job *job, const td_step_rates *rates);

/* Mean seconds of the epoch's steps so far, 0 before the first, and the steps of the
 * run that are left. */
double td_job_step_seconds(const td_job *job);
int64_t td_job_steps_left(const td_job *job);

/* The line of an epoch. */
void td_job_print_epoch(td_job *job, const td_metrics *row);

/* genotype.svg, where Graphviz is; else a NOTE.  Rank 0. */
void td_job_draw(td_run *directory, const td_genotype *genotype);

/* Picture and last words.  Collective. */
td_status td_job_finish(td_job *job);

/* ---- begin.c: what an epoch begins with ---------------------------------------- */

/* The losses of its steps; before the first one what search.prune drops, and where a
 * stage of search.stages begins another network, with a state that begins anew.
 * Collective. */
td_status td_job_begin_epoch(td_job *job);
void td_job_free_losses(td_job_loop *loop);

/* ---- epoch.c, row.c -------------------------------------------------------------- */

/* Train from progress.step to the end of the epoch.
 * \return TD_STOPPED on request, everything saved.  Collective. */
td_status td_job_train_epoch(td_job *job);

/* Save where the epoch stands, and leave: the verdict of a run that was stopped.
 * Collective. */
td_status td_job_stop(td_job *job);

/* The row of metrics.csv for the epoch that ends, with its eigenvalue.  Collective. */
td_metrics td_job_row(td_job *job, double eigenvalue);

/* ---- times.c -------------------------------------------------------------------- */

/* Add the reductions since the last call to loop->reduced.  Collective. */
void td_job_count_reductions(td_job_loop *loop);

/* Begin the trace that run.trace asks for.  Collective. */
void td_job_begin_trace(const td_job *job);

/* Write it, unless that is done.  Collective. */
void td_job_end_trace(td_job *job);

/* Where the time of this start went, section by section: the table, and a line of
 * timing.json.  Collective. */
void td_job_tell_times(td_job *job);

#endif
