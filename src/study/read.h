/* Reading of a study file: read.c has the table of its keys, read_values.c reads their
 * values. */
#ifndef TD_STUDY_READ_H
#define TD_STUDY_READ_H

#include <yaml.h>

#include "internal.h"

/* The file being read. */
typedef struct {
    td_study *study;           /* borrowed: filled while reading */
    yaml_document_t *document; /* borrowed                       */
} td_study_reader;

/* A key of a map and the function that reads its value to the member at \a offset. */
typedef struct {
    const char *name;
    td_status (*read)(const td_study_reader *r, const char *name,
                      const yaml_node_t *value, void *member);
    size_t offset;
} td_study_key;

/* Reads one item of the list that is the value of the key \a name. */
typedef td_status td_study_read_item(const td_study_reader *r, const char *name,
                                     const yaml_node_t *item);

/* Refuse \a node.  \return TD_USAGE with "FILE:LINE: NAME: WHY" */
td_status td_study_refuse(const td_study_reader *r, const yaml_node_t *node,
                          const char *name, const char *why);

/* ---- maps and lists ---------------------------------------------------------- */

/* Read all pairs of a map to the members of \a object; a key not in \a keys is refused
 * with the nearest.  \a where names the map in messages. */
td_status td_study_read_map(const td_study_reader *r, const char *where,
                            const yaml_node_t *map, const td_study_key *keys, int count,
                            void *object);

/* Read each item of a list; nothing at all is an empty list, and anything else is
 * refused with \a why. */
td_status td_study_read_list(const td_study_reader *r, const char *name,
                             const yaml_node_t *node, td_study_read_item *read,
                             const char *why);

/* Check a name, which becomes a folder and a title of gnuplot, of an item of \a list;
 * \a what it is: "method". */
td_status td_study_check_name(const td_study_reader *r, const yaml_node_t *node,
                              const char *list, const char *what, const char *name);

/* ---- values: what a td_study_key reads with ---------------------------------- */

/* One value; the member is a `char *`, owned. */
td_status td_study_read_text(const td_study_reader *r, const char *name,
                             const yaml_node_t *value, void *member);

/* A list of different numbers, or one that stands for a list of it, into the study's
 * own; the member is not looked at. */
td_status td_study_read_seeds(const td_study_reader *r, const char *name,
                              const yaml_node_t *value, void *member);
td_status td_study_read_imbalances(const td_study_reader *r, const char *name,
                                   const yaml_node_t *value, void *member);

/* The text of a plain value; NULL for a map or a list. */
const char *td_study_scalar(const yaml_node_t *node);

/* The axes of the study; the member is not looked at. */
td_status td_study_read_axes(const td_study_reader *r, const char *name,
                             const yaml_node_t *value, void *member);

/* Names of the points that are left out, to the study; the member is not looked at. */
td_status td_study_read_exclude(const td_study_reader *r, const char *name,
                                const yaml_node_t *value, void *member);

/* Nested keys and their values, as td_study_read_sets, with `repeats` and `grid`
 * beside them, which go to the study. */
td_status td_study_read_train(const td_study_reader *r, const char *name,
                              const yaml_node_t *value, void *member);

/* Read nested keys and their values; the member is a td_study_sets. */
td_status td_study_read_sets(const td_study_reader *r, const char *name,
                             const yaml_node_t *value, void *member);

#endif
