#include "words.h"

#define WORD(NAME, function, word) word,
const char *const td_loss_words[TD_LOSS_COUNT] = { TD_LOSSES(WORD) };
const char *const td_head_words[TD_HEAD_COUNT] = { TD_HEADS(WORD) };
#undef WORD
#define WORD(NAME, word) word,
const char *const td_stem_words[TD_STEM_COUNT] = { TD_STEMS(WORD) };
#undef WORD
