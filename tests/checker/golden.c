/* golden DIR: check the library against the reference's vectors in a folder.
 * mpirun -n G golden --groups DIR: the trajectories of its search_groups.h5, on as many
 * ranks as these have batch-norm groups.
 *
 * Exit status 1 on any failure and when nothing was checked, 2 for instructions that
 * TAILDART_ISA asks for and this machine lacks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checker.h"

/* Files by name; NULL: known, but what it checks is not built yet. */
static const struct {
    const char *file;
    void (*check)(golden_run *run, const char *path, const char *file);
} kinds[] = {
    { "ops.h5", golden_check_ops },
    { "mixed_op.h5", golden_check_mixed_op },
    { "supernet.h5", golden_check_supernet },
    { "search_first.h5", golden_check_search },
    { "search_second.h5", golden_check_search },
    { "search_bbn.h5", golden_check_search },
    { "derived.h5", golden_check_derived },
    { "genotypes.json", golden_check_genotypes },
    { "schedules.json", golden_check_schedules },
    { "longtail.json", golden_check_longtail },
    { "losses.json", golden_check_losses },
    { "losses2.json", golden_check_cures },
    { "etf.json", golden_check_frames },
    { "mixing.json", golden_check_mixing },
    { "sums.json", golden_check_sums },
    { "relaxations.json", golden_check_relaxations },
    { "stops.json", golden_check_stops },
    { "discretise.json", golden_check_discretise },
};

static void check_folder(golden_run *run, const char *folder)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        char *path = td_format("%s/%s", folder, kinds[i].file);
        if (access(path, F_OK) != 0) {
            td_free(path);
            continue;
        }
        kinds[i].check(run, path, kinds[i].file);
        td_free(path);
    }
}

/* The table of kernels that TAILDART_ISA or the CPU chooses, NULL if there is none. */
static const td_kernels *choose_kernels(void)
{
    td_isa isa;
    if (td_isa_select(&isa, td_isa_detect()) != TD_OK) {
        fprintf(stderr, "golden: %s\n", td_error_message());
        return NULL;
    }
    if (td_base_rank() == 0)
        printf("kernels: %s\n", td_isa_name(isa));
    return td_kernels_get(isa);
}

static bool is_good(const golden_run *run)
{
    if (run->passed + run->failed == 0)
        fprintf(stderr, "golden: nothing to check there\n");
    if (td_base_live_blocks() != 0)
        fprintf(stderr, "golden: %ld blocks leaked\n", td_base_live_blocks());
    return run->passed > 0 && run->failed == 0 && td_base_live_blocks() == 0;
}

static void check_groups(golden_run *run, const char *folder)
{
    static const char file[] = "search_groups.h5";
    char *path = td_format("%s/%s", folder, file);
    golden_check_search(run, path, file);
    td_free(path);
}

/* Check, then count what was found. */
static bool check(golden_run *run, const char *folder, bool groups)
{
    if (groups)
        check_groups(run, folder);
    else
        check_folder(run, folder);
    if (run->world)
        td_comm_end(run->world);
    bool good = is_good(run);
    if (td_base_rank() == 0)
        printf("%d passed, %d failed, %d skipped\n", run->passed, run->failed,
               run->skipped);
    return good;
}

int main(int argc, char **argv)
{
    bool groups = argc == 3 && strcmp(argv[1], "--groups") == 0;
    if (argc != 2 && !groups) {
        fprintf(stderr,
                "usage: golden DIR, a folder with ops.h5, losses.json, …\n"
                "       mpirun -n G golden --groups DIR, for search_groups.h5\n");
        return EXIT_FAILURE;
    }
    setvbuf(stdout, NULL, _IOLBF, 0); /* no verdict is lost if something breaks */
    golden_run run = { .world = groups ? td_comm_begin(&argc, &argv) : NULL };
    run.kernels = choose_kernels();
    if (!run.kernels) {
        if (run.world)
            td_comm_end(run.world);
        return TD_USAGE;
    }
    td_gemm_init();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* a case says what it misses */
    return check(&run, argv[argc - 1], groups) ? EXIT_SUCCESS : EXIT_FAILURE;
}
