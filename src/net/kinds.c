/* The kinds of networks. */
#include "darts.h"

static const td_network_kind *const kinds[] = { &td_network_supernet,
                                                &td_network_derived };

const td_network_kind *td_network_kind_of(const td_net_spec *spec)
{
    if (spec->kind)
        return spec->kind;
    return kinds[spec->genotype ? 1 : 0];
}
