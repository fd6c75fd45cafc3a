/* Names of kinds as users spell them, in the order of their enums. */
#ifndef TAILDART_CONFIG_WORDS_H
#define TAILDART_CONFIG_WORDS_H

#include "taildart/config.h"

extern const char *const td_loss_words[TD_LOSS_COUNT];
extern const char *const td_head_words[TD_HEAD_COUNT];
extern const char *const td_stem_words[TD_STEM_COUNT];

#endif
