/* taildart report: files of reports, and the pages of runs and of scaling.csv. */
#include "report.h"

#include <stdio.h>
#include <string.h>

#include "taildart/base_file.h"
#include "taildart/base_log.h"

/* ---- files ----------------------------------------------------------------------- */

td_status td_cli_report_save(const char *path, bool in_folder, const char *bytes,
                             size_t count)
{
    const td_file_part whole = { bytes, count };
    return in_folder ? td_file_replace(path, &whole, 1, NULL)
                     : td_file_write(path, bytes, count);
}

td_status td_cli_page_keep_others(const char *path)
{
    /* The beginning of a page, as src/charts writes it. */
    static const td_file_kind pages[] = {
        { "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n", "content=\"taildart" },
        { NULL, NULL },
    };
    return td_file_check_kind(path, pages, "page of `taildart report`");
}

td_status td_cli_page_show(const char *path, const td_cli_line *line)
{
    td_print("%s", path);
    return td_cli_value(line, "open") ? td_cli_browse(path) : TD_OK;
}

/* scaling.csv becomes scaling.html, what has no such end gets one; for td_free. */
static char *page_beside(const char *file)
{
    const char *name = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
    const char *end = strrchr(name, '.');
    size_t length = end && end > name ? (size_t) (end - file) : strlen(file);
    return td_format("%.*s.html", (int) length, file);
}

/* The paths of pages, for td_free. */
static char *path_of_runs(const td_report_run *first, const td_cli_line *line)
{
    const char *out = td_cli_value(line, "out");
    if (!out && line->operands == 1)
        return td_format("%s/report.html", first->name);
    return td_strdup(out ? out : "report.html");
}

static char *path_of_scaling(const td_cli_line *line)
{
    const char *out = td_cli_value(line, "out");
    return out ? td_strdup(out) : page_beside(td_cli_value(line, "scaling"));
}

/* ---- pages ----------------------------------------------------------------------- */

td_status td_cli_page_check_runs(const td_report_run *first, const td_cli_line *line)
{
    char *path = path_of_runs(first, line);
    td_status status = td_cli_page_keep_others(path);
    td_free(path);
    return status;
}

td_status td_cli_page_check_scaling(const td_cli_line *line)
{
    char *path = path_of_scaling(line);
    td_status status = td_cli_page_keep_others(path);
    td_free(path);
    return status;
}

td_status td_cli_page_runs(td_report_run *const *runs, const td_cli_line *line)
{
    bool in_folder = !td_cli_value(line, "out") && line->operands == 1;
    char *path = path_of_runs(runs[0], line);
    char *page = td_report_page(runs, line->operands);
    td_status status = td_cli_report_save(path, in_folder, page, strlen(page));
    if (status == TD_OK)
        status = td_cli_page_show(path, line);
    td_free(page);
    td_free(path);
    return status;
}

td_status td_cli_page_scaling(const td_scaling_file *file, const td_cli_line *line)
{
    char *path = path_of_scaling(line), *table = td_scaling_table(file);
    char *page = td_scaling_page(file, td_cli_value(line, "scaling"));
    td_status status = td_cli_report_save(path, false, page, strlen(page));
    if (status == TD_OK) {
        printf("%s\n", table);
        status = td_cli_page_show(path, line);
    }
    td_free(page);
    td_free(table);
    td_free(path);
    return status;
}
