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

/* Two lanes a try (Marsaglia & Tsang 2000): how many there are shows nowhere else. */
double td_random_log_gamma(const td_random *key, uint32_t draw, double shape)
{
    /* Below 1 a draw of shape + 1 is multiplied by u^(1/shape). */
    bool is_boosted = shape < 1.0;
    td_random lane = *key;
    TD_ASSERT(shape > 0.0);
    double boost = is_boosted ? log(1.0 - td_random_unit(&lane, draw)) / shape : 0.0;
    double d = shape + (double) is_boosted - 1.0 / 3.0, width = 1.0 / sqrt(9.0 * d);
    for (;;) {
        lane.lane++;
        double n = td_random_normal(&lane, draw);
        lane.lane++;
        double u = 1.0 - td_random_unit(&lane, draw);
        double root = 1.0 + width * n, v = root * root * root;
        if (root > 0.0 && log(u) < 0.5 * n * n + d - d * v + d * log(v))
            return boost + log(d * v);
    }
}

double td_random_beta(const td_random *key, uint32_t draw, double a, double b)
{
    td_random other = *key;
    other.lane += 2048;
    double difference =
        td_random_log_gamma(&other, draw, b) - td_random_log_gamma(key, draw, a);
    return 1.0 / (1.0 + exp(difference));
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
