/* The stages of a search: the network of each, and what is told of them. */
#include "plan.h"
#include "taildart/config_stages.h"

/* Places of operations, from those that need most memory to those that need least. */
static const td_op costly[TD_NUM_OPS] = {
    TD_OP_SEP_CONV_5X5, TD_OP_SEP_CONV_3X3, TD_OP_DIL_CONV_5X5, TD_OP_DIL_CONV_3X3,
    TD_OP_MAX_POOL_3X3, TD_OP_AVG_POOL_3X3, TD_OP_SKIP_CONNECT, TD_OP_NONE,
};

/* Of \a present the \a keep that need most memory. */
static uint8_t most_costly(unsigned present, int keep)
{
    unsigned kept = 0;
    for (int i = 0; i < TD_NUM_OPS && keep > 0; i++) {
        unsigned bit = 1U << costly[i];
        keep -= (present & bit) != 0;
        kept |= present & bit;
    }
    return (uint8_t) kept;
}

/* Which operations alphas will keep is not known before: no choice needs more memory
 * than this one. */
static void keep_costly(td_net_spec *spec, int keep)
{
    for (int kind = 0; kind < 2; kind++)
        for (int e = 0; e < TD_MAX_EDGES; e++) {
            unsigned present = (uint8_t) ~spec->without[kind][e];
            spec->without[kind][e] = (uint8_t) ~most_costly(present, keep);
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
    keep_costly(&spec, stage.keep);
    return spec;
}

void td_plan_enter_stage(td_net_spec *spec, const td_config *config,
                         const td_plan_stage *stage)
{
    if (stage->number == 0)
        return;
    spec->stage = stage->number;
    spec->cells = td_stage_of(config, stage->number).cells;
    td_net_spec_keep(spec, stage->present);
}

/* ---- lines of a start -------------------------------------------------------- */

char *td_plan_stage_line(const td_plan *plan, int number)
{
    td_search_stage stage = td_stage_of(plan->config, number);
    td_plan here = *plan;
    td_net_plan net;
    td_plan_bytes bytes;
    char text[TD_BYTES_TEXT];
    here.spec = td_plan_stage_spec(plan, number);
    if (number < plan->spec.stage || stage.epochs == 0)
        return td_format("%d, from epoch %d on: %s", number + 1, stage.first + 1,
                         stage.epochs == 0 ? "never" : "done");
    if (td_plan_measure_network(&here, &net, &bytes) != TD_OK)
        return NULL;
    td_bytes_text(td_plan_sum(&bytes), text);
    char *keep = number == 0 ? td_strdup("")
                             : td_format(", %d %s an edge", stage.keep,
                                         td_noun(stage.keep, "operation", "operations"));
    char *line = td_format("%d, epochs %d to %d: %d cells%s, %s%s a rank", number + 1,
                           stage.first + 1, stage.first + stage.epochs, stage.cells,
                           keep, number > plan->spec.stage ? "at most " : "", text);
    td_free(keep);
    return line;
}

/* ---- what cannot have been meant --------------------------------------------- */

void td_plan_doubt_stages(const td_plan *plan)
{
    const td_config *config = plan->config;
    int count = td_stage_count(config), until = config->arch.lr.frozen_until;
    for (int n = 0; n < count && count > 1; n++) {
        td_search_stage stage = td_stage_of(config, n);
        if (stage.epochs == 0)
            TD_DOUBT("search.stages: epoch %d, but search.epochs %d: that stage never "
                     "begins",
                     stage.first, config->search.epochs);
        else if (stage.epochs <= until)
            TD_DOUBT("arch.lr.frozen_until %d, but stage %d of the search has %d %s: "
                     "its alphas do not learn, and what comes of them is chance",
                     until, n + 1, stage.epochs,
                     td_noun(stage.epochs, "epoch", "epochs"));
    }
}
