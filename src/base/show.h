/* One character of a text from outside, made safe for a terminal. */
#ifndef TD_BASE_SHOW_H
#define TD_BASE_SHOW_H

#include <stddef.h>

enum { TD_SHOWN_BYTES = 4 * 4 + 1 }; /* a character's bytes, each as \xNN */

/* Copy the character at \a at, which is not the end of its text, as it is shown; those
 * of \a kept stay.  \return how many bytes of it were taken */
size_t td_show(char out[TD_SHOWN_BYTES], const char *at, const char *kept);

#endif
