/* Pictures that a camera stored turned or mirrored, put upright. */
#include <string.h>

#include "codecs.h"

enum { ORIENTATION = 0x0112, SHORT = 3, ENTRY = 12 };

/* ---- what EXIF says -------------------------------------------------------------- */

static unsigned number(const uint8_t *at, int bytes, bool is_little)
{
    unsigned value = 0;
    for (int i = 0; i < bytes; i++)
        value = value << 8 | at[is_little ? bytes - 1 - i : i];
    return value;
}

int td_exif_orientation(const uint8_t *tiff, size_t n)
{
    if (n < 8 || (memcmp(tiff, "II*\0", 4) != 0 && memcmp(tiff, "MM\0*", 4) != 0))
        return 1;
    bool is_little = tiff[0] == 'I';
    size_t at = number(tiff + 4, 4, is_little);
    if (at + 2 > n)
        return 1;
    unsigned entries = number(tiff + at, 2, is_little);
    at += 2;
    for (unsigned i = 0; i < entries && at + ENTRY <= n; i++, at += ENTRY) {
        unsigned value = number(tiff + at + 8, 2, is_little);
        if (number(tiff + at, 2, is_little) == ORIENTATION &&
            number(tiff + at + 2, 2, is_little) == SHORT && value >= 1 && value <= 8)
            return (int) value;
    }
    return 1;
}

/* ---- putting right --------------------------------------------------------------- */

/* Which sides of the stored picture run backward, and whether rows are columns: the
 * eight orientations are all there are. */
void td_turn(uint8_t *out, const uint8_t *in, const td_picture *shape, int channels)
{
    int turn = shape->turn;
    bool is_transposed = turn >= 5;
    bool flips_rows = turn == 3 || turn == 4 || turn == 6 || turn == 7;
    bool flips_columns = turn == 2 || turn == 3 || turn == 7 || turn == 8;
    size_t size = (size_t) channels;
    int height = is_transposed ? shape->width : shape->height;
    int width = is_transposed ? shape->height : shape->width;
    for (int y = 0; y < shape->height; y++)
        for (int x = 0; x < shape->width; x++, out += size) {
            int row = is_transposed ? x : y, column = is_transposed ? y : x;
            row = flips_rows ? height - 1 - row : row;
            column = flips_columns ? width - 1 - column : column;
            memcpy(out, in + ((size_t) row * (size_t) width + (size_t) column) * size,
                   size);
        }
}
