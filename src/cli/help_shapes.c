/* taildart help shapes: what a schedule does over the epochs, drawn by the function
 * that runs ask. */
#include "help_topics.h"

#include <math.h>
#include <string.h>

#include "taildart/base_text.h"
#include "taildart/charts_terminal.h"
#include "taildart/config_keys.h"
#include "taildart/optim.h"

enum { EPOCHS = 50, ACROSS = 4, GAP = 2 };

/* What is drawn of a shape that takes numbers, and its formula as text. */
static const struct {
    const char *formula;
    double gamma;
    int every;
} looks[] = {
    [TD_SHAPE_CONSTANT] = { "1", 1.0, 1 },
    [TD_SHAPE_LINEAR] = { "1 - t", 1.0, 1 },
    [TD_SHAPE_RISING_LINEAR] = { "t", 1.0, 1 },
    [TD_SHAPE_COSINE] = { "(1 + cos(pi t))/2", 1.0, 1 },
    [TD_SHAPE_QUARTER_COSINE] = { "cos(pi t/2)", 1.0, 1 },
    [TD_SHAPE_PARABOLIC] = { "1 - t^2", 1.0, 1 },
    [TD_SHAPE_RISING] = { "t^2", 1.0, 1 },
    [TD_SHAPE_TENT] = { "1 - |2t - 1|", 1.0, 1 },
    [TD_SHAPE_SYMMETRIC] = { "4t (1 - t)", 1.0, 1 },
    [TD_SHAPE_EXPONENTIAL] = { "gamma^e", 0.94, 1 },
    [TD_SHAPE_STEP] = { "gamma^floor(e/m)", 0.5, 15 },
    [TD_SHAPE_COUPLED] = { "mixing ratio", 1.0, 1 },
    [TD_SHAPE_BETA] = { "drawn each step", 1.0, 1 },
};

_Static_assert(sizeof looks / sizeof *looks == TD_SHAPE_BETA + 1, "td_shape");

/* ---- one shape ------------------------------------------------------------------- */

/* Its value in an epoch, from 1 to 0 where the shape says so. */
static double value_at(td_shape shape, int e)
{
    const td_schedule drawn = {
        .shape = shape,
        .start = 1.0,
        .gamma = looks[shape].gamma,
        .every = looks[shape].every,
    };
    const td_schedule mixing = { .shape = TD_SHAPE_PARABOLIC, .start = 1.0 };
    const td_random key = { .seed = 2, .stream = TD_STREAM_MIXING };
    return shape == TD_SHAPE_BETA
               ? td_schedule_draw(&drawn, &key, (uint32_t) e)
               : td_schedule_value(&drawn, e, EPOCHS,
                                   td_schedule_value(&mixing, e, EPOCHS, 0.0));
}

void td_cli_draw_shape(td_shape shape, char rows[TD_CLI_CURVE_ROWS][TD_CLI_CURVE + 1])
{
    enum { TOP = TD_ASCII_LEVELS * TD_CLI_CURVE_ROWS - 1 };
    for (int r = 0; r < TD_CLI_CURVE_ROWS; r++) {
        memset(rows[r], ' ', TD_CLI_CURVE);
        rows[r][TD_CLI_CURVE] = '\0';
    }
    for (int x = 0; x < TD_CLI_CURVE; x++) {
        int epoch = (x * EPOCHS + (TD_CLI_CURVE - 1) / 2) / (TD_CLI_CURVE - 1);
        int level = (int) lround(value_at(shape, epoch) * TOP);
        TD_ASSERT(level >= 0 && level <= TOP);
        td_ascii_point(rows[0], TD_CLI_CURVE + 1, TD_CLI_CURVE_ROWS, x, level);
    }
}

/* ---- all of them ----------------------------------------------------------------- */

static const char *name_of(int shape)
{
    const td_key *key = td_key_find("bbn.mixing.shape"); /* takes every shape */
    TD_ASSERT(key && shape < key->name_count);
    return key->names[shape];
}

/* A line of up to four cells; blanks at its end are left out. */
static void write_cells(td_text *text, const char *const *cells, int count)
{
    for (int i = 0; i < count; i++)
        td_text_write(text, "%-*.*s", TD_CLI_CURVE + GAP, TD_CLI_CURVE, cells[i]);
    while (text->length > 0 && text->chars[text->length - 1] == ' ')
        text->chars[--text->length] = '\0';
    td_text_write(text, "\n");
}

/* Draw shapes \a first and those behind it beside each other. */
static void write_band(td_text *text, int first, int count)
{
    char rows[ACROSS][TD_CLI_CURVE_ROWS][TD_CLI_CURVE + 1];
    const char *cells[ACROSS];
    for (int i = 0; i < count; i++) {
        td_cli_draw_shape((td_shape) (first + i), rows[i]);
        cells[i] = name_of(first + i);
    }
    td_text_write(text, "\n");
    write_cells(text, cells, count);
    for (int r = 0; r < TD_CLI_CURVE_ROWS; r++) {
        for (int i = 0; i < count; i++)
            cells[i] = rows[i][r];
        write_cells(text, cells, count);
    }
    for (int i = 0; i < count; i++)
        cells[i] = looks[first + i].formula;
    write_cells(text, cells, count);
}

char *td_cli_help_shapes(void)
{
    td_text text = { 0 };
    td_text_write(
        &text, "Shapes of schedules: learning rates, mixing ratio, drop path, "
               "temperatures,\npenalties.  The value is `start` at the top of a curve "
               "and `end` at its bottom;\nt goes from 0 to 1 over the epochs, e is the "
               "epoch.\n");
    for (int first = 0; first <= TD_SHAPE_BETA; first += ACROSS) {
        int left = TD_SHAPE_BETA + 1 - first;
        write_band(&text, first, left < ACROSS ? left : ACROSS);
    }
    td_text_write(
        &text,
        "\nexponential (gamma %g) and step (gamma %g, m = every = %d) fall "
        "from `start`.\ncoupled is for arch.lr alone: `start` times the mixing "
        "ratio, here parabolic;\nbeta is for bbn.mixing alone.  `taildart help "
        "keys weights.lr` tells the keys.\n",
        looks[TD_SHAPE_EXPONENTIAL].gamma, looks[TD_SHAPE_STEP].gamma,
        looks[TD_SHAPE_STEP].every);
    return text.chars;
}
