/* Free memory: of the host, within a control group, for one process. */
#include "taildart/machine_memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "internal.h"
#include "taildart/base_memory.h"

enum { KIB = 1024 };

/* Read a number of kB as bytes; INFINITY when it is missing. */
static double kilobytes(const char *root, const char *file, const char *name)
{
    char path[TD_PATH_BYTES];
    snprintf(path, sizeof path, "%s%s", root, file);
    double number = td_named_number(path, name);
    return number >= 0.0 ? number * KIB : INFINITY;
}

/* The address space left: the limit counts what is mapped already. */
static double left_of_address_space(const char *root)
{
    struct rlimit limit;
    double mapped = kilobytes(root, "/proc/self/status", "VmSize");
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return INFINITY;
    return fmax(0.0, (double) limit.rlim_cur - (isfinite(mapped) ? mapped : 0.0));
}

void td_memory_read(td_memory *memory, const char *root)
{
    *memory = (td_memory){
        .free = kilobytes(root, "/proc/meminfo", "MemAvailable"),
        .limit = td_memory_limit_read(root),
        .own = left_of_address_space(root),
    };
    if (gethostname(memory->host, sizeof memory->host - 1) != 0)
        snprintf(memory->host, sizeof memory->host, "unknown");
}

/* ---- sums over ranks ------------------------------------------------------------- */

typedef struct {
    double planned;
    int ranks;
} sum;

/* Sum over the ranks on \a one's host and, with \a in_cgroup, in its control group. */
static sum sum_of(const td_memory *all, int ranks, const td_memory *one, bool in_cgroup)
{
    sum all_of_them = { 0 };
    for (int r = 0; r < ranks; r++)
        if (strcmp(all[r].host, one->host) == 0 &&
            (!in_cgroup || all[r].limit.cgroup == one->limit.cgroup)) {
            all_of_them.planned += all[r].planned;
            all_of_them.ranks++;
        }
    return all_of_them;
}

static char *describe(const td_memory *one, sum s, double available, const char *scope)
{
    char planned[TD_BYTES_TEXT], is_free[TD_BYTES_TEXT];
    return td_format("host %s: %d rank%s plan%s %s of memory, and %s are free%s",
                     one->host, s.ranks, s.ranks == 1 ? "" : "s",
                     s.ranks == 1 ? "s" : "", td_bytes_text(s.planned, planned),
                     td_bytes_text(available, is_free), scope);
}

char *td_memory_shortage(const td_memory *all, int ranks)
{
    for (int r = 0; r < ranks; r++) {
        const td_memory *one = &all[r];
        sum host = sum_of(all, ranks, one, false),
            cgroup = sum_of(all, ranks, one, true);
        sum alone = { one->planned, 1 };
        if (alone.planned > one->own)
            return describe(one, alone, one->own, " for a process (ulimit -v)");
        if (cgroup.planned > one->limit.value)
            return describe(one, cgroup, one->limit.value,
                            " in their control group (memory.max)");
        if (host.planned > one->free)
            return describe(one, host, one->free, "");
    }
    return NULL;
}
