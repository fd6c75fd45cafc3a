/* Where the time of a run went: table and NOTEs at its end, timing.json, trace.json.
 *
 * timing.json has one line per start of the run, since a run may go on with other ranks
 * on other hosts: each tells its own sums. */
#include <string.h>
#include <time.h>

#include "run.h"
#include "taildart/base_log.h"
#include "taildart/base_memory.h"
#include "taildart/base_text.h"
#include "taildart/store_times.h"
#include "taildart/store_version.h"
#include "taildart/timing_trace.h"

/* Bytes of pieces of sums that reached a rank: all, and before it needed them. */
enum { ALL, EARLY, ARRIVALS };

/* ---- the table ------------------------------------------------------------------- */

static void print_lines(td_log_level level, char *lines)
{
    char *rest = lines;
    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
        if (line[0] != '\0')
            td_log(level, "%s", line);
    td_free(lines);
}

/* ---- timing.json ----------------------------------------------------------------- */

static void write_hosts(td_text *text, const td_rank_times *all, int ranks)
{
    td_text_write(text, "\"hosts\": [");
    for (int r = 0; r < ranks; r++) {
        bool again = false;
        for (int i = 0; i < r && !again; i++)
            again = strcmp(all[i].host, all[r].host) == 0;
        if (again)
            continue;
        td_text_write(text, "%s", r > 0 ? ", " : "");
        td_text_write_json(text, all[r].host);
    }
    td_text_write(text, "]");
}

/* This start as one line.  \a arrived: on all ranks  \return for td_free */
static char *write_start(const td_job *job, const td_rank_times *all,
                         const double arrived[ARRIVALS])
{
    td_text text = { 0 };
    char date[32], *mpi = td_comm_library(), *times = td_times_json(all, job->ranks);
    time_t now = time(NULL);
    struct tm utc;
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    td_text_write(&text, "{\"date\": \"%s\", \"commit\": ", date);
    td_text_write_json(&text, td_version_commit());
    td_text_write(&text, ", \"mpi\": ");
    td_text_write_json(&text, mpi);
    td_text_write(&text, ", \"reduce\": \"%s\", \"isa\": \"%s\", \"ranks\": %d, ",
                  td_reducer_word((td_reducer_kind) job->config->dist.reduce),
                  job->machine.kernels->isa, job->ranks);
    write_hosts(&text, all, job->ranks);
    td_text_write(&text, ", \"ring_bytes\": %.0f, \"early_bytes\": %.0f", arrived[ALL],
                  arrived[EARLY]);
    td_text_write(&text, ", \"epochs\": %lld, \"seconds\": %s}",
                  (long long) job->loop.progress.epoch, times);
    td_free(times);
    td_free(mpi);
    return text.chars;
}

static td_status write_file(const td_job *job, const td_rank_times *all,
                            const double arrived[ARRIVALS])
{
    td_status status = td_run_check(job->files.directory);
    if (status != TD_OK)
        return status;
    char *now = write_start(job, all, arrived);
    status = td_run_add_start(job->files.directory, now, job->is_resumed);
    td_free(now);
    return status;
}

/* ---- reductions ------------------------------------------------------------------ */

void td_job_count_reductions(td_job_loop *loop)
{
    static const td_half halves[TD_REDUCTION_KINDS] = {
        [TD_WEIGHT_REDUCTIONS] = TD_HALF_WEIGHTS,
        [TD_ARCH_REDUCTIONS] = TD_HALF_ARCH,
    };
    for (int kind = 0; kind < TD_REDUCTION_KINDS; kind++) {
        td_reducer_times now = td_stepper_take_times(loop->stepper, halves[kind]);
        td_reductions *all = &loop->reduced[kind];
        all->calls += (double) now.calls;
        all->last += (double) now.last;
        all->bytes += (double) now.bytes;
        all->transfer += now.transfer;
        all->wait += now.wait;
        all->hidden += now.hidden;
        loop->arrived[ALL] += (double) now.received;
        loop->arrived[EARLY] += (double) now.early;
    }
}

/* ---- both ------------------------------------------------------------------------ */

static void read_rank(const td_job *job, td_rank_times *mine)
{
    td_host_read(mine->host);
    td_cpu_model_read(mine->cpu, "");
    mine->threads = job->machine.threads;
    mine->throttled = td_throttled_read("") - job->throttled_before;
    td_times_read(&mine->times);
    memcpy(mine->reduced, job->loop.reduced, sizeof mine->reduced);
}

void td_job_tell_times(td_job *job)
{
    td_rank_times mine = { 0 }, *all = NULL;
    bool is_long = false;
    td_job_end_trace(job);
    td_job_count_reductions(&job->loop);
    /* Stuck here?  Rank 0 draws the cell.  The clocks are read behind it, so that all
     * have counted the same time. */
    td_comm_barrier(job->world);
    read_rank(job, &mine);
    double arrived[ARRIVALS];
    memcpy(arrived, job->loop.arrived, sizeof arrived);
    td_comm_sum_f64(job->world, arrived, ARRIVALS);
    if (job->rank == 0)
        all = td_malloc((size_t) job->ranks * sizeof *all);
    td_comm_gather(job->world, all, &mine, sizeof mine);
    if (job->rank == 0) {
        print_lines(TD_LOG_INFO, td_times_table(all, job->ranks));
        print_lines(TD_LOG_NOTE, td_times_notes(all, job->ranks));
        if (write_file(job, all, arrived) != TD_OK)
            td_log(TD_LOG_WARNING, "%s", td_error_message());
        is_long = td_times_are_telling(all, job->ranks);
        td_free(all);
    }
    /* What the start has noted is far up by now. */
    td_comm_bcast(job->world, &is_long, sizeof is_long);
    if (is_long)
        td_machine_tell_notes(&job->machine, job->world, job->config->run.threads);
}

/* ---- the trace ------------------------------------------------------------------- */

void td_job_begin_trace(const td_job *job)
{
    if (job->config->run.trace == 0)
        return;
    /* Stuck here?  Some rank was told of no trace. */
    td_comm_barrier(job->world); /* from here on the clocks of all ranks count */
    td_trace_begin(job->config->run.trace);
}

void td_job_end_trace(td_job *job)
{
    int count = 0;
    if (job->config->run.trace == 0 || job->loop.is_traced)
        return;
    td_trace_slice *mine = td_trace_end(&count);
    td_status status =
        td_run_write_trace(job->files.directory, job->world, mine, count);
    if (job->rank == 0)
        td_job_warn(status);
    job->loop.is_traced = true;
    td_free(mine);
}
