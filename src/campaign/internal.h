/* Functions shared by the files of this room. */
#ifndef TD_CAMPAIGN_INTERNAL_H
#define TD_CAMPAIGN_INTERNAL_H

#include "taildart/campaign.h"
#include "taildart/study_folder.h"

/* ---- before.c ------------------------------------------------------------------- */

/* Check data, folder, programs and outputs before the first point; changes nothing.
 * \a program NULL: none is started.
 * \return TD_DATA, TD_FAILED or TD_USAGE, naming the key and the fix */
td_status td_campaign_check_start(const td_study *study, const char *program);

/* Check that the study's folder is new, empty or a study's; TD_USAGE naming a foreign
 * file in it. */
td_status td_campaign_check_folder(const td_study *study);

/* ---- collect.c ------------------------------------------------------------------ */

/* Keep the study file in the study's folder, which is there, so that a page can be made
 * while runs are at work; what hinders it td_campaign_collect will tell. */
void td_campaign_keep_file(const td_study *study);

/* ---- child.c --------------------------------------------------------------------- */

/* How a child ended. */
typedef struct {
    int code;    /* exit status; 128 + signal */
    bool absent; /* there is no such program  */
} td_child_end;

/* Run a command with nothing to read and its output in two files, and wait.
 * \a folder: where it runs, NULL for here.  Requests to stop are forwarded to it
 * (td_signals_child), so that a run saves and stops, also through mpirun. */
td_child_end td_child_run(char *const *words, const char *out, const char *err,
                          const char *folder);

/* The most informative line of an error file, for td_free; "" for an empty file. */
char *td_child_last_error(const char *path);

/* ---- told.c: time --------------------------------------------------------------- */

/* Stages still to do, and the time that those took which were done here. */
typedef struct {
    int missing[TD_STUDY_STAGES];
    double seconds[TD_STUDY_STAGES];
    int timed[TD_STUDY_STAGES];
} td_stage_clock;

/* "about 3.4 min left", of \a hands that work side by side, or that it is not known
 * yet; for td_free. */
char *td_time_left(const td_stage_clock *clock, int hands);

#endif
