/* Folders of pictures: their files, and which folder is which part. */
#ifndef TD_FORMATS_FOLDER_H
#define TD_FORMATS_FOLDER_H

#include "internal.h"
#include "taildart/pictures.h"

/* ---- files ----------------------------------------------------------------------- */

/* A file of a class folder. */
typedef struct {
    char *name;  /* owned */
    char *fault; /* owned: why it cannot be read, or NULL */
    int32_t label;
    int64_t order; /* in a list */
    int32_t height, width, channels;
    uint8_t turn, odd; /* as td_picture says */
    bool is_small;     /* that is its fault  */
} td_image_file;

/* The files of a part, class by class, each in the order of the bytes of names, which
 * is the same on any file system. */
typedef struct {
    char folder[TD_PATH_BYTES]; /* above the class folders */
    td_image_file *file;        /* (count) owned           */
    int64_t count, room;
    bool is_listed; /* names are paths from the folder on: no class folders */
} td_image_list;

/* Class names (into the data set) and files of both parts; an absent part has none.
 * lists (2) are for td_image_list_clear, also after an error.
 * With purpose TD_DATA_TEST class folders without a part above them are the test part,
 * where a class may be empty.  TD_DATA naming the folder or the file, and the fix. */
td_status td_folder_scan(td_dataset *dataset, const char *folder,
                         td_data_purpose purpose, td_image_list *lists);

/* The same of lists (2, by td_part; NULL: there is no such part), each a text file with
 * path and class of one picture per line; paths start at the folder.  TD_DATA naming
 * list and line, and the fix. */
td_status td_list_scan(td_dataset *dataset, const char *folder,
                       const char *const *lists, td_image_list *files);

/* The path of a file in out (TD_PATH_BYTES). */
void td_image_path(char *out, const td_dataset *dataset, const td_image_list *list,
                   const td_image_file *file);

/* Release what a list holds. */
void td_image_list_clear(td_image_list *list);

/* Set the shape of a data set: one size for all, colour if any file has it; headers of
 * both lists (2) have been read, and one of them holds a file.  how->size: both sides
 * shrink to it; 0: they are as they are, and equal or, with how->sizes, height and
 * width are 0.
 * \return TD_DATA naming the file that does not fit, and the fix */
td_status td_images_take_shape(td_dataset *dataset, const td_image_list *lists,
                               const td_data_reading *how);

/* A NOTE of how many pictures are not read as they are stored, once their shape is
 * taken. */
void td_images_tell_odd(const td_dataset *dataset, const td_image_list *lists);

/* ---- parts ----------------------------------------------------------------------- */

/* Paths of the folders above the class folders of each part ("": there is no such
 * part), and the entries beside them that are not read. */
typedef struct {
    char part[2][TD_PATH_BYTES];
    char unread[TD_ENTRY_BYTES]; /* a validation part beside a test part, or "" */
    td_passed system, beside;
} td_layout;

/* Find the folders of the parts by their names in any case: train, training; test,
 * testing; val, valid, validation where there is no test; else the folder itself holds
 * the classes, for training or, with purpose TD_DATA_TEST, for testing, which needs no
 * training part either.  TD_DATA naming the folder that is neither a part nor a
 * class. */
td_status td_layout_find(td_layout *layout, const char *folder,
                         td_data_purpose purpose);

/* A NOTE of all that is not read as its name says, or not read at all. */
void td_layout_tell(const td_layout *layout, const char *folder);

#endif
