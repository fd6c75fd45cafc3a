/* The state of a run as an HDF5 image. */
#include "layout.h"
#include "taildart/arch.h"

#include <stdio.h>
#include <stdlib.h>

static int by_offset(const void *a, const void *b)
{
    const td_state_part *x = a, *y = b;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* The parts as they lie in their array: a list of slots may run the other way. */
static td_state_part *sorted_parts(const td_search_state *state,
                                   const td_state_row *row)
{
    size_t n = (size_t) td_state_parts(state, row);
    td_state_part *sorted = td_malloc(n * sizeof *sorted);
    for (size_t i = 0; i < n; i++)
        sorted[i] = td_state_part_at(state, row, (int) i);
    qsort(sorted, n, sizeof *sorted, by_offset);
    return sorted;
}

static void put_array(td_image *image, const td_search_state *state,
                      const td_state_row *row)
{
    const td_real *data = *td_state_array(state, row);
    td_state_part *sorted = sorted_parts(state, row);
    int parts = td_state_parts(state, row);
    size_t offset = 0;
    for (int i = 0; i < parts; i++) {
        td_image_array array = td_layout_part_array(row, &sorted[i]);
        TD_ASSERT(td_image_count(&array) == sorted[i].count);
        TD_ASSERT(sorted[i].offset == offset); /* the reader counts likewise */
        td_image_put_array(image, &array, data + offset);
        offset += sorted[i].count;
    }
    TD_ASSERT(offset == td_state_array_numbers(state, row));
    td_free(sorted);
}

/* A mask of ones says nothing. */
static bool is_told(const td_search_state *state, const td_state_row *row)
{
    const td_real *data = *td_state_array(state, row);
    size_t n = td_state_array_numbers(state, row);
    bool is_full = true;
    for (size_t i = 0; i < n && row->traits & TD_STATE_MASK; i++)
        is_full = is_full && data[i] == 1;
    return td_state_parts(state, row) > 0 && !(row->traits & TD_STATE_MASK && is_full);
}

static void put_state(td_image *image, const td_search_state *state)
{
    for (const td_state_row *row = td_state_rows; row->name; row++)
        if (is_told(state, row))
            put_array(image, state, row);
}

static void put_numbers(td_image *image, const td_checkpoint *c)
{
    for (const td_layout_number *row = td_layout_progress; row->name; row++) {
        td_image_array array = td_layout_number_array(row);
        td_image_put_array(image, &array, TD_MEMBER(c, const void, row->offset));
    }
    for (int i = 0; i < TD_STATE_COUNTS; i++) {
        const td_state_count *count = &td_state_counts[i];
        td_image_array array = td_layout_count_array(count);
        if (!count->may_lack || *td_state_count_at(&c->state, count) != 0)
            td_image_put_array(image, &array, td_state_count_at(&c->state, count));
    }
}

/* What a state may lack: one that was read from an older file. */
static void put_optional(td_image *image, const td_checkpoint *c)
{
    if (c->arch_history) {
        td_image_array array = td_layout_history_array(c->arch_epochs, c->state.edges);
        td_image_put_array(image, &array, c->arch_history);
    }
    if (c->class_counts) {
        td_image_array array = td_layout_counts_array(c->classes);
        td_image_put_array(image, &array, c->class_counts);
    }
    if (c->texts.class_names)
        td_image_put_text(image, td_layout_class_names, c->texts.class_names);
    for (const td_layout_member *row = td_layout_words; row->name; row++) {
        const char *word = *TD_MEMBER(c, char *const, row->offset);
        if (word)
            td_image_put_word(image, row->name, word);
    }
}

/* What `eval` builds the network from and normalises with. */
static void put_network(td_image *image, const td_checkpoint *c)
{
    TD_ASSERT(c->image_channels <= TD_MAX_CHANNELS || !c->has_statistics);
    if (c->has_statistics) {
        td_image_put_numbers(image, "mean", c->image_channels, c->mean);
        td_image_put_numbers(image, "std", c->image_channels, c->std);
    }
    if (!c->net.is_known)
        return;
    td_image_put_word(image, td_layout_network, td_layout_kind(c->state.edges));
    for (const td_layout_limited *row = td_layout_net; row->name; row++)
        td_image_put_integer(image, row->name, *TD_MEMBER(c, const int, row->offset));
    if (c->net.head != TD_HEAD_LINEAR) {
        td_image_put_word(image, td_layout_head,
                          td_head_word((td_head_kind) c->net.head));
        td_image_put_numbers(image, td_layout_head_scale, 1, &c->net.head_scale);
    }
    if (c->net.stem != TD_STEM_CIFAR)
        td_image_put_word(image, td_layout_stem,
                          td_stem_word((td_stem_kind) c->net.stem));
}

static void put_double(td_image *image, const char *name, double value)
{
    td_image_array array = { .type = TD_IMAGE_DOUBLE };
    snprintf(array.name, sizeof array.name, "%s", name);
    td_image_put_array(image, &array, &value);
}

/* How the alphas of the epoch were read. */
static void put_relaxation(td_image *image, const td_search_state *state)
{
    if (state->edges > 0 && state->temperature != 1.0)
        put_double(image, td_layout_temperature, state->temperature);
    if (state->edges > 0 && state->skip_bonus != 0.0)
        put_double(image, td_layout_skip_bonus, state->skip_bonus);
}

static void put_best(td_image *image, const td_checkpoint *c)
{
    td_image_array array = { .type = TD_IMAGE_DOUBLE };
    snprintf(array.name, sizeof array.name, "%s", td_layout_best_value);
    td_image_put_word(image, td_layout_best_by,
                      td_best_name((td_best) c->progress.best_by));
    td_image_put_array(image, &array, &c->progress.best_value);
}

static void put_attributes(td_image *image, const td_checkpoint *c)
{
    char digest[2 * sizeof c->dataset_digest + 1];
    for (size_t i = 0; i < sizeof c->dataset_digest; i++)
        snprintf(digest + 2 * i, 3, "%02x", c->dataset_digest[i]);
    td_image_put_integer(image, "format_version", TD_CHECKPOINT_FORMAT);
    td_image_put_word(image, "taildart_version",
                      c->texts.version ? c->texts.version : "");
    for (const td_layout_limited *row = td_layout_integers; row->name; row++)
        td_image_put_integer(image, row->name, *TD_MEMBER(c, const int, row->offset));
    td_image_put_word(image, "dataset_digest", digest);
    if (c->state.edges > 0)
        td_image_put_word(
            image, td_layout_relaxation,
            td_relaxation_name(td_relaxation_kind_of(c->state.relaxation)));
}

void *td_checkpoint_image(const td_checkpoint *c, size_t *n)
{
    td_image image;
    td_image_new(&image);
    put_attributes(&image, c);
    for (const char *const *group = td_layout_groups; *group; group++)
        td_image_put_group(&image, *group);
    put_state(&image, &c->state);
    put_numbers(&image, c);
    for (int half = 0; half < 2; half++) {
        td_image_array array = td_layout_half_array(half, c->half_count[half]);
        td_image_put_array(&image, &array, c->half[half]);
    }
    put_optional(&image, c);
    put_network(&image, c);
    put_best(&image, c);
    put_relaxation(&image, &c->state);
    for (const td_layout_member *row = td_layout_texts; row->name; row++) {
        const char *text = *TD_MEMBER(c, char *const, row->offset);
        td_image_put_text(&image, row->name, text ? text : "");
    }
    return td_image_finish(&image, n);
}
