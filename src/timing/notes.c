/* What made a run slower than it need be: NOTEs with cause, cost and remedy. */
#include <math.h>
#include <string.h>

#include "taildart/base_text.h"
#include "taildart/timing_report.h"

/* Less is noise, and nobody would change a job for it. */
static const double LEAST_SHARE = 0.03, LEAST_SECONDS = 10.0;

double td_times_computing(const td_times *times)
{
    return times->seconds[TD_SECTION_DATA] + times->seconds[TD_SECTION_FORWARD] +
           times->seconds[TD_SECTION_BACKWARD] + times->seconds[TD_SECTION_UPDATE];
}

static double mean_computing(const td_rank_times *all, int ranks)
{
    double sum = 0.0;
    for (int r = 0; r < ranks; r++)
        sum += td_times_computing(&all[r].times);
    return sum / ranks;
}

bool td_times_are_telling(const td_rank_times *all, int ranks)
{
    return mean_computing(all, ranks) >= LEAST_SECONDS;
}

/* ---- processors ------------------------------------------------------------------ */

/* The processor of most ranks: the first such rank. */
static int usual_rank(const td_rank_times *all, int ranks)
{
    int usual = 0, most = 0;
    for (int r = 0; r < ranks && most <= ranks / 2; r++) {
        int alike = 0;
        for (int i = r; i < ranks; i++)
            alike += strcmp(all[i].cpu, all[r].cpu) == 0;
        if (alike > most) {
            most = alike;
            usual = r;
        }
    }
    return usual;
}

/* Mean computing time of the ranks on the processor of \a like. */
static double mean_of_kind(const td_rank_times *all, int ranks, int like)
{
    double sum = 0.0;
    int count = 0;
    for (int r = 0; r < ranks; r++)
        if (strcmp(all[r].cpu, all[like].cpu) == 0) {
            sum += td_times_computing(&all[r].times);
            count++;
        }
    return sum / count;
}

/* \return whether the slowest rank is slow because of its processor */
static bool note_processor(td_text *text, const td_rank_times *all, int ranks, int slow)
{
    int usual = usual_rank(all, ranks);
    double mean = mean_of_kind(all, ranks, usual);
    double mine = td_times_computing(&all[slow].times);
    if (strcmp(all[slow].cpu, all[usual].cpu) == 0 ||
        mine <= (1.0 + LEAST_SHARE) * mean)
        return false;
    td_text_write(
        text,
        "rank %d@%s has a slower CPU (%s) than most ranks (%s): %.0f %% longer "
        "for the same work, for which all wait %.3g s; use hosts of one kind "
        "(mpirun --host, sbatch --constraint)\n",
        slow, all[slow].host, all[slow].cpu, all[usual].cpu,
        100.0 * (mine / mean - 1.0), mine - mean);
    return true;
}

/* ---- all of them ----------------------------------------------------------------- */

static void note_imbalance(td_text *text, const td_rank_times *all, int ranks)
{
    double mean = mean_computing(all, ranks), most = 0.0;
    int slow = 0;
    for (int r = 0; r < ranks; r++)
        if (td_times_computing(&all[r].times) > most) {
            most = td_times_computing(&all[r].times);
            slow = r;
        }
    if (most <= (1.0 + LEAST_SHARE) * mean || note_processor(text, all, ranks, slow))
        return;
    td_text_write(text,
                  "imbalance of %.0f %%: rank %d@%s computes for %.4g s, the mean is "
                  "%.4g s; the others wait %.3g s for it, %.0f %% of the run; see what "
                  "else runs on %s, add --bind-to core to mpirun, or leave it out "
                  "(mpirun --host)\n",
                  100.0 * (most / mean - 1.0), slow, all[slow].host, most, mean,
                  most - mean, 100.0 * (most - mean) / td_times_wall(&all[slow].times),
                  all[slow].host);
}

/* The time of all threads that a control group has not let run: one NOTE, of the rank
 * that it cost most. */
static void note_quota(td_text *text, const td_rank_times *all, int ranks)
{
    int worst = 0;
    for (int r = 1; r < ranks; r++)
        if (all[r].throttled > all[worst].throttled)
            worst = r;
    const td_rank_times *w = &all[worst];
    double share = w->throttled / (td_times_wall(&w->times) * fmax(1.0, w->threads));
    if (share <= LEAST_SHARE)
        return;
    td_text_write(text,
                  "rank %d@%s: the CPU quota of its control group (cpu.max) held its "
                  "threads up for %.3g s, %.0f %% of their time; set "
                  "OMP_NUM_THREADS=%d, or raise the quota (docker --cpus, Slurm "
                  "--cpus-per-task)\n",
                  worst, w->host, w->throttled, 100.0 * fmin(1.0, share),
                  w->threads > 1 ? (int) w->threads - 1 : 1);
}

char *td_times_notes(const td_rank_times *all, int ranks)
{
    td_text text = { 0 };
    td_text_write_bytes(&text, "", 0); /* no notes give an empty text, not NULL */
    if (!td_times_are_telling(all, ranks))
        return text.chars;
    if (ranks > 1)
        note_imbalance(&text, all, ranks);
    note_quota(&text, all, ranks);
    return text.chars;
}
