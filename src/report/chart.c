/* Metrics over epochs, as lines.  Hues of Okabe and Ito, and dashes for the groups, tell
 * the lines apart also in grey and for most colour-blind readers. */
#include "page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- what is drawn ------------------------------------------------------------- */

/* A line: a column of metrics.csv. */
typedef struct {
    const char *name;
    size_t offset; /* in td_metrics                        */
    int look;      /* number of the classes l… and p… in style.c */
} line;

enum { LINES = 6 };

/* A kind of chart; bounds are NaN where the numbers set them. */
typedef struct {
    const char *unit;
    double low, high;
    int height;
    line lines[LINES]; /* up to the first without a name */
} chart;

#define COLUMN(member) offsetof(td_metrics, member)

static const chart rates[] = {
    { "rate of the weights", 0, NAN, 150, { { "weights", COLUMN(lr_weights), 0 } } },
    { "rate of the architecture",
      0,
      NAN,
      150,
      { { "architecture", COLUMN(lr_arch), 1 } } },
    { "mixing ratio m", 0, 1, 150, { { "mixing ratio", COLUMN(mixing), 2 } } },
};

static const chart losses[] = {
    { "loss (nats)",
      NAN,
      NAN,
      230,
      { { "training", COLUMN(train_loss), 0 },
        { "validation", COLUMN(valid_loss), 1 } } },
};

static const chart accuracies[] = {
    { "accuracy (share of images)",
      0,
      1,
      280,
      { { "training top-1", COLUMN(train_top1), 0 },
        { "validation top-1", COLUMN(valid_top1), 1 },
        { "validation balanced", COLUMN(valid_balanced_top1), 2 },
        { "classes with many images", COLUMN(many_top1), 3 },
        { "medium", COLUMN(medium_top1), 4 },
        { "few", COLUMN(few_top1), 5 } } },
};

static const chart calibrations[] = {
    { "expected calibration error",
      0,
      NAN,
      150,
      { { "validation", COLUMN(valid_ece), 1 } } },
};

static const chart entropies[] = {
    { "entropy (nats)",
      NAN,
      NAN,
      180,
      { { "normal cell", COLUMN(alpha_entropy_normal), 0 },
        { "reduction cell", COLUMN(alpha_entropy_reduce), 1 } } },
};

static const struct {
    const char *heading, *sentence;
    const chart *charts;
    int count;
    bool is_optional; /* left out where no run has a number for it */
} sections[] = {
    { "Learning rates and mixing ratio",
      "What each epoch was trained with; a mixing ratio of 1 is the conventional "
      "branch alone, 0 the re-balancing one.",
      rates, 3, false },
    { "Losses", "Means over the images of an epoch.", losses, 1, false },
    { "Accuracies",
      "Validation is the architecture half, after the epoch; balanced is the mean over "
      "classes; groups go by training images (many: over 100, few: under 20).",
      accuracies, 1, false },
    { "Calibration",
      "How far, on average, the network's confidence is from its accuracy: 15 equal "
      "bins of the largest softmax probability.",
      calibrations, 1, true },
    { "Entropy of the architecture",
      "Mean over edges; ln 8 = 2.079 is undecided, 0 is one operation an edge.",
      entropies, 1, true },
};

/* ---- numbers --------------------------------------------------------------------- */

static double value_of(const td_metrics *row, const line *l)
{
    double value;
    memcpy(&value, (const char *) row + l->offset, sizeof value);
    return value;
}

static int line_count(const chart *c)
{
    int count = 0;
    while (count < LINES && c->lines[count].name)
        count++;
    return count;
}

static bool run_has(const td_report_run *run, const line *l)
{
    for (int i = 0; i < run->row_count; i++)
        if (isfinite(value_of(&run->rows[i], l)))
            return true;
    return false;
}

static bool any_has(const td_runs *runs, const line *l)
{
    for (int r = 0; r < runs->count; r++)
        if (run_has(runs->runs[r], l))
            return true;
    return false;
}

static bool any_has_chart(const td_runs *runs, const chart *c)
{
    for (int i = 0; i < line_count(c); i++)
        if (any_has(runs, &c->lines[i]))
            return true;
    return false;
}

static void widen(double *low, double *high, const td_report_run *run, const line *l)
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
static td_axis value_axis(const chart *c, const td_runs *runs)
{
    double low = NAN, high = NAN;
    for (int r = 0; r < runs->count; r++)
        for (int i = 0; i < line_count(c); i++)
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

enum { WIDTH = 460, LEFT = 56, RIGHT = 14, TOP = 24, BOTTOM = 36 };

/* A chart of one run being drawn. */
typedef struct {
    td_text *text;
    const chart *chart;
    td_axis x, y;
} drawing;

static double x_of(const drawing *d, double epoch)
{
    return LEFT + td_axis_share(&d->x, epoch) * (WIDTH - LEFT - RIGHT);
}

static double y_of(const drawing *d, double value)
{
    int bottom = d->chart->height - BOTTOM;
    return bottom - td_axis_share(&d->y, value) * (bottom - TOP);
}

static void draw_value_ticks(const drawing *d)
{
    for (int i = 0; i < d->y.ticks; i++) {
        double tick = td_axis_tick(&d->y, i), y = y_of(d, tick);
        td_text_write(d->text,
                      "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text x=\"%d\" "
                      "y=\"%.1f\" text-anchor=\"end\">%.6g</text>\n",
                      LEFT, y, WIDTH - RIGHT, LEFT - 7, y + 4, tick);
    }
}

static void draw_epoch_ticks(const drawing *d)
{
    int bottom = d->chart->height - BOTTOM;
    for (int i = 0; i < d->x.ticks; i++) {
        double tick = td_axis_tick(&d->x, i), x = x_of(d, tick);
        if (tick < 1)
            continue;
        td_text_write(d->text,
                      "<path class=\"tick\" d=\"M%.1f %dv4\"/><text x=\"%.1f\" "
                      "y=\"%d\" text-anchor=\"middle\">%.6g</text>\n",
                      x, bottom, x, bottom + 17, tick);
    }
    td_text_write(d->text,
                  "<path class=\"tick\" d=\"M%d %dH%d\"/><text x=\"%d\" y=\"%d\" "
                  "text-anchor=\"middle\">epoch</text>\n",
                  LEFT, bottom, WIDTH - RIGHT, (LEFT + WIDTH - RIGHT) / 2, bottom + 32);
}

/* The path through all values; it breaks where there is none. */
static void draw_path(const drawing *d, const td_report_run *run, const line *l)
{
    bool is_drawing = false;
    td_text_write(d->text, "<path class=\"line l%d\" d=\"", l->look);
    for (int i = 0; i < run->row_count; i++) {
        double value = value_of(&run->rows[i], l);
        if (isfinite(value))
            td_text_write(d->text, "%c%.1f %.1f", is_drawing ? 'L' : 'M',
                          x_of(d, run->rows[i].epoch + 1), y_of(d, value));
        is_drawing = isfinite(value);
    }
    td_text_write(d->text, "\"/>\n");
}

/* Points carry the exact numbers; with many epochs they are only to be hovered over. */
static void draw_points(const drawing *d, const td_report_run *run, const line *l)
{
    double radius = run->row_count <= 40 ? 2.6 : 1.5;
    for (int i = 0; i < run->row_count; i++) {
        double value = value_of(&run->rows[i], l);
        if (!isfinite(value))
            continue;
        td_text_write(d->text,
                      "<circle class=\"p%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\">"
                      "<title>%s, epoch %d: %.6g</title></circle>\n",
                      l->look, x_of(d, run->rows[i].epoch + 1), y_of(d, value), radius,
                      l->name, run->rows[i].epoch + 1, value);
    }
}

static void draw_lines(const drawing *d, const td_report_run *run)
{
    int drawn = 0;
    for (int i = 0; i < line_count(d->chart); i++) {
        const line *l = &d->chart->lines[i];
        if (!run_has(run, l))
            continue;
        draw_path(d, run, l);
        draw_points(d, run, l);
        drawn++;
    }
    if (drawn == 0)
        td_text_write(d->text,
                      "<text class=\"none\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">"
                      "%s</text>\n",
                      (LEFT + WIDTH - RIGHT) / 2, d->chart->height / 2,
                      run->row_count > 0 ? "not part of this run"
                                         : "no epoch has ended yet");
}

static void draw_chart(drawing *d, const td_report_run *run)
{
    td_text_write(d->text,
                  "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\">"
                  "<title>%s over epochs</title>\n"
                  "<text class=\"unit\" x=\"4\" y=\"13\">%s</text>\n",
                  WIDTH, d->chart->height, d->chart->unit, d->chart->unit);
    draw_value_ticks(d);
    draw_epoch_ticks(d);
    draw_lines(d, run);
    td_text_write(d->text, "</svg>\n");
}

/* ---- sections -------------------------------------------------------------------- */

static void write_legend(td_text *text, const td_runs *runs, const chart *c)
{
    td_text_write(text, "<ul class=\"legend\">");
    for (int i = 0; i < line_count(c); i++)
        if (any_has(runs, &c->lines[i]))
            td_text_write(text,
                          "<li><svg viewBox=\"0 0 30 10\"><path class=\"line l%d\" "
                          "d=\"M0 5H30\"/><circle class=\"p%d\" cx=\"15\" cy=\"5\" "
                          "r=\"2.6\"/></svg>%s</li>",
                          c->lines[i].look, c->lines[i].look, c->lines[i].name);
    td_text_write(text, "</ul>\n");
}

/* A chart without a number in any run is left out, the first of a section is not. */
static void write_figures(td_text *text, const td_runs *runs, const chart *charts,
                          int count)
{
    for (int r = 0; r < runs->count; r++) {
        td_figure_begin(text, runs, r);
        for (int i = 0; i < count; i++) {
            drawing d = { text, &charts[i], epoch_axis(runs),
                          value_axis(&charts[i], runs) };
            if (i == 0 || any_has_chart(runs, &charts[i]))
                draw_chart(&d, runs->runs[r]);
        }
        td_figure_end(text);
    }
}

void td_page_charts(td_text *text, const td_runs *runs)
{
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        const chart *first = sections[i].charts;
        if (sections[i].is_optional && !any_has_chart(runs, first))
            continue;
        td_section_begin(text, sections[i].heading, sections[i].sentence);
        if (line_count(first) > 1)
            write_legend(text, runs, first);
        td_section_figures(text);
        write_figures(text, runs, first, sections[i].count);
        td_section_end(text);
    }
}
