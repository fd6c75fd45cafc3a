/* A configuration file. */
#include "settings.h"

static void set(td_settings *settings, const void *path)
{
    td_settings_read_file(settings, path);
}

static void read_input(const uint8_t *bytes, size_t n)
{
    fuzz_settings(set, fuzz_file("config.yaml", bytes, n));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    return fuzz_one(bytes, n, read_input);
}
