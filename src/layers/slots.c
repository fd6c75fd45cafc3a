/* The registry of layers: names, shapes and offsets of weights and batch
 * norms, operations. */
#include "layers.h"

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

/* Whether a list that doubles is full; a network has some two thousand slots. */
enum { FIRST_CAPACITY = 64 };

static bool is_full(int count)
{
    return count == 0 || (count >= FIRST_CAPACITY && (count & (count - 1)) == 0);
}

static void *doubled(void *list, int count, size_t item)
{
    size_t capacity = count ? 2 * (size_t) count : FIRST_CAPACITY;
    return td_enlarge(list, (size_t) count * item, capacity * item);
}

static td_slot *add_slot(td_slots *slots, const td_builder *b, const char *name)
{
    if (is_full(slots->count))
        slots->slots = doubled(slots->slots, slots->count, sizeof *slots->slots);
    td_slot *slot = &slots->slots[slots->count++];
    int length = snprintf(slot->name, sizeof slot->name, "%s%s", b->prefix, name);
    TD_ASSERT(length > 0 && (size_t) length < sizeof slot->name);
    return slot;
}

int td_add_weight(td_builder *b, const char *name, const int dims[4], int fan_in)
{
    TD_ASSERT(dims[0] > 0 && fan_in >= 0);
    td_slots *weights = &b->registry->weights;
    td_slot *slot = add_slot(weights, b, name);
    slot->fan_in = fan_in;
    slot->count = 1;
    for (int i = 0; i < 4 && dims[i] > 0; i++) {
        slot->dims[slot->rank++] = dims[i];
        slot->count *= (size_t) dims[i];
    }
    weights->total += slot->count;
    return weights->count - 1;
}

int td_add_constant(td_builder *b, const char *name, int count, double value)
{
    int slot = td_add_weight(b, name, (int[4]){ count }, 0);
    b->registry->weights.slots[slot].initial = (td_real) value;
    return slot;
}

int td_add_frame(td_builder *b, const char *name, int rows, int columns)
{
    int slot = td_add_weight(b, name, (int[4]){ rows, columns }, 0);
    b->registry->weights.slots[slot].is_fixed = true;
    return slot;
}

int td_add_norm(td_builder *b, const char *name, const td_norm *norm)
{
    td_registry *registry = b->registry;
    td_slots *norms = &registry->norms;
    if (is_full(norms->count)) {
        registry->norm = doubled(registry->norm, norms->count, sizeof *registry->norm);
        registry->norm_branch =
            doubled(registry->norm_branch, norms->count, sizeof *registry->norm_branch);
        registry->place =
            doubled(registry->place, norms->count, sizeof *registry->place);
    }
    registry->norm[norms->count] = norm;
    registry->norm_branch[norms->count] = b->branch;
    registry->place[norms->count] = b->place;
    td_slot *slot = add_slot(norms, b, name);
    slot->rank = 1;
    slot->dims[0] = norm->channels;
    slot->count = (size_t) norm->channels;
    slot->offset = norms->total;
    norms->total += slot->count;
    return norms->count - 1;
}

void td_add_flops(td_builder *b, double flops)
{
    TD_ASSERT(flops >= 0.0);
    if (b->is_uncounted)
        return;
    b->registry->flops += flops;
    if (b->place.is_mixed)
        b->registry->mixed_flops[b->place.table][__builtin_ctzll(b->place.edges)]
                                [b->place.op] += flops;
}

void td_registry_clear(td_registry *registry)
{
    td_free(registry->weights.slots);
    td_free(registry->norms.slots);
    td_free(registry->norm);
    td_free(registry->norm_branch);
    td_free(registry->place);
}

/* Gradients are ready from the classifier down to the stem, so that is how they lie. */
void td_slots_order_backward(td_slots *slots)
{
    size_t offset = 0;
    for (int fixed = 0; fixed < 2; fixed++) {
        slots->learned = fixed ? offset : 0;
        for (int i = slots->count - 1; i >= 0; i--)
            if (slots->slots[i].is_fixed == fixed) {
                slots->slots[i].offset = offset;
                offset += slots->slots[i].count;
            }
    }
    TD_ASSERT(offset == slots->total);
}

const td_real *td_weight_at(const td_context *ctx, int slot)
{
    TD_ASSERT(slot >= 0 && slot < ctx->slots->count);
    return ctx->pass->weights + ctx->slots->slots[slot].offset;
}

size_t td_grad_offset(const td_context *ctx, int slot)
{
    TD_ASSERT(ctx->wants_weights && slot >= 0 && slot < ctx->slots->count);
    return ctx->slots->slots[slot].offset;
}

void td_grads_ready(const td_context *ctx, int slot)
{
    const td_pass *pass = ctx->pass;
    TD_ASSERT(slot >= 0 && slot < ctx->slots->count);
    if (ctx->wants_weights && pass->ready && !ctx->slots->slots[slot].is_fixed)
        pass->ready(pass->ready_context,
                    ctx->slots->slots[slot].offset + ctx->slots->slots[slot].count);
}

void td_needs_max(size_t *need, size_t value)
{
    if (value > *need)
        *need = value;
}
