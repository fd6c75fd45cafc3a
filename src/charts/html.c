/* Texts and numbers as HTML. */
#include "taildart/charts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *entity_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void td_html_escape(td_text *text, const char *words)
{
    td_text shown = { 0 }; /* a page is UTF-8 without control characters */
    td_text_write_shown(&shown, words, "\n\t");
    for (const char *at = shown.chars; *at; at++) {
        const char *entity = entity_of(*at);
        if (entity)
            td_text_write_bytes(text, entity, strlen(entity));
        else
            td_text_write_bytes(text, at, 1);
    }
    td_free(shown.chars);
}

void td_html_number(td_text *text, const char *format, double value)
{
    char digits[64];
    if (!isfinite(value)) {
        td_text_write(text, "–");
        return;
    }
    TD_ASSERT(format[0] == '%');
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(digits, sizeof digits, fabs(value) < 1e15 ? format : "%.6g", value);
#pragma GCC diagnostic pop
    td_text_write(text, "%s", digits);
}

void td_html_whole(td_text *text, int64_t value)
{
    char digits[32];
    int length = snprintf(digits, sizeof digits, "%lld", (long long) value);
    for (int i = 0; i < length; i++) {
        bool is_group = i > 0 && digits[i - 1] != '-' && (length - i) % 3 == 0;
        td_text_write(text, "%s%c", is_group ? "\u202f" : "", digits[i]);
    }
}

void td_html_seconds(td_text *text, double seconds)
{
    if (!(seconds >= 0) || isinf(seconds))
        td_text_write(text, "–");
    else if (seconds < 120)
        td_text_write(text, "%.1f s", seconds);
    else if (seconds < 7200)
        td_text_write(text, "%d min %d s", (int) seconds / 60, (int) seconds % 60);
    else
        td_text_write(text, "%.0f h %d min", floor(seconds / 3600),
                      (int) fmod(seconds / 60, 60));
}

/* ---- sections -------------------------------------------------------------------- */

void td_section_begin(td_text *text, const char *heading, const char *sentence)
{
    td_text_write(text, "<section>\n<h2>%s</h2>\n<p>%s</p>\n", heading, sentence);
}

void td_scroll_begin(td_text *text, const char *kind, const char *name)
{
    td_text_write(text,
                  "<div class=\"%s\" tabindex=\"0\" role=\"region\" "
                  "aria-label=\"%s\">",
                  kind, name);
}
