/* What measures are called in CSV, and how their figures are written. */
#include <math.h>

#include "internal.h"

static const char *const names[TD_STUDY_MEASURES] = {
    [TD_STUDY_VALID_TOP1] = "valid_top1",
    [TD_STUDY_VALID_BALANCED] = "valid_balanced",
    [TD_STUDY_TEST_TOP1] = "test_top1",
    [TD_STUDY_TEST_BALANCED] = "test_balanced",
    [TD_STUDY_TEST_MANY] = "test_many",
    [TD_STUDY_TEST_MEDIUM] = "test_medium",
    [TD_STUDY_TEST_FEW] = "test_few",
    [TD_STUDY_TEST_ECE] = "test_ece",
    [TD_STUDY_TEST_RANGE_MANY] = "test_range_many",
    [TD_STUDY_TEST_RANGE_MEDIUM] = "test_range_medium",
    [TD_STUDY_TEST_RANGE_FEW] = "test_range_few",
    [TD_STUDY_SKIPS] = "skip_count_normal",
    [TD_STUDY_ALPHA_CHANGE] = "alpha_change",
    [TD_STUDY_SEARCH_IMAGES] = "search_images",
    [TD_STUDY_SEARCH_MINUTES] = "search_minutes",
    [TD_STUDY_TRAIN_IMAGES] = "train_images",
    [TD_STUDY_TRAIN_MINUTES] = "train_minutes",
};

const char *td_study_measure_name(td_study_measure measure)
{
    TD_ASSERT(measure < TD_STUDY_MEASURES);
    return names[measure];
}

void td_study_write_number(td_text *text, double value)
{
    if (!isnan(value))
        td_text_write(text, "%.9g", value);
}
