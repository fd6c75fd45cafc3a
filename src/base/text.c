#include "taildart/base_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "show.h"
#include "taildart/base_memory.h"

enum { FIRST_CAPACITY = 256, MOST_OF_NAME = 64 };

/* Reserve \a more bytes and the end; doubling keeps a long text linear in time. */
static void reserve(td_text *text, size_t more)
{
    size_t needed = text->length + more + 1;
    size_t capacity = text->capacity ? text->capacity : FIRST_CAPACITY;
    if (needed <= text->capacity)
        return;
    while (capacity < needed)
        capacity *= 2;
    text->chars = td_enlarge(text->chars, text->length, capacity);
    text->capacity = capacity;
}

void td_text_write(td_text *text, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    TD_CHECK(length >= 0, "cannot format \"%s\"", format);
    reserve(text, (size_t) length);
    vsnprintf(text->chars + text->length, (size_t) length + 1, format, again);
    va_end(again);
    text->length += (size_t) length;
}

void td_text_write_bytes(td_text *text, const char *bytes, size_t count)
{
    reserve(text, count);
    memcpy(text->chars + text->length, bytes, count);
    text->length += count;
    text->chars[text->length] = '\0';
    TD_ASSERT(text->length < text->capacity);
}

void td_text_write_json(td_text *text, const char *words)
{
    td_text_write_bytes(text, "\"", 1);
    for (; *words; words++) {
        if ((unsigned char) *words < ' ')
            td_text_write(text, "\\u%04x", (unsigned) *words);
        else
            td_text_write(text, "%s%c", strchr("\"\\", *words) ? "\\" : "", *words);
    }
    td_text_write_bytes(text, "\"", 1);
}

void td_text_write_csv(td_text *text, const char *words)
{
    if (!strpbrk(words, ",\"\r\n")) {
        td_text_write_bytes(text, words, strlen(words));
        return;
    }
    td_text_write_bytes(text, "\"", 1);
    for (; *words; words++)
        td_text_write(text, *words == '"' ? "\"%c" : "%c", *words);
    td_text_write_bytes(text, "\"", 1);
}

/* Cut the field at *at out of the text, its quotes taken off, and move behind it.
 * \return whether the line ends with it */
static bool cut_field(char **at, char **field)
{
    char *from = *at, *to = *at;
    bool is_quoted = *from == '"';
    *field = to;
    for (from += is_quoted; *from && *from != '\n'; from++) {
        if (*from == '\r' && (from[1] == '\n' || from[1] == '\0'))
            continue; /* of a line end of Windows */
        if (is_quoted && *from == '"' && from[1] == '"')
            from++;
        else if (*from == '"' && is_quoted) {
            is_quoted = false;
            continue;
        } else if (!is_quoted && *from == ',')
            break;
        *to++ = *from;
    }
    bool is_last = *from != ',';
    *at = *from ? from + 1 : from;
    *to = '\0';
    return is_last;
}

int td_text_read_csv(char **at, char **fields, int most)
{
    int count = 0;
    for (bool is_last = false; !is_last; count++) {
        char *field;
        is_last = cut_field(at, &field);
        if (count < most)
            fields[count] = field;
    }
    return count;
}

/* Bytes of \a text behind its last line end. */
static int column_of(const td_text *text)
{
    size_t at = text->length;
    while (at > 0 && text->chars[at - 1] != '\n')
        at--;
    return (int) (text->length - at);
}

void td_text_write_wrapped(td_text *text, int indent, int width, const char *words)
{
    int column = column_of(text);
    bool first = true;
    for (const char *word = words; *word; first = false) {
        int length = (int) strcspn(word, " ");
        if (!first && column + 1 + length > width) {
            td_text_write(text, "\n%*s", indent, "");
            column = indent;
        } else if (!first) {
            td_text_write(text, " ");
            column++;
        }
        td_text_write_bytes(text, word, (size_t) length);
        column += length;
        word += length + (word[length] == ' ');
    }
}

const char *td_noun(int64_t count, const char *one, const char *many)
{
    return count == 1 ? one : many;
}

void td_text_write_shown(td_text *text, const char *words, const char *kept)
{
    td_text_write_bytes(text, "", 0); /* no words give an empty text, not NULL */
    while (*words) {
        char shown[TD_SHOWN_BYTES];
        words += td_show(shown, words, kept);
        td_text_write_bytes(text, shown, strlen(shown));
    }
}

/* ---- names ----------------------------------------------------------------------- */

bool td_text_is_name(const char *word)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789._-";
    size_t length = strlen(word);
    return length > 0 && length <= MOST_OF_NAME && strspn(word, letters) == length &&
           word[0] != '-' && word[0] != '.';
}

char *td_duration(double seconds)
{
    TD_ASSERT(seconds >= 0.0);
    if (seconds < 100.0)
        return td_format("%.0f s", seconds);
    if (seconds < 3600.0)
        return td_format("%.1f min", seconds / 60.0);
    if (seconds >= 48.0 * 3600.0)
        return td_format("%.1f days", seconds / 86400.0);
    int minutes = (int) (seconds / 60.0 + 0.5);
    return td_format("%d h %02d min", minutes / 60, minutes % 60);
}

static bool is_number(const char *word)
{
    return *word && word[strspn(word, "0123456789")] == '\0';
}

int td_text_compare(const char *a, const char *b)
{
    bool number = is_number(a), other = is_number(b);
    if (number != other)
        return number ? -1 : 1;
    if (number && strlen(a) != strlen(b))
        return strlen(a) < strlen(b) ? -1 : 1;
    return strcmp(a, b);
}
