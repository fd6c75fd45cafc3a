/* The projection of a search: what is told of it. */
#include "taildart/projection.h"
#include "plan.h"

char *td_plan_projection_line(const td_plan *plan)
{
    const td_config *config = plan->config;
    int decisions = td_projection_decisions(config), first = config->search.epochs;
    int64_t images = plan->selection->half_count[TD_HALF_ARCH];
    int64_t most = config->search.projection_images;
    if (decisions == 0)
        return NULL;
    return td_format(
        "%d decisions at the ends of epochs %d to %d: %d epochs of the weights alone "
        "between them, at most %d passes over %lld held-out images",
        decisions, first, td_config_epochs(config), td_config_epochs(config) - first,
        td_projection_passes(config, &plan->spec),
        (long long) (most > 0 && most < images ? most : images));
}
