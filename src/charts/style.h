/* Style of the pages. */
#ifndef TD_CHARTS_STYLE_H
#define TD_CHARTS_STYLE_H

extern const char td_page_style[];

#endif
