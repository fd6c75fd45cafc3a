#include "taildart/machine_begin.h"

#include <omp.h>
#include <stdio.h>
#include <string.h>

#include "taildart/base_log.h"

/* ---- all ranks' places ----------------------------------------------------------- */

/* Every rank gets all of them: some hundred bytes a rank, once.
 * \return (size) for td_free */
static td_place *gather_places(td_comm *world, int asked, const char *isa)
{
    size_t bytes = (size_t) td_comm_size(world) * sizeof(td_place);
    td_place *places = td_malloc(bytes), mine;
    td_place_read(&mine, asked);
    snprintf(mine.isa, sizeof mine.isa, "%s", isa);
    td_comm_gather(world, td_comm_rank(world) == 0 ? places : NULL, &mine, sizeof mine);
    td_comm_bcast(world, places, bytes);
    td_place_share(places, td_comm_size(world));
    return places;
}

static void log_lines(td_log_level level, char *text)
{
    char *rest = text, *line;
    while ((line = strsep(&rest, "\n")))
        if (line[0] != '\0')
            td_log(level, "%s", line);
    td_free(text);
}

void td_machine_report(const td_machine *machine, td_comm *world, int wanted)
{
    int asked = 0, ranks = td_comm_size(world);
    td_status status = td_threads_asked(wanted, &asked);
    TD_ASSERT(status == TD_OK); /* td_machine_begin has asked */
    (void) status;
    td_place *places = gather_places(world, asked, machine->kernels->isa);
    if (td_comm_rank(world) == 0) {
        log_lines(TD_LOG_INFO, td_place_lines(places, ranks));
        log_lines(TD_LOG_NOTE, td_place_notes(places, ranks));
    }
    td_free(places);
}

/* ---- the start ------------------------------------------------------------------- */

/* Threads of the pool are bound, each to its part: of several ranks on the same CPUs
 * all would be bound to the first ones. */
static void start_threads(int threads, bool release)
{
    td_cpus cpus;
    td_cpus_read(&cpus);
    omp_set_dynamic(false); /* the work is cut for so many */
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

td_status td_machine_begin(td_machine *machine, td_comm *world, int wanted)
{
    int asked = 0, rank = td_comm_rank(world);
    td_status status = td_comm_verdict(world, td_threads_asked(wanted, &asked));
    if (status == TD_OK)
        status = choose_kernels(machine, world);
    if (status != TD_OK)
        return status;
    td_place *places = gather_places(world, asked, machine->kernels->isa);
    machine->threads = places[rank].threads;
    TD_ASSERT(machine->threads > 0);
    bool release = td_place_binds_twice(places, td_comm_size(world), rank);
    td_free(places);
    start_threads(machine->threads, release);
    return TD_OK;
}
