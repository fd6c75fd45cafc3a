/** Floor 7: what a run is going to be, known before its work and told people. */
#ifndef TAILDART_PLAN_H
#define TAILDART_PLAN_H

#include "taildart/comm.h"
#include "taildart/plan_kind.h"

TD_PUBLIC_BEGIN

/** Index of a stream among those of a run: half, then re-balancing or not. */
enum {
    TD_DRAW_TRAIN,
    TD_DRAW_VALID,
    TD_DRAW_TRAIN_REBALANCE,
    TD_DRAW_VALID_REBALANCE,
    TD_DRAW_COUNT
};

/** Write the text of --dry-run beside the keys: shapes of the data, tail, steps,
 *  parameters and planned bytes, for one rank; \a settings are settled as for a run.
 *  Not collective.  \param [out] text for td_free; NULL on failure
 *  \return TD_USAGE, TD_DATA as the run would */
td_status td_plan_text(td_settings *settings, char **text);

/** Compute learning rates and all else that rules the steps of an epoch.
 *  Not collective. */
td_step_rates td_plan_rates(const td_run_kind *kind, const td_config *config,
                            int run_epoch);

/** Where a run goes on with another number of epochs. */
typedef struct {
    const td_config *before, *now;
    int trained; /**< last epoch of the former course that had a step */
    int next;    /**< first one that goes by the new course           */
} td_plan_seam;

/** Write what the schedules give on both sides of a seam, "weights 0.013 -> 0.013, …".
 *  Not collective.  \return for td_free; NULL where the courses agree so far */
char *td_plan_seam_text(const td_run_kind *kind, const td_plan_seam *seam);

/** The mixing ratio of a step: that of its epoch, or a draw.  Not collective.
 *  \param [in] rates  of the epoch */
double td_plan_mixing(const td_config *config, const td_step_rates *rates, int epoch,
                      int64_t step);

/** The network that settings and data ask for.  Not collective.
 *  \param [in] batch  of a branch on one rank  \param [in] shards  of one rank
 *  \param [in] genotype  that the kind was given, or NULL; borrowed by the result */
td_net_spec td_plan_spec(const td_run_kind *kind, const td_config *config,
                         const td_data_info *info, int batch, int shards,
                         const td_genotype *genotype);

/** Where a search in stages is. */
typedef struct {
    int number;                        /**< of the stage, from 0            */
    uint8_t present[2 * TD_MAX_EDGES]; /**< (2, edges) what edges have there */
} td_plan_stage;

/** The stage that a checkpoint is of.  Not collective.
 *  \param [in] spec  of the network that the search begins with
 *  \return TD_CHECKPOINT naming \a path when search.stages has another one there */
td_status td_plan_saved_stage(td_plan_stage *stage, const td_checkpoint *saved,
                              const char *path, const td_config *config,
                              td_net_spec spec);

/** From the network that a search begins with to that of a stage.  Not collective. */
void td_plan_enter_stage(td_net_spec *spec, const td_config *config,
                         const td_plan_stage *stage);

/** Refuse losses that the images of their halves leave without a meaning.
 *  Not collective.  \return TD_USAGE naming the key */
td_status td_plan_check_losses(const td_run_kind *kind, const td_config *config,
                               const td_selection *selection);

/** The loss that the steps of a half go down in an epoch, whose class weights may begin
 *  later.  Not collective.  \return for td_loss_free */
td_loss *td_plan_loss(const td_config *config, const td_selection *selection,
                      td_half half, int64_t run_epoch);

/** How the images of a half's steps are mixed in an epoch of the run, which the keys'
 *  epochs are, too.  Not collective. */
td_mix_keys td_plan_mix(const td_config *config, td_half half, int64_t run_epoch);

/** Whether a part of the training images is held out.  Not collective. */
static inline bool td_plan_holds_out(const td_selection *selection)
{
    return selection->half_count[TD_HALF_ARCH] > 0;
}

/** Memory that a rank plans to use, in bytes. */
typedef struct {
    double images;      /**< pixels that it holds                                */
    double tables;      /**< which images those are, and who draws which         */
    double weights;     /**< of the network                                      */
    double moments;     /**< momentum of the weights                             */
    double activations; /**< of the passes, with their workspaces                */
    double buffers;     /**< gradients, sums, batches, statistics, the program   */
} td_plan_bytes;

/** Plan the memory of the rank that holds most, in the stage that needs most of those
 *  that are not over.  Not collective.
 *  \param [out] net  the network's part of it
 *  \return TD_USAGE, TD_DATA as the run would */
td_status td_plan_measure(const td_plan *plan, td_net_plan *net, td_plan_bytes *bytes);

/** Their sum.  Not collective. */
double td_plan_sum(const td_plan_bytes *bytes);

/** Settle what ranks hold: all that they draw, where a rank cannot read it from a file
 *  when it is drawn; otherwise what their shards own, or nothing where that does not
 *  fit into memory, with a NOTE.  \a plan: settled on return.  Collective. */
void td_plan_settle_hold(td_plan *plan, td_comm *world);

/** The NOTE of a start that does not fit into memory, with what each host has now; rank
 *  0 speaks.  Collective. */
void td_plan_hold_memory(const td_plan *plan, td_comm *world);

/** Print a summary of the run that begins, in at most 25 lines; the last one repeats
 *  it.  Not collective (rank 0).  \param [in] isa  of the kernels
 *  \param [in] saved  where a run that continues stands; NULL of a new one */
void td_plan_tell(const td_plan *plan, const char *isa, const td_progress *saved);

/** Tell in NOTEs where a retraining (train.from) chooses its images otherwise than the
 *  training of \a saved did: what it holds out may have taught the trunk.
 *  Not collective (rank 0).  \param [in] path  of the checkpoint, for messages */
void td_plan_note_other_images(const td_settings *settings, const td_checkpoint *saved,
                               const char *path);

TD_PUBLIC_END

#endif
