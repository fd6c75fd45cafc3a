/* taildart's HDF5 file as other programs write it, and what is wrong with some. */
#include <hdf5.h>
#include <math.h>

#include "../../src/formats/internal.h"
#include "data_fixture.h"
#include "suite.h"
#include "taildart/base_signals.h"

enum { N = 6, SIDE = 4, CHANNELS = 3, CLASSES = 3, IMAGE = SIDE * SIDE * CHANNELS };

/* Changes of a test to a file that would be right. */
typedef struct {
    const char *without; /* attribute or array to leave out          */
    int classes, height, names, labels, channels, bad_label;
    hid_t pixel; /* type of the pixels                       */
    double mean;
} odd;

static const odd right = { .classes = CLASSES,
                           .height = SIDE,
                           .names = CLASSES,
                           .labels = N,
                           .channels = CHANNELS,
                           .bad_label = -1,
                           .mean = 0.5 };

static bool is_left_out(const odd *o, const char *name)
{
    return o->without && strcmp(o->without, name) == 0;
}

static void attribute(hid_t file, const odd *o, const char *name, hid_t stored,
                      hid_t type, int count, const void *values)
{
    hsize_t size = (hsize_t) count;
    if (is_left_out(o, name))
        return;
    hid_t space = count ? H5Screate_simple(1, &size, NULL) : H5Screate(H5S_SCALAR);
    hid_t id = H5Acreate2(file, name, stored, space, H5P_DEFAULT, H5P_DEFAULT);
    ck_assert_int_ge(H5Awrite(id, type, values), 0);
    H5Aclose(id);
    H5Sclose(space);
}

static void whole(hid_t file, const odd *o, const char *name, int64_t value)
{
    attribute(file, o, name, H5T_STD_I64LE, H5T_NATIVE_INT64, 0, &value);
}

/* An array in chunks of two rows, compressed, as h5py users like it. */
static void array(hid_t file, const odd *o, const char *name, hid_t stored, hid_t type,
                  int rank, const hsize_t *size, const void *values)
{
    if (is_left_out(o, name))
        return;
    hsize_t chunk[4] = { 2, rank > 1 ? size[1] : 0, rank > 2 ? size[2] : 0,
                         rank > 3 ? size[3] : 0 };
    hid_t how = H5Pcreate(H5P_DATASET_CREATE), links = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(links, 1);
    H5Pset_chunk(how, rank, chunk);
    H5Pset_deflate(how, 4);
    hid_t space = H5Screate_simple(rank, size, NULL);
    hid_t id = H5Dcreate2(file, name, stored, space, links, how, H5P_DEFAULT);
    ck_assert_int_ge(H5Dwrite(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), 0);
    H5Dclose(id);
    H5Sclose(space);
    H5Pclose(links);
    H5Pclose(how);
}

static void write_facts(hid_t file, const odd *o)
{
    static const char names[][6] = { "cat", "Bär", "mouse", "dog" };
    static const char source[] = "a camera";
    double mean[CHANNELS + 1] = { o->mean, 0.5, 0.5, 0.5 };
    hsize_t count = (hsize_t) o->names;
    hid_t text = H5Tcopy(H5T_C_S1), line = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, sizeof *names);
    H5Tset_cset(text, H5T_CSET_UTF8);
    H5Tset_size(line, sizeof source);
    whole(file, o, "classes", o->classes);
    whole(file, o, "height", o->height);
    whole(file, o, "width", SIDE);
    whole(file, o, "channels", o->channels);
    attribute(file, o, "mean", H5T_IEEE_F32LE, H5T_NATIVE_DOUBLE, CHANNELS, mean);
    attribute(file, o, "std", H5T_IEEE_F32LE, H5T_NATIVE_DOUBLE, CHANNELS, mean + 1);
    attribute(file, o, "source", line, line, 0, source);
    array(file, o, "/class_names", text, text, 1, &count, names);
    H5Tclose(line);
    H5Tclose(text);
}

static const char *write_file(odd o)
{
    const char *path = fixture_path("other.h5");
    const hsize_t size[4] = { N, SIDE, SIDE, CHANNELS };
    const hsize_t labelled = (hsize_t) o.labels;
    uint8_t pixels[N * IMAGE];
    int64_t labels[N + 1];
    for (int i = 0; i < N * IMAGE; i++)
        pixels[i] = fixture_pixel(0, i / IMAGE, i % IMAGE);
    for (int i = 0; i <= N; i++)
        labels[i] = i == o.bad_label ? CLASSES : i % CLASSES;
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    ck_assert_int_ge(file, 0);
    write_facts(file, &o);
    array(file, &o, "/train/images", o.pixel ? o.pixel : H5T_STD_U8LE, H5T_NATIVE_UINT8,
          4, size, pixels);
    array(file, &o, "/train/labels", H5T_STD_I64LE, H5T_NATIVE_INT64, 1, &labelled,
          labels);
    ck_assert_int_ge(H5Fclose(file), 0);
    return path;
}

START_TEST(test_file_of_another_program)
{
    td_dataset *d = NULL;
    td_status status = td_dataset_open(&d, write_file(right));
    ck_assert_msg(status == TD_OK, "%s", td_error_message());
    ck_assert_int_eq(d->info.classes, CLASSES);
    ck_assert_int_eq(d->info.train_count, N);
    ck_assert_int_eq(d->info.test_count, 0);
    ck_assert(fabs(d->info.mean[2] - 0.5) <= 1e-7);
    ck_assert_str_eq(d->source, "a camera");
    ck_assert_str_eq(d->class_names[1], "Bär");
    for (int i = 0; i < N * IMAGE; i++)
        ck_assert_uint_eq(d->images[TD_PART_TRAIN][i],
                          fixture_pixel(0, i / IMAGE, i % IMAGE));
    for (int i = 0; i < N; i++)
        ck_assert_int_eq(d->labels[TD_PART_TRAIN][i], i % CLASSES);
    td_dataset_free(d);
}
END_TEST

static void look(void *count)
{
    ++*(int *) count;
}

/* Without the index of an import all pixels are read, which may take long. */
START_TEST(test_reading_attends_to_others)
{
    int looks = 0;
    td_dataset *d = NULL;
    td_pixel_map maps[2] = { 0 };
    char *path = td_strdup(fixture_path("imported.h5"));
    ck_assert_int_eq(td_dataset_open(&d, write_file(right)), TD_OK);
    ck_assert_int_eq(td_dataset_write(d, path), TD_OK);
    td_dataset_free(d);
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    ck_assert_int_ge(H5Adelete(file, TD_INDEX_REST), 0);
    ck_assert_int_ge(H5Fclose(file), 0);
    td_signals_attend(look, &looks);
    td_status status = td_dataset_open_mapped(&d, maps, path, 0, TD_DATA_TRAIN);
    td_signals_attend(NULL, NULL);
    ck_assert_msg(status == TD_OK, "%s", td_error_message());
    ck_assert_int_eq(maps[TD_PART_TRAIN].count, N);
    ck_assert_int_gt(looks, 0);
    for (int part = 0; part < 2; part++)
        td_pixel_map_clear(&maps[part]);
    td_dataset_free(d);
    td_free(path);
}
END_TEST

START_TEST(test_names_and_source_may_be_absent)
{
    odd o = right;
    td_dataset *d = NULL;
    o.without = "source";
    ck_assert_int_eq(td_dataset_open(&d, write_file(o)), TD_OK);
    ck_assert_str_eq(d->source, fixture_path("other.h5"));
    td_dataset_free(d);
    o.without = "/class_names";
    ck_assert_int_eq(td_dataset_open(&d, write_file(o)), TD_OK);
    ck_assert_str_eq(d->class_names[2], "2");
    td_dataset_free(d);
}
END_TEST

/* Both ways of reading refuse, each with all the words. */
#define REFUSED_BOTH(o, ...)                                                           \
    do {                                                                               \
        const char *path = write_file(o);                                              \
        td_dataset *d = NULL;                                                          \
        td_data_info info;                                                             \
        FIXTURE_REFUSED(td_dataset_open(&d, path), TD_DATA, "other.h5", __VA_ARGS__);  \
        FIXTURE_REFUSED(td_dataset_inspect(&info, path), TD_DATA, "other.h5",          \
                        __VA_ARGS__);                                                  \
    } while (0)

START_TEST(test_missing_parts)
{
    static const char *const parts[] = { "classes",       "height",       "width",
                                         "channels",      "mean",         "std",
                                         "/train/images", "/train/labels" };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        odd o = right;
        o.without = parts[i];
        REFUSED_BOTH(o, parts[i], "taildart data import");
    }
    ck_assert_int_eq(td_base_live_blocks(), 0);
}
END_TEST

START_TEST(test_parts_that_do_not_fit)
{
    odd o = right;
    o.classes = 0;
    REFUSED_BOTH(o, "classes is 0", "1 to");
    o = right, o.channels = 4;
    REFUSED_BOTH(o, "channels is 4", "1 to 3");
    o = right, o.channels = 1;
    REFUSED_BOTH(o, "mean with a number for each channel");
    o = right, o.names = 4;
    REFUSED_BOTH(o, "/class_names", "each class");
    o = right, o.labels = 5;
    REFUSED_BOTH(o, "/train/labels", "5 labels for 6 images");
    o = right, o.labels = 7;
    REFUSED_BOTH(o, "7 labels for 6 images");
    o = right, o.bad_label = 4;
    REFUSED_BOTH(o, "label 3 of image 4", "0 to 2");
    o = right, o.pixel = H5T_IEEE_F32LE;
    REFUSED_BOTH(o, "/train/images", "unsigned bytes");
    o = right, o.pixel = H5T_STD_U16LE;
    REFUSED_BOTH(o, "/train/images", "unsigned bytes");
    o = right, o.height = 5;
    REFUSED_BOTH(o, "/train/images", "[n,5,4,3]");
    o = right, o.mean = 125.0;
    REFUSED_BOTH(o, "mean 125", "0 to 1");
    o = right, o.mean = NAN;
    REFUSED_BOTH(o, "mean", "0 to 1");
}
END_TEST

START_TEST(test_truncated_or_damaged)
{
    td_dataset *d = NULL;
    const char *path = write_file(right);
    size_t size = fixture_size("other.h5");
    for (size_t keep = size - 1; keep > 8; keep = keep * 2 / 3) {
        ck_assert_int_eq(truncate(path, (off_t) keep), 0);
        FIXTURE_REFUSED(td_dataset_open(&d, path), TD_DATA, "other.h5",
                        "truncated or damaged");
    }
    write_file(right);
    fixture_patch("other.h5", 13, 0xff); /* sizes in HDF5's first block */
    FIXTURE_REFUSED(td_dataset_open(&d, path), TD_DATA, "other.h5");
    ck_assert_int_eq(td_base_live_blocks(), 0);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("data_hdf5");
    TCase *cases = tcase_create("hdf5");
    tcase_add_checked_fixture(cases, fixture_begin, fixture_end);
    tcase_add_test(cases, test_file_of_another_program);
    tcase_add_test(cases, test_reading_attends_to_others);
    tcase_add_test(cases, test_names_and_source_may_be_absent);
    tcase_add_test(cases, test_missing_parts);
    tcase_add_test(cases, test_parts_that_do_not_fit);
    tcase_add_test(cases, test_truncated_or_damaged);
    suite_add_tcase(suite, cases);
    return suite;
}
