#include "taildart/base.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "taildart/base_memory.h"
#include "taildart/base_text.h"

enum { MESSAGE_BYTES = 2048 };

static _Thread_local char message[MESSAGE_BYTES];
static _Thread_local char hint[MESSAGE_BYTES];
static void (*abort_handler)(int code);
static void (*note_end)(const char *text);
static atomic_bool is_ending;
static int process_rank;

td_status td_error(td_status code, const char *format, ...)
{
    char text[MESSAGE_BYTES]; /* the arguments may quote the former message */
    va_list args;
    TD_ASSERT(code != TD_OK);
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    td_text_show(message, sizeof message, text);
    hint[0] = '\0';
    return code;
}

void td_error_hint(const char *format, ...)
{
    char text[MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    td_text_show(hint, sizeof hint, text);
}

const char *td_error_message(void)
{
    return message;
}

const char *td_error_hint_message(void)
{
    return hint;
}

void td_base_set_abort(void (*handler)(int code))
{
    abort_handler = handler;
}

void td_base_set_note(void (*note)(const char *text))
{
    note_end = note;
}

void td_base_note_end(const char *text)
{
    if (note_end && !atomic_exchange(&is_ending, true))
        note_end(text);
}

void td_base_set_rank(int rank)
{
    process_rank = rank;
}

int td_base_rank(void)
{
    return process_rank;
}

static _Noreturn void end_job(const char *where, const char *text)
{
    char shown[MESSAGE_BYTES];
    td_text_show(shown, sizeof shown, text);
    fflush(stdout);
    fprintf(stderr, "taildart: rank %d: %s%s\n", process_rank, where, shown);
    fflush(stderr);
    td_base_note_end(shown);
    if (abort_handler)
        abort_handler(TD_FAILED);
    exit(TD_FAILED);
}

_Noreturn void td_abort_at(const char *file, int line, const char *format, ...)
{
    char text[MESSAGE_BYTES], where[MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    snprintf(where, sizeof where, "%s:%d: ", file, line);
    end_job(where, text);
}

_Noreturn void td_end_job(const char *format, ...)
{
    char text[MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    end_job("", text);
}
