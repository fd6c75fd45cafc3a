/* Keys to YAML, by libyaml's emitter, which quotes where needed. */
#include "config_internal.h"

#include <string.h>
#include <yaml.h>

#include "taildart/base_text.h"

enum { LEVELS = 4, NAME_BYTES = 32 };

static void emit(yaml_emitter_t *emitter, yaml_event_t *event, int made)
{
    TD_CHECK(made && yaml_emitter_emit(emitter, event), "cannot write YAML: %s",
             emitter->problem ? emitter->problem : "out of memory");
}

static void emit_scalar(yaml_emitter_t *emitter, const char *text)
{
    yaml_event_t event;
    emit(emitter, &event,
         yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *) text,
                                      (int) strlen(text), 1, 1, YAML_ANY_SCALAR_STYLE));
}

static void begin_mapping(yaml_emitter_t *emitter)
{
    yaml_event_t event;
    emit(emitter, &event,
         yaml_mapping_start_event_initialize(&event, NULL, NULL, 1,
                                             YAML_BLOCK_MAPPING_STYLE));
}

static void end_mapping(yaml_emitter_t *emitter)
{
    yaml_event_t event;
    emit(emitter, &event, yaml_mapping_end_event_initialize(&event));
}

/* ---- nesting -------------------------------------------------------------------- */

/* A key's name split at its dots: groups, then the key itself. */
typedef struct {
    char name[LEVELS][NAME_BYTES];
    int count;
} key_path;

static key_path path_of(const char *name)
{
    key_path path = { .count = 0 };
    while (*name) {
        size_t length = strcspn(name, ".");
        TD_ASSERT(path.count < LEVELS && length < NAME_BYTES);
        memcpy(path.name[path.count++], name, length);
        name += length + (name[length] == '.');
    }
    return path;
}

/* Close the groups of \a from that \a to does not share, open those it adds. */
static void change_group(yaml_emitter_t *emitter, const key_path *from,
                         const key_path *to)
{
    int shared = 0;
    while (shared < from->count - 1 && shared < to->count - 1 &&
           strcmp(from->name[shared], to->name[shared]) == 0)
        shared++;
    for (int i = from->count - 1; i > shared; i--)
        end_mapping(emitter);
    for (int i = shared; i < to->count - 1; i++) {
        emit_scalar(emitter, to->name[i]);
        begin_mapping(emitter);
    }
}

/* ---- values --------------------------------------------------------------------- */

static void emit_pair(yaml_emitter_t *emitter, char *text)
{
    yaml_event_t event;
    char *comma = strchr(text, ','), *end = strchr(text, ']');
    TD_ASSERT(text[0] == '[' && comma && end);
    *comma = *end = '\0';
    emit(emitter, &event,
         yaml_sequence_start_event_initialize(&event, NULL, NULL, 1,
                                              YAML_FLOW_SEQUENCE_STYLE));
    emit_scalar(emitter, text + 1);
    emit_scalar(emitter, comma + 2);
    emit(emitter, &event, yaml_sequence_end_event_initialize(&event));
}

/* A list in the flow style, from its own text, which is YAML. */
static void emit_rows(yaml_emitter_t *emitter, const char *text)
{
    yaml_parser_t parser;
    yaml_event_t event;
    bool ends = false;
    TD_CHECK(yaml_parser_initialize(&parser), "out of memory for a YAML parser");
    yaml_parser_set_input_string(&parser, (const unsigned char *) text, strlen(text));
    while (!ends) {
        TD_CHECK(yaml_parser_parse(&parser, &event), "rows that are not YAML: %s",
                 text);
        ends = event.type == YAML_STREAM_END_EVENT;
        if (event.type == YAML_SEQUENCE_START_EVENT ||
            event.type == YAML_SEQUENCE_END_EVENT ||
            event.type == YAML_MAPPING_START_EVENT ||
            event.type == YAML_MAPPING_END_EVENT || event.type == YAML_SCALAR_EVENT)
            emit(emitter, &event, 1); /* which the emitter then owns */
        else
            yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
}

static void emit_value(yaml_emitter_t *emitter, const td_settings *settings,
                       const td_key *key)
{
    char text[TD_TEXT_BYTES];
    td_key_write(key, &settings->config, text);
    if (key->type == TD_KEY_PAIR)
        emit_pair(emitter, text);
    else if (key->type == TD_KEY_ROWS)
        emit_rows(emitter, text);
    else
        emit_scalar(emitter, text);
}

static void emit_keys(yaml_emitter_t *emitter, const td_settings *settings)
{
    key_path current = { .count = 1 };
    for (int i = 0; i < td_key_count(); i++) {
        if (!td_settings_shows(settings, &td_keys[i]))
            continue;
        key_path next = path_of(td_keys[i].name);
        change_group(emitter, &current, &next);
        emit_scalar(emitter, next.name[next.count - 1]);
        emit_value(emitter, settings, &td_keys[i]);
        current = next;
    }
    key_path top = { .count = 1 };
    change_group(emitter, &current, &top);
}

/* ---- the document --------------------------------------------------------------- */

static int append(void *text, unsigned char *bytes, size_t count)
{
    td_text_write_bytes(text, (const char *) bytes, count);
    return 1;
}

char *td_settings_yaml(const td_settings *settings)
{
    td_text text = { 0 };
    yaml_emitter_t emitter;
    yaml_event_t event;
    TD_CHECK(yaml_emitter_initialize(&emitter), "out of memory for a YAML emitter");
    yaml_emitter_set_output(&emitter, append, &text);
    yaml_emitter_set_unicode(&emitter, 1);
    yaml_emitter_set_width(&emitter, -1); /* long paths stay on their line */
    emit(&emitter, &event,
         yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
    emit(&emitter, &event,
         yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1));
    begin_mapping(&emitter);
    emit_keys(&emitter, settings);
    end_mapping(&emitter);
    emit(&emitter, &event, yaml_document_end_event_initialize(&event, 1));
    emit(&emitter, &event, yaml_stream_end_event_initialize(&event));
    yaml_emitter_delete(&emitter);
    TD_ASSERT(text.chars);
    return text.chars;
}
