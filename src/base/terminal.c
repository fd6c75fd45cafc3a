/* Whether people watch stdout.
 *
 * isatty() is not enough: Open MPI puts a pseudo-terminal between a rank and mpirun,
 * also where mpirun itself writes into a file or a pipe.  Under mpirun the launcher's
 * own stdout decides; a rank on another node cannot see it and takes it for a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "taildart/base_log.h"

enum { GENERATIONS = 8, PATH_BYTES = 64 }; /* wrapper scripts between rank and mpirun */

/* Name and parent of a process, as Linux tells them: `pid (name) state parent …`. */
static bool read_process(long pid, char name[32], long *parent)
{
    char path[PATH_BYTES], line[512];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *file = fopen(path, "r");
    size_t length = file ? fread(line, 1, sizeof line - 1, file) : 0;
    if (file)
        fclose(file);
    line[length] = '\0';
    char *open = strchr(line, '('), *close = strrchr(line, ')');
    if (!open || !close || strlen(close) < strlen(") S 1"))
        return false;
    snprintf(name, 32, "%.*s", (int) (close - open - 1), open + 1);
    *parent = strtol(close + strlen(") S "), NULL, 10);
    return true;
}

static bool is_launcher(const char *name)
{
    static const char *const names[] = { "mpirun", "mpiexec", "orterun", "prterun",
                                         "prte" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static bool writes_to_terminal(long pid)
{
    char path[PATH_BYTES], target[PATH_BYTES];
    snprintf(path, sizeof path, "/proc/%ld/fd/1", pid);
    ssize_t length = readlink(path, target, sizeof target - 1);
    if (length < 0)
        return false;
    target[length] = '\0';
    return strncmp(target, "/dev/pts/", 9) == 0 || strncmp(target, "/dev/tty", 8) == 0;
}

static bool launcher_writes_to_terminal(void)
{
    char name[32];
    long pid = (long) getppid(), parent;
    for (int i = 0; i < GENERATIONS && pid > 1; i++, pid = parent) {
        if (!read_process(pid, name, &parent))
            return false;
        if (is_launcher(name))
            return writes_to_terminal(pid);
    }
    return false;
}

bool td_log_is_terminal(void)
{
    static int known = -1; /* it does not change while we run */
    if (known < 0)
        known = isatty(STDOUT_FILENO) == 1 &&
                (!getenv("OMPI_COMM_WORLD_RANK") || launcher_writes_to_terminal());
    return known > 0;
}
