/* The shapes of a checkpoint: slots of the network, edges of its cells. */
#include "layout.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Cut \a suffix off \a name; false if it ends otherwise. */
static bool cut_suffix(char *name, const char *suffix)
{
    size_t length = strlen(name), cut = strlen(suffix);
    if (length <= cut || strcmp(name + length - cut, suffix) != 0)
        return false;
    name[length - cut] = '\0';
    return true;
}

/* One slot, as large as its dataset is. */
static void read_slot(td_image *image, const td_state_row *row, td_slot *slot,
                      size_t offset)
{
    td_image_array array = { .type = TD_IMAGE_REAL };
    snprintf(array.name, sizeof array.name, "%s%s%s", row->prefix, slot->name,
             row->suffix);
    td_image_get_shape(image, &array);
    if (image->ok && array.rank == 0)
        td_image_refuse(image, array.name, "has a shape that cannot be");
    if (!image->ok)
        return;
    slot->rank = array.rank;
    slot->offset = offset;
    slot->count = td_image_count(&array);
    for (int i = 0; i < array.rank; i++)
        slot->dims[i] = (int) array.dims[i];
    slot->fan_in = slot->rank > 1 && slot->dims[0] > 0
                       ? (int) (slot->count / (size_t) slot->dims[0])
                       : 0;
}

/* The array whose names and shapes stand for those of its like. */
static const td_state_row *first_of(td_state_extent extent)
{
    const td_state_row *row = td_state_rows;
    while (row->name && row->extent != extent)
        row++;
    TD_ASSERT(row->name);
    return row;
}

void td_checkpoint_read_slots(td_image *image, td_slots *slots, td_state_extent extent)
{
    const td_state_row *row = first_of(extent);
    char group[32], name[TD_NAME_BYTES + 16];
    snprintf(group, sizeof group, "%.*s", (int) strlen(row->prefix) - 1, row->prefix);
    size_t members = td_image_members(image, group);
    if (members == 0 || members > INT_MAX)
        td_image_refuse(image, group, "empty");
    if (!image->ok)
        return;
    slots->slots = td_malloc(members * sizeof *slots->slots);
    for (size_t i = 0; i < members && image->ok; i++) {
        td_slot *slot = &slots->slots[slots->count];
        td_image_member(image, group, i, name, sizeof name);
        if (!image->ok || !cut_suffix(name, row->suffix))
            continue;
        if (strlen(name) >= sizeof slot->name) {
            td_image_refuse(image, group, "a name in it is too long");
            return;
        }
        memcpy(slot->name, name, strlen(name) + 1);
        read_slot(image, row, slot, slots->total);
        slots->total += slot->count;
        slots->count++;
    }
    /* One stretch of bytes might be promised many times over; packing by another
     * program saves less than that. */
    if (image->ok && slots->total > TD_MOST_SHARING * image->bytes / sizeof(float))
        td_image_refuse(image, group, "larger than the file");
}

/* The dataset of a part of an array per edge: its name is that of any network. */
static td_image_array edge_array(const td_state_row *row, int i)
{
    static const td_search_state any = { .edges = 1, .has_edge_weights = true };
    td_state_part part = td_state_part_at(&any, row, i);
    return td_layout_part_array(row, &part);
}

/* Whether there is anything per edge, in rows that have all of \a traits. */
static bool has_tables(td_image *image, unsigned traits)
{
    static const td_search_state any = { .edges = 1, .has_edge_weights = true };
    for (const td_state_row *row = td_state_rows; row->name; row++)
        for (int i = 0; (row->traits & traits) == traits &&
                        row->extent == TD_PER_EDGE && i < td_state_parts(&any, row);
             i++)
            if (td_image_has(image, edge_array(row, i).name))
                return true;
    return false;
}

void td_checkpoint_read_edges(td_image *image, td_checkpoint *c)
{
    const td_state_row *row = first_of(TD_PER_EDGE);
    td_image_array array = edge_array(row, 0);
    c->state.edges = 0;
    c->state.has_edge_weights = has_tables(image, TD_STATE_BETAS);
    if (!has_tables(image, 0))
        return;
    td_image_get_shape(image, &array);
    if (image->ok && (array.rank != 2 || array.dims[1] != (hsize_t) row->each ||
                      array.dims[0] > (hsize_t) td_edge_count(TD_MAX_NODES)))
        td_image_refuse(image, array.name, "not a table of edges and operations");
    c->state.edges = image->ok ? (int) array.dims[0] : 0;
}
