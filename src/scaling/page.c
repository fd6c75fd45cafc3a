/* The page of a scaling.csv: charts, then numbers. */
#include <math.h>

#include "series.h"
#include "taildart/charts.h"

static bool has_mode(const td_series_list *list, td_scaling_mode mode)
{
    for (int i = 0; i < list->count; i++)
        if (list->series[i].rows[0]->mode == mode)
            return true;
    return false;
}

static void write_charts(td_text *text, const td_series_list *list,
                         td_scaling_mode mode)
{
    if (!has_mode(list, mode))
        return;
    td_section_begin(text, mode == TD_WEAK ? "Weak scaling" : "Strong scaling",
                     mode == TD_WEAK
                         ? "Each rank keeps its images, the global batch grows; "
                           "ideal is a step of the same time on any number of ranks."
                         : "The global batch stays, each rank gets a share of it; "
                           "ideal is half the time on twice the ranks.");
    td_scaling_legend(text, list, mode);
    td_text_write(text, "<div class=\"figures\">\n");
    td_scaling_charts(text, list, mode);
    td_text_write(text, "</div>\n</section>\n");
}

/* ---- numbers ----------------------------------------------------------------- */

static const char *const headings[] = {
    "ranks",  "batch",    "seconds per step", "images/s", "transfer s",
    "wait s", "speed-up", "efficiency",       "hosts",    "MPI",
    "date",
};
enum { HEADINGS = sizeof headings / sizeof *headings };

static void write_cell(td_text *text, const char *format, double value)
{
    td_text_write(text, "<td>");
    td_html_number(text, format, value);
    td_text_write(text, "</td>");
}

static void write_words(td_text *text, const char *words)
{
    td_text_write(text, "<td>");
    td_html_escape(text, words);
    td_text_write(text, "</td>");
}

static void write_row(td_text *text, const td_series *s, int i)
{
    const td_scaling_row *row = s->rows[i];
    td_text_write(text, "<tr><th>%d</th>", row->ranks);
    write_cell(text, "%.7g", row->batch);
    write_cell(text, "%.4g", row->seconds);
    write_cell(text, "%.5g", row->images_per_second);
    write_cell(text, "%.3g", row->transfer);
    write_cell(text, "%.3g", row->wait);
    write_cell(text, "%.4g", td_series_speed_up(s, i));
    write_cell(text, "%.1f %%", 100 * td_series_efficiency(s, i));
    write_words(text, row->hosts);
    write_words(text, row->mpi);
    write_words(text, row->date);
    td_text_write(text, "</tr>\n");
}

static void write_table(td_text *text, const td_series *s)
{
    td_text name = { 0 };
    td_text_write(&name, "%s: ", td_scaling_mode_name(s->rows[0]->mode));
    td_series_write_name(&name, s);
    td_text_write(text, "<h3>");
    td_html_escape(text, name.chars);
    td_text_write(text, "</h3>\n");
    td_scroll_begin(text, "scroll", "numbers");
    td_text_write(text, "<table>\n<thead><tr>");
    for (int i = 0; i < HEADINGS; i++)
        td_text_write(text, "<th>%s</th>", headings[i]);
    td_text_write(text, "</tr></thead>\n<tbody>\n");
    for (int i = 0; i < s->count; i++)
        write_row(text, s, i);
    td_text_write(text, "</tbody>\n</table></div>\n");
    td_free(name.chars);
}

/* ---- the page ---------------------------------------------------------------- */

static void write_body(td_text *text, const void *data)
{
    const td_series_list *list = data;
    td_text_write(text, "<h1>taildart: scaling</h1>\n");
    write_charts(text, list, TD_WEAK);
    write_charts(text, list, TD_STRONG);
    td_section_begin(text, "Numbers",
                     "Of several rows with as many ranks the last one of the file. "
                     "Without an efficiency of its own, a row stands against that of "
                     "its series with the fewest ranks.");
    for (int i = 0; i < list->count; i++)
        write_table(text, &list->series[i]);
    td_text_write(text, "</section>\n");
}

char *td_scaling_page(const td_scaling_file *file, const char *title)
{
    td_series_list list = td_series_of(file);
    char *page = td_page_write(title, "several", write_body, &list);
    td_series_clear(&list);
    return page;
}
