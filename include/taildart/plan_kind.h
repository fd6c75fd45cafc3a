/** Floor 7: kinds of runs, and a run as it is known before its work.
 *
 *  A kind is a row: its words, its numbers, and functions where it goes its own way.
 *  All else asks the row, never which kind it is.  A new kind is a file beside
 *  src/plan/kind_search.c and its name in src/plan/kinds.c.
 */
#ifndef TAILDART_PLAN_KIND_H
#define TAILDART_PLAN_KIND_H

#include "taildart/base_text.h"
#include "taildart/checkpoint.h"
#include "taildart/sampling_split.h"
#include "taildart/step.h"

TD_PUBLIC_BEGIN

typedef struct td_run_kind td_run_kind;

/** A run before its work; all borrowed. */
typedef struct {
    const td_run_kind *kind;
    const td_settings *settings;
    const td_config *config; /**< inside settings */
    const td_data_info *info;
    const td_selection *selection;
    td_net_spec spec; /**< batch: of a branch on one rank */
    int ranks, threads, shards;
    int64_t steps;   /**< of an epoch                                       */
    bool is_in_file; /**< every rank reads its pixels from a file           */
    bool is_mapped;  /**< rank 0 reads them there: it loads none            */
    td_hold hold;    /**< settled, see td_plan_settle_hold                  */
} td_plan;

/** The end of a run, as its last lines tell of it; all borrowed. */
typedef struct {
    const td_config *config;
    const td_search_state *state;
    const td_progress *progress;
    bool holds_out; /**< td_plan_holds_out() */
} td_run_result;

/** Functions may be NULL where a kind has nothing to do or to say; none is
 *  collective. */
struct td_run_kind {
    const char *name;         /**< of its command and keys, and in checkpoints      */
    const char *title;        /**< what a run directory holds                       */
    const char *weight_title; /**< what people call the half of the weights         */
    td_config_command command;
    int halves;      /**< that steps draw from: 1 that of the weights, 2 both       */
    bool keeps_best; /**< best.h5, where images are held out                        */
    int base_batch;  /**< at which weights.lr.scale changes nothing                 */

    /** Replace settings that stand for others (a name of a genotype) by their values:
     *  a saved run stands alone.  Rank 0. */
    td_status (*settle)(td_settings *settings);
    /** The genotype that settled settings give. */
    td_status (*given)(td_genotype *genotype, const td_config *config);
    /** From the spec of a supernet to that of the network at hand. */
    void (*specify)(td_net_spec *spec, const td_config *config,
                    const td_genotype *genotype);
    /** The measure that the best epoch is chosen by. */
    td_best (*best_by)(const td_config *config);

    struct {
        void (*images)(const td_plan *plan);    /**< halves                         */
        void (*sampling)(const td_plan *plan);  /**< who draws how                  */
        void (*network)(const td_plan *plan);   /**< beside channels and cells      */
        void (*schedules)(const td_plan *plan); /**< beside that of the weights     */
        /** Behind the number of steps. */
        void (*steps)(td_text *text, const td_config *config);
    } tell; /**< lines of a start */

    /** Last lines of --dry-run. */
    void (*write_network)(td_text *text, const td_plan *plan);

    struct {
        void (*network)(const td_plan *plan);
        void (*batches)(const td_plan *plan);
        void (*rates)(const td_plan *plan);
    } doubt; /**< NOTEs on what cannot have been meant (src/plan/doubts.c) */

    /** Print the results. */
    void (*tell_end)(const td_run_result *end);
};

extern const td_run_kind td_run_search, td_run_train;

/** The kind that a command runs.  Not collective. */
const td_run_kind *td_run_kind_of(td_config_command command);

/** The kind whose settings are \a yaml.  Not collective. */
const td_run_kind *td_run_kind_of_yaml(const char *yaml);

/** The kind of the run that left a checkpoint.  Not collective. */
const td_run_kind *td_run_kind_of_saved(const td_checkpoint *saved);

TD_PUBLIC_END

#endif
