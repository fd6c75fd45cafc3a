/* The columns of scaling.csv, and lines of it written; read.c reads them. */
#include "columns.h"

#include <math.h>
#include <string.h>

#include "taildart/base_number.h"

#define AT(member) offsetof(td_scaling_row, member)

/* The only list there is: header, rows and reader follow it. */
const td_scaling_column td_scaling_columns[TD_SCALING_COLUMNS] = {
    { "date", AT(date), TD_FIELD_NAME, true },
    { "commit", AT(commit), TD_FIELD_NAME, true },
    { "hosts", AT(hosts), TD_FIELD_NAME, true },
    { "mpi", AT(mpi), TD_FIELD_NAME, true },
    { "ranks", AT(ranks), TD_FIELD_COUNT, false },
    { "threads", AT(threads), TD_FIELD_COUNT, false },
    { "mode", AT(mode), TD_FIELD_MODE, false },
    { "batch", AT(batch), TD_FIELD_ABOVE_0, false },
    { "seconds_per_step", AT(seconds), TD_FIELD_ABOVE_0, false },
    { "images_per_second", AT(images_per_second), TD_FIELD_ABOVE_0, false },
    { "transfer_seconds", AT(transfer), TD_FIELD_FROM_0, true },
    { "wait_seconds", AT(wait), TD_FIELD_FROM_0, true },
    { "efficiency", AT(efficiency), TD_FIELD_FROM_0, true },
    { "kind", AT(kind), TD_FIELD_KIND, false },
    { "label", AT(label), TD_FIELD_NAME, true },
};

const char *const td_scaling_modes[TD_SCALINGS] = { "weak", "strong" };
const char *const td_scaling_kinds[TD_SCALING_KINDS] = { "measured", "predicted",
                                                         "simulated" };

const char *td_scaling_mode_name(td_scaling_mode mode)
{
    TD_ASSERT(mode >= 0 && mode < TD_SCALINGS);
    return td_scaling_modes[mode];
}

const char *td_row_kind_name(td_row_kind kind)
{
    TD_ASSERT(kind >= 0 && kind < TD_SCALING_KINDS);
    return td_scaling_kinds[kind];
}

/* ---- writing ----------------------------------------------------------------- */

char *td_scaling_header(void)
{
    td_text text = { 0 };
    for (int i = 0; i < TD_SCALING_COLUMNS; i++)
        td_text_write(&text, "%s%c", td_scaling_columns[i].name,
                      i + 1 < TD_SCALING_COLUMNS ? ',' : '\n');
    return text.chars;
}

static void write_name(td_text *text, const char *name)
{
    for (; *name; name++) {
        bool cuts = strchr(",\"\r\n", *name) != NULL;
        td_text_write_bytes(text, cuts ? ";" : name, 1);
    }
}

static void write_field(td_text *text, const td_scaling_column *c,
                        const td_scaling_row *row)
{
    const char *at = (const char *) row + c->offset;
    double value = NAN;
    switch (c->kind) {
    case TD_FIELD_NAME:
        write_name(text, *(const char *const *) at);
        break;
    case TD_FIELD_COUNT:
        td_text_write(text, "%d", *(const int *) at);
        break;
    case TD_FIELD_MODE:
        td_text_write(text, "%s", td_scaling_mode_name(row->mode));
        break;
    case TD_FIELD_KIND:
        td_text_write(text, "%s", td_row_kind_name(row->kind));
        break;
    case TD_FIELD_ABOVE_0:
    case TD_FIELD_FROM_0:
        memcpy(&value, at, sizeof value);
        if (!isnan(value))
            td_text_write(text, "%.9g", value);
        break;
    }
}

void td_scaling_write(td_text *text, const td_scaling_row *row)
{
    void *before = td_numbers_plain();
    for (int i = 0; i < TD_SCALING_COLUMNS; i++) {
        write_field(text, &td_scaling_columns[i], row);
        td_text_write(text, "%c", i + 1 < TD_SCALING_COLUMNS ? ',' : '\n');
    }
    td_numbers_restore(before);
}
