/* The trainings of a point, and their means. */
#include <math.h>

#include "internal.h"

void td_study_clear_values(double *values)
{
    for (int m = 0; m < TD_STUDY_MEASURES; m++)
        values[m] = NAN;
}

bool td_study_is_of_training(td_study_measure measure)
{
    return (measure >= TD_STUDY_TEST_TOP1 && measure <= TD_STUDY_TEST_RANGE_FEW) ||
           measure == TD_STUDY_TRAIN_IMAGES || measure == TD_STUDY_TRAIN_MINUTES;
}

static double mean_over(const td_study_training *trainings, int count,
                        td_study_measure measure)
{
    double sum = 0.0;
    for (int i = 0; i < count; i++)
        sum += trainings[i].value[measure];
    return sum / count;
}

void td_study_average(td_study_result *result, const td_study *study)
{
    TD_ASSERT(result->trainings);
    int count = td_study_training_count(study);
    for (int m = 0; m < TD_STUDY_MEASURES; m++) {
        td_study_measure measure = (td_study_measure) m;
        bool is_test = measure <= TD_STUDY_TEST_RANGE_FEW;
        if (td_study_is_of_training(measure) &&
            result->done[is_test ? TD_STUDY_EVAL : TD_STUDY_TRAIN])
            result->value[m] = mean_over(result->trainings, count, measure);
    }
}
