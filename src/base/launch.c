/* By whom this process was launched, as its parents tell. */
#include "taildart/base_launch.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    static const char *const names[] = { "mpirun",  "mpiexec", "mpiexec.hydra",
                                         "orterun", "prterun", "prte" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

long td_launch_pid(void)
{
    char name[32];
    long pid = (long) getppid(), parent;
    for (int i = 0; i < GENERATIONS && pid > 1; i++, pid = parent) {
        if (!read_process(pid, name, &parent))
            return 0;
        if (is_launcher(name))
            return pid;
    }
    return 0;
}
