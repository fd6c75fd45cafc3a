/* The table of operations: how a level becomes an amount, and who applies it. */
#include "augment.h"

#include <math.h>

static void leave(td_canvas *canvas, double amount)
{
    (void) canvas;
    (void) amount;
}

typedef enum {
    NO_AMOUNT,
    SIGNED,  /* ± most·level                                  */
    FACTOR,  /* 1 ± most·level                                */
    FALLING, /* from `least` at level 0 down by most·level    */
} amount_form;

/* Ranges of AutoAugment (Cubuk et al. 2019, table 6), as its code for CIFAR has them:
 * a translation by up to 150 of 331 pixels. */
static const struct {
    const char *name;
    td_augment_function *apply;
    amount_form form;
    double most, least;
} operations[TD_AUGMENT_OPERATIONS] = {
    [TD_AUGMENT_IDENTITY] = { "identity", leave, NO_AMOUNT, 0, 0 },
    [TD_AUGMENT_SHEAR_X] = { "shear-x", td_augment_shear_x, SIGNED, 0.3, 0 },
    [TD_AUGMENT_SHEAR_Y] = { "shear-y", td_augment_shear_y, SIGNED, 0.3, 0 },
    [TD_AUGMENT_TRANSLATE_X] = { "translate-x", td_augment_translate_x, SIGNED,
                                 150.0 / 331.0, 0 },
    [TD_AUGMENT_TRANSLATE_Y] = { "translate-y", td_augment_translate_y, SIGNED,
                                 150.0 / 331.0, 0 },
    [TD_AUGMENT_ROTATE] = { "rotate", td_augment_rotate, SIGNED, 30, 0 },
    [TD_AUGMENT_BRIGHTNESS] = { "brightness", td_augment_brightness, FACTOR, 0.9, 0 },
    [TD_AUGMENT_COLOR] = { "color", td_augment_color, FACTOR, 0.9, 0 },
    [TD_AUGMENT_CONTRAST] = { "contrast", td_augment_contrast, FACTOR, 0.9, 0 },
    [TD_AUGMENT_SHARPNESS] = { "sharpness", td_augment_sharpness, FACTOR, 0.9, 0 },
    [TD_AUGMENT_POSTERIZE] = { "posterize", td_augment_posterize, FALLING, 4, 8 },
    [TD_AUGMENT_SOLARIZE] = { "solarize", td_augment_solarize, FALLING, 256, 256 },
    [TD_AUGMENT_AUTOCONTRAST] = { "autocontrast", td_augment_autocontrast, NO_AMOUNT, 0,
                                  0 },
    [TD_AUGMENT_EQUALIZE] = { "equalize", td_augment_equalize, NO_AMOUNT, 0, 0 },
    [TD_AUGMENT_INVERT] = { "invert", td_augment_invert, NO_AMOUNT, 0, 0 },
};

const char *td_augment_name(td_augment_operation operation)
{
    TD_ASSERT(operation < TD_AUGMENT_OPERATIONS);
    return operations[operation].name;
}

double td_augment_amount(td_augment_operation operation, double level, bool negative)
{
    TD_ASSERT(operation < TD_AUGMENT_OPERATIONS && level >= 0.0 && level <= 1.0);
    double most = operations[operation].most * level;
    double turned = negative ? -most : most;
    switch (operations[operation].form) {
    case SIGNED:
        return turned;
    case FACTOR:
        return 1.0 + turned;
    case FALLING:
        /* bits are whole, and so are values */
        return operation == TD_AUGMENT_POSTERIZE
                   ? operations[operation].least - nearbyint(most)
                   : operations[operation].least - most;
    default:
        return 0.0;
    }
}

void td_augment_apply(td_canvas *canvas, td_augment_operation operation, double amount)
{
    TD_ASSERT(operation < TD_AUGMENT_OPERATIONS);
    TD_ASSERT(canvas->height > 0 && canvas->width > 0 && canvas->channels > 0);
    operations[operation].apply(canvas, amount);
}
