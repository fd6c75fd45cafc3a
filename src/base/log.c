#include "taildart/base_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "taildart/base_file.h"
#include "taildart/base_memory.h"
#include "taildart/base_signals.h"
#include "taildart/base_terminal.h"
#include "taildart/base_text.h"

enum { LINE_BYTES = 4096, LIVE_BYTES = 1024 };

static td_log_level shown = TD_LOG_INFO;
static FILE *log_file;
static char early[8192]; /* notes and warnings of the time before the file */
static bool data_on_stdout;

void td_log_set_level(td_log_level level)
{
    shown = level;
}

static const char *word_of(td_log_level level)
{
    return level == TD_LOG_WARNING ? "WARNING: " : level == TD_LOG_NOTE ? "NOTE: " : "";
}

/* A run has notes and warnings before it may write its log. */
static void keep_early(td_log_level level, const char *text)
{
    size_t used = strlen(early);
    int n = snprintf(early + used, sizeof early - used, "%s%s\n", word_of(level), text);
    if (n < 0 || (size_t) n >= sizeof early - used)
        early[used] = '\0'; /* whole lines only */
}

static void write_early(void)
{
    fputs(early, log_file);
    fflush(log_file);
    early[0] = '\0';
}

td_status td_log_set_file(const char *path)
{
    if (log_file)
        fclose(log_file);
    log_file = NULL;
    if (!path)
        return TD_OK;
    int file = -1;
    td_status status = td_file_open_own(&file, path, O_WRONLY | O_APPEND);
    if (status == TD_OK)
        log_file = fdopen(file, "a");
    if (log_file)
        write_early();
    return status;
}

void td_log_to_stderr(bool on)
{
    data_on_stdout = on;
}

static void clear_live_line(void)
{
    if (td_terminal_is_live())
        fputs(TD_TERMINAL_CLEAR, stdout);
    td_terminal_set_live(false);
}

/* Flushing is the only way to learn that the reader has gone (`| head -1`). */
static void flush(FILE *stream)
{
    errno = 0;
    if (fflush(stream) != 0 && errno == EPIPE)
        td_signals_output_lost();
}

/* Write \a text to the log file and \a brief, which may be shorter, to the screen. */
static void put(td_log_level level, const char *text, const char *brief)
{
    if (log_file) {
        fprintf(log_file, "%s%s\n", word_of(level), text);
        fflush(log_file);
    } else if (level <= TD_LOG_NOTE)
        keep_early(level, text);
    if (level > shown)
        return;
    clear_live_line();
    bool to_stderr = level <= TD_LOG_NOTE || data_on_stdout;
    flush(to_stderr ? stdout : stderr);
    FILE *stream = to_stderr ? stderr : stdout;
    fprintf(stream, "%s%s\n", word_of(level), brief);
    flush(stream);
}

void td_log(td_log_level level, const char *format, ...)
{
    char words[LINE_BYTES], text[LINE_BYTES];
    va_list args;
    if (td_base_rank() != 0 && level != TD_LOG_WARNING)
        return;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    td_text_show(text, sizeof text, words);
    put(level, text, text);
}

void td_log_wrapped(td_log_level level, int indent, const char *format, ...)
{
    enum { WIDTH = 80 };
    char words[LINE_BYTES], shown_words[LINE_BYTES];
    td_text text = { 0 };
    va_list args;
    if (td_base_rank() != 0)
        return;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    td_text_show(shown_words, sizeof shown_words, words);
    td_text_write_wrapped(&text, indent, WIDTH, shown_words);
    char *rest = text.chars;
    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
        put(level, line, line);
    td_free(text.chars);
}

/* Join as many parts as \a columns hold, the first one at least. */
static void join(char out[LIVE_BYTES], const char *const *parts, int columns)
{
    td_text_show(out, LIVE_BYTES, parts[0]);
    td_terminal_cut(out, columns);
    for (parts++; *parts; parts++) {
        char more[LIVE_BYTES];
        size_t length = strlen(out);
        td_text_show(more, sizeof more, *parts);
        bool fits = length + 2 + strlen(more) < LIVE_BYTES &&
                    td_terminal_width(out) + 2 + td_terminal_width(more) <= columns;
        if (!fits)
            return;
        snprintf(out + length, LIVE_BYTES - length, "  %s", more);
    }
}

void td_log_fit(td_log_level level, const char *text, const char *const *parts)
{
    char brief[LIVE_BYTES];
    TD_ASSERT(text && parts && parts[0]);
    if (td_base_rank() != 0)
        return;
    int columns = td_terminal_is_watched() ? td_terminal_columns() : 0;
    bool fits = columns == 0 || td_terminal_width(text) <= columns;
    if (!fits)
        join(brief, parts, columns);
    put(level, text, fits ? text : brief);
}

void td_print(const char *format, ...)
{
    td_text line = { 0 };
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    TD_CHECK(length >= 0, "cannot format \"%s\"", format);
    char *words = td_malloc((size_t) length + 1);
    vsnprintf(words, (size_t) length + 1, format, again);
    va_end(again);
    td_text_write_shown(&line, words, "");
    clear_live_line();
    printf("%s\n", line.chars);
    td_free(line.chars);
    td_free(words);
}

/* A cursor behind the last column may stand on the next line already. */
void td_log_live(const char *const *parts)
{
    char text[LIVE_BYTES];
    if (td_base_rank() != 0 || shown < TD_LOG_INFO || !td_terminal_is_watched())
        return;
    if (!parts) {
        clear_live_line();
        flush(stdout);
        return;
    }
    join(text, parts, td_terminal_columns() - 1);
    printf("\r%s\033[K", text);
    td_terminal_set_live(true);
    flush(stdout);
}
