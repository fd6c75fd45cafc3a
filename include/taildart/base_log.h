/** Floor 1: output for people.  Rank 0 prints; other ranks print warnings only.
 *  Text from outside cannot control a terminal: whatever could is shown as `\xNN`
 *  (td_text_show).
 *
 *  Levels: NOTE and WARNING go to stderr, INFO to stdout, DETAIL to stdout with -v.
 *  With a log file open every line goes there, too, behind its date and time (run.log).
 */
#ifndef TAILDART_BASE_LOG_H
#define TAILDART_BASE_LOG_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

typedef enum { TD_LOG_WARNING, TD_LOG_NOTE, TD_LOG_INFO, TD_LOG_DETAIL } td_log_level;

/** Set how much to show: TD_LOG_NOTE for --quiet, TD_LOG_INFO, TD_LOG_DETAIL for -v.
 *  Not collective. */
void td_log_set_level(td_log_level level);

/** Also append every line to \a path, never through a link; notes and warnings printed
 *  before this call come first; NULL closes.
 *  Not collective.  \return TD_FAILED naming the file */
td_status td_log_set_file(const char *path);

/** Print one line (the newline is added) from rank 0; other ranks print warnings only.
 *  WARNING and NOTE are prefixed with their name.  Not collective. */
void td_log(td_log_level level, const char *format, ...) TD_PRINTF(2, 3);

/** Print a text that may exceed 80 columns: it is broken at spaces, and lines after the
 *  first begin with \a indent spaces.  Not collective. */
void td_log_wrapped(td_log_level level, int indent, const char *format, ...)
    TD_PRINTF(3, 4);

/** Print the recorded error and its hint as the last words of a command, from the rank
 *  that prints.  Not collective. */
void td_log_failure(void);

/** Print one line of a command's answer (the newline is added) to stdout, whatever the
 *  level; control characters are shown as td_text_show writes them.
 *  Not collective. */
void td_print(const char *format, ...) TD_PRINTF(1, 2);

/** Log a line that is shortened on a terminal too narrow for \a text: to as many
 *  \a parts as fit, the most important first, NULL behind the last.  A file gets all
 *  of it.
 *  Not collective. */
void td_log_fit(td_log_level level, const char *text, const char *const *parts);

/** Show a live line that replaces itself on a terminal: as many \a parts as fit, the
 *  most important first, NULL behind the last; call with NULL to end it.  Nothing is
 *  printed where stdout is no terminal (td_terminal_is_watched).  Not collective. */
void td_log_live(const char *const *parts);

/* ---- several runs in one process ------------------------------------------------ */

/** Send all lines of this process to two files instead of stdout and stderr, made anew,
 *  never through a link; NULL, NULL ends this.  Notes that no log file has had are
 *  forgotten: they were of the run before.
 *  Not collective.  \return TD_FAILED naming the file */
td_status td_log_divert(const char *out, const char *err);

/** Print one line to stdout although lines are diverted, broken at 80 columns; no log
 *  file gets it.  Prints on every rank that calls it, unless --quiet.
 *  Not collective. */
void td_log_aside(const char *format, ...) TD_PRINTF(1, 2);

/** Let this rank print like rank 0: it is the first of a group with a run of its own.
 *  Not collective. */
void td_log_speak(bool always);

/** Send stdout's part to stderr instead (commands whose stdout is data).
 *  Not collective. */
void td_log_to_stderr(bool on);

TD_PUBLIC_END

#endif
