/** Floor 2: changes of a picture's pixels, and the policies that draw them.
 *
 *  Operations work on whole numbers, as those of the Python Imaging Library do, with
 *  which the published policies were made: the same bytes come out.  Positions are the
 *  nearest pixel's, in fixed point; what comes in from outside is grey (128).  A policy
 *  draws by a key alone, so a draw is changed alike whoever makes it.
 */
#ifndef TAILDART_AUGMENT_H
#define TAILDART_AUGMENT_H

#include "taildart/base_random.h"
#include "taildart/config.h"

TD_PUBLIC_BEGIN

/** A picture under way; what an operation makes may lie in the other buffer. */
typedef struct {
    int height, width, channels;
    uint8_t *pixels; /**< (height, width, channels)                         */
    uint8_t *spare;  /**< of the same size; operations may exchange the two */
} td_canvas;

/** The operations, in the order of RandAugment's list. */
typedef enum {
    TD_AUGMENT_IDENTITY,
    TD_AUGMENT_SHEAR_X,
    TD_AUGMENT_SHEAR_Y,
    TD_AUGMENT_TRANSLATE_X,
    TD_AUGMENT_TRANSLATE_Y,
    TD_AUGMENT_ROTATE,
    TD_AUGMENT_BRIGHTNESS,
    TD_AUGMENT_COLOR,
    TD_AUGMENT_CONTRAST,
    TD_AUGMENT_SHARPNESS,
    TD_AUGMENT_POSTERIZE,
    TD_AUGMENT_SOLARIZE,
    TD_AUGMENT_AUTOCONTRAST,
    TD_AUGMENT_EQUALIZE,
    TD_AUGMENT_INVERT, /**< of AutoAugment alone */
    TD_AUGMENT_OPERATIONS
} td_augment_operation;

/** "shear-x", …  Not collective. */
const char *td_augment_name(td_augment_operation operation);

/** Change a picture.  Not collective; any thread.
 *  \param [in] amount  shear: pixels a row or column; translate: share of the side;
 *  rotate: degrees, against the clock; brightness, color, contrast, sharpness: a
 *  factor, 1 changes nothing; posterize: bits that stay, 0 to 8; solarize: from which
 *  value on they are inverted, 0 to 256; ignored by the others */
void td_augment_apply(td_canvas *canvas, td_augment_operation operation, double amount);

/** The amount of a level from 0 to 1 (see td_augment_apply): the ranges of AutoAugment
 *  and RandAugment.  Signed amounts are turned round by \a negative; the others ignore
 *  it.  Not collective. */
double td_augment_amount(td_augment_operation operation, double level, bool negative);

/** Change a picture as a policy draws it.
 *  Not collective; any thread.  \param [in] key  its lane is ignored: a policy has
 *  those from TD_LANE_POLICY on */
void td_augment_by_policy(td_canvas *canvas, const td_augment_keys *keys,
                          const td_random *key, uint32_t draw);

/** "none", "autoaugment", "randaugment".  Not collective. */
const char *td_augment_policy_name(td_augment_kind kind);

TD_PUBLIC_END

#endif
