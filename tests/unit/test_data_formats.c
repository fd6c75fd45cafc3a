/* Data sets read from each format: the same pixels, labels, facts and digest. */
#include <hdf5.h>
#include <math.h>
#include <xxhash.h>

#include "data_fixture.h"
#include "suite.h"

#include "taildart/formats.h"

static td_dataset *open_set(const char *path)
{
    td_dataset *dataset = NULL;
    td_status status = td_dataset_open(&dataset, path);
    ck_assert_msg(status == TD_OK, "%s", td_error_message());
    return dataset;
}

static bool is_same_part(const td_dataset *a, const td_dataset *b, td_part part,
                         int64_t n)
{
    size_t bytes = (size_t) n * (size_t) a->info.height * (size_t) a->info.width *
                   (size_t) a->info.channels;
    return memcmp(a->images[part], b->images[part], bytes) == 0 &&
           memcmp(a->labels[part], b->labels[part], (size_t) n * sizeof(int32_t)) == 0;
}

static void check_same(const td_dataset *a, const td_dataset *b)
{
    ck_assert_mem_eq(&a->info, &b->info, sizeof a->info);
    ck_assert(is_same_part(a, b, TD_PART_TRAIN, a->info.train_count));
    if (a->info.test_count > 0)
        ck_assert(is_same_part(a, b, TD_PART_TEST, a->info.test_count));
    for (int c = 0; c < a->info.classes; c++)
        ck_assert_str_eq(a->class_names[c], b->class_names[c]);
}

/* Shapes are those of the open data set; what inspect leaves out is zero. */
static void check_inspect(const td_dataset *dataset, const char *path, bool has_mean)
{
    td_data_info expected = dataset->info, found;
    memset(expected.digest, 0, sizeof expected.digest);
    if (!has_mean) {
        memset(expected.mean, 0, sizeof expected.mean);
        memset(expected.std, 0, sizeof expected.std);
    }
    ck_assert_int_eq(td_dataset_inspect(&found, path), TD_OK);
    ck_assert_mem_eq(&found, &expected, sizeof found);
}

/* ---- IDX ------------------------------------------------------------------------- */

START_TEST(test_idx)
{
    fixture_idx_set();
    td_dataset *d = open_set(fixture_folder);
    ck_assert_int_eq(d->info.classes, 4);
    ck_assert_int_eq(d->info.height, 8);
    ck_assert_int_eq(d->info.width, 8);
    ck_assert_int_eq(d->info.channels, 1);
    ck_assert_int_eq(d->info.train_count, 20);
    ck_assert_int_eq(d->info.test_count, 8);
    ck_assert_str_eq(d->class_names[3], "3");
    ck_assert_str_eq(d->source, fixture_folder);
    for (int part = 0; part < 2; part++)
        for (int i = 0; i < (part ? 8 : 20); i++) {
            ck_assert_int_eq(d->labels[part][i], i % 4);
            for (int p = 0; p < 64; p++)
                ck_assert_uint_eq(d->images[part][i * 64 + p],
                                  fixture_pixel(part, i, p));
        }
    check_inspect(d, fixture_folder, false);
    td_dataset_free(d);
    ck_assert_int_eq(td_base_live_blocks(), 0);
}
END_TEST

START_TEST(test_idx_compressed_in_part_or_whole)
{
    static const char *const names[] = {
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "train-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    };
    fixture_idx_set();
    td_dataset *plain = open_set(fixture_folder);
    for (int i = 0; i < 4; i++) {
        fixture_gzip(names[i]);
        td_dataset *packed = open_set(fixture_folder);
        check_same(plain, packed);
        check_inspect(packed, fixture_folder, false);
        td_dataset_free(packed);
    }
    td_dataset_free(plain);
}
END_TEST

/* gzip files may be joined: their contents are, then. */
START_TEST(test_idx_of_several_gzip_members)
{
    const char *name = "train-images-idx3-ubyte";
    uint8_t bytes[16 + 20 * 64];
    fixture_idx_part("train", 4, 5, 8);
    td_dataset *plain = open_set(fixture_folder);
    FILE *file = fopen(fixture_path(name), "rb");
    ck_assert_uint_eq(fread(bytes, 1, sizeof bytes, file), sizeof bytes);
    fclose(file);
    unlink(fixture_path(name));
    static const unsigned ends[] = { 0, 7, 600, sizeof bytes };
    for (int i = 0; i < 3; i++) {
        gzFile out = gzopen(fixture_path("train-images-idx3-ubyte.gz"), "ab");
        unsigned count = ends[i + 1] - ends[i];
        ck_assert_int_eq(gzwrite(out, bytes + ends[i], count), (int) count);
        gzclose(out);
    }
    td_dataset *packed = open_set(fixture_folder);
    check_same(plain, packed);
    td_dataset_free(packed);
    td_dataset_free(plain);
}
END_TEST

START_TEST(test_idx_by_any_of_its_files)
{
    static const char *const names[] = { "train-images-idx3-ubyte",
                                         "train-labels-idx1-ubyte",
                                         "t10k-images-idx3-ubyte.gz",
                                         "t10k-labels-idx1-ubyte" };
    fixture_idx_set();
    fixture_gzip("t10k-images-idx3-ubyte");
    td_dataset *whole = open_set(fixture_folder);
    for (int i = 0; i < 4; i++) {
        td_dataset *d = open_set(fixture_path(names[i]));
        check_same(whole, d);
        td_dataset_free(d);
    }
    ck_assert_int_eq(chdir(fixture_folder), 0); /* a path without a folder */
    td_dataset *d = open_set("train-images-idx3-ubyte");
    check_same(whole, d);
    td_dataset_free(d);
    td_dataset_free(whole);
}
END_TEST

static void rename_idx(const char *prefix, const char *test, const char *dash)
{
    for (int i = 0; i < 4; i++) {
        char to[128];
        bool is_test = i >= 2, is_labels = i % 2;
        const char *old =
            is_test ? is_labels ? "t10k-labels-idx1-ubyte" : "t10k-images-idx3-ubyte"
            : is_labels ? "train-labels-idx1-ubyte"
                        : "train-images-idx3-ubyte";
        snprintf(to, sizeof to, "%s%s-%s%s", prefix, is_test ? test : "train",
                 is_labels ? "labels" : "images", dash);
        snprintf(to + strlen(to), sizeof to - strlen(to), "%s-ubyte",
                 is_labels ? "idx1" : "idx3");
        ck_assert_int_eq(rename(fixture_path(old), fixture_path(to)), 0);
    }
}

/* As unpacked by some, and as QMNIST calls its own. */
START_TEST(test_idx_by_other_names)
{
    static const char *const rows[][3] = {
        { "", "t10k", "." },
        { "", "test", "-" },
        { "kuzushiji-", "test", "-" },
        { "qmnist-", "test", "-" },
    };
    fixture_idx_set();
    td_dataset *plain = open_set(fixture_folder);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char name[128];
        fixture_end();
        fixture_begin();
        fixture_idx_set();
        rename_idx(rows[i][0], rows[i][1], rows[i][2]);
        td_dataset *d = open_set(fixture_folder);
        check_same(plain, d);
        td_dataset_free(d);
        snprintf(name, sizeof name, "%strain-labels%sidx1-ubyte", rows[i][0],
                 rows[i][2]);
        fixture_gzip(name);
        snprintf(name + strlen(name), sizeof name - strlen(name), ".gz");
        d = open_set(fixture_path(name));
        check_same(plain, d);
        td_dataset_free(d);
    }
    td_dataset_free(plain);
}
END_TEST

/* EMNIST stores columns for rows: by its name the images are known, and put upright. */
START_TEST(test_idx_of_emnist)
{
    fixture_idx_set();
    td_dataset *plain = open_set(fixture_folder);
    rename_idx("emnist-balanced-", "test", "-");
    td_dataset *d = open_set(fixture_folder);
    const int64_t counts[2] = { d->info.train_count, d->info.test_count };
    ck_assert_int_eq(counts[0], plain->info.train_count);
    for (int part = 0; part < 2; part++)
        for (int64_t p = 0; p < counts[part] * 64; p++) {
            int64_t image = p / 64, y = p / 8 % 8, x = p % 8;
            ck_assert_uint_eq(d->images[part][p],
                              plain->images[part][image * 64 + x * 8 + y]);
        }
    td_dataset_free(d);
    td_dataset_free(plain);
}
END_TEST

/* A text file of EMNIST tells what its labels stand for. */
START_TEST(test_idx_of_emnist_has_names)
{
    static const struct {
        const char *text, *said;
    } wrong[] = { { "0 65\n1 x\n", "mapping.txt:2: no label from 0 on" },
                  { "0 65\n0 66\n", "mapping.txt:2: no label from 0 on" },
                  { "0 65\n2 67\n3 68\n", "mapping.txt: no name of label 1" },
                  { "0 10\n", "mapping.txt:1: " },
                  { "", "mapping.txt: no name of label 0" } };
    td_dataset *d = NULL;
    fixture_idx_set();
    rename_idx("emnist-balanced-", "test", "-");
    static const char file[] = "emnist-balanced-mapping.txt",
                      text[] = "0 65 97\n1 98\r\n\n2 48\n3 126\n9 57\n";
    fixture_write(file, text, strlen(text));
    d = open_set(fixture_folder);
    ck_assert_int_eq(d->info.classes, 4);
    for (int c = 0; c < 4; c++)
        ck_assert_int_eq(d->class_names[c][0], "Ab0~"[c]);
    ck_assert_int_eq(d->class_names[0][1], '\0');
    td_dataset_free(d);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        fixture_write(file, wrong[i].text, strlen(wrong[i].text));
        FIXTURE_REFUSED(td_dataset_open(&d, fixture_folder), TD_DATA, wrong[i].said);
    }
}
END_TEST

/* EMNIST's archive holds six sets: a file says which. */
START_TEST(test_idx_of_several_sets)
{
    td_dataset *d = NULL;
    fixture_idx_part("train", 4, 5, 8);
    fixture_idx_part("t10k", 4, 5, 8);
    rename_idx("emnist-digits-", "test", "-");
    fixture_idx_part("train", 3, 5, 8);
    fixture_idx_part("t10k", 3, 5, 8);
    rename_idx("emnist-letters-", "test", "-");
    FIXTURE_REFUSED(td_dataset_open(&d, fixture_folder), TD_DATA, "several data sets",
                    "emnist-digits-", "emnist-letters-", "give a file of one");
    d = open_set(fixture_path("emnist-letters-test-images-idx3-ubyte"));
    ck_assert_int_eq(d->info.classes, 3);
    td_dataset_free(d);
    fixture_idx_set(); /* plain names come first, as before */
    d = open_set(fixture_folder);
    ck_assert_int_eq(d->info.train_count, 20);
    td_dataset_free(d);
}
END_TEST

/* EMNIST's letters: what was label 1 is class 0, and is still called 1. */
START_TEST(test_idx_labels_from_1)
{
    fixture_idx_set();
    for (int i = 0; i < 20; i++)
        fixture_patch("train-labels-idx1-ubyte", 8 + (size_t) i, (uint8_t) (i % 4 + 1));
    for (int i = 0; i < 8; i++)
        fixture_patch("t10k-labels-idx1-ubyte", 8 + (size_t) i, (uint8_t) (i % 4 + 1));
    td_dataset *d = open_set(fixture_folder);
    ck_assert_int_eq(d->info.classes, 4);
    ck_assert_str_eq(d->class_names[0], "1");
    ck_assert_str_eq(d->class_names[3], "4");
    for (int i = 0; i < 20; i++)
        ck_assert_int_eq(d->labels[0][i], i % 4);
    for (int i = 0; i < 8; i++)
        ck_assert_int_eq(d->labels[1][i], i % 4);
    td_dataset_free(d);
}
END_TEST

START_TEST(test_idx_without_test_part)
{
    fixture_idx_part("train", 3, 4, 8);
    td_dataset *d = open_set(fixture_folder);
    ck_assert_int_eq(d->info.test_count, 0);
    ck_assert_ptr_null(d->images[TD_PART_TEST]);
    check_inspect(d, fixture_folder, false);
    ck_assert_int_eq(td_dataset_write(d, fixture_path("a.h5")), TD_OK);
    td_dataset *again = open_set(fixture_path("a.h5"));
    check_same(d, again);
    td_dataset_free(again);
    td_dataset_free(d);
}
END_TEST

START_TEST(test_idx_may_have_more_than_ten_classes)
{
    fixture_idx_part("train", 26, 2, 4);
    td_dataset *d = open_set(fixture_folder);
    ck_assert_int_eq(d->info.classes, 26);
    td_dataset_free(d);
}
END_TEST

/* ---- facts ----------------------------------------------------------------------- */

START_TEST(test_mean_and_deviation_are_exact)
{
    const int sizes[3] = { 4, 2, 1 };
    const uint8_t bytes[8] = { 0, 0, 255, 255, 51, 51, 204, 204 };
    const uint8_t classes[4] = { 0, 0, 1, 1 };
    fixture_idx("train-images-idx3-ubyte", 3, sizes, bytes, sizeof bytes);
    fixture_idx("train-labels-idx1-ubyte", 1, sizes, classes, sizeof classes);
    td_dataset *d = open_set(fixture_folder);
    ck_assert(fabs(d->info.mean[0] - 0.5) <= 1e-15);
    /* deviations 0.5 and 0.3, half of the pixels each */
    ck_assert(fabs(d->info.std[0] - sqrt(0.17)) <= 1e-15);
    td_dataset_free(d);
}
END_TEST

START_TEST(test_digest_is_of_pixels_and_labels)
{
    fixture_idx_part("train", 4, 5, 8);
    td_dataset *d = open_set(fixture_folder);
    uint8_t bytes[20 * 64 + 20 * 4] = { 0 };
    memcpy(bytes, d->images[TD_PART_TRAIN], 20 * 64);
    for (int i = 0; i < 20; i++)
        bytes[20 * 64 + 4 * i] = (uint8_t) (i % 4); /* little endian */
    XXH128_canonical_t expected;
    XXH128_canonicalFromHash(&expected, XXH3_128bits(bytes, sizeof bytes));
    ck_assert_mem_eq(d->info.digest, expected.digest, 16);
    td_dataset_free(d);
    fixture_patch("train-labels-idx1-ubyte", 8, 1); /* the first label was 0 */
    td_dataset *other = open_set(fixture_folder);
    ck_assert(memcmp(other->info.digest, expected.digest, 16) != 0);
    td_dataset_free(other);
}
END_TEST

START_TEST(test_class_counts)
{
    const int32_t labels[] = { 2, 0, 2, 2, 3 };
    int64_t counts[4] = { 9, 9, 9, 9 };
    td_class_counts(labels, 5, 4, counts);
    ck_assert_int_eq(counts[0], 1);
    ck_assert_int_eq(counts[1], 0);
    ck_assert_int_eq(counts[2], 3);
    ck_assert_int_eq(counts[3], 1);
}
END_TEST

/* 8x8 in 13x13: two before, three behind; facts of the source stay. */
START_TEST(test_padding)
{
    enum { SIDE = 13, BEFORE = 2 };
    fixture_idx_set();
    td_dataset *plain = open_set(fixture_folder), *d = NULL;
    ck_assert_int_eq(td_dataset_open(&d, fixture_folder), TD_OK);
    ck_assert_int_eq(td_dataset_pad(d, fixture_folder, SIDE), TD_OK);
    ck_assert(d->info.height == SIDE && d->info.width == SIDE);
    for (int part = 0; part < 2; part++)
        for (int i = 0; i < (part ? 8 : 20) * SIDE * SIDE; i++) {
            int y = i / SIDE % SIDE - BEFORE, x = i % SIDE - BEFORE;
            bool inside = y >= 0 && y < 8 && x >= 0 && x < 8;
            int expected =
                inside ? fixture_pixel(part, i / (SIDE * SIDE), y * 8 + x) : 0;
            ck_assert_int_eq(d->images[part][i], expected);
        }
    d->info.height = d->info.width = 8;
    ck_assert_mem_eq(&d->info, &plain->info, sizeof d->info);
    td_dataset_free(plain);
    td_dataset_free(d);
    ck_assert_int_eq(td_base_live_blocks(), 0);
}
END_TEST

START_TEST(test_padding_off_and_refused)
{
    fixture_idx_set();
    td_dataset *d = NULL;
    ck_assert_int_eq(td_dataset_open_padded(&d, fixture_folder, 0, TD_DATA_TRAIN),
                     TD_OK);
    ck_assert_int_eq(d->info.height, 8);
    ck_assert_int_eq(td_dataset_pad(d, "x", 8), TD_OK);
    FIXTURE_REFUSED(td_dataset_pad(d, "x", 7), TD_USAGE, "data.pad_to 7", "8x8",
                    "at least 8");
    ck_assert_int_eq(d->info.height, 8);
    td_dataset_free(d);
    ck_assert_int_eq(td_dataset_open_padded(&d, fixture_folder, 10, TD_DATA_TRAIN),
                     TD_OK);
    ck_assert_int_eq(d->info.height, 10);
    td_dataset_free(d);
    ck_assert_int_eq(td_base_live_blocks(), 0);
}
END_TEST

/* ---- CIFAR ----------------------------------------------------------------------- */

static void write_cifar10(void)
{
    char name[32];
    for (int b = 0; b < 5; b++) {
        snprintf(name, sizeof name, "data_batch_%d.bin", b + 1);
        fixture_cifar(name, 10, 0, 6 * b, 6);
    }
    fixture_cifar("test_batch.bin", 10, 1, 0, 10);
}

static void check_cifar_pixels(const td_dataset *d, int classes)
{
    for (int part = 0; part < 2; part++) {
        int64_t n = part ? d->info.test_count : d->info.train_count;
        for (int64_t i = 0; i < n; i++) {
            ck_assert_int_eq(d->labels[part][i], i % classes);
            for (int64_t p = 0; p < 3072; p++)
                ck_assert_uint_eq(d->images[part][i * 3072 + p],
                                  fixture_pixel(part, i, p));
        }
    }
}

START_TEST(test_cifar10)
{
    const char names[] = "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\n"
                         "ship\ntruck\n\n";
    write_cifar10();
    fixture_write("batches.meta.txt", names, strlen(names));
    td_dataset *d = open_set(fixture_folder);
    ck_assert_int_eq(d->info.classes, 10);
    ck_assert_int_eq(d->info.height, 32);
    ck_assert_int_eq(d->info.width, 32);
    ck_assert_int_eq(d->info.channels, 3);
    ck_assert_int_eq(d->info.train_count, 30);
    ck_assert_int_eq(d->info.test_count, 10);
    ck_assert_str_eq(d->class_names[0], "airplane");
    ck_assert_str_eq(d->class_names[9], "truck");
    check_cifar_pixels(d, 10);
    check_inspect(d, fixture_folder, false);
    td_dataset *again = open_set(fixture_path("data_batch_3.bin"));
    check_same(d, again);
    td_dataset_free(again);
    td_dataset_free(d);
    ck_assert_int_eq(td_base_live_blocks(), 0);
}
END_TEST

START_TEST(test_cifar100)
{
    fixture_cifar("train.bin", 100, 0, 0, 200);
    fixture_cifar("test.bin", 100, 1, 0, 100);
    fixture_write("fine_label_names.txt", "apple\r\nfish\r\n", 13);
    td_dataset *d = open_set(fixture_folder);
    ck_assert_int_eq(d->info.classes, 100);
    ck_assert_int_eq(d->info.train_count, 200);
    ck_assert_int_eq(d->info.test_count, 100);
    ck_assert_str_eq(d->class_names[0], "apple");
    ck_assert_str_eq(d->class_names[1], "fish");
    ck_assert_str_eq(d->class_names[2], "2");
    check_cifar_pixels(d, 100);
    td_dataset *again = open_set(fixture_path("test.bin"));
    check_same(d, again);
    td_dataset_free(again);
    td_dataset_free(d);
}
END_TEST

/* ---- HDF5 ------------------------------------------------------------------------ */

START_TEST(test_hdf5_round_trip_of_each_format)
{
    for (int format = 0; format < 3; format++) {
        fixture_end(); /* a folder for each */
        fixture_begin();
        if (format == 0)
            fixture_idx_set();
        else if (format == 1)
            write_cifar10();
        else
            fixture_cifar("train.bin", 100, 0, 0, 100);
        td_dataset *d = open_set(fixture_folder);
        ck_assert_int_eq(td_dataset_write(d, fixture_path("a.h5")), TD_OK);
        td_dataset *again = open_set(fixture_path("a.h5"));
        check_same(d, again);
        ck_assert_str_eq(again->source, d->source);
        check_inspect(d, fixture_path("a.h5"), true);
        td_dataset_free(again);
        td_dataset_free(d);
    }
}
END_TEST

START_TEST(test_hdf5_is_as_the_design_says)
{
    write_cifar10();
    td_dataset *d = open_set(fixture_folder);
    ck_assert_int_eq(td_dataset_write(d, fixture_path("a.h5")), TD_OK);
    hid_t file = H5Fopen(fixture_path("a.h5"), H5F_ACC_RDONLY, H5P_DEFAULT);
    ck_assert_int_ge(file, 0);
    static const char *const attributes[] = { "classes", "height", "width", "channels",
                                              "mean",    "std",    "source" };
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        ck_assert_int_gt(H5Aexists(file, attributes[i]), 0);
    hid_t images = H5Dopen2(file, "/train/images", H5P_DEFAULT);
    hid_t labels = H5Dopen2(file, "/test/labels", H5P_DEFAULT);
    hid_t names = H5Dopen2(file, "/class_names", H5P_DEFAULT);
    ck_assert(images >= 0 && labels >= 0 && names >= 0);
    hid_t bytes = H5Dget_type(images), whole = H5Dget_type(labels);
    ck_assert_int_gt(H5Tequal(bytes, H5T_STD_U8LE), 0);
    ck_assert_int_gt(H5Tequal(whole, H5T_STD_I32LE), 0);
    hsize_t size[4] = { 0 };
    hid_t space = H5Dget_space(images);
    ck_assert_int_eq(H5Sget_simple_extent_dims(space, size, NULL), 4);
    ck_assert(size[0] == 30 && size[1] == 32 && size[2] == 32 && size[3] == 3);
    H5Sclose(space);
    H5Tclose(bytes);
    H5Tclose(whole);
    H5Dclose(names);
    H5Dclose(labels);
    H5Dclose(images);
    H5Fclose(file);
    td_dataset_free(d);
}
END_TEST

START_TEST(test_writing_replaces_or_leaves_alone)
{
    fixture_idx_set();
    td_dataset *d = open_set(fixture_folder);
    fixture_write("a.h5", "old", 3);
    ck_assert_int_eq(td_dataset_write(d, fixture_path("a.h5")), TD_OK);
    ck_assert_uint_gt(fixture_size("a.h5"), 3);
    FIXTURE_REFUSED(td_dataset_write(d, fixture_path("none/a.h5")), TD_FAILED,
                    "none/a.h5", "No such file or directory");
    ck_assert_int_eq(mkdir(fixture_path("folder.h5"), 0700), 0);
    FIXTURE_REFUSED(td_dataset_write(d, fixture_path("folder.h5")), TD_FAILED,
                    "folder.h5", "Is a directory");
    td_dataset_free(d);
    int files = 0;
    DIR *folder = opendir(fixture_folder);
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
        files += entry->d_name[0] != '.';
    closedir(folder);
    ck_assert_int_eq(files, 6); /* no temporary name is left */
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("data_formats");
    TCase *cases = tcase_create("formats");
    tcase_add_checked_fixture(cases, fixture_begin, fixture_end);
    tcase_add_test(cases, test_idx);
    tcase_add_test(cases, test_idx_compressed_in_part_or_whole);
    tcase_add_test(cases, test_idx_of_several_gzip_members);
    tcase_add_test(cases, test_idx_by_any_of_its_files);
    tcase_add_test(cases, test_idx_by_other_names);
    tcase_add_test(cases, test_idx_of_emnist);
    tcase_add_test(cases, test_idx_of_emnist_has_names);
    tcase_add_test(cases, test_idx_of_several_sets);
    tcase_add_test(cases, test_idx_labels_from_1);
    tcase_add_test(cases, test_idx_without_test_part);
    tcase_add_test(cases, test_idx_may_have_more_than_ten_classes);
    tcase_add_test(cases, test_mean_and_deviation_are_exact);
    tcase_add_test(cases, test_digest_is_of_pixels_and_labels);
    tcase_add_test(cases, test_class_counts);
    tcase_add_test(cases, test_padding);
    tcase_add_test(cases, test_padding_off_and_refused);
    tcase_add_test(cases, test_cifar10);
    tcase_add_test(cases, test_cifar100);
    tcase_add_test(cases, test_hdf5_round_trip_of_each_format);
    tcase_add_test(cases, test_hdf5_is_as_the_design_says);
    tcase_add_test(cases, test_writing_replaces_or_leaves_alone);
    suite_add_tcase(suite, cases);
    return suite;
}
