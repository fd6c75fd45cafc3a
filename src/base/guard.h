/* Temporary files, as signals.c removes them. */
#ifndef TD_BASE_GUARD_H
#define TD_BASE_GUARD_H

#include "taildart/base_signals.h"

/* Remove the files that td_signals_guard was told; safe in a handler. */
void td_signals_remove_guarded(void);

#endif
