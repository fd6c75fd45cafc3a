/** Floor 6: what a search makes of its architecture between its steps: operations that
 *  edges lose, an end before the last epoch. */
#ifndef TAILDART_CHOICE_H
#define TAILDART_CHOICE_H

#include "taildart/checkpoint.h"
#include "taildart/config.h"
#include "taildart/step_state.h"
#include "taildart/store.h"

TD_PUBLIC_BEGIN

/** Drop what search.prune drops at the beginning of \a epoch, counted from 0; again is
 *  fine.  The same on every rank.  Not collective.  \return how many operations */
int td_choice_prune(td_search_state *state, const td_config *config, int64_t epoch);

/* ---- the end ----------------------------------------------------------------- */

/** Whether a search ends before its last epoch, after which, and whose cell it then
 *  returns; epochs count from 0. */
typedef struct {
    bool is_there;
    int epoch, genotype_epoch;
} td_choice_end;

/** The keys of search.stop. */
typedef struct {
    int kind;  /**< td_stop                                                        */
    int start; /**< first epoch that may be the end, or whose cell may be returned */
    int limit; /**< of skips                                                       */
    int every, window, delta; /**< of eigenvalue: epochs, evaluations                 */
    double factor;
} td_stop_keys;

/** search.stop skips: the first epoch from keys->start on with more skip connections in
 *  the normal cell than keys->limit (DARTS+, Liang et al. 2019); its cell is returned.
 *  Not collective.  \param [in] skips (epochs) */
td_choice_end td_stop_by_skips(const td_stop_keys *keys, const double *skips,
                               int epochs);

/** Whether the eigenvalue is wanted after an epoch: in turn, in the last stage of a
 *  search.  Not collective. */
bool td_stop_evaluates(const td_config *config, int64_t epoch);

/** Whether a search has ended by search.stop, by its rows so far; never with the last
 *  epoch.  Not collective.  \param [in] rows (count) of epochs 0, 1, … */
td_choice_end td_choice_stop(const td_config *config, const td_metrics *rows,
                             int count);

/** The same of the search that left a checkpoint, by the rows that it keeps.
 *  Not collective.  \param [in] path  of it, for errors */
td_choice_end td_choice_end_of(const td_checkpoint *checkpoint, const char *path);

/** Where a Hessian is looked at, and how. */
typedef struct {
    /** The gradient at other parameters \a x (n). */
    td_status (*gradient)(void *context, const td_real *x, double *gradient);
    void *context;
    size_t n;
    const td_real *at;      /**< (n) parameters                                    */
    const td_real *is_free; /**< (n) 0 of one that does not move; NULL: all do     */
    double decay;           /**< weight decay, added to the diagonal               */
    double step;            /**< half the distance of central differences          */
    double tolerance;       /**< relative change of the value that ends it         */
    uint64_t seed;          /**< of the first vector                               */
} td_curvature;

/** The algebraically largest eigenvalue of the Hessian, weight decay inside, over the
 *  parameters that are free; two gradients for each of at most 40 products, most
 *  often some 20.
 *  Collective where the gradient is.  \return what the gradient did */
td_status td_dominant_eigenvalue(double *value, const td_curvature *curvature);

TD_PUBLIC_END

#endif
