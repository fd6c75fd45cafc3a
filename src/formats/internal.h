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
td_status td_idx_read(td_dataset *dataset, const char *path, td_data_reading *how);

/* CIFAR-10 and CIFAR-100, binary version. */
bool td_cifar_is_name(const char *name);
bool td_cifar_is_folder(const char *folder);
td_status td_cifar_read(td_dataset *dataset, const char *folder, td_data_reading *how);

/* The same of the archives that they ship as, cifar-10-binary.tar.gz; TD_DATA that says
 * what to do with an archive of anything else. */
td_status td_cifar_read_archive(td_dataset *dataset, const char *path,
                                td_data_reading *how);

/* A folder of class folders of JPEG or PNG files, train and test above them or not.
 * how: shrinks while it reads, tells, and collects what cannot be read. */
bool td_images_is_folder(const char *folder);
td_status td_images_read(td_dataset *dataset, const char *folder, td_data_reading *how);

/* taildart's own HDF5 file. */
td_status td_hdf5_read(td_dataset *dataset, const char *path, td_data_reading *how);

/* Take the digest of a data set of which labels are in memory and pixels in the file,
 * and the check of each image: from the index that import writes, or by reading the
 * pixels once, a slab at a time.  Refuses as td_hdf5_compare does. */
void td_hdf5_judge(td_h5 *h5, td_dataset *dataset, td_pixel_map *maps);

/* What import writes for a start that reads only what it draws: the checks of a part's
 * images, and, in hexadecimal digits, the digest of the data set (info.digest) and
 * that of all but pixels, checks among it. */
#define TD_INDEX_CHECKS "checks"
#define TD_INDEX_PIXELS "digest_of_pixels"
#define TD_INDEX_REST "digest_of_index"

/* The digest that import writes beside it, in hexadecimal digits: of all that is read,
 * numbers and names, of both parts. */
enum { TD_DIGEST_TEXT = 33 };
void td_hdf5_digest(char out[TD_DIGEST_TEXT], const td_dataset *dataset);

/* That of all but pixels.  checks: by td_part, of the images of a part that is there;
 * pixels: info.digest in digits. */
void td_hdf5_index_digest(char out[TD_DIGEST_TEXT], const td_dataset *dataset,
                          uint32_t *const checks[2], const char *pixels);

/* Begin such a digest with all that is read beside pixels and labels; end it. */
XXH3_state_t *td_hdf5_digest_begin(const td_dataset *dataset);
void td_hdf5_digest_end(XXH3_state_t *state, char out[TD_DIGEST_TEXT]);

/* 16 bytes in digits. */
void td_digest_write(char out[TD_DIGEST_TEXT], const uint8_t *bytes);

/* Refuse contents that are not those of a digest of the file; pixels that are not those
 * of mean and deviation. */
void td_hdf5_refuse_changed(td_h5 *h5);
void td_hdf5_compare_sums(td_h5 *h5, const td_dataset *dataset,
                          const td_pixel_sums *sums);

/* Refuse contents that are not those of the digest or, where there is none, pixels that
 * are not those of mean and deviation. */
void td_hdf5_compare(td_h5 *h5, td_dataset *dataset);

/* TD_DATA naming what a folder that is neither IDX nor CIFAR holds instead of a data
 * set: one in a folder below, CIFAR as Python pickles, archives; TD_OK where there are
 * class folders or nothing is known. */
td_status td_packing_check(const char *folder);

#endif
