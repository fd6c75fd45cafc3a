/* Operations and policies, shared by the files of this room. */
#ifndef TD_AUGMENT_AUGMENT_H
#define TD_AUGMENT_AUGMENT_H

#include "taildart/augment.h"

static inline size_t td_canvas_bytes(const td_canvas *canvas)
{
    return (size_t) canvas->height * (size_t) canvas->width * (size_t) canvas->channels;
}

static inline void td_canvas_exchange(td_canvas *canvas)
{
    uint8_t *pixels = canvas->pixels;
    canvas->pixels = canvas->spare;
    canvas->spare = pixels;
}

/* An operation with its amount, as td_augment_apply() has it. */
typedef void td_augment_function(td_canvas *canvas, double amount);

/* ---- geometry.c ------------------------------------------------------------ */
td_augment_function td_augment_shear_x, td_augment_shear_y, td_augment_translate_x,
    td_augment_translate_y, td_augment_rotate;

/* ---- blend.c --------------------------------------------------------------- */
td_augment_function td_augment_brightness, td_augment_color, td_augment_contrast,
    td_augment_sharpness;

/* ---- tones.c --------------------------------------------------------------- */
td_augment_function td_augment_posterize, td_augment_solarize, td_augment_autocontrast,
    td_augment_equalize, td_augment_invert;

/* ---- policies: one function per row of TD_AUGMENTS --------------------------- */
typedef void td_augment_policy(td_canvas *canvas, const td_augment_keys *keys,
                               const td_random *key, uint32_t draw);

#define TD_AUGMENT_DECLARE(NAME, function, word)                                       \
    td_augment_policy td_augment_##function;
TD_AUGMENTS(TD_AUGMENT_DECLARE)
#undef TD_AUGMENT_DECLARE

#endif
