/* Strips: one line per method, on which each seed is a dot, with the mean as a stroke
 * and an interval around it.  Names and numbers are words of the page, which it can
 * break, and not of the pictures. */
#include <math.h>

#include "page.h"

/* A strip's picture, in its own units. */
enum { WIDTH = 460, LEFT = 22, RIGHT = 438, HEIGHT = 26, MIDDLE = 13, TICKS = 6 };

/* What a strip shows. */
typedef struct {
    double values[TD_STUDY_LIST]; /* of each seed, NaN for unknown */
    double mean, low, high;       /* NaN for unknown               */
} strip;

/* Figures of a block: strips on one axis. */
typedef struct {
    const td_study_view *view;
    int block;
    td_axis axis;
    strip (*make)(const td_study_view *view, int method, int block);
    bool (*has)(const td_study *study, int method, int block);
    const char *caption, *format; /* of the axis, and of a number */
    bool has_zero;                /* the axis includes 0, which is marked */
} figure;

/* ---- what is shown --------------------------------------------------------------- */

static strip spread_of(const td_study_view *view, int method, int block)
{
    strip s;
    td_grid_point point = td_study_block_point(view->study, block);
    point.method = method;
    td_study_statistics all =
        td_study_over_seeds(view->study, view->results, point, TD_STUDY_TEST_BALANCED);
    s.mean = all.mean;
    s.low = all.mean - all.sd;
    s.high = all.mean + all.sd;
    for (; point.seed < view->study->seed_count; point.seed++)
        s.values[point.seed] =
            td_study_value(view->study, view->results, point, TD_STUDY_TEST_BALANCED);
    return s;
}

static strip difference_of(const td_study_view *view, int method, int block)
{
    strip s;
    const td_study_pair pair = { method, block, TD_STUDY_TEST_BALANCED };
    td_study_difference d = td_study_difference_of(view->study, view->results, pair);
    s.mean = d.of.mean;
    s.low = d.low;
    s.high = d.high;
    td_study_seed_differences(view->study, view->results, pair, s.values);
    return s;
}

static bool is_in_block(const td_study *study, int method, int block)
{
    td_grid_point point = td_study_block_point(study, block);
    point.method = method;
    return !td_study_is_excluded(study, point);
}

static void widen(double *low, double *high, double value)
{
    *low = fmin(*low, value); /* of NaN and a number, the number */
    *high = fmax(*high, value);
}

/* Fit the axis to all strips; whether there is anything. */
static bool fit(figure *f)
{
    double low = f->has_zero ? 0 : NAN, high = low;
    bool has_any = false;
    for (int method = 0; method < f->view->study->method_count; method++) {
        if (!f->has(f->view->study, method, f->block))
            continue;
        strip s = f->make(f->view, method, f->block);
        has_any = has_any || !isnan(s.mean);
        widen(&low, &high, s.low);
        widen(&low, &high, s.high);
        for (int i = 0; i < f->view->study->seed_count; i++)
            widen(&low, &high, s.values[i]);
    }
    f->axis = td_axis_fit(low, high, TICKS);
    return has_any;
}

/* ---- drawing --------------------------------------------------------------------- */

static double x_of(const figure *f, double value)
{
    return LEFT + td_axis_share(&f->axis, value) * (RIGHT - LEFT);
}

static void draw_grid(td_text *text, const figure *f, int height)
{
    for (int i = 0; i < f->axis.ticks; i++) {
        double tick = td_axis_tick(&f->axis, i);
        td_text_write(text, "<path class=\"%s\" d=\"M%.1f 0v%d\"/>",
                      f->has_zero && tick == 0 ? "tick" : "grid", x_of(f, tick),
                      height);
    }
}

/* Dots of seeds that nearly agree lie beside each other. */
static void draw_dots(td_text *text, const figure *f, const strip *s)
{
    const td_study *study = f->view->study;
    for (int i = 0; i < study->seed_count; i++)
        if (!isnan(s->values[i])) {
            td_text_write(text,
                          "<circle class=\"p0\" fill-opacity=\"0.75\" cx=\"%.1f\" "
                          "cy=\"%d\" r=\"3.4\"><title>seed %lld: ",
                          x_of(f, s->values[i]), MIDDLE + 5 * (i % 3 - 1),
                          (long long) study->seeds[i]);
            td_html_number(text, f->format, s->values[i]);
            td_text_write(text, "</title></circle>");
        }
}

static void draw_strip(td_text *text, const figure *f, const strip *s)
{
    td_text_write(text, "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\">",
                  WIDTH, HEIGHT);
    draw_grid(text, f, HEIGHT);
    if (!isnan(s->low))
        td_text_write(text, "<path class=\"line l1\" d=\"M%.1f %dH%.1f\"/>",
                      x_of(f, s->low), MIDDLE, x_of(f, s->high));
    if (!isnan(s->mean))
        td_text_write(text, "<path class=\"line l1\" d=\"M%.1f 3V%d\"/>",
                      x_of(f, s->mean), HEIGHT - 3);
    draw_dots(text, f, s);
    td_text_write(text, "</svg>\n");
}

static void draw_axis(td_text *text, const figure *f)
{
    enum { AXIS_HEIGHT = 36 };
    td_text_write(text, "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\">",
                  WIDTH, AXIS_HEIGHT);
    draw_grid(text, f, 5);
    for (int i = 0; i < f->axis.ticks; i++) {
        double tick = td_axis_tick(&f->axis, i);
        td_text_write(text,
                      "<text x=\"%.1f\" y=\"18\" text-anchor=\"middle\">%.4g</text>",
                      x_of(f, tick), tick);
    }
    td_text_write(text,
                  "<text class=\"unit\" x=\"%d\" y=\"33\" "
                  "text-anchor=\"middle\">%s</text></svg>\n",
                  (LEFT + RIGHT) / 2, f->caption);
}

/* "0.512 ±0.013" or "+0.012 [-0.003, +0.025]". */
static void write_numbers(td_text *text, const figure *f, const strip *s)
{
    td_text_write(text, "<span>");
    if (isnan(s->mean)) {
        td_text_write(text, "<em>%s</em></span>",
                      f->has_zero ? "no seed has both" : "not tested yet");
        return;
    }
    td_html_number(text, f->format, s->mean);
    if (!isnan(s->low) && f->has_zero) {
        td_text_write(text, " <em>[");
        td_html_number(text, f->format, s->low);
        td_text_write(text, ", ");
        td_html_number(text, f->format, s->high);
        td_text_write(text, "]</em>");
    } else if (!isnan(s->low)) {
        td_text_write(text, " <em>±");
        td_html_number(text, f->format, s->mean - s->low);
        td_text_write(text, "</em>");
    }
    td_text_write(text, "</span>");
}

static void write_figure(td_text *text, figure *f)
{
    if (!fit(f))
        return;
    td_text_write(text, "<figure class=\"strips\"><figcaption>");
    td_page_block_title(text, f->view->study, f->block);
    td_text_write(text, "</figcaption>\n");
    for (int method = 0; method < f->view->study->method_count; method++) {
        if (!f->has(f->view->study, method, f->block))
            continue;
        strip s = f->make(f->view, method, f->block);
        td_text_write(text, "<p><span>");
        td_html_escape(text, f->view->study->methods[method].name);
        td_text_write(text, "</span>");
        write_numbers(text, f, &s);
        td_text_write(text, "</p>\n");
        if (!isnan(s.mean))
            draw_strip(text, f, &s);
    }
    draw_axis(text, f);
    td_text_write(text, "</figure>\n");
}

static bool is_tested(const td_study_view *view)
{
    for (int i = 0; i < td_grid_point_count(view->study); i++)
        if (!isnan(view->results[i].value[TD_STUDY_TEST_BALANCED]))
            return true;
    return false;
}

/* ---- sections -------------------------------------------------------------------- */

void td_study_page_spread(td_text *text, const td_study_view *view)
{
    td_section_begin(
        text, "Spread over seeds",
        is_tested(view) ? "Balanced test accuracy: a dot a seed, the mean as a stroke, "
                          "one sample standard deviation to either side."
                        : "No point has been tested yet.");
    td_text_write(text, "<div class=\"figures\">\n");
    for (int block = 0; block < td_study_block_count(view->study); block++) {
        figure f = { .view = view,
                     .block = block,
                     .make = spread_of,
                     .has = is_in_block,
                     .caption = "balanced test accuracy",
                     .format = "%.3f" };
        write_figure(text, &f);
    }
    td_text_write(text, "</div>\n</section>\n");
}

void td_study_page_differences(td_text *text, const td_study_view *view)
{
    const td_study *s = view->study;
    int blocks = td_study_block_count(s), first = blocks > 1 ? TD_STUDY_ALL : 0;
    if (s->method_count < 2)
        return;
    td_text sentence = { 0 };
    td_text_write(&sentence, "Seed by seed, in balanced test accuracy: a dot a seed, "
                             "the mean as a stroke, and in brackets what 95 %% of "
                             "10,000 resamples of the seeds have as their mean "
                             "(bootstrap; too narrow with fewer than about ten "
                             "seeds).</p>\n<p class=\"power\">");
    td_study_write_power(&sentence, s, view->results, first);
    char *heading = td_format("Differences to %s", s->methods[s->control].name);
    td_section_begin(text, heading, sentence.chars);
    td_text_write(text, "<div class=\"figures\">\n");
    for (int block = first; block < blocks; block++) {
        figure f = { .view = view,
                     .block = block,
                     .make = difference_of,
                     .has = td_study_has_row,
                     .caption = "difference in balanced test accuracy",
                     .format = "%+.3f",
                     .has_zero = true };
        write_figure(text, &f);
    }
    td_text_write(text, "</div>\n</section>\n");
    td_free(heading);
    td_free(sentence.chars);
}
