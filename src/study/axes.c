/* Settings of a study: one for each way to choose of every axis. */
#include "internal.h"
#include "taildart/base_text.h"

int td_study_setting_count(const td_study *study)
{
    int count = 1;
    for (int axis = 0; axis < study->axis_count; axis++)
        count *= study->axes[axis].count;
    return count;
}

const td_study_choice *td_study_choice_of(const td_study *study, int setting, int axis)
{
    TD_ASSERT(axis >= 0 && axis < study->axis_count);
    TD_ASSERT(setting >= 0 && setting < td_study_setting_count(study));
    for (int faster = study->axis_count - 1; faster > axis; faster--)
        setting /= study->axes[faster].count;
    return &study->axes[axis].choice[setting % study->axes[axis].count];
}

char *td_study_setting_name(const td_study *study, int setting)
{
    td_text text = { 0 };
    td_text_write(&text, "%s", "");
    for (int axis = 0; axis < study->axis_count; axis++)
        td_text_write(&text, "%s%s", axis ? "/" : "",
                      td_study_choice_of(study, setting, axis)->name);
    return text.chars;
}

const char *td_study_data_of(const td_study *study, int setting)
{
    for (int axis = 0; axis < study->axis_count; axis++)
        if (td_study_choice_of(study, setting, axis)->data)
            return td_study_choice_of(study, setting, axis)->data;
    return study->data;
}

const td_study_lengths *td_study_lengths_of(const td_study *study, td_grid_point point)
{
    TD_ASSERT(study->lengths && point.method < study->method_count);
    TD_ASSERT(point.setting < td_study_setting_count(study));
    return &study->lengths[point.setting * study->method_count + point.method];
}
