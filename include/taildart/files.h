/** Floor 2: files and folders as people give them: opened, unpacked, listed, and known
 *  for what they are when they are no data set. */
#ifndef TAILDART_FILES_H
#define TAILDART_FILES_H

#include <stdio.h>

#include "taildart/base.h"

TD_PUBLIC_BEGIN

enum {
    TD_PATH_BYTES = 4096, /**< PATH_MAX, which C alone does not know */
    TD_ENTRY_BYTES = 256, /**< NAME_MAX and a 0                      */
    TD_FAULT_BYTES = 256  /**< a reason in words, its 0 with it */
};

/* ---- one file ---------------------------------------------------------------- */

/** Open a file of a data set for reading.
 *  Not collective.  \param [out] size  in bytes; NULL: not wanted
 *  \return TD_DATA naming path and reason */
td_status td_data_file_open(FILE **file, const char *path, int64_t *size);

/** Put "folder/name" together, cut if it is longer.
 *  Not collective.  \param [out] out (TD_PATH_BYTES)
 *  \return false where it is known not to exist: what may not be looked at counts as
 *  there */
bool td_path_join(char *out, const char *folder, const char *name);

/** A file that is plain or compressed by gzip, read from its beginning. */
typedef struct td_packed td_packed;

/** Open one; \a path is borrowed.
 *  Not collective.  \param [out] packed  for td_packed_close, also after an error
 *  \return TD_DATA naming path and reason */
td_status td_packed_open(td_packed **packed, const char *path);

/** Read on.  Fewer bytes than n come only at the end; the end is reached, and the
 *  checksum compared, when a read gives fewer.
 *  Not collective.  \param [out] out (n)  \param [out] got  bytes that came
 *  \return TD_DATA naming path and reason */
td_status td_packed_read(td_packed *packed, uint8_t *out, size_t n, size_t *got);

/** Close it; NULL is fine.  Not collective. */
void td_packed_close(td_packed *packed);

/* ---- archives ---------------------------------------------------------------- */

/** A file out of an archive. */
typedef struct {
    char name[TD_ENTRY_BYTES]; /**< without folders                              */
    FILE *file;                /**< owned, at its beginning; it has no name on disk;
                                    who takes it leaves NULL; so does a listed one */
    int64_t bytes;
} td_member;

typedef struct {
    td_member *member; /**< (count) owned */
    int64_t count, room;
} td_members;

/** What becomes of the files of a name: passed over, listed with their size alone, or
 *  unpacked.  \return the most bytes that are unpacked, or one of these */
typedef int64_t td_tar_most(const char *name);
enum { TD_TAR_IGNORED = -2, TD_TAR_LISTED = -1 };

/** Read files out of a tar archive, plain or compressed by gzip, by the last part of
 *  their names, whatever folders stand before it.  What is unpacked lies in TMPDIR (or
 *  /tmp) until it is closed, without a name.
 *  Not collective.  \param [out] out  for td_members_clear, also after an error
 *  \return TD_DATA naming the archive, of one that is damaged, has a name twice
 *  or a file of more bytes than \a most_of allows;
 *  TD_FAILED where there is no room for temporary files */
td_status td_tar_read(td_members *out, const char *path, td_tar_most *most_of);

/** The member of a name, NULL where there is none.  Not collective. */
td_member *td_member_find(const td_members *members, const char *name);

/** Close what nobody took.  Not collective. */
void td_members_clear(td_members *members);

/** Whether a file begins as a tar archive does, behind gzip or not.
 *  Not collective. */
bool td_tar_is_one(const char *path);

/* ---- what is no data set ----------------------------------------------------- */

/** Say what is often taken for a data set, by its first bytes, with what to do about
 *  it: "a ZIP archive: unpack it …".  Any thread.
 *  Not collective.  \return NULL where nothing is known */
const char *td_foreign_bytes(const uint8_t *start, size_t n);

/** Say the same of a file, also by its name and by what gzip compressed.
 *  Not collective.  \return NULL where nothing is known */
const char *td_foreign_file(const char *path);

/* ---- folders ----------------------------------------------------------------- */

/** One entry of a folder. */
typedef struct {
    char *name; /**< owned */
    bool is_folder;
} td_entry;

/** The entries of a folder, in the order of the bytes of names, which is the same on
 *  any file system; all zero before. */
typedef struct {
    td_entry *entry; /**< (count) owned */
    int64_t count, room;
} td_listing;

/** Entries that were passed over: their number, and the first of them. */
typedef struct {
    int64_t count;
    char first[TD_ENTRY_BYTES];
} td_passed;

/** Count one more that is not read; \a passed may be NULL.  Not collective. */
void td_passed_add(td_passed *passed, const char *name);

/** List a folder's entries; hidden ones and those of file managers are added to
 *  \a passed (NULL: to nothing).
 *  Not collective.  \param [out] list  for td_listing_clear, also after an error
 *  \return TD_DATA naming the folder */
td_status td_listing_read(td_listing *list, const char *folder, td_passed *passed);

/** Release what a listing holds.  Not collective. */
void td_listing_clear(td_listing *list);

/** The kinds of entries of a folder, without those of folders below. */
typedef struct {
    bool is_closed;            /**< it cannot be opened: who reads it says why */
    bool folders, wanted;      /**< whether it holds folders, files of such names */
    char name[TD_ENTRY_BYTES]; /**< one of these files */
} td_holding;

/** Look into a folder as far as it takes to know.
 *  Not collective.  \param [in] is_wanted  whether a name is one that is sought */
td_holding td_folder_holds(const char *folder, bool (*is_wanted)(const char *name));

/** Make room for one more of \a bytes each behind \a count.
 *  Not collective.  \return the block, moved or not */
void *td_extend(void *block, int64_t count, int64_t *room, size_t bytes);

TD_PUBLIC_END

#endif
