/* What the formats of data sets share.  Each reader fills a data set that is all zero:
 * shapes, counts, class names, labels and, unless only the shapes are asked for,
 * pixels. On an error the caller frees what was filled so far. */
#ifndef TAILDART_DATA_INTERNAL_H
#define TAILDART_DATA_INTERNAL_H

#include <xxhash.h>

#include "taildart/data.h"
#include "taildart/files.h"
#include "taildart/hdf5.h"

enum {
    TD_MAX_SIDE = 4096,
    TD_MAX_CLASSES = 100000,
};

/* IDX, as MNIST ships: four files in a folder, each plain or compressed by gzip.  path:
 * a folder with one such set, or a file of it. */
bool td_idx_is_name(const char *name);
bool td_idx_is_folder(const char *folder);
td_status td_idx_read(td_dataset *dataset, const char *path, bool shapes_only);

/* CIFAR-10 and CIFAR-100, binary version. */
bool td_cifar_is_name(const char *name);
bool td_cifar_is_folder(const char *folder);
td_status td_cifar_read(td_dataset *dataset, const char *folder, bool shapes_only);

/* A folder of class folders of JPEG or PNG files, train and test above them or not.
 * how: shrinks while it reads, tells, and collects what cannot be read. */
bool td_images_is_folder(const char *folder);
td_status td_images_read(td_dataset *dataset, const char *folder, bool shapes_only,
                         td_data_reading *how);

/* taildart's own HDF5 file. */
td_status td_hdf5_read(td_dataset *dataset, const char *path, bool shapes_only);

/* The digest that import writes beside it, in hexadecimal digits: of all that is read,
 * numbers and names, of both parts. */
enum { TD_DIGEST_TEXT = 33 };
void td_hdf5_digest(char out[TD_DIGEST_TEXT], const td_dataset *dataset);

/* Refuse contents that are not those of the digest or, where there is none, pixels that
 * are not those of mean and deviation. */
void td_hdf5_compare(td_h5 *h5, td_dataset *dataset);

/* TD_DATA naming what a folder that is neither IDX nor CIFAR holds instead of a data
 * set: one in a folder below, CIFAR as Python pickles, archives; TD_OK where there are
 * class folders or nothing is known. */
td_status td_packing_check(const char *folder);

/* Both parts of a data set to size x size, and its mean and deviation anew.
 * TD_DATA naming the data set where its sides are smaller. */
td_status td_shrink_dataset(td_dataset *dataset, int size);

/* Room for the class names, which become "0", "1", …; info.classes is set. */
void td_class_names_init(td_dataset *dataset);

/* TD_DATA naming the first label outside 0 … classes-1. */
td_status td_labels_check(const int32_t *labels, int64_t n, int classes,
                          const char *path);

/* Mean and deviation of the training pixels, exact but for the last rounding; without
 * such pixels they stay 0. */
void td_data_measure(td_dataset *dataset);

/* A NOTE where a part ends in black images, as HDF5 reads an array in one piece whose
 * writer was stopped half way. */
void td_data_note_black(const td_dataset *dataset, const char *path);

/* Digest of training pixels and labels, or of the test part's where there are none. */
void td_data_digest(td_dataset *dataset);

/* Add labels to a hash, the same bytes on any machine. */
void td_labels_hash(XXH3_state_t *state, const int32_t *labels, int64_t n);

#endif
