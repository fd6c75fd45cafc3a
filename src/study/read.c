/* Reading of a study file: the tables of its keys. */
#include "read.h"

#include <string.h>

#include "taildart/base_file.h"
#include "taildart/base_text.h"
#include "taildart/config_yaml.h"

/* ---- methods ----------------------------------------------------------------- */

static const td_study_key method_keys[] = {
    { "name", td_study_read_text, offsetof(td_study_method, name) },
    { "search", td_study_read_sets, offsetof(td_study_method, sets[TD_STUDY_SEARCH]) },
    { "train", td_study_read_sets, offsetof(td_study_method, sets[TD_STUDY_TRAIN]) },
    { "genotype", td_study_read_text, offsetof(td_study_method, genotype) },
};

static td_status check_name(const td_study_reader *r, const yaml_node_t *node,
                            const td_study_method *method)
{
    const td_study *s = r->study;
    td_status status = td_study_check_name(r, node, "methods", "method", method->name);
    for (const td_study_method *other = s->methods; status == TD_OK && other < method;
         other++)
        if (strcmp(other->name, method->name) == 0)
            status =
                td_study_refuse(r, node, method->name, "two methods have this name");
    return status;
}

static td_status read_method(const td_study_reader *r, const char *name,
                             const yaml_node_t *item)
{
    td_study *s = r->study;
    if (item->type != YAML_MAPPING_NODE)
        return td_study_refuse(r, item, name,
                               "a method is {name: NAME, search: {...}}");
    if (s->method_count == TD_STUDY_LIST)
        return td_study_refuse(r, item, name, "more than 64 of them");
    td_study_method *method = &s->methods[s->method_count++];
    method->line = item->start_mark.line + 1;
    td_status status = td_study_read_map(
        r, name, item, method_keys, sizeof method_keys / sizeof *method_keys, method);
    return status == TD_OK ? check_name(r, item, method) : status;
}

static td_status read_methods(const td_study_reader *r, const char *name,
                              const yaml_node_t *value, void *member)
{
    (void) member; /* a method needs the study: names differ */
    return td_study_read_list(r, name, value, read_method,
                              "it takes a list of methods");
}

/* ---- the file ---------------------------------------------------------------- */

static const td_study_key study_keys[] = {
    { "out", td_study_read_text, offsetof(td_study, out) },
    { "data", td_study_read_text, offsetof(td_study, data) },
    { "seeds", td_study_read_seeds, 0 },
    { "imbalance", td_study_read_imbalances, 0 },
    { "launch", td_study_read_text, offsetof(td_study, launch) },
    { "search", td_study_read_sets, offsetof(td_study, common[TD_STUDY_SEARCH]) },
    { "train", td_study_read_train, offsetof(td_study, common[TD_STUDY_TRAIN]) },
    { "axes", td_study_read_axes, 0 },
    { "methods", read_methods, 0 },
    { "exclude", td_study_read_exclude, 0 },
    { "control", td_study_read_text, offsetof(td_study, control_name) },
};

static td_status read_root(const td_study_reader *r)
{
    const yaml_node_t *root = yaml_document_get_root_node(r->document);
    if (!root)
        return td_error(TD_USAGE, "%s: an empty file", r->study->file);
    if (root->type != YAML_MAPPING_NODE)
        return td_study_refuse(r, root, "the file", "it takes keys, as `key: value`");
    return td_study_read_map(r, "the file", root, study_keys,
                             sizeof study_keys / sizeof *study_keys, r->study);
}

static td_status read_text(td_study *study, const char *text, size_t bytes)
{
    yaml_document_t document;
    td_status status = td_yaml_load_text(&document, study->file, text, bytes);
    if (status != TD_OK)
        return status;
    td_study_reader r = { study, &document };
    status = read_root(&r);
    yaml_document_delete(&document);
    return status;
}

td_status td_study_load(char **text, size_t *bytes, const char *path)
{
    enum { MOST_BYTES = 1 << 20 };
    if (td_file_read_given(text, bytes, path, MOST_BYTES) == TD_OK)
        return TD_OK;
    return td_error(TD_USAGE, "%s", td_error_message());
}

static void replace(char **text, const char *by)
{
    if (!by)
        return;
    td_free(*text);
    *text = td_strdup(by);
}

/* The text of the file; \a data: that of an option, where the file names none. */
static char *text_of(const char *text, size_t bytes, const char *data)
{
    td_text whole = { 0 };
    td_text_write(&whole, "%s", "");
    td_text_write_bytes(&whole, text, bytes);
    if (data) {
        td_text_write(&whole, "\ndata: ");
        td_text_write_json(&whole, data);
        td_text_write(&whole, "\n");
    }
    return whole.chars;
}

td_status td_study_parse(td_study **study, const char *path, const char *text,
                         size_t bytes, const td_study_replacements *options)
{
    TD_ASSERT(study && path && text && options);
    td_study *s = td_malloc(sizeof *s);
    s->file = td_strdup(path);
    s->repeats = 1;
    td_status status = read_text(s, text, bytes);
    s->text = text_of(text, bytes, s->data ? NULL : options->data);
    replace(&s->out, options->out);
    replace(&s->data, options->data);
    replace(&s->launch, options->launch);
    if (status == TD_OK)
        status = td_study_check(s);
    *study = status == TD_OK ? s : NULL;
    if (status != TD_OK)
        td_study_free(s);
    return status;
}

td_status td_study_read(td_study **study, const char *path,
                        const td_study_replacements *options)
{
    char *text = NULL;
    size_t bytes = 0;
    *study = NULL;
    td_status status = td_study_load(&text, &bytes, path);
    if (status == TD_OK)
        status = td_study_parse(study, path, text, bytes, options);
    td_free(text);
    return status;
}
