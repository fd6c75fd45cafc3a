/* Which candidates stay, and in which order edges and nodes are asked. */
#include "taildart/projection.h"

#include <math.h>

#include "taildart/base_random.h"

/* ---- the rule ---------------------------------------------------------------- */

static double harm_of(double loss)
{
    return isnan(loss) ? INFINITY : loss;
}

bool td_projection_tells(const double *loss, const bool *is_there, int count)
{
    for (int i = 0; i < count; i++)
        if (is_there[i] && isfinite(loss[i]))
            return true;
    return false;
}

void td_projection_choose(bool *stays, const double *loss, const bool *is_there,
                          int count, int keep)
{
    TD_ASSERT(count > 0 && keep > 0);
    for (int i = 0; i < count; i++)
        stays[i] = false;
    for (int n = 0; n < keep; n++) {
        int worst = -1;
        for (int i = 0; i < count; i++)
            if (is_there[i] && !stays[i] &&
                (worst < 0 || harm_of(loss[i]) > harm_of(loss[worst])))
                worst = i;
        if (worst >= 0)
            stays[worst] = true;
    }
}

/* ---- the order --------------------------------------------------------------- */

int td_projection_place(const td_config *config, int cell, int number, bool *is_node)
{
    int edges = td_projection_edges(config), nodes = config->net.nodes;
    int64_t order[TD_MAX_EDGES];
    TD_ASSERT(number >= 0 && number < td_projection_decisions(config));
    *is_node = number >= edges;
    td_random key = { .seed = (uint64_t) config->seed,
                      .stream = TD_STREAM_PROJECTION,
                      .shard = (uint32_t) cell,
                      .pass = *is_node };
    td_random_permutation(&key, (size_t) (*is_node ? nodes - 1 : edges), order);
    return (int) (*is_node ? 1 + order[number - edges] : order[number]);
}
