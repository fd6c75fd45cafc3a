/* The state of a run as an HDF5 image. */
#include "layout.h"
#include "taildart/arch.h"

#include <stdio.h>
#include <stdlib.h>

static int by_offset(const void *a, const void *b)
{
    const td_slot *x = *(const td_slot *const *) a, *y = *(const td_slot *const *) b;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* The slots as they lie in their flat array: a list may run the other way. */
static const td_slot **sorted_slots(const td_slots *slots)
{
    const td_slot **sorted = td_malloc((size_t) slots->count * sizeof *sorted);
    for (int i = 0; i < slots->count; i++)
        sorted[i] = &slots->slots[i];
    qsort(sorted, (size_t) slots->count, sizeof *sorted, by_offset);
    return sorted;
}

static void put_tensors(td_image *image, const td_checkpoint *c,
                        const td_layout_slots *row)
{
    const td_slots *slots = *TD_MEMBER(c, const td_slots *const, row->slots);
    const td_real *data = *TD_MEMBER(c, td_real *const, row->data);
    const td_slot **sorted = sorted_slots(slots);
    size_t offset = 0;
    for (int i = 0; i < slots->count; i++) {
        td_image_array array = td_layout_slot_array(row, sorted[i]);
        TD_ASSERT(td_image_count(&array) == sorted[i]->count);
        TD_ASSERT(sorted[i]->offset == offset); /* the reader counts likewise */
        td_image_put_array(image, &array, data + offset);
        offset += sorted[i]->count;
    }
    TD_ASSERT(offset == slots->total);
    td_free(sorted);
}

static void put_alphas(td_image *image, const td_checkpoint *c,
                       const td_layout_alphas *row)
{
    td_image_array array = td_layout_alpha_array(row, c->edges);
    const td_real *data = *TD_MEMBER(c, td_real *const, row->data);
    size_t table = td_layout_alpha_count(c->edges) / 2;
    TD_ASSERT(data && row->first + row->tables <= 2);
    td_image_put_array(image, &array, data + (size_t) row->first * table);
}

/* What a state may lack: one that was read from an older file. */
static void put_optional(td_image *image, const td_checkpoint *c)
{
    if (c->arch_history) {
        td_image_array array = td_layout_history_array(c->arch_epochs, c->edges);
        td_image_put_array(image, &array, c->arch_history);
    }
    if (c->class_counts) {
        td_image_array array = td_layout_counts_array(c->classes);
        td_image_put_array(image, &array, c->class_counts);
    }
    if (c->class_names)
        td_image_put_text(image, td_layout_class_names, c->class_names);
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
    td_image_put_word(image, td_layout_network, td_layout_kind(c->edges));
    for (const td_layout_limited *row = td_layout_net; row->name; row++)
        td_image_put_integer(image, row->name, *TD_MEMBER(c, const int, row->offset));
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
    td_image_put_word(image, "taildart_version", c->version ? c->version : "");
    for (const td_layout_limited *row = td_layout_integers; row->name; row++)
        td_image_put_integer(image, row->name, *TD_MEMBER(c, const int, row->offset));
    td_image_put_word(image, "dataset_digest", digest);
    if (c->edges > 0)
        td_image_put_word(image, td_layout_relaxation,
                          td_relaxation_name(c->relaxation));
}

void *td_checkpoint_image(const td_checkpoint *c, size_t *n)
{
    td_image image;
    td_image_new(&image);
    put_attributes(&image, c);
    for (const char *const *group = td_layout_groups; *group; group++)
        td_image_put_group(&image, *group);
    for (const td_layout_slots *row = td_layout_tensors; row->prefix; row++)
        put_tensors(&image, c, row);
    for (const td_layout_alphas *row = td_layout_tables; c->edges > 0 && row->name;
         row++)
        put_alphas(&image, c, row);
    for (const td_layout_number *row = td_layout_progress; row->name; row++) {
        td_image_array array = td_layout_number_array(row);
        td_image_put_array(&image, &array, TD_MEMBER(c, const void, row->offset));
    }
    for (int half = 0; half < 2; half++) {
        td_image_array array = td_layout_half_array(half, c->half_count[half]);
        td_image_put_array(&image, &array, c->half[half]);
    }
    put_optional(&image, c);
    put_network(&image, c);
    put_best(&image, c);
    for (const td_layout_member *row = td_layout_texts; row->name; row++) {
        const char *text = *TD_MEMBER(c, char *const, row->offset);
        td_image_put_text(&image, row->name, text ? text : "");
    }
    return td_image_finish(&image, n);
}
