/* HDF5's metadata is checked before libhdf5 reads it: the forms that HDF5 and h5py
 * write are read, others are named, and no changed byte of it does harm. */
#include <hdf5.h>
#include <zlib.h>

#include "data_fixture.h"
#include "suite.h"
#include "taildart/base_file.h"
#include "taildart/hdf5.h"

enum { ROWS = 50, COLUMNS = 6, COUNT = ROWS * COLUMNS };

static const hsize_t size[2] = { ROWS, COLUMNS };
static int32_t numbers[COUNT];

/* ---- files ----------------------------------------------------------------------- */

/* "set.h5", in the oldest form that serves or in the newest. */
static hid_t begin(bool newest)
{
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    if (newest)
        H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
    hid_t file = H5Fcreate(fixture_path("set.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, access);
    H5Pclose(access);
    ck_assert_int_ge(file, 0);
    for (int i = 0; i < COUNT; i++)
        numbers[i] = i * 2654435761U % 65536;
    return file;
}

/* chunk: sides, or NULL for one piece; grows: without a limit of rows. */
static hid_t put(hid_t file, const char *name, const hsize_t *chunk, bool is_packed,
                 bool grows)
{
    const hsize_t most[2] = { H5S_UNLIMITED, COLUMNS };
    hid_t create = H5Pcreate(H5P_DATASET_CREATE);
    hid_t space = H5Screate_simple(2, size, grows ? most : NULL);
    if (chunk)
        H5Pset_chunk(create, 2, chunk);
    if (is_packed) {
        H5Pset_shuffle(create);
        H5Pset_deflate(create, 6);
        H5Pset_fletcher32(create);
    }
    hid_t set =
        H5Dcreate2(file, name, H5T_STD_I32LE, space, H5P_DEFAULT, create, H5P_DEFAULT);
    ck_assert_int_ge(
        H5Dwrite(set, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers), 0);
    H5Sclose(space);
    H5Pclose(create);
    return set;
}

/* Links of a group; in_order: HDF5 keeps the order of writing, in trees of their
 * own. */
static void put_links(hid_t file, int links, bool in_order)
{
    char name[64];
    hid_t create = H5Pcreate(H5P_GROUP_CREATE);
    if (in_order)
        H5Pset_link_creation_order(create,
                                   H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    hid_t group = H5Gcreate2(file, "group", H5P_DEFAULT, create, H5P_DEFAULT);
    for (int i = 0; i < links; i++) {
        snprintf(name, sizeof name, "cells.%d._ops.weight", i);
        H5Lcreate_soft("/numbers", group, name, H5P_DEFAULT, H5P_DEFAULT);
    }
    H5Gclose(group);
    H5Pclose(create);
}

static void check_read(const char *name)
{
    td_h5 h5;
    td_h5_array array;
    int32_t found[COUNT] = { 0 };
    td_h5_open(&h5, fixture_path("set.h5"), TD_DATA);
    td_h5_array_open(&h5, &array, name);
    td_h5_array_read(&h5, &array, H5T_NATIVE_INT32, found);
    td_h5_array_close(&array);
    td_h5_close(&h5);
    ck_assert_msg(h5.ok, "%s", td_error_message());
    ck_assert_mem_eq(found, numbers, sizeof numbers);
    ck_assert_int_eq(td_base_live_blocks(), 0);
}

static void check_refused(const char *name, const char *words)
{
    td_h5 h5;
    td_h5_array array;
    int32_t found[COUNT];
    td_h5_open(&h5, fixture_path("set.h5"), TD_DATA);
    td_h5_array_open(&h5, &array, name);
    td_h5_array_read(&h5, &array, H5T_NATIVE_INT32, found);
    td_h5_array_close(&array);
    td_h5_close(&h5);
    ck_assert(!h5.ok);
    ck_assert_msg(strstr(td_error_message(), words), "no \"%s\" in: %s", words,
                  td_error_message());
    ck_assert_int_eq(td_base_live_blocks(), 0);
}

/* ---- forms ----------------------------------------------------------------------- */

START_TEST(test_arrays_of_all_layouts_are_read)
{
    static const hsize_t rows[2] = { 7, COLUMNS }, tiles[2] = { 11, 4 },
                         whole[2] = { ROWS, COLUMNS }, ones[2] = { 1, 1 };
    const hsize_t *const chunks[] = { NULL, rows, tiles, whole, ones };
    for (int i = 0; i < 5; i++)
        for (int packed = 0; packed <= (chunks[i] != NULL); packed++) {
            hid_t file = begin(_i);
            H5Dclose(put(file, "numbers", chunks[i], packed, false));
            ck_assert_int_ge(H5Fclose(file), 0);
            check_read("/numbers");
        }
}
END_TEST

/* In headers, a heap with one block, many, and blocks of blocks. */
START_TEST(test_groups_of_all_sizes_are_read)
{
    static const int links[] = { 0, 3, 40, 700, 15000 };
    char name[64];
    for (int i = 0; i < 5; i++)
        for (int in_order = 0; in_order < 2; in_order++) {
            td_h5 h5;
            hid_t file = begin(_i);
            H5Dclose(put(file, "numbers", NULL, false, false));
            put_links(file, links[i], in_order);
            ck_assert_int_ge(H5Fclose(file), 0);
            td_h5_open(&h5, fixture_path("set.h5"), TD_DATA);
            ck_assert_uint_eq(td_h5_members(&h5, "/group"), (unsigned) links[i]);
            if (links[i] > 0)
                td_h5_member(&h5, "/group", (size_t) links[i] - 1, name, sizeof name);
            td_h5_close(&h5);
            ck_assert_msg(h5.ok, "%s", td_error_message());
            if (links[i] > 0)
                check_read("/group/cells.0._ops.weight");
        }
}
END_TEST

START_TEST(test_forms_that_are_not_read_are_named)
{
    static const hsize_t rows[2] = { 7, COLUMNS };
    hid_t file = begin(true);
    H5Dclose(put(file, "numbers", rows, false, true));
    ck_assert_int_ge(H5Fclose(file), 0);
    check_refused("/numbers", "an array that grows");
    file = begin(true);
    hid_t space = H5Screate(H5S_SCALAR);
    for (int i = 0; i < 12; i++) {
        char name[16];
        snprintf(name, sizeof name, "a%d", i);
        H5Aclose(
            H5Acreate2(file, name, H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT));
    }
    H5Sclose(space);
    ck_assert_int_ge(H5Fclose(file), 0);
    check_refused("/numbers", "h5repack");
    file = begin(false);
    H5Dclose(put(file, "numbers", rows, false, true));
    ck_assert_int_ge(H5Fclose(file), 0);
    check_read("/numbers");
}
END_TEST

/* ---- harm ------------------------------------------------------------------------ */

/* HDF5 reads on behind a chunk that unpacks to too little. */
START_TEST(test_a_packed_chunk_of_another_size_is_refused)
{
    static const hsize_t whole[2] = { ROWS, COLUMNS }, start[2] = { 0, 0 };
    static const uint8_t content[3 * sizeof numbers];
    uint8_t packed[256];
    const uLong sizes[] = { 4, sizeof numbers - 1, sizeof numbers + 1, sizeof content };
    for (int i = 0; i < 4; i++) {
        uLongf bytes = sizeof packed;
        ck_assert_int_eq(compress(packed, &bytes, content, sizes[i]), Z_OK);
        hid_t file = begin(_i);
        hid_t set = put(file, "numbers", whole, true, false);
        /* neither shuffled nor summed */
        ck_assert_int_ge(H5Dwrite_chunk(set, H5P_DEFAULT, 5, start, bytes, packed), 0);
        H5Dclose(set);
        ck_assert_int_ge(H5Fclose(file), 0);
        check_refused("/numbers", "packed chunk");
    }
}
END_TEST

/* All of the metadata: whatever byte changed, the file is read or refused. */
static void read_all(const uint8_t *bytes, size_t n)
{
    td_h5 h5;
    td_h5_array array;
    char name[256];
    int32_t found[COUNT];
    td_h5_open_bytes(&h5, bytes, n, "set.h5", TD_DATA);
    size_t members = td_h5_members(&h5, "/group");
    for (size_t i = 0; i < members && i < 3; i++)
        td_h5_member(&h5, "/group", i, name, sizeof name);
    td_h5_has(&h5, "/group/cells.9._ops.weight");
    td_h5_has_attribute(&h5, "absent");
    td_h5_array_open(&h5, &array, "/numbers");
    if (h5.ok && array.count == COUNT)
        td_h5_array_read(&h5, &array, H5T_NATIVE_INT32, found);
    td_h5_array_close(&array);
    td_h5_close(&h5);
    ck_assert_int_eq(td_base_live_blocks(), 1); /* the bytes */
}

START_TEST(test_a_changed_byte_does_no_harm)
{
    static const hsize_t rows[2] = { 7, COLUMNS };
    hid_t file = begin(_i & 1);
    H5Dclose(put(file, "numbers", rows, true, false));
    put_links(file, 40, _i >> 1);
    ck_assert_int_ge(H5Fclose(file), 0);
    size_t n = 0;
    char *content = NULL;
    ck_assert_int_eq(td_file_read(&content, &n, fixture_path("set.h5")), TD_OK);
    uint8_t *bytes = (uint8_t *) content;
    for (size_t i = 0; i < n; i += 3) {
        uint8_t before = bytes[i];
        bytes[i] = (uint8_t) (before ^ (i % 2 ? 0xff : 0x08));
        read_all(bytes, n);
        bytes[i] = before;
    }
    td_free(content);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("data_hdf5_meta");
    TCase *cases = tcase_create("hdf5_meta");
    tcase_add_checked_fixture(cases, fixture_begin, fixture_end);
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, test_arrays_of_all_layouts_are_read, 0, 2);
    tcase_add_loop_test(cases, test_groups_of_all_sizes_are_read, 0, 2);
    tcase_add_test(cases, test_forms_that_are_not_read_are_named);
    tcase_add_loop_test(cases, test_a_packed_chunk_of_another_size_is_refused, 0, 2);
    tcase_add_loop_test(cases, test_a_changed_byte_does_no_harm, 0, 4);
    suite_add_tcase(suite, cases);
    return suite;
}
