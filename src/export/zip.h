/* A zip archive of files that are not packed, each of which begins at a multiple of 64
 * bytes, so that programs can map their numbers. */
#ifndef TD_EXPORT_ZIP_H
#define TD_EXPORT_ZIP_H

#include "taildart/base_bytes.h"

/* What the fields of the format can count, without its extension to 64 bits. */
enum { TD_ZIP_FILES = 65535 };
#define TD_ZIP_BYTES UINT32_MAX

typedef struct {
    td_text *file;
    td_text directory; /* that stands behind the files */
    int files;
} td_zip;

/* Append a file. */
void td_zip_put(td_zip *zip, const char *name, const td_text *content);

/* Append the directory: the archive is whole. */
void td_zip_finish(td_zip *zip);

#endif
