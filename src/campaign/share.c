/* Many runs in one job: the world is split into groups, which take points from rank 0's
 * list until none is left. */
#include "share.h"

#include "taildart/base_clock.h"
#include "taildart/base_log.h"
#include "taildart/base_signals.h"
#include "taildart/base_text.h"
#include "taildart/machine_begin.h"

/* ---- the beginning -------------------------------------------------------------- */

/* The largest number below \a ranks_per_run that divides the world, and the smallest
 * above it; 0 for none. */
static int nearest(int ranks, int ranks_per_run, int step)
{
    for (int n = ranks_per_run + step; n >= 1 && n <= ranks; n += step)
        if (ranks % n == 0)
            return n;
    return 0;
}

static td_status check_groups(int ranks, int ranks_per_run)
{
    TD_ASSERT(ranks > 0 && ranks_per_run > 0);
    if (ranks % ranks_per_run == 0)
        return TD_OK;
    int below = nearest(ranks, ranks_per_run < ranks ? ranks_per_run : ranks + 1, -1);
    int above = nearest(ranks, ranks_per_run, 1);
    return above == 0
               ? td_error(TD_USAGE,
                          "--ranks-per-run: found %d, and the job has %d %s; the "
                          "nearest that can be is %d",
                          ranks_per_run, ranks, td_noun(ranks, "rank", "ranks"), below)
               : td_error(TD_USAGE,
                          "--ranks-per-run: found %d, which does not divide the %d "
                          "ranks; the nearest that do are %d and %d",
                          ranks_per_run, ranks, below, above);
}

/* The CPUs of a host are shared among all ranks on it once, for all runs. */
static td_status settle_machine(td_share *s)
{
    td_machine machine;
    td_status status = td_machine_begin(&machine, s->world, 0);
    if (status != TD_OK)
        return status;
    td_machine_keep(&machine);
    td_machine_report(&machine, s->world, 0);
    return TD_OK;
}

static void tell_beginning(const td_share *s)
{
    int all = s->campaign.count, left = s->list.count;
    td_log_aside("study: %d %s, %d done; %d %s of %d %s %s the others", all,
                 td_noun(all, "run", "runs"), all - left, s->groups,
                 td_noun(s->groups, "group", "groups"), s->ranks_per_run,
                 td_noun(s->ranks_per_run, "rank", "ranks"),
                 s->groups == 1 ? "makes" : "make");
    if (left > 0 && left < s->groups)
        td_log(TD_LOG_NOTE,
               "%d more %s than runs: a larger --ranks-per-run would give these ranks "
               "something to do",
               s->groups - left, td_noun(s->groups - left, "group", "groups"));
}

static td_status begin(td_share *s, const td_study *study,
                       const td_campaign_options *options)
{
    int rank = td_comm_rank(s->world), ranks = td_comm_size(s->world);
    td_status status = check_groups(ranks, s->ranks_per_run);
    if (status != TD_OK)
        return status;
    s->groups = ranks / s->ranks_per_run;
    s->own = rank / s->ranks_per_run;
    status = td_campaign_begin(&s->campaign, study, options);
    if (status == TD_OK && rank == 0)
        status = td_campaign_check_start(study, NULL);
    status = td_comm_verdict(s->world, status);
    return status == TD_OK ? settle_machine(s) : status;
}

/* ---- the end -------------------------------------------------------------------- */

static void tell_idle(const td_share *s, double begun)
{
    enum { MUCH = 10 }; /* per cent */
    double now = td_clock_seconds(), wall = now - begun;
    int group, made = s->list.count - td_list_count(&s->list, TD_LIST_WAITS);
    double sum = td_list_idle(&s->list, now, &group);
    double share = wall > 0.0 ? 100.0 * sum / (wall * s->groups) : 0.0;
    char *took = td_duration(wall), *idle = td_duration(sum);
    char *longest = td_duration(now - s->list.idle[group]);
    td_log_aside(
        "study: %d %s in %s; groups idle at the end: %s in all, %.0f %%, group "
        "%d longest with %s",
        made, td_noun(made, "run", "runs"), took, idle, share, group, longest);
    if (share >= MUCH && !s->list.stopped)
        td_log(TD_LOG_NOTE,
               "%.0f %% of the ranks' time passed without a run to make: fewer ranks, "
               "or more in a group (--ranks-per-run), would lose less",
               share);
    td_free(longest);
    td_free(idle);
    td_free(took);
}

static td_status end_on_root(td_share *s, double begun)
{
    td_desk_serve(s);
    if (s->list.count > 0)
        tell_idle(s, begun);
    s->campaign.failed = td_list_count_ended(&s->list, TD_STUDY_HAS_FAILED);
    s->campaign.elsewhere = td_list_count_ended(&s->list, TD_STUDY_IS_ELSEWHERE);
    return td_campaign_end(&s->campaign, s->list.stopped);
}

/* ---- all of it ------------------------------------------------------------------ */

/* Every rank in its group, until nothing is left anywhere. */
static td_status carry_out(td_share *s)
{
    bool leads = td_comm_rank(s->world) % s->ranks_per_run == 0, is_over = true;
    double begun = td_clock_seconds();
    td_status status = TD_OK;
    if (leads) {
        td_log_speak(true);
        td_desk_open(s);
        td_group_lead(s);
    } else
        td_group_follow(s);
    if (td_comm_rank(s->world) == 0)
        status = end_on_root(s, begun);
    td_desk_close();
    td_log_speak(false);
    /* Stuck here?  A group is still at work: it may be for long. */
    td_comm_bcast_asleep(s->world, &is_over, sizeof is_over);
    return td_comm_verdict(s->world, status);
}

td_status td_campaign_share(td_comm *world, const td_study *study,
                            const td_campaign_options *options, int ranks_per_run,
                            td_campaign_work *work)
{
    td_share s = { .world = world, .ranks_per_run = ranks_per_run, .work = work };
    td_signals_begin();
    td_status status = begin(&s, study, options);
    if (status == TD_OK) {
        s.group = td_comm_split(world, s.own);
        if (td_comm_rank(world) == 0) {
            td_list_init(&s.list, &s.campaign, s.groups);
            tell_beginning(&s);
        }
        status = carry_out(&s);
    }
    td_comm_free(s.group);
    td_list_clear(&s.list);
    td_campaign_clear(&s.campaign);
    td_machine_keep(NULL);
    td_signals_end();
    return status;
}
