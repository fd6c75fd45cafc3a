/* Folders of pictures: listings, and which folder is which part. */
#ifndef TAILDART_DATA_FOLDER_H
#define TAILDART_DATA_FOLDER_H

#include "pictures.h"

/* ---- listings -------------------------------------------------------------------- */

typedef struct {
    char *name; /* owned */
    bool is_folder;
} td_entry;

/* What a folder holds, in the order of the bytes of names; all zero before. */
typedef struct {
    td_entry *entry; /* (count) owned */
    int64_t count, room;
} td_listing;

/* What was not read: how many, and the first of them. */
typedef struct {
    int64_t count;
    char first[NAME_MAX + 1];
} td_passed;

/* One more that is not read; passed may be NULL. */
void td_passed_add(td_passed *passed, const char *name);

/* A folder's entries; hidden ones and those of file managers are added to passed (NULL:
 * to nothing).  TD_DATA naming the folder; td_listing_clear also then. */
td_status td_listing_read(td_listing *list, const char *folder, td_passed *passed);
void td_listing_clear(td_listing *list);

/* What lies in a folder itself. */
typedef struct {
    bool is_closed; /* it cannot be opened: who reads it says why */
    bool folders, pictures;
    char picture[NAME_MAX + 1]; /* one of them */
} td_holding;
td_holding td_folder_holds(const char *folder);

/* Room for one more of `bytes` each behind `count`. */
void *td_extend(void *block, int64_t count, int64_t *room, size_t bytes);

/* ---- parts ----------------------------------------------------------------------- */

/* Where the class folders of each part are ("": there is no such part), and what lies
 * beside them and is not read. */
typedef struct {
    char part[2][TD_PATH_BYTES];
    char unread[NAME_MAX + 1]; /* a validation part beside a test part, or "" */
    td_passed system, beside;
} td_layout;

/* Which folders are the parts, by their names in any case: train, training; test,
 * testing; val, valid, validation where there is no test; else the folder itself holds
 * the classes, for training or, with purpose TD_DATA_TEST, for testing, which needs no
 * training part either.  TD_DATA naming the folder that is neither a part nor a
 * class. */
td_status td_layout_find(td_layout *layout, const char *folder,
                         td_data_purpose purpose);

/* A NOTE of all that is not read as its name says, or not read at all. */
void td_layout_tell(const td_layout *layout, const char *folder);

#endif
