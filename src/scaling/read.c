/* Reading of scaling.csv. */
#include "columns.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "taildart/base_file.h"
#include "taildart/base_number.h"

enum { FIELDS = 64, MOST_BYTES = 1 << 24 };

/* A file being read. */
typedef struct {
    const char *path;
    char *next;                    /* the rest of the text, cut line by line    */
    long line;                     /* number of the one at hand                 */
    char *fields[FIELDS];          /* of that line                              */
    int found;                     /* how many                                  */
    int width;                     /* of the first line                         */
    int place[TD_SCALING_COLUMNS]; /* which field each column is                */
} reader;

/* Read the fields of the next line, without blanks at its end. */
static void read_line(reader *r)
{
    r->line++;
    r->found = td_text_read_csv(&r->next, r->fields, FIELDS);
    if (r->found > FIELDS)
        return;
    char *last = r->fields[r->found - 1], *end = last + strlen(last);
    while (end > last && end[-1] == ' ')
        *--end = '\0';
}

static td_status find_columns(reader *r)
{
    read_line(r);
    r->width = r->found;
    for (int c = 0; c < TD_SCALING_COLUMNS; c++) {
        r->place[c] = -1;
        for (int i = 0; i < r->found && i < FIELDS; i++)
            if (strcmp(r->fields[i], td_scaling_columns[c].name) == 0)
                r->place[c] = i;
        if (r->place[c] >= 0)
            continue;
        char *header = td_scaling_header();
        td_status status = td_error(TD_DATA, "%s: there is no column \"%s\" in line 1",
                                    r->path, td_scaling_columns[c].name);
        td_error_hint("scaling.csv begins with %.*s", (int) strcspn(header, "\n"),
                      header);
        td_free(header);
        return status;
    }
    return TD_OK;
}

static td_status refuse(const reader *r, const td_scaling_column *c, const char *found,
                        const char *accepted)
{
    return td_error(TD_DATA, "%s: line %ld: %s: found \"%s\"; accepted: %s", r->path,
                    r->line, c->name, found, accepted);
}

/* Read one of \a count names. */
static td_status read_word(const reader *r, const td_scaling_column *c,
                           const char *field, const char *const *names, int count,
                           int *value)
{
    for (*value = 0; *value < count; ++*value)
        if (strcmp(field, names[*value]) == 0)
            return TD_OK;
    td_text accepted = { 0 };
    for (int i = 0; i < count; i++)
        td_text_write(&accepted, "%s%s", i > 0 ? ", " : "", names[i]);
    td_status status = refuse(r, c, field, accepted.chars);
    td_free(accepted.chars);
    return status;
}

static td_status read_number(const reader *r, const td_scaling_column *c,
                             const char *field, double *value)
{
    bool is_number = td_number_read(value, field) && isfinite(*value);
    if (c->kind == TD_FIELD_COUNT &&
        !(is_number && *value >= 1 && *value <= INT_MAX && *value == floor(*value)))
        return refuse(r, c, field, "a whole number from 1 on");
    if (c->kind == TD_FIELD_ABOVE_0 && !(is_number && *value > 0))
        return refuse(r, c, field, "a number above 0");
    if (c->kind == TD_FIELD_FROM_0 && !(is_number && *value >= 0))
        return refuse(r, c, field, "a number from 0 on, or nothing");
    return TD_OK;
}

static td_status read_field(const reader *r, const td_scaling_column *c,
                            const char *field, td_scaling_row *row)
{
    char *at = (char *) row + c->offset;
    double value = NAN;
    int word = 0;
    td_status status = TD_OK;
    if (c->kind == TD_FIELD_NAME) {
        memcpy(at, &field, sizeof field);
        return TD_OK;
    }
    if (c->kind == TD_FIELD_MODE) {
        status = read_word(r, c, field, td_scaling_modes, TD_SCALINGS, &word);
        row->mode = (td_scaling_mode) word;
        return status;
    }
    if (c->kind == TD_FIELD_KIND) {
        status = read_word(r, c, field, td_scaling_kinds, TD_SCALING_KINDS, &word);
        row->kind = (td_row_kind) word;
        return status;
    }
    if (!(c->may_be_absent && field[0] == '\0'))
        status = read_number(r, c, field, &value);
    if (status == TD_OK && c->kind == TD_FIELD_COUNT)
        *(int *) at = (int) value;
    else
        memcpy(at, &value, sizeof value);
    return status;
}

static td_status read_row(const reader *r, td_scaling_row *row)
{
    td_status status = TD_OK;
    if (r->found != r->width)
        return td_error(TD_DATA, "%s: line %ld has %d fields, the first has %d",
                        r->path, r->line, r->found, r->width);
    for (int c = 0; c < TD_SCALING_COLUMNS && status == TD_OK; c++)
        status = read_field(r, &td_scaling_columns[c], r->fields[r->place[c]], row);
    return status;
}

static td_status read_rows(reader *r, td_scaling_file *file)
{
    td_status status = find_columns(r);
    while (status == TD_OK && *r->next) {
        read_line(r);
        if (r->found == 1 && r->fields[0][0] == '\0')
            continue;
        if (file->count == TD_SCALING_ROWS)
            return td_error(TD_DATA, "%s: more than %d rows", r->path, TD_SCALING_ROWS);
        status = read_row(r, &file->rows[file->count]);
        file->count += status == TD_OK;
    }
    if (status == TD_OK && file->count == 0)
        status = td_error(TD_DATA,
                          "%s: there is no row in it: jobs/scaling-study.sh and `bench "
                          "--csv` write them",
                          r->path);
    return status;
}

td_status td_scaling_parse(td_scaling_file *file, const char *path, const char *text)
{
    *file = (td_scaling_file){
        .text = td_strdup(text),
        .rows = td_malloc(TD_SCALING_ROWS * sizeof *file->rows),
    };
    reader r = { .path = path, .next = file->text };
    return read_rows(&r, file);
}

td_status td_scaling_read(td_scaling_file *file, const char *path)
{
    char *text = NULL;
    size_t bytes = 0;
    *file = (td_scaling_file){ 0 };
    td_status status = td_file_read_given(&text, &bytes, path, MOST_BYTES);
    if (status != TD_OK)
        return status;
    status = strlen(text) < bytes
                 ? td_error(TD_DATA, "%s: not a text: it holds a byte that is 0", path)
                 : td_scaling_parse(file, path, text);
    td_free(text);
    return status;
}

void td_scaling_clear(td_scaling_file *file)
{
    td_free(file->text);
    td_free(file->rows);
    *file = (td_scaling_file){ 0 };
}
