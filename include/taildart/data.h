/** Floor 3: data sets in memory.
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

/** A data set without its pixels: sizes and statistics; plain bytes, so that rank 0 can
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

/** An open data set; pixels in memory, where they were read. */
typedef struct {
    td_data_info info;
    char source[1024];          /**< what it was read from            */
    td_class_name *class_names; /**< (classes) owned, without newlines */
    uint8_t *images[2]; /**< by td_part: (count, height, width, channels), owned;
                           NULL where they were not read                    */
    int32_t *labels[2]; /**< by td_part: (count), owned                          */
} td_dataset;

/** Release a data set; NULL is fine.  Not collective. */
void td_dataset_free(td_dataset *dataset);

/** Bytes of one image, which are as many numbers.  Not collective. */
size_t td_image_bytes(const td_data_info *info);

/** Put an image into the middle of a larger one of zeros, as td_dataset_pad does.
 *  Not collective.  \param [out] out (shape of to)  \param [in] image (shape of
 *  from) */
void td_image_pad(uint8_t *out, const td_data_info *to, const uint8_t *image,
                  const td_data_info *from);

/** Pad the images of both parts with raw zeros, as many before as behind (one more
 *  behind where the difference is odd).  Mean, deviation and digest stay those of the
 *  source.  Not collective.  \param [in] side  0 leaves all as it is
 *  \return TD_USAGE naming data.pad_to and \a path where an image is larger */
td_status td_dataset_pad(td_dataset *dataset, const char *path, int side);

/** "cat (1), dog (0) and 3 more": the classes with fewer than \a below images, by name
 *  (by number where \a dataset is NULL), with their counts.  Not collective.
 *  \param [in] counts  (classes)  \return for td_free; NULL where there is none */
char *td_class_list(const td_dataset *dataset, const int64_t *counts, int classes,
                    int64_t below);

/** Images of each class.  Not collective.  \param [out] counts  (classes) */
void td_class_counts(const int32_t *labels, int64_t n, int classes, int64_t *counts);

TD_PUBLIC_END

#endif
