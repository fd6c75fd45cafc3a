#include "taildart/base_random.h"

#include <math.h>

#include <Random123/philox.h>

void td_random_block(const td_random *key, uint32_t draw, uint32_t out[4])
{
    philox4x32_ctr_t counter = { { draw, key->pass, key->shard, key->lane } };
    philox4x32_key_t philox_key = { { (uint32_t) key->seed,
                                      (uint32_t) (key->seed >> 32) ^
                                          (key->stream * UINT32_C(0x9E3779B9)) } };
    philox4x32_ctr_t block = philox4x32(counter, philox_key);
    for (int i = 0; i < 4; i++)
        out[i] = block.v[i];
}

static double unit_of(uint32_t high, uint32_t low)
{
    uint64_t bits = ((uint64_t) high << 32 | low) >> 11;
    return (double) bits * 0x1p-53;
}

double td_random_unit(const td_random *key, uint32_t draw)
{
    uint32_t word[4];
    td_random_block(key, draw, word);
    return unit_of(word[0], word[1]);
}

double td_random_normal(const td_random *key, uint32_t draw)
{
    const double two_pi = 6.283185307179586;
    uint32_t word[4];
    td_random_block(key, draw, word);
    double radius = sqrt(-2.0 * log(1.0 - unit_of(word[0], word[1])));
    return radius * cos(two_pi * unit_of(word[2], word[3]));
}

uint64_t td_random_below(uint32_t high, uint32_t low, uint64_t n)
{
    unsigned __int128 product = (unsigned __int128) ((uint64_t) high << 32 | low) * n;
    return (uint64_t) (product >> 64);
}

void td_random_permutation(const td_random *key, size_t n, int64_t *out)
{
    TD_ASSERT(n <= UINT32_MAX);
    for (size_t i = 0; i < n; i++) {
        uint32_t word[4];
        td_random_block(key, (uint32_t) i, word);
        size_t j = (size_t) td_random_below(word[0], word[1], i + 1);
        out[i] = out[j];
        out[j] = (int64_t) i;
    }
}
