/* The table of kinds, and batches that are mixed shard by shard. */
#include "internal.h"

#include <string.h>

#define td_mix_none NULL
#define ROW(NAME, function, word) [TD_MIX_##NAME] = td_mix_##function,
static td_mix *const table[] = { TD_MIXES(ROW) };
#undef ROW
#define ROW(NAME, function, word) word,
static const char *const names[] = { TD_MIXES(ROW) };
#undef ROW

td_mix *td_mix_of(td_mix_kind kind)
{
    TD_ASSERT(kind >= 0 && kind < TD_MIX_COUNT);
    return table[kind];
}

const char *td_mix_name(td_mix_kind kind)
{
    TD_ASSERT(kind >= 0 && kind < TD_MIX_COUNT);
    return names[kind];
}

/* ---- draws ----------------------------------------------------------------------- */

/* What a random number decides; a batch of a half and a branch has so many lanes. */
enum { LANE_WHETHER, LANE_WHERE, LANE_SHARE, LANES = 1 << 16 };

static td_random key_of(const td_mix_site *site, int branch, int shard)
{
    int batch = 2 * (site->half == TD_HALF_ARCH) + branch;
    return (td_random){ .seed = site->seed,
                        .stream = TD_STREAM_MIX,
                        .shard = (uint32_t) shard,
                        .pass = (uint32_t) site->epoch,
                        .lane = (uint32_t) (LANES * batch) };
}

static double draw_share(td_random key, const td_mix_site *site)
{
    key.lane += LANE_SHARE;
    return td_random_beta(&key, (uint32_t) site->step, site->keys->alpha,
                          site->keys->alpha);
}

/* The box of a share, around any pixel. */
static td_box draw_box(td_random key, const td_mix_site *site, double lambda)
{
    uint32_t word[4];
    key.lane += LANE_WHERE;
    td_random_block(&key, (uint32_t) site->step, word);
    int row = (int) td_random_below(word[0], word[1], (uint64_t) site->height);
    int column = (int) td_random_below(word[2], word[3], (uint64_t) site->width);
    return td_mix_box(site->height, site->width, lambda, row, column);
}

static bool is_mixed(td_random key, const td_mix_site *site)
{
    key.lane += LANE_WHETHER;
    return td_random_unit(&key, (uint32_t) site->step) < td_mix_probability(site->keys);
}

/* ---- batches --------------------------------------------------------------------- */

/* The images of one shard in a batch. */
typedef struct {
    td_batch *batch;
    const td_batch *rebalancing; /* partners, or NULL: the next ones */
    int first, count;
    size_t size;     /* numbers of an image                                     */
    td_real *memory; /* (size) the first image as it was, the last one's partner */
} part;

static void mix_image(const part *p, int i, const td_real *partner, int32_t label,
                      const td_mix_site *site, td_mix_pair *pair)
{
    td_batch *batch = p->batch;
    pair->own_count = (double) site->counts[batch->labels[i]];
    pair->partner_count = (double) site->counts[label];
    batch->others[i] = label;
    batch->shares[i] = td_mix_of((td_mix_kind) site->keys->kind)(
        batch->images + (size_t) i * p->size, partner, pair);
}

static void mix_with_next(const part *p, const td_mix_site *site, td_mix_pair *pair)
{
    const td_batch *batch = p->batch;
    int last = p->first + p->count - 1;
    int32_t first_label = batch->labels[p->first];
    memcpy(p->memory, batch->images + (size_t) p->first * p->size,
           p->size * sizeof *p->memory);
    for (int i = p->first; i < last; i++)
        mix_image(p, i, batch->images + (size_t) (i + 1) * p->size,
                  batch->labels[i + 1], site, pair);
    mix_image(p, last, p->memory, first_label, site, pair);
}

static void mix_with_others(const part *p, const td_mix_site *site, td_mix_pair *pair)
{
    for (int i = p->first; i < p->first + p->count; i++)
        mix_image(p, i, p->rebalancing->images + (size_t) i * p->size,
                  p->rebalancing->labels[i], site, pair);
}

static void mix_part(const part *p, const td_random *key, const td_mix_site *site)
{
    double lambda = draw_share(*key, site);
    td_mix_pair pair = { .height = site->height,
                         .width = site->width,
                         .channels = site->channels,
                         .lambda = lambda,
                         .box = draw_box(*key, site, lambda),
                         .kappa = site->keys->kappa,
                         .tau = site->keys->tau };
    if (p->rebalancing)
        mix_with_others(p, site, &pair);
    else
        mix_with_next(p, site, &pair);
}

void td_mix_batch(td_batch *batch, const td_batch *rebalancing, int branch,
                  const td_mix_site *site)
{
    const td_mix_keys *keys = site->keys;
    size_t size =
        (size_t) site->height * (size_t) site->width * (size_t) site->channels;
    TD_ASSERT(batch->others && batch->shares && batch->shards);
    TD_ASSERT(!rebalancing == !td_mix_pastes((td_mix_kind) keys->kind));
    TD_ASSERT(!rebalancing || rebalancing->count == batch->count);
    if (!td_mix_of((td_mix_kind) keys->kind) || site->epoch < keys->from ||
        site->epoch >= keys->until)
        return;
    td_real *memory = td_malloc(size * sizeof *memory);
    part p = {
        .batch = batch, .rebalancing = rebalancing, .size = size, .memory = memory
    };
    for (int k = 0; k < batch->shard_count; k++) {
        td_random key = key_of(site, branch, site->first_shard + k);
        p.count = batch->shards[k];
        if (p.count > 0 && is_mixed(key, site))
            mix_part(&p, &key, site);
        p.first += p.count;
    }
    td_free(memory);
}
