/* The frame of a page: what stands before and behind its body. */
#include "taildart/charts.h"

#include "style.h"
#include "taildart/base_number.h"
#include "taildart/store_version.h"

static void write_head(td_text *text, const char *title)
{
    td_text_write(text,
                  "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
                  "<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" "
                  "content=\"width=device-width,initial-scale=1\"/>\n"
                  "<meta name=\"generator\" content=\"taildart %s\"/>\n<title>",
                  TD_VERSION);
    td_html_escape(text, title);
    td_text_write(text, "</title>\n<style>\n%s</style>\n</head>\n", td_page_style);
}

char *td_page_write(const char *title, const char *kind, td_write_body *write,
                    const void *data)
{
    td_text text = { 0 };
    void *before = td_numbers_plain();
    write_head(&text, title);
    td_text_write(&text, "<body class=\"%s\">\n", kind);
    write(&text, data);
    td_text_write(&text, "</body>\n</html>\n");
    td_numbers_restore(before);
    return text.chars;
}
