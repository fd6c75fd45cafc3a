/** Floor 3: HDF5 files, read without trust.
 *
 *  The one reader of HDF5, for data sets and checkpoints.  Forms that libhdf5 reads
 *  carelessly, or would fetch from other files, are refused with their name before
 *  libhdf5 reads them: strings and lists of variable length (one changed byte
 *  makes its heap reader hang or crash), external links, external raw files, virtual
 *  data sets, references, types other than plain numbers and strings, arrays that were
 *  never written, sizes that the bytes of the file cannot hold.
 *
 *  The first refusal is kept and later calls do nothing, so that a sequence of reads
 *  needs no error handling; `ok` is checked at the end.
 */
#ifndef TAILDART_HDF5_H
#define TAILDART_HDF5_H

#include <hdf5.h>

#include "taildart/base.h"

TD_PUBLIC_BEGIN

/** Metadata of a file that has been checked. */
typedef struct td_meta td_meta;

/** A file open for reading. */
typedef struct {
    hid_t file;
    td_meta *meta;     /**< owned                                           */
    const char *path;  /**< its name in messages, borrowed                  */
    uint64_t bytes;    /**< of the whole file: no array in it can be larger */
    td_status refusal; /**< of every error: TD_DATA or TD_CHECKPOINT        */
    bool ok;           /**< false since the first refusal                   */
} td_h5;

/** An array (dataset) of plain numbers or of strings of fixed length. */
typedef struct {
    hid_t set;   /**< open; -1 after a refusal                      */
    uint64_t at; /**< address of its header in the file             */
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
 *  \return false after a refusal that distinguishes missing, not permitted, no regular
 *  file, locked, too new, not HDF5 and damaged; td_h5_close is due in any case */
bool td_h5_open(td_h5 *h5, const char *path, td_status refusal);

/** Open a copy of \a n bytes in memory.  Not collective.  \return as td_h5_open */
bool td_h5_open_bytes(td_h5 *h5, const void *bytes, size_t n, const char *path,
                      td_status refusal);

/** Close it.  Not collective. */
void td_h5_close(td_h5 *h5);

/** Record an error of \a name, the first only: "path: name: …".  Not collective. */
void td_h5_refuse(td_h5 *h5, const char *name, const char *format, ...) TD_PRINTF(3, 4);

/* ---- groups ------------------------------------------------------------------ */

/** Whether there is a link of this path, even one that leads nowhere.
 *  Not collective. */
bool td_h5_has(td_h5 *h5, const char *name);

/** Count the members of a group.  Not collective.  \return 0 after a refusal */
size_t td_h5_members(td_h5 *h5, const char *group);

/** Write the name of the i-th member, in the order of writing where that was recorded,
 *  otherwise of their names.
 *  Not collective.  \param [out] name (capacity); "" after a refusal */
void td_h5_member(td_h5 *h5, const char *group, size_t i, char *name, size_t capacity);

/* ---- arrays ------------------------------------------------------------------ */

/** Open an array and check all that makes it safe to allocate and to read.
 *  Not collective.  \param [out] array  for td_h5_array_close in any case
 *  \return whether it can be read */
bool td_h5_array_open(td_h5 *h5, td_h5_array *array, const char *name);

/** Read all elements as \a type.  Not collective.  \param [out] out (count) */
void td_h5_array_read(td_h5 *h5, const td_h5_array *array, hid_t type, void *out);

/** Close it, opened or refused.  Not collective. */
void td_h5_array_close(td_h5_array *array);

/** Describe type and shape: "float32 [60000,10]".  Not collective. */
void td_h5_array_write(char out[128], const td_h5_array *array);

/** Where the rows of an array, along its first dimension, lie as plain bytes. */
typedef struct {
    int64_t each, pieces; /**< rows of a piece; the last piece may have fewer */
    uint64_t *at;         /**< (pieces) owned: first bytes in the file        */
} td_h5_plain;

/** Find it: of an array in one piece, or in unpacked chunks of whole rows.
 *  Not collective.  \param [out] plain  its array is for td_free
 *  \return false where they do not lie so */
bool td_h5_plain_find(const td_h5 *h5, const td_h5_array *array, td_h5_plain *plain);

/* ---- texts and attributes ---------------------------------------------------- */

/** Read a text: one string of fixed length or a list of bytes.
 *  Not collective.  \return for td_free; NULL after a refusal */
char *td_h5_text(td_h5 *h5, const char *name);

/** Read \a count strings of fixed length.  Not collective.
 *  \param [in] each  the noun that each string names, for messages
 *  \param [out] rows (count, capacity) each ends in a 0 */
void td_h5_texts(td_h5 *h5, const char *name, const char *each, uint64_t count,
                 char *rows, size_t capacity);

/** Whether the file has an attribute of this name.  Not collective. */
bool td_h5_has_attribute(td_h5 *h5, const char *name);

/** Read a whole number.  Not collective.  \return 0 after a refusal */
int64_t td_h5_attribute_integer(td_h5 *h5, const char *name);

/** Read \a count numbers.  Not collective.
 *  \param [in] each  the noun that each belongs to, for messages
 *  \param [out] out (count) */
void td_h5_attribute_reals(td_h5 *h5, const char *name, const char *each, int count,
                           double *out);

/** Read a string of fixed length.  Not collective.  \return for td_free; NULL after a
 *  refusal */
char *td_h5_attribute_text(td_h5 *h5, const char *name);

TD_PUBLIC_END

#endif
