/* Names and places of weights and batch norms. */
#include "ground.h"

#include <stdio.h>
#include <string.h>

#include "taildart/base_memory.h"

const td_slot *td_slots_find(const td_slots *slots, const char *name)
{
    for (int i = 0; i < slots->count; i++)
        if (strcmp(slots->slots[i].name, name) == 0)
            return &slots->slots[i];
    return NULL;
}

/* Grows by doubling; a network has some two thousand slots. */
static td_slot *add_slot(td_slots *slots, const td_builder *b, const char *name)
{
    enum { FIRST_ROOM = 64 };
    int count = slots->count;
    bool is_full = count == 0 || (count >= FIRST_ROOM && (count & (count - 1)) == 0);
    if (is_full) {
        size_t room = count ? 2 * (size_t) count : FIRST_ROOM;
        slots->slots = td_enlarge(slots->slots, (size_t) count * sizeof *slots->slots,
                                  room * sizeof *slots->slots);
    }
    td_slot *slot = &slots->slots[slots->count++];
    int length = snprintf(slot->name, sizeof slot->name, "%s%s", b->prefix, name);
    TD_ASSERT(length > 0 && (size_t) length < sizeof slot->name);
    return slot;
}

int td_add_weight(td_builder *b, const char *name, const int dims[4], int fan_in)
{
    TD_ASSERT(dims[0] > 0 && fan_in >= 0);
    td_slot *slot = add_slot(b->weights, b, name);
    slot->fan_in = fan_in;
    slot->count = 1;
    for (int i = 0; i < 4 && dims[i] > 0; i++) {
        slot->dims[slot->rank++] = dims[i];
        slot->count *= (size_t) dims[i];
    }
    b->weights->total += slot->count;
    return b->weights->count - 1;
}

int td_add_norm(td_builder *b, const char *name, int channels)
{
    TD_ASSERT(channels > 0);
    td_slot *slot = add_slot(b->norms, b, name);
    slot->rank = 1;
    slot->dims[0] = channels;
    slot->count = (size_t) channels;
    slot->offset = b->norms->total;
    b->norms->total += slot->count;
    return b->norms->count - 1;
}

/* Gradients are ready from the classifier down to the stem, so that is how they lie. */
void td_slots_place_backward(td_slots *slots)
{
    size_t offset = 0;
    for (int i = slots->count - 1; i >= 0; i--) {
        slots->slots[i].offset = offset;
        offset += slots->slots[i].count;
    }
    TD_ASSERT(offset == slots->total);
}

const td_real *td_weight_at(const td_context *ctx, int slot)
{
    TD_ASSERT(slot >= 0 && slot < ctx->slots->count);
    return ctx->pass->weights + ctx->slots->slots[slot].offset;
}

td_real *td_grad_at(const td_context *ctx, int slot)
{
    TD_ASSERT(ctx->grads && slot >= 0 && slot < ctx->slots->count);
    return ctx->grads + ctx->slots->slots[slot].offset;
}

void td_needs_max(size_t *need, size_t value)
{
    if (value > *need)
        *need = value;
}
