/* The table of policies. */
#include "augment.h"

#define POLICY(NAME, function, word) td_augment_##function,
#define WORD(NAME, function, word) word,
static td_augment_policy *const policies[] = { TD_AUGMENTS(POLICY) };
static const char *const names[] = { TD_AUGMENTS(WORD) };

void td_augment_none(td_canvas *canvas, const td_augment_keys *keys,
                     const td_random *key, uint32_t draw)
{
    (void) canvas;
    (void) keys;
    (void) key;
    (void) draw;
}

void td_augment_by_policy(td_canvas *canvas, const td_augment_keys *keys,
                          const td_random *key, uint32_t draw)
{
    TD_ASSERT(keys->kind >= 0 && keys->kind < TD_AUGMENT_COUNT);
    policies[keys->kind](canvas, keys, key, draw);
}

const char *td_augment_policy_name(td_augment_kind kind)
{
    TD_ASSERT(kind < TD_AUGMENT_COUNT);
    return names[kind];
}
