/* Lists in YAML as the text that a key takes. */
#include "taildart/base_text.h"
#include "taildart/config_keys.h"
#include "taildart/config_yaml.h"

static const char *scalar_of(const yaml_node_t *node)
{
    TD_ASSERT(node->type == YAML_SCALAR_NODE);
    return (const char *) node->data.scalar.value;
}

/* "{epoch: 25, keep: 5}".  \return false where a member is not a scalar */
static bool write_map(td_text *text, yaml_document_t *document, const yaml_node_t *map)
{
    const yaml_node_pair_t *first = map->data.mapping.pairs.start;
    const yaml_node_pair_t *end = map->data.mapping.pairs.top;
    td_text_write(text, "{");
    for (const yaml_node_pair_t *pair = first; pair < end; pair++) {
        const yaml_node_t *name = yaml_document_get_node(document, pair->key);
        const yaml_node_t *value = yaml_document_get_node(document, pair->value);
        if (name->type != YAML_SCALAR_NODE || value->type != YAML_SCALAR_NODE)
            return false;
        td_text_write(text, "%s%s: %s", pair == first ? "" : ", ", scalar_of(name),
                      scalar_of(value));
    }
    td_text_write(text, "}");
    return true;
}

static bool write_element(td_text *text, yaml_document_t *document, const td_key *key,
                          const yaml_node_t *element)
{
    if (key && key->type == TD_KEY_ROWS)
        return element->type == YAML_MAPPING_NODE && write_map(text, document, element);
    if (element->type != YAML_SCALAR_NODE)
        return false;
    td_text_write(text, "%s", scalar_of(element));
    return true;
}

char *td_yaml_list_text(const td_key *key, yaml_document_t *document,
                        const yaml_node_t *node)
{
    td_text text = { 0 };
    const yaml_node_item_t *first = node->data.sequence.items.start;
    const yaml_node_item_t *end = node->data.sequence.items.top;
    bool is_text = key && key->type == TD_KEY_TEXT;
    td_text_write(&text, is_text ? "" : "[");
    for (const yaml_node_item_t *item = first; item < end; item++) {
        const yaml_node_t *element = yaml_document_get_node(document, *item);
        td_text_write(&text, item == first ? "" : ", ");
        if (!write_element(&text, document, key, element)) {
            td_free(text.chars);
            return NULL;
        }
    }
    td_text_write(&text, is_text ? "" : "]");
    return text.chars;
}
