/* How a search goes: a live line on a terminal, a line an epoch everywhere. */
#include <stdio.h>

#include "run.h"
#include "taildart/base_clock.h"
#include "taildart/base_log.h"

static const double LIVE_SECONDS = 0.2; /* between two states of the live line */

static double share(double part, double whole)
{
    return whole > 0.0 ? part / whole : 0.0;
}

static int64_t steps_left(const td_search *s)
{
    int64_t epochs = s->config->search.epochs - s->progress.epoch;
    TD_ASSERT(epochs > 0);
    return epochs * s->steps - s->progress.step;
}

/* Both learning rates, or that of the weights alone. */
static void write_rates(char *out, size_t bytes, const td_search *s, double weights,
                        double arch)
{
    if (s->command == TD_FOR_TRAIN)
        snprintf(out, bytes, "%.3g", weights);
    else
        snprintf(out, bytes, "%.3g/%.3g", weights, arch);
}

void td_search_print_live(td_search *s, const td_step_rates *rates)
{
    double now = td_clock_seconds();
    if (s->rank != 0 || !td_log_is_terminal() || now - s->last_live < LIVE_SECONDS)
        return;
    s->last_live = now;
    TD_ASSERT(s->progress.step > 0);
    char text[48];
    write_rates(text, sizeof text, s, rates->lr, rates->arch_lr);
    const td_loss_sums *c = &s->sums[TD_CONVENTIONAL], *r = &s->sums[TD_REBALANCING];
    double step_seconds = s->progress.epoch_seconds / (double) s->progress.step;
    int64_t left = (int64_t) (step_seconds * (double) steps_left(s));
    td_log_live("epoch %lld/%d step %lld/%lld  %.0f images/s  loss %.4f  top-1 %.4f  "
                "lr %s  %lld:%02lld:%02lld left",
                (long long) s->progress.epoch + 1, s->config->search.epochs,
                (long long) s->progress.step, (long long) s->steps,
                share(c->count + r->count, s->progress.epoch_seconds),
                td_step_mix(s->branches, rates->mixing, share(c->loss, c->divisor),
                            share(r->loss, r->divisor)),
                td_step_mix(s->branches, rates->mixing, share(c->correct, c->count),
                            share(r->correct, r->count)),
                text, (long long) (left / 3600), (long long) (left / 60 % 60),
                (long long) (left % 60));
}

void td_search_print_epoch(const td_search *s, const td_metrics *row)
{
    char valid[96] = "", rates[48];
    if (td_search_holds_out(s))
        snprintf(valid, sizeof valid, "valid loss %.4f top-1 %.4f balanced %.4f  ",
                 row->valid_loss, row->valid_top1, row->valid_balanced_top1);
    write_rates(rates, sizeof rates, s, row->lr_weights, row->lr_arch);
    td_log(TD_LOG_INFO,
           "epoch %d/%d  train loss %.4f top-1 %.4f  %slr %s  %.0f images/s  %.1f s",
           row->epoch + 1, s->config->search.epochs, row->train_loss, row->train_top1,
           valid, rates, row->images_per_second, row->seconds);
    td_log(TD_LOG_DETAIL, "epoch %d: state %016llx", row->epoch,
           (unsigned long long) td_search_state_hash(s->state));
}
