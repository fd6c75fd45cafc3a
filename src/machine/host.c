/* The names of a host and of its processor. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"
#include "taildart/machine.h"

void td_host_read(char host[TD_HOST_BYTES])
{
    host[TD_HOST_BYTES - 1] = '\0'; /* a name that is cut may lack its end */
    if (gethostname(host, TD_HOST_BYTES - 1) != 0)
        snprintf(host, TD_HOST_BYTES, "unknown");
}

static bool take_model(const char *line, void *into)
{
    static const char name[] = "model name";
    const char *value = strstr(line, ": ");
    if (strncmp(line, name, strlen(name)) != 0 || !value)
        return true;
    value += strlen(": ");
    snprintf(into, TD_CPU_MODEL_BYTES, "%.*s", (int) strcspn(value, "\"\\\n"), value);
    return false;
}

void td_cpu_model_read(char model[TD_CPU_MODEL_BYTES], const char *root)
{
    char path[TD_PATH_BYTES];
    snprintf(model, TD_CPU_MODEL_BYTES, "unknown");
    snprintf(path, sizeof path, "%s/proc/cpuinfo", root);
    td_lines_read(path, take_model, model);
}
