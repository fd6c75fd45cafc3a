/* YAML to keys: nested mappings whose names, joined by dots, are names of keys.  The
 * whole document is loaded first (yaml_load.c), so that a syntax error at its end
 * changes nothing. */
#include "config_internal.h"

#include <stdio.h>
#include <string.h>

#include "taildart/base_text.h"
#include "taildart/config_yaml.h"

enum { NAME_BYTES = 256 };

/* The file being read, and the lines of its keys. */
typedef struct {
    td_settings *settings;
    const char *file;
    yaml_document_t *document;
    size_t *lines; /* (keys of the table) where each was given; 0: not yet */
} key_reader;

static size_t line_of(const yaml_node_t *node)
{
    return node->start_mark.line + 1; /* libyaml counts from 0 */
}

/* Put file and line in front of the recorded error. */
static td_status add_line(const key_reader *reader, const yaml_node_t *node,
                          td_status status)
{
    return td_error(status, "%s:%zu: %s", reader->file, line_of(node),
                    td_error_message());
}

static td_status refuse(const key_reader *reader, const yaml_node_t *node,
                        const char *name, const char *why)
{
    return td_error(TD_USAGE, "%s:%zu: %s: %s", reader->file, line_of(node), name, why);
}

/* ---- one value ------------------------------------------------------------------ */

static const char *scalar_of(const yaml_node_t *node)
{
    TD_ASSERT(node->type == YAML_SCALAR_NODE);
    return (const char *) node->data.scalar.value;
}

static td_status read_list(const key_reader *reader, const td_key *key,
                           const yaml_node_t *node)
{
    if (key->type != TD_KEY_PAIR && key->type != TD_KEY_ROWS && !key->takes_list)
        return refuse(reader, node, key->name, "found a list; it takes one value");
    char *text = td_yaml_list_text(key, reader->document, node);
    if (!text)
        return refuse(
            reader, node, key->name,
            key->type == TD_KEY_ROWS
                ? "found a list of others; it takes [{name: number, ...}, ...]"
                : "found a nested list; it takes [a, b]");
    td_status status =
        td_settings_set(reader->settings, key->name, text, TD_ORIGIN_FILE);
    td_free(text);
    return status == TD_OK ? TD_OK : add_line(reader, node, status);
}

static td_status read_value(const key_reader *reader, const td_key *key,
                            const yaml_node_t *node)
{
    if (node->type == YAML_MAPPING_NODE)
        return refuse(reader, node, key->name,
                      "found keys below it; it takes a value itself");
    if (node->type == YAML_SEQUENCE_NODE)
        return read_list(reader, key, node);
    td_status status =
        td_settings_set(reader->settings, key->name, scalar_of(node), TD_ORIGIN_FILE);
    return status == TD_OK ? TD_OK : add_line(reader, node, status);
}

/* ---- nesting -------------------------------------------------------------------- */

static td_status read_group(const key_reader *reader, const char *name,
                            const yaml_node_t *node);

/* Note the line of a key; `data.seed` beside `seed` below `data` is the same key. */
static td_status note_line(const key_reader *reader, const td_key *key,
                           const yaml_node_t *name_node)
{
    size_t *line = &reader->lines[key - td_keys];
    if (*line > 0)
        return td_error(TD_USAGE, "%s:%zu: %s: given twice, first in line %zu",
                        reader->file, line_of(name_node), key->name, *line);
    *line = line_of(name_node);
    return TD_OK;
}

static td_status read_named(const key_reader *reader, const yaml_node_t *name_node,
                            const char *name, const yaml_node_t *node)
{
    const td_key *key = td_key_find(name);
    td_status status = key ? note_line(reader, key, name_node) : TD_OK;
    if (key)
        return status == TD_OK ? read_value(reader, key, node) : status;
    if (td_key_find_group(name))
        return read_group(reader, name, node);
    status = td_settings_set(reader->settings, name, "", TD_ORIGIN_FILE);
    return add_line(reader, name_node, status); /* an unknown key */
}

static td_status read_pair(const key_reader *reader, const char *group,
                           const yaml_node_pair_t *pair)
{
    char name[NAME_BYTES];
    const yaml_node_t *key = yaml_document_get_node(reader->document, pair->key);
    const yaml_node_t *value = yaml_document_get_node(reader->document, pair->value);
    if (key->type != YAML_SCALAR_NODE)
        return refuse(reader, key, group[0] ? group : "the file",
                      "a key must be a plain name");
    snprintf(name, sizeof name, "%s%s%s", group, group[0] ? "." : "", scalar_of(key));
    return read_named(reader, key, name, value);
}

/* Read the keys of a group; `data:` without a value is an empty one. */
static td_status read_group(const key_reader *reader, const char *name,
                            const yaml_node_t *node)
{
    td_status status = TD_OK;
    if (node->type == YAML_SCALAR_NODE && node->data.scalar.length == 0)
        return TD_OK;
    if (node->type != YAML_MAPPING_NODE)
        return refuse(reader, node, name[0] ? name : "the file",
                      "found a value; it takes keys below it, as `key: value`");
    const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    for (; status == TD_OK && pair < node->data.mapping.pairs.top; pair++)
        status = read_pair(reader, name, pair);
    return status;
}

/* ---- documents ------------------------------------------------------------------ */

/* An empty file holds no document and changes nothing. */
static td_status read_document(td_settings *settings, const char *file,
                               yaml_document_t *document)
{
    size_t *lines = td_malloc((size_t) td_key_count() * sizeof *lines);
    key_reader reader = { settings, file, document, lines };
    const yaml_node_t *root = yaml_document_get_root_node(document);
    td_status status = root ? read_group(&reader, "", root) : TD_OK;
    td_free(lines);
    yaml_document_delete(document);
    return status;
}

td_status td_settings_read_text(td_settings *settings, const char *name,
                                const char *text)
{
    yaml_document_t document;
    td_status status = td_yaml_load_text(&document, name, text, strlen(text));
    return status == TD_OK ? read_document(settings, name, &document) : status;
}

td_status td_settings_read_file(td_settings *settings, const char *path)
{
    yaml_document_t document;
    td_status status = td_yaml_load_file(&document, path);
    return status == TD_OK ? read_document(settings, path, &document) : status;
}
