/** Functions shared by the commands.  One form describes a command's options and
 *  operands; the parser, --help and the error for an unknown option all read it.
 *
 *  A command scans its line (no file is opened), answers --help or --version, then
 *  applies the values and does its work.  Commands on ranks leave the last two to
 *  td_cli_run_on_ranks. */
#ifndef TAILDART_CLI_INTERNAL_H
#define TAILDART_CLI_INTERNAL_H

#include "taildart/campaign.h"
#include "taildart/comm.h"
#include "taildart/config.h"

/** An option of a command's own. */
typedef struct {
    const char *name;     /**< without the dashes; NULL ends a list             */
    const char *argument; /**< its name in the help ("FILE"), or the words that it may
                               be ("weak|strong"); NULL for a switch            */
    const char *help;     /**< one line                                         */
    char letter;          /**< its short form, or 0                             */
} td_cli_option;

/** Form of a command or a sub-command: its options, operands and help. */
typedef struct td_cli_form td_cli_form;
struct td_cli_form {
    const char *name;     /**< "data draws"                             */
    const char *operands; /**< "IN OUT.h5", "RUN..." for one or more, "[FILE]" and
                               "[RUN...]" for what may be absent, "" for none      */
    const char *purpose;  /**< one line                                 */
    const char *detail;   /**< paragraphs behind it, or NULL            */
    const td_cli_option *options; /**< or NULL                                  */
    td_config_command keys;       /**< command whose keys it takes; 0 for none  */
    const char *examples; /**< two at least, each line with its newline; lines that
                               go on with one begin with a blank                   */
    const td_cli_form *const *parts; /**< its sub-commands, NULL behind them; or NULL */
};

/** One option of a command line. */
typedef struct {
    const char *option; /**< whole name without dashes  */
    const char *text;   /**< its value, "" for a switch */
} td_cli_given;

/** A parsed command line.  Strings are borrowed from argv. */
typedef struct {
    const td_cli_form *form;
    const char **operand; /**< owned                                      */
    int operands;         /**< number of operands                         */
    td_cli_given *given;  /**< owned: options in the order of the line     */
    int given_count;
    bool help, version;
    td_settings *settings; /**< owned; NULL before td_cli_apply or without keys */
} td_cli_line;

/** Parse the words behind the command's name: `--option value`, `--option=value`,
 *  unique beginnings of options, `--` before operands.  Opens no file, so that every
 *  rank may do it.  Sets the level of the log.
 *  Not collective.  \param [out] line  for td_cli_clear, also after an error
 *  \param [in] argv  argv[0] is the command's name and is not read
 *  \return TD_USAGE naming the word, and the nearest option */
td_status td_cli_scan(td_cli_line *line, const td_cli_form *form, int argc,
                      char **argv);

/** What --version tells, in lines of a terminal.  Not collective.
 *  \return for td_free */
char *td_cli_version(void);

/** Answer --help or --version.  Not collective.
 *  \return whether one was given; then nothing else is to be done */
bool td_cli_answer(const td_cli_line *line);

/** Set line->settings: defaults, then each --config, then options; then the
 *  rules between keys.  Not collective (rank 0).  \return TD_USAGE naming the key;
 *  other codes where a key has one */
td_status td_cli_apply(td_cli_line *line);

/** The text of one of the form's own options, the last one if repeated; "" for a
 *  switch, NULL when it was not given.  Not collective. */
const char *td_cli_value(const td_cli_line *line, const char *option);

/** Read the same as a whole number; \a value is unchanged when it was not given.
 *  Not collective.  \return TD_USAGE naming the option, what was found, the limits */
td_status td_cli_integer(const td_cli_line *line, const char *option, int64_t low,
                         int64_t high, int64_t *value);

/** Read the same as a number between \a low and \a high, without these.
 *  Not collective.  \return TD_USAGE naming the option, what was found, the limits */
td_status td_cli_real(const td_cli_line *line, const char *option, double low,
                      double high, double *value);

/** Release the memory of a line.  Not collective. */
void td_cli_clear(td_cli_line *line);

/** End a command: rank 0 prints the recorded error and hint unless \a status is TD_OK;
 *  a stdout that could not be written and, where a build checks it, a leak are
 *  failures, too.
 *  Not collective.  \return the exit status of this rank: 0 but on rank 0 */
int td_cli_finish(td_status status);

/** The work of a command on ranks.  Collective.
 *  \param [in] line  settings are NULL but on rank 0 */
typedef td_status td_cli_work(td_comm *world, const td_cli_line *line);

/** Apply on rank 0, agree, work.  Collective.  \param [in] status  of the scan
 *  \return the same on every rank */
td_status td_cli_work_on(td_comm *world, td_cli_line *line, td_status status,
                         td_cli_work *work);

/** Start the ranks, apply on rank 0, agree, work, end; clears \a line.
 *  Collective.  \param [in] status  of the scan: an error is agreed on and printed once
 *  \return the exit status of this rank */
int td_cli_run_on_ranks(td_cli_line *line, td_status status, td_cli_work *work);

/** Describe a command's work, for td_free: the output of --dry-run besides keys. */
typedef td_status td_cli_plan(td_settings *settings, char **text);

/** Run a command on ranks or, with --dry-run, print its plan.
 *  Collective.  \return the exit status of this rank */
int td_cli_run_or_plan(const td_cli_form *form, int argc, char **argv,
                       td_cli_work *work, td_cli_plan *plan);

/* ---- work of commands, for who has ranks already; see td_cli_work ---------------- */

td_cli_work td_cli_search_work, td_cli_train_work, td_cli_eval_work,
    td_cli_genotype_work;

/* ---- options and help of a form ----------------------------------------------- */

enum {
    TD_CLI_OPTIONS = 32, /* most options of a form, shorthands included */
    TD_CLI_COMMON = 4    /* those of all commands, the last ones        */
};

/** List the options of a form: its own, shorthands of its keys, those of all commands.
 *  Not collective.  \return their number  \param [out] options (TD_CLI_OPTIONS) */
int td_cli_options(const td_cli_form *form, td_cli_option *options);

/** td_config_command bits of the form's keys; 0 for none.  Not collective. */
unsigned td_cli_readers(const td_cli_form *form);

/** Whether the form's command reads a key, or accepts it since a search does (draws).
 *  Not collective. */
bool td_cli_takes_key(const td_cli_form *form, const char *key);

/** The key that an option is short for, NULL if it is no shorthand.  Not collective. */
const char *td_cli_key_of(const td_cli_form *form, const char *option);

/** Write the form's --help: a screen of 80 columns and 24 lines.
 *  Not collective.  \return for td_free */
char *td_cli_help(const td_cli_form *form);

/** An option as it is typed: "-o, --out FILE".  Not collective.  \return for td_free */
char *td_cli_option_words(const td_cli_option *option);

/** The name of the form's manual page: "taildart-data-draws".
 *  Not collective.  \return for td_free */
char *td_cli_page(const td_cli_form *form);

/* ---- commands ----------------------------------------------------------------- */

extern const td_cli_form td_cli_data_form, td_cli_export_form, td_cli_predict_form,
    td_cli_search_form, td_cli_train_form, td_cli_genotype_form, td_cli_eval_form,
    td_cli_bench_form, td_cli_report_form, td_cli_watch_form, td_cli_study_form;

/** Run a command; argv[0] is its name.  \return the exit status of this rank.
 *  Collective where the command uses ranks. */
int td_cli_search(int argc, char **argv);
/** See td_cli_search.  Collective. */
int td_cli_train(int argc, char **argv);
/** See td_cli_search.  Not collective. */
int td_cli_genotype(int argc, char **argv);
/** See td_cli_search.  Collective. */
int td_cli_eval(int argc, char **argv);
/** See td_cli_search.  Not collective. */
int td_cli_export(int argc, char **argv);
/** See td_cli_search.  Collective, of one rank. */
int td_cli_predict(int argc, char **argv);
/** See td_cli_search.  Not collective. */
int td_cli_watch(int argc, char **argv);
/** See td_cli_search.  Not collective. */
int td_cli_data(int argc, char **argv);
/** See td_cli_search.  Not collective. */
int td_cli_report(int argc, char **argv);
/** See td_cli_search.  Not collective. */
int td_cli_study(int argc, char **argv);
/** See td_cli_search.  Collective. */
int td_cli_bench(int argc, char **argv);

/* ---- study: what both ways to run one read from the line --------------------- */

/* --out, --data, --launch. */
td_study_replacements td_cli_study_replacements(const td_cli_line *line);

/* --only and --task.  \return TD_USAGE */
td_status td_cli_study_selection(td_study_selection *selection,
                                 const td_cli_line *line);

/* Forget `launch` of the file, with a NOTE: the ranks of this job make the runs. */
void td_cli_study_drop_launch(td_study *study);

/* --ranks-per-run: on the ranks of this job.  Collective. */
td_status td_cli_study_share(td_comm *world, const td_cli_line *line);

#endif
