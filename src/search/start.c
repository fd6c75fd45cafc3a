/* What is about to happen, in at most 25 lines; the last one repeats the run. */
#include "memory.h"
#include "taildart/base_log.h"
#include "taildart/base_memory.h"
#include "taildart/optim.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

static bool is_training(const td_search *s)
{
    return s->command == TD_FOR_TRAIN;
}

static void print_data(const td_search *s)
{
    const td_config *config = s->config;
    const td_selection *selection = s->selection;
    const int64_t *half = selection->half_count;
    int64_t most = 0, least = INT64_MAX, sum = 0;
    bool chooses = is_training(s) && td_search_holds_out(s);
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
    SAY("halves     %lld images for the weights, %lld %s (%s)%s%s",
        (long long) half[TD_HALF_WEIGHTS], (long long) half[TD_HALF_ARCH],
        is_training(s) ? "held out" : "for the architecture", value(s, "data.split"),
        chooses ? "; best.h5 by their " : "",
        chooses ? td_best_title(td_search_best_by(s)) : "");
    char *augmentation = td_search_augmentation(config, &s->info);
    SAY("augment    %s", augmentation);
    td_free(augmentation);
    if (is_training(s))
        SAY("shards     %d, %d a rank; sampler %s", s->shards, s->shard_count,
            value(s, "data.sampler"));
    else
        SAY("shards     %d, %d a rank; samplers %s, %s", s->shards, s->shard_count,
            value(s, "data.sampler"), value(s, "arch.sampler"));
}

static void print_network(const td_search *s)
{
    const td_config *config = s->config;
    td_net_spec spec = td_search_spec(config, &s->info, s->rank_batch, &s->genotype);
    td_net_plan plan;
    if (td_stepper_plan(&plan, &spec, s->machine.threads, config->search.order) !=
        TD_OK)
        return; /* the network has been built: this cannot be */
    SAY("network    %d channels, %d cells, %d nodes%s; kernels %s",
        config->net.channels, config->net.cells, spec.nodes,
        s->branches > 1 ? ", two branches" : "", s->machine.kernels->isa);
    char bytes[TD_BYTES_TEXT];
    td_bytes_text(
        (double) (plan.bytes + td_search_image_bytes(s->selection, &s->info, s->ranks)),
        bytes);
    SAY("parameters %zu; %s of memory planned a rank", plan.parameters, bytes);
    if (plan.recomputing > 0)
        SAY("recompute  %d of %d cells are computed twice to save memory",
            plan.recomputing, spec.cells);
}

/* What the program has settled, or the user. */
static void print_waiting(const td_search *s)
{
    const char *policy = getenv("OMP_WAIT_POLICY"), *spins = getenv("GOMP_SPINCOUNT");
    if (s->machine.threads == 1)
        return;
    if (policy && strcasecmp(policy, "passive") == 0)
        SAY("waiting    threads sleep while they wait for each other");
    else if (spins && !policy)
        SAY("waiting    threads spin %.20s rounds, then sleep (GOMP_SPINCOUNT)", spins);
}

/* The head that was asked for may find no place. */
static void print_training(const td_search *s)
{
    const td_config *config = s->config;
    td_net_spec spec = td_search_spec(config, &s->info, s->rank_batch, &s->genotype);
    SAY("genotype   %s", config->train.genotype);
    SAY("auxiliary  %s; drop path %s: %.4g to %.4g", spec.auxiliary ? "on" : "off",
        value(s, "train.drop_path.shape"), td_search_rates(config, 0).drop_path,
        td_search_rates(config, config->search.epochs - 1).drop_path);
    if (config->train.auxiliary && !spec.auxiliary)
        td_log(
            TD_LOG_NOTE,
            "train.auxiliary: off, since images of %dx%d do not leave 8 to 10 pixels "
            "behind cell %d; data.pad_to 32 pads smaller ones",
            s->info.height, s->info.width, 2 * config->net.cells / 3);
}

static void print_batches(const td_search *s)
{
    int batch = s->config->search.batch;
    if (is_training(s)) {
        SAY("batch      %d a branch, %d on each rank; a step takes %d images", batch,
            s->rank_batch, s->branches * batch);
        SAY("steps      %lld an epoch, %d epochs", (long long) s->steps,
            s->config->search.epochs);
        return;
    }
    SAY("batch      %d a branch, %d on each rank; a step takes %d images for the "
        "weights, and as many for the architecture in 1 of %d",
        batch, s->rank_batch, s->branches * batch, s->config->arch.interval);
    SAY("steps      %lld an epoch, %d epochs, order %d", (long long) s->steps,
        s->config->search.epochs, s->config->search.order);
}

static void print_arch_schedule(const td_search *s, const td_step_rates *first,
                                const td_step_rates *middle, const td_step_rates *final)
{
    const td_config *config = s->config;
    SAY("arch       lr %s: %.4g, %.4g in the middle, %.4g at the end%s",
        value(s, "arch.lr.shape"), first->arch_lr, middle->arch_lr, final->arch_lr,
        config->arch.lr.frozen_until > 0 || config->arch.lr.frozen_from != TD_NEVER
            ? " (0: frozen)"
            : "");
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
                           td_search_base_batch(config)),
        value(s, "weights.lr.scale"));
    if (!is_training(s))
        print_arch_schedule(s, &first, &middle, &final);
    if (s->branches > 1)
        SAY("mixing     %s: %.4g, %.4g in the middle, %.4g at the end; sampler %s",
            value(s, "bbn.mixing.shape"), first.mixing, middle.mixing, final.mixing,
            value(s, "bbn.sampler"));
    if (is_training(s))
        SAY("classes    weights in the loss: %s", value(s, "weights.class_weights"));
    else
        SAY("classes    weights in the loss: %s, %s", value(s, "weights.class_weights"),
            value(s, "arch.class_weights"));
}

static void print_run(const td_search *s)
{
    if (s->is_resumed)
        SAY("continues  after %lld epochs and %lld steps",
            (long long) s->progress.epoch, (long long) s->progress.step);
    SAY("repeat     mpirun -n %d taildart %s --config %s/config.yaml", s->ranks,
        is_training(s) ? "train" : "search", s->config->run.out);
}

void td_search_print_start(td_search *s)
{
    TD_ASSERT(s->rank_batch > 0 && s->steps > 0);
    td_machine_report(&s->machine, s->world, s->config->run.threads);
    td_search_hold_memory(s);
    if (s->rank != 0)
        return;
    print_data(s);
    print_network(s);
    if (is_training(s))
        print_training(s);
    print_waiting(s);
    print_batches(s);
    print_schedules(s);
    if (s->rank_batch < SMALL_GROUP)
        td_log(TD_LOG_NOTE,
               "a batch norm sees %d images, fewer than %d: statistics are noisy; "
               "fewer ranks or a larger %s help",
               s->rank_batch, SMALL_GROUP, td_config_batch_key(s->config));
    td_doubts doubts = { s->settings,  s->config, &s->info,
                         s->selection, s->shards, s->steps };
    td_search_tell_doubts(&doubts);
    print_run(s);
}
