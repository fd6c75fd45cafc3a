/* A page of runs.  See page.h for the order of reading. */
#include "page.h"

/* The names of the runs, for td_free. */
static char *title_of(const td_runs *runs)
{
    td_text names = { 0 };
    for (int r = 0; r < runs->count; r++)
        td_text_write(&names, "%s%s", r > 0 ? ", " : "", runs->names[r]);
    td_text_write(&names, " – taildart");
    return names.chars;
}

static void write_body(td_text *text, const void *data)
{
    const td_runs *runs = data;
    td_page_head(text, runs);
    td_page_table(text, runs);
    td_page_differences(text, runs);
    td_page_tests(text, runs);
    td_text_write(text, "<div class=\"kinds\">\n");
    td_page_charts(text, runs);
    td_page_entropies(text, runs);
    td_text_write(text, "</div>\n");
    td_page_classes(text, runs);
    td_page_heatmaps(text, runs);
    td_page_cells(text, runs);
    td_page_configurations(text, runs);
}

char *td_report_page(td_report_run *const *runs, int count)
{
    TD_ASSERT(runs && count > 0);
    td_runs all = td_runs_named(runs, count);
    char *title = title_of(&all);
    char *page =
        td_page_write(title, count > 1 ? "several" : "alone", write_body, &all);
    td_free(title);
    td_runs_clear(&all);
    return page;
}
