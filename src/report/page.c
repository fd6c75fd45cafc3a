/* A page of runs.  See page.h for the order of reading. */
#include "page.h"

#include <errno.h>
#include <locale.h>
#include <string.h>

#include "taildart/store_version.h"

static void write_title(td_text *text, const td_runs *runs)
{
    for (int r = 0; r < runs->count; r++) {
        td_text_write(text, "%s", r > 0 ? ", " : "");
        td_html_escape(text, runs->runs[r]->name);
    }
}

static void write_head(td_text *text, const td_runs *runs)
{
    td_text_write(text,
                  "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
                  "<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" "
                  "content=\"width=device-width,initial-scale=1\"/>\n"
                  "<meta name=\"generator\" content=\"taildart %s\"/>\n<title>",
                  TD_VERSION);
    write_title(text, runs);
    td_text_write(text, "</title>\n<style>\n%s</style>\n</head>\n", td_page_style);
}

static void write_body(td_text *text, const td_runs *runs)
{
    td_text_write(text, "<body class=\"%s\">\n<h1>taildart: %s</h1>\n",
                  runs->count > 1 ? "several" : "alone",
                  runs->count > 1 ? "runs side by side" : "a run");
    td_page_table(text, runs);
    td_text_write(text, "<div class=\"kinds\">\n");
    td_page_charts(text, runs);
    td_page_classes(text, runs);
    td_page_heatmaps(text, runs);
    td_page_cells(text, runs);
    td_text_write(text, "</div>\n");
    td_page_configurations(text, runs);
    td_text_write(text, "</body>\n</html>\n");
}

/* A decimal comma would spoil every coordinate. */
char *td_report_page(td_report_run *const *runs, int count)
{
    td_text text = { 0 };
    td_runs all = { runs, count };
    TD_ASSERT(runs && count > 0);
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t) 0);
    TD_CHECK(plain, "no C locale: %s", strerror(errno));
    locale_t before = uselocale(plain);
    write_head(&text, &all);
    write_body(&text, &all);
    uselocale(before);
    freelocale(plain);
    return text.chars;
}
