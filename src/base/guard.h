/* What signals.c needs of the files under way. */
#ifndef TD_BASE_GUARD_H
#define TD_BASE_GUARD_H

#include "taildart/base_signals.h"

/* Remove what td_signals_guard knows; from inside a handler. */
void td_signals_remove_guarded(void);

#endif
