/* Training images of each class, as bars. */
#include "page.h"

#include <string.h>

enum { HEIGHT = 230, TOP = 38 };
enum { FEW_BARS = 12 }; /* so many or fewer have their numbers */

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

/* The next line of \a names; NULL behind the last. */
static const char *next_name(const char *names)
{
    const char *end = names ? strchr(names, '\n') : NULL;
    return end && end[1] != '\0' ? end + 1 : NULL;
}

/* Write "class 3 (dress)", without a name that is the number.  \a name: its line, NULL
 * for none. */
static void write_class(td_text *text, int class, const char *name)
{
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

static void draw_bar(const td_frame *f, const td_checkpoint *c, int class,
                     const char *name)
{
    double step = (double) TD_FRAME_WIDTH / c->classes,
           x = TD_FRAME_LEFT + step * class;
    double y = td_frame_y(f, (double) c->class_counts[class]);
    int every = (c->classes + 19) / 20, bottom = td_frame_bottom(f);
    td_text_write(f->text,
                  "<rect class=\"bar\" x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" "
                  "height=\"%.1f\"><title>",
                  x + 0.1 * step, y, 0.8 * step, bottom - y);
    write_class(f->text, class, name);
    td_text_write(f->text, ": %lld images</title></rect>\n",
                  (long long) c->class_counts[class]);
    if (c->classes <= FEW_BARS)
        td_text_write(
            f->text, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%lld</text>\n",
            x + step / 2, y - 4, (long long) c->class_counts[class]);
    if (class % every == 0)
        td_text_write(f->text,
                      "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>\n",
                      x + step / 2, bottom + 15, class);
}

/* Draw the bars of a run; \a data: the axis of all runs. */
static void draw_bars(td_text *text, const td_runs *runs, int run, const void *data)
{
    const td_checkpoint *c = runs->runs[run]->checkpoint;
    td_frame f = { text, HEIGHT, TOP, *(const td_axis *) data };
    if (!c->class_counts) {
        td_text_write(text,
                      "<p class=\"note\">This checkpoint does not hold the "
                      "counts of its %d classes.</p>\n",
                      c->classes);
        return;
    }
    TD_ASSERT(c->classes > 0);
    td_frame_begin(&f, "training images of each class", "training images");
    td_frame_values(&f, 9);
    td_frame_caption(&f, "class");
    const char *name =
        c->texts.class_names && *c->texts.class_names ? c->texts.class_names : NULL;
    for (int class = 0; class < c->classes; class ++, name = next_name(name))
        draw_bar(&f, c, class, name);
    td_frame_end(&f);
}

void td_page_classes(td_text *text, const td_runs *runs)
{
    td_axis axis = td_axis_fit(0, (double) most_of(runs), 6);
    td_section_begin(text, "Class counts",
                     "Training images of each class that the long tail keeps, before "
                     "the halves are cut.");
    td_section_figures(text, runs, draw_bars, &axis);
}
