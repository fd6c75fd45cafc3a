/* Names in a run directory, and what is said when it cannot serve. */
#include <errno.h>
#include <string.h>

#include "run_parts.h"

const char *td_run_path(td_run *run, const char *name)
{
    TD_ASSERT(run && run->path && name);
    td_free(run->name);
    run->name = td_format("%s/%s", run->path, name);
    return run->name;
}

td_status td_run_folder_error(const char *path, const char *what)
{
    td_status status = td_error(TD_FAILED, "%s: the run directory cannot be %s: %s",
                                path, what, strerror(errno));
    td_error_hint("choose another one with --out");
    return status;
}
