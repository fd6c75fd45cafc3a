/** Floor 3: data sets as files hold them: taildart's own HDF5, IDX, CIFAR, folders of
 *  pictures. */
#ifndef TAILDART_FORMATS_H
#define TAILDART_FORMATS_H

#include "taildart/data.h"
#include "taildart/data_pixels.h"

TD_PUBLIC_BEGIN

/** A file that was left out; the next one or NULL. */
typedef struct td_data_fault {
    char *text;    /**< "path: why", owned                        */
    bool is_small; /**< not since it cannot be read: \a skip_small */
    struct td_data_fault *next;
} td_data_fault;

/** Purpose for which a data set is read. */
typedef enum {
    TD_DATA_ANY,   /**< whatever there is                                     */
    TD_DATA_TRAIN, /**< a training part is needed                             */
    TD_DATA_TEST   /**< class folders without a part above them are test data */
} td_data_purpose;

/** How much of a data set is read. */
typedef enum {
    TD_READ_PIXELS, /**< all of it                                           */
    TD_READ_LABELS, /**< no pixels, though headers of pictures are looked at */
    TD_READ_SHAPES  /**< labels only where shapes need them                  */
} td_data_depth;

/** Sides of the pictures of a folder, as they stand upright. */
typedef struct {
    int least_height, most_height, least_width, most_width; /**< 0: no such folder */
    int64_t smaller; /**< pictures with a side below td_data_reading.size          */
    int64_t count, below_usual; /**< all pictures; those below TD_USUAL_SIDE        */
    bool differ; /**< not all of one size that can be kept: an import needs one */
} td_picture_sizes;

/** The side that small images of the field have, as CIFAR's. */
enum { TD_USUAL_SIDE = 32 };

/** The size that an import of such pictures is advised to take: 32, or what the
 *  smallest of them has.  Not collective.
 *  \param [out] skips  whether few pictures are below it, so that it is better to leave
 *  them out than to shrink all others to theirs */
int td_picture_sizes_advice(const td_picture_sizes *sizes, bool *skips);

/** Options of reading a data set, and a list of files left out.  All zero is fine. */
typedef struct {
    td_data_purpose purpose;
    td_data_depth depth;
    /** (2) by td_part, all zero, for td_pixel_map_clear: pixels that lie in the file as
     *  plain bytes are left there, and found by them.  May be NULL. */
    td_pixel_map *maps;
    /** Out, for a folder of pictures: their sizes.  Where they differ and \a size is 0,
     *  labels alone are read, depth says so, and height and width are 0; without it
     *  (NULL) such a folder is refused. */
    td_picture_sizes *sizes;
    int size; /**< the square in the middle shrinks to such sides by area
                      averages; 0: images stay as they are                       */
    /** By td_part: lists of pictures, with path and class a line, in place of class
     *  folders; paths start at the data set's folder.  NULL, NULL: none. */
    const char *lists[2];
    bool strict;     /**< a file of a folder of pictures that cannot be read is an
                      error; otherwise it is left out                            */
    bool skip_small; /**< pictures with a side below \a size are left out, too; without
                          it one is an error                              */
    /** Told now and then of images done, by one thread at a time; may be NULL. */
    void (*tell)(const char *what, int64_t done, int64_t total);
    td_data_fault *faults, *last; /**< out: in the order found, owned */
    int64_t fault_count;          /**< out: of those that cannot be read */
    int64_t small_count;          /**< out: of those that are too small  */
} td_data_reading;

/** Read a data set: a taildart HDF5 file, a directory or file of IDX (plain or gzip) or
 *  of CIFAR-10/100 binary files, or a directory of class folders of JPEG and PNG files.
 *  Decodes with the threads of OpenMP.  Not collective (rank 0 calls it).
 *  \param [in,out] how  for td_data_reading_clear, also after an error
 *  \return TD_DATA naming the file and the fix. */
td_status td_dataset_read(td_dataset **dataset, const char *path, td_data_reading *how);

/** Release the list of what was left out.  Not collective. */
void td_data_reading_clear(td_data_reading *how);

/** Read a data set as it is; one warning tells of pictures that were left out.
 *  Not collective (rank 0 calls it).  \return TD_DATA naming the file and the fix. */
td_status td_dataset_open(td_dataset **dataset, const char *path);

/** The same for a purpose.
 *  Not collective.  \return also TD_DATA where the part that it needs is missing */
td_status td_dataset_open_for(td_dataset **dataset, const char *path,
                              td_data_purpose purpose);

/** The same, also of a folder of pictures of several sizes, of which labels alone are
 *  read, so that height and width are 0.
 *  Not collective.  \param [out] sizes  all zero unless pictures were looked at */
td_status td_dataset_open_sizes(td_dataset **dataset, td_picture_sizes *sizes,
                                const char *path, td_data_purpose purpose);

/** Open a data set as a network reads it: padded, sides checked.
 *  Not collective (rank 0 calls it).  \param [in] pad_to  as td_dataset_pad takes it
 *  \return what td_dataset_open_for and td_dataset_pad do */
td_status td_dataset_open_padded(td_dataset **dataset, const char *path, int pad_to,
                                 td_data_purpose purpose);

/** Open a data set whose pixels stay in its file where they lie there as plain bytes
 *  (HDF5, not packed); otherwise maps[part].count is 0 and they are in memory.  All is
 *  checked as by td_dataset_open_padded, with the index that import writes, or by
 *  reading all pixels once.
 *  Not collective (rank 0 calls it).
 *  \param [in,out] maps  (2) all zero, for td_pixel_map_clear, also after an error */
td_status td_dataset_open_mapped(td_dataset **dataset, td_pixel_map *maps,
                                 const char *path, int pad_to, td_data_purpose purpose);

/** Open a data set without its pixels, which are not read (what --dry-run needs):
 *  shapes as of td_dataset_open_padded, labels and names; mean, std and digest as of
 *  td_dataset_inspect.  Not collective (rank 0 calls it).
 *  \param [in,out] maps  as td_dataset_open_mapped takes it, but without checks
 *  \return as td_dataset_open_padded, but for pixels */
td_status td_dataset_open_labels(td_dataset **dataset, td_pixel_map *maps,
                                 const char *path, int pad_to, td_data_purpose purpose);

/** Shapes only: labels and headers are read, pixels are not.
 *  \a mean and \a std are those of an HDF5 file and 0 for the other formats, which do
 *  not store them; the digest is always 0.  Pictures count whose headers are fine.
 *  Not collective.  \return TD_DATA naming the file and the fix. */
td_status td_dataset_inspect(td_data_info *info, const char *path);

/** Whether a file begins as HDF5 files do.  Not collective. */
bool td_data_is_hdf5(const char *path);

/** Whether a file is one of HDF5 that can be opened and holds \a member
 *  ("train/images").
 *  Not collective. */
bool td_data_holds(const char *path, const char *member);

/** Write the HDF5 form, complete or not at all.
 *  Not collective.  \return TD_FAILED naming the file. */
td_status td_dataset_write(const td_dataset *dataset, const char *path);

TD_PUBLIC_END

#endif
