#include "machine.h"

#include <omp.h>
#include <sched.h>
#include <stdlib.h>

static int cpus_allowed(void)
{
    cpu_set_t mask;
    CPU_ZERO(&mask);
    if (sched_getaffinity(0, sizeof mask, &mask) != 0)
        return omp_get_num_procs(); /* more than 1024 CPUs: OpenMP counts them */
    return CPU_COUNT(&mask);
}

int td_machine_threads(int wanted)
{
    const char *variable = getenv("OMP_NUM_THREADS");
    if (wanted > 0)
        return wanted;
    return variable && *variable ? omp_get_max_threads() : cpus_allowed();
}

td_status td_machine_begin(td_machine *machine, td_dist *world, int wanted)
{
    td_isa isa = TD_ISA_GENERIC;
    td_status status = td_dist_verdict(world, td_isa_select(&isa, td_isa_detect()));
    if (status != TD_OK)
        return status;
    /* Other kernels round differently and replicas would drift apart. */
    isa = (td_isa) td_dist_min_int(world, (int) isa);
    machine->kernels = td_kernels_get(isa);
    machine->threads = td_machine_threads(wanted);
    TD_ASSERT(machine->threads > 0);
    TD_ASSERT(machine->kernels);
    omp_set_num_threads(machine->threads);
    td_gemm_init();
#pragma omp parallel
    td_kernels_flush_denormals();
    return TD_OK;
}
