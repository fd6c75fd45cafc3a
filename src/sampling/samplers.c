/* The samplers without a parameter, and the table of all samplers. */
#include "samplers.h"

#include <math.h>

#include "taildart/sampling_stream.h"

double td_sampler_instance(double n, const td_sampler_view *view)
{
    (void) view;
    return n;
}

double td_sampler_class_balanced(double n, const td_sampler_view *view)
{
    (void) n;
    (void) view;
    return 1.0;
}

double td_sampler_square_root(double n, const td_sampler_view *view)
{
    (void) view;
    return sqrt(n);
}

/* Zhou et al. 2020 (BBN), section 4.2. */
double td_sampler_reversed(double n, const td_sampler_view *view)
{
    return view->n_max / n;
}

#define ROW(NAME, function, word) td_sampler_##function,
static td_sampler *const table[] = { TD_SAMPLERS(ROW) };
#undef ROW

static td_sampler_view view_of(const int64_t *counts, int classes, double passed)
{
    td_sampler_view view = { .passed = passed };
    for (int c = 0; c < classes; c++) {
        view.n_max = fmax(view.n_max, (double) counts[c]);
        view.n_all += (double) counts[c];
        view.classes += counts[c] > 0;
    }
    TD_ASSERT(view.n_max > 0.0 && passed >= 0.0 && passed <= 1.0);
    return view;
}

void td_sampler_probabilities(td_sampler_kind kind, const int64_t *counts, int classes,
                              double passed, double *p)
{
    double sum = 0.0;
    TD_ASSERT(classes > 0 && kind >= 0 && kind < TD_SAMPLER_COUNT);
    td_sampler_view view = view_of(counts, classes, passed);
    for (int c = 0; c < classes; c++) {
        p[c] = counts[c] > 0 ? table[kind]((double) counts[c], &view) : 0.0;
        sum += p[c];
    }
    for (int c = 0; c < classes; c++)
        p[c] /= sum;
}
