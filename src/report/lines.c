/* A chart of one run: metrics as lines over epochs. */
#include "chart.h"

#include <math.h>
#include <string.h>

/* ---- numbers --------------------------------------------------------------------- */

static double read_value(const td_metrics *row, const td_chart_line *l)
{
    double value;
    TD_ASSERT(l->offset + sizeof value <= sizeof *row);
    memcpy(&value, (const char *) row + l->offset, sizeof value);
    return value;
}

/* Values above are not drawn: they come from a broken file or a diverged run, and would
 * flatten all others. */
static const double MOST_DRAWN = 1e30;

/* The value of a line, NaN where it is not drawn. */
static double value_of(const td_metrics *row, const td_chart_line *l)
{
    double value = read_value(row, l);
    return fabs(value) <= MOST_DRAWN ? value : NAN;
}

static int count_not_drawn(const td_report_run *run, const td_chart_line *l)
{
    int count = 0;
    for (int i = 0; i < run->row_count; i++)
        count += fabs(read_value(&run->rows[i], l)) > MOST_DRAWN;
    return count;
}

int td_chart_line_count(const td_chart *c)
{
    int count = 0;
    while (count < TD_CHART_LINES && c->lines[count].name)
        count++;
    return count;
}

bool td_chart_run_has(const td_report_run *run, const td_chart_line *l)
{
    for (int i = 0; i < run->row_count; i++)
        if (isfinite(value_of(&run->rows[i], l)))
            return true;
    return false;
}

static void widen(double *low, double *high, const td_report_run *run,
                  const td_chart_line *l)
{
    for (int i = 0; i < run->row_count; i++) {
        double value = value_of(&run->rows[i], l);
        if (!isfinite(value))
            continue;
        *low = fmin(*low, value); /* of NaN and a number, the number */
        *high = fmax(*high, value);
    }
}

/* One scale for all runs. */
static td_axis value_axis(const td_chart *c, const td_runs *runs)
{
    double low = NAN, high = NAN;
    for (int r = 0; r < runs->count; r++)
        for (int i = 0; i < td_chart_line_count(c); i++)
            widen(&low, &high, runs->runs[r], &c->lines[i]);
    low = isfinite(c->low) && !(low < c->low) ? c->low : low;
    high = isfinite(c->high) && !(high > c->high) ? c->high : high;
    return td_axis_fit(low, high, c->height < 200 ? 5 : 7);
}

static td_axis epoch_axis(const td_runs *runs)
{
    int last = 0;
    for (int r = 0; r < runs->count; r++) {
        const td_report_run *run = runs->runs[r];
        for (int i = 0; i < run->row_count; i++)
            last = run->rows[i].epoch + 1 > last ? run->rows[i].epoch + 1 : last;
    }
    return td_axis_epochs(last, 8);
}

/* ---- drawing --------------------------------------------------------------------- */

/* A chart of one run being drawn. */
typedef struct {
    td_frame frame;
    const td_chart *chart;
    td_axis epochs;
} drawing;

static double x_of(const drawing *d, double epoch)
{
    return TD_FRAME_LEFT + td_axis_share(&d->epochs, epoch) * TD_FRAME_WIDTH;
}

static void draw_epoch_ticks(const drawing *d)
{
    int bottom = td_frame_bottom(&d->frame);
    for (int i = 0; i < d->epochs.ticks; i++) {
        double tick = td_axis_tick(&d->epochs, i), x = x_of(d, tick);
        if (tick < 1)
            continue;
        td_text_write(d->frame.text,
                      "<path class=\"tick\" d=\"M%.1f %dv4\"/><text x=\"%.1f\" "
                      "y=\"%d\" text-anchor=\"middle\">%.6g</text>\n",
                      x, bottom, x, bottom + 17, tick);
    }
    td_text_write(d->frame.text, "<path class=\"tick\" d=\"M%d %dH%d\"/>",
                  TD_FRAME_LEFT, bottom, TD_FRAME_RIGHT);
    td_frame_caption(&d->frame, "epoch");
}

/* A line before the first epoch of each stage that a search has entered. */
static void draw_stages(const drawing *d, const td_report_run *run)
{
    int last = run->row_count > 0 ? run->rows[run->row_count - 1].epoch : -1;
    for (int n = 1; n < run->stage_count; n++) {
        const td_search_stage *stage = &run->stages[n];
        if (stage->first > last)
            return;
        td_text_write(d->frame.text,
                      "<path class=\"stage\" d=\"M%.1f %dV%d\"><title>stage %d begins "
                      "with epoch %d: %d cells, %d %s an edge</title></path>\n",
                      x_of(d, stage->first + 0.5), d->frame.top,
                      td_frame_bottom(&d->frame), n + 1, stage->first + 1, stage->cells,
                      stage->keep, td_noun(stage->keep, "operation", "operations"));
    }
}

/* The same before the first epoch in which weights alone learn. */
static void draw_projection(const drawing *d, const td_report_run *run)
{
    int last = run->row_count > 0 ? run->rows[run->row_count - 1].epoch : -1;
    if (run->alpha_epochs > 0 && run->alpha_epochs <= last)
        td_text_write(d->frame.text,
                      "<path class=\"stage\" d=\"M%.1f %dV%d\"><title>projection "
                      "begins behind epoch %d</title></path>\n",
                      x_of(d, run->alpha_epochs + 0.5), d->frame.top,
                      td_frame_bottom(&d->frame), run->alpha_epochs);
}

/* Draw the path through all values, interrupted where one is missing. */
static void draw_path(const drawing *d, const td_report_run *run,
                      const td_chart_line *l)
{
    bool is_drawing = false;
    td_text_write(d->frame.text, "<path class=\"line l%d\" d=\"", l->style);
    for (int i = 0; i < run->row_count; i++) {
        double value = value_of(&run->rows[i], l);
        if (isfinite(value))
            td_text_write(d->frame.text, "%c%.1f %.1f", is_drawing ? 'L' : 'M',
                          x_of(d, run->rows[i].epoch + 1),
                          td_frame_y(&d->frame, value));
        is_drawing = isfinite(value);
    }
    td_text_write(d->frame.text, "\"/>\n");
}

/* Draw points, whose titles have the exact numbers; with many epochs they are
 * invisible. */
static void draw_points(const drawing *d, const td_report_run *run,
                        const td_chart_line *l)
{
    double radius = run->row_count <= 40 ? 2.6 : 1.5;
    for (int i = 0; i < run->row_count; i++) {
        double value = value_of(&run->rows[i], l);
        if (!isfinite(value))
            continue;
        td_text_write(d->frame.text,
                      "<circle class=\"p%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\">"
                      "<title>%s, epoch %d: %.6g</title></circle>\n",
                      l->style, x_of(d, run->rows[i].epoch + 1),
                      td_frame_y(&d->frame, value), radius, l->name,
                      run->rows[i].epoch + 1, value);
    }
}

static void draw_lines(const drawing *d, const td_report_run *run)
{
    int drawn = 0, beyond = 0;
    for (int i = 0; i < td_chart_line_count(d->chart); i++) {
        const td_chart_line *l = &d->chart->lines[i];
        beyond += count_not_drawn(run, l);
        if (!td_chart_run_has(run, l))
            continue;
        draw_path(d, run, l);
        draw_points(d, run, l);
        drawn++;
    }
    if (beyond > 0)
        td_text_write(d->frame.text,
                      "<text class=\"none\" x=\"%d\" y=\"13\" text-anchor=\"end\">"
                      "%d values are not drawn: infinite or above 1e30</text>\n",
                      TD_FRAME_RIGHT, beyond);
    else if (drawn == 0)
        td_text_write(d->frame.text,
                      "<text class=\"none\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">"
                      "%s</text>\n",
                      (TD_FRAME_LEFT + TD_FRAME_RIGHT) / 2, d->chart->height / 2,
                      run->row_count > 0 ? "not part of this run"
                                         : "no epoch has ended yet");
}

void td_chart_draw(td_text *text, const td_chart *chart, const td_runs *runs, int run)
{
    TD_ASSERT(run >= 0 && run < runs->count && td_chart_line_count(chart) > 0);
    enum { TOP = 24 };
    drawing d = {
        .frame = { text, chart->height, TOP, value_axis(chart, runs) },
        .chart = chart,
        .epochs = epoch_axis(runs),
    };
    char *title = td_format("%s over epochs", chart->unit);
    td_frame_begin(&d.frame, title, chart->unit);
    td_frame_values(&d.frame, 6);
    draw_epoch_ticks(&d);
    draw_stages(&d, runs->runs[run]);
    draw_projection(&d, runs->runs[run]);
    draw_lines(&d, runs->runs[run]);
    td_frame_end(&d.frame);
    td_free(title);
}
