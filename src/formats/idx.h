/* IDX files: which of a folder belong together, and reading one of them. */
#ifndef TD_FORMATS_IDX_H
#define TD_FORMATS_IDX_H

#include "internal.h"

typedef enum { TD_IDX_IMAGES, TD_IDX_LABELS } td_idx_kind;

/* The files of one data set; "" where there is none. */
typedef struct {
    char path[2][2][TD_PATH_BYTES]; /* by td_part and td_idx_kind */
    char names[TD_PATH_BYTES];      /* EMNIST's emnist-….-mapping.txt, or "" */
    bool is_transposed;             /* EMNIST's: rows are columns, as its names tell */
} td_idx_files;

/* The files beside a file, or those of a folder.  TD_DATA naming the file that is
 * missing, or the data sets of a folder with several. */
td_status td_idx_find(td_idx_files *files, const char *path);

/* A file under way, its header read. */
typedef struct {
    td_packed *file;
    const char *path; /* borrowed */
    int64_t size[3];  /* images: count, height, width; labels: count */
} td_idx_file;

/* Open and read the header.  td_packed_close(file) also after an error, which names
 * what was found, what is accepted and the fix. */
td_status td_idx_begin(td_idx_file *idx, const char *path, td_idx_kind kind);

/* Exactly `bytes` bytes for td_free, up to the end of the file. */
td_status td_idx_bytes(td_idx_file *idx, size_t bytes, uint8_t **out);

#endif
