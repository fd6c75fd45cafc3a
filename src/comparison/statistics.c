/* Means, deviations and ranges, over the trainings of a point and over seeds. */
#include <math.h>

#include "internal.h"

/* Two passes, which sum squares of small differences: one would subtract large
 * numbers. */
td_study_statistics td_study_summarise(const double *values, int n)
{
    td_study_statistics s = { .mean = NAN, .sd = NAN, .low = NAN, .high = NAN };
    double sum = 0.0, squares = 0.0;
    TD_ASSERT(n >= 0);
    for (int i = 0; i < n; i++)
        if (!isnan(values[i])) {
            sum += values[i];
            s.low = fmin(s.low, values[i]); /* of NaN and a number, the number */
            s.high = fmax(s.high, values[i]);
            s.n++;
        }
    if (s.n > 0)
        s.mean = sum / s.n;
    for (int i = 0; i < n; i++)
        if (!isnan(values[i]))
            squares += (values[i] - s.mean) * (values[i] - s.mean);
    if (s.n > 1)
        s.sd = sqrt(squares / (s.n - 1));
    return s;
}

/* ---- over seeds -------------------------------------------------------------- */

double td_study_value(const td_study *study, const td_study_result *results,
                      td_grid_point point, td_study_measure measure)
{
    TD_ASSERT(measure < TD_STUDY_MEASURES);
    return td_study_result_of(study, results, point)->value[measure];
}

td_study_statistics td_study_over_seeds(const td_study *study,
                                        const td_study_result *results,
                                        td_grid_point point, td_study_measure measure)
{
    double values[TD_STUDY_LIST];
    TD_ASSERT(study->seed_count <= TD_STUDY_LIST);
    for (point.seed = 0; point.seed < study->seed_count; point.seed++)
        values[point.seed] = td_study_value(study, results, point, measure);
    return td_study_summarise(values, study->seed_count);
}

td_study_statistics td_study_validation(const td_study *study,
                                        const td_study_result *results,
                                        td_grid_point point, int epoch)
{
    double values[TD_STUDY_LIST];
    TD_ASSERT(epoch >= 0 && study->seed_count <= TD_STUDY_LIST);
    for (point.seed = 0; point.seed < study->seed_count; point.seed++) {
        const td_study_result *result = td_study_result_of(study, results, point);
        values[point.seed] = epoch < result->epochs ? result->balanced[epoch] : NAN;
    }
    return td_study_summarise(values, study->seed_count);
}

/* ---- repeats and sets of train.grid ------------------------------------------ */

static double tested(const td_study_training *training)
{
    return training->value[TD_STUDY_TEST_BALANCED];
}

static double held_out(const td_study_training *training)
{
    return training->held_out;
}

/* A figure of the repeats of a set; NaN where it is not known. */
static td_study_statistics over_repeats(const td_study *study,
                                        const td_study_result *result, int set,
                                        double (*figure)(const td_study_training *))
{
    double values[TD_STUDY_TRAININGS];
    for (int repeat = 0; repeat < study->repeats; repeat++) {
        int number = set * study->repeats + repeat;
        values[repeat] = result->trainings ? figure(&result->trainings[number]) : NAN;
    }
    return td_study_summarise(values, study->repeats);
}

double td_study_repeat_sd(const td_study *study, const td_study_result *results,
                          td_grid_point point)
{
    double squares = 0.0;
    int freedom = 0;
    for (point.seed = 0; point.seed < study->seed_count; point.seed++)
        for (int set = 0; set < td_study_set_count(study); set++) {
            td_study_statistics s = over_repeats(
                study, td_study_result_of(study, results, point), set, tested);
            if (s.n > 1) {
                squares += (s.n - 1) * s.sd * s.sd;
                freedom += s.n - 1;
            }
        }
    return freedom > 0 ? sqrt(squares / freedom) : NAN;
}

/* The mean over seeds and repeats; NaN where any is unknown. */
static double mean_of_set(const td_study *study, const td_study_result *results,
                          td_grid_point point, int set,
                          double (*figure)(const td_study_training *))
{
    double sum = 0.0;
    for (point.seed = 0; point.seed < study->seed_count; point.seed++) {
        td_study_statistics s =
            over_repeats(study, td_study_result_of(study, results, point), set, figure);
        sum += s.n == study->repeats ? s.mean : NAN;
    }
    return sum / study->seed_count;
}

double td_study_best_set(const td_study *study, const td_study_result *results,
                         td_grid_point point, int *best)
{
    double most = NAN;
    *best = -1;
    for (int set = 0; set < td_study_set_count(study); set++) {
        double value = mean_of_set(study, results, point, set, held_out);
        if (!isnan(value) && !(value <= most)) {
            most = value;
            *best = set;
        }
    }
    return *best < 0 ? NAN : mean_of_set(study, results, point, *best, tested);
}
