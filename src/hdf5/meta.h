/* HDF5's metadata, checked by ourselves before libhdf5 reads it.
 *
 * libhdf5 follows lengths and addresses of a file almost unchecked: a changed byte
 * makes it read and write beyond its buffers, or never end.  So the structures on the
 * way to what is read are checked here first, as the "HDF5 File Format Specification"
 * gives them: each lies in the file, none over another, each length fits into what
 * holds it, names end in a 0, depths have an end.  The forms
 * checked here are those that HDF5 and h5py write by default; others are refused by
 * name. */
#ifndef TD_HDF5_META_H
#define TD_HDF5_META_H

#include <stdio.h>

#include "internal.h"

#define TD_META_NOWHERE UINT64_MAX /* HDF5's undefined address */

enum { TD_META_RANK = 32, TD_META_TEXT = 96 };

/* Bytes yet to be taken; ok: false after taking more than there were. */
typedef struct {
    const uint8_t *at;
    uint64_t left;
    bool ok;
} td_cursor;

/* Take a little-endian number of 1 to 8 bytes; 0 beyond the end. */
uint64_t td_cursor_take(td_cursor *c, int bytes);

/* Take the next n bytes, as a cursor of their own. */
td_cursor td_cursor_cut(td_cursor *c, uint64_t n);

/* Take a text that ends in a 0, with the 0.  \return whether there is one */
bool td_cursor_text(td_cursor *c);

typedef struct {
    uint64_t at, bytes;
} td_meta_span;

enum { TD_META_FILTERS = 4 };

/* A chunk of an array that filters have packed. */
typedef struct {
    uint64_t object, at, packed, bytes; /* bytes: what it has to unpack to */
    uint64_t mask;                      /* of filters left out             */
    uint8_t filters[TD_META_FILTERS];   /* in the order of packing, then 0 */
} td_meta_packed;

/* The root's members as the superblock has them. */
typedef struct {
    bool is_known;
    uint64_t tree, heap;
} td_meta_root;

/* Half of the most that a node of a tree holds. */
typedef struct {
    unsigned entries, children, chunks;
} td_meta_halves;

struct td_meta {
    td_h5 *h5;
    const char *name; /* of what is being opened, in messages         */
    FILE *file;       /* or else:                                     */
    const uint8_t *file_image;
    uint64_t end;        /* of the file, as its superblock says          */
    td_meta_span *spans; /* taken by structures, sorted                  */
    size_t num_spans, capacity_spans;
    uint64_t *objects; /* addresses of valid headers, sorted           */
    size_t num_objects, capacity_objects;
    uint8_t **blocks; /* read for the object being checked            */
    size_t num_blocks, capacity_blocks;
    td_meta_packed *packed; /* chunks of the objects checked, one after another */
    size_t num_packed, capacity_packed;
    uint64_t object; /* address of the one checked last                */
    td_meta_root root;
    td_meta_halves halves;
};

/* Sizes of an array; count: of elements. */
typedef struct {
    int rank;
    bool is_null;
    uint64_t dims[TD_META_RANK], count;
} td_meta_space;

typedef struct {
    unsigned class; /* as H5T_class_t counts */
    uint64_t size;
} td_meta_type;

/* Content of an object's header. */
typedef struct {
    uint64_t seen; /* kinds of messages, as bits */
    td_meta_space space;
    td_meta_type type;
    td_cursor layout, symbols, links;
    uint64_t fill;
    int num_filters;
    uint8_t filters[TD_META_FILTERS];
} td_meta_object;

/* Refuse the file: the structure what is invalid. */
void td_meta_damaged(td_meta *m, const char *what);

/* Refuse the file: what may be valid, but is not supported. */
void td_meta_unsupported(td_meta *m, const char *what);

/* Read n bytes at an address; !ok after a refusal. */
td_cursor td_meta_read(td_meta *m, uint64_t at, uint64_t n, const char *what);

/* Free the bytes that were read. */
void td_meta_free_blocks(td_meta *m);

/* Read a structure, which no other may overlap. */
td_cursor td_meta_block(td_meta *m, uint64_t at, uint64_t n, const char *what);

/* Take the signature of a structure and its version. */
bool td_meta_take_signature(td_meta *m, td_cursor *c, const char *signature,
                            int version, const char *what);

/* Compare the checksum behind the first n bytes of a block with them. */
void td_meta_check_sum(td_meta *m, td_cursor block, uint64_t n, const char *what);

/* Whether n bytes from there lie in the file. */
bool td_meta_is_inside(const td_meta *m, uint64_t at, uint64_t n);

/* Enlarge list where needed for one more element of size bytes. */
void *td_meta_grow(void *list, size_t count, size_t *capacity, size_t size);

/* ---- structures -------------------------------------------------------------- */

/* Check an object header and, of a group, all that leads to its members. */
void td_meta_check_header(td_meta *m, uint64_t at);

bool td_meta_take_space(td_cursor *c, td_meta_space *space);
bool td_meta_take_type(td_cursor *c, td_meta_type *type, int depth);

/* Whether a type is made of others; such are not supported. */
bool td_meta_is_nested(unsigned class);

void td_meta_check_attribute(td_meta *m, td_cursor c);
void td_meta_check_attribute_info(td_meta *m, td_meta_object *o, td_cursor c);

/* Refuse numbers in another file, whose name lies in a heap. */
void td_meta_refuse_external(td_meta *m, td_meta_object *o, td_cursor c);

void td_meta_check_filters(td_meta *m, td_meta_object *o, td_cursor c);
void td_meta_check_fill(td_meta *m, td_meta_object *o, td_cursor c, bool is_old);
void td_meta_check_layout(td_meta *m, const td_meta_object *o);

/* The chunks of an array. */
typedef struct {
    td_meta *m;
    const td_meta_object *object;
    int rank; /* of the array                                     */
    uint64_t side[TD_META_RANK], bytes, count; /* of a chunk; number of chunks */
    uint64_t last[TD_META_RANK];               /* corner of the one before      */
    bool has_last;
} td_meta_chunks;

void td_meta_check_tree(td_meta_chunks *k, uint64_t at);
void td_meta_check_list(td_meta_chunks *k, uint64_t at);

/* Check a chunk of n bytes; mask: filters left out. */
void td_meta_check_chunk(td_meta_chunks *k, uint64_t at, uint64_t n, uint64_t mask);

/* Check a group's table of members: B-tree of version 1 and local heap. */
void td_meta_check_symbols(td_meta *m, uint64_t tree, uint64_t heap);

/* Check a local heap.  \return its texts */
td_cursor td_meta_open_heap(td_meta *m, uint64_t at);

void td_meta_check_link(td_meta *m, td_cursor c);

/* Check the many links of a newer group: fractal heap and B-trees of version 2. */
void td_meta_check_links(td_meta *m, td_cursor c);

#endif
