/* The network that settings and data ask for. */
#include "plan.h"

td_net_spec td_plan_spec(const td_run_kind *kind, const td_config *config,
                         const td_data_info *info, int batch, int shards,
                         const td_genotype *genotype)
{
    td_net_spec spec = {
        .channels = config->net.channels,
        .cells = config->net.cells,
        .nodes = config->net.nodes,
        .classes = info->classes,
        .image_channels = info->channels,
        .height = info->height,
        .width = info->width,
        .batch = batch,
        .two_branch = config->bbn.enabled,
        .split = (td_branch_split) config->bbn.split,
        .groups = td_config_norms(config) == TD_NORMS_SHARD ? shards : 1,
        .head = (td_head_kind) config->net.head,
        .head_scale = td_head_scale(config),
        .exact = config->dist.reproducible,
        .recompute = (td_recompute) config->net.recompute,
    };
    TD_ASSERT(!kind->given || genotype);
    if (kind->specify)
        kind->specify(&spec, config, genotype);
    return spec;
}
