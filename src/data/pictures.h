/* Picture files, and folders of them: what the files of this part share. */
#ifndef TAILDART_DATA_PICTURES_H
#define TAILDART_DATA_PICTURES_H

#include "internal.h"

enum { TD_MAX_PICTURE_SIDE = 16384 };

/* ---- one file -------------------------------------------------------------------- */

/* What is known of a JPEG or PNG file; all zero before it was looked at. */
typedef struct {
    int height, width;
    int channels;               /* 1 grey, 3 colour                              */
    bool loses;                 /* 16 bits become 8, or transparency is dropped  */
    char fault[TD_FAULT_BYTES]; /* why a read gave false: no path, no full stop  */
} td_picture;

/* Whether a name ends as those of JPEG and PNG files do. */
bool td_picture_is_name(const char *name);

/* The shape from a file's header.  Any thread.  false with picture->fault. */
bool td_picture_look(td_picture *picture, const char *path);

/* Pixels (height, width, channels) of a file that was looked at; grey is widened where
 * channels is 3.  Any thread.  false with picture->fault, and pixels undefined. */
bool td_picture_read(td_picture *picture, const char *path, int channels,
                     uint8_t *pixels);

/* The codecs: both of the above (pixels NULL: the header alone) from an open file. */
bool td_jpeg_read(FILE *file, td_picture *picture, int channels, uint8_t *pixels);
bool td_png_read(FILE *file, td_picture *picture, int channels, uint8_t *pixels);

/* What a header says: kept at the first look, compared when pixels are read.
 * most: pixels that a file of this size can hold, so that a header alone cannot ask for
 * memory. */
bool td_picture_take(td_picture *picture, int64_t height, int64_t width, int channels,
                     int64_t most);

/* Bytes of an open file. */
int64_t td_picture_bytes(FILE *file);

/* ---- shrinking ------------------------------------------------------------------- */

/* Area averages, exact, half a step rounded up: out (size, size, channels) of
 * in (height, width, channels), whose sides are size or more.  Any thread. */
void td_shrink(uint8_t *out, int size, const uint8_t *in, const td_picture *shape);

/* Both parts of a data set to size x size, and its mean and deviation anew.
 * TD_DATA naming the data set where its sides are smaller. */
td_status td_shrink_dataset(td_dataset *dataset, int size);

/* ---- folders --------------------------------------------------------------------- */

/* A file of a class folder. */
typedef struct {
    char *name;  /* owned */
    char *fault; /* owned: why it cannot be read, or NULL */
    int32_t label;
    int32_t height, width, channels;
    bool loses; /* as td_picture says */
} td_image_file;

/* The files of a part, class by class, each in the order of the bytes of names, which
 * is the same on any file system. */
typedef struct {
    char folder[TD_PATH_BYTES]; /* above the class folders */
    td_image_file *file;        /* (count) owned           */
    int64_t count, room;
} td_image_list;

/* Class names (into the data set) and files of both parts; an absent part has none.
 * lists (2) are for td_image_list_clear, also after an error.
 * With purpose TD_DATA_TEST class folders without a part above them are the test part,
 * where a class may be empty.  TD_DATA naming the folder or the file, and the mend. */
td_status td_folder_scan(td_dataset *dataset, const char *folder,
                         td_data_purpose purpose, td_image_list *lists);

/* The path of a file in out (TD_PATH_BYTES). */
void td_image_path(char *out, const td_dataset *dataset, const td_image_list *list,
                   const td_image_file *file);

/* Release what a list holds. */
void td_image_list_clear(td_image_list *list);

#endif
