/** Floor 6: what a search makes of its architecture between its steps: operations that
 *  edges lose. */
#ifndef TAILDART_CHOICE_H
#define TAILDART_CHOICE_H

#include "taildart/config.h"
#include "taildart/step_state.h"

TD_PUBLIC_BEGIN

/** Drop what search.prune drops at the beginning of \a epoch, counted from 0; again is
 *  fine.  The same on every rank.  Not collective.  \return how many operations */
int td_choice_prune(td_search_state *state, const td_config *config, int64_t epoch);

TD_PUBLIC_END

#endif
