/* Where the rows of an array lie in the file, if they lie there as plain bytes. */
#include "internal.h"

/* One piece: all rows. */
static bool find_contiguous(const td_h5_array *array, td_h5_plain *plain)
{
    haddr_t at = H5Dget_offset(array->set);
    if (at == HADDR_UNDEF)
        return false;
    plain->each = (int64_t) array->dims[0];
    plain->pieces = 1;
    plain->at = td_malloc(sizeof *plain->at);
    plain->at[0] = at;
    return true;
}

/* Whether chunks hold whole rows, and the addresses of chunks are those in the file. */
static bool has_whole_rows(const td_h5 *h5, const td_h5_array *array, hid_t create,
                           hsize_t *side)
{
    hsize_t user_block = 1;
    hid_t file = H5Fget_create_plist(h5->file);
    H5Pget_userblock(file, &user_block);
    H5Pclose(file);
    bool ok = user_block == 0 && H5Pget_nfilters(create) == 0 &&
              H5Pget_chunk(create, H5S_MAX_RANK, side) == array->rank;
    for (int i = 1; ok && i < array->rank; i++)
        ok = side[i] == array->dims[i];
    return ok;
}

static bool find_chunks(const td_h5 *h5, const td_h5_array *array, hid_t create,
                        td_h5_plain *plain)
{
    hsize_t side[H5S_MAX_RANK] = { 0 }, corner[H5S_MAX_RANK] = { 0 };
    if (!has_whole_rows(h5, array, create, side))
        return false;
    plain->each = (int64_t) side[0];
    plain->pieces = (int64_t) ((array->dims[0] + side[0] - 1) / side[0]);
    plain->at = td_malloc((size_t) plain->pieces * sizeof *plain->at);
    for (int64_t i = 0; i < plain->pieces; i++) {
        haddr_t at = HADDR_UNDEF;
        hsize_t bytes = 0;
        unsigned mask = 0;
        corner[0] = (hsize_t) i * side[0];
        if (H5Dget_chunk_info_by_coord(array->set, corner, &mask, &at, &bytes) < 0 ||
            at == HADDR_UNDEF || bytes > h5->bytes || at > h5->bytes - bytes) {
            td_free(plain->at);
            *plain = (td_h5_plain){ 0 };
            return false;
        }
        plain->at[i] = at;
    }
    return true;
}

bool td_h5_plain_find(const td_h5 *h5, const td_h5_array *array, td_h5_plain *plain)
{
    *plain = (td_h5_plain){ 0 };
    if (!h5->ok || array->rank < 1 || array->count == 0)
        return false;
    hid_t create = H5Dget_create_plist(array->set);
    H5D_layout_t layout = H5Pget_layout(create);
    bool found = layout == H5D_CONTIGUOUS ? find_contiguous(array, plain)
                 : layout == H5D_CHUNKED  ? find_chunks(h5, array, create, plain)
                                          : false;
    H5Pclose(create);
    return found;
}
