/** Floor 1: the one reader of YAML: configurations, study files, settings kept in
 *  checkpoints.  The tree that it returns is safe to walk, whoever wrote the file. */
#ifndef TAILDART_CONFIG_YAML_H
#define TAILDART_CONFIG_YAML_H

#include <yaml.h>

#include "taildart/config_keys.h"

TD_PUBLIC_BEGIN

/** Load the only document of a text.  Refused, with file and line: more than a
 *  megabyte, bytes that are no UTF-8 or 0, a second document, a key that a map holds
 *  twice (with both lines), merge keys, tags, an alias of anything but a value (maps
 *  and lists could hold themselves, or grow without end), values above 4096 bytes,
 *  nesting deeper than 16, and what is not valid YAML.
 *  Not collective.  \param [out] document  for yaml_document_delete after TD_OK; an
 *  empty text has no root node  \param [in] name  of the file, for messages
 *  \return TD_USAGE */
td_status td_yaml_load_text(yaml_document_t *document, const char *name,
                            const char *text, size_t bytes);

/** Load the same from a file: a regular one, or any name in /dev (a pipe of the shell).
 *  Not collective.  \return TD_USAGE */
td_status td_yaml_load_file(yaml_document_t *document, const char *path);

/** Write a list as the text that a key takes: "[0.5, 0.999]", "[{epoch: 3, keep: 5}]",
 *  or "a, b" of words.
 *  Not collective.  \param [in] key  NULL for one that is not known
 *  \return for td_free; NULL where an element is not what it takes */
char *td_yaml_list_text(const td_key *key, yaml_document_t *document,
                        const yaml_node_t *node);

TD_PUBLIC_END

#endif
