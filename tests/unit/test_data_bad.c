/* Files that are no data set, or a spoilt one: a line that names file and fault. */
#include <dlfcn.h>

#include "data_fixture.h"
#include "suite.h"

#include "taildart/formats.h"

/* A file that another program writes to: when the reader has taken its size and asks
 * for a stream, `grow` bytes are added or taken away. */
static int64_t grow;

FILE *fdopen(int file, const char *mode) /* before the one of libc */
{
    static FILE *(*real)(int, const char *);
    struct stat entry;
    char path[64];
    if (!real)
        *(void **) &real = dlsym(RTLD_NEXT, "fdopen");
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (grow != 0 && fstat(file, &entry) == 0)
        ck_assert_int_eq(truncate(path, entry.st_size + grow), 0);
    return real(file, mode);
}

/* Opening is refused with TD_DATA and a line that holds all of the words. */
#define REFUSED(path, ...)                                                             \
    do {                                                                               \
        td_dataset *d = NULL;                                                          \
        FIXTURE_REFUSED(td_dataset_open(&d, path), TD_DATA, __VA_ARGS__);              \
        ck_assert_int_eq(td_base_live_blocks(), 0);                                    \
    } while (0)

#define INSPECT_REFUSED(path, ...)                                                     \
    do {                                                                               \
        td_data_info info;                                                             \
        FIXTURE_REFUSED(td_dataset_inspect(&info, path), TD_DATA, __VA_ARGS__);        \
        ck_assert_int_eq(td_base_live_blocks(), 0);                                    \
    } while (0)

static void shorten(const char *name, size_t bytes)
{
    ck_assert_int_eq(truncate(fixture_path(name), (off_t) (fixture_size(name) - bytes)),
                     0);
}

/* ---- archives of CIFAR ----------------------------------------------------------- */

/* CIFAR-100's, as small as it can be: an image for training, one for testing. */
static void write_archive(void)
{
    fixture_cifar("train.bin", 100, 0, 0, 1);
    fixture_cifar("test.bin", 100, 1, 0, 1);
    char *command = td_format("cd '%s' && tar -cf set.tar train.bin test.bin && "
                              "rm train.bin test.bin",
                              fixture_folder);
    ck_assert_int_eq(system(command), 0);
    td_free(command);
}

/* What is read of it, or is refused, is freed. */
START_TEST(test_archive_of_cifar)
{
    enum { WHOLE = 2 * (512 + 3584) }; /* headers and files, before the end */
    td_data_info info;
    write_archive();
    ck_assert_msg(td_dataset_inspect(&info, fixture_path("set.tar")) == TD_OK, "%s",
                  td_error_message());
    ck_assert_int_eq(info.train_count + info.test_count, 2);
    ck_assert_int_eq(info.classes, 100);
    ck_assert_int_eq(td_base_live_blocks(), 0);
    size_t bytes = (size_t) fixture_size("set.tar");
    for (size_t cut = 512; cut <= WHOLE; cut += 1024) {
        shorten("set.tar", bytes - cut);
        REFUSED(fixture_path("set.tar"), "set.tar: truncated");
        write_archive();
    }
}
END_TEST

/* The header has a sum: whatever byte is another one is found. */
START_TEST(test_archive_with_another_byte)
{
    enum { SUM_AT = 148, SUM_END = 156, HEADER = 512 };
    write_archive();
    size_t bytes = (size_t) fixture_size("set.tar");
    uint8_t *whole = td_malloc(bytes);
    FILE *file = fopen(fixture_path("set.tar"), "rb");
    ck_assert(file && fread(whole, 1, bytes, file) == bytes);
    fclose(file);
    for (size_t i = 0; i < HEADER; i += i < 257 ? 1 : 19) {
        whole[i] ^= 0x15;
        fixture_write("set.tar", whole, bytes);
        td_dataset *d = NULL;
        td_status status = td_dataset_open(&d, fixture_path("set.tar"));
        bool is_ignored = i >= SUM_END - 2 && i < SUM_END; /* what ends the number */
        ck_assert_msg(status == TD_DATA || is_ignored, "byte %zu: %d", i, status);
        td_dataset_free(d);
        whole[i] ^= 0x15;
    }
    td_free(whole);
    ck_assert_int_eq(td_base_live_blocks(), 0);
}
END_TEST

/* ---- no known format ------------------------------------------------------------- */

START_TEST(test_nothing_there)
{
    REFUSED(fixture_path("none"), "none", "No such file");
    INSPECT_REFUSED(fixture_path("none"), "none", "No such file");
    REFUSED(fixture_folder, fixture_folder, "without a data set", "HDF5", "IDX",
            "CIFAR-10");
}
END_TEST

START_TEST(test_unknown_file)
{
    fixture_write("cats.zip", "PK\3\4....", 8);
    REFUSED(fixture_path("cats.zip"), "cats.zip: a ZIP archive", "unzip");
    fixture_write("cats.bin", "cats and dogs", 13);
    REFUSED(fixture_path("cats.bin"), "cats.bin", "63 61 74 73", "no known format",
            "HDF5");
    fixture_write("empty.h5", "", 0);
    REFUSED(fixture_path("empty.h5"), "empty.h5", "0 bytes");
}
END_TEST

START_TEST(test_path_too_long)
{
    char path[PATH_MAX + 10];
    memset(path, 'x', sizeof path);
    path[sizeof path - 1] = '\0';
    REFUSED(path, "too long");
}
END_TEST

/* ---- IDX ------------------------------------------------------------------------- */

START_TEST(test_idx_sibling_missing)
{
    fixture_idx_set();
    unlink(fixture_path("t10k-labels-idx1-ubyte"));
    REFUSED(fixture_folder, "t10k-labels-idx1-ubyte", "no such file");
    unlink(fixture_path("train-images-idx3-ubyte"));
    REFUSED(fixture_path("train-labels-idx1-ubyte"), "train-images-idx3-ubyte",
            "no such file", ".gz");
}
END_TEST

START_TEST(test_idx_magic)
{
    fixture_idx_set();
    fixture_patch("train-images-idx3-ubyte", 3, 1);
    REFUSED(fixture_folder, "train-images-idx3-ubyte", "0x00000801 found",
            "0x00000803 expected");
    fixture_patch("train-images-idx3-ubyte", 3, 3);
    fixture_patch("t10k-labels-idx1-ubyte", 2, 0x0d);
    INSPECT_REFUSED(fixture_folder, "t10k-labels-idx1-ubyte", "0x00000d01 found",
                    "0x00000801 expected");
}
END_TEST

/* Messages: the type found and what to do about it, by type and dimensions. */
START_TEST(test_idx_of_another_kind)
{
    static const struct {
        bool labels;
        uint8_t type, dimensions;
        const char *found, *fix;
    } rows[] = {
        { false, 0x0d, 3, "float32 in 3 dimensions", "from 0 to 255" },
        { false, 0x0e, 3, "float64 in 3 dimensions", "from 0 to 255" },
        { false, 0x08, 1, "unsigned bytes in 1 dimension,", "labels, not images" },
        { false, 0x08, 2, "unsigned bytes in 2 dimensions", "n x height x width" },
        { false, 0x08, 4, "unsigned bytes in 4 dimensions", "colour as HDF5" },
        { true, 0x0d, 1, "float32 in 1 dimension,", "labels as unsigned bytes" },
        { true, 0x0c, 1, "32-bit integers in 1 dimension,",
          "labels as unsigned bytes" },
        { true, 0x09, 1, "signed bytes in 1 dimension,", "labels as unsigned bytes" },
        { true, 0x0b, 1, "16-bit integers in 1 dimension,",
          "labels as unsigned bytes" },
        { true, 0x08, 2, "unsigned bytes in 2 dimensions", "one-hot" },
        { true, 0x08, 3, "unsigned bytes in 3 dimensions", "images, not labels" },
        { true, 0x07, 1, "0x00000701 found", "no IDX file" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *name =
            rows[i].labels ? "train-labels-idx1-ubyte" : "train-images-idx3-ubyte";
        fixture_idx_set();
        fixture_patch(name, 2, rows[i].type);
        fixture_patch(name, 3, rows[i].dimensions);
        REFUSED(fixture_folder, name, rows[i].found, rows[i].fix);
    }
}
END_TEST

START_TEST(test_idx_truncated)
{
    static const char *const names[] = {
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    };
    for (int i = 0; i < 4; i++) {
        fixture_idx_set();
        shorten(names[i], 1);
        REFUSED(fixture_folder, names[i], "truncated");
        shorten(names[i], fixture_size(names[i]) - 6);
        REFUSED(fixture_folder, names[i], "truncated", "header");
        shorten(names[i], 6);
        REFUSED(fixture_folder, names[i], "truncated", "header");
    }
}
END_TEST

START_TEST(test_idx_too_long)
{
    fixture_idx_set();
    FILE *file = fopen(fixture_path("train-images-idx3-ubyte"), "ab");
    fputc(0, file);
    fclose(file);
    REFUSED(fixture_folder, "train-images-idx3-ubyte", "more than the 1280 bytes");
}
END_TEST

START_TEST(test_idx_gzip_truncated)
{
    for (size_t cut = 1; cut < 400; cut = 3 * cut + 1) {
        fixture_idx_set();
        fixture_gzip("train-images-idx3-ubyte");
        shorten("train-images-idx3-ubyte.gz", cut);
        unlink(fixture_path("train-images-idx3-ubyte"));
        REFUSED(fixture_folder, "train-images-idx3-ubyte.gz", "truncated");
    }
}
END_TEST

/* A changed byte behind the ten of the gzip header is noticed, or lies in bits that
 * mean nothing: then the data are the same. */
START_TEST(test_idx_gzip_damaged)
{
    fixture_idx_set();
    td_dataset *whole = NULL;
    ck_assert_int_eq(td_dataset_open(&whole, fixture_folder), TD_OK);
    fixture_gzip("train-images-idx3-ubyte");
    size_t size = fixture_size("train-images-idx3-ubyte.gz");
    uint8_t *good = td_malloc(size);
    int refused = 0, tried = 0;
    FILE *file = fopen(fixture_path("train-images-idx3-ubyte.gz"), "rb");
    ck_assert_uint_eq(fread(good, 1, size, file), size);
    fclose(file);
    for (size_t at = 10; at < size; at += at + 8 < size ? 7 : 1, tried++) {
        td_dataset *d = NULL;
        fixture_patch("train-images-idx3-ubyte.gz", at, good[at] ^ 0x10);
        if (td_dataset_open(&d, fixture_folder) == TD_OK)
            ck_assert_mem_eq(d->info.digest, whole->info.digest, 16);
        else
            refused++;
        td_dataset_free(d);
        fixture_patch("train-images-idx3-ubyte.gz", at, good[at]);
    }
    ck_assert_int_ge(refused, tried - 2);
    td_dataset_free(whole);
    fixture_patch("train-images-idx3-ubyte.gz", size - 6, good[size - 6] ^ 1);
    td_free(good);
    REFUSED(fixture_folder, "train-images-idx3-ubyte.gz", "damaged", "gzip");
}
END_TEST

/* Large enough that its end is not yet read with its beginning. */
START_TEST(test_idx_large_gzip_with_a_wrong_checksum)
{
    const char *name = "train-images-idx3-ubyte.gz";
    fixture_idx_part("train", 4, 50, 64);
    fixture_gzip("train-images-idx3-ubyte");
    size_t size = fixture_size(name);
    shorten(name, 1);
    REFUSED(fixture_folder, name, "truncated", "checksum");
    ck_assert_int_eq(truncate(fixture_path(name), (off_t) size), 0); /* the byte is 0 */
    td_data_info whole;
    ck_assert_int_eq(td_dataset_inspect(&whole, fixture_folder), TD_OK);
    fixture_patch(name, size - 1, 1); /* the length */
    REFUSED(fixture_folder, name, "damaged", "length");
    fixture_patch(name, size - 1, 0);
    for (size_t at = size - 8; at < size - 6; at++) /* one of the two is a change */
        fixture_patch(name, at, 0x5a);
    REFUSED(fixture_folder, name, "damaged", "data check");
}
END_TEST

/* Zeros behind the last member are filling; anything else is not looked over. */
START_TEST(test_idx_gzip_with_more_behind)
{
    const char *name = "train-images-idx3-ubyte.gz";
    uint8_t more[512] = { 0 };
    fixture_idx_set();
    fixture_gzip("train-images-idx3-ubyte");
    for (int garbage = 0; garbage < 2; garbage++) {
        td_data_info info;
        more[300] = garbage ? 0xab : 0;
        FILE *file = fopen(fixture_path(name), "ab");
        ck_assert_uint_eq(fwrite(more, 1, sizeof more, file), sizeof more);
        fclose(file);
        if (garbage)
            REFUSED(fixture_folder, name, "bytes behind the end of gzip's data");
        else
            ck_assert_int_eq(td_dataset_inspect(&info, fixture_folder), TD_OK);
    }
}
END_TEST

START_TEST(test_idx_label_out_of_range)
{
    fixture_idx_part("train", 10, 3, 4);
    fixture_patch("train-labels-idx1-ubyte", 8 + 17, 200);
    REFUSED(fixture_folder, "train-labels-idx1-ubyte", "label 200 of image 17",
            "0 to 9");
    INSPECT_REFUSED(fixture_folder, "label 200 of image 17");
    fixture_patch("train-labels-idx1-ubyte", 8 + 17, 10); /* would be the next class */
    REFUSED(fixture_folder, "label 10 of image 17", "0 to 9");
    fixture_idx_set();
    fixture_patch("t10k-labels-idx1-ubyte", 8 + 2, 4);
    REFUSED(fixture_folder, "t10k-labels-idx1-ubyte", "label 4 of image 2", "0 to 3",
            "no training image has label 4");
}
END_TEST

START_TEST(test_idx_gap_in_the_labels)
{
    fixture_idx_part("train", 6, 3, 4);
    for (int i = 3; i < 18; i += 6)
        fixture_patch("train-labels-idx1-ubyte", 8 + (size_t) i, 4);
    REFUSED(fixture_folder, "train-labels-idx1-ubyte", "label 4 of image 3",
            "3 classes are 0 to 2", "0 training images have label 3", "without a gap");
    for (int i = 0; i < 18; i++)
        fixture_patch("train-labels-idx1-ubyte", 8 + (size_t) i, 2);
    REFUSED(fixture_folder, "no image has label 0, nor 1");
    fixture_idx_set();                 /* labels i % 4, in both parts */
    for (size_t i = 0; i < 20; i += 4) /* 4, 1, 2, 3 */
        fixture_patch("train-labels-idx1-ubyte", 8 + i, 4);
    REFUSED(fixture_folder, "train-labels-idx1-ubyte", "no training image has label 0",
            "test images do", "number both alike");
}
END_TEST

START_TEST(test_idx_counts_differ)
{
    fixture_idx_set();
    fixture_idx_part("t10k", 4, 3, 8);
    fixture_patch("t10k-labels-idx1-ubyte", 7, 11);
    REFUSED(fixture_folder, "t10k-labels-idx1-ubyte", "11 labels for 12 images",
            "t10k-images-idx3-ubyte");
}
END_TEST

START_TEST(test_idx_sizes)
{
    fixture_idx_part("train", 4, 5, 8);
    fixture_idx_part("t10k", 4, 5, 4);
    REFUSED(fixture_folder, "t10k-images-idx3-ubyte", "4x4", "8x8");
    const int none[3] = { 0, 8, 8 };
    fixture_idx("train-images-idx3-ubyte", 3, none, (const uint8_t *) "", 0);
    REFUSED(fixture_folder, "train-images-idx3-ubyte", "0 images");
}
END_TEST

/* A header may announce far more than memory holds (255 GiB): the file is refused, the
 * program does not die of it. */
START_TEST(test_idx_header_that_asks_for_everything)
{
    fixture_idx_set();
    fixture_patch("train-images-idx3-ubyte", 4, 0xff); /* 4 278 190 100 images */
    REFUSED(fixture_folder, "train-images-idx3-ubyte", "truncated");
}
END_TEST

/* ---- CIFAR ----------------------------------------------------------------------- */

static void write_cifar10(void)
{
    char name[32];
    for (int b = 1; b <= 5; b++) {
        snprintf(name, sizeof name, "data_batch_%d.bin", b);
        fixture_cifar(name, 10, 0, 0, 4);
    }
}

START_TEST(test_cifar_batch_missing)
{
    write_cifar10();
    unlink(fixture_path("data_batch_4.bin"));
    REFUSED(fixture_folder, "data_batch_4.bin", "No such file");
    INSPECT_REFUSED(fixture_folder, "data_batch_4.bin", "No such file");
}
END_TEST

START_TEST(test_cifar_truncated)
{
    write_cifar10();
    shorten("data_batch_2.bin", 100);
    REFUSED(fixture_folder, "data_batch_2.bin", "truncated", "3073");
    INSPECT_REFUSED(fixture_folder, "data_batch_2.bin", "truncated");
    shorten("data_batch_2.bin", fixture_size("data_batch_2.bin"));
    REFUSED(fixture_folder, "data_batch_2.bin", "0 bytes");
}
END_TEST

/* More records than were counted do not fit, fewer are not there. */
START_TEST(test_cifar_changes_while_it_is_read)
{
    static const int64_t by[] = { 3073, 100 * 3073, 1, -3073, -1 };
    for (size_t i = 0; i < sizeof by / sizeof *by; i++) {
        write_cifar10();
        grow = by[i];
        REFUSED(fixture_folder, "data_batch_1.bin", "changed while it was read");
        grow = 0;
    }
}
END_TEST

START_TEST(test_cifar_label_out_of_range)
{
    write_cifar10();
    fixture_patch("data_batch_5.bin", 2 * 3073, 10);
    REFUSED(fixture_folder, "data_batch_5.bin", "label 10 of image 2", "0 to 9");
    fixture_end();
    fixture_begin();
    fixture_cifar("train.bin", 100, 0, 0, 5);
    fixture_patch("train.bin", 3 * 3074 + 1, 100);
    REFUSED(fixture_folder, "train.bin", "label 100 of image 3", "0 to 99");
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("data_bad");
    TCase *cases = tcase_create("bad");
    tcase_add_checked_fixture(cases, fixture_begin, fixture_end);
    tcase_add_test(cases, test_nothing_there);
    tcase_add_test(cases, test_unknown_file);
    tcase_add_test(cases, test_path_too_long);
    tcase_add_test(cases, test_idx_sibling_missing);
    tcase_add_test(cases, test_idx_magic);
    tcase_add_test(cases, test_idx_of_another_kind);
    tcase_add_test(cases, test_idx_truncated);
    tcase_add_test(cases, test_idx_gzip_with_more_behind);
    tcase_add_test(cases, test_idx_gap_in_the_labels);
    tcase_add_test(cases, test_idx_too_long);
    tcase_add_test(cases, test_idx_gzip_truncated);
    tcase_add_test(cases, test_archive_of_cifar);
    tcase_add_test(cases, test_archive_with_another_byte);
    tcase_add_test(cases, test_idx_gzip_damaged);
    tcase_add_test(cases, test_idx_large_gzip_with_a_wrong_checksum);
    tcase_add_test(cases, test_idx_label_out_of_range);
    tcase_add_test(cases, test_idx_counts_differ);
    tcase_add_test(cases, test_idx_sizes);
    tcase_add_test(cases, test_idx_header_that_asks_for_everything);
    tcase_add_test(cases, test_cifar_batch_missing);
    tcase_add_test(cases, test_cifar_truncated);
    tcase_add_test(cases, test_cifar_changes_while_it_is_read);
    tcase_add_test(cases, test_cifar_label_out_of_range);
    suite_add_tcase(suite, cases);
    return suite;
}
