/* What the files of this room share. */
#ifndef TD_STUDY_INTERNAL_H
#define TD_STUDY_INTERNAL_H

#include "taildart/study.h"

/* Rules of a study, and every override against the table of keys; fills epochs and
 * nodes of the methods. */
td_status td_study_check(td_study *study);

/* Whether a run's config.yaml is what the study has in mind for it today. */
bool td_study_was_planned(const td_study *study, td_study_cell cell, int part,
                          const char *config);

/* Whether it reads the study's data set, by name. */
bool td_study_has_data(const td_study *study, int part, const char *config);

/* What would hinder every cell: data, folder, programs, outputs; nothing is changed.
 * \return TD_DATA, TD_FAILED or TD_USAGE, naming the key and the fix */
td_status td_study_check_start(const td_study *study, const char *program);

/* Whether the study's folder is new, empty or of a study; TD_USAGE naming what else
 * lies there. */
td_status td_study_check_folder(const td_study *study);

/* The program that `launch` starts, for td_free; NULL without one. */
char *td_study_launcher(const td_study *study);

bool td_study_is_random(const td_study_method *method);

/* ---- names of files in a cell's folder ------------------------------------------ */

#define TD_STUDY_IMBALANCE "imbalance-" /* a folder for each in the study's     */
extern const char *const td_study_step_names[TD_STUDY_STEPS];

#define TD_STUDY_SEARCH_GENOTYPE "search/genotype.txt"
#define TD_STUDY_TEST "test.csv"      /* what eval writes                        */
#define TD_STUDY_FAILURE "failed.txt" /* why the last try of the cell failed     */

/* ---- children ------------------------------------------------------------------- */

/* How a child ended. */
typedef struct {
    int code;    /* exit status; 128 + signal */
    bool absent; /* there is no such program  */
} td_child_end;

/* Run a command with nothing to read and its output in two files, and wait.
 * \a folder: where it runs, NULL for here.  Requests to stop are handed on to it
 * (td_signals_child): that is what makes a run save and stop, also through mpirun. */
td_child_end td_child_run(char *const *words, const char *out, const char *err,
                          const char *folder);

/* ---- what lies in a cell's folder -------------------------------------------- */

/* A file of the study; what stands under its name and does not begin so, with these
 * words near its beginning, is somebody else's. */
typedef struct {
    const char *name;
    char *(*text)(const td_study *study, const td_study_result *results); /* or NULL */
    const char *begin, *within;
} td_study_output;

/* Those with a text first; a row without a name ends them. */
extern const td_study_output td_study_outputs[];

/* Whether a study makes a file or folder of this name in its folder. */
bool td_study_wrote(const char *name);

/* Whether a step need not be started.  \a started: it has just ended well; then the
 * order in which its files were written is not looked at. */
bool td_study_is_done(const td_study *study, td_study_cell cell, td_study_step step,
                      bool started);

/* Whether the training, if there is one, is of the cell that it should be: a search
 * that was made longer may have found another one since. */
bool td_study_trained_its_cell(const td_study *study, td_study_cell cell);

/* Everything about a cell; for td_study_result_clear. */
td_study_result td_study_result_read(const td_study *study, td_study_cell cell);
void td_study_result_clear(td_study_result *result);

/* The line of an error file that tells most, for td_free; "" for an empty file. */
char *td_study_last_words(const char *path);

/* ---- statistics over seeds --------------------------------------------------- */

/* Of a method at an imbalance; \a results as td_study_rows. */
td_study_statistics td_study_over_seeds(const td_study *study,
                                        const td_study_result *results, int method,
                                        int imbalance, td_study_measure measure);

const td_study_result *td_study_result_of(const td_study *study,
                                          const td_study_result *results,
                                          td_study_cell cell);

#endif
