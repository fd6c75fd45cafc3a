/* The forms of `taildart report` besides a page, and the page shown. */
#ifndef TD_CLI_REPORT_H
#define TD_CLI_REPORT_H

#include "cli_internal.h"
#include "taildart/report_page.h"

/* A name with "tfevents" in it, as readers want, and always the same: a later report
 * replaces it. */
#define TD_CLI_EVENTS_FILE "events.out.tfevents.0.taildart"

/* ---- report_forms.c -------------------------------------------------------------- */

/* Writes runs in a form; as many as the line has operands. */
typedef td_status td_cli_report_write(td_report_run *const *runs,
                                      const td_cli_line *line);

/* Refuse options that do not go with each other: TD_USAGE naming them. */
td_status td_cli_report_check(const td_cli_line *line);

/* Try the place that --out names, before runs are read.  \return TD_FAILED naming it */
td_status td_cli_report_try(const td_cli_line *line);

/* The form that the line asks for; NULL for a page. */
td_cli_report_write *td_cli_report_form_of(const td_cli_line *line);

/* ---- report_study.c -------------------------------------------------------------- */

/* Whether a path is the folder of a study. */
bool td_cli_report_is_study(const char *folder);

/* Write the page of the study that is the line's only operand; TD_USAGE where there are
 * more, where a form is asked for that only runs have, and for a folder that does not
 * hold its study file. */
td_status td_cli_report_study(const td_cli_line *line);

/* ---- browse.c -------------------------------------------------------------------- */

/* Show a file by the user's browser: a program of $BROWSER, or of the desktop where a
 * display is.  Waits for that program.
 * \return TD_FAILED, with a hint, where there is none or it fails */
td_status td_cli_browse(const char *path);

#endif
