/* Drawing by other programs.  The script is passed in an anonymous file and only the
 * picture comes through a pipe, so neither side can wait for the other. */
#include "draw.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Make an unnamed file that holds \a text, open at its start; -1 with errno. */
static int file_holding(const char *text)
{
    size_t length = strlen(text), done = 0;
    int file = memfd_create("script", MFD_CLOEXEC);
    while (file >= 0 && done < length) {
        ssize_t written = write(file, text + done, length - done);
        if (written < 0 && errno != EINTR) {
            close(file);
            return -1;
        }
        done += written > 0 ? (size_t) written : 0;
    }
    if (file >= 0)
        lseek(file, 0, SEEK_SET);
    return file;
}

/* Start the program with these as its stdin and stdout.
 * \return an errno, 0 if it runs */
static int start(pid_t *child, char *const *words, int in, int out)
{
    posix_spawn_file_actions_t actions;
    int problem = posix_spawn_file_actions_init(&actions);
    TD_CHECK(problem == 0, "cannot prepare to run %s: %s", words[0], strerror(problem));
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    problem = posix_spawnp(child, words[0], &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    return problem;
}

/* Read until the other side closes. */
static void read_all(td_text *text, int from)
{
    char block[4096];
    ssize_t count;
    while ((count = read(from, block, sizeof block)) != 0) {
        if (count > 0)
            td_text_write_bytes(text, block, (size_t) count);
        else if (errno != EINTR)
            return;
    }
}

/* Wait for its end.  \return whether it drew the picture */
static bool has_succeeded(pid_t child)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return false;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static td_status cannot_start(const td_drawer *drawer, int problem)
{
    td_status status = td_error(TD_FAILED, "cannot run %s to draw %s: %s",
                                drawer->words[0], drawer->what, strerror(problem));
    if (problem == ENOENT)
        td_error_hint("install %s, or %s", drawer->package, drawer->instead);
    return status;
}

/* Draw with open files.  \return as td_draw */
static td_status draw(td_text *picture, const td_drawer *drawer, int in,
                      const int pipe_ends[2])
{
    pid_t child;
    int problem = start(&child, drawer->words, in, pipe_ends[1]);
    close(pipe_ends[1]);
    if (problem != 0)
        return cannot_start(drawer, problem);
    read_all(picture, pipe_ends[0]);
    if (has_succeeded(child) && picture->length > 0)
        return TD_OK;
    td_free(picture->chars);
    *picture = (td_text){ 0 };
    return td_error(TD_FAILED, "%s could not draw %s; its own words are above",
                    drawer->words[0], drawer->what);
}

td_status td_draw(td_text *picture, const td_drawer *drawer, const char *script)
{
    TD_ASSERT(picture && drawer && script);
    int pipe_ends[2];
    int in = file_holding(script);
    *picture = (td_text){ 0 };
    if (in < 0)
        return td_error(TD_FAILED, "no room for a script: %s", strerror(errno));
    if (pipe2(pipe_ends, O_CLOEXEC) != 0) {
        close(in);
        return td_error(TD_FAILED, "no pipe to %s: %s", drawer->words[0],
                        strerror(errno));
    }
    td_status status = draw(picture, drawer, in, pipe_ends);
    close(pipe_ends[0]);
    close(in);
    return status;
}
