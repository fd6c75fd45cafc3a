/* RandAugment (Cubuk et al. 2020): a number of operations, each drawn at random from
 * fourteen, all at one magnitude of 0 to 30. */
#include "augment.h"

enum { CHOICES = TD_AUGMENT_EQUALIZE + 1, MOST_MAGNITUDE = 30 };

void td_augment_randaugment(td_canvas *canvas, const td_augment_keys *keys,
                            const td_random *key, uint32_t draw)
{
    double level = (double) keys->magnitude / MOST_MAGNITUDE;
    TD_ASSERT(keys->operations >= 1 && keys->operations <= TD_AUGMENT_MOST);
    for (int i = 0; i < keys->operations; i++) {
        td_random own = *key;
        uint32_t word[4];
        own.lane = TD_LANE_POLICY + 1U + (uint32_t) i;
        td_random_block(&own, draw, word);
        td_augment_operation operation =
            (td_augment_operation) ((uint64_t) word[0] * CHOICES >> 32);
        td_augment_apply(canvas, operation,
                         td_augment_amount(operation, level, word[1] & 1));
    }
}
