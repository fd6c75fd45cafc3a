/* What evaluations of a run gave, as a table that is replaced as a whole. */
#include "taildart/store_evaluations.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "csv.h"
#include "run_parts.h"
#include "taildart/base_clock.h"
#include "taildart/base_file.h"
#include "taildart/base_log.h"
#include "taildart/base_number.h"
#include "taildart/base_text.h"
#include "taildart/checkpoint.h"

enum { MOST_BYTES = 1 << 26 };

/* The columns by their kinds, and within the kinds in their order. */
static const struct {
    const char *name;
    enum { TEXT, COUNT, FIGURE } kind;
    size_t offset;
} columns[] = {
    { "date", TEXT, offsetof(td_evaluation, date) },
    { "checkpoint", TEXT, offsetof(td_evaluation, checkpoint) },
    { "epoch", COUNT, offsetof(td_evaluation, epoch) },
    { "step", COUNT, offsetof(td_evaluation, step) },
    { "part", TEXT, offsetof(td_evaluation, part) },
    { "data", TEXT, offsetof(td_evaluation, data) },
    { "images", COUNT, offsetof(td_evaluation, images) },
    { "adjust", FIGURE, offsetof(td_evaluation, adjust) },
    { "tau_norm", FIGURE, offsetof(td_evaluation, tau_norm) },
    { "loss", FIGURE, offsetof(td_evaluation, loss) },
    { "top1", FIGURE, offsetof(td_evaluation, top1) },
    { "balanced", FIGURE, offsetof(td_evaluation, balanced) },
    { "macro_f1", FIGURE, offsetof(td_evaluation, macro_f1) },
    { "many", FIGURE, offsetof(td_evaluation, group_top1[TD_GROUP_MANY]) },
    { "medium", FIGURE, offsetof(td_evaluation, group_top1[TD_GROUP_MEDIUM]) },
    { "few", FIGURE, offsetof(td_evaluation, group_top1[TD_GROUP_FEW]) },
    { "ece", FIGURE, offsetof(td_evaluation, ece) },
};

enum { COLUMNS = sizeof columns / sizeof *columns };

static void *member(td_evaluation *of, int column)
{
    return (char *) of + columns[column].offset;
}

/* ---- reading --------------------------------------------------------------------- */

static int count_words(const char *words)
{
    int count = 0;
    for (const char *at = words; *at;) {
        at += strspn(at, " ");
        count += *at != '\0';
        at += strcspn(at, " ");
    }
    return count;
}

/* Both lists of classes; none where they have not the same length. */
static void read_classes(td_evaluation *e, const char *images, const char *top1)
{
    char *end;
    int classes = count_words(images);
    e->classes = classes == count_words(top1) ? classes : 0;
    e->class_images = td_malloc((size_t) (e->classes + 1) * sizeof *e->class_images);
    e->class_top1 = td_malloc((size_t) (e->classes + 1) * sizeof *e->class_top1);
    for (int c = 0; c < e->classes; c++) {
        e->class_images[c] = strtoll(images, &end, 10);
        images += strspn(images, " ");
        images += strcspn(images, " ");
        top1 += strspn(top1, " ");
        td_number_read_first(&e->class_top1[c], top1);
        top1 += strcspn(top1, " ");
    }
}

static td_evaluation read_row(const td_csv *csv, int row)
{
    td_evaluation e = { 0 };
    for (int c = 0; c < COLUMNS; c++) {
        const char *name = columns[c].name;
        if (columns[c].kind == TEXT)
            *(char **) member(&e, c) = td_strdup(td_csv_field(csv, row, name));
        else if (columns[c].kind == COUNT)
            *(int64_t *) member(&e, c) = td_csv_count(csv, row, name);
        else
            *(double *) member(&e, c) = td_csv_number(csv, row, name);
    }
    read_classes(&e, td_csv_field(csv, row, "class_images"),
                 td_csv_field(csv, row, "class_top1"));
    return e;
}

/* Whether nothing is lost where the rows that were read replace the table. */
static bool is_all_known(const td_csv *csv)
{
    const char *names[COLUMNS + 2] = { "class_images", "class_top1" };
    for (int c = 0; c < COLUMNS; c++)
        names[c + 2] = columns[c].name;
    return csv->unread == 0 && td_csv_has_only(csv, names, COLUMNS + 2);
}

/* Read the file at \a path.  \return TD_DATA where it is something else, or with
 * \a replaces holds what a new one would not */
static td_status read_file(td_evaluation **all, int *count, const char *path,
                           bool replaces)
{
    td_csv csv;
    struct stat about;
    *all = NULL;
    *count = 0;
    if (lstat(path, &about) != 0 && errno == ENOENT)
        return TD_OK;
    td_status status = td_csv_read(&csv, path, "date,checkpoint,", MOST_BYTES);
    if (status != TD_OK)
        return status;
    if (replaces && !is_all_known(&csv)) {
        td_csv_clear(&csv);
        return td_error(TD_DATA,
                        "%s: has columns of another version, or lines that are no "
                        "rows; it stays as it is",
                        path);
    }
    *all = td_malloc((size_t) (csv.rows + 1) * sizeof **all);
    for (int r = 0; r < csv.rows; r++)
        (*all)[(*count)++] = read_row(&csv, r);
    td_csv_clear(&csv);
    return TD_OK;
}

int td_evaluations_read(td_evaluation **all, const char *folder)
{
    int count;
    char *path = td_format("%s/%s", folder, TD_RUN_EVALUATIONS);
    read_file(all, &count, path, false);
    td_free(path);
    return count;
}

static void clear_one(td_evaluation *e)
{
    for (int c = 0; c < COLUMNS; c++)
        if (columns[c].kind == TEXT)
            td_free(*(char **) member(e, c));
    td_free(e->class_images);
    td_free(e->class_top1);
}

void td_evaluations_free(td_evaluation *all, int count)
{
    for (int i = 0; i < count; i++)
        clear_one(&all[i]);
    td_free(all);
}

/* ---- writing --------------------------------------------------------------------- */

static void write_header(td_text *text)
{
    for (int c = 0; c < COLUMNS; c++)
        td_text_write(text, "%s,", columns[c].name);
    td_text_write(text, "class_images,class_top1\n");
}

static void write_share(td_text *text, const char *before, double share)
{
    if (isnan(share))
        td_text_write(text, "%s-", before);
    else
        td_text_write(text, "%s%.6f", before, share);
}

/* Words as the file has them: a row is a line; for td_free. */
static char *one_line(const char *words)
{
    td_text shown = { 0 };
    td_text_write(&shown, "%s", "");
    td_text_write_shown(&shown, words, "");
    return shown.chars;
}

static void write_words(td_text *text, const char *words)
{
    char *line = one_line(words);
    td_text_write_csv(text, line);
    td_free(line);
}

/* Write a row; \a date instead of its own where that is not NULL. */
static void write_row(td_text *text, const td_evaluation *row, const char *date)
{
    td_evaluation e = *row;
    if (date)
        e.date = (char *) date; /* read only */
    for (int c = 0; c < COLUMNS; c++) {
        void *at = member(&e, c);
        if (columns[c].kind == TEXT)
            write_words(text, *(char **) at);
        else if (columns[c].kind == COUNT)
            td_text_write(text, "%lld", (long long) *(int64_t *) at);
        else if (isfinite(*(double *) at))
            td_text_write(text, "%.8g", *(double *) at);
        td_text_write(text, ",");
    }
    for (int k = 0; k < e.classes; k++)
        td_text_write(text, "%s%lld", k > 0 ? " " : "", (long long) e.class_images[k]);
    td_text_write(text, ",");
    for (int k = 0; k < e.classes; k++)
        write_share(text, k > 0 ? " " : "", e.class_top1[k]);
    td_text_write(text, "\n");
}

static bool is_same_number(double a, double b)
{
    return isnan(a) ? isnan(b) : fabs(a - b) <= 1e-7 * fabs(b);
}

static bool is_same_text(const char *in_file, const char *words)
{
    char *line = one_line(words);
    bool is_same = strcmp(in_file, line) == 0;
    td_free(line);
    return is_same;
}

/* Whether a row of the file is of the kind of another evaluation. */
static bool is_same_kind(const td_evaluation *row, const td_evaluation *b)
{
    return is_same_text(row->checkpoint, b->checkpoint) &&
           is_same_text(row->part, b->part) && is_same_text(row->data, b->data) &&
           is_same_number(row->adjust, b->adjust) &&
           is_same_number(row->tau_norm, b->tau_norm);
}

static bool is_replaced(const td_evaluation *old, const td_evaluation *all, int count)
{
    for (int i = 0; i < count; i++)
        if (is_same_kind(old, &all[i]))
            return true;
    return false;
}

static td_status write_file(const char *path, const td_evaluation *old, int old_count,
                            const td_evaluation *all, int count)
{
    td_text text = { 0 };
    char date[TD_CLOCK_DATE];
    void *before = td_numbers_plain();
    td_clock_date(date);
    write_header(&text);
    for (int i = 0; i < old_count; i++)
        if (!is_replaced(&old[i], all, count))
            write_row(&text, &old[i], NULL);
    for (int i = 0; i < count; i++)
        write_row(&text, &all[i], date);
    td_numbers_restore(before);
    td_file_part whole = { text.chars, text.length };
    td_status status = td_file_replace(path, &whole, 1, NULL);
    td_free(text.chars);
    return status;
}

/* Seconds to wait for another evaluation, which writes a small file. */
static const double PATIENCE = 3;

/* Two evaluations that end at a time would lose a row: the folder itself is locked,
 * where the file system has locks.
 * \param [out] held  descriptor for close, which gives the lock back; or -1
 * \return TD_FAILED where another process keeps the lock */
static td_status lock_folder(int *held, const char *folder)
{
    *held = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*held < 0)
        return td_run_folder_error(folder, "read");
    if (td_run_lock_file(*held, PATIENCE))
        return TD_OK;
    if (errno == EWOULDBLOCK)
        return td_error(TD_FAILED, "%s: another process holds its lock", folder);
    td_log(TD_LOG_NOTE,
           "%s: this file system gives no locks (%s); of two evaluations that end at a "
           "time one may lose its row",
           folder, strerror(errno));
    return TD_OK;
}

td_status td_evaluations_add(const char *folder, const td_evaluation *all, int count)
{
    td_evaluation *old = NULL;
    int old_count = 0, held;
    char *path = td_format("%s/%s", folder, TD_RUN_EVALUATIONS);
    td_status status = lock_folder(&held, folder);
    if (status == TD_OK)
        status = read_file(&old, &old_count, path, true);
    if (status == TD_OK)
        status = write_file(path, old, old_count, all, count);
    td_evaluations_free(old, old_count);
    if (held >= 0)
        close(held);
    td_free(path);
    return status;
}

char *td_run_of_checkpoint(const char *path)
{
    char *file = td_checkpoint_path(path);
    char *slash = strrchr(file, '/');
    char *folder =
        slash ? td_format("%.*s", slash > file ? (int) (slash - file) : 1, file)
              : td_strdup(".");
    td_free(file);
    if (td_run_is_one(folder))
        return folder;
    td_free(folder);
    return NULL;
}
