/* Reading of the reference's HDF5 files. */
#include <stdio.h>
#include <string.h>

#include "checker.h"

/* ---- cases of a file ----------------------------------------------------- */

typedef struct {
    golden_run *run;
    const char *file;
    void (*check)(golden_case *c, hid_t group);
    int cases;
} visitor;

static bool is_dataset(hid_t group, const char *name)
{
    hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    bool found = object >= 0 && H5Iget_type(object) == H5I_DATASET;
    if (object >= 0)
        H5Oclose(object);
    return found;
}

static herr_t note_dataset(hid_t group, const char *name, const H5L_info_t *info,
                           void *found)
{
    (void) info;
    *(bool *) found = is_dataset(group, name);
    return *(bool *) found; /* one is enough: stops the iteration */
}

static herr_t visit_link(hid_t parent, const char *name, const H5L_info_t *info,
                         void *data);

/* A group with datasets is a case; the others lead to cases. */
static void visit_group(visitor *v, hid_t group)
{
    char path[200] = "";
    bool is_case = false;
    H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, note_dataset, &is_case);
    if (!is_case) {
        H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, visit_link, v);
        return;
    }
    H5Iget_name(group, path, sizeof path);
    golden_case c;
    golden_begin(&c, v->run, v->file, path[0] == '/' ? path + 1 : path);
    v->check(&c, group);
    golden_end(&c);
    v->cases++;
}

static herr_t visit_link(hid_t parent, const char *name, const H5L_info_t *info,
                         void *data)
{
    (void) info;
    hid_t group = H5Gopen2(parent, name, H5P_DEFAULT);
    if (group >= 0) {
        visit_group(data, group);
        H5Gclose(group);
    }
    return 0;
}

void golden_visit(golden_run *run, const char *path, const char *file,
                  void (*check)(golden_case *c, hid_t group))
{
    visitor v = { .run = run, .file = file, .check = check };
    golden_case whole;
    golden_begin(&whole, run, file, "");
    hid_t id = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (id < 0) {
        golden_fail(&whole, "not a readable HDF5 file");
    } else {
        hid_t root = H5Gopen2(id, "/", H5P_DEFAULT);
        visit_group(&v, root);
        H5Gclose(root);
        H5Fclose(id);
    }
    golden_end_file(&whole, v.cases);
}

/* ---- datasets ------------------------------------------------------------ */

static golden_shape shape_of_space(golden_case *c, hid_t space, const char *name)
{
    hsize_t dims[GOLDEN_MAX_RANK] = { 0 };
    golden_shape shape = { .rank = H5Sget_simple_extent_ndims(space), .count = 1 };
    if (shape.rank < 0 || shape.rank > GOLDEN_MAX_RANK) {
        golden_fail(c, "%s has %d dimensions", name, shape.rank);
        return (golden_shape){ 0 };
    }
    H5Sget_simple_extent_dims(space, dims, NULL);
    for (int i = 0; i < shape.rank; i++) {
        shape.dims[i] = (size_t) dims[i];
        shape.count *= shape.dims[i];
    }
    return shape;
}

static void *read_open(golden_case *c, hid_t dataset, const char *name, hid_t type,
                       golden_shape *shape)
{
    hid_t space = H5Dget_space(dataset);
    *shape = shape_of_space(c, space, name);
    H5Sclose(space);
    if (golden_has_failed(c))
        return NULL;
    void *values = golden_take(c, shape->count, H5Tget_size(type));
    if (H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
        golden_fail(c, "%s cannot be read", name);
    return golden_has_failed(c) ? NULL : values;
}

static void *read_as(golden_case *c, hid_t group, const char *name, hid_t type,
                     golden_shape *shape)
{
    golden_shape ignored;
    if (golden_has_failed(c))
        return NULL;
    hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
    if (dataset < 0) {
        golden_fail(c, "%s is missing", name);
        return NULL;
    }
    void *values = read_open(c, dataset, name, type, shape ? shape : &ignored);
    H5Dclose(dataset);
    return values;
}

td_real *golden_read(golden_case *c, hid_t group, const char *name, golden_shape *shape)
{
    hid_t type =
        sizeof(td_real) == sizeof(double) ? H5T_NATIVE_DOUBLE : H5T_NATIVE_FLOAT;
    return read_as(c, group, name, type, shape);
}

double *golden_read_f64(golden_case *c, hid_t group, const char *name,
                        golden_shape *shape)
{
    return read_as(c, group, name, H5T_NATIVE_DOUBLE, shape);
}

int32_t *golden_read_i32(golden_case *c, hid_t group, const char *name,
                         golden_shape *shape)
{
    return read_as(c, group, name, H5T_NATIVE_INT32, shape);
}

enum { NAME_BYTES = 128, TEXT_BYTES = 1024 };

void golden_compare_dataset(golden_case *c, hid_t group, const char *name,
                            const td_real *found, size_t count, double tolerance)
{
    golden_shape shape = { 0 };
    double *expected = golden_read_f64(c, group, name, &shape);
    if (expected && shape.count != count)
        golden_fail(c, "%s has another shape", name);
    golden_compare_array(c, name, found, expected, count, tolerance);
}

char **golden_read_texts(golden_case *c, hid_t group, const char *name, size_t *count)
{
    golden_shape shape = { 0 };
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, NAME_BYTES);
    char *bytes = read_as(c, group, name, type, &shape);
    H5Tclose(type);
    *count = shape.count;
    if (!bytes)
        return NULL;
    char **texts = GOLDEN_TAKE(c, char *, shape.count);
    for (size_t i = 0; i < shape.count; i++) {
        texts[i] = bytes + i * NAME_BYTES;
        texts[i][NAME_BYTES - 1] = '\0';
    }
    return texts;
}

/* ---- attributes ---------------------------------------------------------- */

static void read_scalar(golden_case *c, hid_t group, const char *name, hid_t type,
                        void *value)
{
    hid_t attribute = H5Aopen(group, name, H5P_DEFAULT);
    if (attribute < 0) {
        golden_fail(c, "attribute %s is missing", name);
        return;
    }
    hid_t space = H5Aget_space(attribute);
    if (H5Sget_simple_extent_npoints(space) != 1 || H5Aread(attribute, type, value) < 0)
        golden_fail(c, "attribute %s cannot be read", name);
    H5Sclose(space);
    H5Aclose(attribute);
}

double golden_attribute(golden_case *c, hid_t group, const char *name)
{
    double value = 0.0;
    read_scalar(c, group, name, H5T_NATIVE_DOUBLE, &value);
    return value;
}

int golden_attribute_int(golden_case *c, hid_t group, const char *name)
{
    int value = 0;
    read_scalar(c, group, name, H5T_NATIVE_INT, &value);
    return value;
}

char *golden_attribute_text(golden_case *c, hid_t group, const char *name)
{
    char *text = GOLDEN_TAKE(c, char, TEXT_BYTES);
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, TEXT_BYTES);
    read_scalar(c, group, name, type, text);
    H5Tclose(type);
    text[TEXT_BYTES - 1] = '\0';
    return text;
}

double *golden_dataset_attribute(golden_case *c, hid_t group, const char *dataset,
                                 const char *name, size_t *count)
{
    double *values = NULL;
    *count = 0;
    if (golden_has_failed(c) ||
        H5Aexists_by_name(group, dataset, name, H5P_DEFAULT) <= 0)
        return NULL;
    hid_t attribute = H5Aopen_by_name(group, dataset, name, H5P_DEFAULT, H5P_DEFAULT);
    hid_t space = H5Aget_space(attribute);
    golden_shape shape = shape_of_space(c, space, name);
    if (!golden_has_failed(c)) {
        values = GOLDEN_TAKE(c, double, shape.count);
        *count = shape.count;
        if (H5Aread(attribute, H5T_NATIVE_DOUBLE, values) < 0)
            golden_fail(c, "attribute %s of %s cannot be read", name, dataset);
    }
    H5Sclose(space);
    H5Aclose(attribute);
    return golden_has_failed(c) ? NULL : values;
}

/* ---- names and shapes ---------------------------------------------------- */

typedef struct {
    const char *prefix;
    int count;
} prefix_count;

static herr_t count_link(hid_t group, const char *name, const H5L_info_t *info,
                         void *data)
{
    prefix_count *counted = data;
    (void) group, (void) info;
    counted->count += strncmp(name, counted->prefix, strlen(counted->prefix)) == 0;
    return 0;
}

int golden_count(golden_case *c, hid_t group, const char *prefix)
{
    size_t length = strlen(prefix);
    bool is_group = length > 0 && prefix[length - 1] == '/';
    prefix_count counted = { .prefix = is_group ? "" : prefix };
    hid_t place = is_group ? H5Gopen2(group, prefix, H5P_DEFAULT) : group;
    if (place < 0) {
        golden_fail(c, "group %s is missing", prefix);
        return 0;
    }
    H5Literate(place, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, count_link, &counted);
    if (is_group)
        H5Gclose(place);
    return counted.count;
}

void golden_expect_shape(golden_case *c, const char *name, const golden_shape *shape,
                         const int dims[4])
{
    int rank = 0;
    bool is_equal = true;
    while (rank < 4 && dims[rank] > 0)
        rank++;
    for (int i = 0; i < rank && i < shape->rank; i++)
        is_equal = is_equal && shape->dims[i] == (size_t) dims[i];
    if (!is_equal || rank != shape->rank)
        golden_fail(c, "%s has another shape", name);
}
