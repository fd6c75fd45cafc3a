/** What the commands share: one form describes what a command takes, and the parser, the
 *  --help and the error that names a nearest neighbour all read it.
 *
 *  A command is three lines: scan the words (no file is opened), answer --help or
 *  --version, then apply the values and work.  Commands that need ranks leave the last
 *  part to td_cli_run_on_ranks.
 */
#ifndef TAILDART_CLI_INTERNAL_H
#define TAILDART_CLI_INTERNAL_H

#include "taildart/config.h"
#include "taildart/dist.h"

enum { TD_CLI_OPERANDS = 4 }; /* most words beside options that a form may take */

/** An option that is no key. */
typedef struct {
    const char *name;     /**< without the dashes; NULL ends a list             */
    const char *argument; /**< its word in the help ("FILE"); NULL for a switch */
    const char *help;     /**< one line                                         */
} td_cli_option;

/** What a command, or a sub-command, takes. */
typedef struct {
    const char *name;             /**< "data draws"                             */
    const char *operands;         /**< "IN OUT.h5", or "" for none              */
    const char *purpose;          /**< one line                                 */
    const char *detail;           /**< paragraphs behind it, or NULL            */
    const td_cli_option *options; /**< or NULL                                  */
    td_config_command keys;       /**< whose keys it takes; 0 for none          */
    const char *examples;         /**< two lines at least, each with its newline */
} td_cli_form;

/** A command line as it was typed.  Words are borrowed from argv. */
typedef struct {
    const td_cli_form *form;
    const char *operand[TD_CLI_OPERANDS];
    int operands;               /**< as many as the form names                   */
    struct td_cli_given *given; /**< owned: options in the order of the line     */
    int given_count;
    bool help, version, quiet, verbose;
    td_settings *settings; /**< owned; NULL before td_cli_apply or without keys */
} td_cli_line;

/** Read the words behind the command's name: `--option value`, `--option=value`, unique
 *  beginnings of options, `--` before operands.  Opens no file, so that every rank may do
 *  it.  Sets the level of the log.
 *  Not collective.  \param [out] line  for td_cli_clear, also after an error
 *  \param [in] argv  argv[0] is the command's name and is not looked at
 *  \return TD_USAGE naming the word, and the nearest option */
td_status td_cli_scan(td_cli_line *line, const td_cli_form *form, int argc,
                      char **argv);

/** Print what --help or --version ask for.  Not collective.
 *  \return whether they were asked for, and nothing else is to be done */
bool td_cli_answer(const td_cli_line *line);

/** Values into line->settings: defaults, then each --config, then options; then the rules
 *  between keys.  Not collective (rank 0).  \return TD_USAGE naming the key; other codes
 *  where DESIGN gives a key one */
td_status td_cli_apply(td_cli_line *line);

/** The text of one of the form's own options, the last one if repeated; "" for a switch,
 *  NULL when it was not given.  Not collective. */
const char *td_cli_value(const td_cli_line *line, const char *option);

/** The same as a whole number; \a value keeps what it holds when it was not given.
 *  Not collective.  \return TD_USAGE naming the option, what was found, the limits */
td_status td_cli_integer(const td_cli_line *line, const char *option, int64_t low,
                         int64_t high, int64_t *value);

/** Release what a scan and an apply made.  Not collective. */
void td_cli_clear(td_cli_line *line);

/** The end of a command: rank 0 prints the recorded error and hint of a \a status that is
 *  one; a stdout that could not be written and, in debug builds, a leak are failures, too.
 *  Not collective.  \return the exit status of this rank: 0 but on rank 0 */
int td_cli_finish(td_status status);

/** What a command does with its ranks.  Collective.
 *  \param [in] line  settings are NULL but on rank 0 */
typedef td_status td_cli_work(td_dist *world, const td_cli_line *line);

/** Scan, answer, start the ranks, apply on rank 0, agree, work, end.  Collective.
 *  \return the exit status of this rank */
int td_cli_run_on_ranks(const td_cli_form *form, int argc, char **argv,
                        td_cli_work *work);

/** One command each; argv[0] is its name.  \return the exit status of this rank.
 *  Collective where the command uses ranks. */
int td_cli_search(int argc, char **argv);
/** See td_cli_search.  Not collective. */
int td_cli_genotype(int argc, char **argv);
/** See td_cli_search.  Collective. */
int td_cli_eval(int argc, char **argv);
/** See td_cli_search.  Not collective. */
int td_cli_data(int argc, char **argv);
/** See td_cli_search.  Collective. */
int td_cli_bench(int argc, char **argv);

#endif
