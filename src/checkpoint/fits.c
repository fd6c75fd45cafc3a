/* Whether a checkpoint belongs to the network at hand; if not, why, in the words of the
 * user's keys where the difference shows itself so. */
#include "taildart/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what tensors tell of their network -------------------------------------- */

static int dimension(const td_slots *slots, const char *name, int which)
{
    const td_slot *slot = td_slots_find(slots, name);
    return slot && which < slot->rank ? slot->dims[which] : 0;
}

static int classes_of(const td_slots *slots)
{
    return dimension(slots, "classifier.weight", 0);
}

/* One of both stems is there. */
static int image_channels_of(const td_slots *slots)
{
    return dimension(slots, "stem.0.weight", 1) + dimension(slots, "stem0.0.weight", 1);
}

/* The first stem is three times as wide as the first cells. */
static int channels_of(const td_slots *slots)
{
    return dimension(slots, "stem.0.weight", 0) / 3 +
           dimension(slots, "stem0.3.weight", 0);
}

static bool starts_with(const td_slot *slot, const char *prefix)
{
    return strncmp(slot->name, prefix, strlen(prefix)) == 0;
}

static int cells_of(const td_slots *slots)
{
    long last = -1;
    for (int i = 0; i < slots->count; i++) {
        if (!starts_with(&slots->slots[i], "cells."))
            continue;
        long cell = strtol(slots->slots[i].name + strlen("cells."), NULL, 10);
        if (cell > last)
            last = cell;
    }
    return (int) last + 1;
}

static int branches_of(const td_slots *slots)
{
    for (int i = 0; i < slots->count; i++)
        if (starts_with(&slots->slots[i], "cell_rb."))
            return 2;
    return 1;
}

/* Two heads on one trunk have twice as many. */
static int features_of(const td_slots *slots)
{
    return dimension(slots, "classifier.weight", 1);
}

static const struct {
    const char *what;
    int (*count)(const td_slots *slots);
} traits[] = {
    { "classes", classes_of },   { "image channels", image_channels_of },
    { "branches", branches_of }, { "cells", cells_of },
    { "channels", channels_of }, { "features for the classifier", features_of },
};

/* ---- comparing --------------------------------------------------------------- */

static td_status differ(const char *what, int saved, int mine)
{
    return td_error(TD_CHECKPOINT,
                    "it is of another network: it has %d %s, this one %d", saved, what,
                    mine);
}

static td_stem_kind stem_of(const td_slots *slots)
{
    bool is_large = td_slots_find(slots, "stem0.0.weight");
    return is_large ? TD_STEM_IMAGENET : TD_STEM_CIFAR;
}

static td_status stem_fits(const td_slots *saved, const td_slots *mine)
{
    if (stem_of(saved) == stem_of(mine))
        return TD_OK;
    return td_error(TD_CHECKPOINT,
                    "it is of another network: its stem is %s, this one's %s "
                    "(net.stem)",
                    td_stem_word(stem_of(saved)), td_stem_word(stem_of(mine)));
}

/* Images of another size feed an auxiliary head, or do not, with the same weights
 * everywhere else. */
static td_status auxiliary_fits(const td_slots *saved, const td_slots *mine)
{
    static const char tensor[] = "auxiliary_head.classifier.bias";
    bool theirs = td_slots_find(saved, tensor), ours = td_slots_find(mine, tensor);
    if (theirs == ours)
        return TD_OK;
    return td_error(TD_CHECKPOINT,
                    "it is of another network: it has %s auxiliary head, this "
                    "one %s; images of another size, or another train.auxiliary",
                    theirs ? "an" : "no", ours ? "has one" : "none");
}

/* "16x3x3x3" */
static void shape_write(char out[64], const td_slot *slot)
{
    int used = 0;
    out[0] = '\0';
    for (int i = 0; i < slot->rank && used < 48; i++)
        used += snprintf(out + used, (size_t) (64 - used), "%s%d", i > 0 ? "x" : "",
                         slot->dims[i]);
}

static bool is_same_shape(const td_slot *a, const td_slot *b)
{
    return a->rank == b->rank && memcmp(a->dims, b->dims, sizeof a->dims) == 0;
}

static td_status lacks(const char *who, const char *tensor, const char *other)
{
    return td_error(TD_CHECKPOINT, "it is of another network: %s %s, which %s lacks",
                    who, tensor, other);
}

static td_status shape_fits(const td_slot *saved, const td_slot *mine)
{
    char theirs[64], ours[64];
    if (is_same_shape(saved, mine))
        return TD_OK;
    shape_write(theirs, saved);
    shape_write(ours, mine);
    return td_error(TD_CHECKPOINT,
                    "it is of another network: its %s is %s, this one's %s", mine->name,
                    theirs, ours);
}

/* Names, then shapes; the order is the file's own, another program may have changed
 * it. */
static td_status slots_fit(const td_slots *saved, const td_slots *mine)
{
    td_status status = TD_OK;
    for (int i = 0; i < saved->count; i++)
        if (!td_slots_find(mine, saved->slots[i].name))
            return lacks("it has", saved->slots[i].name, "this one");
    for (int i = 0; i < mine->count; i++)
        if (!td_slots_find(saved, mine->slots[i].name))
            return lacks("this one has", mine->slots[i].name, "it");
    TD_ASSERT(saved->count == mine->count);
    for (int i = 0; i < mine->count && status == TD_OK; i++)
        status = shape_fits(td_slots_find(saved, mine->slots[i].name), &mine->slots[i]);
    return status;
}

static const char *kind_of(int edges)
{
    return edges > 0 ? "search" : "training";
}

static td_status network_fits(const td_checkpoint *checkpoint, const td_slots *weights,
                              const td_slots *norms, int edges)
{
    const td_slots *saved = checkpoint->state.weight_slots;
    if ((checkpoint->state.edges > 0) != (edges > 0))
        return td_error(TD_CHECKPOINT,
                        "it is of another network: it is of a %s, this one "
                        "a %s",
                        kind_of(checkpoint->state.edges), kind_of(edges));
    if (checkpoint->state.edges != edges)
        return differ("edges in a cell", checkpoint->state.edges, edges);
    td_status status = stem_fits(saved, weights);
    if (status != TD_OK)
        return status;
    for (size_t i = 0; i < sizeof traits / sizeof *traits; i++) {
        int theirs = traits[i].count(saved), ours = traits[i].count(weights);
        if (theirs != ours)
            return differ(traits[i].what, theirs, ours);
    }
    status = auxiliary_fits(saved, weights);
    if (status == TD_OK)
        status = slots_fit(saved, weights);
    return status == TD_OK ? slots_fit(checkpoint->state.norm_slots, norms) : status;
}

td_status td_checkpoint_fits(const td_checkpoint *checkpoint, const char *path,
                             const td_slots *weights, const td_slots *norms, int edges)
{
    td_status status = network_fits(checkpoint, weights, norms, edges);
    return status == TD_OK ? TD_OK
                           : td_error(status, "%s: %s", path, td_error_message());
}
