/* Where the time of a run went: table and NOTEs at its end, timing.json, trace.json.
 *
 * timing.json has one line a start of the run, since a run may go on with other ranks
 * on other hosts: each tells its own sums. */
#include <string.h>
#include <time.h>

#include "run.h"
#include "taildart/base_file.h"
#include "taildart/base_log.h"
#include "taildart/base_memory.h"
#include "taildart/base_text.h"
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

static const char head[] = "{\"starts\": [\n", tail[] = "\n]}\n";

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

/* Former starts of the run as lines, "" without a file that one of them wrote.
 * \return for td_free */
static char *read_starts(td_run *directory)
{
    enum { MOST_BYTES = 1 << 24 };
    char *text = NULL;
    size_t length = 0;
    td_status status = td_file_read_regular(
        &text, &length, td_run_path(directory, "timing.json"), MOST_BYTES);
    size_t around = strlen(head) + strlen(tail);
    bool is_ours = status == TD_OK && length > around &&
                   strncmp(text, head, strlen(head)) == 0 &&
                   strcmp(text + length - strlen(tail), tail) == 0;
    char *starts =
        is_ours ? td_format("%.*s,\n", (int) (length - around), text + strlen(head))
                : td_strdup("");
    td_free(text);
    return starts;
}

static td_status write_file(const td_job *job, const td_rank_times *all,
                            const double arrived[ARRIVALS])
{
    td_run *directory = job->files.directory;
    td_status status = td_run_check(directory);
    if (status != TD_OK)
        return status;
    char *before = job->is_resumed ? read_starts(directory) : td_strdup("");
    char *now = write_start(job, all, arrived);
    char *text = td_format("%s%s%s%s", head, before, now, tail);
    status = td_run_write(directory, "timing.json", text);
    td_free(text);
    td_free(now);
    td_free(before);
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

static td_status write_trace(const td_job *job, const td_trace_slice *all, size_t count,
                             const char *hosts)
{
    const char **names = td_malloc((size_t) job->ranks * sizeof *names);
    for (int r = 0; r < job->ranks; r++)
        names[r] = hosts + (size_t) r * TD_HOST_BYTES;
    char *text = td_trace_json(all, count, names, job->ranks);
    td_status status = td_run_check(job->files.directory);
    if (status == TD_OK)
        status = td_run_write(job->files.directory, "trace.json", text);
    td_free(text);
    td_free(names);
    return status;
}

/* Ranks have slices of different number: all send as many as the one with most, and
 * what is too much ends before it begins.  \return how many are left */
static size_t keep_real(td_trace_slice *all, int ranks, int most)
{
    size_t kept = 0;
    for (int r = 0; r < ranks; r++)
        for (int i = 0; i < most; i++) {
            td_trace_slice s = all[(size_t) r * (size_t) most + (size_t) i];
            s.rank = r;
            if (s.end > s.begin)
                all[kept++] = s;
        }
    return kept;
}

void td_job_end_trace(td_job *job)
{
    int count = 0;
    if (job->config->run.trace == 0 || job->loop.is_traced)
        return;
    td_trace_slice *noted = td_trace_end(&count), *all = NULL;
    int most = td_comm_max_int(job->world, count);
    size_t bytes = (size_t) most * sizeof *noted, ranks = (size_t) job->ranks;
    td_trace_slice *mine = td_enlarge(noted, (size_t) count * sizeof *noted, bytes);
    char host[TD_HOST_BYTES] = "", *hosts = NULL;
    td_host_read(host);
    if (job->rank == 0) {
        all = td_malloc(ranks * bytes);
        hosts = td_malloc(ranks * sizeof host);
    }
    td_comm_gather(job->world, all, mine, bytes);
    td_comm_gather(job->world, hosts, host, sizeof host);
    if (job->rank == 0)
        td_job_warn(write_trace(job, all, keep_real(all, job->ranks, most), hosts));
    job->loop.is_traced = true;
    td_free(hosts);
    td_free(all);
    td_free(mine);
}
