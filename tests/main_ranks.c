/* The main of all test programs on ranks: no forks, since MPI does not survive them;
 * what hangs is ended, and what leaks is told by the rank that leaks. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ranks.h"
#include "taildart/base_log.h"

enum { SECONDS = 280 };

td_comm *world;
int rank, size;

static bool leaks(void)
{
    if (td_base_live_blocks() != 0)
        fprintf(stderr, "# rank %d: %ld blocks of memory leaked\n", rank,
                td_base_live_blocks());
    return td_base_live_blocks() != 0;
}

int main(int argc, char **argv)
{
    alarm(SECONDS);
    td_log_set_level(TD_LOG_WARNING);
    world = td_comm_begin(&argc, &argv);
    rank = td_comm_rank(world);
    size = td_comm_size(world);
    SRunner *tests = srunner_create(test_suite());
    srunner_set_fork_status(tests, CK_NOFORK);
    srunner_run_all(tests, CK_ENV);
    bool all_passed = srunner_ntests_failed(tests) == 0;
    srunner_free(tests);
    td_comm_end(world);
    return all_passed && !leaks() ? EXIT_SUCCESS : EXIT_FAILURE;
}
