/* The starts of a run, a row each: written when it begins, so that a run which is
 * killed is known, too. */
#include "taildart/store_starts.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "csv.h"
#include "run_parts.h"
#include "taildart/base_file.h"
#include "taildart/base_text.h"
#include "taildart/store_version.h"

#define STARTS "starts.csv"

static const char header[] =
    "date,host,hosts,scheduler,job,ranks,threads,commit,command\n";

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

enum { TEXTS = sizeof texts / sizeof *texts, MOST_BYTES = 1 << 24 };

/* ---- writing --------------------------------------------------------------------- */

/* Write a word as a shell reads it. */
static void write_word(td_text *text, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_@%+=:,./-";
    if (*word && word[strspn(word, plain)] == '\0') {
        td_text_write(text, "%s", word);
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

char *td_run_date(void)
{
    char date[32];
    time_t now = time(NULL);
    struct tm utc;
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    return td_strdup(date);
}

static void write_row(td_text *text, int64_t ranks, int64_t hosts, int64_t threads)
{
    char host[64] = "", *date = td_run_date(), *command = command_line();
    const char *scheduler = "", *job = td_run_job(&scheduler);
    gethostname(host, sizeof host - 1);
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
    td_free(date);
}

td_status td_run_note_start(td_run *run, int64_t ranks, int64_t hosts, int64_t threads,
                            bool keeps)
{
    td_csv before;
    td_text text = { 0 };
    const char *path = td_run_path(run, STARTS);
    bool is_there = keeps && td_csv_read(&before, path, header, MOST_BYTES) == TD_OK;
    if (!is_there)
        td_text_write(&text, "%s", header);
    else
        td_csv_clear(&before);
    write_row(&text, ranks, hosts, threads);
    td_status status = is_there ? td_file_append(path, text.chars, text.length)
                                : td_run_write(run, STARTS, text.chars);
    td_free(text.chars);
    return status;
}

/* ---- reading --------------------------------------------------------------------- */

int td_starts_read(td_start **starts, const char *path)
{
    td_csv csv;
    char *file = td_format("%s/%s", path, STARTS);
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
