/* The starts of a run, a row each: written when it begins, so that a run which is
 * killed is known, too. */
#include "taildart/store_starts.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "csv.h"
#include "run_parts.h"
#include "taildart/base_clock.h"
#include "taildart/base_file.h"
#include "taildart/base_log.h"
#include "taildart/base_text.h"
#include "taildart/machine.h"
#include "taildart/store_version.h"

static const char *const columns[] = { "date",  "host",    "hosts",  "scheduler", "job",
                                       "ranks", "threads", "commit", "command" };

static const struct {
    const char *name;
    size_t offset;
} texts[] = {
    { "date", offsetof(td_start, date) },
    { "host", offsetof(td_start, host) },
    { "scheduler", offsetof(td_start, scheduler) },
    { "job", offsetof(td_start, job) },
    { "commit", offsetof(td_start, commit) },
    { "command", offsetof(td_start, command) },
};

enum {
    COLUMNS = sizeof columns / sizeof *columns,
    TEXTS = sizeof texts / sizeof *texts,
    MOST_BYTES = 1 << 24
};

/* ---- writing --------------------------------------------------------------------- */

/* Write a word with control characters, as bash and its like read it: a row is a
 * line. */
static void write_escaped(td_text *text, const char *word)
{
    td_text_write(text, "$'");
    for (; *word; word++)
        if ((unsigned char) *word < ' ')
            td_text_write(text, "\\%03o", (unsigned) *word);
        else
            td_text_write(text, *word == '\'' || *word == '\\' ? "\\%c" : "%c", *word);
    td_text_write(text, "'");
}

static bool has_controls(const char *word)
{
    while ((unsigned char) *word >= ' ')
        word++;
    return *word != '\0';
}

/* Write a word as a shell reads it. */
static void write_word(td_text *text, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_@%+=:,./-";
    if (*word && word[strspn(word, plain)] == '\0') {
        td_text_write(text, "%s", word);
        return;
    }
    if (has_controls(word)) {
        write_escaped(text, word);
        return;
    }
    td_text_write(text, "'");
    for (; *word; word++)
        td_text_write(text, *word == '\'' ? "'\\''" : "%c", *word);
    td_text_write(text, "'");
}

/* The command line of this process, as the system has it; for td_free. */
static char *command_line(void)
{
    enum { MOST = 1 << 16 };
    td_text text = { 0 };
    char *words = td_malloc(MOST);
    FILE *file = fopen("/proc/self/cmdline", "r");
    size_t length = file ? fread(words, 1, MOST - 1, file) : 0;
    words[length] = '\0';
    if (file)
        fclose(file);
    td_text_write(&text, "%s", "");
    for (const char *at = words; at < words + length; at += strlen(at) + 1) {
        td_text_write(&text, "%s", at > words ? " " : "");
        write_word(&text, at);
    }
    td_free(words);
    return text.chars;
}

static void write_row(td_text *text, int64_t ranks, int64_t hosts, int64_t threads)
{
    char host[TD_HOST_BYTES], date[TD_CLOCK_DATE], *command = command_line();
    const char *scheduler = "", *job = td_run_job(&scheduler);
    td_host_read(host);
    td_clock_date(date);
    td_text_write(text, "%s,", date);
    td_text_write_csv(text, host);
    td_text_write(text, ",%lld,%s,", (long long) hosts, scheduler);
    td_text_write_csv(text, job ? job : "");
    td_text_write(text, ",%lld,%lld,", (long long) ranks, (long long) threads);
    td_text_write_csv(text, td_version_commit());
    td_text_write(text, ",");
    td_text_write_csv(text, command);
    td_text_write(text, "\n");
    td_free(command);
}

static void write_header(td_text *text)
{
    for (int c = 0; c < COLUMNS; c++)
        td_text_write(text, "%s%s", c > 0 ? "," : "", columns[c]);
    td_text_write(text, "\n");
}

static bool has_our_header(const td_csv *csv)
{
    bool is_same = csv->columns == COLUMNS;
    for (int c = 0; c < COLUMNS && is_same; c++)
        is_same = strcmp(csv->field[c], columns[c]) == 0;
    return is_same;
}

/* Write the rows of a table of another version under our header. */
static void carry_over(td_text *text, const td_csv *csv)
{
    write_header(text);
    for (int r = 0; r < csv->rows; r++)
        for (int c = 0; c < COLUMNS; c++) {
            td_text_write_csv(text, td_csv_field(csv, r, columns[c]));
            td_text_write(text, c + 1 < COLUMNS ? "," : "\n");
        }
}

/* Where nothing was written yet, also by a write that was lost. */
static bool is_empty(const char *path)
{
    struct stat about;
    if (lstat(path, &about) != 0)
        return errno == ENOENT;
    return S_ISREG(about.st_mode) && about.st_size == 0;
}

/* Write what the file is to hold in front of a new row, or with \a appends what is to
 * be appended there.
 * \return TD_DATA where the file holds what would be lost */
static td_status write_former(td_text *text, bool *appends, const char *path)
{
    td_csv csv;
    *appends = false;
    if (is_empty(path)) {
        write_header(text);
        return TD_OK;
    }
    td_status status = td_csv_read(&csv, path, "date,", MOST_BYTES);
    if (status != TD_OK)
        return status;
    *appends = has_our_header(&csv);
    if (*appends)
        td_text_write(text, "%s", csv.is_cut ? "\n" : "");
    else if (csv.unread == 0 && td_csv_has_only(&csv, columns, COLUMNS))
        carry_over(text, &csv);
    else
        status =
            td_error(TD_DATA, "%s: has other columns, or lines that are no rows", path);
    td_csv_clear(&csv);
    return status;
}

td_status td_run_note_start(td_run *run, int64_t ranks, int64_t hosts, int64_t threads,
                            bool keeps)
{
    td_text text = { 0 };
    bool appends = false;
    const char *path = td_run_path(run, TD_RUN_STARTS);
    if (!keeps)
        write_header(&text);
    else if (write_former(&text, &appends, path) != TD_OK) {
        td_log(TD_LOG_NOTE, "%s; it stays as it is, without this start",
               td_error_message());
        td_free(text.chars);
        return TD_OK;
    }
    write_row(&text, ranks, hosts, threads);
    td_status status = appends ? td_file_append(path, text.chars, text.length)
                               : td_run_write(run, TD_RUN_STARTS, text.chars);
    td_free(text.chars);
    return status;
}

/* ---- reading --------------------------------------------------------------------- */

int td_starts_read(td_start **starts, const char *path)
{
    td_csv csv;
    char *file = td_format("%s/%s", path, TD_RUN_STARTS);
    *starts = NULL;
    td_status status = td_csv_read(&csv, file, "date,", MOST_BYTES);
    td_free(file);
    if (status != TD_OK)
        return 0;
    td_start *all = td_malloc((size_t) (csv.rows + 1) * sizeof *all);
    for (int r = 0; r < csv.rows; r++) {
        for (int t = 0; t < TEXTS; t++) {
            char *copy = td_strdup(td_csv_field(&csv, r, texts[t].name));
            memcpy((char *) &all[r] + texts[t].offset, &copy, sizeof copy);
        }
        all[r].ranks = td_csv_count(&csv, r, "ranks");
        all[r].hosts = td_csv_count(&csv, r, "hosts");
        all[r].threads = td_csv_count(&csv, r, "threads");
    }
    int count = csv.rows;
    td_csv_clear(&csv);
    *starts = all;
    return count;
}

void td_starts_free(td_start *starts, int count)
{
    for (int i = 0; i < count; i++)
        for (int t = 0; t < TEXTS; t++) {
            char *text;
            memcpy(&text, (char *) &starts[i] + texts[t].offset, sizeof text);
            td_free(text);
        }
    td_free(starts);
}
