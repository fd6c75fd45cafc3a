/* The stages of a search: what is told of them. */
#include "plan.h"
#include "taildart/config_stages.h"

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
    char *keep = number == 0
                     ? td_strdup("")
                     : td_format(", %d %s per edge", stage.keep,
                                 td_noun(stage.keep, "operation", "operations"));
    char *dropout = stage.skip_dropout > 0.0
                        ? td_format(", drop-out %g on skips", stage.skip_dropout)
                        : td_strdup("");
    char *line =
        td_format("%d, epochs %d to %d: %d cells%s%s, %s%s per rank", number + 1,
                  stage.first + 1, stage.first + stage.epochs, stage.cells, keep,
                  dropout, number > plan->spec.stage ? "at most " : "", text);
    td_free(dropout);
    td_free(keep);
    return line;
}

/* ---- what cannot have been meant --------------------------------------------- */

/* \a n: of a stage that begins. */
static void doubt_keep(const td_plan *plan, int n)
{
    const td_config *config = plan->config;
    int most = td_plan_most_operations(config);
    int before = td_stage_of(config, n - 1).keep;
    td_search_stage stage = td_stage_of(config, n);
    int had = before < most ? before : most;
    if (stage.keep >= had)
        TD_DOUBT(
            "search.stages: keep %d from epoch %d on, but an edge has %d %s before: "
            "nothing is dropped",
            stage.keep, stage.first, had, td_noun(had, "operation", "operations"));
}

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
        if (stage.epochs > 0 && n > 0)
            doubt_keep(plan, n);
    }
}
