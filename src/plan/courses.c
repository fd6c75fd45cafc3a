/* The schedules of a run in one table: what a start tells of them, what it doubts, and
 * what a run that is made longer changes. */
#include "plan.h"
#include "taildart/config_keys.h"
#include "taildart/config_stages.h"

#include <math.h>
#include <string.h>

/* clang-format off */
#define COURSE(key_, field, rate_, ...)                                                \
    { .key = (key_), .schedule = offsetof(td_config, field),                           \
      .rate = offsetof(td_step_rates, rate_), __VA_ARGS__ }
#define PENALTY(NAME, word, what)                                                      \
    COURSE("arch.penalty." #word, arch.penalty[TD_PENALTY_##NAME],                     \
           penalties[TD_PENALTY_##NAME], .title = "penalty " #word),
/* clang-format on */

static const td_plan_schedule table[] = {
    COURSE("weights.lr", weights.lr, lr, .title = "weights", .idle = NAN),
    COURSE("arch.lr", arch.lr, arch_lr, .title = "architecture", .idle = NAN),
    COURSE("arch.temperature", arch.temperature, temperature, .title = "temperature",
           .idle = 1.0),
    COURSE("arch.skip_bonus", arch.skip_bonus, skip_bonus, .title = "skip bonus",
           .line = "bonus on skip_connect, not at stride 2,"),
    TD_PENALTIES(PENALTY) /* one per row */
    COURSE("arch.epsilon", arch.epsilon, epsilon, .title = "epsilon"),
    COURSE("bbn.mixing", bbn.mixing, mixing, .title = "mixing", .idle = 1.0),
    COURSE("train.drop_path", train.drop_path, drop_path, .title = "drop path"),
};

enum { COURSES = sizeof table / sizeof *table };

const td_plan_schedule *td_plan_schedule_next(const td_run_kind *kind,
                                              const td_plan_schedule *before)
{
    const td_plan_schedule *next = before ? before + 1 : table;
    for (; next < table + COURSES; next++) {
        char *key = td_format("%s.start", next->key);
        const td_key *row = td_key_find(key);
        td_free(key);
        TD_ASSERT(row);
        if (row->commands & (unsigned) kind->command)
            return next;
    }
    return NULL;
}

const td_schedule *td_plan_schedule_in(const td_plan_schedule *row,
                                       const td_config *config)
{
    return (const td_schedule *) ((const char *) config + row->schedule);
}

static double value_in(const td_plan_schedule *row, const td_step_rates *rates)
{
    double value;
    memcpy(&value, (const char *) rates + row->rate, sizeof value);
    return value;
}

/* ---- a run made longer ----------------------------------------------------------- */

/* How far a progressive sampler is on its way to balanced classes in an epoch; 0
 * without one. */
static double progress_of(const td_run_kind *kind, const td_config *config, int epoch)
{
    bool is_progressive =
        config->data.sampler == TD_SAMPLER_PROGRESSIVE ||
        (kind->halves > 1 && config->arch.sampler == TD_SAMPLER_PROGRESSIVE) ||
        (config->bbn.enabled && config->bbn.sampler == TD_SAMPLER_PROGRESSIVE);
    return is_progressive ? (double) td_stage_epoch(config, epoch) /
                                td_stage_at(config, epoch).epochs
                          : 0.0;
}

/* Whether the last epoch trained would have been the same at the length of now. */
static bool is_same_so_far(const td_run_kind *kind, const td_plan_seam *seam)
{
    td_step_rates had = td_plan_rates(kind, seam->before, seam->trained);
    td_step_rates would = td_plan_rates(kind, seam->now, seam->trained);
    bool is_same = had.skip_dropout == would.skip_dropout &&
                   progress_of(kind, seam->before, seam->trained) ==
                       progress_of(kind, seam->now, seam->trained);
    for (const td_plan_schedule *row = td_plan_schedule_next(kind, NULL); row;
         row = td_plan_schedule_next(kind, row))
        is_same = is_same && value_in(row, &had) == value_in(row, &would);
    return is_same;
}

static void write_step(td_text *text, const char *title, double from, double to)
{
    td_text_write(text, "%s%s %.3g -> %.3g", text->chars ? ", " : "", title, from, to);
}

/* Rates that do nothing on both sides are left out. */
char *td_plan_seam_text(const td_run_kind *kind, const td_plan_seam *seam)
{
    td_text text = { 0 };
    td_step_rates was = td_plan_rates(kind, seam->before, seam->trained);
    td_step_rates will = td_plan_rates(kind, seam->now, seam->next);
    double drawn = progress_of(kind, seam->before, seam->trained);
    double draws = progress_of(kind, seam->now, seam->next);
    if (is_same_so_far(kind, seam))
        return NULL;
    for (const td_plan_schedule *row = td_plan_schedule_next(kind, NULL); row;
         row = td_plan_schedule_next(kind, row)) {
        double from = value_in(row, &was), to = value_in(row, &will);
        if (from != row->idle || to != row->idle)
            write_step(&text, row->title, from, to);
    }
    if (drawn > 0 || draws > 0)
        write_step(&text, "progressive sampling", drawn, draws);
    return text.chars;
}
