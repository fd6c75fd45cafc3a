/* From folders to tables and a picture. */
#include <string.h>
#include <sys/stat.h>

#include "internal.h"
#include "taildart/base_file.h"
#include "taildart/base_log.h"
#include "taildart/base_signals.h"

/* begin: of such a file, or else what stands under its name is somebody else's. */
static const struct {
    const char *name;
    char *(*text)(const td_study *study, const td_study_result *results);
    const char *begin, *within;
} files[] = {
    { "study.csv", td_study_rows, "method,imbalance,seed,", NULL },
    { "study-table.csv", td_study_table, "method,imbalance,", NULL },
    { "study-table.md", td_study_markdown, "Mean ", "| method | imbalance |" },
    { "study.gp", td_study_plot, "#", "gnuplot" },
    { "study.svg", NULL, "<?xml", "gnuplot" }, /* gnuplot's own */
};

enum { FILES = sizeof files / sizeof *files };

bool td_study_wrote(const char *name)
{
    for (size_t i = 0; i < FILES; i++)
        if (strcmp(name, files[i].name) == 0)
            return true;
    return strncmp(name, TD_STUDY_IMBALANCE, strlen(TD_STUDY_IMBALANCE)) == 0;
}

static bool is_link(const char *path)
{
    struct stat about;
    return lstat(path, &about) == 0 && S_ISLNK(about.st_mode);
}

/* gnuplot would write through a link. */
static td_status check_output(const char *path, size_t i)
{
    const td_file_kind kinds[] = { { files[i].begin, files[i].within },
                                   { NULL, NULL } };
    if (!files[i].text && is_link(path))
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
    for (size_t i = 0; status == TD_OK && i < FILES; i++) {
        char *path = td_format("%s/%s", study->out, files[i].name);
        status = check_output(path, i);
        td_free(path);
    }
    return status;
}

static td_status write_file(const td_study *study, const td_study_result *results,
                            size_t i)
{
    char *path = td_format("%s/%s", study->out, files[i].name);
    char *text = files[i].text(study, results);
    td_file_part whole = { text, strlen(text) };
    td_status status = td_file_replace(path, &whole, 1, NULL);
    if (status == TD_OK)
        td_log(TD_LOG_INFO, "%s", path);
    td_free(text);
    td_free(path);
    return status;
}

/* A convenience: whoever has no gnuplot here draws elsewhere. */
static void draw(const td_study *study)
{
    char *const words[] = { "gnuplot", "-d", "study.gp", NULL };
    if (td_signals_stop())
        return; /* who was stopped starts nothing more */
    char *err = td_format("%s/study.gp.err", study->out);
    td_child_end end = td_child_run(words, "/dev/null", err, study->out);
    if (end.code == 0)
        td_log(TD_LOG_INFO, "%s/study.svg", study->out);
    else if (end.absent)
        td_log(TD_LOG_NOTE, "gnuplot is not installed: it would draw %s/study.gp",
               study->out);
    else {
        char *words_of_it = td_study_last_words(err);
        td_log(TD_LOG_WARNING, "gnuplot could not draw %s/study.gp: %s", study->out,
               words_of_it);
        td_free(words_of_it);
    }
    td_free(err);
}

td_status td_study_collect(const td_study *study)
{
    int cells = td_study_cell_count(study);
    TD_ASSERT(cells > 0 && study->out);
    td_study_result *results = td_malloc((size_t) cells * sizeof *results);
    td_status status = td_study_check_folder(study);
    if (status == TD_OK)
        status = td_study_check_outputs(study);
    for (int i = 0; i < cells; i++)
        results[i] = td_study_result_read(study, td_study_cell_at(study, i));
    for (size_t i = 0; status == TD_OK && files[i].text; i++)
        status = write_file(study, results, i);
    if (status == TD_OK)
        draw(study);
    for (int i = 0; i < cells; i++)
        td_study_result_clear(&results[i]);
    td_free(results);
    return status;
}
