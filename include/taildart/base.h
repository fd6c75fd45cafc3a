/** Floor 1: the scalar type, statuses and errors, assertions, memory.
 *
 *  Error policy, three levels (the whole program follows it):
 *  - our own bug: TD_ASSERT, active in every build, the installed one, too: it is
 *    cheap, as it stays out of inner loops;
 *  - the outside world where no caller can help (MPI, memory): TD_CHECK, always
 *    active, prints rank, file and line and ends the whole job;
 *  - the user's mistake, or a file that can be refused: a function returns a
 *    td_status and leaves one line for the user with td_error(); nobody prints
 *    it but rank 0 of the command that was typed.
 */
#ifndef TAILDART_BASE_H
#define TAILDART_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Marks of public declarations: the shared library exports those between and nothing
 *  else (the rest is compiled with -fvisibility=hidden), and in C++ it has C's
 *  names. */
#ifdef __cplusplus
#define TD_PUBLIC_BEGIN                                                                \
    _Pragma("GCC visibility push(default)") extern "C"                                 \
    {
#define TD_PUBLIC_END                                                                  \
    }                                                                                  \
    _Pragma("GCC visibility pop")
#else
#define TD_PUBLIC_BEGIN _Pragma("GCC visibility push(default)")
#define TD_PUBLIC_END _Pragma("GCC visibility pop")
#endif

TD_PUBLIC_BEGIN

/** The number type of weights, gradients and activations.  float; the finite-
 *  difference tests build the same sources once more with double. */
#ifdef TD_REAL_DOUBLE
typedef double td_real;
#else
typedef float td_real;
#endif

/** Exit codes of the program and results of fallible functions. */
typedef enum {
    TD_OK = 0,         /**< done                                                */
    TD_FAILED = 1,     /**< the run failed                                      */
    TD_USAGE = 2,      /**< usage or configuration                              */
    TD_DATA = 3,       /**< bad or missing data                                 */
    TD_CHECKPOINT = 4, /**< no readable or no fitting checkpoint                */
    TD_HUNG = 5,       /**< a rank hung                                         */
    TD_DIVERGED = 6,   /**< replicas differ                                     */
    TD_STOPPED = 85    /**< stopped on request after saving: start again        */
} td_status;

#define TD_NORETURN __attribute__((noreturn))
#define TD_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))

/** Record one line for the user and return \a code, so that callers can write
 *  `return td_error(TD_DATA, "%s: …", path)`.  A later call replaces the line.
 *  Not collective.  \param [in] code  never TD_OK. */
td_status td_error(td_status code, const char *format, ...) TD_PRINTF(2, 3);

/** Add at most one hint (a second line) to the recorded error.
 *  Not collective. */
void td_error_hint(const char *format, ...) TD_PRINTF(1, 2);

/** The recorded line, "" if none; borrowed until the next td_error of this thread.
 *  Not collective. */
const char *td_error_message(void);

/** The recorded hint, "" if none.  Not collective. */
const char *td_error_hint_message(void);

/** Set the function that ends the job when a check fails: the default exits with 1,
 *  src/comm installs MPI_Abort so that no rank waits for ever.
 *  Not collective.  \param [in] handler  must not return; NULL restores the default. */
void td_base_set_abort(void (*handler)(int code));

/** Print rank, file, line and text to stderr, then end the whole job with TD_FAILED.
 *  Not collective (that is its point: any rank may call it at any time). */
TD_NORETURN void td_abort_at(const char *file, int line, const char *format, ...)
    TD_PRINTF(3, 4);

/** Let \a note be called with the error before a process ends the job, by whatever
 *  thread has met it: it allocates nothing.  NULL for none.  Not collective. */
void td_base_set_note(void (*note)(const char *text));

/** Call that note, at most once in a process: before an end that is none of
 *  td_abort_at.  Not collective. */
void td_base_note_end(const char *text);

/** The rank that td_abort_at and the log name; 0 without MPI.  Not collective. */
void td_base_set_rank(int rank);

/** That rank.  Not collective. */
int td_base_rank(void);

/** Always-on check of the outside world: ends the job on failure. */
#define TD_CHECK(condition, ...)                                                       \
    do {                                                                               \
        if (!(condition))                                                              \
            td_abort_at(__FILE__, __LINE__, __VA_ARGS__);                              \
    } while (0)

/** Our own invariants; always on, so not for inner loops. */
#define TD_ASSERT(condition)                                                           \
    do {                                                                               \
        if (!(condition))                                                              \
            td_abort_at(__FILE__, __LINE__, "assertion failed: %s", #condition);       \
    } while (0)

/** Allocate zeroed memory, aligned to 64 bytes; never NULL (ends the job instead).
 *  Not collective.  \return a block for td_free; a valid pointer for 0 bytes, too. */
void *td_malloc(size_t bytes);

/** Copy a string.  \return for td_free.  Not collective. */
char *td_strdup(const char *text);

/** Format a string.  \return for td_free.  Not collective. */
char *td_format(const char *format, ...) TD_PRINTF(1, 2);

/** Release a block of td_malloc; NULL is fine.  Not collective. */
void td_free(void *block);

/** Blocks that are still live.  A leak fails the tests, and the program of a build with
 *  DEBUG=1 or SANITIZE (TD_CHECKS_LEAKS); to a user a finished run is a finished run.
 *  Not collective. */
long td_base_live_blocks(void);

/** Count td_malloc calls so far; tests use it to see that a step allocates nothing.
 *  Not collective. */
long td_base_malloc_count(void);

TD_PUBLIC_END

#endif
