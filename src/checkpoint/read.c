/* A checkpoint from its HDF5 image.  Shapes come first, so that each array is known to
 * fit before anything is allocated for it; then the same lists as in writing. */
#include "layout.h"
#include "taildart/arch.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* A checkpoint with the slots that it owns. */
typedef struct {
    td_checkpoint checkpoint; /* first: td_checkpoint_free gets its address */
    td_slots weights, norms;
} loaded;

void td_checkpoint_free(td_checkpoint *c)
{
    if (!c)
        return;
    loaded *owner = (loaded *) c;
    td_arena_clear(&c->state.memory);
    for (const td_layout_member *row = td_layout_texts; row->name; row++)
        td_free(*TD_MEMBER(c, char *, row->offset));
    for (const td_layout_member *row = td_layout_words; row->name; row++)
        td_free(*TD_MEMBER(c, char *, row->offset));
    td_free(c->texts.version);
    td_free(c->arch_history);
    td_free(c->class_counts);
    td_free(c->texts.class_names);
    td_free(c->half[0]);
    td_free(c->half[1]);
    td_free(owner->weights.slots);
    td_free(owner->norms.slots);
    td_free(owner);
}

/* ---- contents ---------------------------------------------------------------- */

static void fill_ones(td_real *to, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = 1;
}

static void read_arrays(td_image *image, td_search_state *state)
{
    if (!image->ok)
        return;
    TD_ASSERT(state->weight_slots->count > 0 && state->norm_slots->count > 0);
    td_search_state_take(state);
    for (const td_state_row *row = td_state_rows; row->name; row++) {
        int parts = td_state_parts(state, row);
        for (int i = 0; i < parts && image->ok; i++) {
            td_state_part part = td_state_part_at(state, row, i);
            td_image_array array = td_layout_part_array(row, &part);
            td_real *to = *td_state_array(state, row) + part.offset;
            if (row->traits & TD_STATE_MASK && !td_image_has(image, array.name))
                fill_ones(to, part.count);
            else
                td_image_get_array(image, &array, to);
        }
    }
}

static void read_numbers(td_image *image, td_checkpoint *c)
{
    for (const td_layout_number *row = td_layout_progress; row->name; row++) {
        td_image_array array = td_layout_number_array(row);
        td_image_get_array(image, &array, TD_MEMBER(c, void, row->offset));
    }
    for (int i = 0; i < TD_STATE_COUNTS; i++) {
        const td_state_count *count = &td_state_counts[i];
        td_image_array array = td_layout_count_array(count);
        if (!count->may_lack || td_image_has(image, array.name))
            td_image_get_array(image, &array, td_state_count_at(&c->state, count));
    }
}

static void read_half(td_image *image, td_checkpoint *c, int half)
{
    td_image_array array = td_layout_half_array(half, 0);
    td_image_get_shape(image, &array);
    if (image->ok && array.rank != 1)
        td_image_refuse(image, array.name, "not a list");
    if (!image->ok)
        return;
    c->half_count[half] = (int64_t) array.dims[0];
    c->half[half] = td_malloc(array.dims[0] * sizeof *c->half[half]);
    td_image_get_array(image, &array, c->half[half]);
}

/* One row per epoch, as many as there are; older files have none. */
static void read_arch_history(td_image *image, td_checkpoint *c)
{
    td_image_array array = { .type = TD_IMAGE_REAL };
    if (!td_image_has(image, td_layout_arch_history))
        return;
    snprintf(array.name, sizeof array.name, "%s", td_layout_arch_history);
    td_image_get_shape(image, &array);
    if (image->ok && array.rank != 4)
        td_image_refuse(image, array.name, "not one table per epoch");
    if (!image->ok)
        return;
    c->arch_epochs = (int64_t) array.dims[0];
    td_image_array like = td_layout_history_array(c->arch_epochs, c->state.edges);
    if (!td_image_is_alike(image, &array, &like)) /* before room is made for it */
        return;
    c->arch_history = td_malloc(td_image_count(&array) * sizeof *c->arch_history);
    td_image_get_array(image, &array, c->arch_history);
}

static void read_class_counts(td_image *image, td_checkpoint *c)
{
    if (!td_image_has(image, td_layout_class_counts))
        return;
    td_image_array like = td_layout_counts_array(c->classes), array = like;
    td_image_get_shape(image, &array);
    if (!image->ok || !td_image_is_alike(image, &array, &like))
        return; /* before room is made for it */
    c->class_counts = td_malloc(td_image_count(&array) * sizeof *c->class_counts);
    td_image_get_array(image, &array, c->class_counts);
}

/* The digest from its 32 hexadecimal digits. */
static void read_digest(td_image *image, td_checkpoint *c)
{
    static const char digits[] = "0123456789abcdef";
    char *text = td_image_get_word(image, "dataset_digest");
    size_t n = 2 * sizeof c->dataset_digest;
    if (text && (strlen(text) != n || strspn(text, digits) != n))
        td_image_refuse(image, "dataset_digest", "not 32 hexadecimal digits");
    for (size_t i = 0; text && image->ok && i < n; i++) {
        int digit = (int) (strchr(digits, text[i]) - digits);
        c->dataset_digest[i / 2] = (uint8_t) (c->dataset_digest[i / 2] << 4 | digit);
    }
    td_free(text);
}

static void read_limited(td_image *image, td_checkpoint *c,
                         const td_layout_limited *row)
{
    for (; row->name; row++) {
        int64_t value = td_image_get_integer(image, row->name);
        if (value < row->least || value > row->most)
            td_h5_refuse(&image->h5, row->name, "%lld, but it can be %d to %d",
                         (long long) value, row->least, row->most);
        image->ok = image->ok && image->h5.ok;
        *TD_MEMBER(c, int, row->offset) = image->ok ? (int) value : 0;
    }
}

static void read_attributes(td_image *image, td_checkpoint *c)
{
    int64_t format = td_image_get_integer(image, "format_version");
    if (format != TD_CHECKPOINT_FORMAT)
        td_image_refuse(image, "format_version",
                        "of a taildart that is newer or older than this one");
    c->texts.version = td_image_get_word(image, "taildart_version");
    for (const td_layout_member *row = td_layout_words; row->name; row++)
        if (td_image_has_attribute(image, row->name)) /* older files have none */
            *TD_MEMBER(c, char *, row->offset) = td_image_get_word(image, row->name);
    read_digest(image, c);
    read_limited(image, c, td_layout_integers);
}

/* A word has to be the one that the tables of alphas ask for. */
static void check_word(td_image *image, const char *name, const char *word,
                       const char *wanted)
{
    if (word && strcmp(word, wanted) != 0)
        td_image_refuse(image, name,
                        "does not fit the tables of alphas, or their lack");
}

static void read_head(td_image *image, td_saved_net *net)
{
    if (!td_image_has_attribute(image, td_layout_head))
        return;
    char *word = td_image_get_word(image, td_layout_head);
    while (word && net->head < TD_HEAD_COUNT &&
           strcmp(word, td_head_word((td_head_kind) net->head)) != 0)
        net->head++;
    td_free(word);
    if (image->ok && net->head == TD_HEAD_COUNT)
        td_image_refuse(image, td_layout_head, "not one that this version has");
    td_image_get_numbers(image, td_layout_head_scale, 1, &net->head_scale);
    if (image->ok && !(net->head_scale > 0.0 && net->head_scale <= 1e6))
        td_image_refuse(image, td_layout_head_scale, "not above 0 and at most 1e6");
}

static void read_stem(td_image *image, td_saved_net *net)
{
    if (!td_image_has_attribute(image, td_layout_stem))
        return;
    char *word = td_image_get_word(image, td_layout_stem);
    while (word && net->stem < TD_STEM_COUNT &&
           strcmp(word, td_stem_word((td_stem_kind) net->stem)) != 0)
        net->stem++;
    td_free(word);
    if (image->ok && net->stem == TD_STEM_COUNT)
        td_image_refuse(image, td_layout_stem, "not one that this version has");
}

static void read_network(td_image *image, td_checkpoint *c)
{
    check_word(image, "command", c->texts.command,
               c->state.edges > 0 ? "search" : "train");
    if (!td_image_has_attribute(image, td_layout_network))
        return;
    char *kind = td_image_get_word(image, td_layout_network);
    check_word(image, td_layout_network, kind, td_layout_kind(c->state.edges));
    td_free(kind);
    read_limited(image, c, td_layout_net);
    read_head(image, &c->net);
    read_stem(image, &c->net);
    c->net.is_known = image->ok;
    c->state.cells = c->net.cells;
}

static void read_statistics(td_image *image, td_checkpoint *c)
{
    if (!td_image_has_attribute(image, "mean"))
        return;
    int channels = c->image_channels;
    if (!image->ok)
        return;
    td_image_get_numbers(image, "mean", channels, c->mean);
    td_image_get_numbers(image, "std", channels, c->std);
    for (int i = 0; i < channels; i++)
        if (!(c->mean[i] >= 0.0 && c->mean[i] <= 1.0) ||
            !(c->std[i] >= 0.0 && c->std[i] <= 1.0))
            td_image_refuse(image, "mean and std", "not numbers from 0 to 1");
    c->has_statistics = image->ok;
}

/* Older files know one measure. */
static void read_best(td_image *image, td_checkpoint *c)
{
    bool is_older = !td_image_has(image, td_layout_best_value);
    td_image_array array = { .type = TD_IMAGE_DOUBLE };
    snprintf(array.name, sizeof array.name, "%s",
             is_older ? td_layout_best_before : td_layout_best_value);
    td_image_get_array(image, &array, &c->progress.best_value);
    c->progress.best_by = TD_BEST_TOP1;
    if (is_older)
        return;
    char *word = td_image_get_word(image, td_layout_best_by);
    td_best by = TD_BEST_TOP1;
    if (word && !td_best_find(&by, word))
        td_image_refuse(image, td_layout_best_by, "not balanced, top1 or loss");
    c->progress.best_by = by;
    td_free(word);
}

/* A number that a file has where it is not \a standard. */
static double read_double(td_image *image, const char *name, double standard,
                          double least)
{
    double value = standard;
    td_image_array array = { .type = TD_IMAGE_DOUBLE };
    snprintf(array.name, sizeof array.name, "%s", name);
    if (!td_image_has(image, name))
        return standard;
    td_image_get_array(image, &array, &value);
    if (image->ok && !(isfinite(value) && value >= least))
        td_image_refuse(image, name, "out of range");
    return image->ok ? value : standard;
}

/* Older files know one. */
static void read_relaxation(td_image *image, td_checkpoint *c)
{
    c->state.relaxation = &td_relaxation_softmax;
    c->state.temperature = read_double(image, td_layout_temperature, 1.0, DBL_MIN);
    c->state.skip_bonus = read_double(image, td_layout_skip_bonus, 0.0, 0.0);
    if (!td_image_has_attribute(image, td_layout_relaxation))
        return;
    char *word = td_image_get_word(image, td_layout_relaxation);
    int kind = word ? td_relaxation_find(word) : TD_RELAXATION_SOFTMAX;
    if (kind < 0)
        td_image_refuse(image, td_layout_relaxation, "not one that this version has");
    else
        c->state.relaxation = td_relaxation_of((td_relaxation_kind) kind);
    td_free(word);
}

/* The operations that edges were built with: whether noise is one of them. */
static void read_space(td_image *image, td_checkpoint *c)
{
    td_space space = { 0 };
    const char *words = c->texts.operations;
    if (!words || !image->ok)
        return;
    if (!c->net.is_known || strlen(words) >= TD_TEXT_BYTES ||
        td_space_find(&space, words, c->net.nodes) != TD_OK)
        td_image_refuse(image, "net_operations",
                        "not operations that this version has");
    c->state.has_noise = space.has_noise;
    c->state.adds_skips = space.adds_skips;
}

/* A line for each class. */
static void read_class_names(td_image *image, td_checkpoint *c)
{
    if (!td_image_has(image, td_layout_class_names))
        return;
    c->texts.class_names = td_image_get_text(image, td_layout_class_names);
    int64_t lines = 0;
    for (const char *at = c->texts.class_names; at && *at; at++)
        lines += *at == '\n';
    if (image->ok && lines != c->classes)
        td_image_refuse(image, td_layout_class_names, "not a line for each class");
}

static void read_texts(td_image *image, td_checkpoint *c)
{
    for (const td_layout_member *row = td_layout_texts; row->name; row++)
        *TD_MEMBER(c, char *, row->offset) = td_image_get_text(image, row->name);
    size_t length = c->texts.history ? strlen(c->texts.history) : 0;
    if (length > 0 && c->texts.history[length - 1] != '\n')
        td_image_refuse(image, "/history", "its last row is not whole");
}

static void read_all(td_image *image, loaded *owner)
{
    td_checkpoint *c = &owner->checkpoint;
    read_attributes(image, c);
    td_checkpoint_read_edges(image, c);
    td_checkpoint_read_slots(image, &owner->weights, TD_PER_WEIGHT);
    td_checkpoint_read_slots(image, &owner->norms, TD_PER_NORM);
    c->state.weight_slots = &owner->weights;
    c->state.norm_slots = &owner->norms;
    td_checkpoint_check_sides(image, c);
    read_arrays(image, &c->state);
    read_numbers(image, c);
    read_half(image, c, 0);
    read_half(image, c, 1);
    read_arch_history(image, c);
    read_class_counts(image, c);
    read_class_names(image, c);
    read_network(image, c);
    read_space(image, c);
    read_statistics(image, c);
    read_best(image, c);
    read_relaxation(image, c);
    read_texts(image, c);
    td_checkpoint_check(image, c);
}

td_status td_checkpoint_parse(td_checkpoint **checkpoint, const void *bytes, size_t n,
                              const char *path)
{
    td_image image;
    loaded *owner = td_malloc(sizeof *owner);
    td_image_open(&image, bytes, n, path);
    read_all(&image, owner);
    td_image_close(&image);
    *checkpoint = image.ok ? &owner->checkpoint : NULL;
    if (image.ok)
        return TD_OK;
    td_checkpoint_free(&owner->checkpoint);
    return TD_CHECKPOINT;
}
