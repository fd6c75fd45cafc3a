/* Means over seeds, as a table. */
#include <math.h>

#include "page.h"

static const td_study_measure shown[] = {
    TD_STUDY_TEST_BALANCED,  TD_STUDY_TEST_TOP1,     TD_STUDY_TEST_MANY,
    TD_STUDY_TEST_MEDIUM,    TD_STUDY_TEST_FEW,      TD_STUDY_VALID_BALANCED,
    TD_STUDY_SEARCH_MINUTES, TD_STUDY_TRAIN_MINUTES,
};

enum { SHOWN = sizeof shown / sizeof *shown };

/* Whether any point has a number for a measure: a column without one is left out. */
static bool is_known(const td_study_view *view, td_study_measure measure)
{
    for (int i = 0; i < td_grid_point_count(view->study); i++)
        if (!isnan(view->results[i].value[measure]))
            return true;
    return false;
}

/* A hyphen of a title breaks no line. */
static void write_title(td_text *text, const char *title)
{
    td_text_write(text, "<th scope=\"col\">");
    for (const char *at = title; *at; at++)
        if (*at == '-')
            td_text_write(text, "\u2011");
        else
            td_text_write(text, "%c", *at);
    td_text_write(text, "</th>");
}

static void write_head(td_text *text, const td_study_view *view)
{
    td_scroll_begin(text, "scroll", "methods");
    td_text_write(text,
                  "<table class=\"runs\">\n<thead><tr><th scope=\"col\">method</th><th "
                  "scope=\"col\">imbalance</th>");
    if (view->study->axis_count > 0)
        td_text_write(text, "<th scope=\"col\">setting</th>");
    for (int m = 0; m < SHOWN; m++)
        if (is_known(view, shown[m]))
            write_title(text, td_study_measure_title(shown[m]));
    write_title(text, "rank");
    write_title(text, "done");
    td_text_write(text, "</tr></thead>\n<tbody>\n");
}

/* "0.512 ±0.013", and behind it the number of seeds where that is not the row's. */
static void write_figure(td_text *text, td_study_statistics s, int decimals, int done)
{
    td_text_write(text, "<td>");
    if (s.n == 0)
        td_text_write(text, "–");
    else
        td_text_write(text, "%.*f", decimals, s.mean);
    if (s.n > 1 && !isnan(s.sd) && decimals > 1) /* of ranks and minutes it is noise */
        td_text_write(text, " <em>±%.*f</em>", decimals, s.sd);
    if (s.n > 0 && s.n != done)
        td_text_write(text, " <em>n=%d</em>", s.n);
    td_text_write(text, "</td>");
}

static void write_place(td_text *text, const td_study *study, td_grid_point point)
{
    td_text_write(text, "<tr><th scope=\"row\">");
    td_html_escape(text, study->methods[point.method].name);
    if (point.method == study->control && study->method_count > 1)
        td_text_write(text, " <em>control</em>");
    td_text_write(text, "</th><td>%g</td>", study->imbalances[point.imbalance]);
    if (study->axis_count > 0) {
        char *setting = td_study_setting_name(study, point.setting);
        td_text_write(text, "<td>");
        td_html_escape(text, setting);
        td_text_write(text, "</td>");
        td_free(setting);
    }
}

static void write_row(td_text *text, const td_study_view *view, td_grid_point point)
{
    const td_study *s = view->study;
    td_study_tally tally = td_study_tally_of(s, view->results, point);
    int block = td_study_block_of(s, point);
    write_place(text, s, point);
    for (int m = 0; m < SHOWN; m++)
        if (is_known(view, shown[m]))
            write_figure(text, td_study_over_seeds(s, view->results, point, shown[m]),
                         td_study_measure_decimals(shown[m]), tally.done);
    write_figure(text, td_study_rank(s, view->results, point.method, block), 1,
                 tally.done);
    td_text_write(text, "<td>%d of %d", tally.done, s->seed_count);
    if (tally.failed > 0)
        td_text_write(text, " <strong>%d failed</strong>", tally.failed);
    td_text_write(text, "</td>");
    td_text_write(text, "</tr>\n");
}

void td_study_page_table(td_text *text, const td_study_view *view)
{
    td_section_begin(
        text, "Methods",
        "Mean ± sample standard deviation over seeds. test: the trained cell on the "
        "test part after its last epoch, balanced over classes or by image; many, "
        "medium and few are classes of over 100, 20 to 100, fewer training images; "
        "search: the supernet on its held-out half; rank: by the balanced test "
        "accuracy, 1 the best.");
    write_head(text, view);
    for (int block = 0; block < td_study_block_count(view->study); block++) {
        td_grid_point point = td_study_block_point(view->study, block);
        for (; point.method < view->study->method_count; point.method++)
            if (!td_study_is_excluded(view->study, point))
                write_row(text, view, point);
    }
    td_text_write(text, "</tbody>\n</table></div>\n</section>\n");
}
