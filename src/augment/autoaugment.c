/* AutoAugment's policy for CIFAR-10 (Cubuk et al. 2019, table 7): one of 25 pairs of
 * operations, each applied with a probability of its own and at a level of 0 to 9. */
#include "augment.h"

enum { PAIRS = 25, LEVELS = 9 };

typedef struct {
    td_augment_operation operation;
    double probability;
    int level;
} step;

#define STEP(NAME, probability, level)                                                 \
    {                                                                                  \
        TD_AUGMENT_##NAME, probability, level                                          \
    }
static const step policy[PAIRS][2] = {
    { STEP(INVERT, 0.1, 7), STEP(CONTRAST, 0.2, 6) },
    { STEP(ROTATE, 0.7, 2), STEP(TRANSLATE_X, 0.3, 9) },
    { STEP(SHARPNESS, 0.8, 1), STEP(SHARPNESS, 0.9, 3) },
    { STEP(SHEAR_Y, 0.5, 8), STEP(TRANSLATE_Y, 0.7, 9) },
    { STEP(AUTOCONTRAST, 0.5, 8), STEP(EQUALIZE, 0.9, 2) },
    { STEP(SHEAR_Y, 0.2, 7), STEP(POSTERIZE, 0.3, 7) },
    { STEP(COLOR, 0.4, 3), STEP(BRIGHTNESS, 0.6, 7) },
    { STEP(SHARPNESS, 0.3, 9), STEP(BRIGHTNESS, 0.7, 9) },
    { STEP(EQUALIZE, 0.6, 5), STEP(EQUALIZE, 0.5, 1) },
    { STEP(CONTRAST, 0.6, 7), STEP(SHARPNESS, 0.6, 5) },
    { STEP(COLOR, 0.7, 7), STEP(TRANSLATE_X, 0.5, 8) },
    { STEP(EQUALIZE, 0.3, 7), STEP(AUTOCONTRAST, 0.4, 8) },
    { STEP(TRANSLATE_Y, 0.4, 3), STEP(SHARPNESS, 0.2, 6) },
    { STEP(BRIGHTNESS, 0.9, 6), STEP(COLOR, 0.2, 8) },
    { STEP(SOLARIZE, 0.5, 2), STEP(INVERT, 0.0, 3) },
    { STEP(EQUALIZE, 0.2, 0), STEP(AUTOCONTRAST, 0.6, 0) },
    { STEP(EQUALIZE, 0.2, 8), STEP(EQUALIZE, 0.6, 4) },
    { STEP(COLOR, 0.9, 9), STEP(EQUALIZE, 0.6, 6) },
    { STEP(AUTOCONTRAST, 0.8, 4), STEP(SOLARIZE, 0.2, 8) },
    { STEP(BRIGHTNESS, 0.1, 3), STEP(COLOR, 0.7, 0) },
    { STEP(SOLARIZE, 0.4, 5), STEP(AUTOCONTRAST, 0.9, 3) },
    { STEP(TRANSLATE_Y, 0.9, 9), STEP(TRANSLATE_Y, 0.7, 9) },
    { STEP(AUTOCONTRAST, 0.9, 2), STEP(SOLARIZE, 0.8, 3) },
    { STEP(EQUALIZE, 0.8, 8), STEP(INVERT, 0.1, 3) },
    { STEP(TRANSLATE_Y, 0.7, 9), STEP(AUTOCONTRAST, 0.9, 1) },
};
#undef STEP

/* A step with a word of its own for chance, and a bit for the sign. */
static void make(td_canvas *canvas, const step *s, uint32_t chance, bool negative)
{
    if (chance < s->probability * 4294967296.0)
        td_augment_apply(
            canvas, s->operation,
            td_augment_amount(s->operation, (double) s->level / LEVELS, negative));
}

void td_augment_autoaugment(td_canvas *canvas, const td_augment_keys *keys,
                            const td_random *key, uint32_t draw)
{
    (void) keys;
    td_random own = *key;
    uint32_t word[4];
    own.lane = TD_LANE_POLICY;
    td_random_block(&own, draw, word);
    const step *pair = policy[(uint64_t) word[0] * PAIRS >> 32];
    make(canvas, &pair[0], word[1], word[3] & 1);
    make(canvas, &pair[1], word[2], word[3] & 2);
}
