/** Floor 3: data sets as files hold them.
 *
 *  Everything in this room is serial and free of MPI: rank 0 opens files, a rank draws
 *  for the shards it holds, and tests pretend any number of ranks in one process.
 */
#ifndef TAILDART_DATA_H
#define TAILDART_DATA_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

enum { TD_MAX_CHANNELS = 3, TD_CLASS_NAME_BYTES = 64 };

typedef char td_class_name[TD_CLASS_NAME_BYTES];

/** What is known of a data set without its pixels; plain bytes, so that rank 0 can
 *  broadcast it. */
typedef struct {
    int classes, height, width, channels;
    int64_t train_count, test_count; /**< 0: no such part; one there is      */
    double mean[TD_MAX_CHANNELS];    /**< of the training part, in 0…1; 0 of
                                          a data set without one              */
    double std[TD_MAX_CHANNELS];
    uint8_t digest[16]; /**< XXH3-128 of training pixels and labels (without such a
                                part, of those of the test part), canonical (most
                                significant byte first): the same bytes for the same
                                data in any format                                  */
} td_data_info;

typedef enum { TD_PART_TRAIN, TD_PART_TEST } td_part;

/** An open data set, all pixels in memory. */
typedef struct {
    td_data_info info;
    char source[1024];          /**< what it was read from            */
    td_class_name *class_names; /**< (classes) owned, without newlines */
    uint8_t *images[2]; /**< by td_part: (count, height, width, channels), owned */
    int32_t *labels[2]; /**< by td_part: (count), owned                          */
} td_dataset;

/** A file that cannot be read and was left out; the next one or NULL. */
typedef struct td_data_fault {
    char *text; /**< "path: why", owned */
    struct td_data_fault *next;
} td_data_fault;

/** What a data set is read for. */
typedef enum {
    TD_DATA_ANY,   /**< whatever there is                                     */
    TD_DATA_TRAIN, /**< a training part is needed                             */
    TD_DATA_TEST   /**< class folders without a part above them are test data */
} td_data_purpose;

/** How to read a data set, and what was left out of it.  All zero is fine. */
typedef struct {
    td_data_purpose purpose;
    int size;    /**< both sides shrink to it by area averages; 0: as they are    */
    bool strict; /**< a file of a folder of pictures that cannot be read is an
                      error; otherwise it is left out                            */
    /** Told now and then of images done, by one thread at a time; may be NULL. */
    void (*tell)(const char *what, int64_t done, int64_t total);
    td_data_fault *faults, *last; /**< out: in the order found, owned */
    int64_t fault_count;          /**< out                            */
} td_data_reading;

/** Read a data set: a taildart HDF5 file, a directory or file of IDX (plain or gzip) or
 *  of CIFAR-10/100 binary files, or a directory of class folders of JPEG and PNG files.
 *  Decodes with the threads of OpenMP.  Not collective (rank 0 calls it).
 *  \param [in,out] how  for td_data_reading_clear, also after an error
 *  \return TD_DATA naming the file and the mend. */
td_status td_dataset_read(td_dataset **dataset, const char *path, td_data_reading *how);

/** Release the list of what was left out.  Not collective. */
void td_data_reading_clear(td_data_reading *how);

/** Read a data set as it is; one warning tells of pictures that were left out.
 *  Not collective (rank 0 calls it).  \return TD_DATA naming the file and the mend. */
td_status td_dataset_open(td_dataset **dataset, const char *path);

/** The same for a purpose.
 *  Not collective.  \return also TD_DATA where the part that it needs is missing */
td_status td_dataset_open_for(td_dataset **dataset, const char *path,
                              td_data_purpose purpose);

/** Release a data set; NULL is fine.  Not collective. */
void td_dataset_free(td_dataset *dataset);

/** Shapes only (what --dry-run needs): labels and headers are read, pixels are not.
 *  \a mean and \a std are those of an HDF5 file and 0 for the other formats, which do
 *  not store them; the digest is always 0.  Pictures count whose headers are fine.
 *  Not collective.  \return TD_DATA naming the file and the mend. */
td_status td_dataset_inspect(td_data_info *info, const char *path);

/** Whether a file begins as HDF5 files do.  Not collective. */
bool td_data_is_hdf5(const char *path);

/** Whether a file is one of HDF5 that can be opened and holds \a member
 *  ("train/images").
 *  Not collective. */
bool td_data_holds(const char *path, const char *member);

/** Bytes of one image, which are as many numbers.  Not collective. */
size_t td_image_bytes(const td_data_info *info);

/** Write the HDF5 form, complete or not at all.
 *  Not collective.  \return TD_FAILED naming the file. */
td_status td_dataset_write(const td_dataset *dataset, const char *path);

/** Whether a network that halves the sides twice can read these images.
 *  Not collective.  \return TD_DATA naming \a path, the sides and the mend */
td_status td_data_check_sides(const td_data_info *info, const char *path);

/** Pad the images of both parts with raw zeros, as many before as behind (one more
 *  behind where the difference is odd).  Mean, deviation and digest stay those of the
 *  source.  Not collective.  \param [in] side  0 leaves all as it is
 *  \return TD_USAGE naming data.pad_to and \a path where an image is larger */
td_status td_dataset_pad(td_dataset *dataset, const char *path, int side);

/** Open a data set as a network reads it: padded, sides checked.
 *  Not collective (rank 0 calls it).  \param [in] pad_to  as td_dataset_pad takes it
 *  \return what td_dataset_open_for, td_dataset_pad and td_data_check_sides do */
td_status td_dataset_open_padded(td_dataset **dataset, const char *path, int pad_to,
                                 td_data_purpose purpose);

/** "cat (1), dog (0) and 3 more": the classes with fewer than \a below images, by name
 *  (by number where \a dataset is NULL), with their counts.  Not collective.
 *  \param [in] counts  (classes)  \return for td_free; NULL where there is none */
char *td_class_list(const td_dataset *dataset, const int64_t *counts, int classes,
                    int64_t below);

/** Images of each class.  Not collective.  \param [out] counts  (classes) */
void td_class_counts(const int32_t *labels, int64_t n, int classes, int64_t *counts);

TD_PUBLIC_END

#endif
