/** What the commands share: one form describes what a command takes, and the parser,
 *  the --help and the error that names a nearest neighbour all read it.
 *
 *  A command scans the words (no file is opened), answers --help or --version, then
 *  applies the values and works.  Commands that need ranks leave the last part to
 *  td_cli_run_on_ranks. */
#ifndef TAILDART_CLI_INTERNAL_H
#define TAILDART_CLI_INTERNAL_H

#include "taildart/comm.h"
#include "taildart/config.h"

enum { TD_CLI_OPERANDS = 64 }; /* most words beside options that a form may take */

/** An option that is no key. */
typedef struct {
    const char *name;     /**< without the dashes; NULL ends a list             */
    const char *argument; /**< its word in the help ("FILE"); NULL for a switch */
    const char *help;     /**< one line                                         */
    char letter;          /**< its short form, or 0                             */
} td_cli_option;

/** What a command, or a sub-command, takes. */
typedef struct {
    const char *name;     /**< "data draws"                             */
    const char *operands; /**< "IN OUT.h5", "RUN..." for one or more, "[FILE]" for one
                               that may be absent, "" for none                     */
    const char *purpose;  /**< one line                                 */
    const char *detail;   /**< paragraphs behind it, or NULL            */
    const td_cli_option *options; /**< or NULL                                  */
    td_config_command keys;       /**< whose keys it takes; 0 for none          */
    const char *examples;         /**< two lines at least, each with its newline */
} td_cli_form;

/** One option of a command line. */
typedef struct {
    const char *option; /**< whole name without dashes  */
    const char *text;   /**< its value, "" for a switch */
} td_cli_given;

/** A command line as it was typed.  Words are borrowed from argv. */
typedef struct {
    const td_cli_form *form;
    const char *operand[TD_CLI_OPERANDS];
    int operands;        /**< as many as the form names, or more where it repeats */
    td_cli_given *given; /**< owned: options in the order of the line     */
    int given_count;
    bool help, version;
    td_settings *settings; /**< owned; NULL before td_cli_apply or without keys */
} td_cli_line;

/** Read the words behind the command's name: `--option value`, `--option=value`,
 *  unique beginnings of options, `--` before operands.  Opens no file, so that every
 *  rank may do it.  Sets the level of the log.
 *  Not collective.  \param [out] line  for td_cli_clear, also after an error
 *  \param [in] argv  argv[0] is the command's name and is not looked at
 *  \return TD_USAGE naming the word, and the nearest option */
td_status td_cli_scan(td_cli_line *line, const td_cli_form *form, int argc,
                      char **argv);

/** Print what --help or --version ask for.  Not collective.
 *  \return whether they were asked for, and nothing else is to be done */
bool td_cli_answer(const td_cli_line *line);

/** Values into line->settings: defaults, then each --config, then options; then the
 *  rules between keys.  Not collective (rank 0).  \return TD_USAGE naming the key;
 *  other codes where a key has one */
td_status td_cli_apply(td_cli_line *line);

/** The text of one of the form's own options, the last one if repeated; "" for a
 *  switch, NULL when it was not given.  Not collective. */
const char *td_cli_value(const td_cli_line *line, const char *option);

/** The same as a whole number; \a value keeps what it holds when it was not given.
 *  Not collective.  \return TD_USAGE naming the option, what was found, the limits */
td_status td_cli_integer(const td_cli_line *line, const char *option, int64_t low,
                         int64_t high, int64_t *value);

/** Release what a scan and an apply made.  Not collective. */
void td_cli_clear(td_cli_line *line);

/** The end of a command: rank 0 prints the recorded error and hint of a \a status
 *  that is one; a stdout that could not be written and, where a build checks it, a leak
 *  are failures, too.
 *  Not collective.  \return the exit status of this rank: 0 but on rank 0 */
int td_cli_finish(td_status status);

/** What a command does with its ranks.  Collective.
 *  \param [in] line  settings are NULL but on rank 0 */
typedef td_status td_cli_work(td_comm *world, const td_cli_line *line);

/** Start the ranks, apply on rank 0, agree, work, end; clears \a line.
 *  Collective.  \param [in] status  of the scan: an error is agreed on and spoken once
 *  \return the exit status of this rank */
int td_cli_run_on_ranks(td_cli_line *line, td_status status, td_cli_work *work);

/** What a command would do, in words for td_free: what --dry-run says besides keys. */
typedef td_status td_cli_plan(td_settings *settings, char **text);

/** The whole of a command that works on ranks or, with --dry-run, tells its plan.
 *  Collective.  \return the exit status of this rank */
int td_cli_run_or_plan(const td_cli_form *form, int argc, char **argv,
                       td_cli_work *work, td_cli_plan *plan);

/* ---- options and help of a form ----------------------------------------------- */

enum { TD_CLI_OPTIONS = 32 }; /* most options of a form, shorthands included */

/** Every option of a form: its own, shorthands of its keys, those that all have.
 *  Not collective.  \return how many  \param [out] options (TD_CLI_OPTIONS) */
int td_cli_options(const td_cli_form *form, td_cli_option *options);

/** Whether the form's command reads a key, or may be told it as part of a search's
 *  command line (draws).  Not collective. */
bool td_cli_takes_key(const td_cli_form *form, const char *key);

/** The key that an option is short for, NULL if it is no shorthand.  Not collective. */
const char *td_cli_key_of(const td_cli_form *form, const char *option);

/** The form's --help.  Not collective.  \return for td_free */
char *td_cli_help(const td_cli_form *form);

/* ---- commands ----------------------------------------------------------------- */

extern const td_cli_form td_cli_search_form, td_cli_train_form, td_cli_genotype_form,
    td_cli_eval_form, td_cli_bench_form, td_cli_report_form, td_cli_study_form;

/** One command each; argv[0] is its name.  \return the exit status of this rank.
 *  Collective where the command uses ranks. */
int td_cli_search(int argc, char **argv);
/** See td_cli_search.  Collective. */
int td_cli_train(int argc, char **argv);
/** See td_cli_search.  Not collective. */
int td_cli_genotype(int argc, char **argv);
/** See td_cli_search.  Collective. */
int td_cli_eval(int argc, char **argv);
/** See td_cli_search.  Not collective. */
int td_cli_data(int argc, char **argv);
/** See td_cli_search.  Not collective. */
int td_cli_report(int argc, char **argv);
/** See td_cli_search.  Not collective. */
int td_cli_study(int argc, char **argv);
/** See td_cli_search.  Collective. */
int td_cli_bench(int argc, char **argv);

#endif
