/* Colours of architecture weights. */
#include "heatmap.h"

#include <math.h>
#include <stdio.h>

/* Viridis (Smith and van der Walt, 2015) at nine stops: even steps of lightness, also
 * for colour-blind eyes and in grey. */
void td_heat_colour(double share, char out[8])
{
    static const unsigned char stops[9][3] = {
        { 68, 1, 84 },    { 71, 44, 122 },  { 59, 81, 139 },
        { 44, 113, 142 }, { 33, 144, 141 }, { 39, 173, 129 },
        { 92, 200, 99 },  { 170, 220, 50 }, { 253, 231, 37 },
    };
    double position = 8 * fmin(1, fmax(0, share));
    int i = position < 8 ? (int) position : 7;
    unsigned rgb[3];
    for (int k = 0; k < 3; k++)
        rgb[k] = (unsigned) (stops[i][k] +
                             (position - i) * (stops[i + 1][k] - stops[i][k]) + 0.5);
    snprintf(out, 8, "#%02x%02x%02x", rgb[0] & 255, rgb[1] & 255, rgb[2] & 255);
}

/* Mark the weight of undecided operations, if it is on the scale. */
static void write_undecided(td_text *text, const td_heat_scale *s)
{
    double share = (s->undecided - s->low) / (s->high - s->low);
    double x = 30 + 240 * share;
    if (!(share > 0 && share < 1))
        return;
    td_text_write(text,
                  "<path class=\"tick\" d=\"M%.1f 14v18\"/><text x=\"%.1f\" y=\"11\" "
                  "text-anchor=\"%s\">undecided: %.4g</text>",
                  x, x,
                  share < 0.1   ? "start"
                  : share > 0.9 ? "end"
                                : "middle",
                  s->undecided);
}

void td_heat_legend(td_text *text, const td_heat_scale *s)
{
    TD_ASSERT(s->high > s->low);
    enum { STEPS = 48, WIDTH = 240 };
    td_text_write(text, "<svg class=\"scale\" viewBox=\"0 0 300 48\" role=\"img\">"
                        "<title>colours of the weights</title>");
    for (int i = 0; i < STEPS; i++) {
        char colour[8];
        td_heat_colour((i + 0.5) / STEPS, colour);
        td_text_write(text,
                      "<rect x=\"%d\" y=\"17\" width=\"%d\" height=\"12\" "
                      "fill=\"%s\"/>",
                      30 + i * (WIDTH / STEPS), WIDTH / STEPS, colour);
    }
    td_text_write(text,
                  "<text x=\"30\" y=\"44\" text-anchor=\"middle\">%.4f</text>"
                  "<text x=\"270\" y=\"44\" text-anchor=\"middle\">%.4f</text>",
                  s->low, s->high);
    write_undecided(text, s);
    td_text_write(text, "</svg>\n");
}
