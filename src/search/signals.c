#include "signals.h"

#include <signal.h>
#include <stddef.h>

#include "taildart/base.h"

static const int watched[] = { SIGUSR2, SIGTERM };

enum { WATCHED = sizeof watched / sizeof watched[0] };

static volatile sig_atomic_t stop_requested;
static struct sigaction former[WATCHED];

/* A handler may not do more than this: the step ends first, then all ranks agree. */
static void note_request(int signal_number)
{
    (void) signal_number;
    stop_requested = 1;
    for (int i = 0; i < WATCHED; i++)
        signal(watched[i], SIG_DFL);
}

void td_signals_begin(void)
{
    struct sigaction action = { .sa_handler = note_request, .sa_flags = SA_RESTART };
    stop_requested = 0;
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < WATCHED; i++)
        TD_CHECK(sigaction(watched[i], &action, &former[i]) == 0, "sigaction failed");
}

void td_signals_end(void)
{
    for (int i = 0; i < WATCHED; i++)
        TD_CHECK(sigaction(watched[i], &former[i], NULL) == 0, "sigaction failed");
}

bool td_signals_stop(void)
{
    return stop_requested != 0;
}
