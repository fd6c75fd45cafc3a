/* A figure of each run. */
#include "page.h"

enum { MOST_OPEN = 6 }; /* figures; more are folded */

void td_section_figures(td_text *text, const td_runs *runs, td_draw_run *draw,
                        const void *data)
{
    bool is_folded = runs->count > MOST_OPEN;
    td_text_write(text, "<div class=\"figures\">\n");
    for (int r = 0; r < runs->count; r++) {
        td_text_write(text, "<figure>\n");
        if (runs->count > 1) {
            td_text_write(text, is_folded ? "<details><summary class=\"caption\">"
                                          : "<figcaption>");
            td_html_escape(text, runs->names[r]);
            td_text_write(text, is_folded ? "</summary>\n" : "</figcaption>\n");
        }
        draw(text, runs, r, data);
        td_text_write(text, "%s</figure>\n", is_folded ? "</details>\n" : "");
    }
    td_text_write(text, "</div>\n</section>\n");
}
