/** Floor 6: pages of HTML that need nothing beside themselves, and what charts in them
 *  are drawn with: inline SVG, no script, no font, no network. */
#ifndef TAILDART_CHARTS_H
#define TAILDART_CHARTS_H

#include "taildart/base_text.h"

TD_PUBLIC_BEGIN

/* ---- document.c ------------------------------------------------------------------ */

/** Writes the body of a page; \a data as given to td_page_write. */
typedef void td_write_body(td_text *text, const void *data);

/** Write a page whose numbers have a decimal point whatever the locale: a comma would
 *  spoil every coordinate.
 *  Not collective.  \param [in] title  plain words  \param [in] kind  the class of the
 *  body: "alone" sets sections in columns  \return for td_free */
char *td_page_write(const char *title, const char *kind, td_write_body *write,
                    const void *data);

/* ---- html.c ---------------------------------------------------------------------- */

/** Escape a text for use between tags and in quoted attributes; bytes that XML forbids
 *  become '?'.  Not collective. */
void td_html_escape(td_text *text, const char *words);

/** Write a number by a printf format; "–" for NaN and infinity.  Not collective. */
void td_html_number(td_text *text, const char *format, double value);

/** Write a whole number in groups of three digits.  Not collective. */
void td_html_whole(td_text *text, int64_t value);

/** Write a time as seconds, minutes or hours.  Not collective. */
void td_html_seconds(td_text *text, double seconds);

/** Begin a section with a heading and a sentence, both HTML.  Not collective. */
void td_section_begin(td_text *text, const char *heading, const char *sentence);

/** Begin what scrolls within itself where it is wider than the page, by keys, too; it
 *  ends with </div>.  Not collective.
 *  \param [in] kind  the class: "scroll", or "scroll tall", which scrolls up and down
 *  \param [in] name  for those who hear the page */
void td_scroll_begin(td_text *text, const char *kind, const char *name);

/* ---- axis.c ---------------------------------------------------------------------- */

/** A scale between round numbers. */
typedef struct {
    double low, high, step;
    int ticks; /**< low, low + step, … high */
} td_axis;

/** Fit the smallest round scale of at most \a most ticks (3 or more) that includes
 *  both; an empty range is widened, one that is not finite becomes 0…1.
 *  Not collective. */
td_axis td_axis_fit(double low, double high, int most);

/** The same for epochs 1…last: whole steps, and nothing beyond the last.
 *  Not collective. */
td_axis td_axis_epochs(int last, int most);

/** The i-th tick; never 0.30000000000000004.  Not collective. */
double td_axis_tick(const td_axis *axis, int i);

/** The position of \a value on the axis, 0 at low, 1 at high.  Not collective. */
double td_axis_share(const td_axis *axis, double value);

/* ---- frame.c --------------------------------------------------------------------- */

enum {
    TD_FRAME_LEFT = 66, /* numbers to the left of it */
    TD_FRAME_RIGHT = 446,
    TD_FRAME_ALL = TD_FRAME_RIGHT + 20, /* of the picture, for half a number */
    TD_FRAME_WIDTH = TD_FRAME_RIGHT - TD_FRAME_LEFT
};

/** A picture with values on its vertical axis. */
typedef struct {
    td_text *text; /**< borrowed: written to              */
    int height;    /**< of the picture                    */
    int top;       /**< y of the highest value            */
    td_axis values;
} td_frame;

/** Begin the picture, with its title and the unit of the values.  Not collective. */
void td_frame_begin(const td_frame *f, const char *title, const char *unit);

/** End it.  Not collective. */
void td_frame_end(const td_frame *f);

/** The y of the lowest value.  Not collective. */
int td_frame_bottom(const td_frame *f);

/** The y of any value.  Not collective. */
double td_frame_y(const td_frame *f, double value);

/** Draw the values' ticks as a grid, their numbers with so many digits at most.
 *  Not collective. */
void td_frame_values(const td_frame *f, int digits);

/** Write the label of the horizontal axis.  Not collective. */
void td_frame_caption(const td_frame *f, const char *caption);

TD_PUBLIC_END

#endif
