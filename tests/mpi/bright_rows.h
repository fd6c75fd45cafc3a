/* A data set that a small network can learn: classes are bright rows. */
#ifndef TAILDART_TESTS_BRIGHT_ROWS_H
#define TAILDART_TESTS_BRIGHT_ROWS_H

#include <string.h>

#include "taildart/data.h"
#include "taildart/formats.h"

typedef struct {
    int count, side;   /* images of either part, pixels of a side     */
    const char *order; /* names of the classes: 'a' has row 0 bright … */
    double mean, std;
} bright_rows;

/* Row r and every so many further ones are bright, as many as there are classes. */
static inline void bright_rows_draw(const bright_rows *rows, int i, uint8_t *image)
{
    int classes = (int) strlen(rows->order), row = i % classes;
    for (int p = 0; p < rows->side * rows->side; p++)
        image[p] =
            (uint8_t) (p / rows->side % classes == row ? 200 : (i * 31 + p * 17) % 97);
}

/* Write it, both parts the same. */
static inline td_status bright_rows_write(const char *path, const bright_rows *rows)
{
    int classes = (int) strlen(rows->order), pixels = rows->side * rows->side;
    td_dataset *d = td_malloc(sizeof *d);
    d->info = (td_data_info){ .classes = classes,
                              .height = rows->side,
                              .width = rows->side,
                              .channels = 1,
                              .train_count = rows->count,
                              .test_count = rows->count,
                              .mean = { rows->mean },
                              .std = { rows->std } };
    d->class_names = td_malloc((size_t) classes * sizeof *d->class_names);
    for (int c = 0; c < classes; c++)
        d->class_names[c][0] = rows->order[c];
    for (int part = 0; part < 2; part++) {
        d->images[part] = td_malloc((size_t) (rows->count * pixels));
        d->labels[part] = td_malloc((size_t) rows->count * sizeof(int32_t));
        for (int i = 0; i < rows->count; i++) {
            const char *name = strchr(rows->order, 'a' + i % classes);
            d->labels[part][i] = (int32_t) (name - rows->order);
            bright_rows_draw(rows, i, d->images[part] + (size_t) (i * pixels));
        }
    }
    td_status status = td_dataset_write(d, path);
    td_dataset_free(d);
    return status;
}

#endif
