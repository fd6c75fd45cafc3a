/* A trace as Chrome's trace events. */
#include "taildart/base_number.h"
#include "taildart/base_text.h"
#include "taildart/timing_trace.h"

static void write_name(td_text *text, int rank, const char *host)
{
    td_text_write(
        text,
        "{\"ph\": \"M\", \"pid\": %d, \"tid\": 0, \"name\": \"process_name\", "
        "\"args\": {\"name\": ",
        rank);
    char *name = td_format("rank %d @ %s", rank, host);
    td_text_write_json(text, name);
    td_free(name);
    td_text_write(text,
                  "}},\n{\"ph\": \"M\", \"pid\": %d, \"tid\": 0, \"name\": "
                  "\"process_sort_index\", \"args\": {\"sort_index\": %d}}",
                  rank, rank);
}

/* Times are microseconds there. */
static void write_slice(td_text *text, const td_trace_slice *s)
{
    td_text_write(text,
                  ",\n{\"ph\": \"X\", \"pid\": %d, \"tid\": 0, \"name\": \"%s\", "
                  "\"ts\": %.3f, \"dur\": %.3f, "
                  "\"args\": {\"epoch\": %lld, \"step\": %lld}}",
                  s->rank, td_section_title((td_section) s->section), 1e6 * s->begin,
                  1e6 * (s->end - s->begin), (long long) s->epoch, (long long) s->step);
}

char *td_trace_json(const td_trace_slice *slices, size_t count,
                    const char *const *hosts, int ranks)
{
    td_text text = { 0 };
    void *before = td_numbers_plain();
    td_text_write(&text, "{\"displayTimeUnit\": \"ms\", \"traceEvents\": [\n");
    for (int r = 0; r < ranks; r++) {
        td_text_write(&text, "%s", r > 0 ? ",\n" : "");
        write_name(&text, r, hosts[r]);
    }
    for (size_t i = 0; i < count; i++)
        write_slice(&text, &slices[i]);
    td_text_write(&text, "\n]}\n");
    td_numbers_restore(before);
    return text.chars;
}
