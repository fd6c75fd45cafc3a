/* The kinds of mixing, one function per row of TD_MIXES but none. */
#ifndef TD_MIX_INTERNAL_H
#define TD_MIX_INTERNAL_H

#include "taildart/mix.h"

/* own = λ·own + (1 − λ)·partner, number by number. */
td_mix td_mix_blend;

/* The box of \a partner in the place of the own one. */
td_mix td_mix_paste;

/* As blend, with labels that favour the rarer class. */
td_mix td_mix_remix;

#endif
