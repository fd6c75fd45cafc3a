/* What is about to happen, in at most 25 lines; the last one repeats the run. */
#include "run.h"
#include "taildart/base_log.h"
#include "taildart/optim.h"

#include <stdlib.h>
#include <string.h>

enum { SMALL_GROUP = 16 }; /* images of a batch norm that are too few for statistics */

#define SAY(...) td_log(TD_LOG_INFO, __VA_ARGS__)

/* Text of a key, as the files spell it; borrowed until the next but three calls. */
static const char *value(const td_search *s, const char *key)
{
    static char text[4][TD_TEXT_BYTES];
    static int next;
    char *out = text[next++ % 4];
    TD_ASSERT(s->rank == 0);
    td_settings_value(s->settings, key, out);
    return out;
}

static void print_data(const td_search *s)
{
    const td_config *config = s->config;
    const td_selection *selection = s->selection;
    const int64_t *half = selection->half_count;
    int64_t most = 0, least = INT64_MAX, sum = 0;
    for (int c = 0; c < selection->classes; c++) {
        int64_t n = selection->counts[c];
        most = n > most ? n : most;
        least = n < least ? n : least;
        sum += n;
    }
    SAY("data       %s: %lld images of %d classes, %dx%dx%d", config->data.path,
        (long long) s->info.train_count, s->info.classes, s->info.height, s->info.width,
        s->info.channels);
    SAY("tail       imbalance %g, profile %s: %lld images, %lld to %lld a class",
        config->data.imbalance, value(s, "data.profile"), (long long) sum,
        (long long) most, (long long) least);
    SAY("halves     %lld images for the weights, %lld for the architecture (%s)",
        (long long) half[TD_HALF_WEIGHTS], (long long) half[TD_HALF_ARCH],
        value(s, "data.split"));
    SAY("shards     %d, %d a rank; samplers %s, %s", s->shards, s->shard_count,
        value(s, "data.sampler"), value(s, "arch.sampler"));
}

static void print_network(const td_search *s)
{
    const td_config *config = s->config;
    td_net_spec spec = td_search_spec(config, &s->info, s->rank_batch);
    td_net_plan plan;
    if (td_stepper_plan(&plan, &spec, s->machine.threads, config->search.order) !=
        TD_OK)
        return; /* the network has been built: this cannot be */
    SAY("network    %d channels, %d cells, %d nodes%s; kernels %s",
        config->net.channels, config->net.cells, config->net.nodes,
        s->branches > 1 ? ", two branches" : "", s->machine.kernels->isa);
    SAY("parameters %zu; %zu bytes planned a rank", plan.parameters,
        plan.bytes + td_search_image_bytes(s->selection, &s->info, s->ranks));
    if (plan.recomputing > 0)
        SAY("recompute  %d of %d cells are computed twice to save memory",
            plan.recomputing, spec.cells);
}

/* What the command line has settled, or the user. */
static void print_waiting(void)
{
    const char *policy = getenv("OMP_WAIT_POLICY");
    if (policy && strcmp(policy, "passive") == 0)
        SAY("waiting    threads sleep while they wait for each other");
}

static void print_batches(const td_search *s)
{
    int batch = s->config->search.batch;
    SAY("batch      %d a branch, %d on each rank; a step takes %d images for the "
        "weights, and as many for the architecture in 1 of %d",
        batch, s->rank_batch, s->branches * batch, s->config->arch.interval);
    SAY("steps      %lld an epoch, %d epochs, order %d", (long long) s->steps,
        s->config->search.epochs, s->config->search.order);
}

/* A schedule by its shape and by what it gives: first, middle and last epoch. */
static void print_schedules(const td_search *s)
{
    const td_config *config = s->config;
    int last = config->search.epochs - 1;
    td_step_rates first = td_search_rates(config, 0);
    td_step_rates middle = td_search_rates(config, last / 2);
    td_step_rates final = td_search_rates(config, last);
    SAY("weights    lr %s: %.4g, %.4g in the middle, %.4g at the end; x%.4g for the "
        "batch (%s)",
        value(s, "weights.lr.shape"), first.lr, middle.lr, final.lr,
        td_lr_scale_factor((td_lr_scale) config->weights.lr.scale, config->search.batch,
                           64),
        value(s, "weights.lr.scale"));
    SAY("arch       lr %s: %.4g, %.4g in the middle, %.4g at the end%s",
        value(s, "arch.lr.shape"), first.arch_lr, middle.arch_lr, final.arch_lr,
        config->arch.lr.frozen_until > 0 || config->arch.lr.frozen_from != TD_NEVER
            ? " (0: frozen)"
            : "");
    if (s->branches > 1)
        SAY("mixing     %s: %.4g, %.4g in the middle, %.4g at the end; sampler %s",
            value(s, "bbn.mixing.shape"), first.mixing, middle.mixing, final.mixing,
            value(s, "bbn.sampler"));
    SAY("classes    weights in the loss: %s, %s", value(s, "weights.class_weights"),
        value(s, "arch.class_weights"));
}

static void print_run(const td_search *s)
{
    if (s->is_resumed)
        SAY("continues  after %lld epochs and %lld steps",
            (long long) s->progress.epoch, (long long) s->progress.step);
    SAY("repeat     mpirun -n %d taildart search --config %s/config.yaml", s->ranks,
        s->config->run.out);
}

void td_search_print_start(td_search *s)
{
    td_place place;
    td_place_read(&place, s->machine.threads, s->machine.kernels->isa);
    td_place_report(s->world, &place);
    if (s->rank != 0)
        return;
    print_data(s);
    print_network(s);
    print_waiting();
    print_batches(s);
    print_schedules(s);
    if (s->rank_batch < SMALL_GROUP)
        td_log(TD_LOG_NOTE,
               "a batch norm sees %d images, fewer than %d: statistics are noisy; "
               "fewer ranks or a larger search.batch help",
               s->rank_batch, SMALL_GROUP);
    print_run(s);
}
