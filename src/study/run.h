/* Running of a study: run.c has the points, stage.c one stage of a point. */
#ifndef TD_STUDY_RUN_H
#define TD_STUDY_RUN_H

#include "internal.h"

/* A running study. */
typedef struct {
    const td_study *study;
    const td_study_options *options;
    int *points; /* owned: indices of the selected points */
    int count;
    int failed, elsewhere;           /* points; elsewhere: run by another process    */
    bool again;                      /* second pass                                 */
    int missing[TD_STUDY_STAGES];    /* stages still to do                          */
    double seconds[TD_STUDY_STAGES]; /* of the stages run here, to estimate the     */
    int timed[TD_STUDY_STAGES];      /* time left                                   */
} td_study_work;

/* Outcome of a stage or a point. */
typedef enum {
    TD_STUDY_WENT_WELL,
    TD_STUDY_HAS_FAILED,
    TD_STUDY_IS_ELSEWHERE,
    TD_STUDY_WAS_STOPPED
} td_study_outcome;

/* Run a stage as a child and wait, told of in the log at its beginning and end; one
 * that fails is noted in the point's folder.  \a index: of the selected points */
td_study_outcome td_study_run_stage(td_study_work *w, int index, td_study_stage stage);

/* Remove the note of an earlier failure. */
void td_study_remove_failure(const td_study_work *w, td_grid_point point);

#endif
