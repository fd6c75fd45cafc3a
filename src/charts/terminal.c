/* Charts of letters.  A letter of braille has 2 x 4 points, one of ASCII three heights;
 * where several lines share a chart of ASCII each is drawn by its mark instead.  A line
 * ends in its mark, so that lines are told apart without colours, too. */
#include "taildart/charts_terminal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "taildart/base_terminal.h"
#include "taildart/charts.h"

enum {
    ROWS = 10,   /* of letters                           */
    LABEL = 9,   /* columns of a number and the frame    */
    END = 3,     /* columns behind the frame, for marks  */
    LEAST = 24,  /* columns: narrower terminals wrap     */
    MOST = 200,  /* wider ones are not filled            */
    COLOURS = 6, /* of lines                             */
    TICKS = 6
};

/* ---- the terminal ---------------------------------------------------------------- */

static bool has_utf8(void)
{
    static const char *const variables[] = { "LC_ALL", "LC_CTYPE", "LANG" };
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i]);
        if (!value || value[0] == '\0')
            continue;
        const char *codes = strchr(value, '.');
        return codes && (strncasecmp(codes, ".utf-8", 6) == 0 ||
                         strncasecmp(codes, ".utf8", 5) == 0);
    }
    return false;
}

td_terminal_look td_terminal_look_now(void)
{
    const char *plain = getenv("NO_COLOR");
    return (td_terminal_look){
        .columns = td_terminal_columns(),
        .has_utf8 = has_utf8(),
        .has_colours = td_terminal_is_watched() && !(plain && plain[0]),
    };
}

/* ---- the raster ------------------------------------------------------------------ */

/* Letters of a chart while it is drawn. */
typedef struct {
    const td_terminal_picture *picture;
    td_terminal_look look;
    td_axis epochs, values;
    int width;             /* in letters */
    unsigned char *points; /* (ROWS, width) of braille, a bit each      */
    char *letters;         /* (ROWS, width) of ASCII, 0 behind each row */
    int *owner;            /* (ROWS, width) line drawn there, or -1     */
    int *marked;           /* (ROWS, width + END) line that ends there, or -1 */
} raster;

/* Bits of a letter of braille, by row and column. */
static const unsigned char braille[4][2] = {
    { 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 }
};

/* Points across a letter and along its height. */
static int points_across(const raster *r)
{
    return r->look.has_utf8 ? 2 : 1;
}

static int points_along(const raster *r)
{
    if (r->look.has_utf8)
        return 4;
    return r->picture->count > 1 ? 1 : TD_ASCII_LEVELS;
}

/* "1" to "9", then letters; the first line is 1. */
static char mark_of(int line)
{
    static const char marks[] = "123456789abcdefghijklmnopqrstuvwxyz";
    return line < (int) sizeof marks - 1 ? marks[line] : '#';
}

void td_ascii_point(char *cells, int stride, int rows, int x, int height)
{
    static const char levels[] = "_-'";
    TD_ASSERT(height >= 0 && height < rows * TD_ASCII_LEVELS);
    cells[(rows - 1 - height / TD_ASCII_LEVELS) * stride + x] =
        levels[height % TD_ASCII_LEVELS];
}

/* Put a point of a line; x from the left, height from below. */
static void put_point(raster *r, int line, int x, int height)
{
    int along = points_along(r), column = x / points_across(r);
    int row = ROWS - 1 - height / along;
    TD_ASSERT(column >= 0 && column < r->width && row >= 0 && row < ROWS);
    int cell = row * r->width + column;
    if (r->look.has_utf8)
        r->points[cell] |= braille[along - 1 - height % along][x % 2];
    else if (r->picture->count == 1)
        td_ascii_point(r->letters, r->width + 1, ROWS, column, height);
    else
        r->letters[row * (r->width + 1) + column] =
            r->owner[cell] >= 0 && r->owner[cell] != line ? '*' : mark_of(line);
    r->owner[cell] = line;
}

static int across(const raster *r, double epoch)
{
    int most = r->width * points_across(r) - 1;
    return (int) lround(td_axis_share(&r->epochs, epoch) * most);
}

static int height_of(const raster *r, double value)
{
    int most = ROWS * points_along(r) - 1;
    return (int) lround(td_axis_share(&r->values, value) * most);
}

/* ---- lines ----------------------------------------------------------------------- */

/* Values above are not drawn: they come from a diverged run, and would flatten all
 * others. */
static const double MOST_DRAWN = 1e30;

static bool is_drawn(double value)
{
    return fabs(value) <= MOST_DRAWN;
}

/* Join two points, column by column, each with the heights down to the one before. */
static void join(raster *r, int line, const int from[2], const int to[2])
{
    int before = from[1];
    for (int x = from[0] + 1; x <= to[0]; x++) {
        double share = (double) (x - from[0]) / (to[0] - from[0]);
        int height = from[1] + (int) lround(share * (to[1] - from[1]));
        int step = height > before ? 1 : -1;
        put_point(r, line, x, height);
        if (r->look.has_utf8) /* a letter of ASCII shows one height alone */
            for (int h = before + step; (height - h) * step > 0; h += step)
                put_point(r, line, x, h);
        before = height;
    }
}

static void draw_line(raster *r, int line)
{
    const td_terminal_line *l = &r->picture->lines[line];
    int before[2] = { -1, 0 };
    for (int i = 0; i < l->count; i++) {
        int here[2] = { -1, 0 };
        if (is_drawn(l->y[i])) {
            here[0] = across(r, l->x[i]);
            here[1] = height_of(r, l->y[i]);
            put_point(r, line, here[0], here[1]);
            if (before[0] >= 0)
                join(r, line, before, here);
        }
        memcpy(before, here, sizeof before);
    }
}

/* Put a line's mark behind its last point, where there is room. */
static void mark_end(raster *r, int line)
{
    const td_terminal_line *l = &r->picture->lines[line];
    int last = l->count - 1;
    while (last >= 0 && !is_drawn(l->y[last]))
        last--;
    if (last < 0)
        return;
    int row = ROWS - 1 - height_of(r, l->y[last]) / points_along(r);
    int column = 1 + across(r, l->x[last]) / points_across(r);
    for (; column < r->width + END; column++) {
        int *mark = &r->marked[row * (r->width + END) + column];
        bool is_free = column >= r->width || r->owner[row * r->width + column] < 0;
        if (is_free && *mark < 0) {
            *mark = line;
            return;
        }
    }
}

/* ---- scales ---------------------------------------------------------------------- */

static td_axis value_axis(const td_terminal_picture *p)
{
    double low = p->low, high = p->high;
    for (int n = 0; n < p->count; n++)
        for (int i = 0; i < p->lines[n].count; i++)
            if (is_drawn(p->lines[n].y[i])) {
                low = fmin(low, p->lines[n].y[i]);
                high = fmax(high, p->lines[n].y[i]);
            }
    return td_axis_fit(low, high, TICKS);
}

static td_axis epoch_axis(const td_terminal_picture *p)
{
    double last = 0;
    for (int n = 0; n < p->count; n++)
        if (p->lines[n].count > 0)
            last = fmax(last, p->lines[n].x[p->lines[n].count - 1]);
    return td_axis_epochs((int) last, TICKS);
}

/* The value whose number stands at a row; NaN without one. */
static double tick_at(const raster *r, int row)
{
    for (int i = 0; i < r->values.ticks; i++) {
        double tick = td_axis_tick(&r->values, i);
        if (ROWS - 1 - height_of(r, tick) / points_along(r) == row)
            return tick;
    }
    return NAN;
}

/* ---- writing --------------------------------------------------------------------- */

static void begin_colour(td_text *text, const td_terminal_look *look, int line)
{
    static const int colours[COLOURS] = { 34, 33, 32, 35, 36, 31 };
    if (look->has_colours && line >= 0)
        td_text_write(text, "\033[%dm", colours[line % COLOURS]);
}

static void end_colour(td_text *text, const td_terminal_look *look, int line)
{
    if (look->has_colours && line >= 0)
        td_text_write(text, "\033[0m");
}

/* Whether a line has a point. */
static bool has_points(const td_terminal_line *line)
{
    for (int i = 0; i < line->count; i++)
        if (is_drawn(line->y[i]))
            return true;
    return false;
}

/* Write "1 training  2 validation", broken where the terminal ends. */
static void write_key(td_text *text, const td_terminal_picture *p,
                      const td_terminal_look *look)
{
    int column = 0;
    if (p->count == 1)
        return;
    for (int n = 0; n < p->count; n++) {
        char name[256];
        td_text_show(name, sizeof name, p->lines[n].name);
        td_terminal_cut(name, look->columns - 4);
        int width = td_terminal_width(name) + 4;
        if (column > 0 && column + width > look->columns) {
            td_text_write(text, "\n");
            column = 0;
        }
        td_text_write(text, "  ");
        begin_colour(text, look, n);
        td_text_write(text, "%c", mark_of(n));
        end_colour(text, look, n);
        td_text_write(text, " %s", name);
        column += width;
    }
    const char *shared = look->has_utf8 ? "" : "  * several";
    td_text_write(text, "%s%s\n",
                  column + (int) strlen(shared) > look->columns ? "\n" : "", shared);
}

static void write_braille(td_text *text, int points)
{
    int code = 0x2800 + points;
    const char bytes[] = { (char) (0xe0 | code >> 12),
                           (char) (0x80 | (code >> 6 & 0x3f)),
                           (char) (0x80 | (code & 0x3f)) };
    td_text_write_bytes(text, bytes, sizeof bytes);
}

static void write_letter(td_text *text, const raster *r, int row, int column)
{
    int mark = r->marked[row * (r->width + END) + column];
    int cell = row * r->width + column;
    int line = mark >= 0 ? mark : column < r->width ? r->owner[cell] : -1;
    if (line < 0) {
        td_text_write(text, " ");
        return;
    }
    begin_colour(text, &r->look, line);
    if (mark >= 0)
        td_text_write(text, "%c", mark_of(mark));
    else if (r->look.has_utf8)
        write_braille(text, r->points[cell]);
    else
        td_text_write(text, "%c", r->letters[row * (r->width + 1) + column]);
    end_colour(text, &r->look, line);
}

/* Blanks at the end of a line are left out. */
static void end_line(td_text *text)
{
    while (text->length > 0 && text->chars[text->length - 1] == ' ')
        text->chars[--text->length] = '\0';
    td_text_write(text, "\n");
}

static void write_row(td_text *text, const raster *r, int row)
{
    double tick = tick_at(r, row);
    if (isnan(tick))
        td_text_write(text, "%*s", LABEL - 1, "");
    else
        td_text_write(text, "%*.4g ", LABEL - 2, tick);
    td_text_write(text, "%s", r->look.has_utf8 ? isnan(tick) ? "│" : "┤" : "|");
    for (int column = 0; column < r->width + END; column++)
        write_letter(text, r, row, column);
    end_line(text);
}

/* The frame below, and the numbers of epochs. */
static void write_epochs(td_text *text, const raster *r)
{
    char *numbers = td_malloc((size_t) r->width + 32);
    memset(numbers, ' ', (size_t) r->width + 31);
    for (int i = 0, free_from = 0; i < r->epochs.ticks; i++) {
        double tick = td_axis_tick(&r->epochs, i);
        int at = across(r, tick) / points_across(r);
        char *digits = td_format("%.6g", tick);
        if (tick >= 1 && at >= free_from) {
            for (int d = 0; digits[d]; d++)
                numbers[at + d] = digits[d];
            free_from = at + (int) strlen(digits) + 1;
        }
        td_free(digits);
    }
    td_text_write(text, "%*s%s", LABEL - 1, "", r->look.has_utf8 ? "└" : "+");
    for (int column = 0; column < r->width; column++)
        td_text_write(text, "%s", r->look.has_utf8 ? "─" : "-");
    td_text_write(text, "\n%*s%.*s", LABEL, "", r->width + END, numbers);
    end_line(text);
    td_free(numbers);
}

/* ---- a chart --------------------------------------------------------------------- */

static void begin(raster *r)
{
    size_t cells = (size_t) ROWS * (size_t) r->width;
    r->points = td_malloc(cells);
    r->letters = td_malloc(cells + ROWS);
    r->owner = td_malloc(cells * sizeof *r->owner);
    r->marked = td_malloc((cells + (size_t) ROWS * END) * sizeof *r->marked);
    for (size_t i = 0; i < cells; i++)
        r->owner[i] = -1;
    for (size_t i = 0; i < cells + (size_t) ROWS * END; i++)
        r->marked[i] = -1;
}

static void end(raster *r)
{
    td_free(r->points);
    td_free(r->letters);
    td_free(r->owner);
    td_free(r->marked);
}

void td_terminal_chart(td_text *text, const td_terminal_picture *picture,
                       const td_terminal_look *look)
{
    int columns = look->columns < LEAST  ? LEAST
                  : look->columns > MOST ? MOST
                                         : look->columns;
    raster r = {
        .picture = picture,
        .look = { columns, look->has_utf8, look->has_colours },
        .epochs = epoch_axis(picture),
        .values = value_axis(picture),
        .width = columns - LABEL - END,
    };
    bool has_any = false;
    for (int n = 0; n < picture->count; n++)
        has_any = has_any || has_points(&picture->lines[n]);
    td_text_write(text, "%s\n", picture->title);
    if (!has_any) {
        td_text_write(text, "  nothing is known of it yet\n");
        return;
    }
    begin(&r);
    for (int n = 0; n < picture->count; n++)
        draw_line(&r, n);
    for (int n = 0; picture->count > 1 && n < picture->count; n++)
        mark_end(&r, n);
    write_key(text, picture, &r.look);
    for (int row = 0; row < ROWS; row++)
        write_row(text, &r, row);
    write_epochs(text, &r);
    end(&r);
}
