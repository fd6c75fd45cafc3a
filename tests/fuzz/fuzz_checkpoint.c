/* A checkpoint: the input gets a right trailer, as one gives it who means harm, and is
 * read as a run; without it, it is refused. */
#include <string.h>

#include "../../src/checkpoint/trailer.h"
#include "fuzz.h"
#include "taildart/report_page.h"

static void read_run(const uint8_t *bytes, size_t n)
{
    td_report_run *run = NULL;
    fuzz_file("checkpoint.h5", bytes, n);
    if (td_report_run_read(&run, fuzz_path("")) == TD_OK) {
        td_report_run *const runs[] = { run };
        td_free(td_report_page(runs, 1));
    }
    td_report_run_free(run);
}

static void read_input(const uint8_t *bytes, size_t n)
{
    uint8_t *whole = td_malloc(n + TD_TRAILER_BYTES);
    memcpy(whole, bytes, n);
    td_trailer_init(whole + n, bytes, n);
    read_run(whole, n + TD_TRAILER_BYTES);
    td_free(whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    return fuzz_one(bytes, n, read_input);
}
