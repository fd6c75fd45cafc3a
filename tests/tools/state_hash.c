/* state_hash CHECKPOINT [PART]: a number for all that a run has learned, or for what
 * has PART in its name.
 *
 * XXH3-64 of the names and bytes of the arrays in /weights, /buffers, /arch and /optim,
 * in the order of their names.  Where and how the arrays lie in the file or in memory,
 * and what else a checkpoint tells, does not matter; so it stays the same while the
 * program is rebuilt around the same arithmetic. */
#define H5_USE_110_API
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static void check(int good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "state_hash: %s\n", what);
    exit(EXIT_FAILURE);
}

/* The numbers as they lie in the file. */
static void add_array(XXH3_state_t *hash, hid_t file, const char *name)
{
    hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
    hid_t type = H5Dget_type(set), space = H5Dget_space(set);
    size_t bytes = H5Tget_size(type) * (size_t) H5Sget_simple_extent_npoints(space);
    char *values = malloc(bytes + 1);
    check(values && H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0,
          name);
    XXH3_64bits_update(hash, name, strlen(name) + 1);
    XXH3_64bits_update(hash, values, bytes);
    free(values);
    H5Sclose(space);
    H5Tclose(type);
    H5Dclose(set);
}

typedef struct {
    XXH3_state_t *hash;
    hid_t file;
    const char *group;
    const char *part; /* "": all */
} visit;

static herr_t add(hid_t group, const char *name, const H5O_info_t *info, void *data)
{
    const visit *v = data;
    char path[512];
    (void) group;
    check(snprintf(path, sizeof path, "/%s/%s", v->group, name) < (int) sizeof path,
          name);
    if (info->type == H5O_TYPE_DATASET && strstr(path, v->part))
        add_array(v->hash, v->file, path);
    return 0;
}

int main(int argc, char **argv)
{
    static const char *const groups[] = { "arch", "buffers", "optim", "weights" };
    check(argc == 2 || argc == 3, "one checkpoint, and perhaps a part of a name");
    hid_t file = H5Fopen(argv[1], H5F_ACC_RDONLY, H5P_DEFAULT);
    XXH3_state_t *hash = XXH3_createState();
    check(file >= 0 && hash, argv[1]);
    XXH3_64bits_reset(hash);
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        visit v = { hash, file, groups[i], argc == 3 ? argv[2] : "" };
        if (H5Lexists(file, groups[i], H5P_DEFAULT) > 0)
            check(H5Ovisit_by_name(file, groups[i], H5_INDEX_NAME, H5_ITER_INC, add, &v,
                                   H5P_DEFAULT) >= 0,
                  groups[i]);
    }
    printf("%016llx\n", (unsigned long long) XXH3_64bits_digest(hash));
    XXH3_freeState(hash);
    H5Fclose(file);
    return EXIT_SUCCESS;
}
