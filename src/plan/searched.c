/* The run that the cell of a training comes from, and keys of it that go with the cell.
 */
#include "plan.h"
#include "taildart/store_evaluations.h"

#include <string.h>
#include <unistd.h>

/* Where a key differs between \a settings and those of \a run. */
static void compare(const td_settings *settings, const td_settings *searched,
                    const char *run, const char *key)
{
    char ours[TD_TEXT_BYTES], theirs[TD_TEXT_BYTES];
    td_settings_value(settings, key, ours);
    td_settings_value(searched, key, theirs);
    if (strcmp(ours, theirs) != 0)
        TD_DOUBT(
            "%s %s, but %s, which the genotype is from, has %s: --set %s=%s trains "
            "its cell as it was found",
            key, ours, run, theirs, key, theirs);
}

void td_plan_note_search(const td_settings *settings, const char *genotype)
{
    static const char *const keys[] = { "net.stem" };
    bool is_text = access(genotype, F_OK) != 0;
    char *run = is_text ? NULL : td_run_of_checkpoint(genotype);
    if (!run)
        return;
    char *path = td_format("%s/" TD_RUN_CONFIG, run);
    td_settings *searched = td_settings_new(TD_FOR_SEARCH);
    bool is_known = td_settings_read_file(searched, path) == TD_OK;
    for (size_t i = 0; is_known && i < sizeof keys / sizeof *keys; i++)
        compare(settings, searched, run, keys[i]);
    td_settings_free(searched);
    td_free(path);
    td_free(run);
}
