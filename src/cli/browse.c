/* A page shown by the user's browser.  Programs are started without a shell: a name of
 * a file stays one word, whatever is in it. */
#include "report.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "taildart/base_text.h"

extern char **environ;

enum { WORDS = 32 };

/* ---- the page's address ---------------------------------------------------------- */

/* Whether a byte stands for itself in the path of an address (RFC 3986). */
static bool is_plain(char c)
{
    return isalnum((unsigned char) c) || (c != '\0' && strchr("/-._~", c));
}

/* "file:///home/a%20page.html", for td_free; NULL with errno. */
static char *address_of(const char *path)
{
    td_text text = { 0 };
    char whole[PATH_MAX];
    if (!realpath(path, whole))
        return NULL;
    td_text_write(&text, "file://");
    for (const char *at = whole; *at; at++)
        td_text_write(&text, is_plain(*at) ? "%c" : "%%%02X", (unsigned char) *at);
    return text.chars;
}

/* ---- a program ------------------------------------------------------------------- */

/* A command while its words are put together. */
typedef struct {
    char *word[WORDS + 2]; /* owned, NULL behind the last */
    int count;
} command;

/* Append a word, with the address in the place of %s.  \return whether there was one */
static bool add_word(command *c, const char *word, size_t length, const char *address)
{
    td_text text = { 0 };
    bool has_address = false;
    for (size_t i = 0; i < length; i++) {
        bool is_place = word[i] == '%' && i + 1 < length && word[i + 1] == 's';
        if (is_place)
            td_text_write(&text, "%s", address);
        else
            td_text_write(&text, "%c", word[i]);
        i += is_place;
        has_address = has_address || is_place;
    }
    c->word[c->count++] = text.chars;
    return has_address;
}

/* Cut \a words at blanks; the address stands in the place of %s, or behind them. */
static command command_of(const char *words, size_t length, const char *address)
{
    command c = { .count = 0 };
    bool has_address = false;
    const char *at = words, *end = words + length;
    while (at < end && c.count < WORDS) {
        size_t word = 0;
        while (at + word < end && at[word] != ' ')
            word++;
        if (word > 0)
            has_address = add_word(&c, at, word, address) || has_address;
        at += word + (at + word < end);
    }
    if (c.count > 0 && !has_address)
        c.word[c.count++] = td_strdup(address);
    return c;
}

static void clear(command *c)
{
    for (int i = 0; i < c->count; i++)
        td_free(c->word[i]);
}

/* Run a command to its end.  \return an errno when it cannot be started, 0
 * \param [out] status  of waitpid */
static int run(const command *c, int *status)
{
    pid_t child;
    int problem = posix_spawnp(&child, c->word[0], NULL, NULL, c->word, environ);
    *status = 0;
    while (problem == 0 && waitpid(child, status, 0) < 0)
        if (errno != EINTR)
            return errno;
    return problem;
}

/* Try the commands of a list with colons in between, until one works. */
static td_status try_all(const char *list, const char *address)
{
    td_status result = td_error(TD_FAILED, "BROWSER: no program is named there");
    for (const char *at = list; *at;) {
        size_t length = strcspn(at, ":");
        command c = command_of(at, length, address);
        int status = 0, problem = c.count > 0 ? run(&c, &status) : ENOENT;
        if (c.count == 0)
            result = td_error(TD_FAILED, "BROWSER: no program is named there");
        else if (problem != 0)
            result = td_error(TD_FAILED, "cannot start the browser %s: %s", c.word[0],
                              strerror(problem));
        else if (status != 0)
            result = td_error(TD_FAILED, "the browser %s could not show %s", c.word[0],
                              address);
        clear(&c);
        if (c.count > 0 && problem == 0 && status == 0)
            return TD_OK;
        at += length + (at[length] == ':');
    }
    return result;
}

/* ---- which one ------------------------------------------------------------------- */

/* The value of a variable; NULL for none. */
static const char *value_of(const char *variable)
{
    const char *value = getenv(variable);
    return value && value[0] != '\0' ? value : NULL;
}

td_status td_cli_browse(const char *path)
{
    bool has_display = value_of("DISPLAY") || value_of("WAYLAND_DISPLAY");
    const char *browsers = value_of("BROWSER");
    td_status status;
    fflush(stdout); /* what a browser in the terminal prints comes behind */
    if (!browsers && !has_display) {
        status = td_error(TD_FAILED,
                          "--open: no browser: BROWSER is not set, and there is no "
                          "display (DISPLAY, WAYLAND_DISPLAY)");
        td_error_hint("copy the page to where a browser is, or try --term");
        return status;
    }
    char *address = address_of(path);
    if (!address)
        return td_error(TD_FAILED, "--open: %s: %s", path, strerror(errno));
    status = try_all(browsers ? browsers : "xdg-open:open", address);
    if (status != TD_OK)
        td_error_hint("name another one in BROWSER, or open the page by hand");
    td_free(address);
    return status;
}
