/* What the formats of data sets share.  Each reader fills a data set that is all zero:
 * shapes, counts, class names, labels and, unless only the shapes are asked for,
 * pixels. On an error the caller frees what was filled so far. */
#ifndef TAILDART_DATA_INTERNAL_H
#define TAILDART_DATA_INTERNAL_H

#include <limits.h>
#include <stdio.h>
#include <xxhash.h>

#include "taildart/data.h"
#include "taildart/hdf5.h"

enum {
    TD_PATH_BYTES = PATH_MAX,
    TD_FAULT_BYTES = 256,
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

/* A file that is plain or compressed by gzip, read from its beginning.  A read gives
 * fewer bytes than n only at the end; the end is reached, and the checksum compared,
 * when a read gives fewer.  path is borrowed; closing NULL is fine. */
typedef struct td_packed td_packed;
td_status td_packed_open(td_packed **packed, const char *path);
td_status td_packed_read(td_packed *packed, uint8_t *out, size_t n, size_t *got);
void td_packed_close(td_packed *packed);

/* The same with TD_DATA naming path and reason. */
td_status td_data_file_open(FILE **file, const char *path, int64_t *size);

/* "folder/name" in out (TD_PATH_BYTES), cut if it is longer; false where it is known
 * not to exist: what may not be looked at counts as there. */
bool td_path_join(char *out, const char *folder, const char *name);

/* What is no data set but often taken for one, by its first bytes, with what to do:
 * "a ZIP archive: unpack it …".  Any thread.  NULL where nothing is known. */
const char *td_foreign_bytes(const uint8_t *start, size_t n);

/* The same of a file, also by its name and by what gzip compressed. */
const char *td_foreign_file(const char *path);

/* TD_DATA naming what a folder that is neither IDX nor CIFAR holds instead of a data
 * set: one in a folder below, CIFAR as Python pickles, archives; TD_OK where there are
 * class folders or nothing is known. */
td_status td_packing_check(const char *folder);

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
