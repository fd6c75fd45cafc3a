/* Running of a study: run.c has the points one after the other, point.c one of them,
 * stage.c one stage of it. */
#ifndef TD_CAMPAIGN_RUN_H
#define TD_CAMPAIGN_RUN_H

#include "internal.h"

/* How a stage ended: exit status, or 128 + signal, and its last words (owned). */
typedef struct {
    int code;
    char *words;
} td_stage_end;

typedef struct td_campaign td_campaign;

/* Make a stage, by its command, with its output in two files. */
typedef td_stage_end td_stage_maker(td_campaign *c, const td_study_command *command,
                                    const char *out, const char *err);

/* A study under way in this process. */
struct td_campaign {
    const td_study *study;
    const td_campaign_options *options;
    int *points; /* owned: indices of the selected points */
    int count;
    td_stage_maker *make;
    void *maker;           /* borrowed: what that needs                       */
    bool tells_stages;     /* a line before each, and behind it               */
    int failed, elsewhere; /* points; elsewhere: run by another process       */
    bool again;            /* second pass                                     */
    td_stage_clock clock;
};

/* Outcome of a stage or a point. */
typedef enum {
    TD_STUDY_WENT_WELL,
    TD_STUDY_HAS_FAILED,
    TD_STUDY_IS_ELSEWHERE,
    TD_STUDY_WAS_STOPPED,
    TD_STUDY_OUTCOMES
} td_study_outcome;

/* What became of it, in front of a time: "done in", "failed after"; by outcome. */
extern const char *const td_outcome_words[TD_STUDY_OUTCOMES];

/* ---- run.c ----------------------------------------------------------------------- */

/* Select the points; for td_campaign_clear.  \return TD_USAGE */
td_status td_campaign_begin(td_campaign *c, const td_study *study,
                            const td_campaign_options *options);
void td_campaign_clear(td_campaign *c);

/* Write the tables, and say how the study ends. */
td_status td_campaign_end(const td_campaign *c, bool stopped);

/* ---- point.c; \a index: of the selected points ---------------------------------- */

/* Run what is missing of a point, under its lock: two studies in one folder share the
 * points. */
td_study_outcome td_point_run(td_campaign *c, int index);

/* Whether nothing is missing. */
bool td_point_is_complete(const td_campaign *c, int index);

/* Whether the last attempt at it failed. */
bool td_point_has_failed(const td_campaign *c, int index);

/* Count its missing stages into the clock, \a by times. */
void td_point_count(const td_campaign *c, int index, td_stage_clock *clock, int by);

/* ---- stage.c -------------------------------------------------------------------- */

/* The point \a index of the selected ones. */
td_grid_point td_point_at(const td_campaign *c, int index);

/* Write why a step fails to the point's folder, where later starts collect it, too. */
void td_stage_note_failure(const td_campaign *c, int index, td_study_step step,
                           const char *why);

/* Make a step; one that fails is noted in the point's folder. */
td_study_outcome td_stage_run(td_campaign *c, int index, td_study_step step);

#endif
