/* YAML to keys: nested mappings whose names, joined by dots, are names of keys.  The
 * whole document is loaded first, so that a syntax error at its end changes nothing. */
#include "config_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "taildart/base_text.h"

enum { NAME_BYTES = 256 };

/* Where we are in which file. */
typedef struct {
    td_settings *settings;
    const char *file;
    yaml_document_t *document;
} key_reader;

static size_t line_of(const yaml_node_t *node)
{
    return node->start_mark.line + 1; /* libyaml counts from 0 */
}

/* Put file and line in front of the recorded error. */
static td_status place_error(const key_reader *reader, const yaml_node_t *node,
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

/* A list as the text that the key takes: "[0.5, 0.999]"; NULL when it holds no
 * scalars. */
static char *list_as_text(const key_reader *reader, const yaml_node_t *node)
{
    td_text text = { 0 };
    const yaml_node_item_t *first = node->data.sequence.items.start;
    const yaml_node_item_t *end = node->data.sequence.items.top;
    td_text_write(&text, "[");
    for (const yaml_node_item_t *item = first; item < end; item++) {
        const yaml_node_t *part = yaml_document_get_node(reader->document, *item);
        if (part->type != YAML_SCALAR_NODE) {
            td_free(text.chars);
            return NULL;
        }
        td_text_write(&text, "%s%s", item == first ? "" : ", ", scalar_of(part));
    }
    td_text_write(&text, "]");
    return text.chars;
}

static td_status read_list(const key_reader *reader, const td_key *key,
                           const yaml_node_t *node)
{
    if (key->type != TD_KEY_PAIR)
        return refuse(reader, node, key->name, "found a list; it takes one value");
    char *text = list_as_text(reader, node);
    if (!text)
        return refuse(reader, node, key->name, "found a nested list; it takes [a, b]");
    td_status status =
        td_settings_set(reader->settings, key->name, text, TD_ORIGIN_FILE);
    td_free(text);
    return status == TD_OK ? TD_OK : place_error(reader, node, status);
}

static td_status read_value(const key_reader *reader, const td_key *key,
                            const yaml_node_t *node)
{
    td_status status = TD_OK;
    if (node->type == YAML_MAPPING_NODE)
        return refuse(reader, node, key->name,
                      "found keys below it; it takes a value itself");
    if (node->type == YAML_SEQUENCE_NODE)
        return read_list(reader, key, node);
    if (strlen(scalar_of(node)) != node->data.scalar.length)
        return refuse(reader, node, key->name, "found a byte of value 0");
    status =
        td_settings_set(reader->settings, key->name, scalar_of(node), TD_ORIGIN_FILE);
    return status == TD_OK ? TD_OK : place_error(reader, node, status);
}

/* ---- nesting -------------------------------------------------------------------- */

static td_status read_group(const key_reader *reader, const char *name,
                            const yaml_node_t *node);

static td_status read_named(const key_reader *reader, const yaml_node_t *name_node,
                            const char *name, const yaml_node_t *node)
{
    const td_key *key = td_key_find(name);
    if (key)
        return read_value(reader, key, node);
    if (td_key_find_group(name))
        return read_group(reader, name, node);
    td_status status = td_settings_set(reader->settings, name, "", TD_ORIGIN_FILE);
    return place_error(reader, name_node, status); /* an unknown key */
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

/* `data:` with nothing behind it is an empty group.  Of keys named twice the last
 * wins. */
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

static td_status refuse_syntax(const yaml_parser_t *parser, const char *file)
{
    const char *problem = parser->problem ? parser->problem : "no memory to read it";
    if (parser->error == YAML_READER_ERROR)
        return td_error(TD_USAGE, "%s: not a YAML file: %s at byte %zu", file, problem,
                        parser->problem_offset);
    return td_error(TD_USAGE, "%s:%zu: not valid YAML: %s", file,
                    parser->problem_mark.line + 1, problem);
}

static td_status read_document(td_settings *settings, const char *file,
                               yaml_document_t *document)
{
    key_reader reader = { settings, file, document };
    const yaml_node_t *root = yaml_document_get_root_node(document);
    return root ? read_group(&reader, "", root) : TD_OK;
}

/* An empty file holds no document and changes nothing; a second one would be ignored,
 * so it is refused. */
static td_status read_documents(td_settings *settings, const char *file,
                                yaml_parser_t *parser)
{
    yaml_document_t document, second;
    if (!yaml_parser_load(parser, &document))
        return refuse_syntax(parser, file);
    if (!yaml_parser_load(parser, &second)) {
        yaml_document_delete(&document);
        return refuse_syntax(parser, file);
    }
    td_status status =
        yaml_document_get_root_node(&second)
            ? td_error(TD_USAGE, "%s: holds a second document (---); one is read", file)
            : read_document(settings, file, &document);
    yaml_document_delete(&second);
    yaml_document_delete(&document);
    return status;
}

td_status td_settings_read_text(td_settings *settings, const char *name,
                                const char *text)
{
    yaml_parser_t parser;
    TD_CHECK(yaml_parser_initialize(&parser), "out of memory for a YAML parser");
    yaml_parser_set_input_string(&parser, (const unsigned char *) text, strlen(text));
    td_status status = read_documents(settings, name, &parser);
    yaml_parser_delete(&parser);
    return status;
}

td_status td_settings_read_file(td_settings *settings, const char *path)
{
    yaml_parser_t parser;
    FILE *file = fopen(path, "rb");
    if (!file)
        return td_error(TD_USAGE, "%s: %s", path, strerror(errno));
    TD_CHECK(yaml_parser_initialize(&parser), "out of memory for a YAML parser");
    yaml_parser_set_input_file(&parser, file);
    td_status status = read_documents(settings, path, &parser);
    yaml_parser_delete(&parser);
    fclose(file);
    return status;
}
