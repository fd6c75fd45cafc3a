/* Names of runs beside each other. */
#include "taildart/report_forms.h"

#include <string.h>

/* Bytes of the folders that begin both paths. */
static size_t common_folders(const char *a, const char *b, size_t most)
{
    size_t common = 0;
    for (size_t i = 0; i < most && a[i] && a[i] == b[i]; i++)
        if (a[i] == '/')
            common = i + 1;
    return common;
}

const char *td_report_short_name(td_report_run *const *runs, int count, int run)
{
    TD_ASSERT(runs && run >= 0 && run < count);
    const char *slash = strrchr(runs[0]->name, '/');
    size_t common = slash ? (size_t) (slash + 1 - runs[0]->name) : 0;
    for (int r = 1; r < count; r++)
        common = common_folders(runs[0]->name, runs[r]->name, common);
    return runs[run]->name + common;
}
