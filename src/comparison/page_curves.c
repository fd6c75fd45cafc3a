/* Validation over the epochs of the searches: the mean over seeds as a line, their
 * range as a band. */
#include <math.h>

#include "page.h"

enum { LINES = 6, HEIGHT = 230, TOP = 24 };

/* Methods of a block that share a picture. */
typedef struct {
    int method[LINES], count;
} group;

/* A picture while it is drawn. */
typedef struct {
    const td_study_view *view;
    const group *methods;
    int block;
    td_frame frame;
    td_axis epochs;
} drawing;

/* ---- numbers --------------------------------------------------------------------- */

static td_grid_point point_of(const td_study_view *view, int method, int block)
{
    td_grid_point point = td_study_block_point(view->study, block);
    point.method = method;
    return point;
}

/* Epochs of the longest search. */
static int epochs_of(const td_study_view *view, td_grid_point point)
{
    int most = 0;
    for (point.seed = 0; point.seed < view->study->seed_count; point.seed++) {
        int epochs = td_study_result_of(view->study, view->results, point)->epochs;
        most = epochs > most ? epochs : most;
    }
    return most;
}

/* The seeds of a method in an epoch. */
static td_study_statistics seeds_in(const td_study_view *view, td_grid_point point,
                                    int epoch)
{
    return td_study_validation(view->study, view->results, point, epoch);
}

static bool has_curve(const td_study_view *view, int method, int block)
{
    td_grid_point point = point_of(view, method, block);
    if (td_study_is_excluded(view->study, point))
        return false;
    for (int epoch = 0; epoch < epochs_of(view, point); epoch++)
        if (!isnan(seeds_in(view, point, epoch).mean))
            return true;
    return false;
}

/* The scales of a group. */
static void fit(drawing *d)
{
    double low = NAN, high = NAN;
    int last = 0;
    for (int i = 0; i < d->methods->count; i++) {
        td_grid_point point = point_of(d->view, d->methods->method[i], d->block);
        int epochs = epochs_of(d->view, point);
        last = epochs > last ? epochs : last;
        for (int epoch = 0; epoch < epochs; epoch++) {
            td_study_statistics seeds = seeds_in(d->view, point, epoch);
            low = fmin(low, seeds.low);
            high = fmax(high, seeds.high);
        }
    }
    d->frame.values = td_axis_fit(low, high, 7);
    d->epochs = td_axis_epochs(last, 8);
}

/* ---- drawing --------------------------------------------------------------------- */

static double x_of(const drawing *d, double epoch)
{
    return TD_FRAME_LEFT + td_axis_share(&d->epochs, epoch) * TD_FRAME_WIDTH;
}

static void draw_epochs(const drawing *d)
{
    int bottom = td_frame_bottom(&d->frame);
    for (int i = 0; i < d->epochs.ticks; i++) {
        double tick = td_axis_tick(&d->epochs, i);
        if (tick >= 1)
            td_text_write(d->frame.text,
                          "<path class=\"tick\" d=\"M%.1f %dv4\"/><text x=\"%.1f\" "
                          "y=\"%d\" text-anchor=\"middle\">%.6g</text>\n",
                          x_of(d, tick), bottom, x_of(d, tick), bottom + 17, tick);
    }
    td_frame_caption(&d->frame, "epoch");
}

/* The band between the lowest and the highest seed; without gaps, which only epochs
 * that nobody has reached could make. */
static void draw_band(const drawing *d, td_grid_point point, int line)
{
    int epochs = epochs_of(d->view, point);
    char step = 'M';
    td_text_write(d->frame.text, "<path class=\"p%d\" fill-opacity=\"0.16\" d=\"",
                  line);
    for (int i = 0; i < 2 * epochs; i++) {
        int epoch = i < epochs ? i : 2 * epochs - 1 - i;
        td_study_statistics seeds = seeds_in(d->view, point, epoch);
        double value = i < epochs ? seeds.high : seeds.low;
        if (isnan(value))
            continue;
        td_text_write(d->frame.text, "%c%.1f %.1f", step, x_of(d, epoch + 1),
                      td_frame_y(&d->frame, value));
        step = 'L';
    }
    td_text_write(d->frame.text, "%s\"/>\n", step == 'L' ? "Z" : "");
}

static void draw_line(const drawing *d, td_grid_point point, int line)
{
    char step = 'M';
    td_text_write(d->frame.text, "<path class=\"line l%d\" d=\"", line);
    for (int epoch = 0; epoch < epochs_of(d->view, point); epoch++) {
        double mean = seeds_in(d->view, point, epoch).mean;
        if (!isnan(mean))
            td_text_write(d->frame.text, "%c%.1f %.1f", step, x_of(d, epoch + 1),
                          td_frame_y(&d->frame, mean));
        step = isnan(mean) ? 'M' : 'L';
    }
    td_text_write(d->frame.text, "\"/>\n");
}

/* Points, whose titles have the numbers. */
static void draw_points(const drawing *d, td_grid_point point, int line)
{
    int epochs = epochs_of(d->view, point);
    for (int epoch = 0; epoch < epochs; epoch++) {
        td_study_statistics seeds = seeds_in(d->view, point, epoch);
        if (isnan(seeds.mean))
            continue;
        td_text_write(
            d->frame.text,
            "<circle class=\"p%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"><title>", line,
            x_of(d, epoch + 1), td_frame_y(&d->frame, seeds.mean),
            epochs <= 40 ? 2.6 : 1.5);
        td_html_escape(d->frame.text, d->view->study->methods[point.method].name);
        td_text_write(d->frame.text,
                      ", epoch %d: %.3f (%d %s: %.3f to %.3f)</title></circle>\n",
                      epoch + 1, seeds.mean, seeds.n, td_noun(seeds.n, "seed", "seeds"),
                      seeds.low, seeds.high);
    }
}

static void write_legend(const drawing *d)
{
    td_text *text = d->frame.text;
    td_text_write(text, "<ul class=\"legend\">");
    for (int i = 0; i < d->methods->count; i++) {
        td_text_write(text,
                      "<li><svg viewBox=\"0 0 30 10\"><path class=\"line l%d\" "
                      "d=\"M0 5H30\"/><circle class=\"p%d\" cx=\"15\" cy=\"5\" "
                      "r=\"2.6\"/></svg>",
                      i, i);
        td_html_escape(text, d->view->study->methods[d->methods->method[i]].name);
        td_text_write(text, "</li>");
    }
    td_text_write(text, "</ul>\n");
}

static void draw_group(td_text *text, const td_study_view *view, int block,
                       const group *methods)
{
    drawing d = { .view = view, .methods = methods, .block = block };
    d.frame = (td_frame){ .text = text, .height = HEIGHT, .top = TOP };
    fit(&d);
    td_text_write(text, "<figure><figcaption>");
    td_page_block_title(text, view->study, block);
    td_text_write(text, "</figcaption>\n");
    write_legend(&d);
    td_frame_begin(&d.frame, "balanced accuracy over epochs", "balanced accuracy");
    td_frame_values(&d.frame, 6);
    draw_epochs(&d);
    for (int i = 0; i < methods->count; i++) {
        td_grid_point point = point_of(view, methods->method[i], block);
        draw_band(&d, point, i);
        draw_line(&d, point, i);
        draw_points(&d, point, i);
    }
    td_frame_end(&d.frame);
    td_text_write(text, "</figure>\n");
}

/* ---- the section ----------------------------------------------------------------- */

/* More methods than lines are told apart in are drawn in several pictures, the control
 * in each. */
static void draw_block(td_text *text, const td_study_view *view, int block)
{
    const td_study *s = view->study;
    group methods = { .count = 0 };
    bool has_control = has_curve(view, s->control, block);
    int first = has_control ? 1 : 0;
    methods.method[0] = s->control;
    methods.count = first;
    for (int method = 0; method < s->method_count; method++) {
        if (method == s->control || !has_curve(view, method, block))
            continue;
        if (methods.count == LINES) {
            draw_group(text, view, block, &methods);
            methods.count = first;
        }
        methods.method[methods.count++] = method;
    }
    if (methods.count > 0)
        draw_group(text, view, block, &methods);
}

static bool has_any(const td_study_view *view)
{
    for (int block = 0; block < td_study_block_count(view->study); block++)
        for (int method = 0; method < view->study->method_count; method++)
            if (has_curve(view, method, block))
                return true;
    return false;
}

void td_study_page_curves(td_text *text, const td_study_view *view)
{
    if (!has_any(view))
        return;
    td_section_begin(text, "Searches",
                     "The supernet's balanced accuracy on held-out images after each "
                     "epoch: the mean over seeds, and their range as a band. Methods "
                     "whose cell is given or drawn search nothing.");
    td_text_write(text, "<div class=\"figures\">\n");
    for (int block = 0; block < td_study_block_count(view->study); block++)
        draw_block(text, view, block);
    td_text_write(text, "</div>\n</section>\n");
}
