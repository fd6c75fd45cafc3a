/* Functions shared by the files of this room.  Each reader fills a data set, all zero:
 * shapes, counts, class names, labels and, unless only the shapes are asked for,
 * pixels. On an error the caller frees what was filled so far. */
#ifndef TD_FORMATS_INTERNAL_H
#define TD_FORMATS_INTERNAL_H

#include "taildart/data_facts.h"
#include "taildart/files.h"
#include "taildart/formats.h"
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

#endif
