/* Two pictures (the length of the first one first, see fuzz_split) in two class
 * folders, read as they are and shrunk.  The bytes say what a picture is, not its
 * name. */
#include "fuzz.h"

#include "taildart/formats.h"

static void read_shrunk(void)
{
    td_dataset *dataset = NULL;
    td_data_reading how = { .size = 1, .strict = true };
    if (td_dataset_read(&dataset, fuzz_path(""), &how) == TD_OK) {
        FUZZ_MUST(dataset->info.height == 1 && dataset->info.width == 1);
        td_dataset_free(dataset);
    }
    td_data_reading_clear(&how);
}

static void read_input(const uint8_t *bytes, size_t n)
{
    fuzz_pair pair = fuzz_split(bytes, n);
    fuzz_file("one/a.png", pair.bytes[0], pair.n[0]);
    fuzz_file("two/b.jpg", pair.bytes[1], pair.n[1]);
    fuzz_dataset(fuzz_path(""));
    read_shrunk();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    return fuzz_one(bytes, n, read_input);
}
