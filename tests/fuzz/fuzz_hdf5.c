/* A data set in HDF5. */
#include "fuzz.h"

static void read_input(const uint8_t *bytes, size_t n)
{
    fuzz_dataset(fuzz_file("data.h5", bytes, n));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    return fuzz_one(bytes, n, read_input);
}
