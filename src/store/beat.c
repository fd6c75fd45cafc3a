/* The heartbeat of a run: a few lines "NAME NUMBER", replaced as a whole. */
#include "taildart/store_beat.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "run_parts.h"
#include "taildart/base_file.h"
#include "taildart/base_number.h"
#include "taildart/base_text.h"

static const char *const words[TD_BEAT_STATES] = {
    [TD_BEAT_STEPS] = "steps",       [TD_BEAT_VALIDATION] = "validation",
    [TD_BEAT_FINISHED] = "finished", [TD_BEAT_STOPPED] = "stopped",
    [TD_BEAT_FAILED] = "failed",
};

/* Counts, then the other numbers. */
static const struct {
    const char *name;
    size_t offset;
} counts[] = {
    { "epoch", offsetof(td_beat, epoch) },
    { "epochs", offsetof(td_beat, epochs) },
    { "step", offsetof(td_beat, step) },
    { "steps", offsetof(td_beat, steps) },
}, numbers[] = {
    { "step_seconds", offsetof(td_beat, step_seconds) },
    { "left", offsetof(td_beat, left) },
    { "patience", offsetof(td_beat, patience) },
    { "time", offsetof(td_beat, time) },
};

enum {
    COUNTS = sizeof counts / sizeof *counts,
    NUMBERS = sizeof numbers / sizeof *numbers
};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (double) time.tv_sec + 1e-9 * (double) time.tv_nsec;
}

td_status td_beat_write(td_run *run, const td_beat *beat)
{
    td_text text = { 0 };
    td_beat timed = *beat;
    void *before = td_numbers_plain();
    timed.time = now();
    td_text_write(&text, "state %s\n", words[beat->state]);
    for (int i = 0; i < COUNTS; i++) {
        int64_t value;
        memcpy(&value, (const char *) &timed + counts[i].offset, sizeof value);
        td_text_write(&text, "%s %lld\n", counts[i].name, (long long) value);
    }
    for (int i = 0; i < NUMBERS; i++) {
        double value;
        memcpy(&value, (const char *) &timed + numbers[i].offset, sizeof value);
        td_text_write(&text, "%s %.3f\n", numbers[i].name, value);
    }
    td_numbers_restore(before);
    td_status status = td_run_write(run, TD_RUN_BEAT, text.chars);
    td_free(text.chars);
    return status;
}

/* ---- reading --------------------------------------------------------------------- */

/* What stands behind a name at the beginning of a line; NULL where there is none. */
static const char *behind(const char *text, const char *name)
{
    size_t length = strlen(name);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, length) == 0 && line[length] == ' ')
            return line + length + 1;
    }
    return NULL;
}

static bool parse_state(td_beat *beat, const char *text)
{
    const char *word = behind(text, "state");
    for (int s = 0; word && s < TD_BEAT_STATES; s++)
        if (strncmp(word, words[s], strlen(words[s])) == 0) {
            beat->state = (td_beat_state) s;
            return true;
        }
    return false;
}

static bool parse(td_beat *beat, const char *text)
{
    char *end;
    bool is_whole = parse_state(beat, text);
    for (int i = 0; i < COUNTS && is_whole; i++) {
        const char *at = behind(text, counts[i].name);
        int64_t value = at ? strtoll(at, &end, 10) : 0;
        is_whole = at && end != at && value >= 0;
        memcpy((char *) beat + counts[i].offset, &value, sizeof value);
    }
    for (int i = 0; i < NUMBERS && is_whole; i++) {
        const char *at = behind(text, numbers[i].name);
        double value = NAN;
        if (at)
            td_number_read_first(&value, at);
        is_whole = value >= 0.0;
        memcpy((char *) beat + numbers[i].offset, &value, sizeof value);
    }
    return is_whole;
}

bool td_beat_read(td_beat *beat, const char *path)
{
    enum { MOST_BYTES = 4096 };
    char *text = NULL, *file = td_format("%s/%s", path, TD_RUN_BEAT);
    td_status status = td_file_read_regular(&text, NULL, file, MOST_BYTES);
    bool is_read = status == TD_OK && parse(beat, text);
    td_free(text);
    td_free(file);
    return is_read;
}
