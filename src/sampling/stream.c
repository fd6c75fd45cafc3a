/* Streams: two kinds of sampler behind four streams (src/README.md, Images).
 *
 * The instance sampler permutes the images of a shard anew in each pass.  The
 * class-aware ones draw with replacement, the class by the global counts of the half,
 * so that class frequencies are those of one big process on any number of shards; then
 * an image of that class among those of the shard.  A class with few images per shard
 * would be drawn unevenly that way, and is therefore shared by all shards. */
#include <string.h>

#include "taildart/config_stages.h"
#include "taildart/sampling_stream.h"

enum { RARE = 32 }; /* images of a class a shard: fewer are shared by all shards */

/* The permutation of a pass, kept until another pass is requested. */
typedef struct {
    int64_t pass;   /* -1: none yet                  */
    int64_t *order; /* (images of the shard) owned; NULL before it is reserved */
} shuffle;

struct td_stream {
    uint64_t seed;
    td_stream_id id;
    bool is_arch;                 /* endless, over reshuffles                    */
    td_sampler_kind kind;         /* class-aware, but instance …                 */
    int from;                     /* … before this epoch of a stage              */
    const td_config *config;      /* borrowed: where stages are                  */
    int epoch;                    /* of the probabilities; -1: none yet          */
    td_half half;                 /* drawn from                                  */
    const td_selection *selected; /* borrowed                                    */
    int shards, batch;            /* batch: images per shard and step              */
    double *cumulated;            /* (classes) probability of this class or lower */
    const int64_t *class_start;   /* (classes + 1) borrowed: begins in the half  */
    shuffle *shuffles;            /* (shards)                                    */
};

/* ---- life ------------------------------------------------------------------------ */

static td_half half_of(td_stream_id id)
{
    TD_ASSERT(id >= TD_STREAM_WEIGHTS && id <= TD_STREAM_ARCH_REBALANCE);
    bool weights = id == TD_STREAM_WEIGHTS || id == TD_STREAM_REBALANCE;
    return weights ? TD_HALF_WEIGHTS : TD_HALF_ARCH;
}

static td_sampler_kind sampler_of(td_stream_id id, const td_config *config)
{
    if (id == TD_STREAM_WEIGHTS)
        return (td_sampler_kind) config->data.sampler;
    if (id == TD_STREAM_ARCH)
        return (td_sampler_kind) config->arch.sampler;
    return (td_sampler_kind) config->bbn.sampler;
}

/* The first epoch of a stream's sampler. */
static int start_of(td_stream_id id, const td_config *config)
{
    if (id == TD_STREAM_WEIGHTS)
        return config->data.sampler_from;
    return id == TD_STREAM_ARCH ? config->arch.sampler_from : 0;
}

bool td_stream_is_used(td_stream_id id, const td_config *config)
{
    if (id == TD_STREAM_WEIGHTS || id == TD_STREAM_ARCH || config->bbn.enabled)
        return true;
    const td_mix_keys *mix =
        id == TD_STREAM_REBALANCE ? &config->data.mix : &config->arch.mix;
    return mix->kind == TD_MIX_CMO;
}

bool td_stream_is_by_class(td_stream_id id, const td_config *config)
{
    return sampler_of(id, config) != TD_SAMPLER_INSTANCE;
}

bool td_class_is_shared(int64_t count, int shards)
{
    TD_ASSERT(count >= 0 && shards > 0);
    return count < (int64_t) RARE * shards;
}

static bool is_by_class(const td_stream *s, int epoch)
{
    return s->kind != TD_SAMPLER_INSTANCE &&
           td_stage_epoch(s->config, epoch) >= s->from;
}

/* Probabilities of the classes in an epoch.  `data draws` may ask beyond the last; in
 * those of a projection they rest. */
static void prepare_classes(td_stream *s, int epoch)
{
    int classes = s->selected->classes;
    int epochs = td_stage_at(s->config, epoch).epochs;
    int since = td_stage_epoch(s->config, epoch);
    double passed = since < epochs ? (double) since / epochs : 1.0;
    if (s->epoch == epoch)
        return;
    td_sampler_probabilities(s->kind, s->selected->half_classes[s->half], classes,
                             passed, s->cumulated);
    for (int c = 1; c < classes; c++)
        s->cumulated[c] += s->cumulated[c - 1];
    s->epoch = epoch;
}

td_stream *td_stream_new(td_stream_id id, const td_config *config,
                         const td_selection *selection, int shards)
{
    TD_ASSERT(selection);
    TD_ASSERT(shards > 0 && config->search.batch % shards == 0);
    td_stream *s = td_malloc(sizeof *s);
    *s = (td_stream){
        .seed = (uint64_t) config->seed,
        .id = id,
        .is_arch = half_of(id) == TD_HALF_ARCH,
        .kind = sampler_of(id, config),
        .from = start_of(id, config),
        .config = config,
        .epoch = -1,
        .half = half_of(id),
        .class_start = selection->half_start[half_of(id)],
        .selected = selection,
        .shards = shards,
        .batch = config->search.batch / shards,
    };
    s->cumulated = td_malloc((size_t) selection->classes * sizeof *s->cumulated);
    s->shuffles = td_malloc((size_t) shards * sizeof *s->shuffles);
    return s;
}

void td_stream_free(td_stream *stream)
{
    if (!stream)
        return;
    td_free(stream->cumulated);
    for (int shard = 0; shard < stream->shards; shard++)
        td_free(stream->shuffles[shard].order);
    td_free(stream->shuffles);
    td_free(stream);
}

td_stream_id td_stream_purpose(const td_stream *stream)
{
    return stream->id;
}

void td_stream_reserve(td_stream *stream, int shard)
{
    shuffle *kept = &stream->shuffles[shard];
    bool shuffles = stream->kind == TD_SAMPLER_INSTANCE || stream->from > 0;
    if (!shuffles || kept->order)
        return;
    int64_t n = td_shard_count(stream->selected, stream->half, shard, stream->shards);
    kept->order = td_malloc((size_t) n * sizeof *kept->order);
    kept->pass = -1;
}

/* ---- draws ----------------------------------------------------------------------- */

/* Images of a class that one shard draws from: indices first, first + stride, … of the
 * class-sorted half. */
typedef struct {
    int64_t first, stride, count;
} class_range;

static class_range range_of(const td_stream *s, int shard, int c)
{
    int64_t begin = s->class_start[c], count = s->class_start[c + 1] - begin;
    if (td_class_is_shared(count, s->shards))
        return (class_range){ begin, 1, count };
    int64_t first = begin + (shard - begin % s->shards + s->shards) % s->shards;
    return (class_range){ first, s->shards,
                          (begin + count - first - 1) / s->shards + 1 };
}

/* Find the first class whose cumulated probability exceeds u; absent classes never do
 * so first.  Rounding may leave the last sum a little below 1: then the last class
 * present. */
static int class_at(const td_stream *s, double u)
{
    int classes = s->selected->classes, c = 0;
    while (c < classes - 1 && u >= s->cumulated[c])
        c++;
    while (s->class_start[c + 1] == s->class_start[c])
        c--;
    return c;
}

static int64_t index_by_class(const td_stream *s, const td_random *key, uint32_t draw)
{
    uint32_t word[4];
    td_random_block(key, draw, word);
    int c = class_at(s, td_random_unit(key, draw)); /* words 0 and 1 */
    class_range from = range_of(s, (int) key->shard, c);
    TD_ASSERT(from.count > 0);
    int64_t k = (int64_t) td_random_below(word[2], word[3], (uint64_t) from.count);
    return from.first + k * from.stride;
}

static int64_t index_by_shuffle(td_stream *s, const td_random *key, uint32_t draw)
{
    shuffle *kept = &s->shuffles[key->shard];
    td_stream_reserve(s, (int) key->shard);
    if (kept->pass != key->pass) {
        int64_t n = td_shard_count(s->selected, s->half, (int) key->shard, s->shards);
        td_random_permutation(key, (size_t) n, kept->order);
        kept->pass = key->pass;
    }
    return key->shard + (int64_t) s->shards * kept->order[draw];
}

static td_draw draw_one(td_stream *s, int shard, bool by_class, int64_t pass,
                        int64_t draw)
{
    TD_ASSERT(pass >= 0 && pass <= UINT32_MAX && draw >= 0 && draw <= UINT32_MAX);
    td_random key = { .seed = s->seed,
                      .stream = (uint32_t) s->id,
                      .shard = (uint32_t) shard,
                      .pass = (uint32_t) pass,
                      .lane = TD_LANE_CHOICE };
    int64_t index = by_class ? index_by_class(s, &key, (uint32_t) draw)
                             : index_by_shuffle(s, &key, (uint32_t) draw);
    TD_ASSERT(index >= 0 && index < s->selected->half_count[s->half]);
    int32_t image = s->selected->half[s->half][index];
    return (td_draw){ .image = image,
                      .label = td_selection_class(s->selected, s->half, index),
                      .shard = key.shard,
                      .pass = key.pass,
                      .draw = (uint32_t) draw };
}

int td_stream_draws(td_stream *stream, int shard, int epoch, int64_t step,
                    td_draw *draws)
{
    int64_t n = td_shard_count(stream->selected, stream->half, shard, stream->shards);
    int64_t first = step * stream->batch;
    int count = stream->batch;
    bool by_class = is_by_class(stream, epoch);
    TD_ASSERT(step >= 0 && epoch >= 0);
    TD_ASSERT(n > 0 || !stream->is_arch); /* positions wrap at n */
    if (!stream->is_arch && n - first < count)
        count = n > first ? (int) (n - first) : 0;
    if (by_class)
        prepare_classes(stream, epoch);
    for (int i = 0; i < count; i++) {
        int64_t position = first + i;
        draws[i] = stream->is_arch
                       ? draw_one(stream, shard, by_class, position / n, position % n)
                       : draw_one(stream, shard, by_class, epoch, position);
    }
    return count;
}

void td_stream_images(const td_stream *stream, int shard, bool *needed)
{
    const td_selection *s = stream->selected;
    const int32_t *half = s->half[stream->half];
    TD_ASSERT(shard >= 0 && shard < stream->shards);
    for (int64_t i = shard; i < s->half_count[stream->half]; i += stream->shards)
        needed[half[i]] = true;
    for (int c = 0; stream->kind != TD_SAMPLER_INSTANCE && c < s->classes; c++) {
        class_range from = range_of(stream, shard, c);
        for (int64_t k = 0; k < from.count; k++)
            needed[half[from.first + k * from.stride]] = true;
    }
}
