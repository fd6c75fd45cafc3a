/* The steps of a point: its search, then each of its trainings with its test.  The
 * first training has the plain names, so that a study to which repeats are added keeps
 * what it has. */
#include <ctype.h>
#include <string.h>

#include "internal.h"
#include "taildart/base_text.h"

static const char *const stage_names[TD_STUDY_STAGES] = { "search", "train", "eval" };

/* ---- trainings --------------------------------------------------------------- */

int td_study_set_count(const td_study *study)
{
    int count = 1;
    for (int key = 0; key < study->grid_count; key++)
        count *= study->grid[key].count;
    return count;
}

int td_study_training_count(const td_study *study)
{
    TD_ASSERT(study->repeats >= 1);
    return study->repeats * td_study_set_count(study);
}

int td_study_set_of(const td_study *study, int training)
{
    TD_ASSERT(training >= 0 && training < td_study_training_count(study));
    return training / study->repeats;
}

int td_study_repeat_of(const td_study *study, int training)
{
    TD_ASSERT(training >= 0 && training < td_study_training_count(study));
    return training % study->repeats;
}

const char *td_study_grid_value(const td_study *study, int set, int key)
{
    TD_ASSERT(key >= 0 && key < study->grid_count);
    for (int faster = study->grid_count - 1; faster > key; faster--)
        set /= study->grid[faster].count;
    return study->grid[key].value[set % study->grid[key].count];
}

char *td_study_set_name(const td_study *study, int set)
{
    td_text text = { 0 };
    td_text_write(&text, "%s", "");
    for (int key = 0; key < study->grid_count; key++)
        td_text_write(&text, "%s%s=%s", key ? " " : "", study->grid[key].key,
                      td_study_grid_value(study, set, key));
    return text.chars;
}

int64_t td_study_seed_of(const td_study *study, td_grid_point point, td_study_step step)
{
    int repeat =
        step.stage == TD_STUDY_TRAIN ? td_study_repeat_of(study, step.training) : 0;
    return study->seeds[point.seed] + (int64_t) TD_STUDY_BETWEEN_REPEATS * repeat;
}

/* ---- steps ------------------------------------------------------------------- */

int td_study_step_count(const td_study *study)
{
    return 1 + 2 * td_study_training_count(study);
}

td_study_step td_study_step_at(const td_study *study, int index)
{
    TD_ASSERT(index >= 0 && index < td_study_step_count(study));
    if (index == 0)
        return (td_study_step){ TD_STUDY_SEARCH, 0 };
    return (td_study_step){ index % 2 ? TD_STUDY_TRAIN : TD_STUDY_EVAL,
                            (index - 1) / 2 };
}

/* "weights.decay=0.01-weights.lr.start=0.1": what is no character of a name is `_`. */
static void write_values(td_text *text, const td_study *study, int set)
{
    for (int key = 0; key < study->grid_count; key++) {
        char *value = td_strdup(td_study_grid_value(study, set, key));
        for (char *at = value; *at; at++)
            if (!isalnum((unsigned char) *at) && !strchr("._-", *at))
                *at = '_';
        td_text_write(text, "-%s=%s", study->grid[key].key, value);
        td_free(value);
    }
}

/* "WORD", "WORD-repeat-2", "WORD-weights.decay=0.01-repeat-2": a set goes by its
 * values, since its number changes when the grid grows. */
static char *name_with(const td_study *study, const char *word, int training)
{
    td_text text = { 0 };
    int repeat = td_study_repeat_of(study, training);
    td_text_write(&text, "%s", word);
    write_values(&text, study, td_study_set_of(study, training));
    if (repeat > 0)
        td_text_write(&text, "-repeat-%d", repeat + 1);
    return text.chars;
}

char *td_study_step_name(const td_study *study, td_study_step step)
{
    if (step.stage == TD_STUDY_SEARCH)
        return td_strdup(stage_names[TD_STUDY_SEARCH]);
    return name_with(study, stage_names[step.stage], step.training);
}

char *td_study_run_path(const td_study *study, td_grid_point point, td_study_step step,
                        const char *name)
{
    TD_ASSERT(step.stage != TD_STUDY_EVAL); /* has no folder of its own */
    char *run = td_study_step_name(study, step);
    char *file = td_format("%s%s%s", run, name[0] ? "/" : "", name);
    char *path = td_study_path(study, point, file);
    td_free(file);
    td_free(run);
    return path;
}

char *td_study_test_path(const td_study *study, td_grid_point point, int training)
{
    char *name = name_with(study, "test", training);
    char *file = td_format("%s.csv", name);
    char *path = td_study_path(study, point, file);
    td_free(file);
    td_free(name);
    return path;
}
