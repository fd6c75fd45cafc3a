/* The files that a study writes to its folder, one row each. */
#include <string.h>
#include <sys/stat.h>

#include "internal.h"
#include "taildart/base_file.h"
#include "taildart/study_folder.h"

const td_study_output td_study_outputs[] = {
    { "study.csv", td_study_rows, "method,imbalance,", ",state,valid_top1," },
    { "study-table.csv", td_study_table, "method,imbalance,", ",done,failed," },
    { "study-differences.csv", td_study_differences, "method,control,", NULL },
    { "study-table.md", td_study_markdown, "Mean ", "| method | imbalance |" },
    { TD_STUDY_PAGE, td_study_page, "<!DOCTYPE html>", "content=\"taildart" },
    { TD_STUDY_KEPT, td_study_kept, "# The study file", NULL },
    { "study.gp", td_study_plot, "#", "gnuplot" },
    { "study.svg", NULL, "<?xml", "gnuplot" }, /* gnuplot's own */
    { NULL, NULL, NULL, NULL },
};

char *td_study_kept(const td_study *study, const td_study_result *results)
{
    static const char begin[] = "# The study file of this folder, kept by taildart.\n";
    bool is_kept = strncmp(study->text, begin, strlen(begin)) == 0;
    (void) results;
    return td_format("%s%s", is_kept ? "" : begin, study->text);
}

bool td_study_wrote(const char *name)
{
    for (size_t i = 0; td_study_outputs[i].name; i++)
        if (strcmp(name, td_study_outputs[i].name) == 0)
            return true;
    return strncmp(name, TD_STUDY_IMBALANCE, strlen(TD_STUDY_IMBALANCE)) == 0;
}

static bool is_link(const char *path)
{
    struct stat about;
    return lstat(path, &about) == 0 && S_ISLNK(about.st_mode);
}

/* Check a file that will be replaced; links are refused for gnuplot, which follows
 * them. */
static td_status check_output(const char *path, size_t i)
{
    const td_file_kind kinds[] = {
        { td_study_outputs[i].begin, td_study_outputs[i].within }, { NULL, NULL }
    };
    if (!td_study_outputs[i].text && is_link(path))
        return td_error(TD_USAGE,
                        "%s: is a link, and nothing is written through it: "
                        "remove it",
                        path);
    return td_file_check_kind(path, kinds, "file of a study");
}

td_status td_study_check_outputs(const td_study *study)
{
    td_status status = TD_OK;
    TD_ASSERT(study->out);
    for (size_t i = 0; status == TD_OK && td_study_outputs[i].name; i++) {
        char *path = td_format("%s/%s", study->out, td_study_outputs[i].name);
        status = check_output(path, i);
        td_free(path);
    }
    return status;
}
