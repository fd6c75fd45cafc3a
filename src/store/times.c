/* Times of a run in its directory: one line per start, and the slices of all ranks. */
#include <string.h>

#include "taildart/base_file.h"
#include "taildart/base_memory.h"
#include "taildart/base_text.h"
#include "taildart/machine.h"
#include "taildart/store_times.h"

/* ---- timing.json ----------------------------------------------------------------- */

static const char head[] = "{\"starts\": [\n", tail[] = "\n]}\n";

/* Former starts of the run as lines, "" without a file that one of them wrote.
 * \return for td_free */
static char *read_starts(td_run *directory)
{
    enum { MOST_BYTES = 1 << 24 };
    char *text = NULL;
    size_t length = 0;
    td_status status = td_file_read_regular(
        &text, &length, td_run_path(directory, TD_RUN_TIMING), MOST_BYTES);
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

td_status td_run_add_start(td_run *directory, const char *line, bool keeps)
{
    char *before = keeps ? read_starts(directory) : td_strdup("");
    char *text = td_format("%s%s%s%s", head, before, line, tail);
    td_status status = td_run_write(directory, TD_RUN_TIMING, text);
    td_free(text);
    td_free(before);
    return status;
}

/* ---- trace.json ------------------------------------------------------------------ */

static td_status write_trace(td_run *directory, const td_trace_slice *all, size_t count,
                             const char *hosts, int ranks)
{
    const char **names = td_malloc((size_t) ranks * sizeof *names);
    for (int r = 0; r < ranks; r++)
        names[r] = hosts + (size_t) r * TD_HOST_BYTES;
    char *text = td_trace_json(all, count, names, ranks);
    td_status status = td_run_check(directory);
    if (status == TD_OK)
        status = td_run_write(directory, TD_RUN_TRACE, text);
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

td_status td_run_write_trace(td_run *directory, td_comm *world,
                             const td_trace_slice *mine, int count)
{
    int most = td_comm_max_int(world, count), ranks = td_comm_size(world);
    bool is_root = td_comm_rank(world) == 0;
    size_t bytes = (size_t) most * sizeof *mine;
    td_trace_slice *sent = td_malloc(bytes), *all = NULL;
    char host[TD_HOST_BYTES] = "", *hosts = NULL;
    td_status status = TD_OK;
    if (count > 0)
        memcpy(sent, mine, (size_t) count * sizeof *mine);
    td_host_read(host);
    if (is_root) {
        all = td_malloc((size_t) ranks * bytes);
        hosts = td_malloc((size_t) ranks * sizeof host);
    }
    td_comm_gather(world, all, sent, bytes);
    td_comm_gather(world, hosts, host, sizeof host);
    if (is_root)
        status = write_trace(directory, all, keep_real(all, ranks, most), hosts, ranks);
    td_free(hosts);
    td_free(all);
    td_free(sent);
    return status;
}
