/* Texts of variable length, of checkpoints that an earlier taildart wrote: read without
 * HDF5's own reader of them, which damage makes crash. */
#ifndef TD_CHECKPOINT_OLD_TEXT_H
#define TD_CHECKPOINT_OLD_TEXT_H

#include <hdf5.h>

#include "taildart/base.h"

/* The text of an attribute of the file, for td_free; NULL where there is none of
 * variable length, or a damaged one.  bytes: the whole file. */
char *td_old_attribute(const uint8_t *bytes, size_t n, const char *name);

/* The same of an array with one text; file: those bytes, open, in which name leads
 * through no other file. */
char *td_old_text(const uint8_t *bytes, size_t n, hid_t file, const char *name);

#endif
