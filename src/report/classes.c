/* The classes by name: their training images and how many of their test images are
 * answered right, as a table with bars in it, the largest class first. */
#include "page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_COLUMNS = 24 }; /* of accuracies */

/* A class in the order of the table. */
typedef struct {
    int64_t images;
    int number;
} place;

static int compare(const void *a, const void *b)
{
    const place *x = a, *y = b;
    if (x->images != y->images)
        return x->images > y->images ? -1 : 1;
    return x->number - y->number;
}

/* \return (classes) for td_free */
static place *order_of(const td_checkpoint *c)
{
    place *places = td_malloc((size_t) c->classes * sizeof *places);
    for (int k = 0; k < c->classes; k++)
        places[k] = (place){ c->class_counts[k], k };
    qsort(places, (size_t) c->classes, sizeof *places, compare);
    return places;
}

/* A column of accuracies. */
typedef struct {
    int run;
    const td_evaluation *of;
} column;

/* Of one run all evaluations of its classes, of several the one that speaks for
 * each. */
static int columns_of(const td_runs *runs, int only, column out[MOST_COLUMNS])
{
    int count = 0;
    bool is_alone = runs->count == 1;
    for (int r = 0; r < runs->count; r++) {
        const td_report_run *run = runs->runs[r];
        const td_evaluation *test = td_report_test(run);
        if (only >= 0 && r != only)
            continue;
        for (int i = 0; i < run->evaluation_count && count < MOST_COLUMNS; i++) {
            const td_evaluation *e = &run->evaluations[i];
            if (e->classes == run->checkpoint->classes && (is_alone || e == test))
                out[count++] = (column){ r, e };
        }
    }
    return count;
}

static void write_heads(td_text *text, const td_runs *runs, const column *columns,
                        int count)
{
    td_text_write(text, "<thead><tr><th scope=\"col\">class</th><th scope=\"col\">"
                        "training images</th>");
    for (int i = 0; i < count; i++) {
        td_text_write(text, "<th scope=\"col\">");
        if (runs->count > 1) {
            td_run_swatch(text, columns[i].run);
            td_html_escape(text, runs->names[columns[i].run]);
        } else
            td_write_test_name(text, columns[i].of);
        td_text_write(text, "</th>");
    }
    td_text_write(text, "</tr></thead>\n");
}

/* A cell with a bar behind its number. */
static void begin_bar(td_text *text, double share)
{
    td_text_write(text, "<td class=\"bar\" style=\"--s:%.4f\">",
                  fmax(0, fmin(1, isfinite(share) ? share : 0)));
}

static void write_class(td_text *text, const td_checkpoint *c, const char *name,
                        place of, int64_t most, const column *columns, int count)
{
    td_text_write(text, "<tr><th scope=\"row\">");
    td_html_escape(text, name);
    char *number = td_format("%d", of.number);
    if (strcmp(number, name) != 0)
        td_text_write(text, " <em>%s</em>", number);
    td_free(number);
    td_text_write(text, "</th>");
    begin_bar(text, most > 0 ? (double) of.images / (double) most : 0);
    td_html_whole(text, of.images);
    td_text_write(text, "</td>");
    for (int i = 0; i < count; i++) {
        double share = columns[i].of->class_top1[of.number];
        TD_ASSERT(of.number < columns[i].of->classes && c->classes > 0);
        begin_bar(text, share);
        td_html_number(text, "%.3f", share);
        td_text_write(text, "</td>");
    }
    td_text_write(text, "</tr>\n");
}

/* The table of one run, or of all whose classes are the same (\a only -1). */
static void write_table(td_text *text, const td_runs *runs, int only)
{
    const td_checkpoint *c = runs->runs[only >= 0 ? only : 0]->checkpoint;
    column columns[MOST_COLUMNS];
    if (!c->class_counts) {
        td_text_write(text,
                      "<p class=\"note\">This checkpoint does not hold the "
                      "counts of its %d classes.</p>\n",
                      c->classes);
        return;
    }
    TD_ASSERT(c->classes > 0);
    int count = columns_of(runs, only, columns);
    place *places = order_of(c);
    td_class_name *names = td_checkpoint_class_names(c);
    td_scroll_begin(text, "scroll tall", "classes");
    td_text_write(text, "<table class=\"classes\">\n");
    write_heads(text, runs, columns, count);
    td_text_write(text, "<tbody>\n");
    for (int k = 0; k < c->classes; k++)
        write_class(text, c, names[places[k].number], places[k], places[0].images,
                    columns, count);
    td_text_write(text, "</tbody>\n</table></div>\n");
    td_free(names);
    td_free(places);
}

static void draw_table(td_text *text, const td_runs *runs, int run, const void *data)
{
    (void) data;
    write_table(text, runs, run);
}

/* Whether both have the same classes with as many images. */
static bool is_same(const td_checkpoint *a, const td_checkpoint *b)
{
    if (!a->class_counts || !b->class_counts || a->classes != b->classes)
        return a->class_counts == b->class_counts && a->classes == b->classes;
    const char *names = a->texts.class_names, *others = b->texts.class_names;
    return memcmp(a->class_counts, b->class_counts,
                  (size_t) a->classes * sizeof *a->class_counts) == 0 &&
           strcmp(names ? names : "", others ? others : "") == 0;
}

void td_page_classes(td_text *text, const td_runs *runs)
{
    bool are_same = true;
    for (int r = 1; r < runs->count; r++)
        are_same =
            are_same && is_same(runs->runs[0]->checkpoint, runs->runs[r]->checkpoint);
    td_section_begin(text, "Classes",
                     "Training images that the long tail keeps of each class, before "
                     "the halves are cut, the largest first; beside them the share of "
                     "each class's images that an evaluation got right.");
    if (are_same) {
        write_table(text, runs, -1);
        td_text_write(text, "</section>\n");
    } else
        td_section_figures(text, runs, draw_table, NULL);
}
