/** Floor 6: charts in a terminal, of letters. */
#ifndef TAILDART_CHARTS_TERMINAL_H
#define TAILDART_CHARTS_TERMINAL_H

#include "taildart/base_text.h"

TD_PUBLIC_BEGIN

/** What a terminal can show. */
typedef struct {
    int columns;
    bool has_utf8;    /**< braille and frames; printable ASCII without */
    bool has_colours; /**< of the first six lines of a chart           */
} td_terminal_look;

/** The look of the terminal that stdout is: its width, or 80 columns; UTF-8 as LC_ALL,
 *  LC_CTYPE or LANG say; colours where it is a terminal and NO_COLOR is not set.
 *  Not collective. */
td_terminal_look td_terminal_look_now(void);

/** A line of a chart: x rises; y is NaN where it has a gap.  Borrowed. */
typedef struct {
    const char *name;
    const double *x, *y; /**< (count) */
    int count;
} td_terminal_line;

/** What td_terminal_chart draws. */
typedef struct {
    const char *title;
    double low, high; /**< in the scale in any case; NaN: only the lines' */
    const td_terminal_line *lines; /**< (count) */
    int count;
} td_terminal_picture;

/** Draw a chart over epochs of at most look->columns: title, key, a frame with round
 *  numbers.  Where there are several lines, each has a mark at its end.
 *  Not collective. */
void td_terminal_chart(td_text *text, const td_terminal_picture *picture,
                       const td_terminal_look *look);

enum { TD_ASCII_LEVELS = 3 }; /**< heights that a letter of ASCII tells apart */

/** Put a point into a drawing of ASCII, `rows` lines of letters that are \a stride
 *  apart, the first on top.  Not collective.
 *  \param [in] height  from below, less than rows * TD_ASCII_LEVELS */
void td_ascii_point(char *cells, int stride, int rows, int x, int height);

TD_PUBLIC_END

#endif
