/* metrics.csv, and the page of a run with such rows. */
#include "../unit/some_checkpoint.h"
#include "fuzz.h"
#include "taildart/report_page.h"

static void print_page(td_metrics *rows, int count)
{
    td_slots weights, norms;
    some_slots(&weights, &norms);
    td_checkpoint checkpoint = some_checkpoint(&weights, &norms, 1);
    td_report_run run = { .name = "run",
                          .checkpoint = &checkpoint,
                          .rows = rows,
                          .row_count = count,
                          .epochs = count + 1 };
    td_report_run *const runs[] = { &run, &run };
    td_free(td_report_page(runs, 1));
    td_free(td_report_page(runs, 2));
    clear_checkpoint(&checkpoint);
}

static void read_input(const uint8_t *bytes, size_t n)
{
    td_metrics *rows = NULL;
    char *text = fuzz_text(bytes, n);
    int count = td_metrics_parse(&rows, text);
    FUZZ_MUST(count >= 0 && (count == 0 || rows));
    for (int i = 0; i < count; i++)
        td_free(td_metrics_row(&rows[i]));
    print_page(rows, count);
    td_free(rows);
    td_free(text);
    td_metrics_begin(fuzz_file("metrics.csv", bytes, n), "0,1.5,,2\n");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    return fuzz_one(bytes, n, read_input);
}
