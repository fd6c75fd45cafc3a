/* Settings of a search and of a training, however they are set. */
#ifndef FUZZ_SETTINGS_H
#define FUZZ_SETTINGS_H

#include "fuzz.h"
#include "taildart/config.h"

/* Set them, then use them as a run does: checked, saved, read again. */
void fuzz_settings(void (*set)(td_settings *settings, const void *input),
                   const void *input);

#endif
