/* The files in a run's directory. */
#include "run_parts.h"

#include "taildart/base_file.h"

const td_run_file td_run_files[TD_RUN_FILES] = {
    { TD_RUN_CHECKPOINT, .is_whole = true, .feeds_reports = true },
    { TD_RUN_BEST, .is_whole = true, .feeds_reports = true },
    { TD_RUN_CONFIG, .waits_for_flush = true, .is_whole = true, .feeds_reports = true },
    { TD_RUN_METRICS, .waits_for_flush = true, .is_whole = true,
      .feeds_reports = true },
    { TD_RUN_GENOTYPE, .waits_for_flush = true, .is_whole = true,
      .feeds_reports = true },
    { TD_RUN_GENOTYPE_JSON, .waits_for_flush = true, .is_whole = true },
    { TD_RUN_GENOTYPE_DOT, .waits_for_flush = true, .is_whole = true },
    { TD_RUN_GENOTYPE_SVG, .waits_for_flush = true, .is_whole = true },
    { TD_RUN_LOG, .waits_for_flush = true, .feeds_reports = true },
    { TD_RUN_STARTS, .waits_for_flush = true, .is_whole = true, .feeds_reports = true },
    { TD_RUN_EVALUATIONS, .is_whole = true, .feeds_reports = true },
    { TD_RUN_TIMING, .waits_for_flush = true, .is_whole = true },
    { TD_RUN_TRACE, .waits_for_flush = true, .is_whole = true },
    { TD_RUN_BEAT, .waits_for_flush = true, .is_whole = true },
    { TD_RUN_FAILURE, .is_whole = true },
};

td_status td_run_keep_apart(const char *path, const char *output)
{
    td_status status = TD_OK;
    for (int i = 0; i < TD_RUN_FILES && status == TD_OK; i++) {
        if (!td_run_files[i].feeds_reports)
            continue;
        char *file = td_format("%s/%s", path, td_run_files[i].name);
        status = td_file_keep_apart(output, file);
        td_free(file);
    }
    return status;
}
