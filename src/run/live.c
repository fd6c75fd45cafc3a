/* Progress of a run: a live line on a terminal, one line per epoch everywhere. */
#include <stdio.h>

#include "run.h"
#include "taildart/base_clock.h"
#include "taildart/base_log.h"
#include "taildart/base_terminal.h"
#include "taildart/base_text.h"
#include "taildart/config_projection.h"

static const double LIVE_SECONDS = 0.2;   /* between two states of the live line */
static const double WORTH_SECONDS = 60.0; /* left, to be told */

static double share(double part, double whole)
{
    return whole > 0.0 ? part / whole : 0.0;
}

int64_t td_job_steps_left(const td_job *job)
{
    int64_t epochs = td_config_epochs(job->config) - job->loop.progress.epoch;
    return epochs * job->data.steps - job->loop.progress.step;
}

double td_job_step_seconds(const td_job *job)
{
    const td_progress *progress = &job->loop.progress;
    return share(progress->epoch_seconds, (double) progress->step);
}

/* Decisions of a projection to come, whose passes nothing has timed. */
static int decisions_left(const td_job *job)
{
    int all = td_config_epochs(job->config), left = 0;
    for (int epoch = (int) job->loop.progress.epoch; epoch < all; epoch++)
        left += td_projection_decision(job->config, epoch) >= 0;
    return left;
}

/* "0:12:03 left", "0:12:03 and 14 decisions left". */
static void write_left(char *out, size_t bytes, const td_job *job, double step_seconds)
{
    long long left = (long long) (step_seconds * (double) td_job_steps_left(job));
    int decisions = decisions_left(job), used;
    used = snprintf(out, bytes, "%lld:%02lld:%02lld", left / 3600, left / 60 % 60,
                    left % 60);
    TD_ASSERT(used > 0 && (size_t) used < bytes);
    if (decisions > 0)
        used += snprintf(out + used, bytes - (size_t) used, " and %d %s", decisions,
                         td_noun(decisions, "decision", "decisions"));
    snprintf(out + used, bytes - (size_t) used, " left");
}

/* Both learning rates, or that of the weights alone. */
static void write_rates(char *out, size_t bytes, const td_run_kind *kind,
                        double weights, double arch)
{
    if (kind->halves > 1)
        snprintf(out, bytes, "%.3g/%.3g", weights, arch);
    else
        snprintf(out, bytes, "%.3g", weights);
}

enum { PART = 64 }; /* bytes of a part of the live line */

void td_job_print_live(td_job *job, const td_step_rates *rates)
{
    double now = td_clock_seconds();
    if (job->rank != 0 || !td_terminal_is_watched() ||
        now - job->loop.last_live < LIVE_SECONDS)
        return;
    td_job_loop *loop = &job->loop;
    const td_progress *progress = &loop->progress;
    TD_ASSERT(progress->step > 0);
    loop->last_live = now;
    const td_loss_sums *c = &loop->sums[TD_CONVENTIONAL],
                       *r = &loop->sums[TD_REBALANCING];
    char time[PART], where[PART], top1[PART], loss[PART], speed[PART], text[48],
        lr[PART];
    write_left(time, PART, job, td_job_step_seconds(job));
    snprintf(where, PART, "epoch %lld/%d step %lld/%lld",
             (long long) progress->epoch + 1, td_config_epochs(job->config),
             (long long) progress->step, (long long) job->data.steps);
    snprintf(top1, PART, "top-1 %.4f",
             td_step_mix(job->branches, rates->mixing, share(c->correct, c->count),
                         share(r->correct, r->count)));
    snprintf(loss, PART, "loss %.4f",
             td_step_mix(job->branches, rates->mixing, share(c->loss, c->divisor),
                         share(r->loss, r->divisor)));
    snprintf(speed, PART, "%.0f images/s",
             share(c->count + r->count, progress->epoch_seconds));
    write_rates(text, sizeof text, job->kind, rates->lr, rates->arch_lr);
    snprintf(lr, PART, "lr %s", text);
    td_log_live((const char *const[]){ time, where, top1, loss, speed, lr, NULL });
}

/* Print the parts of the line that a narrow screen has room for. */
static void print_fitting(const td_metrics *row, int epochs, bool holds_out,
                          const char *whole)
{
    char epoch[PART], valid[PART], balanced[PART], top1[PART], loss[PART];
    snprintf(epoch, PART, "epoch %d/%d", row->epoch + 1, epochs);
    snprintf(valid, PART, "valid top-1 %.4f", row->valid_top1);
    snprintf(balanced, PART, "balanced %.4f", row->valid_balanced_top1);
    snprintf(top1, PART, "train top-1 %.4f", row->train_top1);
    snprintf(loss, PART, "loss %.4f", row->train_loss);
    if (holds_out)
        td_log_fit(TD_LOG_INFO, whole,
                   (const char *const[]){ epoch, valid, balanced, top1, loss, NULL });
    else
        td_log_fit(TD_LOG_INFO, whole,
                   (const char *const[]){ epoch, top1, loss, NULL });
}

/* Once a start, after its first epoch, where it is worth a line. */
static void print_time_left(td_job *job, const td_metrics *row)
{
    int left = td_config_epochs(job->config) - row->epoch - 1;
    bool is_told = job->loop.is_time_told;
    job->loop.is_time_told = true;
    if (is_told || left * row->seconds < WORTH_SECONDS)
        return;
    char *text = td_duration(left * row->seconds);
    td_log(TD_LOG_INFO, "about %s left: %d %s of %lld %s and %.3g s", text, left,
           td_noun(left, "epoch", "epochs"), (long long) job->data.steps,
           td_noun(job->data.steps, "step", "steps"), row->seconds);
    td_free(text);
}

void td_job_print_epoch(td_job *job, const td_metrics *row)
{
    bool holds_out = td_plan_holds_out(job->data.selection);
    char valid[96] = "", rates[48], whole[320];
    if (holds_out)
        snprintf(valid, sizeof valid, "valid loss %.4f top-1 %.4f balanced %.4f  ",
                 row->valid_loss, row->valid_top1, row->valid_balanced_top1);
    write_rates(rates, sizeof rates, job->kind, row->lr_weights, row->lr_arch);
    snprintf(whole, sizeof whole,
             "epoch %d/%d  train loss %.4f top-1 %.4f  %slr %s  %.0f images/s  %.1f s",
             row->epoch + 1, td_config_epochs(job->config), row->train_loss,
             row->train_top1, valid, rates, row->images_per_second, row->seconds);
    print_fitting(row, td_config_epochs(job->config), holds_out, whole);
    print_time_left(job, row);
    td_log(TD_LOG_DETAIL, "epoch %d: state %016llx", row->epoch,
           (unsigned long long) td_search_state_hash(job->loop.state));
}
