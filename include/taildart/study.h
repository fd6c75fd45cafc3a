/** Floor 7: studies: a grid of methods, imbalances and seeds, each cell of it a search,
 *  the training of the network found, and its test; one table at the end.
 *
 *  A study never computes itself: it starts `taildart search`, `train` and `eval` as
 *  its users would, so a cell of the grid is what the same commands give by hand, and
 *  what was cut is continued by them.  One process does all of this; nothing here is
 *  collective.
 */
#ifndef TAILDART_STUDY_H
#define TAILDART_STUDY_H

#include "taildart/config.h"

TD_PUBLIC_BEGIN

enum {
    TD_STUDY_LIST = 64, /**< most seeds, imbalances, methods, overrides of a part */
    TD_STUDY_WORDS = 512
};

/** What happens in a cell of the grid, in this order. */
typedef enum {
    TD_STUDY_SEARCH, /**< a search, or drawing a cell by lot       */
    TD_STUDY_TRAIN,  /**< training of the network that it makes    */
    TD_STUDY_EVAL,   /**< its accuracy on the test part            */
    TD_STUDY_STEPS
} td_study_step;

/** A key and its value, as --set takes them, and where they stand. */
typedef struct {
    char *key, *value; /**< owned */
    size_t line;
} td_study_set;

/** Overrides of one part: of the search or of the training. */
typedef struct {
    td_study_set set[TD_STUDY_LIST];
    int count;
} td_study_sets;

/** One way of getting a cell. */
typedef struct {
    char *name;             /**< owned: also the name of its folders                */
    char *genotype;         /**< owned: "random", what train.genotype takes, or NULL
                                 for a search                                       */
    td_study_sets parts[2]; /**< TD_STUDY_SEARCH, TD_STUDY_TRAIN                    */
    size_t line;
    int epochs[2]; /**< of both parts, once resolved                       */
    int nodes;     /**< of the cell                                        */
} td_study_method;

/** A study file. */
typedef struct {
    char *file, *out, *data, *launch; /**< owned */
    int64_t seeds[TD_STUDY_LIST];
    double imbalances[TD_STUDY_LIST];
    td_study_method methods[TD_STUDY_LIST];
    int seed_count, imbalance_count, method_count;
    td_study_sets common[2]; /**< in front of every method's own */
} td_study;

/** What replaces values of the file; NULL for what does not. */
typedef struct {
    const char *out, *data, *launch;
} td_study_instead;

/** Read a study file and check all of it: names, lists, every override against the
 *  table of keys of its command.
 *  Not collective.  \param [out] study  for td_study_free; NULL on failure
 *  \return TD_USAGE naming file, line and what is wrong */
td_status td_study_read(td_study **study, const char *path,
                        const td_study_instead *instead);

/** NULL is fine.  Not collective. */
void td_study_free(td_study *study);

/* ---- the grid ----------------------------------------------------------------- */

/** A cell of the grid; indices into the study's lists. */
typedef struct {
    int method, imbalance, seed;
} td_study_cell;

/** Cells of the grid.  Not collective. */
int td_study_cell_count(const td_study *study);

/** The \a index-th cell: seeds outermost, then imbalances, so that the first cells
 *  compare all methods once.  Not collective. */
td_study_cell td_study_cell_at(const td_study *study, int index);

/** The cell's folder below the study's, "imbalance-100/bbn/seed-1".
 *  Not collective.  \return for td_free */
char *td_study_cell_name(const td_study *study, td_study_cell cell);

/** A path in the cell's folder.  Not collective.  \return for td_free */
char *td_study_path(const td_study *study, td_study_cell cell, const char *name);

/** What part of the grid to do. */
typedef struct {
    const char *only;  /**< methods, separated by commas; NULL for all */
    int share, shares; /**< the first is 1; 1 of 1 for all            */
} td_study_part;

/** "3/8" into share and shares.  Not collective.  \return TD_USAGE */
td_status td_study_part_read(td_study_part *part, const char *text);

/** The cells of a part of the grid, in order: the methods are chosen first, then every
 *  \a shares-th cell, so that shares are disjoint, complete and of like size.
 *  Not collective.  \param [out] cells  (td_study_cell_count) \param [out] count
 *  \return TD_USAGE naming an unknown method and the nearest */
td_status td_study_select(const td_study *study, const td_study_part *part, int *cells,
                          int *count);

/* ---- commands ------------------------------------------------------------------- */

/** The words of a command, ended by NULL. */
typedef struct {
    char *word[TD_STUDY_WORDS]; /**< owned */
    int count;
} td_study_command;

/** The command of a step of a cell.  Not collective.
 *  \param [in] program  the taildart to start  \return for td_study_command_clear */
td_study_command td_study_command_of(const td_study *study, td_study_cell cell,
                                     td_study_step step, const char *program);

/** Release the words.  Not collective. */
void td_study_command_clear(td_study_command *command);

/** The command as a shell takes it.  Not collective.  \return for td_free */
char *td_study_command_text(const td_study_command *command);

/* ---- running -------------------------------------------------------------------- */

/** How to run. */
typedef struct {
    td_study_part part;
    const char *program; /**< the taildart to start              */
    bool dry_run;        /**< print the commands instead         */
} td_study_options;

/** Run what is missing in a part of the grid, then collect.  SIGTERM, SIGINT and
 *  SIGUSR2 ask the child at work to save and stop (as SIGUSR2), and end the study.
 *  Not collective.  \return TD_FAILED when a run failed, TD_STOPPED, TD_USAGE */
td_status td_study_run(const td_study *study, const td_study_options *options);

/* ---- collecting ----------------------------------------------------------------- */

/** What is measured of a cell. */
typedef enum {
    TD_STUDY_VALID_TOP1,
    TD_STUDY_VALID_BALANCED,
    TD_STUDY_TEST_TOP1,
    TD_STUDY_TEST_BALANCED,
    TD_STUDY_TEST_MANY,
    TD_STUDY_TEST_MEDIUM,
    TD_STUDY_TEST_FEW,
    TD_STUDY_TEST_ECE,
    TD_STUDY_TEST_RANGE_MANY,
    TD_STUDY_TEST_RANGE_MEDIUM,
    TD_STUDY_TEST_RANGE_FEW, /**< the last of test.csv */
    TD_STUDY_SKIPS,
    TD_STUDY_ALPHA_CHANGE,
    TD_STUDY_SEARCH_IMAGES,
    TD_STUDY_SEARCH_MINUTES,
    TD_STUDY_TRAIN_IMAGES,
    TD_STUDY_TRAIN_MINUTES,
    TD_STUDY_MEASURES
} td_study_measure;

/** A cell as it lies in its folder. */
typedef struct {
    double value[TD_STUDY_MEASURES]; /**< NaN for what is not known            */
    double *balanced;                /**< owned: validation, by epoch, or NULL */
    int epochs;                      /**< of balanced                          */
    bool done[TD_STUDY_STEPS];
    char *failure; /**< owned: why the last try failed, or NULL */
} td_study_result;

/** Mean, sample standard deviation and number of those that are not NaN: the mean is
 *  NaN without any, the deviation below two.
 *  Not collective.  \param [in] values (n) */
typedef struct {
    double mean, sd;
    int n;
} td_study_statistics;

/** See td_study_statistics.  Not collective. */
td_study_statistics td_study_summarise(const double *values, int n);

/** One row a cell.  Not collective.  \param [in] results (td_study_cell_count)
 *  \return CSV for td_free */
char *td_study_rows(const td_study *study, const td_study_result *results);

/** One row a method and imbalance: each measure with its deviation and number; what is
 *  not known is empty.  Not collective.  \return CSV for td_free */
char *td_study_table(const td_study *study, const td_study_result *results);

/** The same for people; what is not known is n/a.  Not collective.
 *  \return Markdown for td_free */
char *td_study_markdown(const td_study *study, const td_study_result *results);

/** A gnuplot script that holds its data and draws study.svg: balanced test accuracy of
 *  each method, and validation over the epochs of the search.
 *  Not collective.  \return for td_free */
char *td_study_plot(const td_study *study, const td_study_result *results);

/** Refuse to write the study's files in the place of what is none of a study, before
 *  any work.  Not collective.  \return TD_USAGE naming the file */
td_status td_study_check_outputs(const td_study *study);

/** Read every cell; write study.csv, study-table.csv, study-table.md and study.gp, and
 *  study.svg where gnuplot is installed.
 *  Not collective.  \return TD_FAILED when a file cannot be written */
td_status td_study_collect(const td_study *study);

TD_PUBLIC_END

#endif
