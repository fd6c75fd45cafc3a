/* A study file to a study.  The overrides of a part are nested keys as in a
 * configuration; they are kept as text, since they become --set of a command. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "internal.h"
#include "taildart/base_text.h"
#include "taildart/config_nearest.h"

/* Where we are in which file. */
typedef struct {
    td_study *study;
    yaml_document_t *document;
} reader;

static td_status refuse(const reader *r, const yaml_node_t *node, const char *name,
                        const char *why)
{
    return td_error(TD_USAGE, "%s:%zu: %s: %s", r->study->file,
                    node->start_mark.line + 1, name, why);
}

static const yaml_node_t *node_at(const reader *r, int index)
{
    return yaml_document_get_node(r->document, index);
}

static bool is_scalar(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE;
}

static const char *text_of(const yaml_node_t *node)
{
    TD_ASSERT(is_scalar(node));
    return (const char *) node->data.scalar.value;
}

static bool is_empty(const yaml_node_t *node)
{
    return is_scalar(node) && text_of(node)[0] == '\0';
}

static td_status unknown(const reader *r, const yaml_node_t *node,
                         const char *const *names, int count)
{
    char *why = td_format("unknown key; the nearest is %s",
                          td_nearest(text_of(node), names, count));
    td_status status = refuse(r, node, text_of(node), why);
    td_free(why);
    return status;
}

/* ---- values --------------------------------------------------------------------- */

static td_status read_text(const reader *r, const char *name, const yaml_node_t *node,
                           char **out)
{
    if (!is_scalar(node))
        return refuse(r, node, name, "it takes one value");
    td_free(*out);
    *out = td_strdup(text_of(node));
    return TD_OK;
}

static bool parse_seed(const char *text, int64_t *out)
{
    char *end;
    errno = 0;
    *out = strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *out >= 0;
}

static bool parse_imbalance(const char *text, double *out)
{
    char *end;
    errno = 0;
    *out = strtod(text, &end);
    return errno == 0 && end != text && *end == '\0' && isfinite(*out) && *out >= 1;
}

/* One of a list of numbers, which may not come twice. */
static td_status read_number(const reader *r, const char *name, const yaml_node_t *node)
{
    td_study *s = r->study;
    bool is_seed = strcmp(name, "seeds") == 0;
    int *count = is_seed ? &s->seed_count : &s->imbalance_count;
    if (*count == TD_STUDY_LIST)
        return refuse(r, node, name, "more than 64 of them");
    if (!is_scalar(node))
        return refuse(r, node, name, "found a list in a list");
    if (is_seed && !parse_seed(text_of(node), &s->seeds[*count]))
        return refuse(r, node, name, "accepted: whole numbers from 0");
    if (!is_seed && !parse_imbalance(text_of(node), &s->imbalances[*count]))
        return refuse(r, node, name, "accepted: numbers from 1");
    for (int i = 0; i < *count; i++)
        if (is_seed ? s->seeds[i] == s->seeds[*count]
                    : s->imbalances[i] == s->imbalances[*count])
            return refuse(r, node, name, "a number is there twice");
    *count += 1;
    return TD_OK;
}

/* A list, or one number that stands for a list of it. */
static td_status read_numbers(const reader *r, const char *name,
                              const yaml_node_t *node)
{
    td_status status = TD_OK;
    if (is_scalar(node) && !is_empty(node))
        return read_number(r, name, node);
    if (node->type != YAML_SEQUENCE_NODE)
        return is_empty(node) ? TD_OK
                              : refuse(r, node, name, "it takes a list: [1, 2, 3]");
    for (const yaml_node_item_t *item = node->data.sequence.items.start;
         status == TD_OK && item < node->data.sequence.items.top; item++)
        status = read_number(r, name, node_at(r, *item));
    return status;
}

/* ---- overrides ------------------------------------------------------------------ */

/* "[0.5, 0.999]"; what is no value becomes "?", which no key accepts. */
static char *list_as_text(const reader *r, const yaml_node_t *node)
{
    td_text text = { 0 };
    const char *gap = "[";
    for (const yaml_node_item_t *item = node->data.sequence.items.start;
         item < node->data.sequence.items.top; item++) {
        const yaml_node_t *part = node_at(r, *item);
        td_text_write(&text, "%s%s", gap, is_scalar(part) ? text_of(part) : "?");
        gap = ", ";
    }
    td_text_write(&text, "%s", text.length ? "]" : "[]");
    return text.chars;
}

static td_status keep_set(const reader *r, td_study_sets *sets, const char *key,
                          const yaml_node_t *node)
{
    if (sets->count == TD_STUDY_LIST)
        return refuse(r, node, key, "more than 64 keys in one place");
    sets->set[sets->count++] = (td_study_set){
        .key = td_strdup(key),
        .value = is_scalar(node) ? td_strdup(text_of(node)) : list_as_text(r, node),
        .line = node->start_mark.line + 1,
    };
    return TD_OK;
}

/* NOLINTNEXTLINE(misc-no-recursion): groups of keys nest */
static td_status read_sets(const reader *r, td_study_sets *sets, const char *group,
                           const yaml_node_t *node)
{
    td_status status = TD_OK;
    if (is_empty(node))
        return TD_OK;
    if (node->type != YAML_MAPPING_NODE)
        return refuse(r, node, group, "it takes keys below it, as `key: value`");
    const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    for (; status == TD_OK && pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = node_at(r, pair->key),
                          *value = node_at(r, pair->value);
        if (!is_scalar(key))
            return refuse(r, key, group, "a key must be a plain name");
        bool top = strchr(group, ':') != NULL;
        char *name =
            top ? td_strdup(text_of(key)) : td_format("%s.%s", group, text_of(key));
        status = value->type == YAML_MAPPING_NODE ? read_sets(r, sets, name, value)
                                                  : keep_set(r, sets, name, value);
        td_free(name);
    }
    return status;
}

/* ---- methods -------------------------------------------------------------------- */

static const char *const method_keys[] = { "name", "search", "train", "genotype" };

static td_status read_method_pair(const reader *r, td_study_method *method,
                                  const yaml_node_t *key, const yaml_node_t *value)
{
    const char *name = is_scalar(key) ? text_of(key) : "";
    if (strcmp(name, "name") == 0)
        return read_text(r, name, value, &method->name);
    if (strcmp(name, "genotype") == 0)
        return read_text(r, name, value, &method->genotype);
    if (strcmp(name, "search") == 0)
        return read_sets(r, &method->parts[TD_STUDY_SEARCH], "search:", value);
    if (strcmp(name, "train") == 0)
        return read_sets(r, &method->parts[TD_STUDY_TRAIN], "train:", value);
    if (!is_scalar(key))
        return refuse(r, key, "methods", "a key must be a plain name");
    return unknown(r, key, method_keys, 4);
}

/* It becomes a folder and a part of --only. */
static bool is_name(const char *name)
{
    return name[0] != '\0' && name[0] != '.' && strpbrk(name, "/, \t\n\"") == NULL;
}

static td_status check_name(const reader *r, const yaml_node_t *node,
                            const td_study_method *method)
{
    const td_study *s = r->study;
    if (!method->name)
        return refuse(r, node, "methods", "a method without a name");
    if (!is_name(method->name))
        return refuse(r, node, method->name,
                      "a name of a method is one word without / and ,");
    for (const td_study_method *other = s->methods; other < method; other++)
        if (strcmp(other->name, method->name) == 0)
            return refuse(r, node, method->name, "two methods have this name");
    return TD_OK;
}

static td_status read_method(const reader *r, const yaml_node_t *node)
{
    td_study *s = r->study;
    td_status status = TD_OK;
    if (node->type != YAML_MAPPING_NODE)
        return refuse(r, node, "methods", "a method is {name: NAME, search: {...}}");
    if (s->method_count == TD_STUDY_LIST)
        return refuse(r, node, "methods", "more than 64 of them");
    td_study_method *method = &s->methods[s->method_count++];
    method->line = node->start_mark.line + 1;
    const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    for (; status == TD_OK && pair < node->data.mapping.pairs.top; pair++)
        status =
            read_method_pair(r, method, node_at(r, pair->key), node_at(r, pair->value));
    return status == TD_OK ? check_name(r, node, method) : status;
}

static td_status read_methods(const reader *r, const yaml_node_t *node)
{
    td_status status = TD_OK;
    if (node->type != YAML_SEQUENCE_NODE)
        return is_empty(node)
                   ? TD_OK
                   : refuse(r, node, "methods", "it takes a list of methods");
    for (const yaml_node_item_t *item = node->data.sequence.items.start;
         status == TD_OK && item < node->data.sequence.items.top; item++)
        status = read_method(r, node_at(r, *item));
    return status;
}

/* ---- the file ------------------------------------------------------------------- */

static const char *const study_keys[] = { "out",    "data",   "seeds", "imbalance",
                                          "launch", "search", "train", "methods" };

static td_status read_pair(const reader *r, const yaml_node_t *key,
                           const yaml_node_t *value)
{
    td_study *s = r->study;
    const char *name = is_scalar(key) ? text_of(key) : "";
    if (strcmp(name, "out") == 0)
        return read_text(r, name, value, &s->out);
    if (strcmp(name, "data") == 0)
        return read_text(r, name, value, &s->data);
    if (strcmp(name, "launch") == 0)
        return read_text(r, name, value, &s->launch);
    if (strcmp(name, "seeds") == 0 || strcmp(name, "imbalance") == 0)
        return read_numbers(r, name, value);
    if (strcmp(name, "search") == 0)
        return read_sets(r, &s->common[TD_STUDY_SEARCH], "search:", value);
    if (strcmp(name, "train") == 0)
        return read_sets(r, &s->common[TD_STUDY_TRAIN], "train:", value);
    if (strcmp(name, "methods") == 0)
        return read_methods(r, value);
    if (!is_scalar(key))
        return refuse(r, key, "the file", "a key must be a plain name");
    return unknown(r, key, study_keys, sizeof study_keys / sizeof *study_keys);
}

static td_status read_root(const reader *r)
{
    td_status status = TD_OK;
    const yaml_node_t *root = yaml_document_get_root_node(r->document);
    if (!root)
        return td_error(TD_USAGE, "%s: an empty file", r->study->file);
    if (root->type != YAML_MAPPING_NODE)
        return refuse(r, root, "the file", "it takes keys, as `key: value`");
    const yaml_node_pair_t *pair = root->data.mapping.pairs.start;
    for (; status == TD_OK && pair < root->data.mapping.pairs.top; pair++)
        status = read_pair(r, node_at(r, pair->key), node_at(r, pair->value));
    return status;
}

static td_status read_document(td_study *study, yaml_parser_t *parser)
{
    yaml_document_t document;
    if (!yaml_parser_load(parser, &document))
        return td_error(TD_USAGE, "%s:%zu: not valid YAML: %s", study->file,
                        parser->problem_mark.line + 1,
                        parser->problem ? parser->problem : "no memory to read it");
    reader r = { study, &document };
    td_status status = read_root(&r);
    yaml_document_delete(&document);
    return status;
}

static td_status read_file(td_study *study)
{
    yaml_parser_t parser;
    FILE *file = fopen(study->file, "rb");
    if (!file)
        return td_error(TD_USAGE, "%s: %s", study->file, strerror(errno));
    TD_CHECK(yaml_parser_initialize(&parser), "out of memory for a YAML parser");
    yaml_parser_set_input_file(&parser, file);
    td_status status = read_document(study, &parser);
    yaml_parser_delete(&parser);
    fclose(file);
    return status;
}

static void replace(char **text, const char *by)
{
    if (!by)
        return;
    td_free(*text);
    *text = td_strdup(by);
}

td_status td_study_read(td_study **study, const char *path,
                        const td_study_instead *instead)
{
    td_study *s = td_malloc(sizeof *s);
    s->file = td_strdup(path);
    td_status status = read_file(s);
    replace(&s->out, instead->out);
    replace(&s->data, instead->data);
    replace(&s->launch, instead->launch);
    if (status == TD_OK)
        status = td_study_check(s);
    *study = status == TD_OK ? s : NULL;
    if (status != TD_OK)
        td_study_free(s);
    return status;
}

/* ---- the end -------------------------------------------------------------------- */

static void clear_sets(td_study_sets *sets)
{
    for (int i = 0; i < sets->count; i++) {
        td_free(sets->set[i].key);
        td_free(sets->set[i].value);
    }
}

void td_study_free(td_study *study)
{
    if (!study)
        return;
    for (int i = 0; i < study->method_count; i++) {
        td_study_method *method = &study->methods[i];
        td_free(method->name);
        td_free(method->genotype);
        clear_sets(&method->parts[TD_STUDY_SEARCH]);
        clear_sets(&method->parts[TD_STUDY_TRAIN]);
    }
    clear_sets(&study->common[TD_STUDY_SEARCH]);
    clear_sets(&study->common[TD_STUDY_TRAIN]);
    td_free(study->file);
    td_free(study->out);
    td_free(study->data);
    td_free(study->launch);
    td_free(study);
}
