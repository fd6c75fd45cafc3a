/* Initial values. */
#include "head.h"
#include "network.h"

#include "taildart/base_random.h"

#include <math.h>

/* Uniform in ±1/√fan_in, one number per element: what the PyTorch layers do. */
static void init_uniform(const td_random *key, const td_slot *slot, td_real *weights)
{
    TD_ASSERT(slot->fan_in > 0);
    TD_ASSERT(slot->offset + slot->count <= UINT32_MAX); /* a draw an element */
    double bound = 1.0 / sqrt((double) slot->fan_in);
    for (size_t i = 0; i < slot->count; i++) {
        double u = td_random_unit(key, (uint32_t) (slot->offset + i));
        weights[slot->offset + i] = (td_real) (bound * (2.0 * u - 1.0));
    }
}

void td_network_init(const td_network *net, uint64_t seed, td_real *weights)
{
    const td_slots *slots = &net->registry.weights;
    td_random key = { .seed = seed,
                      .stream = TD_STREAM_INIT_WEIGHTS,
                      .pass = (uint32_t) net->spec.stage };
    for (int s = 0; s < slots->count; s++) {
        const td_slot *slot = &slots->slots[s];
        if (slot->is_fixed) {
            td_head_frame(seed, slot->dims[0], slot->dims[1], weights + slot->offset);
            continue;
        }
        if (slot->fan_in > 0) {
            init_uniform(&key, slot, weights);
            continue;
        }
        for (size_t i = 0; i < slot->count; i++)
            weights[slot->offset + i] = slot->initial;
    }
}

void td_network_init_state(const td_network *net, uint64_t seed, td_real *mean,
                           td_real *var, td_real *alphas)
{
    td_random key = { .seed = seed,
                      .stream = TD_STREAM_INIT_ALPHAS,
                      .pass = (uint32_t) net->spec.stage };
    size_t count = (size_t) (2 * td_network_edges(&net->spec) * TD_NUM_OPS);
    TD_ASSERT(mean && var && (alphas || count == 0));
    for (size_t i = 0; i < net->registry.norms.total; i++) {
        mean[i] = 0;
        var[i] = 1;
    }
    for (size_t i = 0; i < count; i++)
        alphas[i] = (td_real) (1e-3 * td_random_normal(&key, (uint32_t) i));
}
