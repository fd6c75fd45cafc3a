/* A figure of each run. */
#include "page.h"

void td_section_figures(td_text *text, const td_runs *runs, td_draw_run *draw,
                        const void *data)
{
    td_text_write(text, "<div class=\"figures\">\n");
    for (int r = 0; r < runs->count; r++) {
        td_text_write(text, "<figure>\n");
        if (runs->count > 1) {
            td_text_write(text, "<figcaption>");
            td_html_escape(text, runs->runs[r]->name);
            td_text_write(text, "</figcaption>\n");
        }
        draw(text, runs, r, data);
        td_text_write(text, "</figure>\n");
    }
    td_text_write(text, "</div>\n</section>\n");
}
