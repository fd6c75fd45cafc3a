/** Floor 6: scaling.csv, a row for a step on a number of ranks: measured, predicted or
 *  simulated; and what it shows, as a table and as a page.
 *
 *  The first line names the columns, in any order; others beside them are passed over.
 *  Fields hold no comma, no quote and no line end.  Rows are only ever appended.
 */
#ifndef TAILDART_SCALING_H
#define TAILDART_SCALING_H

#include "taildart/base_text.h"
#include "taildart/scaling_cost.h"

TD_PUBLIC_BEGIN

/** Where a row comes from. */
typedef enum { TD_MEASURED, TD_PREDICTED, TD_SIMULATED, TD_SCALING_KINDS } td_row_kind;

/** "weak", "strong".  Not collective. */
const char *td_scaling_mode_name(td_scaling_mode mode);

/** "measured", "predicted", "simulated".  Not collective. */
const char *td_row_kind_name(td_row_kind kind);

/** A row; names may be "", of the numbers the last three NaN. */
typedef struct {
    const char *date;         /**< as 2026-01-31T12:00:00Z              */
    const char *commit;       /**< of the program                       */
    const char *hosts;        /**< their names, between semicolons      */
    const char *mpi;          /**< library and version                  */
    const char *label;        /**< of a series: settings, network       */
    int ranks, threads;       /**< threads of each rank                 */
    td_scaling_mode mode;     /**< what stays the same on more ranks    */
    td_row_kind kind;         /**< where the numbers come from          */
    double batch;             /**< images of all ranks in a step        */
    double seconds;           /**< seconds_per_step                     */
    double images_per_second; /**< of all ranks                         */
    double transfer;          /**< transfer_seconds of a step           */
    double wait;              /**< wait_seconds of it, for the slowest  */
    double efficiency;        /**< 1 is ideal; without it a row stands against the one
                                   of its series with the fewest ranks */
} td_scaling_row;

/** The first line of the file, with its newline.  Not collective.
 *  \return for td_free */
char *td_scaling_header(void);

/** Write a row as a line of the file; in names commas, quotes and line ends become
 *  semicolons.  Not collective. */
void td_scaling_write(td_text *text, const td_scaling_row *row);

enum { TD_SCALING_ROWS = 10000 }; /* most of a file */

/** A file that was read. */
typedef struct {
    char *text;           /**< owned: what the rows' names lie in */
    td_scaling_row *rows; /**< owned: (count) in the file's order */
    int count;            /**< never 0                            */
} td_scaling_file;

/** Read a file.  Not collective.  \param [out] file  for td_scaling_clear, also after
 *  an error  \return TD_DATA naming the file, its line and column, with what is
 *  accepted */
td_status td_scaling_read(td_scaling_file *file, const char *path);

/** The same from a text; \a path is what errors name.  Not collective. */
td_status td_scaling_parse(td_scaling_file *file, const char *path, const char *text);

/** Free what was read.  Not collective. */
void td_scaling_clear(td_scaling_file *file);

/** A table of every series for a terminal of 80 columns.  Not collective.
 *  \return for td_free */
char *td_scaling_table(const td_scaling_file *file);

/** A page of HTML: time, speed-up and efficiency over ranks, weak and strong, with the
 *  ideal; then the numbers.  Not collective.  \param [in] title  plain words
 *  \return for td_free */
char *td_scaling_page(const td_scaling_file *file, const char *title);

TD_PUBLIC_END

#endif
