/* The cells of a run: those that a training was given, or those that a search has found
 * so far. */
#include "run.h"

td_genotype td_search_genotype(const td_search *s)
{
    TD_ASSERT(s->state->edges > 0 || s->genotype.nodes > 0);
    td_genotype genotype = s->genotype;
    if (s->state->edges > 0)
        td_arch_derive(s->state->relaxation, &genotype, s->state->alphas,
                       s->config->net.nodes);
    return genotype;
}
