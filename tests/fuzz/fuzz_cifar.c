/* CIFAR: whole records and a rest, so that inputs stay short: the first byte says which
 * family, the second how many records of zeros precede the input's own bytes, then
 * class names (their length first, see fuzz_split) and records. */
#include <string.h>

#include "fuzz.h"

enum { RECORDS = 3, BYTES = 3074 };

static void read_family(int family, int zeros, fuzz_pair pair)
{
    static const char *const train[][2] = {
        { "data_batch_1.bin", "batches.meta.txt" },
        { "train.bin", "fine_label_names.txt" },
    };
    static const char *const rest[] = { "data_batch_2.bin", "data_batch_3.bin",
                                        "data_batch_4.bin", "data_batch_5.bin" };
    static uint8_t file[RECORDS * BYTES + (1 << 16)];
    size_t record = (size_t) (3073 + family), begin = (size_t) zeros * record;
    size_t n = pair.n[1] < 1 << 16 ? pair.n[1] : 1 << 16;
    memset(file, 0, begin);
    memcpy(file + begin, pair.bytes[1], n);
    fuzz_file(train[family][0], file, begin + n);
    fuzz_file(train[family][1], pair.bytes[0], pair.n[0]);
    for (int i = 0; i < 4; i++)
        if (family == 0)
            fuzz_file(rest[i], file, record);
        else
            fuzz_no_file(rest[i]);
    fuzz_no_file(train[!family][0]);
    fuzz_dataset(fuzz_path(train[family][0]));
}

static void read_input(const uint8_t *bytes, size_t n)
{
    if (n >= 2)
        read_family(bytes[0] & 1, bytes[1] % (RECORDS + 1),
                    fuzz_split(bytes + 2, n - 2));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    return fuzz_one(bytes, n, read_input);
}
