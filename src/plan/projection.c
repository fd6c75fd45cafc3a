/* The projection of a search: what is told of it. */
#include "taildart/projection.h"
#include "plan.h"

char *td_plan_epochs_text(const td_config *config)
{
    int all = td_config_epochs(config), alphas = config->search.epochs;
    char *text = td_format("%d %s", all, td_noun(all, "epoch", "epochs"));
    if (all == alphas)
        return text;
    char *both = td_format("%s, %d of alphas", text, alphas);
    td_free(text);
    return both;
}

char *td_plan_projection_line(const td_plan *plan)
{
    const td_config *config = plan->config;
    int decisions = td_projection_decisions(config), first = config->search.epochs;
    int64_t images = plan->selection->half_count[TD_HALF_ARCH];
    int64_t most = config->search.projection_images;
    if (decisions == 0)
        return NULL;
    int last = td_config_epochs(config);
    return td_format(
        "%d decisions at the ends of epochs %d to %d: %d epochs of the weights alone "
        "between them, at a rate of %.4g; at most %d passes over %lld held-out images",
        decisions, first, last, last - first,
        td_plan_rates(plan->kind, config, last - 1).lr,
        td_projection_passes(config, &plan->spec),
        (long long) (most > 0 && most < images ? most : images));
}

/* Classes of which no image decides, and the number that reaches all. */
void td_plan_doubt_projection(const td_plan *plan)
{
    const td_selection *selection = plan->selection;
    const int64_t *classes = selection->half_classes[TD_HALF_ARCH];
    const int64_t *start = selection->half_start[TD_HALF_ARCH];
    int64_t count = selection->half_count[TD_HALF_ARCH], least = count;
    int64_t most = plan->config->search.projection_images;
    int missed = 0;
    if (td_projection_decisions(plan->config) == 0 || most == 0 || most >= count)
        return;
    for (int c = 0; c < selection->classes; c++) {
        if (classes[c] == 0)
            continue;
        missed += td_judge_asked(start[c], classes[c], most, count) == 0;
        least = classes[c] < least ? classes[c] : least;
    }
    if (missed > 0)
        TD_DOUBT("search.projection_images %lld: %d of %d classes have none of them; "
                 "%lld reach all",
                 (long long) most, missed, selection->classes,
                 (long long) ((count + least - 1) / least));
}
