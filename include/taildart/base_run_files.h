/** Floor 1: what the files in a run's directory are called.  Runs write them; what
 *  takes the directory of a run, from checkpoints to studies, reads them. */
#ifndef TAILDART_BASE_RUN_FILES_H
#define TAILDART_BASE_RUN_FILES_H

#define TD_RUN_CHECKPOINT "checkpoint.h5"
#define TD_RUN_CHECKPOINT_BEFORE "checkpoint.prev.h5" /**< td_checkpoint_prev() */
#define TD_RUN_BEST "best.h5"
#define TD_RUN_CONFIG "config.yaml"
#define TD_RUN_METRICS "metrics.csv"
#define TD_RUN_STARTS "starts.csv"
#define TD_RUN_EVALUATIONS "evaluations.csv"
#define TD_RUN_GENOTYPE "genotype.txt"
#define TD_RUN_GENOTYPE_JSON "genotype.json"
#define TD_RUN_GENOTYPE_DOT "genotype.dot"
#define TD_RUN_GENOTYPE_SVG "genotype.svg"
#define TD_RUN_TIMING "timing.json"
#define TD_RUN_TRACE "trace.json"
#define TD_RUN_LOG "run.log"
#define TD_RUN_LOCK "run.lock"
#define TD_RUN_BEAT "heartbeat"
#define TD_RUN_FAILURE "failed.txt" /**< of a run in a study: its last error */

#endif
