/* Initial values, and what a forward pass costs. */
#include "network.h"

#include "taildart/base_random.h"

#include <math.h>
#include <string.h>

/* Uniform in ±1/√fan_in, a number an element: what the PyTorch layers do. */
static void init_uniform(uint64_t seed, const td_slot *slot, td_real *weights)
{
    TD_ASSERT(slot->fan_in > 0);
    TD_ASSERT(slot->offset + slot->count <= UINT32_MAX); /* a draw an element */
    td_random key = { .seed = seed, .stream = TD_STREAM_INIT_WEIGHTS };
    double bound = 1.0 / sqrt((double) slot->fan_in);
    for (size_t i = 0; i < slot->count; i++) {
        double u = td_random_unit(&key, (uint32_t) (slot->offset + i));
        weights[slot->offset + i] = (td_real) (bound * (2.0 * u - 1.0));
    }
}

/* γ of an affine batch norm; β and γ have no inputs. */
static bool is_scale(const td_slot *slot)
{
    const char *end = strrchr(slot->name, '.');
    return slot->fan_in == 0 && end && strcmp(end, ".weight") == 0;
}

void td_network_init(const td_network *net, uint64_t seed, td_real *weights)
{
    for (int s = 0; s < net->weights.count; s++) {
        const td_slot *slot = &net->weights.slots[s];
        if (slot->fan_in > 0) {
            init_uniform(seed, slot, weights);
            continue;
        }
        for (size_t i = 0; i < slot->count; i++)
            weights[slot->offset + i] = is_scale(slot);
    }
}

void td_network_init_state(const td_network *net, uint64_t seed, td_real *mean,
                           td_real *var, td_real *alphas)
{
    td_random key = { .seed = seed, .stream = TD_STREAM_INIT_ALPHAS };
    size_t count = 2 * td_network_table(net);
    TD_ASSERT(mean && var && (alphas || count == 0));
    for (size_t i = 0; i < net->norms.total; i++) {
        mean[i] = 0;
        var[i] = 1;
    }
    for (size_t i = 0; i < count; i++)
        alphas[i] = (td_real) (1e-3 * td_random_normal(&key, (uint32_t) i));
}

/* ---- arithmetic --------------------------------------------------------- */

static double pixels_of(td_extent e)
{
    return (double) e.height * e.width;
}

static double unit_flops(const td_unit *unit)
{
    double c = unit->channels, taps = unit->conv.kernel * unit->conv.kernel;
    return 2.0 * pixels_of(unit->out) * c * (taps + c);
}

static double dense_flops(const td_dense *dense)
{
    return 2.0 * pixels_of(dense->out) * dense->in_channels * dense->out_channels;
}

static double choice_flops(const td_choice *choice)
{
    if (choice->op == TD_OP_SKIP_CONNECT && choice->from->stride == 2)
        return dense_flops(&choice->skip);
    if (choice->op < TD_OP_SEP_CONV_3X3)
        return 0.0;
    bool has_two = choice->op < TD_OP_DIL_CONV_3X3;
    return unit_flops(&choice->first) + (has_two ? unit_flops(&choice->second) : 0.0);
}

static double cell_flops(const td_cell *cell)
{
    double flops = dense_flops(&cell->pre[0]) + dense_flops(&cell->pre[1]);
    for (int i = 0; cell->graph.choices && i < TD_GENES * cell->graph.nodes; i++)
        flops += choice_flops(&cell->graph.choices[i]);
    for (int e = 0; cell->graph.edges && e < cell->graph.edge_count; e++) {
        const td_edge *edge = &cell->graph.edges[e];
        for (int u = 0; u < TD_UNITS; u++)
            flops += unit_flops(&edge->first[u]);
        for (int u = 0; u < TD_SEPARABLE; u++)
            flops += unit_flops(&edge->second[u]);
        if (edge->has_skip)
            flops += dense_flops(&edge->skip);
    }
    return flops;
}

double td_network_flops(const td_network *net)
{
    const td_stem *stem = &net->stem;
    double flops = 2.0 * pixels_of(stem->output.extent) * 9 * stem->image_channels *
                   stem->channels;
    for (int i = 0; i < net->spec.cells; i++)
        flops += cell_flops(&net->cells[i]);
    return flops + 2.0 * net->features * net->spec.classes;
}
