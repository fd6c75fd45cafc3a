#include "series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- what belongs together --------------------------------------------------- */

/* What stays the same on any number of ranks. */
static double size_of(const td_scaling_row *row)
{
    return row->mode == TD_WEAK ? row->batch / row->ranks : row->batch;
}

static bool belong_together(const td_scaling_row *a, const td_scaling_row *b)
{
    return a->kind == b->kind && a->mode == b->mode && a->threads == b->threads &&
           fabs(size_of(a) - size_of(b)) <= 1e-6 * size_of(a) &&
           strcmp(a->label, b->label) == 0 && strcmp(a->commit, b->commit) == 0;
}

/* Put a row where its ranks belong, in place of one with as many. */
static void insert(td_series *s, const td_scaling_row *row)
{
    int at = s->count;
    while (at > 0 && s->rows[at - 1]->ranks >= row->ranks)
        at--;
    if (at < s->count && s->rows[at]->ranks == row->ranks) {
        s->rows[at] = row;
        return;
    }
    memmove(s->rows + at + 1, s->rows + at,
            (size_t) (s->count - at) * sizeof(const td_scaling_row *));
    s->rows[at] = row;
    s->count++;
}

/* Rows that belong with the i-th, from it on. */
static int count_with(const td_scaling_file *file, int i)
{
    int count = 0;
    for (int k = i; k < file->count; k++)
        count += belong_together(&file->rows[i], &file->rows[k]);
    return count;
}

/* The series that the i-th row belongs to, a new one where there is none. */
static td_series *series_for(td_series_list *list, const td_scaling_file *file, int i)
{
    for (int k = 0; k < list->count; k++)
        if (belong_together(list->series[k].rows[0], &file->rows[i]))
            return &list->series[k];
    td_series *s = &list->series[list->count++];
    size_t most = (size_t) count_with(file, i);
    *s = (td_series){ td_malloc(most * sizeof(const td_scaling_row *)), 0 };
    return s;
}

td_series_list td_series_of(const td_scaling_file *file)
{
    td_series_list list = { td_malloc((size_t) file->count * sizeof *list.series), 0 };
    for (int i = 0; i < file->count; i++)
        insert(series_for(&list, file, i), &file->rows[i]);
    TD_ASSERT(list.count > 0);
    return list;
}

void td_series_clear(td_series_list *list)
{
    for (int i = 0; i < list->count; i++)
        td_free(list->series[i].rows);
    td_free(list->series);
    *list = (td_series_list){ NULL, 0 };
}

/* ---- what they show ---------------------------------------------------------- */

static double images_a_rank(const td_scaling_row *row)
{
    return row->images_per_second / row->ranks;
}

double td_series_efficiency(const td_series *s, int row)
{
    const td_scaling_row *first = s->rows[0], *r = s->rows[row];
    double start = isnan(first->efficiency) ? 1 : first->efficiency;
    TD_ASSERT(row >= 0 && row < s->count);
    return isnan(r->efficiency) ? start * images_a_rank(r) / images_a_rank(first)
                                : r->efficiency;
}

double td_series_speed_up(const td_series *s, int row)
{
    return td_series_efficiency(s, row) * s->rows[row]->ranks;
}

void td_series_write_name(td_text *text, const td_series *s)
{
    const td_scaling_row *row = s->rows[0];
    td_text_write(text, "%s, %.6g images %s, %d %s", td_row_kind_name(row->kind),
                  size_of(row), row->mode == TD_WEAK ? "per rank" : "in all",
                  row->threads, td_noun(row->threads, "thread", "threads"));
    if (row->label[0] != '\0')
        td_text_write(text, ": %s", row->label);
    if (row->commit[0] != '\0')
        td_text_write(text, " (commit %s)", row->commit);
}
