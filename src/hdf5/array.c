/* Arrays of an HDF5 file, checked before they are read. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

/* Deflate, the strongest compression supported, makes at most 1032 bytes of one. */
enum { MOST_RATIO = 1032, FILTER_NAME = 64 };

/* ---- filters --------------------------------------------------------------------- */

static const struct {
    H5Z_filter_t id;
    const char *name;
} filter_names[] = {
    { H5Z_FILTER_SZIP, "szip" },
    { H5Z_FILTER_NBIT, "nbit" },
    { H5Z_FILTER_SCALEOFFSET, "scaleoffset" },
    { 305, "lzo" },
    { 307, "bzip2" },
    { 32000, "lzf" },
    { 32001, "blosc" },
    { 32004, "lz4" },
    { 32008, "bitshuffle" },
    { 32013, "zfp" },
    { 32015, "zstd" },
    { 32017, "sz" },
    { 32019, "fcidecomp" },
    { 32026, "blosc2" },
};

static const char *filter_name(H5Z_filter_t id)
{
    for (size_t i = 0; i < sizeof filter_names / sizeof *filter_names; i++)
        if (filter_names[i].id == id)
            return filter_names[i].name;
    return "of another kind";
}

/* HDF5's other filters are not used for images, and read carelessly. */
static bool is_read(H5Z_filter_t id)
{
    return id == H5Z_FILTER_DEFLATE || id == H5Z_FILTER_SHUFFLE ||
           id == H5Z_FILTER_FLETCHER32;
}

static void check_filters(td_h5 *h5, const td_h5_array *array, hid_t create)
{
    int filters = H5Pget_nfilters(create);
    for (int i = 0; h5->ok && i < filters; i++) {
        size_t values = 0;
        unsigned flags = 0;
        H5Z_filter_t id =
            H5Pget_filter2(create, (unsigned) i, &flags, &values, NULL, 0, NULL, NULL);
        if (id < 0 || !is_read(id) || H5Zfilter_avail(id) <= 0)
            td_h5_refuse(
                h5, array->name,
                "packed by the filter %s (%d), which is not read here or not in this "
                "HDF5: `h5repack -f GZIP=4 IN OUT` where it has the filter, or h5py: "
                "create_dataset(…, compression='gzip')",
                filter_name(id), (int) id);
    }
}

/* ---- storage --------------------------------------------------------------------- */

static void refuse_unwritten(td_h5 *h5, const td_h5_array *array, const char *how)
{
    td_h5_refuse(h5, array->name,
                 "%s written: HDF5 would read the gap as zeros; write the array "
                 "whole, its numbers are not in this file",
                 how);
}

static void refuse_size(td_h5 *h5, const td_h5_array *array, uint64_t stored)
{
    char words[128];
    td_h5_array_write(words, array);
    td_h5_refuse(h5, array->name,
                 "announces %s, but %" PRIu64 " bytes in a file of %" PRIu64
                 " cannot hold that: damaged, or not what it says",
                 words, stored, h5->bytes);
}

/* Check an array stored in one piece. */
static void check_contiguous(td_h5 *h5, const td_h5_array *array)
{
    uint64_t bytes = array->count * array->size;
    uint64_t stored = H5Dget_storage_size(array->set);
    haddr_t at = H5Dget_offset(array->set);
    if (stored == 0 && bytes > 0)
        refuse_unwritten(h5, array, "never");
    else if (stored != bytes || bytes > h5->bytes)
        refuse_size(h5, array, stored);
    else if (bytes > 0 && at != HADDR_UNDEF && at > h5->bytes - bytes)
        td_h5_refuse(h5, array->name, "lies behind the end of the file: truncated");
}

/* Count the chunks that cover the array, and the bytes they unpack to; false on
 * overflow. */
static bool count_chunks(const td_h5_array *array, hid_t create, uint64_t *chunks,
                         uint64_t *bytes)
{
    hsize_t side[H5S_MAX_RANK] = { 0 };
    uint64_t in_chunk = array->size;
    *chunks = 1;
    if (H5Pget_chunk(create, H5S_MAX_RANK, side) != array->rank)
        return false;
    for (int i = 0; i < array->rank; i++) {
        uint64_t along = side[i] ? (array->dims[i] + side[i] - 1) / side[i] : 0;
        if (side[i] == 0 || __builtin_mul_overflow(*chunks, along, chunks) ||
            __builtin_mul_overflow(in_chunk, side[i], &in_chunk))
            return false;
    }
    return !__builtin_mul_overflow(*chunks, in_chunk, bytes);
}

/* Check that no chunk is missing, and that their bytes can unpack to the array. */
static void check_chunked(td_h5 *h5, const td_h5_array *array, hid_t create)
{
    uint64_t chunks = 0, bytes = 0, stored = H5Dget_storage_size(array->set);
    uint64_t most = H5Pget_nfilters(create) > 0 ? MOST_RATIO : 1;
    hsize_t found = 0;
    hid_t space = H5Dget_space(array->set);
    bool counts = count_chunks(array, create, &chunks, &bytes) && stored <= h5->bytes;
    if (counts && H5Dget_num_chunks(array->set, space, &found) < 0)
        td_h5_refuse_damaged(h5, array->name);
    else if (counts && found < chunks)
        refuse_unwritten(h5, array, found == 0 ? "never" : "only in part");
    else if (!counts || (stored > 0 && bytes / most > stored))
        refuse_size(h5, array, stored);
    H5Sclose(space);
}

static void check_storage(td_h5 *h5, const td_h5_array *array, hid_t create)
{
    switch (H5Pget_layout(create)) {
    case H5D_CONTIGUOUS:
        check_contiguous(h5, array);
        break;
    case H5D_CHUNKED:
        check_chunked(h5, array, create);
        break;
    case H5D_COMPACT:
        if (H5Dget_storage_size(array->set) != array->count * array->size)
            refuse_size(h5, array, H5Dget_storage_size(array->set));
        break;
    default:
        td_h5_refuse(h5, array->name, "stored in an unknown way");
    }
}

/* ---- shape ----------------------------------------------------------------------- */

static void read_shape(td_h5 *h5, td_h5_array *array)
{
    hid_t space = H5Dget_space(array->set);
    bool ok = space >= 0 && H5Sget_simple_extent_type(space) != H5S_NULL;
    array->rank = ok ? H5Sget_simple_extent_ndims(space) : -1;
    ok = array->rank >= 0 && array->rank <= H5S_MAX_RANK &&
         H5Sget_simple_extent_dims(space, array->dims, NULL) == array->rank;
    uint64_t count = 1, bytes = 0;
    for (int i = 0; ok && i < array->rank; i++)
        ok = !__builtin_mul_overflow(count, array->dims[i], &count);
    if (!ok || __builtin_mul_overflow(count, array->size, &bytes) || bytes > SIZE_MAX)
        td_h5_refuse(h5, array->name, "has no shape, or one that cannot be");
    array->count = count;
    if (space >= 0)
        H5Sclose(space);
}

void td_h5_array_write(char out[128], const td_h5_array *array)
{
    char type[64];
    hid_t id = H5Dget_type(array->set);
    td_h5_type_write(type, id);
    H5Tclose(id);
    int used = snprintf(out, 128, "%s [", type);
    for (int i = 0; i < array->rank && used < 100; i++)
        used += snprintf(out + used, (size_t) (128 - used), "%s%llu", i ? "," : "",
                         (unsigned long long) array->dims[i]);
    snprintf(out + used, (size_t) (128 - used), "]");
}

/* ---- opening --------------------------------------------------------------------- */

/* Refuse numbers stored in other files. */
static void check_external(td_h5 *h5, const td_h5_array *array, hid_t create)
{
    char file[256] = { 0 };
    off_t offset = 0;
    hsize_t size = 0;
    if (H5Pget_layout(create) == H5D_VIRTUAL)
        td_h5_refuse(h5, array->name,
                     "a virtual data set, its numbers lie in other files; h5py: "
                     "g['%s'] = f['%s'][()] into a new file",
                     array->name, array->name);
    else if (H5Pget_external_count(create) > 0) {
        H5Pget_external(create, 0, sizeof file - 1, file, &offset, &size);
        td_h5_refuse(h5, array->name,
                     "its numbers lie in another file, %s; h5py: g['%s'] = "
                     "f['%s'][()] into a new file",
                     file, array->name, array->name);
    }
}

static void read_type(td_h5 *h5, td_h5_array *array)
{
    char fix[256];
    hid_t type = H5Dget_type(array->set);
    snprintf(fix, sizeof fix,
             "t = f['%.60s'][()].astype('S63'); del f['%.60s']; f['%.60s'] = t",
             array->name, array->name, array->name);
    if (type < 0)
        td_h5_refuse_damaged(h5, array->name);
    else if (td_h5_type_check(h5, array->name, type, fix)) {
        array->kind = H5Tget_class(type);
        array->size = H5Tget_size(type);
        array->is_signed = array->kind == H5T_INTEGER && H5Tget_sign(type) == H5T_SGN_2;
    }
    if (type >= 0)
        H5Tclose(type);
}

/* Check type, shape, filters and storage; the type first, since HDF5 reads the fill
 * value with the properties. */
static void inspect(td_h5 *h5, td_h5_array *array)
{
    read_type(h5, array);
    hid_t create = h5->ok ? H5Dget_create_plist(array->set) : -1;
    if (create < 0) {
        td_h5_refuse_damaged(h5, array->name);
        return;
    }
    check_external(h5, array, create);
    if (h5->ok)
        read_shape(h5, array);
    if (h5->ok)
        check_filters(h5, array, create);
    if (h5->ok)
        check_storage(h5, array, create);
    H5Pclose(create);
}

bool td_h5_array_open(td_h5 *h5, td_h5_array *array, const char *name)
{
    *array = (td_h5_array){ .set = -1, .name = name };
    hid_t object = td_h5_object_open(h5, name);
    if (object < 0)
        return false;
    if (H5Iget_type(object) == H5I_DATASET) {
        array->set = object;
        array->at = td_meta_object_address(h5);
        inspect(h5, array);
        return h5->ok;
    }
    td_h5_refuse(h5, name, "not an array");
    H5Oclose(object);
    return false;
}

void td_h5_array_read(td_h5 *h5, const td_h5_array *array, hid_t type, void *out)
{
    TD_ASSERT(out || array->count == 0);
    if (!h5->ok || array->count == 0 ||
        !td_meta_check_packed(h5, array->at, array->name))
        return;
    if (H5Dread(array->set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) < 0)
        td_h5_refuse_damaged(h5, array->name);
}

void td_h5_array_close(td_h5_array *array)
{
    if (array->set >= 0)
        H5Dclose(array->set);
    array->set = -1;
}
