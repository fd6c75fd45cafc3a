/* The grid: its points, their folders, the selection of points to run. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "taildart/base_number.h"
#include "taildart/config_nearest.h"

int td_grid_point_count(const td_study *study)
{
    return study->seed_count * study->imbalance_count * td_study_setting_count(study) *
           study->method_count;
}

td_grid_point td_grid_point_at(const td_study *study, int index)
{
    TD_ASSERT(index >= 0 && index < td_grid_point_count(study));
    td_grid_point point;
    point.method = index % study->method_count;
    index /= study->method_count;
    point.setting = index % td_study_setting_count(study);
    index /= td_study_setting_count(study);
    point.imbalance = index % study->imbalance_count;
    point.seed = index / study->imbalance_count;
    return point;
}

const td_study_result *td_study_result_of(const td_study *study,
                                          const td_study_result *results,
                                          td_grid_point point)
{
    TD_ASSERT(point.imbalance < study->imbalance_count);
    TD_ASSERT(point.method < study->method_count && point.seed < study->seed_count);
    int row = point.seed * study->imbalance_count + point.imbalance;
    row = row * td_study_setting_count(study) + point.setting;
    return &results[row * study->method_count + point.method];
}

char *td_grid_point_name(const td_study *study, td_grid_point point)
{
    TD_ASSERT(point.imbalance < study->imbalance_count);
    TD_ASSERT(point.method < study->method_count && point.seed < study->seed_count);
    char *setting = td_study_setting_name(study, point.setting);
    void *before = td_numbers_plain();
    char *name = td_format(TD_STUDY_IMBALANCE "%g/%s%s%s/seed-%lld",
                           study->imbalances[point.imbalance], setting,
                           setting[0] ? "/" : "", study->methods[point.method].name,
                           (long long) study->seeds[point.seed]);
    td_numbers_restore(before);
    td_free(setting);
    return name;
}

char *td_study_imbalance_text(const td_study *study, td_grid_point point)
{
    void *before = td_numbers_plain();
    char *text = td_format("%.17g", study->imbalances[point.imbalance]);
    td_numbers_restore(before);
    return text;
}

char *td_study_path(const td_study *study, td_grid_point point, const char *name)
{
    char *folder = td_grid_point_name(study, point);
    char *path = td_format("%s/%s%s%s", study->out, folder, name[0] ? "/" : "", name);
    td_free(folder);
    return path;
}

/* ---- selection --------------------------------------------------------------- */

static bool read_count(const char *text, char end, int *out, const char **rest)
{
    char *stop;
    errno = 0;
    long value = strtol(text, &stop, 10);
    *out = (int) value;
    *rest = stop + 1;
    return errno == 0 && stop != text && *stop == end && value >= 1 && value <= 1000000;
}

td_status td_study_selection_read(td_study_selection *selection, const char *text)
{
    const char *rest = text;
    if (read_count(text, '/', &selection->share, &rest) &&
        read_count(rest, '\0', &selection->shares, &rest) &&
        selection->share <= selection->shares)
        return TD_OK;
    return td_error(TD_USAGE,
                    "--task: found \"%s\"; accepted: I/N with I from 1 to N, as 3/8",
                    text);
}

static td_status find_method(const td_study *study, const char *name, int *method)
{
    const char *names[TD_STUDY_LIST];
    TD_ASSERT(study->method_count > 0);
    for (int i = 0; i < study->method_count; i++) {
        names[i] = study->methods[i].name;
        *method = i;
        if (strcmp(names[i], name) == 0)
            return TD_OK;
    }
    return td_refuse_word(TD_USAGE, name, names, study->method_count,
                          "--only: no method is called \"%s\"", name);
}

/* Choose the methods of a comma-separated list. */
static td_status choose(const td_study *study, const char *only, bool *wanted)
{
    td_status status = TD_OK;
    for (int i = 0; i < study->method_count; i++)
        wanted[i] = only == NULL;
    while (status == TD_OK && only) {
        size_t length = strcspn(only, ",");
        char *name = td_format("%.*s", (int) length, only);
        int method = 0;
        status = find_method(study, name, &method);
        wanted[method] = true;
        td_free(name);
        only = only[length] ? only + length + 1 : NULL;
    }
    return status;
}

static bool is_selected(const td_study *study, td_grid_point point, const bool *wanted)
{
    return wanted[point.method] && !td_study_is_excluded(study, point);
}

td_status td_study_select(const td_study *study, const td_study_selection *selection,
                          int *points, int *count)
{
    bool wanted[TD_STUDY_LIST] = { false };
    int seen = 0;
    td_status status = choose(study, selection->only, wanted);
    TD_ASSERT(selection->share >= 1 && selection->share <= selection->shares);
    *count = 0;
    for (int i = 0; status == TD_OK && i < td_grid_point_count(study); i++)
        if (is_selected(study, td_grid_point_at(study, i), wanted) &&
            seen++ % selection->shares == selection->share - 1)
            points[(*count)++] = i;
    return status;
}
