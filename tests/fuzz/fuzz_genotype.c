/* A genotype as text and as a file; what is printed of one is read again. */
#include <string.h>

#include "fuzz.h"
#include "taildart/genotype_find.h"
#include "taildart/report.h"

static void print_and_read(const td_genotype *genotype)
{
    td_genotype again;
    char *text = td_genotype_python(genotype);
    FUZZ_MUST(td_genotype_parse(&again, text) == TD_OK);
    char *second = td_genotype_python(&again);
    FUZZ_MUST(strcmp(text, second) == 0);
    td_free(second);
    td_free(text);
    td_free(td_report_json(genotype));
    td_free(td_report_dot(genotype));
}

static void read_input(const uint8_t *bytes, size_t n)
{
    td_genotype genotype;
    char *text = fuzz_text(bytes, n);
    if (td_genotype_parse(&genotype, text) == TD_OK && td_genotype_is_valid(&genotype))
        print_and_read(&genotype);
    td_free(text);
    if (td_genotype_find(&genotype, fuzz_file("genotype.txt", bytes, n)) == TD_OK)
        print_and_read(&genotype);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    return fuzz_one(bytes, n, read_input);
}
