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
static void read_slot(td_image *image, const td_layout_slots *row, td_slot *slot,
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

void td_checkpoint_read_slots(td_image *image, const td_layout_slots *row,
                              td_slots *slots)
{
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

void td_checkpoint_read_edges(td_image *image, td_checkpoint *c)
{
    td_image_array array = { .type = TD_IMAGE_REAL };
    c->edges = 0;
    bool has_tables = false;
    for (const td_layout_alphas *row = td_layout_tables; row->name; row++)
        has_tables |= td_image_has(image, row->name);
    if (!has_tables)
        return;
    snprintf(array.name, sizeof array.name, "%s", td_layout_tables[0].name);
    td_image_get_shape(image, &array);
    if (image->ok && (array.rank != 2 || array.dims[1] != TD_NUM_OPS ||
                      array.dims[0] > (hsize_t) td_edge_count(TD_MAX_NODES)))
        td_image_refuse(image, array.name, "not a table of edges and operations");
    c->edges = image->ok ? (int) array.dims[0] : 0;
}
