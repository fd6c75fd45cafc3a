/* The numbers of charts. */
#include "chart.h"
#include "panels.h"

#include <math.h>

int td_chart_line_count(const td_chart *c)
{
    int count = 0;
    while (count < TD_CHART_LINES && c->lines[count].name)
        count++;
    return count;
}

static double read_value(const td_metrics *row, const td_chart_line *l)
{
    double value = td_column_value(row, l->column);
    return l->is_rest ? 1 - value : value;
}

/* Values above are not drawn: they come from a broken file or a diverged run, and would
 * flatten all others. */
static const double MOST_DRAWN = 1e30;

double td_chart_value(const td_metrics *row, const td_chart_line *l)
{
    double value = read_value(row, l);
    return fabs(value) <= MOST_DRAWN ? value : NAN;
}

int td_chart_beyond(const td_report_run *run, const td_chart_line *l)
{
    int count = 0;
    for (int i = 0; i < run->row_count; i++)
        count += fabs(read_value(&run->rows[i], l)) > MOST_DRAWN;
    return count;
}

bool td_chart_run_has(const td_report_run *run, const td_chart_line *l)
{
    double low, high;
    td_chart_range(run, l, &low, &high);
    return isfinite(low);
}

void td_chart_range(const td_report_run *run, const td_chart_line *l, double *low,
                    double *high)
{
    *low = *high = NAN;
    for (int i = 0; i < run->row_count; i++) {
        double value = td_chart_value(&run->rows[i], l);
        *low = fmin(*low, value); /* of NaN and a number, the number */
        *high = fmax(*high, value);
    }
}

td_axis td_chart_value_axis(const td_chart *c, const td_runs *runs)
{
    double low = NAN, high = NAN;
    for (int r = 0; r < runs->count; r++)
        for (int i = 0; i < td_chart_line_count(c); i++) {
            double least, most;
            td_chart_range(runs->runs[r], &c->lines[i], &least, &most);
            low = fmin(low, least);
            high = fmax(high, most);
        }
    low = isfinite(c->low) && !(low < c->low) ? c->low : low;
    high = isfinite(c->high) && !(high > c->high) ? c->high : high;
    if (high - low < c->span) {
        double middle = (low + high) / 2;
        low = middle - c->span / 2;
        high = middle + c->span / 2;
    }
    return td_axis_fit(low, high, c->height < 200 ? 5 : 7);
}

td_axis td_chart_epoch_axis(const td_runs *runs)
{
    int last = 0;
    for (int r = 0; r < runs->count; r++) {
        const td_report_run *run = runs->runs[r];
        for (int i = 0; i < run->row_count; i++)
            last = run->rows[i].epoch + 1 > last ? run->rows[i].epoch + 1 : last;
    }
    return td_axis_epochs(last, 8);
}
