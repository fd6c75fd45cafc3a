/* The parts of `taildart report`: pages, other forms, and a page shown. */
#ifndef TD_CLI_REPORT_H
#define TD_CLI_REPORT_H

#include "cli_internal.h"
#include "taildart/report_page.h"
#include "taildart/scaling.h"

/* A name with "tfevents" in it, as readers want, and always the same: a later report
 * replaces it. */
#define TD_CLI_EVENTS_FILE "events.out.tfevents.0.taildart"

/* ---- report_page.c --------------------------------------------------------------- */

/* Write a file of a report: to a name that was typed or, \a in_folder, into a run's or
 * a study's folder, where links are not followed: it may be from others. */
td_status td_cli_report_save(const char *path, bool in_folder, const char *bytes,
                             size_t count);

/* Refuse to replace a file that is no page of a report. */
td_status td_cli_page_keep_others(const char *path);

/* Name a page that was written and, with --open, show it. */
td_status td_cli_page_show(const char *path, const td_cli_line *line);

/* Check that the page of runs, of which \a first is one, or that of scaling.csv,
 * replaces no other file. */
td_status td_cli_page_check_runs(const td_report_run *first, const td_cli_line *line);
td_status td_cli_page_check_scaling(const td_cli_line *line);

/* Write the page of runs, as many as the line has operands, or that of scaling.csv,
 * whose table goes to stdout. */
td_status td_cli_page_runs(td_report_run *const *runs, const td_cli_line *line);
td_status td_cli_page_scaling(const td_scaling_file *file, const td_cli_line *line);

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

/* ---- report_png.c ---------------------------------------------------------------- */

/* The form of pictures: FILE.png of the curves and FILE-cell.png of each cell, with the
 * scripts that make them beside these. */
td_status td_cli_report_png(td_report_run *const *runs, const td_cli_line *line);

/* Try the place of such a picture, which --out names.  \return TD_FAILED naming it */
td_status td_cli_report_png_try(const char *out);

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
