/* scaling.csv: read, written again, shown as a table and as a page. */
#include "fuzz.h"
#include "taildart/scaling.h"

static void read_input(const uint8_t *bytes, size_t n)
{
    char *text = fuzz_text(bytes, n);
    td_scaling_file file;
    td_status status = td_scaling_parse(&file, "scaling.csv", text);
    FUZZ_MUST(status == TD_OK || status == TD_DATA);
    FUZZ_MUST(status != TD_OK || file.count > 0);
    if (status == TD_OK) {
        td_text again = { 0 };
        for (int i = 0; i < file.count; i++)
            td_scaling_write(&again, &file.rows[i]);
        td_free(again.chars);
        td_free(td_scaling_table(&file));
        td_free(td_scaling_page(&file, "scaling.csv"));
    }
    td_scaling_clear(&file);
    td_free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    return fuzz_one(bytes, n, read_input);
}
