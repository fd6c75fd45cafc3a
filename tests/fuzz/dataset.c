/* Use of a data set in all harnesses. */
#include <string.h>

#include "fuzz.h"
#include "taildart/formats.h"

static void check(const td_dataset *d)
{
    const td_data_info *info = &d->info;
    const int64_t counts[2] = { info->train_count, info->test_count };
    FUZZ_MUST(info->classes > 0 && info->channels >= 1 && info->channels <= 3);
    for (int part = 0; part < 2; part++)
        for (int64_t i = 0; d->labels[part] && i < counts[part]; i++)
            FUZZ_MUST(d->labels[part][i] >= 0 && d->labels[part][i] < info->classes);
    for (int c = 0; c < info->classes; c++)
        FUZZ_MUST(memchr(d->class_names[c], 0, TD_CLASS_NAME_BYTES));
}

static void refused(td_status status)
{
    FUZZ_MUST(status == TD_DATA && *td_error_message());
}

void fuzz_dataset(const char *path)
{
    td_data_info info;
    td_dataset *dataset = NULL;
    td_data_reading how = { .size = 0 };
    td_status status = td_dataset_inspect(&info, path);
    if (status != TD_OK)
        refused(status);
    status = td_dataset_read(&dataset, path, &how);
    if (status != TD_OK)
        refused(status);
    else
        check(dataset);
    td_data_reading_clear(&how);
    if (status == TD_OK)
        td_dataset_free(dataset);
}
