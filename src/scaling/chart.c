/* Time, speed-up and efficiency over ranks, as lines.  Hues tell the series apart,
 * dashes and marks what they are: measured, predicted, simulated. */
#include <limits.h>
#include <math.h>

#include "series.h"
#include "taildart/charts.h"

enum { HEIGHT = 270, TOP = 26, HUES = 6, TICKS = 8 };

/* ---- what is drawn ----------------------------------------------------------- */

typedef enum { TIME, SPEED_UP, EFFICIENCY, CHARTS } chart_kind;

/* Numbers within which logarithms and quotients stay finite: a file may hold any. */
static const double LEAST = 1e-30, MOST = 1e30;

static double limited(double value)
{
    return fmax(LEAST, fmin(MOST, value));
}

static double value_of(const td_series *s, int row, chart_kind kind)
{
    return limited(kind == TIME       ? s->rows[row]->seconds
                   : kind == SPEED_UP ? td_series_speed_up(s, row)
                                      : td_series_efficiency(s, row));
}

/* What the row would have if ranks cost nothing. */
static double ideal_of(const td_series *s, int ranks, chart_kind kind)
{
    const td_scaling_row *first = s->rows[0];
    double time = first->mode == TD_WEAK ? 1 : (double) first->ranks / ranks;
    if (kind == TIME)
        time *= first->seconds * td_series_efficiency(s, 0);
    return limited(kind == TIME ? time : kind == SPEED_UP ? ranks : 1);
}

/* A chart being drawn: both axes, the numbers on them as they are or doubled from tick
 * to tick, in which case the axis has their logarithms. */
typedef struct {
    td_frame frame;
    td_axis ranks;
    chart_kind kind;
    bool doubles; /* values, as ranks always do */
    const td_series_list *list;
    td_scaling_mode mode;
} chart;

static double x_of(const chart *c, int ranks)
{
    return TD_FRAME_LEFT + td_axis_share(&c->ranks, log2(ranks)) * TD_FRAME_WIDTH;
}

static double y_of(const chart *c, double value)
{
    return td_frame_y(&c->frame, c->doubles ? log2(value) : value);
}

/* ---- axes -------------------------------------------------------------------- */

/* An axis of logarithms: whole ones, no more than TICKS. */
static td_axis doubling_axis(double low, double high)
{
    double first = floor(log2(low) + 1e-9), last = ceil(log2(high) - 1e-9);
    last = fmax(last, first + 1);
    double step = ceil((last - first) / (TICKS - 1));
    int ticks = 1 + (int) ceil((last - first) / step);
    return (td_axis){ first, first + (ticks - 1) * step, step, ticks };
}

/* The least and the largest number of ranks, and of the values with their ideal. */
typedef struct {
    int few, many;
    double low, high;
} extremes;

static void widen(extremes *e, const td_series *s, chart_kind kind)
{
    for (int i = 0; i < s->count; i++) {
        int ranks = s->rows[i]->ranks;
        double value = value_of(s, i, kind), ideal = ideal_of(s, ranks, kind);
        e->few = ranks < e->few ? ranks : e->few;
        e->many = ranks > e->many ? ranks : e->many;
        e->low = fmin(e->low, fmin(value, ideal));
        e->high = fmax(e->high, fmax(value, ideal));
    }
}

static void set_axes(chart *c)
{
    extremes e = { INT_MAX, 1, MOST, LEAST };
    for (int i = 0; i < c->list->count; i++)
        if (c->list->series[i].rows[0]->mode == c->mode)
            widen(&e, &c->list->series[i], c->kind);
    c->ranks = doubling_axis(e.few, e.many);
    c->frame.values =
        c->doubles ? doubling_axis(e.low, e.high) : td_axis_fit(0, e.high, TICKS);
}

static void draw_values(const chart *c)
{
    if (!c->doubles) {
        td_frame_values(&c->frame, 4);
        return;
    }
    for (int i = 0; i < c->frame.values.ticks; i++) {
        double tick = td_axis_tick(&c->frame.values, i);
        double y = td_frame_y(&c->frame, tick);
        td_text_write(c->frame.text,
                      "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text x=\"%d\" "
                      "y=\"%.1f\" text-anchor=\"end\">%.3g</text>\n",
                      TD_FRAME_LEFT, y, TD_FRAME_RIGHT, TD_FRAME_LEFT - 7, y + 4,
                      exp2(tick));
    }
}

static void draw_ranks(const chart *c)
{
    int bottom = td_frame_bottom(&c->frame);
    for (int i = 0; i < c->ranks.ticks; i++) {
        double tick = td_axis_tick(&c->ranks, i);
        double x = TD_FRAME_LEFT + td_axis_share(&c->ranks, tick) * TD_FRAME_WIDTH;
        td_text_write(c->frame.text,
                      "<path class=\"tick\" d=\"M%.1f %dv4\"/><text x=\"%.1f\" "
                      "y=\"%d\" text-anchor=\"middle\">%.10g</text>\n",
                      x, bottom, x, bottom + 17, exp2(tick));
    }
    td_text_write(c->frame.text, "<path class=\"tick\" d=\"M%d %dH%d\"/>\n",
                  TD_FRAME_LEFT, bottom, TD_FRAME_RIGHT);
    td_frame_caption(&c->frame, "ranks");
}

/* ---- lines ------------------------------------------------------------------- */

/* A mark of the series' kind, in its hue, around a point. */
static void write_mark(td_text *text, int hue, td_row_kind kind, double x, double y)
{
    if (kind == TD_MEASURED)
        td_text_write(text, "<circle class=\"p%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\">",
                      hue, x, y);
    else if (kind == TD_PREDICTED)
        td_text_write(text,
                      "<circle class=\"line l%d measured\" cx=\"%.1f\" cy=\"%.1f\" "
                      "r=\"2.2\">",
                      hue, x, y);
    else
        td_text_write(text,
                      "<rect class=\"line l%d measured\" x=\"%.1f\" y=\"%.1f\" "
                      "width=\"6\" height=\"6\">",
                      hue, x - 3, y - 3);
}

static const char *end_of_mark(td_row_kind kind)
{
    return kind == TD_SIMULATED ? "</rect>" : "</circle>";
}

static void draw_ideal(const chart *c, const td_series *s)
{
    td_text_write(c->frame.text, "<path class=\"line ideal\" d=\"");
    for (int i = 0; i < s->count; i++) {
        int ranks = s->rows[i]->ranks;
        td_text_write(c->frame.text, "%c%.1f %.1f", i == 0 ? 'M' : 'L', x_of(c, ranks),
                      y_of(c, ideal_of(s, ranks, c->kind)));
    }
    td_text_write(c->frame.text, "\"/>\n");
}

static void draw_line(const chart *c, const td_series *s, int hue)
{
    td_text *text = c->frame.text;
    td_row_kind kind = s->rows[0]->kind;
    td_text_write(text, "<path class=\"line l%d %s\" d=\"", hue,
                  td_row_kind_name(kind));
    for (int i = 0; i < s->count; i++)
        td_text_write(text, "%c%.1f %.1f", i == 0 ? 'M' : 'L',
                      x_of(c, s->rows[i]->ranks), y_of(c, value_of(s, i, c->kind)));
    td_text_write(text, "\"/>\n");
}

static void draw_marks(const chart *c, const td_series *s, int hue)
{
    td_text *text = c->frame.text;
    td_row_kind kind = s->rows[0]->kind;
    for (int i = 0; i < s->count; i++) {
        double value = value_of(s, i, c->kind);
        int ranks = s->rows[i]->ranks;
        write_mark(text, hue, kind, x_of(c, ranks), y_of(c, value));
        td_text_write(text, "<title>%s, %d %s: %.4g</title>%s\n",
                      td_row_kind_name(kind), ranks, td_noun(ranks, "rank", "ranks"),
                      value, end_of_mark(kind));
    }
}

static void draw_series(const chart *c, const td_series *s, int hue)
{
    draw_ideal(c, s);
    draw_line(c, s, hue);
    draw_marks(c, s, hue);
}

static void draw_chart(td_text *text, const td_series_list *list, td_scaling_mode mode,
                       chart_kind kind)
{
    static const char *const units[CHARTS] = { "seconds per step", "speed-up",
                                               "efficiency" };
    chart c = { .frame = { .text = text, .height = HEIGHT, .top = TOP },
                .kind = kind,
                .doubles = kind == SPEED_UP || (kind == TIME && mode == TD_STRONG),
                .list = list,
                .mode = mode };
    char *title =
        td_format("%s over ranks, %s", units[kind], td_scaling_mode_name(mode));
    set_axes(&c);
    td_text_write(text, "<figure>\n");
    td_frame_begin(&c.frame, title, units[kind]);
    draw_values(&c);
    draw_ranks(&c);
    for (int i = 0, hue = 0; i < list->count; i++)
        if (list->series[i].rows[0]->mode == mode)
            draw_series(&c, &list->series[i], hue++ % HUES);
    td_frame_end(&c.frame);
    td_text_write(text, "</figure>\n");
    td_free(title);
}

void td_scaling_charts(td_text *text, const td_series_list *list, td_scaling_mode mode)
{
    for (int kind = 0; kind < CHARTS; kind++)
        draw_chart(text, list, mode, (chart_kind) kind);
}

/* ---- legend ------------------------------------------------------------------ */

static void write_item(td_text *text, const td_series *s, int hue)
{
    td_row_kind kind = s->rows[0]->kind;
    td_text name = { 0 };
    td_series_write_name(&name, s);
    td_text_write(text,
                  "<li><svg viewBox=\"0 0 30 10\"><path class=\"line l%d %s\" "
                  "d=\"M0 5H30\"/>",
                  hue, td_row_kind_name(kind));
    write_mark(text, hue, kind, 15, 5);
    td_text_write(text, "%s</svg>", end_of_mark(kind));
    td_html_escape(text, name.chars);
    td_text_write(text, "</li>\n");
    td_free(name.chars);
}

void td_scaling_legend(td_text *text, const td_series_list *list, td_scaling_mode mode)
{
    td_text_write(text, "<ul class=\"legend\">\n");
    for (int i = 0, hue = 0; i < list->count; i++)
        if (list->series[i].rows[0]->mode == mode)
            write_item(text, &list->series[i], hue++ % HUES);
    td_text_write(text, "<li><svg viewBox=\"0 0 30 10\"><path class=\"line ideal\" "
                        "d=\"M0 5H30\"/></svg>ideal</li>\n</ul>\n");
}
