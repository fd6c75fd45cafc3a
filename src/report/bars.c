/* How long the tail is: training images of each class. */
#include "page.h"

#include <string.h>

enum { WIDTH = 460, HEIGHT = 230, LEFT = 56, RIGHT = 14, TOP = 38, BOTTOM = 36 };
enum { FEW_BARS = 12 }; /* so many have room for their numbers */

static int64_t most_of(const td_runs *runs)
{
    int64_t most = 0;
    for (int r = 0; r < runs->count; r++) {
        const td_checkpoint *c = runs->runs[r]->checkpoint;
        for (int k = 0; c->class_counts && k < c->classes; k++)
            most = c->class_counts[k] > most ? c->class_counts[k] : most;
    }
    return most;
}

static int bottom_of(void)
{
    return HEIGHT - BOTTOM;
}

static double y_of(const td_axis *axis, double count)
{
    return bottom_of() - td_axis_share(axis, count) * (bottom_of() - TOP);
}

static void draw_axis(td_text *text, const td_axis *axis)
{
    for (int i = 0; i < axis->ticks; i++) {
        double tick = td_axis_tick(axis, i), y = y_of(axis, tick);
        td_text_write(text,
                      "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text x=\"%d\" "
                      "y=\"%.1f\" text-anchor=\"end\">%.9g</text>\n",
                      LEFT, y, WIDTH - RIGHT, LEFT - 7, y + 4, tick);
    }
    td_text_write(text, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">class</text>\n",
                  (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 4);
}

/* The line of a class's name, NULL if there is none. */
static const char *name_at(const char *names, int class)
{
    for (int i = 0; i < class && names; i++) {
        names = strchr(names, '\n');
        names = names ? names + 1 : NULL;
    }
    return names && *names ? names : NULL;
}

/* "class 3 (dress)"; a name that is the number says nothing new. */
static void write_class(td_text *text, const td_checkpoint *c, int class)
{
    const char *name = name_at(c->class_names, class);
    char *number = td_format("%d", class);
    char *words = name ? td_format("%.*s", (int) strcspn(name, "\n"), name) : NULL;
    td_text_write(text, "class %s", number);
    if (words && strcmp(words, number) != 0) {
        td_text_write(text, " (");
        td_html_escape(text, words);
        td_text_write(text, ")");
    }
    td_free(words);
    td_free(number);
}

static void draw_bar(td_text *text, const td_checkpoint *c, const td_axis *axis,
                     int class)
{
    double step = (double) (WIDTH - LEFT - RIGHT) / c->classes, x = LEFT + step * class;
    double y = y_of(axis, (double) c->class_counts[class]);
    int every = (c->classes + 19) / 20;
    td_text_write(text,
                  "<rect class=\"bar\" x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" "
                  "height=\"%.1f\"><title>",
                  x + 0.1 * step, y, 0.8 * step, bottom_of() - y);
    write_class(text, c, class);
    td_text_write(text, ": %lld images</title></rect>\n",
                  (long long) c->class_counts[class]);
    if (c->classes <= FEW_BARS)
        td_text_write(
            text, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%lld</text>\n",
            x + step / 2, y - 4, (long long) c->class_counts[class]);
    if (class % every == 0)
        td_text_write(text,
                      "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>\n",
                      x + step / 2, bottom_of() + 15, class);
}

static void draw_bars(td_text *text, const td_checkpoint *c, const td_axis *axis)
{
    td_text_write(text,
                  "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\"><title>"
                  "training images of each class</title>\n<text class=\"unit\" x=\"4\" "
                  "y=\"13\">training images</text>\n",
                  WIDTH, HEIGHT);
    draw_axis(text, axis);
    for (int class = 0; class < c->classes; class ++)
        draw_bar(text, c, axis, class);
    td_text_write(text, "</svg>\n");
}

void td_page_classes(td_text *text, const td_runs *runs)
{
    td_axis axis = td_axis_fit(0, (double) most_of(runs), 6);
    td_section_begin(text, "Class counts",
                     "Training images of each class that the long tail keeps, before "
                     "the halves are cut.");
    td_section_figures(text);
    for (int r = 0; r < runs->count; r++) {
        const td_checkpoint *c = runs->runs[r]->checkpoint;
        td_figure_begin(text, runs, r);
        if (c->class_counts)
            draw_bars(text, c, &axis);
        else
            td_text_write(text,
                          "<p class=\"note\">This checkpoint does not hold the "
                          "counts of its %d classes.</p>\n",
                          c->classes);
        td_figure_end(text);
    }
    td_section_end(text);
}
