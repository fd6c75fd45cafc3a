/* Temporary files that are removed when a signal ends the process.
 *
 * Handlers read this list at any moment, in any thread. */
#include "guard.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum { GUARDS = 8, PATH_BYTES = 4096 };

static struct {
    char path[PATH_BYTES];
    atomic_bool used, armed;
} guards[GUARDS];

/* When the list is full the file is left behind. */
void td_signals_guard(const char *path)
{
    for (int i = 0; i < GUARDS && strlen(path) < PATH_BYTES; i++)
        if (!atomic_exchange(&guards[i].used, true)) {
            memcpy(guards[i].path, path, strlen(path) + 1);
            atomic_store(&guards[i].armed, true);
            return;
        }
}

void td_signals_release(const char *path)
{
    for (int i = 0; i < GUARDS; i++)
        if (atomic_load(&guards[i].armed) && strcmp(guards[i].path, path) == 0) {
            atomic_store(&guards[i].armed, false);
            atomic_store(&guards[i].used, false);
        }
}

void td_signals_remove_guarded(void)
{
    for (int i = 0; i < GUARDS; i++)
        if (atomic_load(&guards[i].armed))
            unlink(guards[i].path);
}
