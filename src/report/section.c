/* A section of the page: a heading, a sentence, and a figure of each run. */
#include "page.h"

void td_section_begin(td_text *text, const char *heading, const char *sentence)
{
    td_text_write(text, "<section>\n<h2>%s</h2>\n<p>%s</p>\n", heading, sentence);
}

void td_section_figures(td_text *text, const td_runs *runs, td_draw_run *draw,
                        const void *what)
{
    td_text_write(text, "<div class=\"figures\">\n");
    for (int r = 0; r < runs->count; r++) {
        td_text_write(text, "<figure>\n");
        if (runs->count > 1) {
            td_text_write(text, "<figcaption>");
            td_html_escape(text, runs->runs[r]->name);
            td_text_write(text, "</figcaption>\n");
        }
        draw(text, runs, r, what);
        td_text_write(text, "</figure>\n");
    }
    td_text_write(text, "</div>\n</section>\n");
}
