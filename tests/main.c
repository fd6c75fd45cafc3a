/* The main of all test programs of one process.
 *
 * Check runs each test in a process of its own, so that is where a leak has to be
 * looked for: as that process ends, when all fixtures are gone.  CK_FORK=no runs them
 * all here. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "suite.h"

enum { LEAKED = 99 };

static pid_t runner;

static bool leaks(void)
{
    if (td_base_live_blocks() != 0)
        fprintf(stderr, "# %ld blocks of memory leaked\n", td_base_live_blocks());
    return td_base_live_blocks() != 0;
}

/* A test that has failed has left in the middle, with what it held. */
static void look_for_leaks(int status, void *unused)
{
    (void) unused;
    if (getpid() != runner && status == EXIT_SUCCESS && leaks()) {
        fflush(NULL);
        _exit(LEAKED);
    }
}

int main(void)
{
    runner = getpid();
    TD_CHECK(on_exit(look_for_leaks, NULL) == 0, "no room for an exit handler");
    SRunner *tests = srunner_create(test_suite());
    srunner_run_all(tests, CK_ENV);
    bool all_passed = srunner_ntests_failed(tests) == 0;
    srunner_free(tests);
    return all_passed && !leaks() ? EXIT_SUCCESS : EXIT_FAILURE;
}
