/* Lists of pictures, as ImageNet-LT and iNaturalist ship: a line a picture, its path
 * and its class, by number or by name, apart by blanks; or a table with commas,
 * semicolons or tabs, whose first line may name the columns. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "folder.h"
#include "taildart/base_file.h"
#include "taildart/base_text.h"

/* A line: its words lie in the text. */
typedef struct {
    const char *path, *label;
    int64_t line;
} row;

/* A list under way. */
typedef struct {
    const char *file; /* borrowed: for messages */
    char *text;       /* owned */
    row *rows;        /* (count) owned */
    int64_t count, room;
    char separator;           /* of a table, or 0 */
    int path_column, columns; /* of a table; at least so many are needed */
    int label_column;
} picture_list;

/* ---- lines ----------------------------------------------------------------------- */

/* End a field at its separator, its quotes taken off.  \return the next one, or NULL */
static char *cut_field(char *at, char separator, char **field)
{
    char *out = at;
    bool is_quoted = *at == '"';
    *field = at;
    for (at += is_quoted; *at && (is_quoted || *at != separator); at++) {
        if (is_quoted && *at == '"' && at[1] != '"') {
            is_quoted = false;
            continue;
        }
        at += is_quoted && *at == '"';
        *out++ = *at;
    }
    char *next = *at ? at + 1 : NULL;
    *out = '\0';
    return next;
}

enum { MOST_COLUMNS = 64 };

static int cut_fields(char *line, char separator, char **fields)
{
    int count = 0;
    for (char *at = line; at && count < MOST_COLUMNS;)
        at = cut_field(at, separator, &fields[count++]);
    return count;
}

static int find_column(char **fields, int count, const char *const *names)
{
    for (; *names; names++)
        for (int i = 0; i < count; i++)
            if (strcasecmp(fields[i], *names) == 0)
                return i;
    return -1;
}

static td_status refuse_columns(const picture_list *list)
{
    return td_error(TD_DATA,
                    "%s: line 1 names no columns path (or file, filename, image) and "
                    "label (or class, category, target): name them so",
                    list->file);
}

/* The columns by their names, or path and label where the first line has none.
 * \param [out] is_header  whether the line is no picture */
static td_status take_columns(picture_list *list, char **fields, int count,
                              bool *is_header)
{
    static const char *const paths[] = { "path",       "file",     "filename",
                                         "file_name",  "filepath", "image",
                                         "image_path", "img",      NULL };
    static const char *const labels[] = { "label",    "class",       "class_name",
                                          "category", "category_id", "class_id",
                                          "target",   NULL };
    list->path_column = find_column(fields, count, paths);
    list->label_column = find_column(fields, count, labels);
    *is_header = list->path_column >= 0 && list->label_column >= 0;
    if (!*is_header && (count < 2 || !td_picture_is_name(fields[0])))
        return refuse_columns(list);
    if (!*is_header) {
        list->path_column = 0;
        list->label_column = 1;
    }
    list->columns = (list->path_column > list->label_column ? list->path_column
                                                            : list->label_column) +
                    1;
    return TD_OK;
}

static td_status add_row(picture_list *list, const char *path, const char *label,
                         int64_t line)
{
    if (!*path || !*label)
        return td_error(TD_DATA,
                        "%s: line %lld: a path and a class are needed, as `a/1.jpg 0`",
                        list->file, (long long) line);
    list->rows = td_extend(list->rows, list->count, &list->room, sizeof *list->rows);
    list->rows[list->count++] = (row){ path, label, line };
    return TD_OK;
}

/* "some path.jpg 12": the last word is the class. */
static td_status take_words(picture_list *list, char *text, int64_t line)
{
    size_t end = strlen(text), start = 0;
    while (end > 0 && text[end - 1] == ' ')
        text[--end] = '\0';
    for (start = end; start > 0 && text[start - 1] != ' ';)
        start--;
    const char *label = text + start;
    while (start > 0 && text[start - 1] == ' ')
        text[--start] = '\0';
    return add_row(list, start > 0 ? text : "", label, line);
}

static td_status take_table_line(picture_list *list, char *text, int64_t line)
{
    char *fields[MOST_COLUMNS];
    bool is_header = false;
    int count = cut_fields(text, list->separator, fields);
    if (list->columns == 0) {
        td_status status = take_columns(list, fields, count, &is_header);
        if (status != TD_OK || is_header)
            return status;
    }
    if (count < list->columns)
        return add_row(list, "", "", line);
    return add_row(list, fields[list->path_column], fields[list->label_column], line);
}

/* The first line tells a table. */
static char find_separator(const char *line)
{
    static const char separators[] = "\t,;";
    for (const char *s = separators; *s; s++)
        if (strchr(line, *s))
            return *s;
    return '\0';
}

static td_status read_list(picture_list *list, const char *file)
{
    static const char mark[] = "\xef\xbb\xbf"; /* of byte order, in UTF-8 */
    enum { MOST = 1 << 30 };
    int64_t number = 0;
    list->file = file;
    td_status status = td_file_read_given(&list->text, NULL, file, MOST);
    char *line = list->text;
    if (status == TD_OK && strncmp(line, mark, sizeof mark - 1) == 0)
        line += sizeof mark - 1;
    while (status == TD_OK && line && *line) {
        char *next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        line[strcspn(line, "\r")] = '\0';
        if (number++ == 0)
            list->separator = find_separator(line);
        if (*line)
            status = list->separator ? take_table_line(list, line, number)
                                     : take_words(list, line, number);
        line = next;
    }
    if (status == TD_OK && list->count == 0)
        status = td_error(TD_DATA,
                          "%s: no pictures: a line for each is needed, as "
                          "`a/1.jpg 0`",
                          file);
    return status;
}

/* ---- classes --------------------------------------------------------------------- */

static int by_label(const void *a, const void *b)
{
    return td_text_compare(*(const char *const *) a, *(const char *const *) b);
}

static td_status take_name(td_dataset *dataset, const picture_list *list, int c,
                           const char *name)
{
    if (strlen(name) >= TD_CLASS_NAME_BYTES)
        return td_error(TD_DATA,
                        "%s: the class '%.70s' has a name of more than %d bytes: "
                        "shorten it",
                        list->file, name, TD_CLASS_NAME_BYTES - 1);
    snprintf(dataset->class_names[c], TD_CLASS_NAME_BYTES, "%s", name);
    return TD_OK;
}

/* Classes are what a list names, in order.  needed: how many at least. */
static td_status take_list_classes(td_dataset *dataset, const picture_list *list,
                                   int needed)
{
    td_status status = TD_OK;
    int64_t classes = 0;
    const char **labels = td_malloc((size_t) list->count * sizeof *labels);
    for (int64_t i = 0; i < list->count; i++)
        labels[i] = list->rows[i].label;
    qsort(labels, (size_t) list->count, sizeof *labels, by_label);
    for (int64_t i = 0; i < list->count; i++)
        if (i == 0 || strcmp(labels[i], labels[i - 1]) != 0)
            labels[classes++] = labels[i];
    if (classes < needed || classes > TD_MAX_CLASSES)
        status = td_error(TD_DATA, "%s: %lld classes, but %d to %d are supported",
                          list->file, (long long) classes, needed, TD_MAX_CLASSES);
    dataset->info.classes = (int) classes;
    if (status == TD_OK)
        td_class_names_init(dataset);
    for (int c = 0; c < classes && status == TD_OK; c++)
        status = take_name(dataset, list, c, labels[c]);
    td_free(labels);
    return status;
}

/* The class of a name, or -1. */
static int32_t find_label(const td_dataset *dataset, const char *label)
{
    int32_t low = 0, high = dataset->info.classes;
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        int order = td_text_compare(label, dataset->class_names[middle]);
        if (order == 0)
            return middle;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return -1;
}

/* ---- files ----------------------------------------------------------------------- */

/* Class by class, within a class in the order of the list. */
static int by_class(const void *a, const void *b)
{
    const td_image_file *mine = a, *theirs = b;
    if (mine->label != theirs->label)
        return mine->label < theirs->label ? -1 : 1;
    return mine->order < theirs->order ? -1 : mine->order > theirs->order;
}

static td_status take_rows(const td_dataset *dataset, const picture_list *list,
                           td_image_list *files)
{
    files->is_listed = true;
    for (int64_t i = 0; i < list->count; i++) {
        const row *r = &list->rows[i];
        int32_t label = find_label(dataset, r->label);
        if (label < 0)
            return td_error(
                TD_DATA, "%s: line %lld: class '%s' is none of the %d to learn from",
                list->file, (long long) r->line, r->label, dataset->info.classes);
        files->file =
            td_extend(files->file, files->count, &files->room, sizeof *files->file);
        files->file[files->count] = (td_image_file){ .name = td_strdup(r->path),
                                                     .label = label,
                                                     .order = files->count };
        files->count++;
    }
    qsort(files->file, (size_t) files->count, sizeof *files->file, by_class);
    return TD_OK;
}

td_status td_list_scan(td_dataset *dataset, const char *folder,
                       const char *const *lists, td_image_list *files)
{
    picture_list read[2] = { 0 };
    td_status status = TD_OK;
    td_part first = lists[TD_PART_TRAIN] ? TD_PART_TRAIN : TD_PART_TEST;
    for (int part = 0; part < 2 && status == TD_OK; part++)
        if (lists[part])
            status = read_list(&read[part], lists[part]);
    if (status == TD_OK)
        status =
            take_list_classes(dataset, &read[first], first == TD_PART_TRAIN ? 2 : 1);
    for (int part = 0; part < 2; part++) {
        if (lists[part])
            snprintf(files[part].folder, sizeof files[part].folder, "%s", folder);
        if (status == TD_OK && lists[part])
            status = take_rows(dataset, &read[part], &files[part]);
        td_free(read[part].rows);
        td_free(read[part].text);
    }
    return status;
}
