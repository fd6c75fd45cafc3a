/* Text from outside, made safe for a terminal.
 *
 * A class name, a path or a tensor name from a file that somebody sent may hold escape
 * sequences: they set a terminal's title, clear the screen, or answer for the user.
 * Escaped here, they are only shown.  Error messages pass through this file, so that it
 * asserts nothing and uses no other. */
#include "show.h"

#include <stdio.h>
#include <string.h>

#include "taildart/base_text.h"

/* ---- which characters print ------------------------------------------------------ */

/* Count the bytes of the character at \a at and decode its code point; 0 where the
 * bytes are not UTF-8 (shortest form, no surrogates, at most U+10FFFF). */
static size_t decode(const unsigned char *at, uint32_t *point)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t bytes = at[0] < 0x80   ? 1
                   : at[0] < 0xc2 ? 0
                   : at[0] < 0xe0 ? 2
                   : at[0] < 0xf0 ? 3
                   : at[0] < 0xf5 ? 4
                                  : 0;
    if (bytes <= 1) {
        *point = at[0];
        return bytes;
    }
    *point = at[0] & (0x7fu >> bytes);
    for (size_t i = 1; i < bytes; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0; /* a 0 at the end, too */
        *point = *point << 6 | (at[i] & 0x3f);
    }
    bool valid = *point >= least[bytes] && *point <= 0x10ffff &&
                 (*point < 0xd800 || *point > 0xdfff);
    return valid ? bytes : 0;
}

/* Controls (C0, DEL, C1), ends of lines and paragraphs, marks that change the
 * direction of writing so that a line reads otherwise than it is, and a byte-order
 * mark. */
static bool is_control(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x061c ||
           point == 0x200e || point == 0x200f || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2066 && point <= 0x2069) || point == 0xfeff;
}

/* ---- one character --------------------------------------------------------------- */

size_t td_show(char out[TD_SHOWN_BYTES], const char *at, const char *kept)
{
    uint32_t point;
    size_t bytes = decode((const unsigned char *) at, &point);
    size_t taken = bytes > 0 ? bytes : 1;
    bool prints = bytes > 0 && (!is_control(point) || strchr(kept, *at) != NULL);
    if (prints) {
        memcpy(out, at, taken);
        out[taken] = '\0';
        return taken;
    }
    for (size_t i = 0; i < taken; i++)
        snprintf(out + 4 * i, 5, "\\x%02x", (unsigned char) at[i]);
    return taken;
}

/* ---- words ----------------------------------------------------------------------- */

void td_text_show(char *out, size_t capacity, const char *words)
{
    static const char more[] = "...";
    size_t length = 0, cut = 0; /* cut: the last end that "..." fits behind */
    while (*words) {
        char shown[TD_SHOWN_BYTES];
        words += td_show(shown, words, "");
        size_t bytes = strlen(shown);
        if (length + bytes + 1 > capacity) {
            memcpy(out + cut, more, sizeof more);
            return;
        }
        memcpy(out + length, shown, bytes);
        length += bytes;
        if (length + sizeof more <= capacity)
            cut = length;
    }
    out[length] = '\0';
}
