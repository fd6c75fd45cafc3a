/* The CPUs of this process.
 *
 * With OMP_PROC_BIND or OMP_PLACES set, OpenMP binds the first thread when it is
 * loaded, before main(): from then on the mask of that thread is one of OpenMP's many
 * places, and the process has the CPUs of all of them. */
#include <omp.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "taildart/machine.h"

enum { WORDS = TD_CPUS / 64 };

int td_cpus_count(const uint64_t mask[WORDS])
{
    int count = 0;
    for (int i = 0; i < WORDS; i++)
        count += __builtin_popcountll(mask[i]);
    return count;
}

static void add(td_cpus *cpus, int cpu)
{
    if (cpu >= 0 && cpu < TD_CPUS)
        cpus->mask[cpu / 64] |= UINT64_C(1) << cpu % 64;
}

static void read_places(td_cpus *cpus)
{
    int ids[TD_CPUS];
    for (int p = 0; p < omp_get_num_places(); p++) {
        int count = omp_get_place_num_procs(p);
        if (count > TD_CPUS)
            continue;
        omp_get_place_proc_ids(p, ids);
        for (int i = 0; i < count; i++)
            add(cpus, ids[i]);
    }
}

/* Read the affinity mask; the kernel refuses where it has more CPUs than ours holds. */
static void read_mask(td_cpus *cpus)
{
    uint64_t set[WORDS] = { 0 };
    if (sched_getaffinity(0, sizeof set, (cpu_set_t *) set) == 0)
        memcpy(cpus->mask, set, sizeof set);
}

void td_cpus_read(td_cpus *cpus)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    *cpus = (td_cpus){ .online = online > 0 ? (int) online : 1 };
    cpus->bound =
        omp_get_proc_bind() != omp_proc_bind_false && omp_get_num_places() > 0;
    if (cpus->bound)
        read_places(cpus);
    else
        read_mask(cpus);
    cpus->count = td_cpus_count(cpus->mask);
    if (cpus->count == 0) /* a host with more CPUs than the mask holds */
        cpus->count = cpus->online;
}

void td_cpus_release(const td_cpus *cpus)
{
    if (td_cpus_count(cpus->mask) > 0)
        (void) sched_setaffinity(0, sizeof cpus->mask, (const cpu_set_t *) cpus->mask);
}
