/* The series as tables for a terminal. */
#include <math.h>
#include <stdio.h>

#include "series.h"

enum { WIDTH = 80 };

/* Write a number right-aligned, "-" for one that is not known. */
static void write_number(td_text *text, int width, int digits, double value)
{
    char number[32] = "-";
    if (!isnan(value))
        snprintf(number, sizeof number, "%.*g", digits, value);
    td_text_write(text, "%*s", width, number);
}

static void write_row(td_text *text, const td_series *s, int i)
{
    const td_scaling_row *row = s->rows[i];
    td_text_write(text, "%7d", row->ranks);
    write_number(text, 9, 7, row->batch);
    write_number(text, 10, 4, row->seconds);
    write_number(text, 11, 5, row->images_per_second);
    write_number(text, 12, 3, row->transfer);
    write_number(text, 10, 3, row->wait);
    write_number(text, 10, 4, td_series_speed_up(s, i));
    td_text_write(text, "%9.1f %%\n", 100 * td_series_efficiency(s, i));
}

static void write_series(td_text *text, const td_series *s)
{
    td_text name = { 0 }, shown = { 0 };
    td_series_write_name(&name, s);
    td_text_write_shown(&shown, name.chars, ""); /* a file may hold any characters */
    td_text_write(text, "%s: ", td_scaling_mode_name(s->rows[0]->mode));
    td_text_write_wrapped(text, 2, WIDTH, shown.chars);
    td_text_write(text, "\n  ranks    batch    step s   images/s  transfer s    wait s"
                        "  speed-up  effic.\n");
    for (int i = 0; i < s->count; i++)
        write_row(text, s, i);
    td_free(name.chars);
    td_free(shown.chars);
}

char *td_scaling_table(const td_scaling_file *file)
{
    td_text text = { 0 };
    td_series_list list = td_series_of(file);
    for (int mode = 0; mode < TD_SCALINGS; mode++)
        for (int i = 0; i < list.count; i++)
            if (list.series[i].rows[0]->mode == (td_scaling_mode) mode) {
                td_text_write(&text, "%s", text.length > 0 ? "\n" : "");
                write_series(&text, &list.series[i]);
            }
    td_series_clear(&list);
    return text.chars;
}
