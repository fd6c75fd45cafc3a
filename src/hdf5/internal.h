/* Functions shared by the files of this room. */
#ifndef TD_HDF5_INTERNAL_H
#define TD_HDF5_INTERNAL_H

#include <stdio.h>

#include "taildart/hdf5.h"

/* Open the object at the end of a path of hard links, or of soft ones within the file;
 * for H5Oclose, -1 after a refusal. */
hid_t td_h5_object_open(td_h5 *h5, const char *name);

/* Check the superblock and the root group, before libhdf5 reads them.  file: closed by
 * td_meta_close; or NULL, and file_image holds the file's bytes, borrowed.
 * td_meta_close is due in any case. */
bool td_meta_open(td_h5 *h5, FILE *file, const void *file_image);

/* Check, once, the object at this address and, of a group, the structures that lead to
 * its members.  name: for messages, NULL for the file. */
bool td_meta_check(td_h5 *h5, uint64_t at, const char *name);

void td_meta_close(td_h5 *h5);

/* The address of the object that was checked last. */
uint64_t td_meta_object_address(const td_h5 *h5);

/* Check that each packed chunk of an array unpacks to its exact size: HDF5 reads beyond
 * the end of a chunk that is too short. */
bool td_meta_check_packed(td_h5 *h5, uint64_t object, const char *name);

/* ---- refuse.c, type.c, text.c ---------------------------------------------------- */

/* Refuse a file that another program has open for writing. */
void td_h5_refuse_being_written(td_h5 *h5);

/* Refuse the file right after H5Fopen has failed: the next call clears the reason. */
void td_h5_refuse_to_open(td_h5 *h5);

/* Refuse name with HDF5's message, right after a call of HDF5 that failed. */
void td_h5_refuse_damaged(td_h5 *h5, const char *name);

/* Describe a type: "float32", "string of variable length". */
void td_h5_type_write(char out[64], hid_t type);

/* Check that type is a plain number or a string of fixed length; refuse others with the
 * reason and, for h5py's default strings, with fix: a line of h5py that mends them. */
bool td_h5_type_check(td_h5 *h5, const char *name, hid_t type, const char *fix);

#endif
