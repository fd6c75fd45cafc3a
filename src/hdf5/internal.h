/* What the files that read HDF5 share. */
#ifndef TD_HDF5_INTERNAL_H
#define TD_HDF5_INTERNAL_H

#include <stdio.h>

#include "taildart/hdf5.h"

/* The object at the end of a path of hard links, or of soft ones within the file; for
 * H5Oclose, -1 after a refusal. */
hid_t td_h5_object_open(td_h5 *h5, const char *name);

/* Check the first block and the root group, before libhdf5 reads them.  file: taken
 * over; or NULL, and image is a copy in memory.  For td_meta_close in any case. */
bool td_meta_open(td_h5 *h5, FILE *file, const void *image);

/* Check the object at this address and, of a group, what leads to its members.  name:
 * for messages, NULL for the file.  Checked once. */
bool td_meta_check(td_h5 *h5, uint64_t at, const char *name);

void td_meta_close(td_h5 *h5);

/* The object that was opened last. */
uint64_t td_meta_object_at(const td_h5 *h5);

/* Whether the packed chunks of an array unpack to what they have to, no less and no
 * more: HDF5 reads on behind a chunk that is too short. */
bool td_meta_check_packed(td_h5 *h5, uint64_t object, const char *name);

/* ---- hdf5_refuse.c --------------------------------------------------------------- */

void td_h5_refuse_being_written(td_h5 *h5);

/* Right after H5Fopen has failed: the next call forgets why. */
void td_h5_refuse_to_open(td_h5 *h5);

/* Right after a call of HDF5 that failed: refuse name with HDF5's own words. */
void td_h5_refuse_damaged(td_h5 *h5, const char *name);

/* "float32", "string of variable length", for people. */
void td_h5_type_write(char out[64], hid_t type);

/* Whether type is a plain number or a string of fixed length, or else why not and, for
 * what h5py writes by itself, the mend; mend is a line of h5py for such strings. */
bool td_h5_type_check(td_h5 *h5, const char *name, hid_t type, const char *mend);

/* A text of n bytes that need not end in a 0, for td_free. */
char *td_h5_take_text(const char *bytes, size_t n);

#endif
