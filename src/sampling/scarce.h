/* Errors for classes with too few images, with cause and fix. */
#ifndef TAILDART_DATA_SCARCE_H
#define TAILDART_DATA_SCARCE_H

#include "taildart/data.h"
#include "taildart/sampling_split.h"

/* Images that each class of a run needs: one a half, or one where nothing is set
 * aside. */
int td_scarce_need(const td_config *config);

/* TD_DATA of the classes of s whose count is less than they need.
 * available: (classes) before the tail was cut; dataset: for names and the test part,
 * or NULL. */
td_status td_scarce_refuse(const td_selection *s, const td_config *config,
                           const int64_t *available, const td_dataset *dataset);

#endif
