/* A panel: metrics as lines over epochs, of one run or of all on one axis. */
#include "chart.h"
#include "panels.h"

#include <math.h>
#include <stdio.h>

enum { MOST_POINTS = 1200 }; /* of a panel; with more, lines have a title each */

/* A panel being drawn. */
typedef struct {
    td_frame frame;
    const td_chart *chart;
    const td_runs *runs;
    td_axis epochs;
    bool has_points;
} drawing;

/* One of its lines. */
typedef struct {
    const td_report_run *run;
    const td_chart_line *line;
    char style[24]; /* classes of the path             */
    char point[8];  /* of its points                   */
    char *name;     /* owned, HTML: what titles call it */
} series;

static double x_of(const drawing *d, double epoch)
{
    return TD_FRAME_LEFT + td_axis_share(&d->epochs, epoch) * TD_FRAME_WIDTH;
}

/* ---- what is behind the lines ---------------------------------------------------- */

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

static void draw_reference(const drawing *d)
{
    double y = td_frame_y(&d->frame, d->chart->reference);
    if (isfinite(d->chart->reference))
        td_text_write(d->frame.text,
                      "<path class=\"stage\" d=\"M%d %.1fH%d\"/><text class=\"none\" "
                      "x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
                      TD_FRAME_LEFT, y, TD_FRAME_RIGHT, TD_FRAME_RIGHT, y - 7,
                      d->chart->word);
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
                      "with epoch %d: %d cells, %d %s per edge</title></path>\n",
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

/* ---- the lines ------------------------------------------------------------------- */

/* Draw the path through all values, interrupted where one is missing. */
static void draw_path(const drawing *d, const series *s)
{
    const td_report_run *run = s->run;
    bool is_drawing = false;
    td_text_write(d->frame.text, "<path class=\"line %s\" d=\"", s->style);
    for (int i = 0; i < run->row_count; i++) {
        double value = td_chart_value(&run->rows[i], s->line);
        if (isfinite(value))
            td_text_write(d->frame.text, "%c%.1f %.1f", is_drawing ? 'L' : 'M',
                          x_of(d, run->rows[i].epoch + 1),
                          td_frame_y(&d->frame, value));
        is_drawing = isfinite(value);
    }
    td_text_write(d->frame.text, "\"><title>%s</title></path>\n", s->name);
}

/* Draw points, whose titles have the exact numbers. */
static void draw_points(const drawing *d, const series *s)
{
    const td_report_run *run = s->run;
    double radius = run->row_count <= 40 ? 2.6 : 1.5;
    for (int i = 0; i < run->row_count && d->has_points; i++) {
        double value = td_chart_value(&run->rows[i], s->line);
        if (isfinite(value))
            td_text_write(d->frame.text,
                          "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\">"
                          "<title>%s, epoch %d: %.6g</title></circle>\n",
                          s->point, x_of(d, run->rows[i].epoch + 1),
                          td_frame_y(&d->frame, value), radius, s->name,
                          run->rows[i].epoch + 1, value);
    }
}

/* Ring the best epoch on the line that it is best by. */
static void draw_best(const drawing *d, const series *s)
{
    const td_metrics *best = td_report_best(s->run);
    if (!best || s->line->column != TD_COLUMN(valid_balanced_top1))
        return;
    td_text_write(
        d->frame.text,
        "<circle class=\"best %s\" cx=\"%.1f\" cy=\"%.1f\" r=\"6\"><title>%s, "
        "best epoch %d: %.6g</title></circle>\n",
        s->style, x_of(d, best->epoch + 1),
        td_frame_y(&d->frame, best->valid_balanced_top1), s->name, best->epoch + 1,
        best->valid_balanced_top1);
}

/* Series \a i of a panel: a run's with a \a line of all runs, a line's of one run. */
static series series_of(const drawing *d, const td_chart_line *line, int i)
{
    series s = { .run = d->runs->runs[line ? i : 0],
                 .line = line ? line : &d->chart->lines[i] };
    td_text name = { 0 };
    if (line) {
        td_run_style(i, s.style, s.point);
        td_html_escape(&name, d->runs->names[i]);
        td_text_write(&name, ", ");
    } else {
        snprintf(s.style, sizeof s.style, "l%d", s.line->style);
        snprintf(s.point, sizeof s.point, "p%d", s.line->style);
    }
    td_text_write(&name, "%s", s.line->name);
    s.name = name.chars;
    return s;
}

static void draw_lines(const drawing *d, const td_chart_line *line, int count)
{
    int beyond = 0;
    for (int i = 0; i < count; i++) {
        series s = series_of(d, line, i);
        beyond += td_chart_beyond(s.run, s.line);
        if (td_chart_run_has(s.run, s.line)) {
            draw_path(d, &s);
            draw_points(d, &s);
            draw_best(d, &s);
        }
        td_free(s.name);
    }
    if (beyond > 0)
        td_text_write(d->frame.text,
                      "<text class=\"none\" x=\"%d\" y=\"%d\" text-anchor=\"end\">"
                      "%d %s not drawn: infinite or above 1e30</text>\n",
                      TD_FRAME_RIGHT, d->frame.top - 6, beyond,
                      td_noun(beyond, "value is", "values are"));
}

/* What stands in a panel without a line. */
static void draw_absence(const drawing *d)
{
    int rows = 0;
    for (int r = 0; r < d->runs->count; r++)
        rows += d->runs->runs[r]->row_count;
    td_text_write(d->frame.text,
                  "<text class=\"none\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">"
                  "%s</text>\n",
                  (TD_FRAME_LEFT + TD_FRAME_RIGHT) / 2, d->chart->height / 2,
                  rows > 0 ? "no numbers of this" : "no epoch has ended yet");
}

static bool is_empty(const drawing *d, const td_chart_line *line, int count)
{
    for (int i = 0; i < count; i++)
        if (td_chart_run_has(d->runs->runs[line ? i : 0],
                             line ? line : &d->chart->lines[i]))
            return false;
    return true;
}

static int count_points(const td_runs *runs, int lines)
{
    int count = 0;
    for (int r = 0; r < runs->count; r++)
        count += runs->runs[r]->row_count;
    return count * lines;
}

void td_chart_draw(td_text *text, const td_chart *chart, const td_chart_line *line,
                   const td_runs *runs)
{
    TD_ASSERT((line || runs->count == 1) && td_chart_line_count(chart) > 0);
    int count = line ? runs->count : td_chart_line_count(chart);
    drawing d = {
        .frame = { text, chart->height, 34, td_chart_value_axis(chart, runs) },
        .chart = chart,
        .runs = runs,
        .epochs = td_chart_epoch_axis(runs),
        .has_points = count_points(runs, line ? 1 : count) <= MOST_POINTS,
    };
    char *title = td_format("%s over epochs", line ? line->name : chart->unit);
    td_frame_begin(&d.frame, title, chart->unit);
    td_frame_values(&d.frame, 6);
    draw_epoch_ticks(&d);
    draw_reference(&d);
    for (int r = 0; r < runs->count; r++) {
        draw_stages(&d, runs->runs[r]);
        draw_projection(&d, runs->runs[r]);
    }
    draw_lines(&d, line, count);
    if (is_empty(&d, line, count))
        draw_absence(&d);
    td_frame_end(&d.frame);
    td_free(title);
}
