/* HDF5 files in memory, as checkpoints need them: arrays, texts and integer attributes.
 *
 * Both sides keep the first failure and then do nothing, so that the lists of what is
 * written and read stay free of error handling; `ok` is asked at the end.
 */
#ifndef TD_CHECKPOINT_IMAGE_H
#define TD_CHECKPOINT_IMAGE_H

#include <hdf5.h>

#include "taildart/base.h"
#include "taildart/hdf5.h"

enum { TD_IMAGE_RANK = 4, TD_IMAGE_NAME = 192 };

typedef enum { TD_IMAGE_REAL, TD_IMAGE_DOUBLE, TD_IMAGE_INT64 } td_image_type;

/* Name, type and shape of a dataset; rank 0 is a single number. */
typedef struct {
    char name[TD_IMAGE_NAME];
    td_image_type type;
    int rank;
    hsize_t dims[TD_IMAGE_RANK];
} td_image_array;

/* What is being written or read. */
typedef struct {
    hid_t file, create; /* writing: the file, properties of every dataset        */
    td_h5 h5;           /* reading                                               */
    size_t bytes;       /* reading: of the whole image; nothing in it can be larger */
    bool ok;
    const uint8_t *old; /* reading: the bytes of a file of before texts had a fixed
                           length, borrowed; NULL of any other                    */
} td_image;

/* Numbers in an array of this shape. */
size_t td_image_count(const td_image_array *array);

/* How HDF5 calls the numbers of this type in our memory. */
hid_t td_image_memory_type(td_image_type type);

/* ---- writing ----------------------------------------------------------------- */

/* An empty file in memory. */
void td_image_new(td_image *image);

/* A group whose members keep the order in which they came. */
void td_image_put_group(td_image *image, const char *name);
void td_image_put_array(td_image *image, const td_image_array *array, const void *data);
void td_image_put_text(td_image *image, const char *name, const char *text);

/* Attributes of the file, the last of a few numbers. */
void td_image_put_integer(td_image *image, const char *name, int64_t value);
void td_image_put_word(td_image *image, const char *name, const char *text);
void td_image_put_numbers(td_image *image, const char *name, int n,
                          const double *values);

/* Close and hand out the bytes for td_free, NULL if anything failed. */
void *td_image_finish(td_image *image, size_t *n);

/* ---- reading ----------------------------------------------------------------- */

/* Open \a n bytes; \a path stands for them in messages. */
void td_image_open(td_image *image, const void *bytes, size_t n, const char *path);
void td_image_close(td_image *image);

/* Record what is wrong with \a name, once. */
void td_image_refuse(td_image *image, const char *name, const char *what);

/* Members of a group, and the name of the i-th in the order of their writing. */
size_t td_image_members(td_image *image, const char *group);
void td_image_member(td_image *image, const char *group, size_t i, char *name,
                     size_t room);

/* Whether there is something of this name. */
bool td_image_has(td_image *image, const char *name);

/* Rank and dims of array->name, whatever they are; its type has to be array->type. */
void td_image_get_shape(td_image *image, td_image_array *array);

/* Whether a shape is that of its like; a refusal otherwise. */
bool td_image_is_alike(td_image *image, const td_image_array *array,
                       const td_image_array *like);

/* The numbers of an array that has to have exactly this type and shape. */
void td_image_get_array(td_image *image, const td_image_array *array, void *data);

/* A text for td_free; NULL after a failure. */
char *td_image_get_text(td_image *image, const char *name);
int64_t td_image_get_integer(td_image *image, const char *name);
char *td_image_get_word(td_image *image, const char *name);

/* The numbers of an attribute that has to have n. */
void td_image_get_numbers(td_image *image, const char *name, int n, double *values);

/* Whether the file has an attribute of this name. */
bool td_image_has_attribute(td_image *image, const char *name);

#endif
