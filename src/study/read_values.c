/* Values in a study file: texts, lists of numbers, overrides.  The
 * overrides are nested keys as in a configuration; they are kept as text, since they
 * become --set of a command. */
#include "read.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "taildart/base_number.h"
#include "taildart/base_text.h"
#include "taildart/config_keys.h"
#include "taildart/config_nearest.h"
#include "taildart/config_yaml.h"

td_status td_study_refuse(const td_study_reader *r, const yaml_node_t *node,
                          const char *name, const char *why)
{
    return td_error(TD_USAGE, "%s:%zu: %s: %s", r->study->file,
                    node->start_mark.line + 1, name, why);
}

td_status td_study_check_name(const td_study_reader *r, const yaml_node_t *node,
                              const char *list, const char *what, const char *name)
{
    if (name && td_text_is_name(name))
        return TD_OK;
    char *why = name ? td_format("a name of a %s is at most 64 letters, digits and "
                                 ". _ -, and begins with none of . and -",
                                 what)
                     : td_format("a %s without a name", what);
    td_status status = td_study_refuse(r, node, name ? name : list, why);
    td_free(why);
    return status;
}

static const yaml_node_t *node_at(const td_study_reader *r, int index)
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

const char *td_study_scalar(const yaml_node_t *node)
{
    return is_scalar(node) ? text_of(node) : NULL;
}

static bool is_empty(const yaml_node_t *node)
{
    return is_scalar(node) && text_of(node)[0] == '\0';
}

/* ---- maps and lists ---------------------------------------------------------- */

static td_status unknown(const td_study_reader *r, const yaml_node_t *node,
                         const td_study_key *keys, int count)
{
    enum { MOST_KEYS = 12 };
    const char *names[MOST_KEYS];
    TD_ASSERT(count <= MOST_KEYS);
    for (int i = 0; i < count; i++)
        names[i] = keys[i].name;
    const char *nearest = td_nearest(text_of(node), names, count);
    bool is_near = td_is_near(text_of(node), nearest);
    char *why = td_format("unknown key%s%s", is_near ? "; the nearest is " : "",
                          is_near ? nearest : "");
    td_status status = td_study_refuse(r, node, text_of(node), why);
    td_free(why);
    return status;
}

td_status td_study_read_map(const td_study_reader *r, const char *where,
                            const yaml_node_t *map, const td_study_key *keys, int count,
                            void *object)
{
    td_status status = TD_OK;
    TD_ASSERT(map->type == YAML_MAPPING_NODE);
    const yaml_node_pair_t *pair = map->data.mapping.pairs.start;
    for (; status == TD_OK && pair < map->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = node_at(r, pair->key);
        int i = 0;
        if (!is_scalar(key))
            return td_study_refuse(r, key, where, "a key must be a plain name");
        while (i < count && strcmp(keys[i].name, text_of(key)) != 0)
            i++;
        status = i == count ? unknown(r, key, keys, count)
                            : keys[i].read(r, keys[i].name, node_at(r, pair->value),
                                           (char *) object + keys[i].offset);
    }
    return status;
}

td_status td_study_read_list(const td_study_reader *r, const char *name,
                             const yaml_node_t *node, td_study_read_item *read,
                             const char *why)
{
    td_status status = TD_OK;
    if (node->type != YAML_SEQUENCE_NODE)
        return is_empty(node) ? TD_OK : td_study_refuse(r, node, name, why);
    for (const yaml_node_item_t *item = node->data.sequence.items.start;
         status == TD_OK && item < node->data.sequence.items.top; item++)
        status = read(r, name, node_at(r, *item));
    return status;
}

/* ---- texts and numbers ------------------------------------------------------- */

td_status td_study_read_text(const td_study_reader *r, const char *name,
                             const yaml_node_t *value, void *member)
{
    char **text = member;
    if (!is_scalar(value))
        return td_study_refuse(r, value, name, "it takes one value");
    td_free(*text);
    *text = td_strdup(text_of(value));
    return TD_OK;
}

static bool parse_seed(const char *text, int64_t *out)
{
    char *end;
    errno = 0;
    *out = strtoll(text, &end, 10);
    int64_t most = INT64_MAX - (int64_t) TD_STUDY_BETWEEN_REPEATS * TD_STUDY_TRAININGS;
    return errno == 0 && end != text && *end == '\0' && *out >= 0 && *out <= most;
}

static bool parse_imbalance(const char *text, double *out)
{
    return td_number_read(out, text) && isfinite(*out) && *out >= 1;
}

/* Check that a list of \a count numbers can take one more. */
static td_status check_item(const td_study_reader *r, const char *name,
                            const yaml_node_t *item, int count)
{
    if (count == TD_STUDY_LIST)
        return td_study_refuse(r, item, name, "more than 64 of them");
    if (!is_scalar(item))
        return td_study_refuse(r, item, name, "found a list in a list");
    return TD_OK;
}

static td_status twice(const td_study_reader *r, const char *name,
                       const yaml_node_t *item)
{
    return td_study_refuse(r, item, name, "a number is there twice");
}

static td_status read_seed(const td_study_reader *r, const char *name,
                           const yaml_node_t *item)
{
    td_study *s = r->study;
    int64_t seed;
    td_status status = check_item(r, name, item, s->seed_count);
    if (status != TD_OK)
        return status;
    if (!parse_seed(text_of(item), &seed))
        return td_study_refuse(r, item, name, "accepted: whole numbers from 0");
    for (int i = 0; i < s->seed_count; i++)
        if (s->seeds[i] == seed)
            return twice(r, name, item);
    s->seeds[s->seed_count++] = seed;
    return TD_OK;
}

/* Whether td_grid_point_name writes both alike. */
static bool have_one_folder(double a, double b)
{
    char one[32], other[32];
    snprintf(one, sizeof one, "%g", a);
    snprintf(other, sizeof other, "%g", b);
    return strcmp(one, other) == 0;
}

static td_status read_imbalance(const td_study_reader *r, const char *name,
                                const yaml_node_t *item)
{
    td_study *s = r->study;
    double imbalance;
    td_status status = check_item(r, name, item, s->imbalance_count);
    if (status != TD_OK)
        return status;
    if (!parse_imbalance(text_of(item), &imbalance))
        return td_study_refuse(r, item, name, "accepted: numbers from 1");
    for (int i = 0; i < s->imbalance_count; i++)
        if (have_one_folder(s->imbalances[i], imbalance))
            return twice(r, name, item);
    s->imbalances[s->imbalance_count++] = imbalance;
    return TD_OK;
}

static td_status read_numbers(const td_study_reader *r, const char *name,
                              const yaml_node_t *value, td_study_read_item *read)
{
    if (is_scalar(value) && !is_empty(value))
        return read(r, name, value);
    return td_study_read_list(r, name, value, read, "it takes a list: [1, 2, 3]");
}

td_status td_study_read_seeds(const td_study_reader *r, const char *name,
                              const yaml_node_t *value, void *member)
{
    (void) member;
    return read_numbers(r, name, value, read_seed);
}

td_status td_study_read_imbalances(const td_study_reader *r, const char *name,
                                   const yaml_node_t *value, void *member)
{
    (void) member;
    return read_numbers(r, name, value, read_imbalance);
}

/* ---- overrides --------------------------------------------------------------- */

/* The text of a value, for td_free; NULL for a list that the key does not take. */
static char *value_as_text(const td_study_reader *r, const char *key,
                           const yaml_node_t *node)
{
    return is_scalar(node) ? td_strdup(text_of(node))
                           : td_yaml_list_text(td_key_find(key), r->document, node);
}

static td_status add_set(const td_study_reader *r, td_study_sets *sets, const char *key,
                         const yaml_node_t *node)
{
    if (sets->count == TD_STUDY_LIST)
        return td_study_refuse(r, node, key, "more than 64 keys in one place");
    for (int i = 0; i < sets->count; i++)
        if (strcmp(sets->set[i].key, key) == 0)
            return td_error(TD_USAGE, "%s:%zu: %s: given twice, first in line %zu",
                            r->study->file, node->start_mark.line + 1, key,
                            sets->set[i].line);
    char *value = value_as_text(r, key, node);
    if (!value)
        return td_study_refuse(r, node, key, "found a list of others than it takes");
    sets->set[sets->count++] = (td_study_set){
        .key = td_strdup(key),
        .value = value,
        .line = node->start_mark.line + 1,
    };
    return TD_OK;
}

/* Read the keys of a group; a stage's top group is "search:" or "train:".
 * NOLINTNEXTLINE(misc-no-recursion): groups of keys nest */
static td_status read_group(const td_study_reader *r, td_study_sets *sets,
                            const char *group, const yaml_node_t *node)
{
    td_status status = TD_OK;
    if (is_empty(node))
        return TD_OK;
    if (node->type != YAML_MAPPING_NODE)
        return td_study_refuse(r, node, group,
                               "it takes keys below it, as `key: value`");
    const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    for (; status == TD_OK && pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = node_at(r, pair->key),
                          *value = node_at(r, pair->value);
        if (!is_scalar(key))
            return td_study_refuse(r, key, group, "a key must be a plain name");
        bool top = strchr(group, ':') != NULL;
        char *name =
            top ? td_strdup(text_of(key)) : td_format("%s.%s", group, text_of(key));
        status = value->type == YAML_MAPPING_NODE ? read_group(r, sets, name, value)
                                                  : add_set(r, sets, name, value);
        td_free(name);
    }
    return status;
}

td_status td_study_read_sets(const td_study_reader *r, const char *name,
                             const yaml_node_t *value, void *member)
{
    char *group = td_format("%s:", name);
    td_status status = read_group(r, member, group, value);
    td_free(group);
    return status;
}
