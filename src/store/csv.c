#include "csv.h"

#include <limits.h>
#include <string.h>

#include "taildart/base_file.h"
#include "taildart/base_number.h"
#include "taildart/base_text.h"

static void cut_rows(td_csv *csv)
{
    enum { MOST_COLUMNS = 64 };
    char *at = csv->text;
    int room = 2;
    for (const char *c = csv->text; *c; c++)
        room += *c == '\n' && room < INT_MAX;
    char *header[MOST_COLUMNS];
    csv->columns = td_text_read_csv(&at, header, MOST_COLUMNS);
    if (csv->columns > MOST_COLUMNS)
        csv->columns = MOST_COLUMNS;
    size_t width = (size_t) csv->columns;
    csv->field = td_malloc((size_t) room * width * sizeof *csv->field);
    memcpy(csv->field, header, width * sizeof *header);
    while (*at) {
        char **row = csv->field + (size_t) (csv->rows + 1) * width;
        bool is_whole = td_text_read_csv(&at, row, csv->columns) == csv->columns;
        csv->rows += is_whole;
        csv->unread += !is_whole;
    }
}

td_status td_csv_read(td_csv *csv, const char *path, const char *first, size_t most)
{
    *csv = (td_csv){ 0 };
    size_t length;
    td_status status = td_file_read_regular(&csv->text, &length, path, most);
    if (status != TD_OK)
        return status;
    if (strncmp(csv->text, first, strlen(first)) != 0) {
        td_csv_clear(csv);
        return td_error(TD_DATA, "%s: its first line does not begin with \"%s\"", path,
                        first);
    }
    csv->is_cut = length > 0 && csv->text[length - 1] != '\n';
    cut_rows(csv);
    return TD_OK;
}

bool td_csv_has_only(const td_csv *csv, const char *const *names, int count)
{
    for (int c = 0; c < csv->columns; c++) {
        bool is_known = false;
        for (int n = 0; n < count && !is_known; n++)
            is_known = strcmp(csv->field[c], names[n]) == 0;
        if (!is_known)
            return false;
    }
    return true;
}

const char *td_csv_field(const td_csv *csv, int row, const char *column)
{
    TD_ASSERT(row >= 0 && row < csv->rows);
    for (int c = 0; c < csv->columns; c++)
        if (strcmp(csv->field[c], column) == 0)
            return csv->field[(size_t) (row + 1) * (size_t) csv->columns + (size_t) c];
    return "";
}

double td_csv_number(const td_csv *csv, int row, const char *column)
{
    double value;
    td_number_read(&value, td_csv_field(csv, row, column));
    return value;
}

int64_t td_csv_count(const td_csv *csv, int row, const char *column)
{
    double value = td_csv_number(csv, row, column);
    return value >= 0 && value < 9e15 ? (int64_t) value : 0;
}

void td_csv_clear(td_csv *csv)
{
    td_free(csv->field);
    td_free(csv->text);
    *csv = (td_csv){ 0 };
}
