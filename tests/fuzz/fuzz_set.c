/* Values of --set: KEY=VALUE, a line each. */
#include <string.h>

#include "settings.h"

static void set(td_settings *settings, const void *text)
{
    char *copy = td_strdup(text), *rest = copy;
    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
        char *value = strchr(line, '=');
        if (!value)
            continue;
        *value++ = '\0';
        td_settings_set(settings, line, value, TD_ORIGIN_OPTION);
    }
    td_free(copy);
}

static void read_input(const uint8_t *bytes, size_t n)
{
    char *text = fuzz_text(bytes, n);
    fuzz_settings(set, text);
    td_free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    return fuzz_one(bytes, n, read_input);
}
