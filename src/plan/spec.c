/* The network that settings and data ask for. */
#include "plan.h"
#include "taildart/config_stages.h"
#include "taildart/genotype_space.h"

td_net_spec td_plan_spec(const td_run_kind *kind, const td_config *config,
                         const td_data_info *info, int batch, int shards,
                         const td_genotype *genotype)
{
    td_net_spec spec = {
        .channels = config->net.channels,
        .cells = config->net.cells,
        .nodes = config->net.nodes,
        .classes = info->classes,
        .stem = (td_stem_kind) config->net.stem,
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

char *td_plan_stem(const td_net_spec *spec)
{
    int halvings = td_stem_halvings(spec->stem);
    int height = td_stem_side(spec->stem, spec->height);
    int width = td_stem_side(spec->stem, spec->width);
    bool is_large = spec->stem == TD_STEM_IMAGENET;
    td_text text = { 0 };
    if (is_large)
        td_text_write(&text,
                      "imagenet, three convolutions of stride 2: cells begin "
                      "with %dx%d pixels",
                      height >> halvings, width >> halvings);
    if (height != spec->height || width != spec->width)
        td_text_write(&text,
                      "%simages of %dx%d are padded to %dx%d with zeros (the mean "
                      "colour) around them",
                      is_large ? "; " : "", spec->height, spec->width, height, width);
    return text.chars;
}

int td_plan_most_operations(const td_config *config)
{
    td_space space;
    int most = 0;
    td_status status = td_space_find(&space, config->net.operations, config->net.nodes);
    TD_ASSERT(status == TD_OK); /* settle() has seen it */
    for (int e = 0; e < 2 * td_edge_count(config->net.nodes); e++) {
        int table = e % 2, count = __builtin_popcount(space.present[table][e / 2]);
        most = count > most ? count : most;
    }
    return most;
}

int td_plan_operations_at(const td_config *config, int epoch)
{
    const td_rows *rows = &config->search.prune;
    int left = td_stage_at(config, epoch).keep, most = td_plan_most_operations(config);
    for (int r = 0; r < rows->count; r++)
        if (rows->value[r][TD_PRUNE_EPOCH] <= epoch &&
            rows->value[r][TD_PRUNE_KEEP] < left)
            left = (int) rows->value[r][TD_PRUNE_KEEP];
    return left < most ? left : most;
}

/* ---- stages of a search --------------------------------------------------------- */

/* Convolutions, from those that need most memory to those that need least. */
static const td_op convolutions[] = { TD_OP_SEP_CONV_5X5, TD_OP_SEP_CONV_3X3,
                                      TD_OP_DIL_CONV_5X5, TD_OP_DIL_CONV_3X3 };
enum { CONVOLUTIONS = sizeof convolutions / sizeof *convolutions };

static unsigned all_convolutions(void)
{
    unsigned all = 0;
    for (int i = 0; i < CONVOLUTIONS; i++)
        all |= 1U << convolutions[i];
    return all;
}

/* Of \a present the \a keep that need most memory.  Pools belong to all edges that
 * leave a state, and skip connections need memory where they reduce: which of these
 * needs most depends on other edges, so all are counted where there is a place for
 * one. */
static unsigned most_costly(unsigned present, int keep)
{
    unsigned kept = 0;
    for (int i = 0; i < CONVOLUTIONS && keep > 0; i++) {
        unsigned bit = 1U << convolutions[i];
        keep -= (present & bit) != 0;
        kept |= present & bit;
    }
    return keep > 0 ? kept | present : kept;
}

/* Which operations alphas will keep is not known before: no choice needs more memory
 * than this one.  The first edge has all that is no convolution, too: what a thread
 * needs to work on one of these may be more than convolutions need. */
static void keep_costly(td_net_spec *spec, int keep)
{
    for (int kind = 0; kind < 2; kind++)
        for (int e = 0; e < TD_MAX_EDGES; e++) {
            unsigned present = (uint8_t) ~spec->without[kind][e];
            unsigned kept = most_costly(present, keep);
            if (e == 0)
                kept |= present & ~all_convolutions();
            spec->without[kind][e] = (uint8_t) ~kept;
        }
}

td_net_spec td_plan_stage_spec(const td_plan *plan, int number)
{
    td_net_spec spec = plan->spec;
    td_search_stage stage = td_stage_of(plan->config, number);
    if (number <= spec.stage)
        return spec;
    spec.stage = number;
    spec.cells = stage.cells;
    spec.drops_skips = stage.skip_dropout > 0.0;
    keep_costly(&spec, stage.keep);
    return spec;
}

void td_plan_enter_stage(td_net_spec *spec, const td_config *config,
                         const td_plan_stage *stage)
{
    if (stage->number == 0)
        return;
    td_search_stage keys = td_stage_of(config, stage->number);
    spec->stage = stage->number;
    spec->cells = keys.cells;
    spec->drops_skips = keys.skip_dropout > 0.0;
    td_net_spec_keep(spec, stage->present);
}

/* That of its epoch, or before the first step of an epoch the one before. */
td_status td_plan_saved_stage(td_plan_stage *stage, const td_checkpoint *saved,
                              const char *path, const td_config *config,
                              td_net_spec spec)
{
    const td_progress *at = &saved->progress;
    int64_t before = at->step == 0 && at->epoch > 0 ? at->epoch - 1 : at->epoch;
    int64_t number = saved->state.stage;
    if (number != td_stage_at(config, at->epoch).number &&
        number != td_stage_at(config, before).number)
        return td_error(TD_CHECKPOINT,
                        "%s: the checkpoint is of stage %lld of the search in epoch "
                        "%lld, which search.stages does not have there",
                        path, (long long) number + 1, (long long) at->epoch + 1);
    td_status status = td_checkpoint_take_stage(saved, path, &spec);
    if (status != TD_OK)
        return status;
    stage->number = (int) number;
    td_search_state_masks(&saved->state, stage->present);
    return TD_OK;
}
