/* The projection of a search, as its keys define it. */
#include "taildart/config_projection.h"

#include "config_internal.h"

static bool is_projected(const td_config *config)
{
    return !td_config_is_training(config) &&
           config->search.discretise == TD_DISCRETISE_PERTURBATION;
}

int td_projection_edges(const td_config *config)
{
    int nodes = config->net.nodes;
    return is_projected(config) ? nodes * (nodes + 3) / 2 : 0;
}

/* The first node has two inputs, and keeps both. */
int td_projection_decisions(const td_config *config)
{
    int edges = td_projection_edges(config);
    return edges > 0 ? edges + config->net.nodes - 1 : 0;
}

int td_config_epochs(const td_config *config)
{
    int decisions = td_projection_decisions(config);
    return config->search.epochs +
           (decisions > 0 ? (decisions - 1) * config->search.tuning_epochs : 0);
}

bool td_projection_tunes(const td_config *config, int64_t epoch)
{
    return is_projected(config) && epoch >= config->search.epochs;
}

int td_projection_decision(const td_config *config, int64_t epoch)
{
    int decisions = td_projection_decisions(config);
    int64_t passed = epoch - (config->search.epochs - 1);
    if (decisions == 0 || passed < 0 || passed % config->search.tuning_epochs != 0)
        return -1;
    int64_t decision = passed / config->search.tuning_epochs;
    return decision < decisions ? (int) decision : -1;
}

bool td_projection_ends(const td_config *config, int64_t epoch)
{
    int decision = td_projection_decision(config, epoch);
    return decision >= 0 && decision + 1 == td_projection_decisions(config);
}

/* ---- rules between keys ------------------------------------------------------ */

#define REFUSED "search.discretise: found \"perturbation\", but "

td_status td_projection_check(const td_config *config)
{
    int relaxation = config->arch.relaxation;
    if (td_projection_decisions(config) == 0)
        return TD_OK;
    if (relaxation == TD_RELAXATION_GDAS || relaxation == TD_RELAXATION_REINMAX)
        return td_error(TD_USAGE,
                        REFUSED
                        "with arch.relaxation %s held-out images see the "
                        "strongest operation of an edge alone, so that the others "
                        "cannot be missed; set arch.relaxation to gumbel",
                        relaxation == TD_RELAXATION_GDAS ? "gdas" : "reinmax");
    if (config->search.stop != TD_STOP_NONE)
        return td_error(TD_USAGE,
                        REFUSED "it begins where search.epochs ends, with the network "
                                "of that epoch; leave search.stop at none");
    if (config->search.stages.count > 0)
        return td_error(TD_USAGE, REFUSED
                        "a stage of search.stages builds nothing but the "
                        "operations that its edges have, and a projection takes them "
                        "from a network that has been built; set search.prune instead");
    if (config->search.max_skips != TD_NEVER)
        return td_error(TD_USAGE, REFUSED
                        "it leaves edges one operation, and nothing in the "
                        "place of a skip connection that search.max_skips strikes; "
                        "leave search.max_skips at never");
    return TD_OK;
}

td_status td_projection_continues(const td_config *config, const td_config *saved,
                                  int64_t epochs)
{
    int was = saved->search.epochs, is = config->search.epochs;
    int first = was < is ? was : is;
    if (was == is || td_projection_decisions(config) == 0 || epochs < first)
        return TD_OK;
    td_status status =
        td_error(TD_USAGE,
                 "search.epochs: found \"%d\", but the search was started with %d, and "
                 "%lld are done: the projection would begin in the past",
                 is, was, (long long) epochs);
    td_error_hint("leave search.epochs at %d, or choose another --out", was);
    return status;
}
