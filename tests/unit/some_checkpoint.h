/* A small checkpoint with all that a large one has, for the tests of the store. */
#ifndef SOME_CHECKPOINT_H
#define SOME_CHECKPOINT_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "taildart/base_random.h"
#include "taildart/checkpoint.h"
#include "taildart/step_rows.h"

enum { SOME_EDGES = 5, SOME_TABLES = 2 * SOME_EDGES * TD_NUM_OPS, SOME_EPOCHS = 3 };

static inline void add_slot(td_slots *slots, const char *name, int rank,
                            const int *dims)
{
    td_slot *slot = &slots->slots[slots->count++];
    *slot = (td_slot){ .offset = slots->total, .count = 1, .rank = rank };
    snprintf(slot->name, sizeof slot->name, "%s", name);
    for (int i = 0; i < rank; i++) {
        slot->dims[i] = dims[i];
        slot->count *= (size_t) dims[i];
    }
    slots->total += slot->count;
}

/* As in a network: the list runs forward, the array of weights backward. */
static inline void some_slots(td_slots *weights, td_slots *norms)
{
    static td_slot weight_rows[8], norm_rows[8];
    *weights = (td_slots){ .slots = weight_rows };
    *norms = (td_slots){ .slots = norm_rows };
    add_slot(weights, "stem.0.weight", 4, (const int[]){ 12, 3, 3, 3 });
    add_slot(weights, "cells.0._ops.3._ops.4.op.2.weight", 4,
             (const int[]){ 4, 4, 1, 1 });
    add_slot(weights, "cells.1._ops.0._ops.4.op.1.weight", 4,
             (const int[]){ 4, 1, 3, 3 });
    add_slot(weights, "classifier.weight", 2, (const int[]){ 10, 64 });
    add_slot(weights, "classifier.bias", 1, (const int[]){ 10 });
    for (int i = 0; i < weights->count; i++) {
        td_slot *slot = &weights->slots[i];
        slot->offset = weights->total - slot->offset - slot->count;
    }
    add_slot(norms, "stem.1", 1, (const int[]){ 12 });
    add_slot(norms, "cells.0._ops.3._ops.1.1", 1, (const int[]){ 4 });
    add_slot(norms, "cells.1.preprocess0.op.2", 1, (const int[]){ 4 });
}

/* Numbers of all sizes, and at the start what is easily lost. */
static inline void fill_reals(td_real *reals, size_t n, uint64_t seed)
{
    static const td_real odd[] = { -0.0f, INFINITY, -INFINITY, NAN, 1e-42f, 3.4e38f };
    td_random key = { .seed = seed, .stream = TD_STREAM_SYNTHETIC };
    for (size_t i = 0; i < n; i++)
        reals[i] = (td_real) td_random_normal(&key, (uint32_t) i);
    for (size_t i = 0; i < sizeof odd / sizeof *odd && i < n; i++)
        reals[i] = odd[i];
}

static inline td_real *some_reals(size_t n, uint64_t seed)
{
    td_real *reals = td_malloc(n * sizeof *reals);
    fill_reals(reals, n, seed);
    return reals;
}

static inline void some_half(td_checkpoint *c, int half, int64_t n)
{
    c->half_count[half] = n;
    c->half[half] = td_malloc((size_t) n * sizeof *c->half[half]);
    for (int64_t i = 0; i < n; i++)
        c->half[half][i] = 2 * i + half + (i == n - 1 ? INT64_C(1) << 40 : 0);
}

/* For clear_checkpoint.  The same seed, the same state. */
static inline td_checkpoint some_checkpoint(const td_slots *weights,
                                            const td_slots *norms, uint64_t seed)
{
    td_checkpoint c = {
        .state = { .weight_slots = weights,
                   .norm_slots = norms,
                   .edges = SOME_EDGES,
                   .temperature = seed % 2 ? 1.0 : 0.1,
                   .skip_bonus = seed % 2 ? 0.0 : 0.7,
                   .has_edge_weights = seed % 2 == 0 },
    };
    td_search_state_take(&c.state);
    for (const td_state_row *row = td_state_rows; row->name; row++)
        fill_reals(*td_state_array(&c.state, row),
                   td_state_array_numbers(&c.state, row),
                   seed + (uint64_t) (row - td_state_rows));
    c.state.adam_count = 899;
    c.state.stage = seed % 2 ? 0 : 2;
    c.arch_epochs = seed % 2 ? 0 : SOME_EPOCHS;
    c.arch_history = some_reals((size_t) c.arch_epochs * SOME_TABLES, seed + 8);
    c.progress = (td_progress){ 3,
                                17,
                                900,
                                INT64_C(1) << 40,
                                0.4321,
                                2,
                                TD_BEST_LOSS,
                                12.5,
                                { 1, 2, 3, 4, 5, 6, 7, 8.5 },
                                0.75 };
    c.progress.step = (int64_t) seed;
    some_half(&c, 0, 7);
    some_half(&c, 1, 0);
    c.texts.config = td_strdup("seed: 2\nrun:\n  out: \"Gr\xc3\xb6\xc3\x9f"
                               "e\"\n");
    c.texts.genotype = td_strdup("Genotype(normal=[('skip_connect', 0)])");
    c.texts.history = td_strdup(seed % 2 ? "" : "0,1.5,,2\n1,1.25,,3\n");
    c.texts.version = td_strdup("taildart 0.1.0\ncommit unknown");
    c.texts.label = td_strdup(seed % 2 ? "best" : "last");
    c.state.relaxation = &td_relaxation_sigmoid;
    c.world_size = 2;
    c.shards = 4;
    c.classes = 10;
    c.class_counts = td_malloc(10 * sizeof *c.class_counts);
    for (int i = 0; i < 10; i++)
        c.class_counts[i] = 1000 - 99 * i;
    c.texts.class_names = td_strdup("one\n<two> & \"three\"\n2\n3\n4\n5\n6\n7\n8\n9\n");
    c.texts.command = td_strdup("search");
    c.texts.isa = td_strdup("x86-64-v3");
    c.net = (td_saved_net){
        true, 16, 8, 4, 1, 0, 32, TD_HEAD_NORMALISED, 12.5, TD_STEM_IMAGENET
    };
    c.has_statistics = true;
    for (int i = 0; i < 3; i++) {
        c.mean[i] = 0.25 + 0.125 * i;
        c.std[i] = 0.1 * i;
    }
    c.image_channels = 3;
    c.height = 28;
    c.width = 32;
    for (int i = 0; i < 16; i++)
        c.dataset_digest[i] = (uint8_t) (i * 17 + (int) seed);
    return c;
}

static inline void clear_checkpoint(td_checkpoint *c)
{
    void *const owned[] = { c->half[0],        c->half[1],       c->texts.config,
                            c->texts.genotype, c->texts.history, c->texts.version,
                            c->arch_history,   c->class_counts,  c->texts.class_names,
                            c->texts.label,    c->texts.command, c->texts.isa };
    td_arena_clear(&c->state.memory);
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        td_free(owned[i]);
}

/* ---- comparing: to the bit, and the first difference by name ----------------- */

static inline const char *slots_difference(const td_slots *a, const td_slots *b)
{
    if (a->count != b->count || a->total != b->total)
        return "number of slots";
    for (int i = 0; i < a->count; i++) {
        const td_slot *x = &a->slots[i], *y = td_slots_find(b, x->name);
        if (!y || x->offset != y->offset || x->count != y->count ||
            x->rank != y->rank || memcmp(x->dims, y->dims, sizeof x->dims) != 0)
            return x->name;
    }
    return NULL;
}

static inline bool same_reals(const td_real *a, const td_real *b, size_t n)
{
    return n == 0 || memcmp(a, b, n * sizeof *a) == 0;
}

static inline const char *state_difference(const td_search_state *a,
                                           const td_search_state *b)
{
    const char *what = slots_difference(a->weight_slots, b->weight_slots);
    what = what ? what : slots_difference(a->norm_slots, b->norm_slots);
    what = what || a->edges == b->edges ? what : "edges";
    for (const td_state_row *row = td_state_rows; row->name && !what; row++)
        if (!same_reals(*td_state_array(a, row), *td_state_array(b, row),
                        td_state_array_numbers(a, row)))
            what = row->name;
    what = what || a->relaxation == b->relaxation ? what : "relaxation";
    what = what || a->temperature == b->temperature ? what : "temperature";
    what = what || a->skip_bonus == b->skip_bonus ? what : "skip bonus";
    what = what || a->has_edge_weights == b->has_edge_weights ? what : "edge weights";
    what = what || a->stage == b->stage ? what : "stage";
    return what || a->adam_count == b->adam_count ? what : "Adam's count";
}

static inline bool same_word(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Not memcmp: what pads a struct is nobody's. */
static inline bool is_same_net(const td_saved_net *a, const td_saved_net *b)
{
    return a->is_known == b->is_known && a->channels == b->channels &&
           a->cells == b->cells && a->nodes == b->nodes &&
           a->two_branch == b->two_branch && a->auxiliary == b->auxiliary &&
           a->pad_to == b->pad_to && a->head == b->head &&
           a->head_scale == b->head_scale && a->stem == b->stem;
}

/* The first member, of those that older files lack, that differs. */
static inline const char *optional_difference(const td_checkpoint *a,
                                              const td_checkpoint *b)
{
    size_t rows = (size_t) a->arch_epochs * SOME_TABLES;
    if (a->arch_epochs != b->arch_epochs || !a->arch_history != !b->arch_history ||
        (a->arch_history && !same_reals(a->arch_history, b->arch_history, rows)))
        return "arch history";
    if (!a->class_counts != !b->class_counts ||
        (a->class_counts &&
         memcmp(a->class_counts, b->class_counts, (size_t) a->classes * 8) != 0))
        return "class counts";
    if (!a->texts.class_names != !b->texts.class_names ||
        (a->texts.class_names &&
         strcmp(a->texts.class_names, b->texts.class_names) != 0))
        return "class names";
    if (!same_word(a->texts.label, b->texts.label))
        return "label";
    if (!same_word(a->texts.command, b->texts.command) ||
        !same_word(a->texts.isa, b->texts.isa))
        return "command or isa";
    if (!is_same_net(&a->net, &b->net))
        return "sizes of the network";
    if (a->has_statistics != b->has_statistics ||
        memcmp(a->mean, b->mean, sizeof a->mean) != 0 ||
        memcmp(a->std, b->std, sizeof a->std) != 0)
        return "mean and deviation";
    return NULL;
}

static inline const char *texts_difference(const td_checkpoint *a,
                                           const td_checkpoint *b)
{
    return strcmp(a->texts.config, b->texts.config) != 0       ? "config"
           : strcmp(a->texts.genotype, b->texts.genotype) != 0 ? "genotype"
           : strcmp(a->texts.history, b->texts.history) != 0   ? "history"
           : strcmp(a->texts.version, b->texts.version) != 0   ? "version"
                                                               : NULL;
}

static inline const char *numbers_difference(const td_checkpoint *a,
                                             const td_checkpoint *b)
{
    const int mine[] = { a->world_size,     a->shards, a->classes,
                         a->image_channels, a->height, a->width };
    const int theirs[] = { b->world_size,     b->shards, b->classes,
                           b->image_channels, b->height, b->width };
    if (memcmp(mine, theirs, sizeof mine) != 0)
        return "integers";
    if (memcmp(&a->progress, &b->progress, sizeof a->progress) != 0)
        return "progress";
    if (memcmp(a->dataset_digest, b->dataset_digest, sizeof a->dataset_digest) != 0)
        return "digest";
    for (int h = 0; h < 2; h++)
        if (a->half_count[h] != b->half_count[h] ||
            memcmp(a->half[h], b->half[h], (size_t) a->half_count[h] * 8) != 0)
            return "halves";
    return NULL;
}

/* NULL when \a a and \a b are the same state. */
static inline const char *checkpoint_difference(const td_checkpoint *a,
                                                const td_checkpoint *b)
{
    const char *what = state_difference(&a->state, &b->state);
    what = what ? what : optional_difference(a, b);
    what = what ? what : texts_difference(a, b);
    return what ? what : numbers_difference(a, b);
}

#endif
