/** Floor 3: HDF5 files read, trusting nothing that they say of themselves.
 *
 *  The one door through which the program reads HDF5, data sets and checkpoints alike.
 *  What libhdf5 reads carelessly, or would fetch from elsewhere, is refused by its name
 *  before libhdf5 reads it: strings and lists of variable length (one changed byte
 *  makes its heap reader hang or crash), external links, external raw files, virtual
 *  data sets, references, types that are no plain numbers or texts, arrays that were
 *  never written, sizes that the bytes of the file cannot hold.
 *
 *  The first refusal is kept and what follows does nothing, so that lists of what is
 *  read stay free of error handling; `ok` is asked at the end.
 */
#ifndef TAILDART_HDF5_H
#define TAILDART_HDF5_H

#include <hdf5.h>

#include "taildart/base.h"

TD_PUBLIC_BEGIN

/** What is known of the metadata of a file. */
typedef struct td_meta td_meta;

/** A file open for reading. */
typedef struct {
    hid_t file;
    td_meta *meta;     /**< owned                                           */
    const char *path;  /**< stands for it in messages, borrowed             */
    uint64_t bytes;    /**< of the whole file: no array in it can be larger */
    td_status refusal; /**< of every error: TD_DATA or TD_CHECKPOINT        */
    bool ok;           /**< false since the first refusal                   */
} td_h5;

/** An array (dataset) of plain numbers or of strings of fixed length. */
typedef struct {
    hid_t set;   /**< open; -1 after a refusal                      */
    uint64_t at; /**< where the file has its header                 */
    const char *name;
    H5T_class_t kind; /**< H5T_INTEGER, H5T_FLOAT or H5T_STRING          */
    size_t size;      /**< bytes of an element                           */
    bool is_signed;
    int rank; /**< 0: a single element                           */
    hsize_t dims[H5S_MAX_RANK];
    uint64_t count; /**< elements; count·size does not overflow        */
} td_h5_array;

/** Open a file without locking it: another program may hold it, its file system may
 *  know no locks.
 *  Not collective.  \param [in] refusal  code of all errors of this file
 *  \return false after a refusal that tells missing, not permitted, no regular file,
 *  locked, too new, not HDF5 and damaged apart; td_h5_close is due in any case */
bool td_h5_open(td_h5 *h5, const char *path, td_status refusal);

/** Open a copy of \a n bytes in memory.  Not collective.  \return as td_h5_open */
bool td_h5_open_bytes(td_h5 *h5, const void *bytes, size_t n, const char *path,
                      td_status refusal);

/** Close it.  Not collective. */
void td_h5_close(td_h5 *h5);

/** Record what is wrong with \a name, once: "path: name: …".  Not collective. */
void td_h5_refuse(td_h5 *h5, const char *name, const char *format, ...) TD_PRINTF(3, 4);

/* ---- groups ------------------------------------------------------------------ */

/** Whether there is a link of this path, wherever it leads.  Not collective. */
bool td_h5_has(td_h5 *h5, const char *name);

/** Members of a group.  Not collective.  \return 0 after a refusal */
size_t td_h5_members(td_h5 *h5, const char *group);

/** Name of the i-th member, in the order of writing where that was recorded, otherwise
 *  of their names.  Not collective.  \param [out] name (room); "" after a refusal */
void td_h5_member(td_h5 *h5, const char *group, size_t i, char *name, size_t room);

/* ---- arrays ------------------------------------------------------------------ */

/** Open an array and look at all that makes it safe to allocate and to read.
 *  Not collective.  \param [out] array  for td_h5_array_close in any case
 *  \return whether it can be read */
bool td_h5_array_open(td_h5 *h5, td_h5_array *array, const char *name);

/** Read all elements as \a type.  Not collective.  \param [out] out (count) */
void td_h5_array_read(td_h5 *h5, const td_h5_array *array, hid_t type, void *out);

/** Close it, opened or refused.  Not collective. */
void td_h5_array_close(td_h5_array *array);

/** Its type and shape for people: "float32 [60000,10]".  Not collective. */
void td_h5_array_write(char out[128], const td_h5_array *array);

/* ---- texts and attributes ---------------------------------------------------- */

/** A text: one string of fixed length or a list of bytes.
 *  Not collective.  \return for td_free; NULL after a refusal */
char *td_h5_text(td_h5 *h5, const char *name);

/** A string of fixed length for each of \a count things.  Not collective.
 *  \param [in] each  such a thing, in messages
 *  \param [out] rows (count, room) each ends in a 0 */
void td_h5_texts(td_h5 *h5, const char *name, const char *each, uint64_t count,
                 char *rows, size_t room);

/** Whether the file has an attribute of this name.  Not collective. */
bool td_h5_has_attribute(td_h5 *h5, const char *name);

/** A whole number.  Not collective.  \return 0 after a refusal */
int64_t td_h5_attribute_integer(td_h5 *h5, const char *name);

/** A number for each of \a count things.  Not collective.
 *  \param [in] each  such a thing, in messages  \param [out] out (count) */
void td_h5_attribute_reals(td_h5 *h5, const char *name, const char *each, int count,
                           double *out);

/** A string of fixed length.  Not collective.  \return for td_free; NULL after a
 *  refusal */
char *td_h5_attribute_text(td_h5 *h5, const char *name);

TD_PUBLIC_END

#endif
