/* The table of primitives. */
#include "operation.h"

_Static_assert(TD_NUM_OPS <= 8, "td_net_spec.without has a bit each");

/* Which functions a primitive has: in a supernet, alone, and where it reduces. */
static const struct {
    const td_family *mixed, *bare, *reducing;
} primitives[TD_KNOWN_OPS] = {
    [TD_OP_MAX_POOL_3X3] = { &td_shared_pool_family, &td_bare_pool_family, NULL },
    [TD_OP_AVG_POOL_3X3] = { &td_shared_pool_family, &td_bare_pool_family, NULL },
    [TD_OP_SKIP_CONNECT] = { &td_identity_family, &td_identity_family,
                             &td_reducing_skip_family },
    [TD_OP_SEP_CONV_3X3] = { &td_separable_family, &td_separable_family, NULL },
    [TD_OP_SEP_CONV_5X5] = { &td_separable_family, &td_separable_family, NULL },
    [TD_OP_DIL_CONV_3X3] = { &td_dilated_family, &td_dilated_family, NULL },
    [TD_OP_DIL_CONV_5X5] = { &td_dilated_family, &td_dilated_family, NULL },
    [TD_OP_NOISE] = { &td_noise_family, &td_noise_family, NULL },
};

static const td_family *family_of(td_op op, int stride, bool is_bare)
{
    TD_ASSERT(op > TD_OP_NONE && op < TD_KNOWN_OPS);
    if (stride > 1 && primitives[op].reducing)
        return primitives[op].reducing;
    return is_bare ? primitives[op].bare : primitives[op].mixed;
}

void td_operation_build(td_operation *o, td_builder *b, const char *name, int channels,
                        bool is_bare, size_t *slice_length)
{
    TD_ASSERT(o->from && o->to && channels > 0);
    o->family = family_of(o->op, o->from->stride, is_bare);
    if (o->family->build)
        o->family->build(o, b, name, channels, slice_length);
    o->coefs = td_coefs_build(b, channels);
}
