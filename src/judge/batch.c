/* Images of the architecture half on their way into the network. */
#include "judge.h"

void td_held_batch_init(td_held_batch *held, const td_judge *judge)
{
    size_t batch = (size_t) judge->batch, bytes = td_image_bytes(judge->info);
    *held = (td_held_batch){
        .images = td_malloc(batch * bytes * sizeof *held->images),
        .labels = td_malloc(batch * sizeof *held->labels),
        .places = td_malloc(batch * sizeof *held->places),
        .buffer = td_malloc(bytes),
    };
}

void td_held_batch_clear(td_held_batch *held)
{
    td_free(held->images);
    td_free(held->labels);
    td_free(held->places);
    td_free(held->buffer);
}

void td_held_batch_add(td_held_batch *held, const td_judge *judge, int64_t index)
{
    int32_t number = judge->selection->half[TD_HALF_ARCH][index];
    size_t bytes = td_image_bytes(judge->info);
    const uint8_t *pixels = NULL;
    TD_ASSERT(held->count < judge->batch);
    held->status = td_image_store_get(judge->images, number, held->buffer, &pixels);
    if (held->status != TD_OK)
        return;
    td_normalise(judge->info, 1, pixels, held->images + (size_t) held->count * bytes);
    held->places[held->count] = number;
    held->labels[held->count++] =
        td_selection_class(judge->selection, TD_HALF_ARCH, index);
}
