/* Children: programs that a study starts and waits for.
 *
 * A child leads a process group of its own: Ctrl-C at a terminal then reaches the study
 * alone, which asks the child to save; mpirun, had it got the signal, would kill its
 * ranks at once.  When the study itself is killed, the kernel signals the child
 * instead. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"
#include "taildart/base_file.h"
#include "taildart/base_signals.h"
#include "taildart/machine.h"

enum { NO_PROGRAM = 127, SIGNAL_CODE = 128, MOST_OF_ERRORS = 1 << 28 };

static td_cpus
    cpus; /* of all threads: a child is not bound to the one of its parent's thread */

/* ---- the child's side: only calls that are safe after fork ------------------- */

static _Noreturn void fail(int code, const char *what, const char *name)
{
    dprintf(STDERR_FILENO, "taildart: %s %s: %s\n", what, name,
            errno == ELOOP
                ? "a link stands there, and links are not followed: remove it"
                : strerror(errno));
    _exit(code);
}

static void redirect(const char *path, int flags, int to)
{
    int file = open(path, flags | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (file < 0 || dup2(file, to) < 0)
        fail(1, "cannot open", path);
}

static _Noreturn void run_child(char *const *words, const char *out, const char *err,
                                const char *folder, pid_t parent)
{
    td_signals_reset();
    setpgid(0, 0);
    td_cpus_release(&cpus);
    prctl(PR_SET_PDEATHSIG, SIGUSR2);
    if (getppid() != parent) /* it died before that */
        _exit(SIGNAL_CODE + SIGUSR2);
    redirect("/dev/null", O_RDONLY, STDIN_FILENO);
    redirect(out, O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
    redirect(err, O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
    if (folder && chdir(folder) != 0)
        fail(1, "cannot enter", folder);
    execvp(words[0], words);
    fail(NO_PROGRAM, "cannot start", words[0]);
}

/* ---- our side ------------------------------------------------------------------- */

/* Start a child; a signal that comes meanwhile waits until the child is known. */
static pid_t start(char *const *words, const char *out, const char *err,
                   const char *folder)
{
    pid_t self = getpid();
    td_cpus_read(&cpus);
    fflush(stdout); /* or parent and child both write it */
    td_signals_hold();
    bool stop = td_signals_stop();
    pid_t child = stop ? 0 : fork();
    if (child == 0 && !stop)
        run_child(words, out, err, folder, self);
    if (child > 0)
        td_signals_child(child);
    td_signals_go();
    return child;
}

static td_child_end end_of(int status)
{
    td_child_end end = { .code = WIFEXITED(status) ? WEXITSTATUS(status)
                                                   : SIGNAL_CODE + WTERMSIG(status) };
    end.absent = end.code == NO_PROGRAM;
    return end;
}

td_child_end td_child_run(char *const *words, const char *out, const char *err,
                          const char *folder)
{
    TD_ASSERT(words[0] && out && err);
    int status = 0;
    pid_t child = start(words, out, err, folder);
    TD_CHECK(child >= 0, "cannot start a process: %s", strerror(errno));
    if (child == 0) /* asked to stop just before */
        return (td_child_end){ .code = TD_STOPPED };
    while (waitpid(child, &status, 0) < 0)
        TD_CHECK(errno == EINTR, "waiting for a process: %s", strerror(errno));
    td_signals_child(0);
    td_signals_pass();
    return end_of(status);
}

/* ---- its errors ------------------------------------------------------------------ */

static bool has_text(const char *line)
{
    return line[strspn(line, "- \t\r")] != '\0';
}

/* Prefers the program's own last line: mpirun may print more behind it, between lines
 * of dashes. */
char *td_child_last_error(const char *path)
{
    char *text = NULL, *own = NULL, *any = NULL;
    if (td_file_read_regular(&text, NULL, path, MOST_OF_ERRORS) != TD_OK)
        return td_strdup("");
    for (char *line = text, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        if (strncmp(line, "taildart: ", 10) == 0)
            own = line;
        if (has_text(line))
            any = line;
    }
    char *words = td_strdup(own ? own : any ? any : "");
    td_free(text);
    return words;
}
