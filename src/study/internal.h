/* Functions shared by the files of this room. */
#ifndef TD_STUDY_INTERNAL_H
#define TD_STUDY_INTERNAL_H

#include "taildart/study.h"

/* Check the rules of a study, and every override against the table of keys; set epochs
 * and nodes of the methods. */
td_status td_study_check(td_study *study);

/* Whether a run's config.yaml agrees with the study file as it is now. */
bool td_study_was_planned(const td_study *study, td_grid_point point, int stage,
                          const char *config);

/* Whether a run's config.yaml names the study's data set. */
bool td_study_has_data(const td_study *study, int stage, const char *config);

/* Check data, folder, programs and outputs before the first point; changes nothing.
 * \return TD_DATA, TD_FAILED or TD_USAGE, naming the key and the fix */
td_status td_study_check_start(const td_study *study, const char *program);

/* Check that the study's folder is new, empty or a study's; TD_USAGE naming a foreign
 * file in it. */
td_status td_study_check_folder(const td_study *study);

/* The program named by `launch`, for td_free; NULL without one. */
char *td_study_launcher(const td_study *study);

bool td_study_is_random(const td_study_method *method);

/* ---- names of files in a point's folder ----------------------------------------- */

#define TD_STUDY_IMBALANCE "imbalance-" /* prefix of a folder in the study's    */
extern const char *const td_study_stage_names[TD_STUDY_STAGES];

#define TD_STUDY_SEARCH_GENOTYPE "search/genotype.txt"
#define TD_STUDY_TEST "test.csv"      /* output of eval                          */
#define TD_STUDY_FAILURE "failed.txt" /* error of the point's last attempt        */

/* ---- children ------------------------------------------------------------------- */

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
char *td_study_last_error(const char *path);

/* ---- files ------------------------------------------------------------------- */

/* A file of the study; one of its name that does not begin so, with these words near
 * its beginning, is not a study's. */
typedef struct {
    const char *name;
    char *(*text)(const td_study *study, const td_study_result *results); /* or NULL */
    const char *begin, *within;
} td_study_output;

/* Those with a text first; a row without a name is the end. */
extern const td_study_output td_study_outputs[];

/* Whether a study makes a file or folder of this name in its folder. */
bool td_study_wrote(const char *name);

/* Whether a stage is done.  \a started: it has just ended well; then the order in which
 * its files were written does not matter. */
bool td_study_is_done(const td_study *study, td_grid_point point, td_study_stage stage,
                      bool started);

/* Whether the training, if there is one, is of the search's present result: a search
 * that was made longer may have found another cell since. */
bool td_study_trained_its_cell(const td_study *study, td_grid_point point);

/* Read all results of a point; for td_study_result_clear. */
td_study_result td_study_result_read(const td_study *study, td_grid_point point);
void td_study_result_clear(td_study_result *result);

/* ---- statistics over seeds --------------------------------------------------- */

/* Summarise a measure of a method at an imbalance; \a results as td_study_rows. */
td_study_statistics td_study_over_seeds(const td_study *study,
                                        const td_study_result *results, int method,
                                        int imbalance, td_study_measure measure);

const td_study_result *td_study_result_of(const td_study *study,
                                          const td_study_result *results,
                                          td_grid_point point);

#endif
