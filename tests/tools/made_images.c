/* Makes an HDF5 data set as other programs write them: without digest and index.
 *
 *   made_images FILE IMAGES SIDE CHANNELS CLASSES MOST LEAST CHUNK noise|none
 *
 * A class has MOST to LEAST images, falling evenly in the logarithm, and the first one
 * the rest of IMAGES; where LEAST is 0 all have as many.  CHUNK images make a chunk, 0:
 * all in one piece.  With "none" nothing is written into the pixels: black, and of a
 * file system with holes hardly a byte. */
#include <hdf5.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLAB = 512 };

typedef struct {
    long images, side, channels, classes, most, least, chunk;
    bool is_noise;
} made;

static void attribute(hid_t file, const char *name, hid_t type, hsize_t n,
                      const void *values)
{
    hid_t space = n ? H5Screate_simple(1, &n, NULL) : H5Screate(H5S_SCALAR);
    hid_t at = H5Acreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(at, type, values);
    H5Aclose(at);
    H5Sclose(space);
}

static int32_t *make_labels(const made *m)
{
    int32_t *labels = calloc((size_t) m->images + 1, sizeof *labels);
    long at = 0;
    if (m->least == 0) {
        for (; at < m->images; at++)
            labels[at] = (int32_t) (at % m->classes);
        return labels;
    }
    for (long c = 0; c < m->classes; c++) {
        double falls = pow((double) m->least / (double) m->most,
                           (double) c / (double) (m->classes - 1));
        for (long i = lround((double) m->most * falls); i > 0 && at < m->images; i--)
            labels[at++] = (int32_t) c;
    }
    return labels; /* the rest is of class 0 */
}

/* Mean 0.5 and deviation of even numbers. */
static void fill(uint8_t *bytes, size_t n, uint64_t *state)
{
    for (size_t i = 0; i + 8 <= n; i += 8) {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        memcpy(bytes + i, state, 8);
    }
}

static void write_pixels(const made *m, hid_t set)
{
    size_t bytes = (size_t) (m->side * m->side * m->channels);
    uint8_t *slab = calloc(SLAB, bytes);
    uint64_t state = 88172645463325252u;
    for (hsize_t first = 0; first < (hsize_t) m->images; first += SLAB) {
        hsize_t left = (hsize_t) m->images - first;
        hsize_t start[4] = { first, 0, 0, 0 };
        hsize_t size[4] = { left < SLAB ? left : SLAB, (hsize_t) m->side,
                            (hsize_t) m->side, (hsize_t) m->channels };
        hid_t there = H5Dget_space(set), here = H5Screate_simple(4, size, NULL);
        fill(slab, SLAB * bytes, &state);
        H5Sselect_hyperslab(there, H5S_SELECT_SET, start, NULL, size, NULL);
        H5Dwrite(set, H5T_NATIVE_UINT8, here, there, H5P_DEFAULT, slab);
        H5Sclose(here);
        H5Sclose(there);
    }
    free(slab);
}

static void write_part(hid_t file, const made *m, const int32_t *labels)
{
    hsize_t size[4] = { (hsize_t) m->images, (hsize_t) m->side, (hsize_t) m->side,
                        (hsize_t) m->channels };
    hsize_t chunk[4] = { (hsize_t) m->chunk, size[1], size[2], size[3] };
    hid_t group = H5Gcreate2(file, "train", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    hid_t create = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_alloc_time(create, H5D_ALLOC_TIME_EARLY);
    H5Pset_fill_time(create, H5D_FILL_TIME_NEVER);
    if (m->chunk > 0)
        H5Pset_chunk(create, 4, chunk);
    hid_t space = H5Screate_simple(4, size, NULL);
    hid_t set = H5Dcreate2(group, "images", H5T_STD_U8LE, space, H5P_DEFAULT, create,
                           H5P_DEFAULT);
    if (m->is_noise)
        write_pixels(m, set);
    H5Dclose(set);
    H5Sclose(space);
    H5Pclose(create);
    space = H5Screate_simple(1, size, NULL);
    set = H5Dcreate2(group, "labels", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT,
                     H5P_DEFAULT);
    H5Dwrite(set, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, labels);
    H5Dclose(set);
    H5Sclose(space);
    H5Gclose(group);
}

int main(int argc, char **argv)
{
    if (argc != 10)
        return 2;
    made m = { .is_noise = strcmp(argv[9], "noise") == 0 };
    long *const numbers[] = { &m.images, &m.side,  &m.channels, &m.classes,
                              &m.most,   &m.least, &m.chunk };
    for (int i = 0; i < 7; i++)
        *numbers[i] = strtol(argv[2 + i], NULL, 10);
    double mean = m.is_noise ? 0.5 : 0.0, std = m.is_noise ? 0.2898 : 0.0;
    double means[3] = { mean, mean, mean }, stds[3] = { std, std, std };
    int32_t *labels = make_labels(&m);
    hid_t file = H5Fcreate(argv[1], H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    attribute(file, "classes", H5T_NATIVE_LONG, 0, &m.classes);
    attribute(file, "height", H5T_NATIVE_LONG, 0, &m.side);
    attribute(file, "width", H5T_NATIVE_LONG, 0, &m.side);
    attribute(file, "channels", H5T_NATIVE_LONG, 0, &m.channels);
    attribute(file, "mean", H5T_NATIVE_DOUBLE, (hsize_t) m.channels, means);
    attribute(file, "std", H5T_NATIVE_DOUBLE, (hsize_t) m.channels, stds);
    write_part(file, &m, labels);
    free(labels);
    return H5Fclose(file) < 0;
}
