/** Floor 6: between what a run has learned and the checkpoint of it. */
#ifndef TAILDART_CHECKPOINT_STATE_H
#define TAILDART_CHECKPOINT_STATE_H

#include "taildart/checkpoint.h"
#include "taildart/step_state.h"

TD_PUBLIC_BEGIN

/** The arrays of \a state as those of a checkpoint that is going to be packed:
 *  borrowed.
 *  Not collective. */
void td_checkpoint_show_state(td_checkpoint *checkpoint, const td_search_state *state);

/** The tensors of a checkpoint that fits (td_checkpoint_fits), by name.
 *  Not collective. */
void td_checkpoint_restore(td_search_state *state, const td_checkpoint *saved);

TD_PUBLIC_END

#endif
