/* The search: a supernet learns its weights from one half of the images, its
 * architecture from the other. */
#include "plan.h"
#include "taildart/config_projection.h"
#include "taildart/config_stages.h"
#include "taildart/genotype_space.h"

#include <math.h>
#include <string.h>

/* ---- lines of a start -------------------------------------------------------- */

static void tell_images(const td_plan *plan)
{
    const int64_t *count = plan->selection->half_count;
    TD_SAY("halves     %lld %s for the weights, %lld for the architecture (%s)",
           (long long) count[TD_HALF_WEIGHTS],
           td_noun(count[TD_HALF_WEIGHTS], "image", "images"),
           (long long) count[TD_HALF_ARCH], td_plan_value(plan, "data.split"));
}

/* A line for each stage of a search that has several. */
static void tell_stages(const td_plan *plan)
{
    int count = td_stage_count(plan->config);
    for (int n = 0; n < count && count > 1; n++) {
        char *line = td_plan_stage_line(plan, n);
        if (line)
            TD_SAY("stage      %s", line);
        td_free(line);
    }
}

/* Edges that have fewer operations than the published eight, or lose some. */
static void tell_network(const td_plan *plan)
{
    const td_config *config = plan->config;
    if (strcmp(config->net.operations, "all") != 0)
        TD_SAY("operations %s", config->net.operations);
    if (config->search.prune.count > 0)
        TD_SAY("prune      %s", td_plan_value(plan, "search.prune"));
    tell_stages(plan);
    if (config->search.discretise == TD_DISCRETISE_THRESHOLD)
        TD_SAY("threshold  operations of strength %g and more",
               config->search.threshold);
    char *projection = td_plan_projection_line(plan);
    if (projection)
        TD_SAY("projection %s", projection);
    td_free(projection);
    if (config->search.max_skips != TD_NEVER)
        TD_SAY("skips      at most %d in the normal cell", config->search.max_skips);
    if (config->search.stop == TD_STOP_SKIPS)
        TD_SAY("stop       more than %d skip connections from epoch %d on",
               config->search.stop_limit, config->search.stop_start + 1);
    if (config->search.stop == TD_STOP_EIGENVALUE)
        TD_SAY(
            "stop       Hessian's eigenvalue, every %d epochs: %d averaged, grown by "
            "%g in %d",
            config->search.stop_every, config->search.stop_window,
            config->search.stop_factor, config->search.stop_delta);
    if (config->net.cells == 1)
        TD_SAY("cells      a normal one alone: the genotype has it twice");
}

static void tell_sampling(const td_plan *plan)
{
    char *weights = td_plan_sampler(plan, TD_HALF_WEIGHTS);
    char *arch = td_plan_sampler(plan, TD_HALF_ARCH);
    TD_SAY("sampling   weights %s, architecture %s", weights, arch);
    td_free(arch);
    td_free(weights);
}

static void tell_steps(td_text *text, const td_config *config)
{
    td_text_write(text, ", %s order", config->search.order == 1 ? "first" : "second");
    if (config->arch.interval > 1)
        td_text_write(text, ", the architecture in 1 of %d steps",
                      config->arch.interval);
}

/* Whether a schedule gives anything but what does nothing. */
static bool is_moving(const td_plan_schedule *row, const td_config *config)
{
    const td_schedule *schedule = td_plan_schedule_in(row, config);
    bool is_constant = schedule->shape == TD_SHAPE_CONSTANT;
    return schedule->start != row->idle || (!is_constant && schedule->end != row->idle);
}

/* A line for a schedule of the architecture's, beside that of its rate. */
static void tell_course(const td_plan *plan, const td_plan_schedule *row,
                        const char *name)
{
    char *shape = td_format("%s.shape", row->key);
    char *course = td_plan_course(plan, row->rate);
    TD_SAY("           %s %s: %s", name, td_plan_value(plan, shape), course);
    td_free(course);
    td_free(shape);
}

static void tell_perturbation(const td_plan *plan, const td_plan_schedule *row)
{
    char *name = td_format("%s perturbation of weight steps, epsilon",
                           td_plan_value(plan, "arch.perturb"));
    if (plan->config->arch.perturb != TD_PERTURB_NONE)
        tell_course(plan, row, name);
    td_free(name);
}

static void tell_courses(const td_plan *plan)
{
    for (const td_plan_schedule *row = td_plan_schedule_next(plan->kind, NULL); row;
         row = td_plan_schedule_next(plan->kind, row)) {
        bool is_arch = strncmp(row->key, "arch.", strlen("arch.")) == 0;
        if (strcmp(row->key, "arch.epsilon") == 0)
            tell_perturbation(plan, row);
        else if (is_arch && !isnan(row->idle) && is_moving(row, plan->config))
            tell_course(plan, row, row->line ? row->line : row->title);
    }
}

static void tell_schedules(const td_plan *plan)
{
    if (plan->config->search.method == TD_METHOD_RANDOM) {
        TD_SAY("method     random: a step learns weights of its own cell; best of %d",
               plan->config->search.samples);
        return;
    }
    const td_schedule *lr = &plan->config->arch.lr;
    bool freezes = lr->frozen_until > 0 || lr->frozen_from != TD_NEVER;
    char *rates = td_plan_course(plan, offsetof(td_step_rates, arch_lr));
    TD_SAY("arch       %s of alpha%s; lr %s: %s%s",
           td_plan_value(plan, "arch.relaxation"),
           plan->config->arch.edge_weights ? " times edge weights" : "",
           td_plan_value(plan, "arch.lr.shape"), rates, freezes ? " (0: frozen)" : "");
    td_free(rates);
    tell_courses(plan);
}

/* ---- what cannot have been meant ---------------------------------------------- */

static void doubt_rates(const td_plan *plan)
{
    const td_config *config = plan->config;
    double least, most;
    if (config->search.method == TD_METHOD_RANDOM)
        return;
    td_plan_range(plan, offsetof(td_step_rates, arch_lr), &least, &most);
    if (td_stage_count(config) == 1 &&
        config->arch.lr.frozen_until >= config->search.epochs)
        TD_DOUBT("arch.lr.frozen_until %d, but search.epochs %d: no epoch runs an "
                 "architecture step, and the cell found is one of chance",
                 config->arch.lr.frozen_until, config->search.epochs);
    else if (!(most > 0))
        TD_DOUBT("arch.lr: 0 in every epoch: the architecture does not learn, and the "
                 "cell found is one of chance");
}

/* A threshold that what has learned nothing reaches, or that hardly anything does. */
static void doubt_threshold(const td_plan *plan)
{
    const td_config *config = plan->config;
    double threshold = config->search.threshold;
    bool competes = config->arch.relaxation != TD_RELAXATION_SIGMOID;
    if (config->search.discretise != TD_DISCRETISE_THRESHOLD)
        return;
    if (competes && threshold >= 0.5)
        TD_DOUBT("search.threshold %g, but with arch.relaxation %s the operations of "
                 "an edge share 1: few will reach it; arch.relaxation sigmoid lets "
                 "each decide for itself",
                 threshold, td_plan_value(plan, "arch.relaxation"));
    double least, most, wanted = log(threshold / (1.0 - threshold));
    td_plan_range(plan, offsetof(td_step_rates, arch_lr), &least, &most);
    /* a step of Adam is about its rate */
    double reach =
        most * (double) (config->search.epochs * plan->steps) / config->arch.interval;
    if (!competes && wanted > reach)
        TD_DOUBT("search.threshold %g asks for an alpha of %.3g, and all steps of "
                 "arch.lr together reach %.3g: nothing will reach it; more epochs, a "
                 "larger arch.lr.start or a lower threshold",
                 threshold, wanted, reach);
    if (!competes && threshold <= 0.5)
        TD_DOUBT("search.threshold %g, but with arch.relaxation sigmoid all operations "
                 "begin at 0.5: those that learn nothing reach it",
                 threshold);
}

/* Operations that are never dropped, or dropped before anything is learned of them. */
static void doubt_row(const td_plan *plan, int epoch, int keep)
{
    const td_config *config = plan->config;
    int most = td_plan_most_operations(config);
    if (epoch >= config->search.epochs)
        TD_DOUBT("search.prune: epoch %d, but search.epochs %d: nothing is dropped "
                 "there",
                 epoch, config->search.epochs);
    else if (keep >= most)
        TD_DOUBT(
            "search.prune: keep %d, but net.operations %s has %d per edge: nothing "
            "is dropped",
            keep, config->net.operations, most);
    else if (epoch <= config->arch.lr.frozen_until && epoch > 0)
        TD_DOUBT("search.prune: epoch %d, but arch.lr.frozen_until %d: what is dropped "
                 "there is what the random start made weak",
                 epoch, config->arch.lr.frozen_until);
}

/* The last epoch ends a search anyway. */
static void doubt_stop(const td_plan *plan)
{
    const td_config *config = plan->config;
    int least = config->search.stop_start + 1, every = config->search.stop_every;
    if (config->search.stop == TD_STOP_EIGENVALUE) {
        int start = (config->search.stop_start + every - 1) / every;
        least = (start + config->search.stop_window / 2 + config->search.stop_delta) *
                    every +
                1;
    }
    if (config->search.stop != TD_STOP_NONE && least >= config->search.epochs)
        TD_DOUBT("search.stop %s can end a search after %d epochs at the earliest, but "
                 "search.epochs is %d: nothing ends it before; a smaller "
                 "search.stop_start does",
                 td_plan_value(plan, "search.stop"), least, config->search.epochs);
}

/* Edges of one operation each, whose strengths are all 1. */
static void doubt_ties(const td_plan *plan)
{
    const td_config *config = plan->config;
    bool competes = config->arch.relaxation != TD_RELAXATION_SIGMOID;
    bool is_projected = config->search.discretise == TD_DISCRETISE_PERTURBATION;
    if (competes && !is_projected && !config->arch.edge_weights &&
        config->search.method != TD_METHOD_RANDOM &&
        td_plan_operations_at(config, config->search.epochs - 1) == 1)
        TD_DOUBT("one operation per edge is left at the end: the edges of a node are "
                 "equally strong then, and the first two go into the cell; "
                 "arch.edge_weights lets them compete");
}

static void doubt_network(const td_plan *plan)
{
    const td_rows *rows = &plan->config->search.prune;
    doubt_ties(plan);
    td_plan_doubt_stages(plan);
    td_plan_doubt_projection(plan);
    doubt_threshold(plan);
    doubt_stop(plan);
    for (int r = 0; r < rows->count; r++)
        doubt_row(plan, rows->value[r][TD_PRUNE_EPOCH], rows->value[r][TD_PRUNE_KEEP]);
}

/* The stages and the projection again, for --dry-run. */
static void write_network(td_text *text, const td_plan *plan)
{
    int count = td_stage_count(plan->config);
    for (int n = 0; n < count && count > 1; n++)
        td_plan_write_line(text, "stage", td_plan_stage_line(plan, n));
    td_plan_write_line(text, "projection", td_plan_projection_line(plan));
}

static void doubt_batches(const td_plan *plan)
{
    int interval = plan->config->arch.interval;
    if (interval > 1 && interval >= plan->steps)
        TD_DOUBT("arch.interval %d, but an epoch has %lld steps: one architecture step "
                 "an epoch",
                 interval, (long long) plan->steps);
}

/* ---- end ---------------------------------------------------------------------- */

/* Least ratio of an edge's strongest operation to the average one at which the cell is
 * more than chance. */
static const double HARDLY = 1.25;

static void tell_end(const td_run_result *end)
{
    const td_search_state *state = end->state;
    if (end->config->search.method == TD_METHOD_RANDOM)
        return; /* its alphas are the cell */
    if (td_projection_decisions(end->config) > 0)
        return; /* they did not choose it, and what stayed has no rival left */
    double even, strongest = td_search_state_strongest(state, &even);
    if (even >= 1.0)
        return; /* no operation has a rival left */
    td_log_wrapped(
        TD_LOG_INFO, 0,
        "alpha has moved by %.4f from its start; the strongest operation of an edge "
        "weighs %.4f on average, %.4f would be even",
        td_search_state_change(state), strongest, even);
    if (strongest < HARDLY * even)
        td_log_wrapped(
            TD_LOG_INFO, 0,
            "That is hardly at all: this cell is little better than a random one; "
            "more epochs or a larger arch.lr.start let the search decide.");
}

/* A supernet is worth its last cell; people are told its best epoch all the same. */
static td_best best_by(const td_config *config)
{
    (void) config;
    return TD_BEST_TOP1;
}

/* The operations that edges have. */
static void specify(td_net_spec *spec, const td_config *config,
                    const td_genotype *genotype)
{
    (void) genotype;
    td_space space;
    td_status status = td_space_find(&space, config->net.operations, config->net.nodes);
    TD_ASSERT(status == TD_OK); /* settle() has seen it */
    td_net_spec_take(spec, &space);
}

static td_status settle(td_settings *settings)
{
    return td_space_check(settings);
}

const td_run_kind td_run_search = {
    .name = "search",
    .title = "search",
    .weight_title = "weight half",
    .command = TD_FOR_SEARCH,
    .halves = 2,
    .base_batch = 64,
    .settle = settle,
    .specify = specify,
    .best_by = best_by,
    .tell = {
        .images = tell_images,
        .network = tell_network,
        .sampling = tell_sampling,
        .steps = tell_steps,
        .schedules = tell_schedules,
    },
    .doubt = {
        .network = doubt_network,
        .batches = doubt_batches,
        .rates = doubt_rates,
    },
    .write_network = write_network,
    .tell_end = tell_end,
};
