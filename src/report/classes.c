/* The classes by name: their training images and how many of their test images are
 * answered right, as a table with bars in it, the largest class first. */
#include "page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "taildart/files.h"

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

/* Those of a table. */
typedef struct {
    column *all; /* owned */
    int64_t count, room;
} column_list;

/* Of one run all evaluations of its classes, of several the one that speaks for
 * each. */
static column_list columns_of(const td_runs *runs, int only)
{
    column_list list = { 0 };
    bool is_alone = runs->count == 1;
    for (int r = 0; r < runs->count; r++) {
        const td_report_run *run = runs->runs[r];
        const td_evaluation *test = td_report_test(run);
        if (only >= 0 && r != only)
            continue;
        for (int i = 0; i < run->evaluation_count; i++) {
            const td_evaluation *e = &run->evaluations[i];
            if (e->classes != run->checkpoint->classes || !(is_alone || e == test))
                continue;
            list.all = td_extend(list.all, list.count, &list.room, sizeof *list.all);
            list.all[list.count++] = (column){ r, e };
        }
    }
    return list;
}

/* What was tested, with the name of the data. */
static char *test_of(const td_evaluation *e)
{
    td_text text = { 0 };
    td_write_test_name(&text, e);
    td_text_write(&text, " of ");
    td_html_escape(&text, e->data);
    return text.chars;
}

/* Whether all columns tell of the same test. */
static bool have_one_test(const column_list *of)
{
    bool is_one = true;
    for (int64_t i = 1; i < of->count; i++) {
        char *first = test_of(of->all[0].of), *other = test_of(of->all[i].of);
        is_one = is_one && strcmp(first, other) == 0;
        td_free(first);
        td_free(other);
    }
    return is_one;
}

static void write_head(td_text *text, const td_runs *runs, column head, bool is_one)
{
    td_text_write(text, "<th scope=\"col\">");
    if (runs->count > 1) {
        td_run_swatch(text, head.run);
        td_html_escape(text, runs->names[head.run]);
    } else
        td_write_test_name(text, head.of);
    if (runs->count > 1 && !is_one) {
        char *test = test_of(head.of);
        td_text_write(text, ": <em>%s</em>", test);
        td_free(test);
    }
    td_text_write(text, "</th>");
}

static void write_heads(td_text *text, const td_runs *runs, const column_list *of)
{
    bool is_one = have_one_test(of);
    td_text_write(text, "<thead><tr><th scope=\"col\">class</th><th scope=\"col\">"
                        "training images</th>");
    for (int64_t i = 0; i < of->count; i++)
        write_head(text, runs, of->all[i], is_one);
    td_text_write(text, "</tr></thead>\n");
}

/* A cell with a bar behind its number. */
static void begin_bar(td_text *text, double share)
{
    td_text_write(text, "<td class=\"bar\" style=\"--s:%.4f\">",
                  fmax(0, fmin(1, isfinite(share) ? share : 0)));
}

static void write_class(td_text *text, const td_checkpoint *c, const char *name,
                        place of, int64_t most, const column_list *columns)
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
    for (int64_t i = 0; i < columns->count; i++) {
        const td_evaluation *e = columns->all[i].of;
        TD_ASSERT(of.number < e->classes && c->classes > 0);
        double share = e->class_top1[of.number];
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
    if (!c->class_counts) {
        td_text_write(text,
                      "<p class=\"note\">This checkpoint does not hold the "
                      "counts of its %d classes.</p>\n",
                      c->classes);
        return;
    }
    TD_ASSERT(c->classes > 0);
    column_list columns = columns_of(runs, only);
    place *places = order_of(c);
    td_class_name *names = td_checkpoint_class_names(c);
    td_scroll_begin(text, "scroll tall", "classes");
    td_text_write(text, "<table class=\"classes\">\n");
    write_heads(text, runs, &columns);
    td_text_write(text, "<tbody>\n");
    for (int k = 0; k < c->classes; k++)
        write_class(text, c, names[places[k].number], places[k], places[0].images,
                    &columns);
    td_text_write(text, "</tbody>\n</table></div>\n");
    td_free(names);
    td_free(places);
    td_free(columns.all);
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
