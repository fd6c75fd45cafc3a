/* The one reader of YAML.  First the events of the text are checked, which needs little
 * memory, then the tree is built, then its maps are checked. */
#include "taildart/config_yaml.h"

#include <stdlib.h>
#include <string.h>

#include "taildart/base_file.h"

enum { MOST_BYTES = 1 << 20, MOST_VALUE = 4096, MOST_DEPTH = 16, MOST_ANCHORS = 64 };

static td_status refuse(const char *file, size_t line, const char *why)
{
    return td_error(TD_USAGE, "%s:%zu: %s", file, line + 1, why); /* libyaml's from 0 */
}

/* ---- bytes ----------------------------------------------------------------------- */

static size_t line_of_byte(const char *text, size_t offset)
{
    size_t line = 0;
    for (size_t i = 0; i < offset; i++)
        line += text[i] == '\n';
    return line;
}

static td_status check_bytes(const char *file, const char *text, size_t bytes)
{
    if (bytes > MOST_BYTES)
        return td_error(TD_USAGE, "%s: %zu bytes; accepted: at most %d", file, bytes,
                        MOST_BYTES);
    const char *nothing = memchr(text, 0, bytes);
    if (nothing)
        return refuse(file, line_of_byte(text, (size_t) (nothing - text)),
                      "found a byte of value 0; accepted: text in UTF-8");
    return TD_OK;
}

/* ---- events ---------------------------------------------------------------------- */

/* A text being checked. */
typedef struct {
    const char *file, *text;
    size_t bytes;
    yaml_parser_t parser;
    struct {
        char *name; /* owned */
        bool is_value;
    } anchors[MOST_ANCHORS];
    int anchor_count, documents, depth;
} scan;

static td_status refuse_syntax(const scan *s)
{
    const yaml_parser_t *parser = &s->parser;
    const char *problem = parser->problem ? parser->problem : "no memory to read it";
    size_t offset = parser->problem_mark.index;
    if (parser->error == YAML_READER_ERROR)
        return td_error(TD_USAGE, "%s:%zu: not a YAML file: %s", s->file,
                        line_of_byte(s->text, parser->problem_offset < s->bytes
                                                  ? parser->problem_offset
                                                  : s->bytes) +
                            1,
                        problem);
    bool tab = offset < s->bytes && s->text[offset] == '\t';
    return td_error(TD_USAGE, "%s:%zu: not valid YAML: %s%s", s->file,
                    parser->problem_mark.line + 1, problem,
                    tab ? " (a tab; indent with blanks)" : "");
}

static td_status add_anchor(scan *s, const yaml_event_t *event,
                            const yaml_char_t *anchor)
{
    if (!anchor)
        return TD_OK;
    if (s->anchor_count == MOST_ANCHORS)
        return refuse(s->file, event->start_mark.line, "more than 64 anchors (&)");
    s->anchors[s->anchor_count].name = td_strdup((const char *) anchor);
    s->anchors[s->anchor_count++].is_value = event->type == YAML_SCALAR_EVENT;
    return TD_OK;
}

/* Refuse an alias of a map or a list; the parser refuses unknown names. */
static td_status check_alias(const scan *s, const yaml_event_t *event)
{
    const char *name = (const char *) event->data.alias.anchor;
    for (int i = 0; i < s->anchor_count; i++)
        if (strcmp(s->anchors[i].name, name) == 0 && !s->anchors[i].is_value)
            return td_error(TD_USAGE,
                            "%s:%zu: *%s repeats a map or a list; only single values "
                            "may be repeated: write it out",
                            s->file, event->start_mark.line + 1, name);
    return TD_OK;
}

static td_status check_node(scan *s, const yaml_event_t *event, const yaml_char_t *tag,
                            const yaml_char_t *anchor)
{
    if (tag)
        return td_error(TD_USAGE, "%s:%zu: found the tag %s; leave it out", s->file,
                        event->start_mark.line + 1, (const char *) tag);
    return add_anchor(s, event, anchor);
}

static td_status check_value(scan *s, const yaml_event_t *event)
{
    const char *value = (const char *) event->data.scalar.value;
    size_t line = event->start_mark.line;
    if (event->data.scalar.length > MOST_VALUE)
        return refuse(s->file, line, "found a value above 4096 bytes");
    if (strlen(value) != event->data.scalar.length)
        return refuse(s->file, line, "found a byte of value 0");
    return check_node(s, event, event->data.scalar.tag, event->data.scalar.anchor);
}

static td_status check_event(scan *s, const yaml_event_t *event)
{
    size_t line = event->start_mark.line;
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return s->documents++ == 0
                   ? TD_OK
                   : refuse(s->file, line,
                            "a second document begins (---); one is read");
    case YAML_SCALAR_EVENT:
        return check_value(s, event);
    case YAML_ALIAS_EVENT:
        return check_alias(s, event);
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        if (++s->depth > MOST_DEPTH)
            return refuse(s->file, line, "nested deeper than 16");
        return event->type == YAML_MAPPING_START_EVENT
                   ? check_node(s, event, event->data.mapping_start.tag,
                                event->data.mapping_start.anchor)
                   : check_node(s, event, event->data.sequence_start.tag,
                                event->data.sequence_start.anchor);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        s->depth--;
        return TD_OK;
    default:
        return TD_OK;
    }
}

static void begin_parser(scan *s)
{
    TD_CHECK(yaml_parser_initialize(&s->parser), "out of memory for a YAML parser");
    yaml_parser_set_input_string(&s->parser, (const unsigned char *) s->text, s->bytes);
}

static td_status check_events(scan *s)
{
    td_status status = TD_OK;
    bool ends = false;
    begin_parser(s);
    while (status == TD_OK && !ends) {
        yaml_event_t event;
        if (!yaml_parser_parse(&s->parser, &event)) {
            status = refuse_syntax(s);
            break;
        }
        status = check_event(s, &event);
        ends = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&s->parser);
    for (int i = 0; i < s->anchor_count; i++)
        td_free(s->anchors[i].name);
    return status;
}

/* ---- the tree -------------------------------------------------------------------- */

/* A key of a map with its line and index. */
typedef struct {
    const char *name;
    size_t line;
    ptrdiff_t index;
} map_key;

static int by_name(const void *a, const void *b)
{
    const map_key *one = a, *other = b;
    int order = strcmp(one->name, other->name);
    return order != 0                  ? order
           : one->index < other->index ? -1
                                       : one->index > other->index;
}

/* Collect the scalar keys of a map, sorted by name.  \return their number */
static size_t sort_keys(map_key *keys, yaml_document_t *document,
                        const yaml_node_t *map)
{
    size_t count = 0;
    const yaml_node_pair_t *first = map->data.mapping.pairs.start;
    for (const yaml_node_pair_t *pair = first; pair < map->data.mapping.pairs.top;
         pair++) {
        const yaml_node_t *key = yaml_document_get_node(document, pair->key);
        if (key->type == YAML_SCALAR_NODE)
            keys[count++] = (map_key){ (const char *) key->data.scalar.value,
                                       key->start_mark.line, pair - first };
    }
    qsort(keys, count, sizeof *keys, by_name);
    return count;
}

/* Refuse merge keys and the first key given twice; by sorting, since a map may have
 * many thousand keys. */
static td_status check_map(const char *file, yaml_document_t *document,
                           const yaml_node_t *map)
{
    const yaml_node_pair_t *first = map->data.mapping.pairs.start;
    size_t pairs = (size_t) (map->data.mapping.pairs.top - first);
    map_key *keys = td_malloc(pairs * sizeof *keys);
    const map_key *twice = NULL, *merge = NULL;
    size_t count = sort_keys(keys, document, map);
    for (size_t i = 0; i < count; i++) {
        bool again = i > 0 && strcmp(keys[i].name, keys[i - 1].name) == 0;
        if (again && (!twice || keys[i].index < twice->index))
            twice = &keys[i];
        if (strcmp(keys[i].name, "<<") == 0)
            merge = &keys[i];
    }
    td_status status = TD_OK;
    if (merge)
        status = refuse(file, merge->line, "<<: nothing is merged; write the keys out");
    else if (twice)
        status = td_error(TD_USAGE, "%s:%zu: %s: given twice, first in line %zu", file,
                          twice->line + 1, twice->name, twice[-1].line + 1);
    td_free(keys);
    return status;
}

static td_status check_maps(const char *file, yaml_document_t *document)
{
    td_status status = TD_OK;
    for (const yaml_node_t *node = document->nodes.start;
         status == TD_OK && node < document->nodes.top; node++)
        if (node->type == YAML_MAPPING_NODE)
            status = check_map(file, document, node);
    return status;
}

static td_status load(yaml_document_t *document, scan *s)
{
    begin_parser(s);
    td_status status =
        yaml_parser_load(&s->parser, document) ? TD_OK : refuse_syntax(s);
    yaml_parser_delete(&s->parser);
    if (status != TD_OK)
        return status;
    status = check_maps(s->file, document);
    if (status != TD_OK)
        yaml_document_delete(document);
    return status;
}

td_status td_yaml_load_text(yaml_document_t *document, const char *name,
                            const char *text, size_t bytes)
{
    scan s = { .file = name, .text = text, .bytes = bytes };
    TD_ASSERT(document && name && text);
    td_status status = check_bytes(name, text, bytes);
    if (status == TD_OK)
        status = check_events(&s);
    return status == TD_OK ? load(document, &s) : status;
}

td_status td_yaml_load_file(yaml_document_t *document, const char *path)
{
    char *text = NULL;
    size_t bytes = 0;
    td_status status = td_file_read_given(&text, &bytes, path, MOST_BYTES);
    if (status != TD_OK)
        return td_error(TD_USAGE, "%s", td_error_message());
    status = td_yaml_load_text(document, path, text, bytes);
    td_free(text);
    return status;
}
