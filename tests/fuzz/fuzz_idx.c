/* IDX: images (their length first, see fuzz_split), then labels. */
#include "fuzz.h"

static void read_input(const uint8_t *bytes, size_t n)
{
    fuzz_pair pair = fuzz_split(bytes, n);
    fuzz_file("train-images-idx3-ubyte", pair.bytes[0], pair.n[0]);
    fuzz_file("train-labels-idx1-ubyte", pair.bytes[1], pair.n[1]);
    fuzz_dataset(fuzz_path(""));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    return fuzz_one(bytes, n, read_input);
}
