/* metrics.csv: one row per epoch. */
#include "taildart/store.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "taildart/base_file.h"
#include "taildart/base_number.h"
#include "taildart/base_text.h"

/* One column.  Whole numbers are printed as such: nine digits would cut bytes. */
typedef struct {
    const char *name;
    size_t offset;
    enum { INTEGER, WHOLE, REAL } kind;
} column;

#define COLUMN(name, kind) COLUMN_AT(name, name, kind)
#define COLUMN_AT(name, member, kind)                                                  \
    {                                                                                  \
#name, offsetof(td_metrics, member), kind                                      \
    }

#define SECTION_COLUMN(NAME, word, title)                                              \
    COLUMN_AT(word##_seconds, section_seconds[TD_SECTION_##NAME], REAL),

/* The only list there is: header and rows follow it. */
static const column columns[] = {
    COLUMN(epoch, INTEGER),
    COLUMN(seconds, REAL),
    COLUMN(images_per_second, REAL),
    COLUMN(lr_weights, REAL),
    COLUMN(lr_arch, REAL),
    COLUMN(mixing, REAL),
    COLUMN(train_loss, REAL),
    COLUMN(train_top1, REAL),
    COLUMN(valid_loss, REAL),
    COLUMN(valid_top1, REAL),
    COLUMN(valid_balanced_top1, REAL),
    COLUMN_AT(many_top1, group_top1[TD_GROUP_MANY], REAL),
    COLUMN_AT(medium_top1, group_top1[TD_GROUP_MEDIUM], REAL),
    COLUMN_AT(few_top1, group_top1[TD_GROUP_FEW], REAL),
    COLUMN(alpha_entropy_normal, REAL),
    COLUMN(alpha_entropy_reduce, REAL),
    COLUMN(alpha_change, REAL),
    COLUMN(skip_count_normal, WHOLE),
    COLUMN(comm_seconds, REAL),
    COLUMN(peak_rss_bytes, WHOLE),
    COLUMN(valid_ece, REAL),
    TD_LOOP_SECTIONS(SECTION_COLUMN) COLUMN(weight_transfer_seconds, REAL),
    COLUMN(weight_wait_seconds, REAL),
    COLUMN(arch_transfer_seconds, REAL),
    COLUMN(arch_wait_seconds, REAL),
    COLUMN(hidden_seconds, REAL),
    COLUMN(imbalance, REAL),
    COLUMN(slowest_rank, WHOLE),
    COLUMN(arch_penalty, REAL),
    COLUMN(hessian_eigenvalue, REAL),
};
enum { COLUMNS = sizeof columns / sizeof *columns, FIELD_BYTES = 320 };

char *td_metrics_header(void)
{
    char *text = td_strdup("");
    for (int i = 0; i < COLUMNS; i++) {
        char *longer =
            td_format("%s%s%c", text, columns[i].name, i + 1 < COLUMNS ? ',' : '\n');
        td_free(text);
        text = longer;
    }
    return text;
}

/* Nine digits: as many as a float needs to come back as itself. */
static void field_write(char *out, const column *c, const td_metrics *metrics)
{
    const char *place = (const char *) metrics + c->offset;
    int integer = 0;
    double value = 0;
    memcpy(&integer, place, sizeof integer);
    if (c->kind != INTEGER)
        memcpy(&value, place, sizeof value);
    if (c->kind == INTEGER)
        snprintf(out, FIELD_BYTES, "%d", integer);
    else if (isnan(value))
        out[0] = '\0';
    else if (c->kind == WHOLE)
        snprintf(out, FIELD_BYTES, "%.0f", value);
    else
        snprintf(out, FIELD_BYTES, "%.9g", value);
}

char *td_metrics_row(const td_metrics *metrics)
{
    TD_ASSERT(metrics->epoch >= 0);
    char text[COLUMNS * FIELD_BYTES], *end = text;
    void *before = td_numbers_plain();
    for (int i = 0; i < COLUMNS; i++) {
        field_write(end, &columns[i], metrics);
        end += strlen(end);
        *end++ = i + 1 < COLUMNS ? ',' : '\n';
    }
    *end = '\0';
    td_numbers_restore(before);
    TD_ASSERT((size_t) (end - text) < sizeof text);
    return td_strdup(text);
}

/* ---- reading ----------------------------------------------------------------- */

enum { FIELDS = 64 }; /* of a line, those of other versions included */

static const column *find_column(const char *name)
{
    for (int i = 0; i < COLUMNS; i++)
        if (strcmp(columns[i].name, name) == 0)
            return &columns[i];
    return NULL;
}

/* Everything absent but the epoch, which is -1. */
static td_metrics empty_row(void)
{
    td_metrics row = { .epoch = -1 };
    const double nothing = NAN;
    for (int i = 0; i < COLUMNS; i++)
        if (columns[i].kind != INTEGER)
            memcpy((char *) &row + columns[i].offset, &nothing, sizeof nothing);
    return row;
}

/* \param [out] whole  whether every field that is not empty is a number */
static td_metrics read_row(char *const *fields, int count, const column *const *header,
                           bool *whole)
{
    td_metrics row = empty_row();
    *whole = true;
    for (int i = 0; i < count && i < FIELDS; i++) {
        double value = NAN;
        if (!header[i] || fields[i][0] == '\0')
            continue;
        if (!td_number_read(&value, fields[i])) {
            *whole = false;
            continue;
        }
        if (header[i]->kind != INTEGER)
            memcpy((char *) &row + header[i]->offset, &value, sizeof value);
        else if (value >= 0 && value < 1e9)
            row.epoch = (int) value;
    }
    *whole = *whole && row.epoch >= 0;
    return row;
}

static int count_lines(const char *text)
{
    int lines = 1;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

int td_metrics_parse_noting(td_metrics **rows, const char *text, size_t bytes,
                            int *unread)
{
    const column *header[FIELDS] = { NULL };
    char *copy = td_strdup(text), *next = copy, *fields[FIELDS];
    int count = 0, width = td_text_read_csv(&next, fields, FIELDS);
    *unread = strlen(text) < bytes;
    for (int i = 0; i < width && i < FIELDS; i++)
        header[i] = find_column(fields[i]);
    *rows = td_malloc((size_t) count_lines(text) * sizeof **rows);
    while (*next) {
        bool whole, again = false;
        int found = td_text_read_csv(&next, fields, FIELDS);
        td_metrics row = read_row(fields, found, header, &whole);
        if (row.epoch >= 0) {
            for (; count > 0 && (*rows)[count - 1].epoch >= row.epoch; count--)
                again = true;
            (*rows)[count++] = row;
        }
        *unread += !whole || again || found != width;
    }
    td_free(copy);
    return count;
}

int td_metrics_parse(td_metrics **rows, const char *text)
{
    int unread = 0;
    return td_metrics_parse_noting(rows, text, strlen(text), &unread);
}

/* ---- the file ---------------------------------------------------------------- */

/* Rows of a history from before the last columns came get empty fields for them.
 * \return for td_free */
static char *complete_rows(const char *history)
{
    size_t n = strlen(history), length = 0;
    char *out = td_malloc(n * COLUMNS + 1); /* a row is a byte or more */
    int fields = 1;
    for (const char *at = history; *at; at++) {
        for (; *at == '\n' && fields < COLUMNS; fields++)
            out[length++] = ',';
        fields = *at == '\n' ? 1 : fields + (*at == ',');
        out[length++] = *at;
    }
    TD_ASSERT(length <= n * COLUMNS);
    return out;
}

td_status td_metrics_begin(const char *path, const char *history)
{
    TD_ASSERT(history[0] == '\0' || history[strlen(history) - 1] == '\n');
    char *header = td_metrics_header(), *rows = complete_rows(history);
    td_file_part parts[] = { { header, strlen(header) }, { rows, strlen(rows) } };
    td_status status = td_file_replace(path, parts, 2, NULL);
    td_free(rows);
    td_free(header);
    return status;
}

td_status td_metrics_append(const char *path, const char *row)
{
    size_t n = strlen(row);
    TD_ASSERT(n > 0 && row[n - 1] == '\n');
    return td_file_append(path, row, n);
}
