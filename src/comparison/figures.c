/* What measures are called, in CSV and by people, and how their figures are written. */
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

static const struct {
    const char *title;
    int decimals;
} forms[TD_STUDY_MEASURES] = {
    [TD_STUDY_VALID_TOP1] = { "search: top-1", 3 },
    [TD_STUDY_VALID_BALANCED] = { "search: balanced", 3 },
    [TD_STUDY_TEST_TOP1] = { "test: top-1", 3 },
    [TD_STUDY_TEST_BALANCED] = { "test: balanced", 3 },
    [TD_STUDY_TEST_MANY] = { "many", 3 },
    [TD_STUDY_TEST_MEDIUM] = { "medium", 3 },
    [TD_STUDY_TEST_FEW] = { "few", 3 },
    [TD_STUDY_TEST_ECE] = { "ece", 3 },
    [TD_STUDY_TEST_RANGE_MANY] = { "first third", 3 },
    [TD_STUDY_TEST_RANGE_MEDIUM] = { "middle third", 3 },
    [TD_STUDY_TEST_RANGE_FEW] = { "last third", 3 },
    [TD_STUDY_SKIPS] = { "skips", 1 },
    [TD_STUDY_ALPHA_CHANGE] = { "alpha change", 3 },
    [TD_STUDY_SEARCH_IMAGES] = { "search images", 0 },
    [TD_STUDY_SEARCH_MINUTES] = { "search minutes", 1 },
    [TD_STUDY_TRAIN_IMAGES] = { "train images", 0 },
    [TD_STUDY_TRAIN_MINUTES] = { "train minutes", 1 },
};

const char *td_study_measure_name(td_study_measure measure)
{
    TD_ASSERT(measure < TD_STUDY_MEASURES);
    return names[measure];
}

const char *td_study_measure_title(td_study_measure measure)
{
    TD_ASSERT(measure < TD_STUDY_MEASURES);
    return forms[measure].title;
}

int td_study_measure_decimals(td_study_measure measure)
{
    TD_ASSERT(measure < TD_STUDY_MEASURES);
    return forms[measure].decimals;
}

void td_study_write_number(td_text *text, double value)
{
    if (!isnan(value))
        td_text_write(text, "%.9g", value);
}
