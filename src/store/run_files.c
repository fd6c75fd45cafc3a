/* The files in a run's directory. */
#include "run_parts.h"

#include "taildart/base_file.h"

const td_run_file td_run_files[TD_RUN_FILES] = {
    { TD_RUN_CHECKPOINT, .is_whole = true, .is_read = true },
    { TD_RUN_BEST, .is_whole = true, .is_read = true },
    { TD_RUN_CONFIG, .is_soon = true, .is_whole = true, .is_read = true },
    { TD_RUN_METRICS, .is_soon = true, .is_whole = true, .is_read = true },
    { TD_RUN_GENOTYPE, .is_soon = true, .is_whole = true, .is_read = true },
    { TD_RUN_GENOTYPE_JSON, .is_soon = true, .is_whole = true },
    { TD_RUN_GENOTYPE_DOT, .is_soon = true, .is_whole = true },
    { TD_RUN_GENOTYPE_SVG, .is_whole = true },
    { TD_RUN_LOG, .is_soon = true, .is_read = true },
    { TD_RUN_STARTS, .is_soon = true, .is_whole = true, .is_read = true },
    { TD_RUN_EVALUATIONS, .is_whole = true, .is_read = true },
    { TD_RUN_TIMING, .is_whole = true },
    { TD_RUN_TRACE, .is_whole = true },
    { TD_RUN_BEAT, .is_whole = true },
    { TD_RUN_FAILURE, .is_whole = true },
};

td_status td_run_keep_apart(const char *path, const char *output)
{
    td_status status = TD_OK;
    for (int i = 0; i < TD_RUN_FILES && status == TD_OK; i++) {
        if (!td_run_files[i].is_read)
            continue;
        char *file = td_format("%s/%s", path, td_run_files[i].name);
        status = td_file_keep_apart(output, file);
        td_free(file);
    }
    return status;
}
