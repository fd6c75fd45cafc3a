/* The cells of a run, those that a training was given or a search has found so far, and
 * whether search.stop has ended it. */
#include <math.h>
#include <string.h>

#include "run.h"
#include "taildart/base_log.h"
#include "taildart/config_projection.h"

static td_arch_rule rule_of(const td_config *config)
{
    bool cuts = config->search.discretise == TD_DISCRETISE_THRESHOLD;
    return (td_arch_rule){ .max_skips = config->search.max_skips,
                           .threshold = cuts ? config->search.threshold : 0.0 };
}

/* The alphas of an earlier epoch, and what edges had then. */
static void derive_earlier(const td_job *job, int epoch, td_genotype *genotype)
{
    const td_search_state *now = job->loop.state;
    size_t n = td_search_state_alpha_count(now);
    td_search_state then = *now;
    TD_ASSERT(job->rank == 0 && job->files.arch_history &&
              epoch < job->files.arch_room);
    then.alphas = job->files.arch_history + (size_t) epoch * n;
    then.present = td_malloc(n * sizeof *then.present);
    for (size_t i = 0; i < n; i++)
        then.present[i] = isinf(then.alphas[i]) ? 0 : 1;
    const td_arch_rule rule = rule_of(job->config);
    td_search_state_derive(&then, genotype, job->config->net.nodes, &rule);
    td_free(then.present);
}

td_genotype td_job_genotype(const td_job *job)
{
    TD_ASSERT(job->loop.state->edges > 0 || job->genotype.nodes > 0);
    td_genotype genotype = job->genotype;
    const td_arch_rule rule = rule_of(job->config);
    if (job->loop.end.is_there && job->rank == 0 &&
        job->loop.end.genotype_epoch + 1 < job->loop.progress.epoch)
        derive_earlier(job, job->loop.end.genotype_epoch, &genotype);
    else if (job->loop.state->edges > 0)
        td_search_state_derive(job->loop.state, &genotype, job->config->net.nodes,
                               &rule);
    return genotype;
}

td_genotype td_job_free_genotype(const td_job *job)
{
    td_genotype genotype = job->genotype;
    td_arch_rule rule = rule_of(job->config);
    rule.max_skips = TD_NEVER;
    if (job->loop.state->edges > 0)
        td_search_state_derive(job->loop.state, &genotype, job->config->net.nodes,
                               &rule);
    return genotype;
}

/* By the rows as they are written: a run that resumes has no others.  \a row: the one
 * that is due, or NULL. */
static td_choice_end find_end(const td_job *job, const td_metrics *row)
{
    char *header = td_metrics_header();
    char *last = row ? td_metrics_row(row) : td_strdup("");
    char *text =
        td_format("%s%s%s", header, job->files.history ? job->files.history : "", last);
    td_metrics *rows = NULL;
    int count = td_metrics_parse(&rows, text);
    td_choice_end end = td_choice_stop(job->config, rows, count);
    td_free(rows);
    td_free(text);
    td_free(last);
    td_free(header);
    return end;
}

void td_job_find_end(td_job *job, const td_metrics *row)
{
    if (job->config->search.stop == TD_STOP_NONE || job->loop.state->edges == 0)
        return;
    if (job->rank == 0)
        job->loop.end = find_end(job, row);
    td_comm_bcast(job->world, &job->loop.end, sizeof job->loop.end);
}

bool td_job_is_over(const td_job *job)
{
    const td_progress *progress = &job->loop.progress;
    return progress->epoch >= td_config_epochs(job->config) ||
           (job->loop.end.is_there && progress->epoch > job->loop.end.epoch);
}

void td_job_tell_end(const td_job *job)
{
    const td_choice_end *end = &job->loop.end;
    if (!end->is_there)
        return;
    if (job->config->search.stop == TD_STOP_SKIPS)
        td_log_wrapped(TD_LOG_INFO, 0,
                       "search.stop skips has ended the search after epoch %d of %d: "
                       "the normal cell has more than %d skip connections",
                       end->epoch + 1, job->config->search.epochs,
                       job->config->search.stop_limit);
    else
        td_log_wrapped(TD_LOG_INFO, 0,
                       "search.stop eigenvalue has ended the search after epoch %d of "
                       "%d: the eigenvalue has grown by more than %g; the cell is that "
                       "after epoch %d",
                       end->epoch + 1, job->config->search.epochs,
                       job->config->search.stop_factor, end->genotype_epoch + 1);
}
