#include "taildart/base_log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "taildart/base_file.h"
#include "taildart/base_text.h"

enum { LINE_BYTES = 4096 };

static td_log_level shown = TD_LOG_INFO;
static FILE *log_file;
static bool data_on_stdout;
static int live_width; /* columns of the live line that stands on the screen */

void td_log_set_level(td_log_level level)
{
    shown = level;
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
    return status;
}

void td_log_to_stderr(bool on)
{
    data_on_stdout = on;
}

static void clear_live_line(void)
{
    if (live_width > 0)
        printf("\r%*s\r", live_width, "");
    live_width = 0;
}

static const char *word_of(td_log_level level)
{
    return level == TD_LOG_WARNING ? "WARNING: " : level == TD_LOG_NOTE ? "NOTE: " : "";
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
    if (log_file) {
        fprintf(log_file, "%s%s\n", word_of(level), text);
        fflush(log_file);
    }
    if (level > shown)
        return;
    clear_live_line();
    bool to_stderr = level <= TD_LOG_NOTE || data_on_stdout;
    fflush(to_stderr ? stdout : stderr);
    FILE *stream = to_stderr ? stderr : stdout;
    fprintf(stream, "%s%s\n", word_of(level), text);
    fflush(stream);
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

void td_log_live(const char *format, ...)
{
    char words[256], text[256];
    va_list args;
    if (td_base_rank() != 0 || shown < TD_LOG_INFO || !td_log_is_terminal())
        return;
    if (!format) {
        clear_live_line();
        fflush(stdout);
        return;
    }
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    td_text_show(text, sizeof text, words);
    int width = (int) strlen(text);
    printf("\r%s%*s", text, live_width > width ? live_width - width : 0, "");
    live_width = width;
    fflush(stdout);
}
