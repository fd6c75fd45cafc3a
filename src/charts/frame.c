/* The frame of charts and bars: a picture with a vertical axis of round numbers and a
 * grid; the space below is for the horizontal axis. */
#include "taildart/charts.h"

enum { BOTTOM = 36 };

void td_frame_begin(const td_frame *f, const char *title, const char *unit)
{
    TD_ASSERT(f->height > f->top + BOTTOM);
    td_text_write(f->text,
                  "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\">"
                  "<title>%s</title>\n"
                  "<text class=\"unit\" x=\"4\" y=\"13\">%s</text>\n",
                  TD_FRAME_ALL, f->height, title, unit);
}

void td_frame_end(const td_frame *f)
{
    td_text_write(f->text, "</svg>\n");
}

int td_frame_bottom(const td_frame *f)
{
    return f->height - BOTTOM;
}

double td_frame_y(const td_frame *f, double value)
{
    int bottom = td_frame_bottom(f);
    return bottom - td_axis_share(&f->values, value) * (bottom - f->top);
}

void td_frame_values(const td_frame *f, int digits)
{
    for (int i = 0; i < f->values.ticks; i++) {
        double tick = td_axis_tick(&f->values, i), y = td_frame_y(f, tick);
        td_text_write(f->text,
                      "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text x=\"%d\" "
                      "y=\"%.1f\" text-anchor=\"end\">%.*g</text>\n",
                      TD_FRAME_LEFT, y, TD_FRAME_RIGHT, TD_FRAME_LEFT - 7, y + 4,
                      digits, tick);
    }
}

void td_frame_caption(const td_frame *f, const char *caption)
{
    td_text_write(f->text, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
                  (TD_FRAME_LEFT + TD_FRAME_RIGHT) / 2, f->height - 4, caption);
}
