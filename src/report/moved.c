/* What of an architecture has hardly moved: a sentence, since a picture of it shows
 * nothing. */
#include "chart.h"
#include "heatmap.h"

#include <math.h>

double td_most_entropy(const td_report_run *run)
{
    const td_search_state *state = &run->checkpoint->state;
    int most = 0;
    if (state->edges == 0)
        return 0;
    td_timeline t = td_timeline_of(run->checkpoint);
    for (int m = 0; m < t.count; m++)
        for (int e = 0; e < 2 * state->edges; e++) {
            int count = 0;
            for (int k = 0; k < TD_NUM_OPS; k++)
                count += td_moment_has(&t.moments[m], e, k);
            most = count > most ? count : most;
        }
    td_timeline_clear(&t);
    return most > 1 ? log(most) : 0;
}

/* By how much the lines of a run have moved; NaN where there are not two epochs. */
static double moved_by(const td_report_run *run, const td_chart *chart)
{
    double moved = NAN, low, high;
    for (int i = 0; i < td_chart_line_count(chart) && run->row_count > 1; i++) {
        td_chart_range(run, &chart->lines[i], &low, &high);
        moved = fmax(moved, high - low);
    }
    return moved;
}

char *td_entropy_moved(const td_runs *runs, const td_chart *chart, double most)
{
    td_text text = { 0 };
    double largest = 0;
    int count = 0;
    td_text_write(&text, "%s", "");
    for (int r = 0; r < runs->count; r++) {
        double moved = moved_by(runs->runs[r], chart);
        if (!(moved < most * TD_HARDLY))
            continue;
        td_text_write(&text, count++ > 0 ? ", " : "<p class=\"moved\">Hardly moved: ");
        td_html_escape(&text, runs->names[r]);
        largest = fmax(largest, moved);
    }
    if (count > 0)
        td_text_write(&text, " (by no more than %.2g of %.4g nats).</p>\n", largest,
                      most);
    return text.chars;
}

/* The largest change of a weight since the first moment that is known. */
static double largest_change(const td_search_state *state, const td_timeline *t)
{
    double largest = 0;
    for (int m = 1; m < t->count; m++)
        for (int e = 0; e < 2 * state->edges; e++) {
            double before[TD_NUM_OPS], now[TD_NUM_OPS];
            td_moment_strength(state, &t->moments[0], e, before);
            td_moment_strength(state, &t->moments[m], e, now);
            for (int k = 0; k < TD_NUM_OPS; k++)
                if (td_moment_has(&t->moments[0], e, k) &&
                    td_moment_has(&t->moments[m], e, k))
                    largest = fmax(largest, fabs(now[k] - before[k]));
        }
    return largest;
}

void td_weights_moved(td_text *text, const td_search_state *state, const td_timeline *t)
{
    double even, largest = largest_change(state, t);
    td_search_state_strongest(state, &even);
    if (t->count > 1 && largest < even * TD_HARDLY)
        td_text_write(text,
                      "<p class=\"moved\">They have hardly moved: none has changed by "
                      "more than %.2g, where undecided is %.3g; differences as small "
                      "decide what the cell takes.</p>\n",
                      largest, even);
}
