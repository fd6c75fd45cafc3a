/* Means and deviations over seeds. */
#include <math.h>

#include "internal.h"

/* Two passes, which sum squares of small differences: one would subtract large
 * numbers. */
td_study_statistics td_study_summarise(const double *values, int n)
{
    td_study_statistics s = { .mean = NAN, .sd = NAN };
    double sum = 0.0, squares = 0.0;
    TD_ASSERT(n >= 0);
    for (int i = 0; i < n; i++)
        if (!isnan(values[i])) {
            sum += values[i];
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

td_study_statistics td_study_over_seeds(const td_study *study,
                                        const td_study_result *results, int method,
                                        int imbalance, td_study_measure measure)
{
    double values[TD_STUDY_LIST];
    TD_ASSERT(measure < TD_STUDY_MEASURES && study->seed_count <= TD_STUDY_LIST);
    for (int seed = 0; seed < study->seed_count; seed++) {
        td_grid_point point = { method, imbalance, seed };
        values[seed] = td_study_result_of(study, results, point)->value[measure];
    }
    return td_study_summarise(values, study->seed_count);
}
