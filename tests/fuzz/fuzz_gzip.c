/* Images of an IDX data set, compressed; labels for four of them. */
#include "fuzz.h"

static void read_input(const uint8_t *bytes, size_t n)
{
    static const uint8_t labels[] = { 0, 0, 8, 1, 0, 0, 0, 4, 0, 1, 0, 1 };
    fuzz_file("train-images-idx3-ubyte.gz", bytes, n);
    fuzz_file("train-labels-idx1-ubyte", labels, sizeof labels);
    fuzz_dataset(fuzz_path(""));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    return fuzz_one(bytes, n, read_input);
}
