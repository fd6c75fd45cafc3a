/* What is about to happen, in some 25 lines; the last one repeats the run. */
#include "memory.h"
#include "taildart/base_log.h"
#include "taildart/base_memory.h"
#include "taildart/base_text.h"
#include "taildart/optim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SMALL_GROUP = 16 }; /* images of a batch norm that are too few for statistics */

enum { INDENT = 11 }; /* behind the word that begins a line */

#define SAY(...) td_log_wrapped(TD_LOG_INFO, INDENT, __VA_ARGS__)

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

/* The tail that is there, whether the data came with it or data.imbalance cut it. */
static void print_tail(const td_search *s)
{
    const td_selection *selection = s->selection;
    int64_t most = 0, least = INT64_MAX, sum = 0;
    for (int c = 0; c < selection->classes; c++) {
        int64_t n = selection->counts[c];
        most = n > most ? n : most;
        least = n < least ? n : least;
        sum += n;
    }
    TD_ASSERT(selection->classes > 0 && most > 0);
    if (most == least)
        SAY("tail       none: %lld %s of each class", (long long) most,
            td_noun(most, "image", "images"));
    else
        SAY("tail       %lld to %lld images a class, %lld in all: imbalance %.4g",
            (long long) least, (long long) most, (long long) sum,
            (double) most / (double) least);
    if (s->config->data.imbalance > 1.0)
        SAY("           cut by data.imbalance %g, profile %s",
            s->config->data.imbalance, value(s, "data.profile"));
}

static void print_halves(const td_search *s)
{
    long long trains = s->selection->half_count[TD_HALF_WEIGHTS];
    long long other = s->selection->half_count[TD_HALF_ARCH];
    if (!is_training(s))
        SAY("halves     %lld %s for the weights, %lld for the architecture (%s)",
            trains, td_noun(trains, "image", "images"), other, value(s, "data.split"));
    else if (!td_search_holds_out(s))
        SAY("training   all %lld images, none held out", trains);
    else
        SAY("training   %lld %s, %lld held out (%s); best.h5 by their %s", trains,
            td_noun(trains, "image", "images"), other, value(s, "data.split"),
            td_best_title(td_search_best_by(s)));
}

static void print_sampling(const td_search *s)
{
    if (is_training(s))
        SAY("sampling   %s", value(s, "data.sampler"));
    else
        SAY("sampling   weights %s, architecture %s", value(s, "data.sampler"),
            value(s, "arch.sampler"));
    if (s->shards > 1)
        SAY("shards     %d, %d a rank", s->shards, s->shard_count);
}

static void print_data(const td_search *s)
{
    SAY("data       %s: %lld %s of %d classes, %dx%dx%d", s->config->data.path,
        (long long) s->info.train_count,
        td_noun(s->info.train_count, "image", "images"), s->info.classes,
        s->info.height, s->info.width, s->info.channels);
    print_tail(s);
    print_halves(s);
    char *augmentation = td_search_augmentation(s->config, &s->info);
    SAY("augment    %s", augmentation);
    td_free(augmentation);
    print_sampling(s);
}

static void print_network(const td_search *s)
{
    const td_config *config = s->config;
    td_net_spec spec = td_search_spec(config, &s->info, s->rank_batch, &s->genotype);
    td_net_plan plan;
    if (td_stepper_plan(&plan, &spec, s->machine.threads, config->search.order) !=
        TD_OK)
        return; /* the network has been built: this cannot be */
    SAY("network    %d channels, %d %s, %d %s%s; kernels %s", config->net.channels,
        config->net.cells, td_noun(config->net.cells, "cell", "cells"), spec.nodes,
        td_noun(spec.nodes, "node", "nodes"), s->branches > 1 ? ", two branches" : "",
        s->machine.kernels->isa);
    char bytes[TD_BYTES_TEXT];
    td_bytes_text(
        (double) (plan.bytes + td_search_image_bytes(s->selection, &s->info, s->ranks)),
        bytes);
    SAY("parameters %zu; %s of memory planned a rank", plan.parameters, bytes);
    if (plan.recomputing > 0)
        SAY("recompute  %d of %d cells computed twice to save memory", plan.recomputing,
            spec.cells);
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
    double first = td_search_rates(config, 0).drop_path;
    double last = td_search_rates(config, config->search.epochs - 1).drop_path;
    SAY("auxiliary  %s", spec.auxiliary ? "on" : "off");
    if (first > 0.0 || last > 0.0)
        SAY("drop path  %s: %.4g to %.4g", value(s, "train.drop_path.shape"), first,
            last);
    if (config->train.auxiliary && !spec.auxiliary)
        td_log(
            TD_LOG_NOTE,
            "train.auxiliary: off, since images of %dx%d do not leave 8 to 10 pixels "
            "behind cell %d; data.pad_to 32 pads smaller ones",
            s->info.height, s->info.width, 2 * config->net.cells / 3);
}

static void print_batches(const td_search *s)
{
    int batch = s->config->search.batch, epochs = s->config->search.epochs;
    int interval = s->config->arch.interval;
    td_text text = { 0 };
    td_text_write(&text, "batch      %d %s", batch, td_noun(batch, "image", "images"));
    if (s->branches > 1)
        td_text_write(&text, " for each of two branches");
    if (s->ranks > 1)
        td_text_write(&text, ", %d on each of %d ranks", s->rank_batch, s->ranks);
    SAY("%s", text.chars);
    td_free(text.chars);
    text = (td_text){ 0 };
    td_text_write(&text, "steps      %lld an epoch, %d %s", (long long) s->steps,
                  epochs, td_noun(epochs, "epoch", "epochs"));
    if (!is_training(s))
        td_text_write(&text, ", %s order",
                      s->config->search.order == 1 ? "first" : "second");
    if (!is_training(s) && interval > 1)
        td_text_write(&text, ", the architecture in 1 of %d steps", interval);
    SAY("%s", text.chars);
    td_free(text.chars);
}

/* What a schedule gives: in the first, the middle and the last epoch, where those
 * differ.  \return for td_free */
static char *course(const td_search *s, double first, double middle, double final)
{
    if (s->config->search.epochs == 1 || (first == middle && middle == final))
        return td_format("%.4g", first);
    if (s->config->search.epochs == 2)
        return td_format("%.4g, %.4g at the end", first, final);
    return td_format("%.4g, %.4g in the middle, %.4g at the end", first, middle, final);
}

static void print_weight_schedule(const td_search *s, const char *rates)
{
    const td_config *config = s->config;
    td_text text = { 0 };
    td_text_write(&text, "weights    lr %s: %s", value(s, "weights.lr.shape"), rates);
    if (config->weights.lr.scale != TD_SCALE_NONE)
        td_text_write(&text, "; scaled by %.4g for the batch (%s)",
                      td_lr_scale_factor((td_lr_scale) config->weights.lr.scale,
                                         config->search.batch,
                                         td_search_base_batch(config)),
                      value(s, "weights.lr.scale"));
    SAY("%s", text.chars);
    td_free(text.chars);
}

/* A schedule by its shape and by what it gives. */
static void print_schedules(const td_search *s)
{
    const td_config *config = s->config;
    int last = config->search.epochs - 1;
    td_step_rates first = td_search_rates(config, 0);
    td_step_rates middle = td_search_rates(config, last / 2);
    td_step_rates final = td_search_rates(config, last);
    char *weights = course(s, first.lr, middle.lr, final.lr);
    char *arch = course(s, first.arch_lr, middle.arch_lr, final.arch_lr);
    char *mixing = course(s, first.mixing, middle.mixing, final.mixing);
    bool freezes =
        config->arch.lr.frozen_until > 0 || config->arch.lr.frozen_from != TD_NEVER;
    print_weight_schedule(s, weights);
    if (!is_training(s))
        SAY("arch       %s of alpha; lr %s: %s%s", value(s, "arch.relaxation"),
            value(s, "arch.lr.shape"), arch, freezes ? " (0: frozen)" : "");
    if (s->branches > 1)
        SAY("mixing     %s: %s; sampler %s", value(s, "bbn.mixing.shape"), mixing,
            value(s, "bbn.sampler"));
    td_free(mixing);
    td_free(arch);
    td_free(weights);
}

/* A loss and its class weights: "focal (gamma 2), classes weighted: effective". */
static void write_loss(td_text *text, const td_search *s, const char *group,
                       const td_loss_keys *loss, int weighting)
{
    char kind[TD_NAME_BYTES], weights[TD_NAME_BYTES];
    snprintf(kind, sizeof kind, "%s.loss.kind", group);
    snprintf(weights, sizeof weights, "%s.class_weights", group);
    td_text_write(text, "%s", value(s, kind));
    if (loss->kind == TD_LOSS_FOCAL)
        td_text_write(text, " (gamma %g)", loss->gamma);
    if (weighting != TD_WEIGHTING_NONE)
        td_text_write(text, ", classes weighted: %s", value(s, weights));
}

static bool is_plain(const td_loss_keys *loss, int weighting)
{
    return loss->kind == TD_LOSS_CROSS_ENTROPY && weighting == TD_WEIGHTING_NONE;
}

/* Said where one is not the plain cross-entropy. */
static void print_losses(const td_search *s)
{
    const td_config *config = s->config;
    const td_loss_keys *loss = &config->weights.loss, *arch = &config->arch.loss;
    td_text text = { 0 };
    if (is_plain(loss, config->weights.class_weights) &&
        (is_training(s) || is_plain(arch, config->arch.class_weights)))
        return;
    write_loss(&text, s, "weights", loss, config->weights.class_weights);
    if (!is_training(s)) {
        td_text_write(&text, "; architecture step: ");
        write_loss(&text, s, "arch", arch, config->arch.class_weights);
    }
    SAY("loss       %s", text.chars);
    td_free(text.chars);
}

static void print_run(const td_search *s)
{
    long long epoch = s->progress.epoch, step = s->progress.step;
    const char *command = is_training(s) ? "train" : "search";
    if (s->is_resumed && step > 0)
        SAY("continues  after %lld %s and %lld %s", epoch,
            td_noun(epoch, "epoch", "epochs"), step, td_noun(step, "step", "steps"));
    else if (s->is_resumed)
        SAY("continues  after %lld %s", epoch, td_noun(epoch, "epoch", "epochs"));
    /* in one line, to be copied */
    if (s->ranks > 1)
        td_log(TD_LOG_INFO,
               "repeat     mpirun -n %d taildart %s --config %s/config.yaml", s->ranks,
               command, s->config->run.out);
    else
        td_log(TD_LOG_INFO, "repeat     taildart %s --config %s/config.yaml", command,
               s->config->run.out);
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
    print_losses(s);
    if (s->rank_batch < SMALL_GROUP)
        td_log(TD_LOG_NOTE,
               "a batch norm sees %d %s, fewer than %d: statistics are noisy; "
               "fewer ranks or a larger %s help",
               s->rank_batch, td_noun(s->rank_batch, "image", "images"), SMALL_GROUP,
               td_config_batch_key(s->config));
    td_doubts doubts = { s->settings,  s->config, &s->info,
                         s->selection, s->shards, s->steps };
    td_search_tell_doubts(&doubts);
    print_run(s);
}
