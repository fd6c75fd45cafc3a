/* Where this rank runs, and the report of all of them at start. */
#include "taildart/dist.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "taildart/base_log.h"

/* The affinity mask is what the kernel enforces, whoever set it: mpirun, the scheduler,
 * taskset or a container. */
static void read_mask(td_place *place)
{
    size_t bytes = CPU_ALLOC_SIZE(TD_PLACE_CPUS);
    cpu_set_t *set = CPU_ALLOC(TD_PLACE_CPUS);
    TD_CHECK(set, "out of memory: %zu bytes asked for", bytes);
    CPU_ZERO_S(bytes, set);
    if (sched_getaffinity(0, bytes, set) == 0)
        for (unsigned c = 0; c < TD_PLACE_CPUS; c++)
            if (CPU_ISSET_S(c, bytes, set))
                place->mask[c / 64] |= UINT64_C(1) << c % 64;
    CPU_FREE(set);
}

static int count_bits(const uint64_t *mask)
{
    int count = 0;
    for (int i = 0; i < TD_PLACE_CPUS / 64; i++)
        count += __builtin_popcountll(mask[i]);
    return count;
}

void td_place_read(td_place *place, int threads, const char *isa)
{
    *place = (td_place){ .threads = threads };
    TD_ASSERT(threads > 0 && isa);
    if (gethostname(place->host, sizeof place->host - 1) != 0)
        snprintf(place->host, sizeof place->host, "unknown");
    snprintf(place->isa, sizeof place->isa, "%s", isa);
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    place->node_cpus = online > 0 ? (int) online : 1;
    read_mask(place);
    place->cpus = count_bits(place->mask);
    if (place->cpus == 0) /* a machine with more CPUs than the mask holds */
        place->cpus = place->node_cpus;
}

static void log_lines(td_log_level level, char *text)
{
    char *rest = text, *line;
    while ((line = strsep(&rest, "\n")))
        if (line[0] != '\0')
            td_log(level, "%s", line);
}

void td_place_report(td_dist *dist, const td_place *place)
{
    int ranks = td_dist_size(dist);
    bool root = td_dist_rank(dist) == 0;
    td_place *places = root ? td_malloc((size_t) ranks * sizeof *places) : NULL;
    td_dist_gather(dist, places, place, sizeof *place);
    if (!root)
        return;
    char *lines = td_place_lines(places, ranks);
    char *notes = td_place_notes(places, ranks);
    log_lines(TD_LOG_INFO, lines);
    log_lines(TD_LOG_NOTE, notes);
    td_free(notes);
    td_free(lines);
    td_free(places);
}
