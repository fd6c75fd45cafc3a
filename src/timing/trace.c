/* The trace: slices in memory that is taken before the first of them, and their JSON. */
#include "taildart/timing_trace.h"

#include <string.h>

#include "taildart/base_clock.h"
#include "taildart/base_text.h"
#include "trace.h"

/* Sections of a step of second order, with room for a save and a validation. */
enum { SLICES_A_STEP = 64 };

static struct {
    td_trace_slice *slices; /* owned: (room) */
    int count, room;
    int steps; /* still to come, the one under way included */
    double start;
    int64_t epoch, step;
} trace;

void td_trace_begin(int steps)
{
    TD_ASSERT(!trace.slices && steps > 0);
    trace.room = (steps + 1) * SLICES_A_STEP;
    trace.slices = td_malloc((size_t) trace.room * sizeof *trace.slices);
    trace.count = 0;
    trace.steps = steps + 1; /* the first is begun later */
    trace.start = td_clock_seconds();
}

void td_trace_step(int64_t epoch, int64_t step)
{
    if (trace.steps > 0)
        trace.steps--;
    trace.epoch = epoch;
    trace.step = step;
}

void td_trace_note(td_section section, double begin, double end)
{
    if (trace.steps == 0 || trace.count == trace.room || end <= trace.start)
        return;
    trace.slices[trace.count++] = (td_trace_slice){
        .begin = begin > trace.start ? begin - trace.start : 0.0,
        .end = end - trace.start,
        .epoch = trace.epoch,
        .step = trace.step,
        .section = section,
    };
}

bool td_trace_is_complete(void)
{
    return trace.slices && trace.steps == 0;
}

td_trace_slice *td_trace_end(int *count)
{
    td_trace_slice *slices = trace.slices;
    *count = trace.count;
    trace.slices = NULL;
    trace.count = trace.room = trace.steps = 0;
    return slices;
}

/* ---- JSON ------------------------------------------------------------------------ */

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
    td_text_write(&text, "{\"displayTimeUnit\": \"ms\", \"traceEvents\": [\n");
    for (int r = 0; r < ranks; r++) {
        td_text_write(&text, "%s", r > 0 ? ",\n" : "");
        write_name(&text, r, hosts[r]);
    }
    for (size_t i = 0; i < count; i++)
        write_slice(&text, &slices[i]);
    td_text_write(&text, "\n]}\n");
    return text.chars;
}
