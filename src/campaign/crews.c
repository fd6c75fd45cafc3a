/* Many runs in one job: the world is split into crews, which take points from rank 0's
 * list until none is left. */
#include "crews.h"

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

static td_status check_crews(int ranks, int ranks_per_run)
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
static td_status settle_machine(td_crew_job *job)
{
    td_machine machine;
    td_status status = td_machine_begin(&machine, job->world, 0);
    if (status != TD_OK)
        return status;
    td_machine_keep(&machine);
    td_machine_report(&machine, job->world, 0);
    return TD_OK;
}

static void tell_beginning(const td_crew_job *job)
{
    int all = job->campaign.count, left = job->list.count;
    td_log_aside("study: %d %s, %d done; %d %s of %d %s %s the others", all,
                 td_noun(all, "run", "runs"), all - left, job->crews,
                 td_noun(job->crews, "crew", "crews"), job->ranks_per_run,
                 td_noun(job->ranks_per_run, "rank", "ranks"),
                 job->crews == 1 ? "makes" : "make");
    if (left > 0 && left < job->crews)
        td_log(TD_LOG_NOTE,
               "%d more %s than runs: a larger --ranks-per-run would give these ranks "
               "something to do",
               job->crews - left, td_noun(job->crews - left, "crew", "crews"));
}

static td_status begin(td_crew_job *job, const td_study *study,
                       const td_campaign_options *options)
{
    int rank = td_comm_rank(job->world), ranks = td_comm_size(job->world);
    td_status status = check_crews(ranks, job->ranks_per_run);
    if (status != TD_OK)
        return status;
    job->crews = ranks / job->ranks_per_run;
    job->own = rank / job->ranks_per_run;
    status = td_campaign_begin(&job->campaign, study, options);
    if (status == TD_OK && rank == 0)
        status = td_campaign_check_start(study, NULL);
    status = td_comm_verdict(job->world, status);
    return status == TD_OK ? settle_machine(job) : status;
}

/* ---- the end -------------------------------------------------------------------- */

/* What the next start will find. */
static void tell_stopped(const td_crew_job *job, double wall)
{
    const td_list *list = &job->list;
    int all = job->campaign.count, before = all - list->count;
    int done = before + td_list_count_ended(list, TD_STUDY_WENT_WELL);
    char *took = td_duration(wall);
    td_log_aside("study: stopped after %s; %d of %d %s done", took, done, all,
                 td_noun(all, "run", "runs"));
    td_free(took);
}

static void tell_idle(const td_crew_job *job, double now, double wall)
{
    enum { MUCH = 10 }; /* per cent */
    int crew, made = job->list.count - td_list_count(&job->list, TD_LIST_WAITS);
    double sum = td_list_idle(&job->list, now, &crew);
    double share = wall > 0.0 ? 100.0 * sum / (wall * job->crews) : 0.0;
    char *took = td_duration(wall), *idle = td_duration(sum);
    char *longest = td_duration(now - job->list.idle[crew]);
    td_text text = { 0 };
    td_text_write(&text,
                  "study: %d %s in %s; crews idle at the end: %s in all, %.0f %%", made,
                  td_noun(made, "run", "runs"), took, idle, share);
    if (sum >= 1.0)
        td_text_write(&text, ", crew %d longest with %s", crew, longest);
    td_log_aside("%s", text.chars);
    if (share >= MUCH)
        td_log(TD_LOG_NOTE,
               "%.0f %% of the ranks' time passed without a run to make: fewer ranks, "
               "or more in a crew (--ranks-per-run), would lose less",
               share);
    td_free(text.chars);
    td_free(longest);
    td_free(idle);
    td_free(took);
}

static void tell_end(const td_crew_job *job, double begun)
{
    double now = td_clock_seconds();
    if (job->list.stopped)
        tell_stopped(job, now - begun);
    else
        tell_idle(job, now, now - begun);
}

static td_status end_on_root(td_crew_job *job, double begun)
{
    td_desk_serve(job);
    if (job->list.count > 0)
        tell_end(job, begun);
    job->campaign.failed = td_list_count_ended(&job->list, TD_STUDY_HAS_FAILED);
    job->campaign.elsewhere = td_list_count_ended(&job->list, TD_STUDY_IS_ELSEWHERE);
    return td_campaign_end(&job->campaign, job->list.stopped);
}

/* ---- all of it ------------------------------------------------------------------ */

/* Every rank in its crew, until nothing is left anywhere. */
static td_status carry_out(td_crew_job *job)
{
    bool leads = td_comm_rank(job->world) % job->ranks_per_run == 0, is_over = true;
    double begun = td_clock_seconds();
    td_status status = TD_OK;
    if (leads) {
        td_log_speak(true);
        td_desk_open(job);
        td_crew_lead(job);
    } else
        td_crew_follow(job);
    if (td_comm_rank(job->world) == 0)
        status = end_on_root(job, begun);
    td_desk_close();
    td_log_speak(false);
    /* Stuck here?  A crew is still at work: it may be for long. */
    td_comm_bcast_asleep(job->world, &is_over, sizeof is_over);
    return td_comm_verdict(job->world, status);
}

td_status td_campaign_share(td_comm *world, const td_study *study,
                            const td_campaign_options *options, int ranks_per_run,
                            td_campaign_work *work)
{
    td_crew_job job = { .world = world, .ranks_per_run = ranks_per_run, .work = work };
    td_signals_begin();
    td_status status = begin(&job, study, options);
    if (status == TD_OK) {
        job.crew = td_comm_split(world, job.own);
        if (td_comm_rank(world) == 0) {
            td_list_init(&job.list, &job.campaign, job.crews);
            tell_beginning(&job);
        }
        status = carry_out(&job);
    }
    td_comm_free(job.crew);
    td_list_clear(&job.list);
    td_campaign_clear(&job.campaign);
    td_machine_keep(NULL);
    td_signals_end();
    return status;
}
