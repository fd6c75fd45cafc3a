/* Reading of the reference's JSON files: JSON is YAML, and libyaml is here already. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checker.h"

/* ---- files --------------------------------------------------------------- */

static void parse(golden_case *c, golden_json *json, FILE *file)
{
    yaml_parser_t parser;
    TD_CHECK(yaml_parser_initialize(&parser), "no memory for a YAML parser");
    yaml_parser_set_input_file(&parser, file);
    json->is_loaded = yaml_parser_load(&parser, &json->document) == 1;
    if (!json->is_loaded)
        golden_fail(c, "line %zu, column %zu: %s", parser.problem_mark.line + 1,
                    parser.problem_mark.column + 1,
                    parser.problem ? parser.problem : "not readable");
    yaml_parser_delete(&parser);
}

yaml_node_t *golden_json_load(golden_case *c, golden_json *json, const char *path)
{
    *json = (golden_json){ .is_loaded = false };
    FILE *file = fopen(path, "rb");
    if (!file) {
        golden_fail(c, "cannot be opened");
        return NULL;
    }
    parse(c, json, file);
    fclose(file);
    if (!json->is_loaded)
        return NULL;
    yaml_node_t *root = yaml_document_get_root_node(&json->document);
    if (!root)
        golden_fail(c, "is empty");
    return root;
}

void golden_json_clear(golden_json *json)
{
    if (json->is_loaded)
        yaml_document_delete(&json->document);
    json->is_loaded = false;
}

/* ---- lists and maps ------------------------------------------------------ */

int golden_json_count(yaml_node_t *node)
{
    if (node && node->type == YAML_SEQUENCE_NODE)
        return (int) (node->data.sequence.items.top - node->data.sequence.items.start);
    if (node && node->type == YAML_MAPPING_NODE)
        return (int) (node->data.mapping.pairs.top - node->data.mapping.pairs.start);
    return 0;
}

yaml_node_t *golden_json_item(golden_json *json, yaml_node_t *node, int i)
{
    TD_ASSERT(i >= 0 && i < golden_json_count(node));
    int id = node->type == YAML_SEQUENCE_NODE ? node->data.sequence.items.start[i]
                                              : node->data.mapping.pairs.start[i].value;
    return yaml_document_get_node(&json->document, id);
}

const char *golden_json_key(golden_json *json, yaml_node_t *map, int i)
{
    TD_ASSERT(map->type == YAML_MAPPING_NODE && i < golden_json_count(map));
    int id = map->data.mapping.pairs.start[i].key;
    yaml_node_t *key = yaml_document_get_node(&json->document, id);
    return key->type == YAML_SCALAR_NODE ? (char *) key->data.scalar.value : "";
}

yaml_node_t *golden_json_find(golden_json *json, yaml_node_t *map, const char *key)
{
    if (!map || map->type != YAML_MAPPING_NODE)
        return NULL;
    for (int i = 0; i < golden_json_count(map); i++)
        if (strcmp(golden_json_key(json, map, i), key) == 0)
            return golden_json_item(json, map, i);
    return NULL;
}

yaml_node_t *golden_json_get(golden_case *c, golden_json *json, yaml_node_t *map,
                             const char *key)
{
    yaml_node_t *value = golden_json_find(json, map, key);
    if (!value)
        golden_fail(c, "%s is missing", key);
    return value;
}

const char *golden_json_word(golden_json *json, yaml_node_t *map, const char *key)
{
    yaml_node_t *word = golden_json_find(json, map, key);
    bool is_word = word && word->type == YAML_SCALAR_NODE;
    return is_word ? (const char *) word->data.scalar.value : "";
}

/* ---- scalars ------------------------------------------------------------- */

const char *golden_json_text(golden_case *c, yaml_node_t *node)
{
    if (node && node->type == YAML_SCALAR_NODE)
        return (const char *) node->data.scalar.value;
    golden_fail(c, "a list where a value should be");
    return "";
}

double golden_json_number(golden_case *c, yaml_node_t *node)
{
    const char *text = golden_json_text(c, node);
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0')
        golden_fail(c, "\"%s\" is not a number", text);
    return value;
}

int64_t golden_json_integer(golden_case *c, yaml_node_t *node)
{
    double value = golden_json_number(c, node);
    if (!(value >= -1e15 && value <= 1e15) || value != (double) (int64_t) value) {
        golden_fail(c, "%g is not a whole number", value);
        return 0;
    }
    return (int64_t) value;
}

static size_t count_numbers(golden_json *json, yaml_node_t *node)
{
    size_t count = 0;
    if (node->type != YAML_SEQUENCE_NODE)
        return 1;
    for (int i = 0; i < golden_json_count(node); i++)
        count += count_numbers(json, golden_json_item(json, node, i));
    return count;
}

static double *copy_numbers(golden_case *c, golden_json *json, yaml_node_t *node,
                            double *out)
{
    if (node->type != YAML_SEQUENCE_NODE) {
        *out = golden_json_number(c, node);
        return out + 1;
    }
    for (int i = 0; i < golden_json_count(node); i++)
        out = copy_numbers(c, json, golden_json_item(json, node, i), out);
    return out;
}

double *golden_json_numbers(golden_case *c, golden_json *json, yaml_node_t *node,
                            size_t *count)
{
    *count = 0;
    if (golden_has_failed(c) || !node)
        return NULL;
    *count = count_numbers(json, node);
    double *numbers = GOLDEN_TAKE(c, double, *count);
    copy_numbers(c, json, node, numbers);
    return golden_has_failed(c) ? NULL : numbers;
}
