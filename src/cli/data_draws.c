/* taildart data draws: prints the streams that a search would read, by the functions
 * that a search calls. */
#include <stdio.h>
#include <string.h>

#include "data_internal.h"
#include "taildart/base_log.h"
#include "taildart/config_nearest.h"
#include "taildart/formats.h"
#include "taildart/sampling_stream.h"

static const td_cli_option options[] = {
    { "ranks", "P", "ranks, as mpirun -n P would start [1]", 0 },
    { "epoch", "E", "epoch, counted from 0 [0]", 0 },
    { "stream", "weights|arch|rebalance|arch-rebalance", "[weights]", 0 },
    { 0 },
};

const td_cli_form td_cli_data_draws_form = {
    .name = "data draws",
    .operands = "",
    .purpose = "Print which images each rank would draw in an epoch.",
    .detail =
        "CSV: step,rank,image,class.  The step is that of the epoch; the image is its\n"
        "index among the training images of the data.  A batch stands in the order in\n"
        "which the network reads it.  Takes the options of `taildart search`.",
    .options = options,
    .keys = TD_FOR_DRAWS,
    .examples =
        "taildart data draws --data cifar10.h5 --ranks 2 --epoch 0\n"
        "taildart data draws --data a.h5 --stream rebalance --set bbn.enabled=true\n"
        "taildart data draws --config my.yaml --ranks 4 --stream arch > a.csv\n",
};

static const struct {
    const char *name;
    td_stream_id id;
    bool is_arch;
} streams[] = {
    { "weights", TD_STREAM_WEIGHTS, false },
    { "arch", TD_STREAM_ARCH, true },
    { "rebalance", TD_STREAM_REBALANCE, false },
    { "arch-rebalance", TD_STREAM_ARCH_REBALANCE, true },
};

enum { STREAMS = sizeof streams / sizeof *streams, MOST = 1 << 20 };

/* The request of the command line. */
typedef struct {
    const td_config *config; /* borrowed                     */
    int64_t ranks, epoch;
    int stream, shards;
    td_dataset *dataset;     /* owned                        */
    td_selection *selection; /* owned                        */
} request;

/* ---- reading the request --------------------------------------------------------- */

static td_status find_stream(request *r, const char *name)
{
    const char *names[STREAMS];
    for (int i = 0; i < STREAMS; i++)
        names[i] = streams[i].name;
    for (r->stream = 0; r->stream < STREAMS; r->stream++)
        if (!name || strcmp(name, names[r->stream]) == 0)
            break;
    if (r->stream == STREAMS)
        return td_refuse_word(TD_USAGE, name, names, STREAMS, "--stream: found \"%s\"",
                              name);
    if (!td_stream_is_used(streams[r->stream].id, r->config))
        td_log(TD_LOG_NOTE,
               "a search with these keys has no such stream (bbn.enabled is false, and "
               "nothing is pasted): --stream %s shows what it would draw",
               name);
    return TD_OK;
}

static td_status read_request(request *r, const td_cli_line *line)
{
    r->config = td_settings_config(line->settings);
    r->ranks = 1;
    td_status status = find_stream(r, td_cli_value(line, "stream"));
    if (status == TD_OK)
        status = td_cli_integer(line, "ranks", 1, MOST, &r->ranks);
    if (status == TD_OK)
        status = td_cli_integer(line, "epoch", 0, INT32_MAX - 1, &r->epoch);
    if (status == TD_OK)
        status = td_settings_require(line->settings, "data.path");
    return status;
}

static td_status open_data(request *r)
{
    int wanted = r->config->data.shards, ranks = (int) r->ranks;
    td_status status =
        td_dataset_open_for(&r->dataset, r->config->data.path, TD_DATA_TRAIN);
    if (status != TD_OK)
        return status;
    r->shards = wanted > 0 ? wanted : ranks;
    status = td_selection_of(&r->selection, r->config, r->dataset);
    if (status == TD_OK)
        status = td_shards_check(r->selection, r->config, ranks, r->shards);
    return status;
}

/* ---- printing -------------------------------------------------------------------- */

/* Print one step of the epoch; stream_step is the step as the stream counts it. */
static void print_step(const request *r, td_stream *stream, int64_t step,
                       int64_t stream_step, td_draw *draws)
{
    int held = r->shards / (int) r->ranks;
    for (int shard = 0; shard < r->shards; shard++) {
        int count = td_stream_draws(stream, shard, (int) r->epoch, stream_step, draws);
        for (int i = 0; i < count; i++)
            printf("%lld,%d,%lld,%d\n", (long long) step, shard / held,
                   (long long) draws[i].image, (int) draws[i].label);
    }
}

static void print_epoch(const request *r)
{
    const td_config *config = r->config;
    int epoch = (int) r->epoch;
    int64_t steps = td_epoch_steps(r->selection, config->search.batch);
    int64_t arch_step = td_arch_steps_before(config, steps, epoch);
    td_stream *stream =
        td_stream_new(streams[r->stream].id, config, r->selection, r->shards);
    td_draw *draws =
        td_malloc((size_t) (config->search.batch / r->shards) * sizeof *draws);
    printf("step,rank,image,class\n");
    for (int64_t step = 0; step < steps; step++) {
        if (!streams[r->stream].is_arch)
            print_step(r, stream, step, step, draws);
        else if (td_is_arch_step(config, epoch, step))
            print_step(r, stream, step, arch_step++, draws);
    }
    td_free(draws);
    td_stream_free(stream);
}

td_status td_cli_data_draws(const td_cli_line *line)
{
    request r = { 0 };
    td_log_to_stderr(true);
    td_status status = read_request(&r, line);
    if (status == TD_OK)
        status = open_data(&r);
    if (status == TD_OK)
        print_epoch(&r);
    td_selection_free(r.selection);
    td_dataset_free(r.dataset);
    return status;
}
