/* Use of settings in all harnesses. */
#include <string.h>

#include "settings.h"

/* What is saved with a run is read again, and is the same then. */
static void save_and_read(const td_settings *settings, td_config_command command)
{
    char *yaml = td_settings_yaml(settings);
    td_settings *again = td_settings_new(command);
    FUZZ_MUST(td_settings_read_text(again, "again", yaml) == TD_OK);
    char *second = td_settings_yaml(again);
    FUZZ_MUST(strcmp(yaml, second) == 0);
    td_free(second);
    td_free(yaml);
    td_settings_free(again);
}

void fuzz_settings(void (*set)(td_settings *, const void *), const void *input)
{
    static const td_config_command commands[] = { TD_FOR_SEARCH, TD_FOR_TRAIN };
    for (int i = 0; i < 2; i++) {
        td_settings *settings = td_settings_new(commands[i]);
        set(settings, input);
        if (td_settings_check(settings) == TD_OK)
            save_and_read(settings, commands[i]);
        td_free(td_settings_table(settings));
        td_settings_free(settings);
    }
}
