/* Checks before the first point of a study starts. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"
#include "taildart/base_file.h"
#include "taildart/comparison.h"
#include "taildart/formats.h"

/* ---- the folder ----------------------------------------------------------------- */

/* Whether \a path is the user's study file, which may lie in the study's folder. */
static bool is_study_file(const td_study *study, const char *path)
{
    struct stat mine, other;
    return stat(study->file, &mine) == 0 && stat(path, &other) == 0 &&
           mine.st_dev == other.st_dev && mine.st_ino == other.st_ino;
}

static bool is_foreign(const char *name, const void *study)
{
    char *path = td_format("%s/%s", ((const td_study *) study)->out, name);
    bool is_own = is_study_file(study, path);
    td_free(path);
    return !is_own;
}

static bool is_of_study(const char *name, const void *unused)
{
    (void) unused;
    return td_study_wrote(name);
}

/* Find a foreign file; NULL when the folder is empty or has a study's files. */
static char *foreign_file_in(const td_study *study, DIR *folder)
{
    char *own = td_file_first_in(folder, is_of_study, NULL);
    bool has_study = own != NULL;
    td_free(own);
    return has_study ? NULL : td_file_first_in(folder, is_foreign, study);
}

td_status td_campaign_check_folder(const td_study *study)
{
    DIR *folder = opendir(study->out);
    if (!folder && errno == ENOENT)
        return TD_OK; /* to be made */
    if (!folder)
        return td_error(TD_FAILED, "%s: out: %s: %s", study->file, study->out,
                        strerror(errno));
    char *found = foreign_file_in(study, folder);
    closedir(folder);
    if (!found)
        return TD_OK;
    td_status status = td_error(TD_USAGE,
                                "%s: holds %s, which is no study's: a study begins in "
                                "a new or empty directory",
                                study->out, found);
    td_error_hint("choose another one with --out");
    td_free(found);
    return status;
}

/* ---- programs ------------------------------------------------------------------- */

static bool is_program(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISREG(about.st_mode) && access(path, X_OK) == 0;
}

/* Whether execvp would find the program. */
static bool is_found(const char *word)
{
    const char *path = getenv("PATH");
    if (strchr(word, '/'))
        return is_program(word);
    for (path = path ? path : "/bin:/usr/bin"; *path;) {
        size_t length = strcspn(path, ":");
        char *file = td_format("%.*s%s%s", (int) length, path, length ? "/" : "", word);
        bool found = is_program(file);
        td_free(file);
        if (found)
            return true;
        path += length + (path[length] == ':');
    }
    return false;
}

static td_status check_program(const td_study *study, const char *key, const char *word)
{
    if (is_found(word))
        return TD_OK;
    td_status status =
        td_error(TD_USAGE, "%s: %s: %s: %s", study->file, key, word,
                 strchr(word, '/') ? "no program that can be started"
                                   : "no program of this name is in the PATH");
    td_error_hint("load its module first, or name another one with --%s", key);
    return status;
}

static td_status check_programs(const td_study *study, const char *program)
{
    char *launcher = td_study_launcher(study);
    td_status status = check_program(study, "program", program);
    if (status == TD_OK && launcher)
        status = check_program(study, "launch", launcher);
    td_free(launcher);
    return status;
}

/* ---- the data ------------------------------------------------------------------- */

/* Each run ends with an eval: without test images all hours before it were in vain. */
static td_status check_parts(const td_study *study, const char *data)
{
    td_data_info info;
    td_status status = td_dataset_inspect(&info, data);
    if (status == TD_OK && info.train_count == 0)
        status = td_error(TD_DATA, "%s: data: %s holds no training images", study->file,
                          data);
    if (status == TD_OK && info.test_count == 0) {
        status = td_error(TD_DATA,
                          "%s: data: %s holds no test images, and a study "
                          "tests every network",
                          study->file, data);
        td_error_hint("a folder with train and test, or a file imported from one, has "
                      "both");
    }
    return status;
}

static td_status check_file(const td_study *study, const char *data)
{
    if (access(data, R_OK) == 0)
        return check_parts(study, data);
    td_status status =
        td_error(TD_DATA, "%s: data: %s: %s", study->file, data, strerror(errno));
    if (data[0] != '/')
        td_error_hint("paths in a study file count from the directory where the study "
                      "is started, not from the file's");
    return status;
}

/* Check each data set once: settings that share it follow each other or not. */
static td_status check_data(const td_study *study)
{
    td_status status = TD_OK;
    for (int setting = 0; status == TD_OK && setting < td_study_setting_count(study);
         setting++) {
        const char *data = td_study_data_of(study, setting);
        int before = 0;
        while (before < setting && strcmp(td_study_data_of(study, before), data) != 0)
            before++;
        if (before == setting)
            status = check_file(study, data);
    }
    return status;
}

/* ---- all of it ------------------------------------------------------------------ */

td_status td_campaign_check_start(const td_study *study, const char *program)
{
    td_status status = check_data(study);
    if (status == TD_OK)
        status = td_campaign_check_folder(study);
    if (status == TD_OK && program)
        status = check_programs(study, program);
    return status == TD_OK ? td_study_check_outputs(study) : status;
}
