/* The cells of a run: those that a training was given, or those that a search has found
 * so far. */
#include "run.h"

td_genotype td_job_genotype(const td_job *job)
{
    TD_ASSERT(job->loop.state->edges > 0 || job->genotype.nodes > 0);
    td_genotype genotype = job->genotype;
    if (job->loop.state->edges > 0)
        td_search_state_derive(job->loop.state, &genotype, job->config->net.nodes);
    return genotype;
}
