/* taildart report: the page of a study, from its folder. */
#include "report.h"

#include <string.h>
#include <unistd.h>

#include "taildart/comparison.h"
#include "taildart/study_folder.h"

static bool has_file(const char *folder, const char *name)
{
    char *path = td_format("%s/%s", folder, name);
    bool is_there = access(path, F_OK) == 0;
    td_free(path);
    return is_there;
}

bool td_cli_report_is_study(const char *folder)
{
    return has_file(folder, TD_STUDY_KEPT) || has_file(folder, "study.csv");
}

/* Refuse what goes with runs alone. */
static td_status check(const td_cli_line *line)
{
    const char *folder = line->operand[0];
    if (line->operands > 1)
        return td_error(TD_USAGE, "%s: the folder of a study: give it alone", folder);
    if (td_cli_report_form_of(line)) {
        td_status status = td_error(
            TD_USAGE, "%s: the folder of a study, which has a page alone", folder);
        td_error_hint("study.svg is its picture, study-table.md its table; --term, "
                      "--png and --events take runs");
        return status;
    }
    if (has_file(folder, TD_STUDY_KEPT))
        return TD_OK;
    td_status status = td_error(
        TD_USAGE, "%s: the folder of a study, without its " TD_STUDY_KEPT, folder);
    td_error_hint("`taildart study FILE.yaml --collect` puts it there, and the page");
    return status;
}

/* Read the study that a folder keeps; paths in it count from where it was started. */
static td_status read_study(td_study **study, const char *folder)
{
    char *file = td_format("%s/%s", folder, TD_STUDY_KEPT);
    const td_study_replacements instead = { .out = folder };
    td_status status = td_study_read(study, file, &instead);
    td_free(file);
    return status;
}

static td_status write_page(const td_study *study, const td_cli_line *line)
{
    const char *out = td_cli_value(line, "out");
    char *path = out ? td_strdup(out) : td_format("%s/%s", study->out, TD_STUDY_PAGE);
    td_study_result *results = td_study_results_read(study);
    char *page = td_study_page(study, results);
    td_status status = td_cli_page_keep_others(path);
    if (status == TD_OK)
        status = td_cli_report_save(path, !out, page, strlen(page));
    if (status == TD_OK)
        status = td_cli_page_show(path, line);
    td_free(page);
    td_study_results_free(results, study);
    td_free(path);
    return status;
}

td_status td_cli_report_study(const td_cli_line *line)
{
    td_study *study = NULL;
    char *folder = td_strdup(line->operand[0]);
    for (size_t end = strlen(folder); end > 1 && folder[end - 1] == '/'; end--)
        folder[end - 1] = '\0';
    td_status status = check(line);
    if (status == TD_OK)
        status = read_study(&study, folder);
    if (status == TD_OK)
        status = write_page(study, line);
    td_study_free(study);
    td_free(folder);
    return status;
}
