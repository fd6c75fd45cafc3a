/* A selection, before its images are in it. */
#ifndef TD_SAMPLING_SELECTION_H
#define TD_SAMPLING_SELECTION_H

#include "taildart/sampling_split.h"

/* Room for counts of so many classes; no halves yet.  For td_selection_free. */
td_selection *td_selection_alloc(int classes);

/* The images that the largest class may keep, n_max of td_tail_count.
 * \param [in] available  (classes) */
int64_t td_selection_most(const td_config *config, const int64_t *available,
                          int classes);

/* Count the halves, and find where classes begin in them: counts of classes are set. */
void td_selection_find_starts(td_selection *s);

#endif
