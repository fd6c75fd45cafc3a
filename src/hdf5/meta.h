/* HDF5's metadata, checked by ourselves before libhdf5 reads it.
 *
 * libhdf5 follows lengths and addresses of a file with little doubt: a changed byte
 * makes it read and write beyond its buffers, or never end.  So the structures on the
 * way to what is read are checked here first, as the "HDF5 File Format Specification"
 * gives them: each lies in the file, none over another, each length fits into what
 * holds it, names end in a 0, depths have an end.  Forms that are checked here are
 * those that HDF5 and h5py write by themselves; others are refused by name. */
#ifndef TD_HDF5_META_H
#define TD_HDF5_META_H

#include <stdio.h>

#include "internal.h"

#define TD_META_NOWHERE UINT64_MAX /* HDF5's undefined address */

enum { TD_META_RANK = 32, TD_META_TEXT = 96 };

/* Bytes yet to be taken; ok: false once more was taken than there was. */
typedef struct {
    const uint8_t *at;
    uint64_t left;
    bool ok;
} td_cursor;

/* Little-endian, of 1 to 8 bytes; 0 beyond the end. */
uint64_t td_cursor_take(td_cursor *c, int bytes);

/* The next n bytes, as a cursor of their own. */
td_cursor td_cursor_cut(td_cursor *c, uint64_t n);

/* Whether a text begins here that ends in a 0; its bytes with the 0 are taken. */
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

struct td_meta {
    td_h5 *h5;
    const char *name; /* of what is being opened, in messages         */
    FILE *file;       /* or else:                                     */
    const uint8_t *image;
    uint64_t end;        /* of the file, as its first block says         */
    td_meta_span *spans; /* taken by structures, sorted                  */
    size_t num_spans, room;
    uint64_t *objects; /* headers that were found right, sorted        */
    size_t num_objects, room_objects;
    uint8_t **blocks; /* read for the object being checked            */
    size_t num_blocks, room_blocks;
    td_meta_packed *packed; /* chunks of what was checked, object after object */
    size_t num_packed, room_packed;
    uint64_t object; /* the one that was asked for last                */
    bool has_cached; /* the first block tells where the root's members are */
    uint64_t cached_tree, cached_heap;
    unsigned entries_half, children_half, chunks_half; /* of a node's most */
};

/* Sizes of an array; count: of elements, UINT64_MAX where it overflows. */
typedef struct {
    int rank;
    bool is_null;
    uint64_t dims[TD_META_RANK], count;
} td_meta_space;

typedef struct {
    unsigned class; /* as H5T_class_t counts */
    uint64_t size;
} td_meta_type;

/* What the header of an object says, once it is whole. */
typedef struct {
    uint64_t seen; /* kinds of messages, as bits */
    td_meta_space space;
    td_meta_type type;
    td_cursor layout, symbols, links;
    uint64_t fill;
    int num_filters;
    uint8_t filters[TD_META_FILTERS];
} td_meta_object;

/* Refuse the file: a structure is not what it can be. */
void td_meta_damaged(td_meta *m, const char *what);

/* Refuse the file: right perhaps, but not read here. */
void td_meta_unread(td_meta *m, const char *what);

/* Bytes of the file as they are; !ok after a refusal. */
td_cursor td_meta_look(td_meta *m, uint64_t at, uint64_t n, const char *what);

/* Give back what was looked at. */
void td_meta_forget(td_meta *m);

/* As td_meta_look, for a structure, which no other may overlap. */
td_cursor td_meta_block(td_meta *m, uint64_t at, uint64_t n, const char *what);

/* Take the signature of a structure and its version. */
bool td_meta_begins(td_meta *m, td_cursor *c, const char *signature, int version,
                    const char *what);

/* Compare the checksum behind the first n bytes of a block with them. */
void td_meta_check_sum(td_meta *m, td_cursor block, uint64_t n, const char *what);

/* Whether n bytes from there lie in the file. */
bool td_meta_is_inside(const td_meta *m, uint64_t at, uint64_t n);

/* list, or a larger one, with room for one more element of size bytes. */
void *td_meta_grow(void *list, size_t count, size_t *room, size_t size);

/* ---- parts ------------------------------------------------------------------- */

/* An object header and, of a group, all that leads to its members. */
void td_meta_check_header(td_meta *m, uint64_t at);

bool td_meta_take_space(td_cursor *c, td_meta_space *space);
bool td_meta_take_type(td_cursor *c, td_meta_type *type, int depth);

/* Types made of others, which are not taken. */
bool td_meta_is_nested(unsigned class);

void td_meta_check_attribute(td_meta *m, td_cursor c);
void td_meta_check_filters(td_meta *m, td_meta_object *o, td_cursor c);
void td_meta_check_fill(td_meta *m, td_meta_object *o, td_cursor c, bool is_old);
void td_meta_check_layout(td_meta *m, const td_meta_object *o);

/* Where the bytes of an array lie: in one piece, in its header or in chunks. */
typedef struct {
    td_meta *m;
    const td_meta_object *object;
    int rank; /* of the array                                     */
    uint64_t side[TD_META_RANK], bytes, count; /* of a chunk; how many cover it */
    uint64_t last[TD_META_RANK];               /* corner of the one before      */
    bool has_last;
} td_meta_chunks;

void td_meta_check_tree(td_meta_chunks *k, uint64_t at);
void td_meta_check_list(td_meta_chunks *k, uint64_t at);

/* One of them, of n bytes, whose mask tells the filters left out. */
void td_meta_check_chunk(td_meta_chunks *k, uint64_t at, uint64_t n, uint64_t mask);

/* A group's table of members: B-tree of version 1 and local heap. */
void td_meta_check_symbols(td_meta *m, uint64_t tree, uint64_t heap);

/* The texts of a local heap. */
td_cursor td_meta_open_heap(td_meta *m, uint64_t at);

void td_meta_check_link(td_meta *m, td_cursor c);

/* Many links in a group of the newer kind: fractal heap and B-trees of version 2. */
void td_meta_check_links(td_meta *m, td_cursor c);

#endif
