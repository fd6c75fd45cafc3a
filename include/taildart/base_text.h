/** Floor 1: a text that grows while it is written. */
#ifndef TAILDART_BASE_TEXT_H
#define TAILDART_BASE_TEXT_H

#include "taildart/base.h"

/** Starts as `{ 0 }`.  Whoever hands \a chars on gives it away: there is no clear. */
typedef struct {
    char *chars;     /**< for td_free, ends with '\0'; NULL before the first write */
    size_t length;   /**< without the end                                          */
    size_t capacity; /**< bytes owned                                              */
} td_text;

/** Append formatted text.  Not collective. */
void td_text_write(td_text *text, const char *format, ...) TD_PRINTF(2, 3);

/** Append \a count bytes as they are.  Not collective. */
void td_text_write_bytes(td_text *text, const char *bytes, size_t count);

#endif
