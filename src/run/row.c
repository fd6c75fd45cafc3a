/* One row of metrics.csv: what an epoch did. */
#include <math.h>
#include <string.h>

#include "run.h"
#include "taildart/base_clock.h"
#include "taildart/genotype.h"

/* By the alphas that the epoch has left; NaN without penalties. */
static double penalty_of(const td_job *job, const td_step_rates *rates)
{
    td_real unused[2 * TD_MAX_EDGES * (TD_NUM_OPS + 1)] = { 0 };
    return td_step_penalise(job->loop.stepper, job->loop.state, rates, unused);
}

/* Divisions by a count of 0 give NaN, which becomes an empty field. */
static void fill_training(const td_job *job, td_metrics *row)
{
    const td_loss_sums *c = &job->loop.sums[TD_CONVENTIONAL],
                       *r = &job->loop.sums[TD_REBALANCING];
    td_step_rates rates = td_plan_rates(job->kind, job->config, row->epoch);
    /* Images that the weights learn from; the architecture's come on top. */
    row->images_per_second = (c->count + r->count) / job->loop.progress.epoch_seconds;
    row->arch_penalty = penalty_of(job, &rates);
    row->lr_weights = rates.lr;
    row->lr_arch = job->kind->halves > 1 ? rates.arch_lr : NAN;
    row->mixing = job->branches == 1 ? NAN : rates.mixing;
    row->train_loss = td_step_mix(job->branches, rates.mixing, c->loss / c->divisor,
                                  r->loss / r->divisor);
    row->train_top1 = td_step_mix(job->branches, rates.mixing, c->correct / c->count,
                                  r->correct / r->count);
}

static void fill_validation(const td_score *score, const td_selection *selection,
                            td_metrics *row)
{
    const td_measures *m = score->measures;
    td_group *groups = td_malloc((size_t) m->classes * sizeof *groups);
    TD_ASSERT(m->classes == selection->classes);
    td_groups_by_count(selection->counts, m->classes, groups);
    row->valid_loss = td_score_loss(score);
    row->valid_top1 = td_measures_top1(m);
    row->valid_balanced_top1 = td_measures_balanced(m);
    row->valid_ece = td_measures_calibration(m);
    for (int g = 0; g < TD_GROUPS; g++)
        row->group_top1[g] = td_measures_group(m, groups, (td_group) g);
    td_free(groups);
}

/* Cells that are drawn have no alphas that tell anything. */
static void fill_architecture(const td_job *job, const td_genotype *genotype,
                              td_metrics *row)
{
    const td_search_state *state = job->loop.state;
    row->skip_count_normal = 0;
    for (int i = 0; i < genotype->normal.count; i++)
        row->skip_count_normal += genotype->normal.gene[i].op == TD_OP_SKIP_CONNECT;
    row->alpha_entropy_normal = row->alpha_entropy_reduce = row->alpha_change = NAN;
    if (state->edges == 0 || job->config->search.method == TD_METHOD_RANDOM)
        return;
    row->alpha_entropy_normal = td_search_state_entropy(state, 0);
    row->alpha_entropy_reduce = td_search_state_entropy(state, 1);
    row->alpha_change = td_search_state_change(state);
}

/* ---- what it cost ---------------------------------------------------------------- */

static void fill_imbalance(double mine, double mean, td_comm *world, td_metrics *row)
{
    double most = td_comm_max(world, mine);
    int size = td_comm_size(world);
    row->imbalance = most / mean - 1.0;
    row->slowest_rank =
        td_comm_min_int(world, mine == most ? td_comm_rank(world) : size);
}

/* Of the reductions since the row before. */
static void fill_reductions(const td_reductions *now, const td_reductions *before,
                            td_metrics *row)
{
    const td_reductions *w = &now[TD_WEIGHT_REDUCTIONS], *a = &now[TD_ARCH_REDUCTIONS];
    row->weight_transfer_seconds = w->transfer - before[TD_WEIGHT_REDUCTIONS].transfer;
    row->weight_wait_seconds = w->wait - before[TD_WEIGHT_REDUCTIONS].wait;
    row->arch_transfer_seconds = a->transfer - before[TD_ARCH_REDUCTIONS].transfer;
    row->arch_wait_seconds = a->wait - before[TD_ARCH_REDUCTIONS].wait;
    row->hidden_seconds = w->hidden - before[TD_WEIGHT_REDUCTIONS].hidden + a->hidden -
                          before[TD_ARCH_REDUCTIONS].hidden;
}

/* Make this rank's times the means over all. */
static void mean_over_ranks(td_comm *world, td_metrics *row, double *compute)
{
    double *const reduced[] = { &row->seconds,
                                &row->comm_seconds,
                                &row->weight_transfer_seconds,
                                &row->weight_wait_seconds,
                                &row->arch_transfer_seconds,
                                &row->arch_wait_seconds,
                                &row->hidden_seconds,
                                compute };
    enum { OTHERS = sizeof reduced / sizeof *reduced };
    double sums[TD_SECTION_COUNT + OTHERS];
    memcpy(sums, row->section_seconds, sizeof row->section_seconds);
    for (int i = 0; i < OTHERS; i++)
        sums[TD_SECTION_COUNT + i] = *reduced[i];
    td_comm_sum_f64(world, sums, TD_SECTION_COUNT + OTHERS);
    for (int s = 0; s < TD_SECTION_COUNT; s++)
        row->section_seconds[s] = sums[s] / td_comm_size(world);
    for (int i = 0; i < OTHERS; i++)
        *reduced[i] = sums[TD_SECTION_COUNT + i] / td_comm_size(world);
}

/* Times are means over ranks, of all that no row has told yet; memory is that of the
 * rank that needs most. */
static void fill_costs(td_job_loop *loop, td_comm *world, td_metrics *row)
{
    td_times now, spent;
    td_reductions before[TD_REDUCTION_KINDS];
    memcpy(before, loop->reduced, sizeof before);
    td_job_count_reductions(loop);
    fill_reductions(loop->reduced, before, row);
    row->peak_rss_bytes = td_comm_max(world, (double) td_clock_peak_rss());
    td_times_read(&now);
    spent = now;
    td_times_since(&spent, &loop->counted);
    loop->counted = now;
    memcpy(row->section_seconds, spent.seconds, sizeof row->section_seconds);
    row->seconds = td_times_wall(&spent);
    row->comm_seconds = td_times_waits(&spent);
    double mine = td_times_computing(&spent), mean = mine;
    mean_over_ranks(world, row, &mean);
    fill_imbalance(mine, mean, world, row);
    row->seconds += loop->seconds_before;
}

td_metrics td_job_row(td_job *job, double eigenvalue)
{
    td_job_loop *loop = &job->loop;
    td_genotype genotype = td_job_free_genotype(job);
    TD_ASSERT(loop->progress.step == job->data.steps);
    td_metrics row = { .epoch = (int) loop->progress.epoch,
                       .hessian_eigenvalue = eigenvalue };
    fill_training(job, &row);
    fill_validation(loop->score, job->data.selection, &row);
    fill_architecture(job, &genotype, &row);
    fill_costs(loop, job->world, &row);
    return row;
}
