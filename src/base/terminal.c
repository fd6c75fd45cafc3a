/* The terminal that shows stdout.
 *
 * isatty() is not enough: Open MPI puts a pseudo-terminal between a rank and mpirun,
 * also where mpirun itself writes into a file or a pipe, and that one has no size.
 * Under mpirun the launcher's own stdout decides; a rank on another node cannot see it
 * and takes it for a file. */
#include "taildart/base_terminal.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "taildart/base_launch.h"

enum { USUAL_COLUMNS = 80, PATH_BYTES = 64, MORE = 3 /* columns of "..." */ };

/* mpirun's stdout or stderr, opened once more when it is a terminal; -1 if it is
 * none. */
static int open_launchers(int stream)
{
    char path[PATH_BYTES];
    long pid = td_launch_pid();
    if (pid <= 0)
        return -1;
    snprintf(path, sizeof path, "/proc/%ld/fd/%d", pid, stream);
    int file = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (file >= 0 && isatty(file) == 1)
        return file;
    if (file >= 0)
        close(file);
    return -1;
}

/* Which descriptor is the terminal, -1 for none.  It does not change while we run. */
static int terminal(void)
{
    static int known = -2;
    const char *type = getenv("TERM");
    if (known != -2)
        return known;
    known = -1;
    if (type && type[0] != '\0' && strcmp(type, "dumb") != 0 &&
        isatty(STDOUT_FILENO) == 1)
        known = td_launch_read().is_open_mpi ? open_launchers(STDOUT_FILENO)
                                             : STDOUT_FILENO;
    return known;
}

bool td_terminal_is_watched(void)
{
    return terminal() >= 0;
}

bool td_terminal_shows_errors(void)
{
    if (!td_launch_read().is_open_mpi)
        return isatty(STDERR_FILENO) == 1;
    int file = open_launchers(STDERR_FILENO);
    if (file >= 0)
        close(file);
    return file >= 0;
}

int td_terminal_columns(void)
{
    struct winsize size = { 0 };
    const char *text = getenv("COLUMNS");
    int columns = text ? (int) strtol(text, NULL, 10) : 0;
    if (terminal() >= 0 && ioctl(terminal(), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return columns > 0 && columns < 10000 ? columns : USUAL_COLUMNS;
}

/* ---- widths ---------------------------------------------------------------------- */

/* Columns of the character whose first byte is \a byte; 0 of a continuation byte.
 * Characters that may be wide count twice: too short a line does no harm. */
static int columns_of(char byte)
{
    unsigned char lead = (unsigned char) byte;
    return (lead & 0xc0) == 0x80 ? 0 : lead >= 0xe1 ? 2 : 1;
}

int td_terminal_width(const char *words)
{
    int columns = 0;
    for (; *words; words++)
        columns += columns_of(*words);
    return columns;
}

void td_terminal_cut(char *words, int columns)
{
    int width = 0;
    char *at = words;
    TD_ASSERT(columns >= 0);
    if (td_terminal_width(words) <= columns)
        return;
    while (*at && width + columns_of(*at) <= columns - MORE)
        width += columns_of(*at++);
    const char *more = columns >= MORE ? "..." : "";
    memcpy(at, more, strlen(more) + 1);
}

/* ---- a line that replaces itself ------------------------------------------------- */

static volatile sig_atomic_t live;

void td_terminal_set_live(bool is_live)
{
    live = is_live;
}

bool td_terminal_is_live(void)
{
    return live != 0;
}

bool td_terminal_drop_live(void)
{
    static const char clear[] = TD_TERMINAL_CLEAR;
    bool was_live = live != 0;
    live = 0;
    /* If that fails there is no terminal any more. */
    return was_live && write(STDOUT_FILENO, clear, sizeof clear - 1) > 0;
}
