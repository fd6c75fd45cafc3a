/* How long a run will take on this machine: one small pass of each kind is timed, and
 * the run's steps, validations and decisions are counted. */
#include <math.h>
#include <string.h>

#include "plan.h"
#include "taildart/base_clock.h"
#include "taildart/base_text.h"
#include "taildart/config_projection.h"
#include "taildart/config_stages.h"
#include "taildart/machine_begin.h"
#include "taildart/projection.h"

/* Images of a timed pass, for each branch: enough for some threads, and fewer of a
 * network whose forward pass of them would take more than these FLOP. */
enum { IMAGES = 8 };
static const double FLOP = 2e9;

/* A kind of pass is repeated for so long; the first one touches its memory. */
static const double SECONDS = 0.2;
enum { MOST_PASSES = 20 };

/* ---- a network on images of nothing --------------------------------------------- */

typedef struct {
    td_network *net;
    td_pass pass;
    td_real *weights, *mean, *var, *images, *logits, *d_logits, *grads;
    td_real *auxiliary, *d_auxiliary;
    double *mixture, *d_mixture;
    uint8_t *present; /* one operation per edge, or NULL */
    int groups[TD_BRANCHES];
    int threads;
} bed;

/* Small numbers of both signs: what they are does not change what a pass takes. */
static td_real *numbers(size_t count)
{
    td_real *all = td_malloc(count * sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = (td_real) (0.1 * ((double) (i * 7 % 11) - 5.0));
    return all;
}

static td_real *equal_numbers(size_t count, td_real value)
{
    td_real *all = td_malloc(count * sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = value;
    return all;
}

/* gdas and random search compute one operation of each edge. */
static uint8_t *single_operations(const td_config *config, const td_net_spec *spec)
{
    int edges = td_network_edges(spec);
    bool draws = config->search.method == TD_METHOD_RANDOM ||
                 config->arch.relaxation == TD_RELAXATION_GDAS;
    if (edges == 0 || !draws)
        return NULL;
    uint8_t *present = td_malloc(2 * (size_t) edges);
    for (int e = 0; e < 2 * edges; e++) {
        int op = e % TD_NUM_OPS;
        while (spec->without[e / edges][e % edges] >> op & 1)
            op = (op + 1) % TD_NUM_OPS;
        present[e] = (uint8_t) (1U << op);
    }
    return present;
}

static void fill(bed *b, const td_net_spec *spec)
{
    int branches = spec->two_branch ? TD_BRANCHES : 1;
    size_t rows = (size_t) spec->batch, all = rows * (size_t) branches;
    size_t image = (size_t) (spec->height * spec->width * spec->image_channels);
    size_t logits = rows * (size_t) spec->classes;
    size_t alphas = 2 * (size_t) td_network_edges(spec) * TD_NUM_OPS;
    size_t weights = td_network_weights(b->net)->total;
    size_t norms = td_network_norms(b->net)->total;
    b->weights = numbers(weights);
    b->grads = equal_numbers(weights, 0);
    b->mean = equal_numbers(norms, 0);
    b->var = equal_numbers(norms, 1);
    b->mixture = td_malloc(alphas * sizeof *b->mixture);
    b->d_mixture = td_malloc(alphas * sizeof *b->d_mixture);
    b->images = numbers(all * image);
    b->logits = td_malloc(logits * sizeof *b->logits);
    b->d_logits = numbers(logits);
    b->auxiliary = td_malloc(all * (size_t) spec->classes * sizeof *b->auxiliary);
    b->d_auxiliary = numbers(all * (size_t) spec->classes);
    for (size_t i = 0; i < alphas; i++)
        b->mixture[i] = 1.0 / TD_NUM_OPS;
    for (int branch = 0; branch < branches; branch++)
        b->groups[branch] = spec->batch;
    b->pass = (td_pass){
        .weights = b->weights,
        .mixture = alphas > 0 ? b->mixture : NULL,
        .present = b->present,
        .images = b->images,
        .groups = b->groups,
        .group_count = branches,
        .mixing = 0.5,
    };
}

/* Whether a network, its weights and their gradients have room here. */
static bool fits(const td_net_spec *spec, int batch, int threads)
{
    td_net_spec few = *spec;
    td_net_plan plan;
    td_memory here;
    few.batch = batch;
    td_memory_read(&here, "");
    double room = fmin(fmin(here.free, here.limit.value), here.own);
    return td_network_plan(&plan, &few, threads) != TD_OK || /* is told elsewhere */
           (double) plan.bytes + 4.0 * (double) plan.weights * sizeof(td_real) <
               0.8 * room;
}

/* Build the network, of one image first to know what an image costs. */
static td_status build(bed *b, td_net_spec *spec, const td_kernels *kernels)
{
    int batch = spec->batch < IMAGES ? spec->batch : IMAGES;
    if (!fits(spec, batch, b->threads))
        batch = 1;
    spec->batch = 1;
    td_status status = td_network_new(&b->net, spec, kernels);
    if (status != TD_OK)
        return status;
    spec->batch = (int) fmax(1.0, fmin(batch, FLOP / td_network_flops(b->net)));
    td_network_free(b->net);
    return td_network_new(&b->net, spec, kernels);
}

static td_status bed_make(bed *b, const td_plan *plan, const td_net_spec *whole,
                          const td_kernels *kernels)
{
    td_net_spec spec = *whole;
    spec.groups = 1;
    spec.exact = false; /* order-free sums take as long */
    *b = (bed){ .threads = plan->threads };
    td_status status = build(b, &spec, kernels);
    if (status != TD_OK)
        return status;
    b->present = single_operations(plan->config, &spec);
    fill(b, &spec);
    return TD_OK;
}

static void bed_clear(bed *b)
{
    td_real *arrays[] = { b->weights,  b->mean,      b->var,
                          b->images,   b->logits,    b->grads,
                          b->d_logits, b->auxiliary, b->d_auxiliary };
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        td_free(arrays[i]);
    td_free(b->mixture);
    td_free(b->d_mixture);
    td_free(b->present);
    td_network_free(b->net);
}

/* ---- passes against the clock ---------------------------------------------------- */

static void run_pass(bed *b, td_request request, bool is_evaluation)
{
    const td_net_spec *spec = td_network_spec(b->net);
    td_pass pass = b->pass;
    bool is_constant = is_evaluation || spec->head_only;
    int groups = is_evaluation ? 1 : pass.group_count;
    pass.group_count = groups;
    pass.request = request;
    pass.running_mean = is_constant ? b->mean : NULL;
    pass.running_var = is_constant ? b->var : NULL;
    if (spec->auxiliary && !is_constant) {
        pass.auxiliary = b->auxiliary;
        pass.d_auxiliary = b->d_auxiliary;
    }
    td_network_forward(b->net, &pass, b->logits);
    if (request != TD_GRAD_NONE)
        td_network_backward(b->net, &pass, b->d_logits,
                            request & TD_GRAD_WEIGHTS ? b->grads : NULL,
                            request & TD_GRAD_ALPHAS ? b->d_mixture : NULL);
}

/* Seconds for each image, of the shortest pass.  CPUs are asked, not the clock on the
 * wall: others may be at work here now. */
static double time_pass(bed *b, td_request request, bool is_evaluation)
{
    double begun = td_clock_cpu_seconds(), least = INFINITY;
    for (int i = 0; i < MOST_PASSES; i++) {
        double start = td_clock_cpu_seconds();
        run_pass(b, request, is_evaluation);
        double now = td_clock_cpu_seconds();
        least = fmin(least, now - start);
        if (now - begun > SECONDS * b->threads)
            break;
    }
    return least / b->threads / td_network_spec(b->net)->batch;
}

static td_status time_passes(td_plan_passes *s, const td_plan *plan,
                             const td_net_spec *spec, const td_kernels *kernels)
{
    bed b;
    td_status status = bed_make(&b, plan, spec, kernels);
    if (status != TD_OK)
        return status;
    *s = (td_plan_passes){ .weights = time_pass(&b, TD_GRAD_WEIGHTS, false),
                           .forward = time_pass(&b, TD_GRAD_NONE, true),
                           .flops = td_network_flops(b.net),
                           .is_single = b.present != NULL };
    if (td_network_edges(spec) > 0)
        s->alphas = time_pass(&b, TD_GRAD_ALPHAS, false);
    if (td_network_edges(spec) > 0 && plan->config->search.order == 2)
        s->both = time_pass(&b, TD_GRAD_BOTH, false);
    bed_clear(&b);
    return TD_OK;
}

/* ---- what a run is made of ------------------------------------------------------- */

/* What search.prune leaves of the operations that a stage begins with: a step takes
 * about as much of its time.  One that computes one operation of an edge takes as
 * long. */
static double share_left(const td_plan *plan, const td_plan_passes *s, int epoch)
{
    int first = td_stage_at(plan->config, epoch).first;
    if (s->is_single)
        return 1.0;
    return (double) td_plan_operations_at(plan->config, epoch) /
           td_plan_operations_at(plan->config, first);
}

/* Seconds of a step for each image of a rank. */
static double step_seconds(const td_plan *plan, const td_plan_passes *s, int epoch)
{
    const td_config *config = plan->config;
    td_step_rates rates = td_plan_rates(plan->kind, config, epoch);
    bool moves_alphas = plan->kind->halves > TD_HALF_ARCH && rates.arch_lr > 0.0;
    double arch =
        config->search.order == 2 ? s->weights + s->both + 2.0 * s->alphas : s->alphas;
    double step = s->weights + (moves_alphas ? arch / config->arch.interval : 0.0);
    if (rates.perturb == TD_PERTURB_ADVERSARIAL && rates.epsilon > 0.0)
        step += TD_STEP_ASCENTS * s->alphas;
    return share_left(plan, s, epoch) * step;
}

/* Images that are judged behind an epoch, shared by the ranks. */
static double judged_images(const td_plan *plan, int epoch)
{
    int64_t held = plan->selection->half_count[TD_HALF_ARCH];
    int64_t most = plan->config->search.projection_images;
    int decisions = td_projection_decisions(plan->config);
    double images = td_plan_holds_out(plan->selection) ? (double) held : 0.0;
    if (decisions > 0 && td_projection_decision(plan->config, epoch) >= 0)
        images += (double) td_projection_passes(plan->config, &plan->spec) / decisions *
                  (double) (most > 0 && most < held ? most : held);
    if (plan->config->search.method == TD_METHOD_RANDOM &&
        epoch == td_config_epochs(plan->config) - 1)
        images += (double) plan->config->search.samples * (double) held;
    return images / plan->ranks;
}

void td_plan_count_time(td_plan_duration *d, const td_plan *plan, int number,
                        const td_plan_passes *passes)
{
    td_search_stage stage = td_stage_of(plan->config, number);
    bool is_last = number == td_stage_count(plan->config) - 1;
    int end = is_last ? td_config_epochs(plan->config) : stage.first + stage.epochs;
    int batch = (plan->config->search.batch + plan->ranks - 1) / plan->ranks;
    TD_ASSERT(plan->ranks > 0 && plan->steps > 0);
    for (int epoch = stage.first; epoch < end; epoch++) {
        double steps = (double) plan->steps * batch * step_seconds(plan, passes, epoch);
        d->steps += steps;
        d->all += steps + passes->forward * judged_images(plan, epoch);
    }
}

td_status td_plan_time(td_plan_duration *duration, const td_plan *plan)
{
    const td_kernels *kernels;
    int count = td_stage_count(plan->config);
    *duration = (td_plan_duration){ .all = 0.0 };
    td_status status = td_machine_begin_alone(&kernels, plan->threads);
    duration->is_known = true;
    for (int n = 0; n < count && status == TD_OK; n++) {
        td_plan_passes seconds = { 0 };
        td_net_spec spec = td_plan_stage_spec(plan, n);
        if (td_stage_of(plan->config, n).epochs == 0)
            break;
        if (!fits(&spec, 1, plan->threads)) {
            duration->is_known = false;
            break;
        }
        status = time_passes(&seconds, plan, &spec, kernels);
        duration->flops = n == 0 ? seconds.flops : duration->flops;
        if (status == TD_OK)
            td_plan_count_time(duration, plan, n, &seconds);
    }
    return status;
}

char *td_plan_time_line(const td_plan *plan, const td_plan_duration *duration)
{
    int epochs = td_config_epochs(plan->config);
    double step = duration->steps / ((double) epochs * (double) plan->steps);
    char *whole = td_duration(duration->all);
    char *line =
        td_format("about %s on hosts like this: %d %s of %lld %s of %.2g s%s", whole,
                  epochs, td_noun(epochs, "epoch", "epochs"), (long long) plan->steps,
                  td_noun(plan->steps, "step", "steps"), step,
                  td_stage_count(plan->config) > 1 ? " on average" : "");
    td_free(whole);
    return line;
}
