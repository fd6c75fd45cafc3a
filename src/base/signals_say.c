/* Lines of a handler, which may not use the log: it locks and allocates. */
#include "guard.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "taildart/base.h"
#include "taildart/base_launch.h"
#include "taildart/base_terminal.h"

void td_signals_say(const char *const *words, bool on_terminal)
{
    static const char clear[] = TD_TERMINAL_CLEAR;
    char line[512];
    size_t length = 0;
    if (td_base_rank() != 0)
        return;
    /* mpirun may bring this line before that of stdout that clears the live one. */
    if (td_terminal_drop_live() && on_terminal) {
        memcpy(line, clear, strlen(clear));
        length = strlen(clear);
    }
    for (; *words; words++) {
        size_t bytes = strlen(*words);
        if (length + bytes > sizeof line)
            break;
        memcpy(line + length, *words, bytes);
        length += bytes;
    }
    while (write(STDERR_FILENO, line, length) < 0 && errno == EINTR)
        ;
}
