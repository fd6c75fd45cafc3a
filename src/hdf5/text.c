/* Texts and attributes of an HDF5 file. */
#include <string.h>

#include "internal.h"

enum { MOST_TEXT = 1 << 16 }; /* of an attribute, which lie in the header of the file */

/* ---- texts ----------------------------------------------------------------------- */

/* A text of n bytes that need not end in a 0, for td_free. */
static char *take_text(const char *bytes, size_t n)
{
    size_t length = strnlen(bytes, n);
    char *text = td_malloc(length + 1);
    memcpy(text, bytes, length);
    return text;
}

/* Make a string type for memory, with the padding and character set of another. */
static hid_t string_like(hid_t type, size_t bytes)
{
    hid_t mine = H5Tcopy(H5T_C_S1);
    H5Tset_size(mine, bytes);
    H5Tset_strpad(mine, H5Tget_strpad(type));
    H5Tset_cset(mine, H5Tget_cset(type));
    return mine;
}

static void read_strings(td_h5 *h5, const td_h5_array *array, char *out)
{
    hid_t type = H5Dget_type(array->set);
    hid_t mine = string_like(type, array->size);
    td_h5_array_read(h5, array, mine, out);
    H5Tclose(mine);
    H5Tclose(type);
}

char *td_h5_text(td_h5 *h5, const char *name)
{
    td_h5_array array;
    char *bytes = NULL, *text = NULL;
    bool is_open = td_h5_array_open(h5, &array, name);
    bool is_string = array.kind == H5T_STRING && array.count == 1;
    bool is_list = array.kind == H5T_INTEGER && array.size == 1 && array.rank == 1;
    if (is_open && !is_string && !is_list)
        td_h5_refuse(h5, name, "not a text of fixed length");
    if (h5->ok) {
        size_t n = (size_t) (array.count * array.size);
        bytes = td_malloc(n + 1);
        if (is_string)
            read_strings(h5, &array, bytes);
        else
            td_h5_array_read(h5, &array,
                             array.is_signed ? H5T_NATIVE_INT8 : H5T_NATIVE_UINT8,
                             bytes);
        text = h5->ok ? take_text(bytes, n) : NULL;
    }
    td_free(bytes);
    td_h5_array_close(&array);
    return text;
}

/* Copy a string of size bytes to a row of capacity bytes. */
static void take_row(td_h5 *h5, const char *name, const char *string, size_t size,
                     char *row, size_t capacity)
{
    size_t length = strnlen(string, size);
    if (length >= capacity) {
        td_h5_refuse(h5, name, "'%.*s' is longer than %zu bytes", (int) capacity,
                     string, capacity - 1);
        return;
    }
    memset(row, 0, capacity);
    memcpy(row, string, length);
}

void td_h5_texts(td_h5 *h5, const char *name, const char *each, uint64_t count,
                 char *rows, size_t capacity)
{
    td_h5_array array;
    char words[128];
    if (td_h5_array_open(h5, &array, name) &&
        (array.kind != H5T_STRING || array.rank != 1 || array.count != count)) {
        td_h5_array_write(words, &array);
        td_h5_refuse(h5, name,
                     "is %s, needed is a string of fixed length for each %s: "
                     "%llu",
                     words, each, (unsigned long long) count);
    }
    if (h5->ok) {
        char *bytes = td_malloc((size_t) (array.count * array.size) + 1);
        read_strings(h5, &array, bytes);
        for (uint64_t i = 0; h5->ok && i < count; i++)
            take_row(h5, name, bytes + i * array.size, array.size, rows + i * capacity,
                     capacity);
        td_free(bytes);
    }
    td_h5_array_close(&array);
}

/* ---- attributes of the file ------------------------------------------------------ */

/* An attribute that is open. */
typedef struct {
    hid_t id, type;
    const char *name;
    char label[64]; /* "attribute mean", for messages */
    H5T_class_t class;
    size_t size;
    hssize_t count;
} attribute;

static void inspect(td_h5 *h5, attribute *a)
{
    char fix[160];
    snprintf(fix, sizeof fix, "f.attrs['%.40s'] = np.bytes_('…')", a->name);
    hid_t space = a->id < 0 ? -1 : H5Aget_space(a->id);
    a->type = a->id < 0 ? -1 : H5Aget_type(a->id);
    if (space < 0 || a->type < 0)
        td_h5_refuse_damaged(h5, a->label);
    else if (td_h5_type_check(h5, a->label, a->type, fix)) {
        a->class = H5Tget_class(a->type);
        a->size = H5Tget_size(a->type);
        a->count = H5Sget_simple_extent_npoints(space);
    }
    if (space >= 0)
        H5Sclose(space);
}

static bool attribute_open(td_h5 *h5, attribute *a, const char *name)
{
    *a = (attribute){ .id = -1, .type = -1, .name = name };
    snprintf(a->label, sizeof a->label, "attribute %s", name);
    if (!h5->ok)
        return false;
    if (H5Aexists(h5->file, name) <= 0) {
        td_h5_refuse(h5, a->label, "missing");
        return false;
    }
    a->id = H5Aopen(h5->file, name, H5P_DEFAULT);
    inspect(h5, a);
    return h5->ok;
}

static void attribute_close(attribute *a)
{
    if (a->type >= 0)
        H5Tclose(a->type);
    if (a->id >= 0)
        H5Aclose(a->id);
}

static void attribute_read(td_h5 *h5, const attribute *a, hid_t type, void *out)
{
    if (h5->ok && H5Aread(a->id, type, out) < 0)
        td_h5_refuse_damaged(h5, a->label);
}

bool td_h5_has_attribute(td_h5 *h5, const char *name)
{
    return h5->ok && H5Aexists(h5->file, name) > 0;
}

int64_t td_h5_attribute_integer(td_h5 *h5, const char *name)
{
    attribute a;
    int64_t value = 0;
    char words[64] = "";
    bool is_open = attribute_open(h5, &a, name);
    if (is_open)
        td_h5_type_write(words, a.type);
    if (is_open && (a.class != H5T_INTEGER || a.count != 1))
        td_h5_refuse(h5, a.label, "not an integer: holds %lld of %s",
                     (long long) a.count, words);
    if (is_open)
        attribute_read(h5, &a, H5T_NATIVE_INT64, &value);
    attribute_close(&a);
    return h5->ok ? value : 0;
}

void td_h5_attribute_reals(td_h5 *h5, const char *name, const char *each, int count,
                           double *out)
{
    attribute a;
    char words[64] = "";
    bool is_open = attribute_open(h5, &a, name);
    TD_ASSERT(count > 0);
    if (is_open)
        td_h5_type_write(words, a.type);
    if (is_open && (a.class == H5T_STRING || a.count != count))
        td_h5_refuse(h5, a.label,
                     "holds %lld of %s, needed is %s with a number for "
                     "each %s: %d",
                     (long long) a.count, words, name, each, count);
    if (is_open)
        attribute_read(h5, &a, H5T_NATIVE_DOUBLE, out);
    attribute_close(&a);
}

char *td_h5_attribute_text(td_h5 *h5, const char *name)
{
    attribute a;
    char *text = NULL, *bytes = NULL;
    bool is_open = attribute_open(h5, &a, name);
    if (is_open && (a.class != H5T_STRING || a.count != 1 || a.size > MOST_TEXT))
        td_h5_refuse(h5, a.label, "not a text of fixed length");
    if (h5->ok && is_open) {
        hid_t mine = string_like(a.type, a.size);
        bytes = td_malloc(a.size + 1);
        attribute_read(h5, &a, mine, bytes);
        H5Tclose(mine);
        text = h5->ok ? take_text(bytes, a.size) : NULL;
    }
    td_free(bytes);
    attribute_close(&a);
    return text;
}
