/* HDF5 files that are damaged, hostile or made by mistake: refused with what was found
 * and what makes it right, or read as what they say. */
#include <fcntl.h>
#include <hdf5.h>
#include <math.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "data_fixture.h"
#include "suite.h"

#include "taildart/formats.h"

enum { N = 8, SIDE = 4, CHANNELS = 3, CLASSES = 2, IMAGE = SIDE * SIDE * CHANNELS };

static const hsize_t image_size[4] = { N, SIDE, SIDE, CHANNELS };
static const hsize_t label_size[1] = { N };
static uint8_t pixels[N * IMAGE];

/* ---- a file that is right, and its parts replaced -------------------------------- */

/* "set.h5" as import writes it. */
static const char *write_set(void)
{
    const char *path = fixture_path("set.h5");
    td_dataset *d = td_malloc(sizeof *d);
    d->info = (td_data_info){ .classes = CLASSES,
                              .height = SIDE,
                              .width = SIDE,
                              .channels = CHANNELS,
                              .train_count = N,
                              .test_count = N,
                              .mean = { 0.5, 0.5, 0.5 },
                              .std = { 0.25, 0.25, 0.25 } };
    snprintf(d->source, sizeof d->source, "a camera");
    d->class_names = td_malloc(CLASSES * TD_CLASS_NAME_BYTES);
    snprintf(d->class_names[0], TD_CLASS_NAME_BYTES, "cat");
    snprintf(d->class_names[1], TD_CLASS_NAME_BYTES, "dog");
    for (int i = 0; i < N * IMAGE; i++)
        pixels[i] = (uint8_t) (64 + i * 37 % 128);
    for (int part = 0; part < 2; part++) {
        d->images[part] = td_malloc(sizeof pixels);
        d->labels[part] = td_malloc(N * sizeof(int32_t));
        memcpy(d->images[part], pixels, sizeof pixels);
        for (int i = 0; i < N; i++)
            d->labels[part][i] = i % CLASSES;
    }
    ck_assert_msg(td_dataset_write(d, path) == TD_OK, "%s", td_error_message());
    td_dataset_free(d);
    return path;
}

/* The same without its digest, as other programs write, open to be changed. */
static hid_t begin_change(void)
{
    hid_t file = H5Fopen(write_set(), H5F_ACC_RDWR, H5P_DEFAULT);
    ck_assert_int_ge(file, 0);
    ck_assert_int_ge(H5Adelete(file, "digest"), 0);
    return file;
}

/* Refused by all ways of reading, with all the words. */
#define END_REFUSED(file, ...)                                                         \
    do {                                                                               \
        td_dataset *refused = NULL;                                                    \
        ck_assert_int_ge(H5Fclose(file), 0);                                           \
        FIXTURE_REFUSED(td_dataset_open(&refused, fixture_path("set.h5")), TD_DATA,    \
                        "set.h5: ", __VA_ARGS__);                                      \
        ck_assert_int_eq(td_base_live_blocks(), 0);                                    \
    } while (0)

static void end_accepted(hid_t file)
{
    td_dataset *d = NULL;
    ck_assert_int_ge(H5Fclose(file), 0);
    ck_assert_msg(td_dataset_open(&d, fixture_path("set.h5")) == TD_OK, "%s",
                  td_error_message());
    ck_assert_mem_eq(d->images[TD_PART_TRAIN], pixels, sizeof pixels);
    td_dataset_free(d);
}

/* Replace an array; values may be NULL: then nothing is written.  create is given
 * back. */
static void replace(hid_t file, const char *name, hid_t type, int rank,
                    const hsize_t *size, hid_t create, const void *values)
{
    H5Ldelete(file, name, H5P_DEFAULT);
    hid_t space = rank ? H5Screate_simple(rank, size, NULL) : H5Screate(H5S_SCALAR);
    hid_t set = H5Dcreate2(file, name, type, space, H5P_DEFAULT, create, H5P_DEFAULT);
    ck_assert_msg(set >= 0, "%s", name);
    if (values)
        ck_assert_int_ge(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), 0);
    H5Dclose(set);
    H5Sclose(space);
    if (create != H5P_DEFAULT)
        H5Pclose(create);
}

static hid_t chunks_of(int rank, const hsize_t *chunk, bool packed)
{
    hid_t create = H5Pcreate(H5P_DATASET_CREATE);
    ck_assert_int_ge(H5Pset_chunk(create, rank, chunk), 0);
    if (packed)
        ck_assert_int_ge(H5Pset_deflate(create, 9), 0);
    return create;
}

static void attribute(hid_t file, const char *name, hid_t type, const void *value)
{
    H5Adelete(file, name);
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t id = H5Acreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    ck_assert_int_ge(H5Awrite(id, type, value), 0);
    H5Aclose(id);
    H5Sclose(space);
}

/* ---- strings and lists of variable length ---------------------------------------- */

static hid_t variable_text(void)
{
    hid_t text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, H5T_VARIABLE);
    return text;
}

START_TEST(test_variable_strings_are_refused_with_the_line_of_h5py)
{
    static const char *const names[CLASSES] = { "cat", "dog" };
    static const hsize_t two[1] = { CLASSES };
    hid_t file = begin_change(), text = variable_text();
    replace(file, "/class_names", text, 1, two, H5P_DEFAULT, names);
    END_REFUSED(file, "/class_names", "strings of variable length",
                "h5py: ", "astype('S63')");
    file = begin_change();
    attribute(file, "source", text, names);
    END_REFUSED(file, "attribute source", "strings of variable length",
                "f.attrs['source'] = np.bytes_(");
    H5Tclose(text);
}
END_TEST

START_TEST(test_types_that_are_no_numbers_are_refused_by_name)
{
    hid_t list = H5Tvlen_create(H5T_NATIVE_INT32), kind = H5Tenum_create(H5T_STD_I8LE);
    const int8_t no = 0, yes = 1;
    H5Tenum_insert(kind, "FALSE", &no);
    H5Tenum_insert(kind, "TRUE", &yes);
    hid_t file = begin_change();
    replace(file, "/train/labels", list, 1, label_size, H5P_DEFAULT, NULL);
    END_REFUSED(file, "/train/labels", "list of variable length");
    file = begin_change();
    replace(file, "/train/labels", kind, 1, label_size, H5P_DEFAULT, NULL);
    END_REFUSED(file, "/train/labels", "bool", "astype('int32')");
    hid_t complex = H5Tcreate(H5T_COMPOUND, 8);
    H5Tinsert(complex, "r", 0, H5T_IEEE_F32LE);
    H5Tinsert(complex, "i", 4, H5T_IEEE_F32LE);
    file = begin_change();
    replace(file, "/train/labels", complex, 1, label_size, H5P_DEFAULT, NULL);
    H5Tclose(complex);
    END_REFUSED(file, "/train/labels", "compound type", "labels int32");
    file = begin_change();
    replace(file, "/train/labels", H5T_STD_REF_OBJ, 1, label_size, H5P_DEFAULT, NULL);
    END_REFUSED(file, "/train/labels", "reference");
    file = begin_change();
    hid_t named = H5Tcopy(H5T_STD_I32LE);
    H5Tcommit2(file, "named", named, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    replace(file, "/train/labels", named, 1, label_size, H5P_DEFAULT, NULL);
    H5Tclose(named);
    END_REFUSED(file, "/train/labels", "committed");
    H5Tclose(kind);
    H5Tclose(list);
}
END_TEST

/* ---- numbers that lie elsewhere, or nowhere -------------------------------------- */

START_TEST(test_links_out_of_the_file_are_refused)
{
    hid_t file = begin_change();
    H5Ldelete(file, "/train/images", H5P_DEFAULT);
    H5Lcreate_external("/etc/other.h5", "/x", file, "/train/images", H5P_DEFAULT,
                       H5P_DEFAULT);
    END_REFUSED(file, "/train/images", "external link to /etc/other.h5");
    file = begin_change();
    H5Ldelete(file, "/test", H5P_DEFAULT);
    H5Lcreate_external("/etc/other.h5", "/x", file, "/test", H5P_DEFAULT, H5P_DEFAULT);
    END_REFUSED(file, "/test", "external link to /etc/other.h5");
    file = begin_change();
    H5Ldelete(file, "/train/labels", H5P_DEFAULT);
    H5Lcreate_soft("/nothing", file, "/train/labels", H5P_DEFAULT, H5P_DEFAULT);
    END_REFUSED(file, "/train/labels", "soft link to /nothing");
    file = begin_change();
    H5Ldelete(file, "/train/labels", H5P_DEFAULT);
    H5Lcreate_soft("/train/labels", file, "/train/labels", H5P_DEFAULT, H5P_DEFAULT);
    END_REFUSED(file, "/train/labels", "soft link");
}
END_TEST

START_TEST(test_a_soft_link_within_the_file_is_followed)
{
    hid_t file = begin_change();
    H5Lmove(file, "/train/labels", file, "/answers", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/answers", file, "/train/labels", H5P_DEFAULT, H5P_DEFAULT);
    end_accepted(file);
}
END_TEST

START_TEST(test_numbers_in_other_files_are_refused)
{
    hid_t create = H5Pcreate(H5P_DATASET_CREATE), file = begin_change();
    H5Pset_external(create, "raw.bin", 0, sizeof pixels);
    replace(file, "/train/images", H5T_STD_U8LE, 4, image_size, create, NULL);
    END_REFUSED(file, "/train/images", "another file, raw.bin");
    file = begin_change();
    create = H5Pcreate(H5P_DATASET_CREATE);
    hid_t space = H5Screate_simple(4, image_size, NULL);
    H5Pset_virtual(create, space, "gone.h5", "/x", space);
    H5Sclose(space);
    replace(file, "/train/images", H5T_STD_U8LE, 4, image_size, create, NULL);
    END_REFUSED(file, "/train/images", "virtual data set");
}
END_TEST

/* Some of an array's images, from one on. */
static void write_images(hid_t file, const char *name, hsize_t from,
                         const hsize_t *size)
{
    const hsize_t first[4] = { from, 0, 0, 0 };
    hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
    hid_t all = H5Dget_space(set), part = H5Screate_simple(4, size, NULL);
    H5Sselect_hyperslab(all, H5S_SELECT_SET, first, NULL, size, NULL);
    ck_assert_int_ge(H5Dwrite(set, H5T_NATIVE_UINT8, part, all, H5P_DEFAULT, pixels),
                     0);
    H5Sclose(part);
    H5Sclose(all);
    H5Dclose(set);
}

START_TEST(test_what_was_never_written_is_no_data)
{
    static const hsize_t chunk[4] = { 2, SIDE, SIDE, CHANNELS };
    hid_t file = begin_change();
    replace(file, "/train/images", H5T_STD_U8LE, 4, image_size, H5P_DEFAULT, NULL);
    END_REFUSED(file, "/train/images", "never written");
    file = begin_change();
    replace(file, "/train/labels", H5T_STD_I32LE, 1, label_size, H5P_DEFAULT, NULL);
    END_REFUSED(file, "/train/labels", "never written");
    file = begin_change();
    replace(file, "/train/images", H5T_STD_U8LE, 4, image_size,
            chunks_of(4, chunk, true), NULL);
    END_REFUSED(file, "/train/images", "never written");
    file = begin_change();
    replace(file, "/train/images", H5T_STD_U8LE, 4, image_size,
            chunks_of(4, chunk, true), NULL);
    write_images(file, "/train/images", 2, chunk);
    END_REFUSED(file, "/train/images", "only in part written");
    file = begin_change();
    replace(file, "/test/images", H5T_STD_U8LE, 4, image_size,
            chunks_of(4, chunk, false), NULL);
    write_images(file, "/test/images", 0, chunk);
    END_REFUSED(file, "/test/images", "only in part written");
}
END_TEST

START_TEST(test_a_small_file_asks_for_no_large_memory)
{
    static const hsize_t many[4] = { 1 << 28, SIDE, SIDE, CHANNELS };
    static const hsize_t chunk[4] = { 1 << 20, SIDE, SIDE, CHANNELS };
    hid_t file = begin_change();
    replace(file, "/train/images", H5T_STD_U8LE, 4, many, chunks_of(4, chunk, true),
            NULL);
    write_images(file, "/train/images", 0, image_size);
    END_REFUSED(file, "/train/images", "only in part written");
}
END_TEST

START_TEST(test_packed_arrays_are_read)
{
    static const hsize_t chunk[4] = { 3, SIDE, 3, CHANNELS };
    hid_t file = begin_change();
    replace(file, "/train/images", H5T_STD_U8LE, 4, image_size,
            chunks_of(4, chunk, true), pixels);
    end_accepted(file);
    file = begin_change();
    replace(file, "/train/images", H5T_STD_U8LE, 4, image_size,
            chunks_of(4, chunk, false), pixels);
    end_accepted(file);
}
END_TEST

START_TEST(test_a_filter_that_is_not_here_is_named)
{
    static const hsize_t chunk[4] = { 2, SIDE, SIDE, CHANNELS };
    hid_t file = begin_change(), create = chunks_of(4, chunk, false);
    H5Pset_filter(create, 32000, H5Z_FLAG_OPTIONAL, 0, NULL);
    replace(file, "/train/images", H5T_STD_U8LE, 4, image_size, create, pixels);
    END_REFUSED(file, "/train/images", "filter lzf (32000)", "h5repack",
                "compression='gzip'");
}
END_TEST

/* ---- numbers of another kind ----------------------------------------------------- */

START_TEST(test_labels_are_never_changed)
{
    double reals[N] = { 0, 1, 0, 1, 0, 0.5, 1, 1 };
    int64_t whole[N] = { 0, 1, 0, 1, (INT64_C(1) << 32) + 1, 0, 1, 1 };
    int8_t hot[N][CLASSES] = { { 0 } };
    const hsize_t two[2] = { N, CLASSES }, column[2] = { N, 1 };
    hid_t file = begin_change();
    replace(file, "/train/labels", H5T_NATIVE_DOUBLE, 1, label_size, H5P_DEFAULT,
            reals);
    END_REFUSED(file, "/train/labels", "float64 [8]", "0.5 of image 5",
                "astype('int32')");
    reals[5] = 1;
    file = begin_change();
    replace(file, "/train/labels", H5T_NATIVE_DOUBLE, 1, label_size, H5P_DEFAULT,
            reals);
    END_REFUSED(file, "/train/labels", "float64 [8]", "astype('int32')");
    file = begin_change();
    replace(file, "/train/labels", H5T_STD_I64BE, 1, label_size, H5P_DEFAULT, NULL);
    hid_t set = H5Dopen2(file, "/train/labels", H5P_DEFAULT);
    H5Dwrite(set, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, whole);
    H5Dclose(set);
    END_REFUSED(file, "/train/labels", "label 4294967297 of image 4");
    file = begin_change();
    replace(file, "/train/labels", H5T_STD_I8LE, 2, two, H5P_DEFAULT, hot);
    END_REFUSED(file, "/train/labels", "int8 [8,2]", "one-hot", "argmax(axis=1)");
    file = begin_change();
    replace(file, "/train/labels", H5T_STD_I8LE, 2, column, H5P_DEFAULT, hot);
    END_REFUSED(file, "/train/labels", "int8 [8,1]", "labels.ravel()");
    const hsize_t four[2] = { N, 4 };
    const int8_t wide[N][4] = { { 0 } };
    file = begin_change();
    replace(file, "/train/labels", H5T_STD_I8LE, 2, four, H5P_DEFAULT, wide);
    END_REFUSED(file, "/train/labels", "int8 [8,4]", "one-hot perhaps",
                "argmax(axis=1)");
}
END_TEST

START_TEST(test_every_class_has_a_name_of_its_own)
{
    char names[CLASSES][8] = { "cat", "cat" };
    const hsize_t two[1] = { CLASSES };
    hid_t text = H5Tcopy(H5T_C_S1), file = begin_change();
    H5Tset_size(text, sizeof names[0]);
    replace(file, "/class_names", text, 1, two, H5P_DEFAULT, names);
    END_REFUSED(file, "two classes are called 'cat'", "rename class 1");
    names[1][0] = '\0';
    file = begin_change();
    replace(file, "/class_names", text, 1, two, H5P_DEFAULT, names);
    END_REFUSED(file, "class 1 has an empty name");
    H5Tclose(text);
}
END_TEST

START_TEST(test_images_of_another_kind_are_told)
{
    static float reals[N * IMAGE];
    const hsize_t planes[4] = { N, CHANNELS, SIDE, SIDE };
    hid_t file = begin_change();
    replace(file, "/train/images", H5T_NATIVE_FLOAT, 4, image_size, H5P_DEFAULT, reals);
    END_REFUSED(file, "/train/images", "float32 [8,4,4,3]", "uint8");
    file = begin_change();
    replace(file, "/train/images", H5T_STD_U8LE, 4, planes, H5P_DEFAULT, pixels);
    END_REFUSED(file, "/train/images", "uint8 [8,3,4,4]", "channels first",
                "transpose(0, 2, 3, 1)");
    file = begin_change();
    const double classes = 2.5;
    attribute(file, "classes", H5T_NATIVE_DOUBLE, &classes);
    END_REFUSED(file, "attribute classes", "float64");
}
END_TEST

START_TEST(test_black_images_beside_another_mean)
{
    static const uint8_t black[N * IMAGE];
    hid_t file = begin_change();
    replace(file, "/train/images", H5T_STD_U8LE, 4, image_size, H5P_DEFAULT, black);
    END_REFUSED(file, "mean 0.0000", "say 0.5000");
    end_accepted(begin_change());
}
END_TEST

/* ---- the digest ------------------------------------------------------------------ */

static bool is_same_set(const td_dataset *a, const td_dataset *b)
{
    return memcmp(&a->info, &b->info, sizeof a->info) == 0 &&
           strcmp(a->source, b->source) == 0 &&
           memcmp(a->class_names, b->class_names, CLASSES * TD_CLASS_NAME_BYTES) == 0 &&
           memcmp(a->images[1], b->images[1], sizeof pixels) == 0 &&
           memcmp(a->labels[1], b->labels[1], N * sizeof(int32_t)) == 0;
}

START_TEST(test_a_flipped_bit_is_refused_or_changes_nothing)
{
    td_dataset *right = NULL;
    ck_assert_int_eq(td_dataset_open(&right, write_set()), TD_OK);
    size_t size = fixture_size("set.h5");
    uint8_t *bytes = td_malloc(size);
    FILE *file = fopen(fixture_path("set.h5"), "rb");
    ck_assert_uint_eq(fread(bytes, 1, size, file), size);
    fclose(file);
    enum { STEP = 3 }; /* all bytes were tried once; a third is enough from then on */
    for (size_t at = 0; at < size; at += STEP) {
        td_dataset *d = NULL;
        bytes[at] ^= (uint8_t) (1 << at % 8);
        fixture_write("set.h5", bytes, size);
        td_status status = td_dataset_open(&d, fixture_path("set.h5"));
        ck_assert_msg(status == TD_DATA || is_same_set(d, right),
                      "a flip in byte %zu changed what is read", at);
        td_dataset_free(d);
        bytes[at] ^= (uint8_t) (1 << at % 8);
    }
    td_free(bytes);
    td_dataset_free(right);
}
END_TEST

START_TEST(test_a_change_of_another_program_is_told)
{
    hid_t file = H5Fopen(write_set(), H5F_ACC_RDWR, H5P_DEFAULT);
    const int32_t other[N] = { 0 };
    replace(file, "/train/labels", H5T_STD_I32LE, 1, label_size, H5P_DEFAULT, other);
    END_REFUSED(file, "digest", "del f.attrs['digest']");
    file = H5Fopen(fixture_path("set.h5"), H5F_ACC_RDWR, H5P_DEFAULT);
    H5Adelete(file, "digest");
    end_accepted(file);
}
END_TEST

/* ---- opening --------------------------------------------------------------------- */

START_TEST(test_a_locked_file_is_read)
{
    td_dataset *d = NULL;
    int file = open(write_set(), O_RDWR);
    ck_assert_int_eq(flock(file, LOCK_EX), 0); /* as HDF5 does while it writes */
    td_status status = td_dataset_open(&d, fixture_path("set.h5"));
    ck_assert_msg(status == TD_OK, "%s", td_error_message());
    td_dataset_free(d);
    close(file);
}
END_TEST

START_TEST(test_why_it_cannot_be_opened)
{
    td_dataset *d = NULL;
    const char *path = write_set();
    fixture_patch("set.h5", 8, 9);
    FIXTURE_REFUSED(td_dataset_open(&d, path), TD_DATA, "newer than HDF5",
                    "libver=('earliest', 'v110')");
    ck_assert_ptr_null(strstr(td_error_message(), "anew"));
    ck_assert_int_eq(truncate(write_set(), 3000), 0);
    FIXTURE_REFUSED(td_dataset_open(&d, path), TD_DATA, "truncated or damaged", "anew");
    ck_assert_int_eq(unlink(path), 0);
    FIXTURE_REFUSED(td_dataset_open(&d, path), TD_DATA, "No such file");
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    FIXTURE_REFUSED(td_dataset_open(&d, path), TD_DATA, "no regular file");
    if (geteuid() != 0) {
        unlink(path);
        chmod(write_set(), 0);
        FIXTURE_REFUSED(td_dataset_open(&d, path), TD_DATA, "Permission denied");
    }
}
END_TEST

/* A program that died while it wrote: HDF5's newer formats keep a mark of it. */
START_TEST(test_a_file_that_is_being_written_is_told)
{
    td_dataset *d = NULL;
    const char *path = fixture_path("set.h5");
    pid_t writer = fork();
    if (writer == 0) {
        hid_t access = H5Pcreate(H5P_FILE_ACCESS);
        H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110);
        hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
        H5Fflush(file, H5F_SCOPE_GLOBAL);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(writer, NULL, 0), writer);
    FIXTURE_REFUSED(td_dataset_open(&d, path), TD_DATA, "open in a program", "h5clear");
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("data_hdf5_odd");
    TCase *cases = tcase_create("hdf5_odd");
    tcase_add_checked_fixture(cases, fixture_begin, fixture_end);
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, test_variable_strings_are_refused_with_the_line_of_h5py);
    tcase_add_test(cases, test_types_that_are_no_numbers_are_refused_by_name);
    tcase_add_test(cases, test_links_out_of_the_file_are_refused);
    tcase_add_test(cases, test_a_soft_link_within_the_file_is_followed);
    tcase_add_test(cases, test_numbers_in_other_files_are_refused);
    tcase_add_test(cases, test_what_was_never_written_is_no_data);
    tcase_add_test(cases, test_a_small_file_asks_for_no_large_memory);
    tcase_add_test(cases, test_packed_arrays_are_read);
    tcase_add_test(cases, test_a_filter_that_is_not_here_is_named);
    tcase_add_test(cases, test_labels_are_never_changed);
    tcase_add_test(cases, test_every_class_has_a_name_of_its_own);
    tcase_add_test(cases, test_images_of_another_kind_are_told);
    tcase_add_test(cases, test_black_images_beside_another_mean);
    tcase_add_test(cases, test_a_flipped_bit_is_refused_or_changes_nothing);
    tcase_add_test(cases, test_a_change_of_another_program_is_told);
    tcase_add_test(cases, test_a_locked_file_is_read);
    tcase_add_test(cases, test_why_it_cannot_be_opened);
    tcase_add_test(cases, test_a_file_that_is_being_written_is_told);
    suite_add_tcase(suite, cases);
    return suite;
}
