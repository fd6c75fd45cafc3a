/** Floor 7: studies: a grid of methods, settings, imbalances and seeds, each point of
 *  it a search, one or several trainings of the network found, and their tests; tables
 *  and paired statistics at the end.
 *
 *  A study computes nothing itself: a point is made by the commands `taildart search`,
 *  `train` and `eval` that a user would type, so that it has the results of the same
 *  commands by hand, and an interrupted one is continued by them.  Here they are put
 *  together, and what they have left is read; taildart/campaign.h runs them.  Nothing
 *  here is collective.
 */
#ifndef TAILDART_STUDY_H
#define TAILDART_STUDY_H

#include "taildart/config.h"

TD_PUBLIC_BEGIN

enum {
    TD_STUDY_LIST = 64,    /**< most seeds, imbalances, methods, overrides of a stage */
    TD_STUDY_AXES = 4,     /**< most axes, and keys of train.grid                     */
    TD_STUDY_CHOICES = 16, /**< most choices of an axis, values of such a key       */
    TD_STUDY_TRAININGS = 256, /**< most trainings of a point                        */
    TD_STUDY_WORDS = 1024     /**< more than all overrides of a run have            */
};

/** The stages of a point of the grid, in this order. */
typedef enum {
    TD_STUDY_SEARCH, /**< a search, or a random cell               */
    TD_STUDY_TRAIN,  /**< training of the network found            */
    TD_STUDY_EVAL,   /**< its accuracy on the test images          */
    TD_STUDY_STAGES
} td_study_stage;

/** A key and its value, as --set takes them, and its line in the file. */
typedef struct {
    char *key, *value; /**< owned */
    size_t line;
} td_study_set;

/** Overrides of one stage: of the search or of the training. */
typedef struct {
    td_study_set set[TD_STUDY_LIST];
    int count;
} td_study_sets;

/** One way to get a network's cell. */
typedef struct {
    char *name;            /**< owned: also the name of its folders                */
    char *genotype;        /**< owned: "random", what train.genotype takes, or NULL
                                 for a search                                       */
    td_study_sets sets[2]; /**< TD_STUDY_SEARCH, TD_STUDY_TRAIN                    */
    size_t line;
} td_study_method;

/** A choice of an axis: a data set, a supernet, a set of operations, … */
typedef struct {
    char *name;            /**< owned: also the name of its folders          */
    char *data;            /**< owned: the data set, or NULL for the study's */
    td_study_sets sets[2]; /**< in front of a method's own                   */
    size_t line;
} td_study_choice;

/** One more dimension of the grid.  A choice of each axis makes a setting. */
typedef struct {
    char *name; /**< owned */
    td_study_choice choice[TD_STUDY_CHOICES];
    int count;
} td_study_axis;

/** A key of train.grid, and the values that it takes. */
typedef struct {
    char *key, *value[TD_STUDY_CHOICES]; /**< owned */
    int count;
    size_t line;
} td_study_values;

/** What a method's keys come to in a setting, as far as others depend on it. */
typedef struct {
    int epochs[2];                  /**< of search and training */
    int nodes;                      /**< of the cell            */
    char operations[TD_TEXT_BYTES]; /**< net.operations */
} td_study_lengths;

/** A study file. */
typedef struct {
    char *file, *out, *data, *launch; /**< owned */
    char *text; /**< owned: of the file, with `data` where an option alone names it */
    char *control_name; /**< owned: as the file has it, or NULL for the first method */
    int64_t seeds[TD_STUDY_LIST];
    double imbalances[TD_STUDY_LIST];
    td_study_axis *axes;     /**< (TD_STUDY_AXES) owned */
    td_study_sets *excluded; /**< (TD_STUDY_LIST) owned: points that are left out, each
                                  by "method" or axes and the names of choices       */
    td_study_method methods[TD_STUDY_LIST];
    int seed_count, imbalance_count, axis_count, excluded_count, method_count;
    int control;             /**< method that the others are compared with */
    td_study_sets common[2]; /**< in front of every setting's and method's own */
    int repeats;             /**< trainings of a cell with one set of train.grid */
    td_study_values grid[TD_STUDY_AXES];
    int grid_count;
    td_study_lengths *lengths; /**< (settings, methods) owned */
} td_study;

/** Options that replace values of the file; NULL for none. */
typedef struct {
    const char *out, *data, *launch;
} td_study_replacements;

/** Read a study file and check all of it: names, lists, every override against the
 *  table of keys of its command.
 *  Not collective.  \param [out] study  for td_study_free; NULL on failure
 *  \return TD_USAGE naming file, line and error */
td_status td_study_read(td_study **study, const char *path,
                        const td_study_replacements *options);

/** Load the text of a study file: a regular one, or any name in /dev.
 *  Not collective.  \param [out] text  for td_free; NULL on failure
 *  \return TD_USAGE */
td_status td_study_load(char **text, size_t *bytes, const char *path);

/** Read a study as td_study_read, from the \a text that td_study_load has had, maybe in
 *  another process.  Not collective.  \param [in] path  for messages */
td_status td_study_parse(td_study **study, const char *path, const char *text,
                         size_t bytes, const td_study_replacements *options);

/** Free a study; NULL is fine.  Not collective. */
void td_study_free(td_study *study);

/* ---- the grid ----------------------------------------------------------------- */

/** A point of the grid; indices into the study's lists. */
typedef struct {
    int method, setting, imbalance, seed;
} td_grid_point;

/** Count the settings: a choice of each axis; 1 without axes.  Not collective. */
int td_study_setting_count(const td_study *study);

/** The choice that a setting has of an axis: the last axis runs fastest.
 *  Not collective. */
const td_study_choice *td_study_choice_of(const td_study *study, int setting, int axis);

/** The names of a setting's choices, "cifar/wide"; "" without axes.
 *  Not collective.  \return for td_free */
char *td_study_setting_name(const td_study *study, int setting);

/** The data set of a setting.  Borrowed.  Not collective. */
const char *td_study_data_of(const td_study *study, int setting);

/** What a method's keys come to at a point.  Borrowed.  Not collective. */
const td_study_lengths *td_study_lengths_of(const td_study *study, td_grid_point point);

/** Whether the study's `exclude` leaves a method out of a setting, for all seeds.
 *  Such a point is never run, and is in no table.  Not collective. */
bool td_study_is_excluded(const td_study *study, td_grid_point point);

/** Count the points of the grid, with those that are excluded.  Not collective. */
int td_grid_point_count(const td_study *study);

/** Find the \a index-th point: seeds outermost, then imbalances and settings, so that
 *  the first points compare all methods once.  Not collective. */
td_grid_point td_grid_point_at(const td_study *study, int index);

/** The point's folder below the study's, "imbalance-100/bbn/seed-1", with axes
 *  "imbalance-100/cifar/wide/bbn/seed-1".
 *  Not collective.  \return for td_free */
char *td_grid_point_name(const td_study *study, td_grid_point point);

/** A path in the point's folder.  Not collective.  \return for td_free */
char *td_study_path(const td_study *study, td_grid_point point, const char *name);

/** Points of the grid to run. */
typedef struct {
    const char *only;  /**< methods, separated by commas; NULL for all */
    int share, shares; /**< the first is 1; 1 of 1 for all            */
} td_study_selection;

/** Parse "3/8" as share and shares.  Not collective.  \return TD_USAGE */
td_status td_study_selection_read(td_study_selection *selection, const char *text);

/** List the selected points, in order: the methods are chosen first, then every
 *  \a shares-th point, so that shares are disjoint, complete and of similar size; none
 *  is excluded.
 *  Not collective.  \param [out] points  (td_grid_point_count) \param [out] count
 *  \return TD_USAGE naming an unknown method, and the nearest or all */
td_status td_study_select(const td_study *study, const td_study_selection *selection,
                          int *points, int *count);

/* ---- the steps of a point ------------------------------------------------------ */

/** A step of a point: its search, or one of its trainings, or the test of one. */
typedef struct {
    td_study_stage stage;
    int training; /**< 0 for the search */
} td_study_step;

/** Count the trainings of a point: repeats, with each set of train.grid.
 *  Not collective. */
int td_study_training_count(const td_study *study);

/** Count the sets of values of train.grid; 1 without one.  Not collective. */
int td_study_set_count(const td_study *study);

/** The set of a training, from 0; the repeats of a set follow each other.
 *  Not collective. */
int td_study_set_of(const td_study *study, int training);

/** Which repeat of its set a training is, from 0.  Not collective. */
int td_study_repeat_of(const td_study *study, int training);

/** The value that a set gives to a key of train.grid; the last key runs fastest.
 *  Borrowed.  Not collective. */
const char *td_study_grid_value(const td_study *study, int set, int key);

/** A set as text, "weights.lr.start=0.1 weights.decay=3e-4"; "" without a grid.
 *  Not collective.  \return for td_free */
char *td_study_set_name(const td_study *study, int set);

/** Count the steps of a point.  Not collective. */
int td_study_step_count(const td_study *study);

/** The \a index-th step: the search, then each training with its test.
 *  Not collective. */
td_study_step td_study_step_at(const td_study *study, int index);

/** The name of a step, of its log and of its folder: "search", "train", "eval"; where
 *  there are several trainings "train-repeat-2", "eval-weights.decay=0.01".
 *  Not collective.  \return for td_free */
char *td_study_step_name(const td_study *study, td_study_step step);

/** A file in the folder of a point's run, "…/train-repeat-2/metrics.csv"; of the search
 *  or of a training.  Not collective.  \return for td_free */
char *td_study_run_path(const td_study *study, td_grid_point point, td_study_step step,
                        const char *name);

/** The file with the test of a training.  Not collective.  \return for td_free */
char *td_study_test_path(const td_study *study, td_grid_point point, int training);

/* ---- commands ------------------------------------------------------------------- */

/** The words of a command, ended by NULL. */
typedef struct {
    char *word[TD_STUDY_WORDS]; /**< owned */
    int count;
} td_study_command;

/** Compose the command of a step of a point.  Not collective.
 *  \param [in] program  the taildart to start  \return for td_study_command_clear */
td_study_command td_study_command_of(const td_study *study, td_grid_point point,
                                     td_study_step step, const char *program);

/** Release the words.  Not collective. */
void td_study_command_clear(td_study_command *command);

/** Write the command as a shell takes it.  Not collective.  \return for td_free */
char *td_study_command_text(const td_study_command *command);

/* ---- results ------------------------------------------------------------------- */

/** Measures of a point. */
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

/** Results of one training and its test. */
typedef struct {
    double value[TD_STUDY_MEASURES]; /**< NaN for unknown, and what is the search's */
    double held_out; /**< balanced accuracy after the last epoch; NaN where
                          data.train_share holds nothing out                        */
    bool is_trained, is_tested;
} td_study_training;

/** Results of a point, as read from its folder. */
typedef struct {
    double value[TD_STUDY_MEASURES]; /**< of the search, and means over all trainings;
                                          NaN for unknown                             */
    double *balanced;                /**< owned: validation, by epoch, or NULL */
    int epochs;                      /**< of balanced                          */
    td_study_training *trainings;    /**< (td_study_training_count) owned; NULL: none
                                          was read                             */
    bool done[TD_STUDY_STAGES];      /**< for all trainings                    */
    char *failure;                   /**< owned: error of the last attempt, or NULL */
} td_study_result;

/** The results of a point.  Borrowed.  Not collective.
 *  \param [in] results  (td_grid_point_count) */
const td_study_result *td_study_result_of(const td_study *study,
                                          const td_study_result *results,
                                          td_grid_point point);

/** Make all measures unknown.  Not collective.
 *  \param [out] values  (TD_STUDY_MEASURES) */
void td_study_clear_values(double *values);

/** Whether each training of a point has its own.  Not collective. */
bool td_study_is_of_training(td_study_measure measure);

/** Set the means over trainings, where all of these are done.  Not collective. */
void td_study_average(td_study_result *result, const td_study *study);

TD_PUBLIC_END

#endif
