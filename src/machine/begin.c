#include "taildart/machine_begin.h"

#include <omp.h>
#include <stdio.h>
#include <string.h>

#include "taildart/base_log.h"

/* Of this rank among all of the launch, where a group of them begins again. */
static struct {
    int threads; /* 0: nothing is kept */
    bool overlaps;
} kept;

/* ---- placements of all ranks ----------------------------------------------------- */

/* Gather the placements on every rank: some hundred bytes per rank, once.
 * \return (size) for td_free */
static td_placement *gather_placements(td_comm *world, int asked, const char *isa)
{
    size_t bytes = (size_t) td_comm_size(world) * sizeof(td_placement);
    td_placement *placements = td_malloc(bytes), mine;
    td_placement_read(&mine, asked > 0 ? asked : kept.threads);
    snprintf(mine.isa, sizeof mine.isa, "%s", isa);
    td_comm_gather(world, td_comm_rank(world) == 0 ? placements : NULL, &mine,
                   sizeof mine);
    td_comm_bcast(world, placements, bytes);
    td_placement_share_cpus(placements, td_comm_size(world));
    return placements;
}

static void log_lines(td_log_level level, char *text)
{
    char *rest = text, *line;
    while ((line = strsep(&rest, "\n")))
        if (line[0] != '\0')
            td_log(level, "%s", line);
    td_free(text);
}

static void report(const td_machine *machine, td_comm *world, int wanted, bool notes)
{
    int asked = 0, ranks = td_comm_size(world);
    td_status status = td_threads_asked(wanted, &asked);
    TD_ASSERT(status == TD_OK); /* td_machine_begin has checked it */
    (void) status;
    td_placement *placements = gather_placements(world, asked, machine->kernels->isa);
    if (td_comm_rank(world) == 0) {
        if (!notes)
            log_lines(TD_LOG_INFO, td_placement_lines(placements, ranks));
        log_lines(TD_LOG_NOTE, td_placement_notes(placements, ranks));
    }
    td_free(placements);
}

void td_machine_report(const td_machine *machine, td_comm *world, int wanted)
{
    report(machine, world, wanted, false);
}

void td_machine_tell_notes(const td_machine *machine, td_comm *world, int wanted)
{
    report(machine, world, wanted, true);
}

/* ---- the start ------------------------------------------------------------------- */

/* Start the thread pool.  \a release undoes OpenMP's binding of each thread: several
 * ranks on the same CPUs would all be bound to the first ones. */
static void start_threads(int threads, bool release)
{
    td_cpus cpus;
    td_cpus_read(&cpus);
    omp_set_dynamic(false); /* the work is divided among so many */
    omp_set_num_threads(threads);
    td_gemm_init();
#pragma omp parallel
    {
        td_kernels_flush_denormals();
        if (release)
            td_cpus_release(&cpus);
    }
}

static td_status choose_kernels(td_machine *machine, td_comm *world)
{
    td_isa isa = TD_ISA_GENERIC;
    td_status status = td_comm_verdict(world, td_isa_select(&isa, td_isa_detect()));
    if (status != TD_OK)
        return status;
    /* Other kernels round differently and replicas would drift apart. */
    isa = (td_isa) td_comm_min_int(world, (int) isa);
    machine->kernels = td_kernels_get(isa);
    TD_ASSERT(machine->kernels);
    return TD_OK;
}

td_status td_machine_begin_alone(const td_kernels **kernels, int threads)
{
    td_isa isa = TD_ISA_GENERIC;
    td_status status = td_isa_select(&isa, td_isa_detect());
    TD_ASSERT(threads > 0);
    if (status != TD_OK)
        return status;
    *kernels = td_kernels_get(isa);
    start_threads(threads, false);
    return TD_OK;
}

td_status td_machine_begin(td_machine *machine, td_comm *world, int wanted)
{
    int asked = 0, rank = td_comm_rank(world);
    td_status status = td_comm_verdict(world, td_threads_asked(wanted, &asked));
    if (status == TD_OK)
        status = choose_kernels(machine, world);
    if (status != TD_OK)
        return status;
    td_placement *placements = gather_placements(world, asked, machine->kernels->isa);
    TD_ASSERT(rank >= 0 && rank < td_comm_size(world));
    machine->threads = placements[rank].threads;
    TD_ASSERT(machine->threads > 0);
    machine->overlaps =
        td_placement_bindings_overlap(placements, td_comm_size(world), rank);
    td_free(placements);
    start_threads(machine->threads, machine->overlaps || kept.overlaps);
    return TD_OK;
}

void td_machine_keep(const td_machine *machine)
{
    kept.threads = machine ? machine->threads : 0;
    kept.overlaps = machine && machine->overlaps;
}
