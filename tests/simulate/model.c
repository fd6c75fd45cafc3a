#include "model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "taildart/base_memory.h"
#include "taildart/base_random.h"

enum { ROWS = 32, LINE_BYTES = 512 };

typedef struct {
    double images, seconds[STAGES];
} model_row;

/* Of this rank, as each has variables of its own. */
static model_row rows[ROWS];
static int row_count;
static double deviation;
static unsigned done;

/* \return whether the line is a row */
static bool read_row(const char *line, model_row *row)
{
    double *s = row->seconds;
    return sscanf(line, "%lf %lf %lf %lf %lf %lf %lf", &row->images, s, s + 1, s + 2,
                  s + 3, s + 4, s + 5) == 1 + STAGES;
}

static void read_model(void)
{
    const char *path = getenv("TAILDART_MODEL"), *noise = getenv("TAILDART_NOISE");
    FILE *file = path ? fopen(path, "r") : NULL;
    char line[LINE_BYTES];
    while (file && row_count < ROWS && fgets(line, sizeof line, file))
        row_count += read_row(line, &rows[row_count]);
    if (file)
        fclose(file);
    if (row_count < 2)
        td_end_job("TAILDART_MODEL: a file with two rows or more is wanted");
    deviation = noise ? strtod(noise, NULL) : 0.0;
}

/* On the line through the two rows around \a images, or through the two next to it. */
static double interpolate(model_stage stage, int images)
{
    int i = 1;
    while (i < row_count - 1 && rows[i].images < images)
        i++;
    const model_row *a = &rows[i - 1], *b = &rows[i];
    double slope = (b->seconds[stage] - a->seconds[stage]) / (b->images - a->images);
    return fmax(0.0, a->seconds[stage] + slope * (images - a->images));
}

double model_seconds(model_stage stage, int images)
{
    if (row_count == 0)
        read_model();
    const td_random key = { .seed = 1,
                            .stream = TD_STREAM_SYNTHETIC,
                            .shard = (uint32_t) td_base_rank(),
                            .pass = UINT32_MAX };
    double seconds = interpolate(stage, images);
    double factor = 1.0 + deviation * td_random_normal(&key, done++);
    return deviation > 0.0 ? seconds * fmax(factor, 0.0) : seconds;
}

unsigned model_stages_done(void)
{
    return done;
}
