/** Floor 1: a text that grows while it is written. */
#ifndef TAILDART_BASE_TEXT_H
#define TAILDART_BASE_TEXT_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

/** Starts as `{ 0 }`.  Its owner frees \a chars or hands it on: there is no clear. */
typedef struct {
    char *chars;     /**< for td_free, ends with '\0'; NULL before the first write */
    size_t length;   /**< without the end                                          */
    size_t capacity; /**< bytes owned                                              */
} td_text;

/** Append formatted text.  Not collective. */
void td_text_write(td_text *text, const char *format, ...) TD_PRINTF(2, 3);

/** Append \a count bytes as they are.  Not collective. */
void td_text_write_bytes(td_text *text, const char *bytes, size_t count);

/** Append \a words, broken at spaces so that no line is longer than \a width characters
 *  where a word fits; lines after the first begin with \a indent spaces.  The first
 *  goes on where \a text ends.  Not collective. */
void td_text_write_wrapped(td_text *text, int indent, int width, const char *words);

/** Append \a words as a string of JSON, with its quotes.  Not collective. */
void td_text_write_json(td_text *text, const char *words);

/** Append \a words as a field of CSV, in quotes where it needs them.
 *  Not collective. */
void td_text_write_csv(td_text *text, const char *words);

/** Read a line of CSV: its fields, without the quotes of those that have them, are cut
 *  in place.  A return before a line end belongs to it.  A line end within quotes ends
 *  the line, too, so that a row that was cut there takes no other along: what writes
 *  tables writes none into a field.
 *  Not collective.  \param [in,out] at  the line; moves behind it
 *  \param [out] fields  (\a most): the first ones, borrowed from the text
 *  \return how many the line has, 1 or more; an empty line has an empty one */
int td_text_read_csv(char **at, char **fields, int most);

/** The noun that \a count takes: \a one for 1, otherwise \a many.  Not collective. */
const char *td_noun(int64_t count, const char *one, const char *many);

/** "2.5 days", "2 h 05 min", "3.4 min", "12 s".  Not collective.
 *  \return for td_free */
char *td_duration(double seconds);

/* ---- text from outside ----------------------------------------------------------- */

/** Copy \a words so that they cannot control a terminal: control characters (line ends
 *  among them), marks that change the direction of writing, and bytes that are not
 *  UTF-8 become `\xNN`; printable characters stay as they are.  The log, errors and
 *  td_print do this by themselves.  Not collective.
 *  \param [out] out  what does not fit is cut behind a whole character, with "..."
 *  \param [in] capacity  bytes of \a out with the end, 8 or more */
void td_text_show(char *out, size_t capacity, const char *words);

/** Append \a words as td_text_show writes them, uncut; the characters of \a kept
 *  ("\n\t", or "") stay as they are.  Not collective. */
void td_text_write_shown(td_text *text, const char *words, const char *kept);

/** Compare names as people list them: numbers by their value and before words, words by
 *  their bytes.  Not collective.  \return below 0, 0, above 0, as strcmp */
int td_text_compare(const char *a, const char *b);

/** Whether \a word may become a folder, a word of a script or of a command line and
 *  mean only itself: letters, digits and `. _ -`, not beginning with `-` or `.`, at
 *  most 64.
 *  Not collective. */
bool td_text_is_name(const char *word);

TD_PUBLIC_END

#endif
