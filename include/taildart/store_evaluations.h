/** Floor 6: what evaluations of a run gave: evaluations.csv, a row each.
 *
 *  The columns: date, checkpoint ("last", "best"), epoch and step that it was after,
 *  part, data, images, adjust and tau_norm (empty without these cures), loss, top1,
 *  balanced, macro_f1, many, medium, few, ece; class_images and class_top1 are numbers
 *  with blanks between them, one per class in the order of the run, "-" where a class
 *  has no image.  An unknown figure is an empty field.
 */
#ifndef TAILDART_STORE_EVALUATIONS_H
#define TAILDART_STORE_EVALUATIONS_H

#include "taildart/store.h"

TD_PUBLIC_BEGIN

/** An evaluation; figures that are not known are NaN. */
typedef struct {
    char *date;          /**< where it was written: 2026-11-28T21:05:28+01:00   */
    char *checkpoint;    /**< "last", "best", or the file's name                */
    char *part, *data;   /**< images of the run, or the test part; real path   */
    int64_t epoch, step; /**< after which the network was saved                 */
    int64_t images;      /**< of the part                                       */
    double adjust;       /**< tau of --adjust                                   */
    double tau_norm;     /**< of --tau-norm                                     */
    double loss, top1, balanced, macro_f1;
    double group_top1[TD_GROUPS]; /**< by the number of training images            */
    double ece;
    int classes;
    int64_t *class_images; /**< (classes)                                          */
    double *class_top1;    /**< (classes) NaN where a class has no image           */
} td_evaluation;

/** Put evaluations, all of this moment, into the file of the run in \a folder: each
 *  takes the place of a former one of the same checkpoint, part, data and cures, others
 *  stay.  Its date is set here.  Control characters of texts are written as `\xNN`.
 *  Complete or not at all; of two at a time one waits, for seconds.
 *  Not collective.  \param [in] all (count)
 *  \return TD_FAILED when it cannot be written or another process holds the folder's
 *  lock, TD_DATA when what lies there under the name is something else, or has columns
 *  or lines that would be lost */
td_status td_evaluations_add(const char *folder, const td_evaluation *all, int count);

/** Read those of the run in \a folder.  Not collective.
 *  \param [out] all  for td_evaluations_free  \return how many */
int td_evaluations_read(td_evaluation **all, const char *folder);

/** Free what td_evaluations_read gave.  Not collective. */
void td_evaluations_free(td_evaluation *all, int count);

/** The directory of the run that the checkpoint at \a path lies in; NULL where it lies
 *  in none.  Not collective.  \return for td_free */
char *td_run_of_checkpoint(const char *path);

TD_PUBLIC_END

#endif
