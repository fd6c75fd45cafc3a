/* A network that is to be exported: its tensors by the names of a state_dict, and what
 * else other programs have to know. */
#ifndef TD_EXPORT_NETWORK_H
#define TD_EXPORT_NETWORK_H

#include "taildart/base_bytes.h"
#include "taildart/checkpoint.h"

/* One tensor, OIHW, without padded channels; numbers are borrowed. */
typedef struct {
    char name[TD_NAME_BYTES + 16]; /* running statistics have words behind a name */
    int rank, dims[4];
    size_t count;
    const td_real *data;
} td_export_tensor;

/* The head of every kind, with one branch or two, becomes a matrix and a bias behind
 * the features of the cells: logits = matrix·x + bias. */
typedef struct {
    int classes, features;
    td_real *matrix, *bias; /* (classes, features), (classes); owned */
    bool divides;           /* x has been divided by its norm */
} td_export_head;

typedef struct {
    const char *path;     /* of the checkpoint, borrowed */
    td_checkpoint *saved; /* owned */
    td_net_spec spec;
    td_genotype genotype; /* spec points to it */
    td_class_name *names; /* (classes) owned */
    td_export_head head;
    td_export_tensor *tensors; /* (count) owned */
    int count;
    size_t numbers; /* of all tensors together */
} td_exported;

/* open.c: read it; for td_exported_clear in any case. */
td_status td_exported_open(td_exported *e, const char *path);
void td_exported_clear(td_exported *e);

/* The tensor of a name, which there is. */
const td_export_tensor *td_exported_find(const td_exported *e, const char *name);

/* head.c: make it of what the checkpoint holds. */
void td_export_head_make(td_export_head *head, const td_exported *e);

/* A format: a row of export.c and a file. */
typedef struct {
    const char *name, *ending, *what; /* "pytorch", "pt", "file of PyTorch" */
    bool is_whole; /* from pixels to logits: nothing is left to tell */

    /* Whether a file is one that an export has written; it may then be replaced. */
    bool (*is_own)(const char *path);

    /* Why the format does not hold a network; NULL: it may hold all. */
    td_status (*check)(const td_exported *e);

    /* The whole file.  \param [out] file  starts empty */
    td_status (*write)(td_text *file, const td_exported *e);
} td_export_format;

extern const td_export_format td_export_pytorch, td_export_onnx, td_export_hdf5;

/* ---- bytes.c: numbers as files have them ----------------------------------------- */

/* float32, little endian. */
void td_bytes_put_reals(td_text *to, const td_real *reals, size_t count);

/* Whether the file has these bytes at that place. */
bool td_bytes_are_at(const char *path, int64_t at, const char *bytes, size_t count);

#endif
