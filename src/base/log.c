#include "taildart/base_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "taildart/base_clock.h"
#include "taildart/base_file.h"
#include "taildart/base_memory.h"
#include "taildart/base_signals.h"
#include "taildart/base_terminal.h"
#include "taildart/base_text.h"

enum { LINE_BYTES = 4096, LIVE_BYTES = 1024 };

static td_log_level shown = TD_LOG_INFO;
static FILE *log_file;
static FILE *own_out, *own_err; /* instead of the terminal; NULL without */
static bool speaks_always;
static char early[8192]; /* notes and warnings of the time before the file */
static bool data_on_stdout;

static FILE *out_stream(void)
{
    return own_out ? own_out : stdout;
}

static FILE *err_stream(void)
{
    return own_err ? own_err : stderr;
}

static bool speaks(void)
{
    return speaks_always || td_base_rank() == 0;
}

static bool is_watched(void)
{
    return !own_out && td_terminal_is_watched();
}

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
    char date[TD_CLOCK_DATE];
    size_t used = strlen(early);
    td_clock_date(date);
    int n = snprintf(early + used, sizeof early - used, "%s %s%s\n", date,
                     word_of(level), text);
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
    if (!path) {
        early[0] = '\0'; /* not for the log of a run to come */
        return TD_OK;
    }
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

/* ---- lines for a file instead of the terminal ------------------------------------ */

static td_status open_stream(FILE **stream, const char *path)
{
    int file = -1;
    td_status status = td_file_open_own(&file, path, O_WRONLY);
    if (status == TD_OK)
        *stream = ftruncate(file, 0) == 0 ? fdopen(file, "w") : NULL;
    if (status == TD_OK && !*stream)
        status =
            td_error(TD_FAILED, "%s: cannot be emptied: %s", path, strerror(errno));
    return status;
}

static void close_stream(FILE **stream)
{
    if (*stream)
        fclose(*stream);
    *stream = NULL;
}

td_status td_log_divert(const char *out, const char *err)
{
    TD_ASSERT((out == NULL) == (err == NULL));
    close_stream(&own_out);
    close_stream(&own_err);
    early[0] = '\0';
    td_status status = out ? open_stream(&own_out, out) : TD_OK;
    if (out && status == TD_OK)
        status = open_stream(&own_err, err);
    return status;
}

void td_log_speak(bool always)
{
    speaks_always = always;
}

/* ---- lines ---------------------------------------------------------------------- */

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

/* The file tells when, the screen does not: who looks at it sees that. */
static void put_into_file(td_log_level level, const char *text)
{
    char date[TD_CLOCK_DATE];
    td_clock_date(date);
    fprintf(log_file, "%s %s%s\n", date, word_of(level), text);
    fflush(log_file);
}

/* A note on a terminal breaks between words, not at its edge. */
static void put_on_screen(td_log_level level, const char *text, FILE *stream)
{
    enum { INDENT = 6 };
    td_text lines = { 0 };
    int columns = level <= TD_LOG_NOTE && !own_err && td_terminal_shows_errors()
                      ? td_terminal_columns()
                      : 0;
    int width = td_terminal_width(word_of(level)) + td_terminal_width(text);
    if (columns == 0 || width < columns) {
        fprintf(stream, "%s%s\n", word_of(level), text);
        return;
    }
    td_text_write(&lines, "%s", word_of(level));
    td_text_write_wrapped(&lines, INDENT, columns - 1, text);
    fprintf(stream, "%s\n", lines.chars);
    td_free(lines.chars);
}

/* Write \a text to the log file and \a brief, which may be shorter, to the screen. */
static void put(td_log_level level, const char *text, const char *brief)
{
    if (log_file)
        put_into_file(level, text);
    else if (level <= TD_LOG_NOTE)
        keep_early(level, text);
    if (level > shown)
        return;
    clear_live_line();
    bool to_stderr = level <= TD_LOG_NOTE || data_on_stdout;
    flush(to_stderr ? out_stream() : err_stream());
    FILE *stream = to_stderr ? err_stream() : out_stream();
    put_on_screen(level, brief, stream);
    flush(stream);
}

void td_log(td_log_level level, const char *format, ...)
{
    char words[LINE_BYTES], text[LINE_BYTES];
    va_list args;
    if (!speaks() && level != TD_LOG_WARNING)
        return;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    td_text_show(text, sizeof text, words);
    put(level, text, text);
}

/* The words as lines of a terminal's width, for td_free. */
static char *wrapped(int indent, const char *format, va_list args)
{
    enum { WIDTH = 80 };
    char words[LINE_BYTES], shown_words[LINE_BYTES];
    td_text text = { 0 };
    vsnprintf(words, sizeof words, format, args);
    td_text_show(shown_words, sizeof shown_words, words);
    td_text_write_wrapped(&text, indent, WIDTH, shown_words);
    return text.chars;
}

void td_log_wrapped(td_log_level level, int indent, const char *format, ...)
{
    va_list args;
    if (!speaks())
        return;
    va_start(args, format);
    char *text = wrapped(indent, format, args), *rest = text;
    va_end(args);
    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
        put(level, line, line);
    td_free(text);
}

void td_log_aside(const char *format, ...)
{
    enum { INDENT = 4 };
    va_list args;
    if (shown < TD_LOG_INFO)
        return;
    va_start(args, format);
    char *text = wrapped(INDENT, format, args);
    va_end(args);
    clear_live_line();
    flush(stderr);
    fprintf(stdout, "%s\n", text);
    flush(stdout);
    td_free(text);
}

void td_log_failure(void)
{
    if (!speaks())
        return;
    flush(out_stream());
    fprintf(err_stream(), "taildart: %s\n", td_error_message());
    if (td_error_hint_message()[0] != '\0')
        fprintf(err_stream(), "%s\n", td_error_hint_message());
    fflush(err_stream());
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
    if (!speaks())
        return;
    int columns = is_watched() ? td_terminal_columns() : 0;
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
    fprintf(out_stream(), "%s\n", line.chars);
    td_free(line.chars);
    td_free(words);
}

/* A cursor behind the last column may stand on the next line already. */
void td_log_live(const char *const *parts)
{
    char text[LIVE_BYTES];
    if (!speaks() || shown < TD_LOG_INFO || !is_watched())
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
