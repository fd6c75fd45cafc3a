/* Small tables of CSV in the directory of a run, read by the names of their columns. */
#ifndef TD_STORE_CSV_H
#define TD_STORE_CSV_H

#include "taildart/base.h"

/* A table: the header, then rows; zero for none. */
typedef struct {
    char *text;   /* owned: the fields, each with its end         */
    char **field; /* owned: (rows + 1, columns), the header first */
    int columns, rows;
    int unread;  /* lines that have not as many fields as the header */
    bool is_cut; /* the last line has no end                        */
} td_csv;

/* Read a file of at most \a most bytes whose header begins with \a first; what a line
 * is, td_text_read_csv says.
 * Not collective.
 * \param [out] csv  for td_csv_clear
 * \return TD_DATA when it cannot be read, or is no such table */
td_status td_csv_read(td_csv *csv, const char *path, const char *first, size_t most);

/* Whether each of its columns is one of \a names, (count).  Not collective. */
bool td_csv_has_only(const td_csv *csv, const char *const *names, int count);

/* A field of row 0 … rows - 1; "" where there is no such column.  Not collective. */
const char *td_csv_field(const td_csv *csv, int row, const char *column);

/* The same as a number, NaN where it is none, and as a count, 0 where it is none.  The
 * same in every locale.  Not collective. */
double td_csv_number(const td_csv *csv, int row, const char *column);
int64_t td_csv_count(const td_csv *csv, int row, const char *column);

/* Free what it owns.  Not collective. */
void td_csv_clear(td_csv *csv);

#endif
