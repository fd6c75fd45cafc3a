/* The page of a study.  See page.h for the order of reading. */
#include "page.h"

/* ---- what is done ---------------------------------------------------------------- */

static bool is_done(const td_study_result *result)
{
    return !result->failure && result->done[TD_STUDY_EVAL];
}

/* Points of the grid that are wanted, and those of them that are done and failed. */
static int count_points(const td_study_view *view, td_study_tally *tally)
{
    int wanted = 0;
    *tally = (td_study_tally){ 0, 0 };
    for (int i = 0; i < td_grid_point_count(view->study); i++) {
        if (td_study_is_excluded(view->study, td_grid_point_at(view->study, i)))
            continue;
        wanted++;
        tally->done += is_done(&view->results[i]);
        tally->failed += view->results[i].failure != NULL;
    }
    return wanted;
}

/* What it is, and how far. */
static void write_head(td_text *text, const td_study_view *view)
{
    const td_study *s = view->study;
    td_study_tally tally;
    int wanted = count_points(view, &tally);
    td_text_write(text, "<header>\n<h1>");
    td_html_escape(text, s->out);
    td_text_write(text, "</h1>\n<p>A study: %d of %d %s done", tally.done, wanted,
                  td_noun(wanted, "point", "points"));
    if (tally.failed > 0)
        td_text_write(text, ", <strong>%d failed</strong>", tally.failed);
    td_text_write(text, "; %d %s, %d %s", s->method_count,
                  td_noun(s->method_count, "method", "methods"), s->seed_count,
                  td_noun(s->seed_count, "seed", "seeds"));
    if (s->method_count > 1) {
        td_text_write(text, ", compared with ");
        td_html_escape(text, s->methods[s->control].name);
    }
    td_text_write(text, ".</p>\n</header>\n");
}

static void write_point(td_text *text, const td_study_view *view, int index)
{
    td_grid_point point = td_grid_point_at(view->study, index);
    const td_study_result *result = &view->results[index];
    char *name = td_grid_point_name(view->study, point);
    td_text_write(text, "<li>");
    td_html_escape(text, name);
    td_text_write(text, ": %s", td_study_state_of(result, NULL));
    if (result->failure) {
        td_text_write(text, ": ");
        td_html_escape(text, result->failure);
    }
    td_text_write(text, "</li>\n");
    td_free(name);
}

/* What is not done: a list of those that failed first, then of the others. */
static void write_points(td_text *text, const td_study_view *view)
{
    enum { MOST = 200 };
    td_study_tally tally;
    int wanted = count_points(view, &tally), listed = 0, missing = wanted - tally.done;
    if (missing == 0)
        return;
    td_section_begin(text, "Points that are not done",
                     "trained: the test is missing; searched: the training, too; "
                     "missing: all of it. The study's command goes on with them, and "
                     "tries those that failed again.");
    td_text_write(text, "<ul class=\"points\">\n");
    for (int failed = 1; failed >= 0; failed--)
        for (int i = 0; i < td_grid_point_count(view->study); i++) {
            td_grid_point point = td_grid_point_at(view->study, i);
            if ((view->results[i].failure != NULL) != failed ||
                is_done(&view->results[i]) ||
                td_study_is_excluded(view->study, point) || listed == MOST)
                continue;
            write_point(text, view, i);
            listed++;
        }
    if (missing > listed)
        td_text_write(text, "<li>and %d more: study.csv has all</li>\n",
                      missing - listed);
    td_text_write(text, "</ul>\n</section>\n");
}

/* ---- all of it ------------------------------------------------------------------- */

static void write_file(td_text *text, const td_study *study)
{
    td_text_write(text, "<section>\n<details><summary>the study file</summary><pre>");
    td_html_escape(text, study->text);
    td_text_write(text, "</pre></details>\n</section>\n");
}

static void write_body(td_text *text, const void *data)
{
    const td_study_view *view = data;
    write_head(text, view);
    td_study_page_table(text, view);
    td_study_page_spread(text, view);
    td_study_page_differences(text, view);
    td_study_page_curves(text, view);
    write_points(text, view);
    write_file(text, view->study);
}

char *td_study_page(const td_study *study, const td_study_result *results)
{
    const td_study_view view = { study, results };
    char *title = td_format("%s – taildart", study->out);
    char *page = td_page_write(title, "study", write_body, &view);
    td_free(title);
    return page;
}
