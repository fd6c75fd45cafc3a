/* One row of metrics.csv: what an epoch did. */
#include <math.h>

#include "run.h"
#include "taildart/base_clock.h"
#include "taildart/net_genotype.h"

/* Divisions by a count of 0 give NaN, which becomes an empty field. */
static void fill_training(const td_search *s, td_metrics *row)
{
    const td_loss_sums *c = &s->sums[TD_CONVENTIONAL], *r = &s->sums[TD_REBALANCING];
    td_step_rates rates = td_plan_rates(s->kind, s->config, row->epoch);
    /* Images that the weights learn from; the architecture's come on top. */
    row->images_per_second = (c->count + r->count) / s->progress.epoch_seconds;
    row->lr_weights = rates.lr;
    row->lr_arch = s->kind->halves > 1 ? rates.arch_lr : NAN;
    row->mixing = s->branches == 1 ? NAN : rates.mixing;
    row->train_loss = td_step_mix(s->branches, rates.mixing, c->loss / c->divisor,
                                  r->loss / r->divisor);
    row->train_top1 = td_step_mix(s->branches, rates.mixing, c->correct / c->count,
                                  r->correct / r->count);
}

static void fill_validation(const td_search *s, td_metrics *row)
{
    const td_measures *m = s->score->measures;
    td_group *groups = td_malloc((size_t) m->classes * sizeof *groups);
    TD_ASSERT(m->classes == s->selection->classes);
    td_groups_by_count(s->selection->counts, m->classes, groups);
    row->valid_loss = td_score_loss(s->score);
    row->valid_top1 = td_measures_top1(m);
    row->valid_balanced_top1 = td_measures_balanced(m);
    row->valid_ece = td_measures_calibration(m);
    row->many_top1 = td_measures_group(m, groups, TD_GROUP_MANY);
    row->medium_top1 = td_measures_group(m, groups, TD_GROUP_MEDIUM);
    row->few_top1 = td_measures_group(m, groups, TD_GROUP_FEW);
    td_free(groups);
}

static void fill_architecture(const td_search *s, td_metrics *row)
{
    const td_search_state *state = s->state;
    const td_real *reduce = state->alphas + td_search_state_alpha_count(state) / 2;
    td_genotype genotype = td_search_genotype(s);
    row->skip_count_normal = 0;
    for (int i = 0; i < 2 * genotype.nodes; i++)
        row->skip_count_normal += genotype.normal[i].op == TD_OP_SKIP_CONNECT;
    row->alpha_entropy_normal = row->alpha_entropy_reduce = row->alpha_change = NAN;
    if (state->edges == 0)
        return;
    row->alpha_entropy_normal =
        td_arch_entropy(state->relaxation, state->alphas, state->edges);
    row->alpha_entropy_reduce =
        td_arch_entropy(state->relaxation, reduce, state->edges);
    row->alpha_change =
        td_arch_change(state->alphas, state->alphas_start, state->edges);
}

/* Seconds in MPI are rank 0's; memory is that of the rank that needs most. */
static void fill_costs(td_search *s, td_metrics *row)
{
    row->seconds = s->progress.epoch_seconds + s->validation_seconds;
    row->comm_seconds = td_search_comm_seconds(s) - s->epoch_comm;
    row->peak_rss_bytes = td_comm_max(s->world, (double) td_clock_peak_rss());
}

double td_search_comm_seconds(const td_search *s)
{
    return td_stepper_comm_seconds(s->stepper) + td_comm_seconds(s->world);
}

td_metrics td_search_row(td_search *s)
{
    TD_ASSERT(s->progress.step == s->steps);
    td_metrics row = { .epoch = (int) s->progress.epoch };
    fill_training(s, &row);
    fill_validation(s, &row);
    fill_architecture(s, &row);
    fill_costs(s, &row);
    return row;
}
