/* Rules between keys, each of which is valid alone. */
#include "config_internal.h"

#include <math.h>
#include <string.h>

#include "taildart/base_text.h"
#include "taildart/config_projection.h"

enum { TD_MOST_KEPT = 8 /* operations of an edge */ };

/* Refuse keys that begin with \a prefix, are off their defaults and would have no
 * effect: \a reason says why, and how to change that. */
static td_status check_idle(const td_settings *settings, const char *prefix,
                            const char *reason)
{
    for (int i = 0; i < td_key_count(); i++) {
        const td_key *key = &td_keys[i];
        char text[TD_TEXT_BYTES], standard[TD_TEXT_BYTES];
        if (strncmp(key->name, prefix, strlen(prefix)) != 0)
            continue;
        td_config defaults = settings->config;
        td_status status =
            td_key_read(key, td_key_standard(key, settings->command), &defaults);
        TD_ASSERT(status == TD_OK);
        td_key_write(key, &settings->config, text);
        td_key_write(key, &defaults, standard);
        bool is_former = key->former && strcmp(text, key->former) == 0;
        if (strcmp(text, standard) != 0 && !is_former)
            return td_error(TD_USAGE, "%s: found \"%s\", but %s, or leave %s at %s",
                            key->name, text, reason, key->name, standard);
    }
    return TD_OK;
}

/* Whether weights come from softmax(alpha), so that there is a temperature. */
static bool is_softmax_like(int kind)
{
    return kind != TD_RELAXATION_SIGMOID && kind != TD_RELAXATION_DIRICHLET;
}

/* Whether an edge has all operations at weights that sum to 1, to be shifted. */
static bool can_be_shifted(int kind)
{
    return kind == TD_RELAXATION_SOFTMAX || kind == TD_RELAXATION_GUMBEL ||
           kind == TD_RELAXATION_DIRICHLET;
}
#define NO_ALPHAS                                                                      \
    "search.method is random, which has no alphas that learn; set search.method to "   \
    "darts"
#define NO_PROJECTION                                                                  \
    "search.discretise is not perturbation; set search.discretise to perturbation"
#define NO_EIGENVALUE "search.stop is not eigenvalue; set search.stop to eigenvalue"

static td_status check_all_idle(const td_settings *settings)
{
    static const char no_branches[] = "bbn.enabled is false; set bbn.enabled to true";
    static const char no_remix[] = "data.mix is not remix; set data.mix to remix";
    static const char no_arch_remix[] = "arch.mix is not remix; set arch.mix to remix";
    const td_config *config = &settings->config;
    int kind = config->arch.relaxation;
    const struct {
        const char *prefix, *reason;
        bool is_used;
    } rules[] = {
        { "net.head_scale", "net.head is linear; set net.head to normalised or etf",
          config->net.head != TD_HEAD_LINEAR },
        { "weights.class_weights_from",
          "weights.class_weights is none; set it to another kind",
          config->weights.class_weights != TD_WEIGHTING_NONE },
        { "arch.class_weights_from",
          "arch.class_weights is none; set it to another kind",
          config->arch.class_weights != TD_WEIGHTING_NONE },
        { "bbn.sampler",
          "bbn.enabled is false, and nothing is pasted; set bbn.enabled to true, or "
          "data.mix or arch.mix to cmo",
          config->bbn.enabled || td_mix_pastes((td_mix_kind) config->data.mix.kind) ||
              td_mix_pastes((td_mix_kind) config->arch.mix.kind) },
        { "bbn.split", no_branches, config->bbn.enabled },
        { "bbn.mixing", no_branches, config->bbn.enabled },
        { "data.sampler_from", "data.sampler is instance; set it to another kind",
          config->data.sampler != TD_SAMPLER_INSTANCE },
        { "arch.sampler_from", "arch.sampler is instance; set it to another kind",
          config->arch.sampler != TD_SAMPLER_INSTANCE },
        { "data.mix_", "data.mix is none; set it to another kind",
          config->data.mix.kind != TD_MIX_NONE },
        { "arch.mix_", "arch.mix is none; set it to another kind",
          config->arch.mix.kind != TD_MIX_NONE },
        { "data.mix_kappa", no_remix, config->data.mix.kind == TD_MIX_REMIX },
        { "data.mix_tau", no_remix, config->data.mix.kind == TD_MIX_REMIX },
        { "arch.mix_kappa", no_arch_remix, config->arch.mix.kind == TD_MIX_REMIX },
        { "arch.mix_tau", no_arch_remix, config->arch.mix.kind == TD_MIX_REMIX },
        { "data.augment.operations",
          "data.augment.kind is not randaugment; set data.augment.kind to randaugment",
          config->data.augment.kind == TD_AUGMENT_RANDAUGMENT },
        { "data.augment.magnitude",
          "data.augment.kind is not randaugment; set data.augment.kind to randaugment",
          config->data.augment.kind == TD_AUGMENT_RANDAUGMENT },
        { "arch.temperature",
          "arch.relaxation has no temperature; set arch.relaxation to softmax, gumbel, "
          "gdas or reinmax",
          is_softmax_like(kind) },
        { "arch.penalty.zero_one",
          "operations compete; set arch.relaxation to sigmoid, or arch.penalty.entropy",
          kind == TD_RELAXATION_SIGMOID },
        { "arch.penalty.beta_decay",
          "it levels softmax(alpha); set arch.relaxation to softmax, gumbel, gdas or "
          "reinmax",
          is_softmax_like(kind) },
        { "arch.penalty.entropy",
          "it decides softmax(alpha); set arch.relaxation to softmax, gumbel, gdas or "
          "reinmax",
          is_softmax_like(kind) },
        { "arch.penalty.anchor",
          "arch.relaxation is not dirichlet; set arch.relaxation to dirichlet, or use "
          "arch.decay",
          kind == TD_RELAXATION_DIRICHLET },
        { "arch.skip_bonus",
          "arch.relaxation gdas computes one operation of an edge; set arch.relaxation "
          "to softmax",
          kind != TD_RELAXATION_GDAS },
        { "arch.perturb",
          "a shift needs weights of all operations that sum to 1; set arch.relaxation "
          "to softmax, gumbel or dirichlet",
          can_be_shifted(kind) },
        { "arch.epsilon",
          "arch.perturb is none; set arch.perturb to random or adversarial",
          config->arch.perturb != TD_PERTURB_NONE },
        { "search.samples", "search.method is darts; set search.method to random",
          config->search.method == TD_METHOD_RANDOM },
        { "arch.", NO_ALPHAS, config->search.method != TD_METHOD_RANDOM },
        { "search.order", NO_ALPHAS, config->search.method != TD_METHOD_RANDOM },
        { "search.discretise", NO_ALPHAS, config->search.method != TD_METHOD_RANDOM },
        { "search.threshold",
          "search.discretise is not threshold; set search.discretise to threshold",
          config->search.discretise == TD_DISCRETISE_THRESHOLD },
        { "search.tuning_epochs", NO_PROJECTION,
          config->search.discretise == TD_DISCRETISE_PERTURBATION },
        { "search.projection_images", NO_PROJECTION,
          config->search.discretise == TD_DISCRETISE_PERTURBATION },
        { "search.max_skips", NO_ALPHAS, config->search.method != TD_METHOD_RANDOM },
        { "search.prune", NO_ALPHAS, config->search.method != TD_METHOD_RANDOM },
        { "search.stages", NO_ALPHAS, config->search.method != TD_METHOD_RANDOM },
        { "search.prune",
          "search.stages drops operations where its stages begin; give keep there",
          config->search.stages.count == 0 },
        { "search.stop", NO_ALPHAS, config->search.method != TD_METHOD_RANDOM },
        { "search.stop_start",
          "search.stop is none; set search.stop to skips or eigenvalue",
          config->search.stop != TD_STOP_NONE },
        { "search.stop_limit", "search.stop is not skips; set search.stop to skips",
          config->search.stop == TD_STOP_SKIPS },
        { "search.stop_every", NO_EIGENVALUE,
          config->search.stop == TD_STOP_EIGENVALUE },
        { "search.stop_window", NO_EIGENVALUE,
          config->search.stop == TD_STOP_EIGENVALUE },
        { "search.stop_delta", NO_EIGENVALUE,
          config->search.stop == TD_STOP_EIGENVALUE },
        { "search.stop_factor", NO_EIGENVALUE,
          config->search.stop == TD_STOP_EIGENVALUE },
    };
    td_status status = TD_OK;
    for (size_t i = 0; i < sizeof rules / sizeof *rules && status == TD_OK; i++)
        if (!rules[i].is_used)
            status = check_idle(settings, rules[i].prefix, rules[i].reason);
    return status;
}

/* ---- losses ---------------------------------------------------------------------- */

/* "focal, vs or cdt": the kinds that read a number. */
static char *readers_of(td_loss_number number)
{
    td_text text = { 0 };
    int left = 0;
    for (int kind = 0; kind < TD_LOSS_COUNT; kind++)
        left += td_loss_reads((td_loss_kind) kind, number);
    for (int kind = 0; kind < TD_LOSS_COUNT; kind++)
        if (td_loss_reads((td_loss_kind) kind, number)) {
            left--;
            td_text_write(&text, "%s%s", td_loss_word((td_loss_kind) kind),
                          left > 1    ? ", "
                          : left == 1 ? " or "
                                      : "");
        }
    return text.chars;
}

/* Refuse numbers that the kind of a loss does not read. */
static td_status check_loss(const td_settings *settings, const char *group,
                            const td_loss_keys *loss)
{
    static const struct {
        const char *name;
        td_loss_number number;
    } members[] = { { "gamma", TD_LOSS_GAMMA },
                    { "tau", TD_LOSS_TAU },
                    { "margin", TD_LOSS_MARGIN },
                    { "head", TD_LOSS_SMOOTHING },
                    { "tail", TD_LOSS_SMOOTHING } };
    td_loss_kind kind = (td_loss_kind) loss->kind;
    td_status status = TD_OK;
    if (kind == TD_LOSS_LDAM && settings->config.net.head != TD_HEAD_NORMALISED)
        return td_error(TD_USAGE,
                        "%s.loss.kind: found \"ldam\", but net.head is %s, and margins "
                        "are differences of cosines; set net.head to normalised",
                        group, td_head_word((td_head_kind) settings->config.net.head));
    for (size_t i = 0; i < sizeof members / sizeof *members && status == TD_OK; i++) {
        if (td_loss_reads(kind, members[i].number))
            continue;
        char *key = td_format("%s.loss.%s", group, members[i].name);
        char *readers = readers_of(members[i].number);
        char *reason = td_format("%s.loss.kind is %s; set %s.loss.kind to %s", group,
                                 td_loss_word(kind), group, readers);
        status = check_idle(settings, key, reason);
        td_free(reason);
        td_free(readers);
        td_free(key);
    }
    return status;
}

static td_status check_losses(const td_settings *settings)
{
    td_status status = check_loss(settings, "weights", &settings->config.weights.loss);
    return status == TD_OK ? check_loss(settings, "arch", &settings->config.arch.loss)
                           : status;
}

/* ---- architecture and network ---------------------------------------------------- */

static td_status check_branches(const td_config *config)
{
    if (config->bbn.mixing.shape == TD_SHAPE_COUPLED)
        return td_error(TD_USAGE, "bbn.mixing.shape: found \"coupled\", but the mixing "
                                  "ratio cannot follow itself; accepted: the other "
                                  "shapes, parabolic for example");
    if (config->bbn.mixing.shape == TD_SHAPE_BETA &&
        config->arch.lr.shape == TD_SHAPE_COUPLED)
        return td_error(TD_USAGE, "arch.lr.shape: found \"coupled\", but bbn.mixing is "
                                  "drawn anew in each step, and a rate goes by the "
                                  "epoch; set one of them to another shape");
    return TD_OK;
}

static td_status check_architecture(const td_config *config)
{
    const td_schedule *lr = &config->arch.lr;
    if (lr->shape == TD_SHAPE_COUPLED && !config->bbn.enabled)
        return td_error(TD_USAGE, "arch.lr.shape: found \"coupled\", but without two "
                                  "branches there is no mixing ratio to follow; set "
                                  "bbn.enabled to true");
    if (td_config_is_training(config))
        return TD_OK;
    if (lr->frozen_until >= lr->frozen_from)
        return td_error(
            TD_USAGE,
            "arch.lr.frozen_until: found \"%d\", but arch.lr.frozen_from is "
            "%d, so no epoch would run an architecture step; accepted: less "
            "than arch.lr.frozen_from",
            lr->frozen_until, lr->frozen_from);
    return TD_OK;
}

static td_status check_mix(const char *group, const td_mix_keys *mix)
{
    if (mix->from < mix->until)
        return TD_OK;
    return td_error(TD_USAGE,
                    "%s.mix_from: found \"%d\", but %s.mix_until is %d, so no epoch "
                    "would mix images; accepted: less than %s.mix_until",
                    group, mix->from, group, mix->until, group);
}

/* The least value of a schedule over so many epochs. */
static double least_of(const td_schedule *schedule, int epochs)
{
    double last = schedule->end;
    if (schedule->shape == TD_SHAPE_CONSTANT)
        last = schedule->start;
    else if (schedule->shape == TD_SHAPE_EXPONENTIAL)
        last = schedule->start * pow(schedule->gamma, epochs - 1);
    else if (schedule->shape == TD_SHAPE_STEP)
        last = schedule->start *
               pow(schedule->gamma, floor((epochs - 1.0) / schedule->every));
    return fmin(schedule->start, last);
}

/* ReinMax's estimate is for 1 and above (Liu et al. 2023, section 4). */
static td_status check_temperature(const td_config *config)
{
    double least = least_of(&config->arch.temperature, config->search.epochs);
    if (config->arch.relaxation != TD_RELAXATION_REINMAX || least >= 1.0)
        return TD_OK;
    return td_error(TD_USAGE,
                    "arch.temperature: reaches %g, but arch.relaxation reinmax needs 1 "
                    "or more in every epoch; set arch.temperature.end to 1 or more, or "
                    "arch.relaxation to gdas",
                    least);
}

/* Curvature is found by differences, so weights of operations may not jump where alphas
 * move a little; and the history of an earlier epoch's cell has no edge weights. */
static td_status check_curvature(const td_config *config)
{
    bool jumps = config->arch.relaxation == TD_RELAXATION_GDAS ||
                 config->arch.relaxation == TD_RELAXATION_REINMAX;
    if (config->search.stop != TD_STOP_EIGENVALUE)
        return TD_OK;
    if (jumps)
        return td_error(TD_USAGE,
                        "search.stop: found \"eigenvalue\", but arch.relaxation %s "
                        "jumps between operations and has no curvature; set "
                        "search.stop to skips, or arch.relaxation to gumbel",
                        config->arch.relaxation == TD_RELAXATION_GDAS ? "gdas"
                                                                      : "reinmax");
    if (config->arch.edge_weights)
        return td_error(
            TD_USAGE, "search.stop: found \"eigenvalue\", which returns the cell of "
                      "an earlier epoch, but edge weights of earlier epochs are not "
                      "kept; set search.stop to skips, or arch.edge_weights to false");
    return TD_OK;
}

/* Refuse a network without a normal cell: a search would print one never trained.  A
 * single cell is a normal one. */
static td_status check_cells(const td_config *config)
{
    if (config->command != TD_FOR_SEARCH || config->net.cells == 1 ||
        config->net.cells >= TD_LEAST_CELLS)
        return TD_OK;
    return td_error(TD_USAGE,
                    "net.cells: found \"%d\", but both are reductions, and no "
                    "normal cell would be searched; accepted: 1, or %d and more",
                    config->net.cells, TD_LEAST_CELLS);
}

/* Later rows keep fewer. */
static td_status check_prune(const td_config *config)
{
    const td_rows *rows = &config->search.prune;
    for (int r = 0; r < rows->count; r++) {
        const int *row = rows->value[r], *before = r ? rows->value[r - 1] : NULL;
        if (row[TD_PRUNE_KEEP] >= TD_MOST_KEPT)
            return td_error(TD_USAGE,
                            "search.prune: found keep %d, but an edge has 8 operations "
                            "at most; accepted: below 8",
                            row[TD_PRUNE_KEEP]);
        if (before && row[TD_PRUNE_EPOCH] <= before[TD_PRUNE_EPOCH])
            return td_error(TD_USAGE,
                            "search.prune: found epoch %d behind epoch %d; accepted: "
                            "rising epochs",
                            row[TD_PRUNE_EPOCH], before[TD_PRUNE_EPOCH]);
        if (before && row[TD_PRUNE_KEEP] >= before[TD_PRUNE_KEEP])
            return td_error(TD_USAGE,
                            "search.prune: found keep %d from epoch %d on, but %d are "
                            "kept before; accepted: fewer",
                            row[TD_PRUNE_KEEP], row[TD_PRUNE_EPOCH],
                            before[TD_PRUNE_KEEP]);
    }
    return TD_OK;
}

static td_status check_bench(const td_config *config)
{
    int size = config->bench.size;
    if (size % 4 != 0)
        return td_error(TD_USAGE,
                        "bench.size: found \"%d\"; accepted: a multiple of 4, "
                        "for example %d",
                        size, (size + 2) / 4 * 4);
    return TD_OK;
}

td_status td_settings_check(const td_settings *settings)
{
    td_status status = check_all_idle(settings);
    if (status == TD_OK)
        status = check_losses(settings);
    if (status == TD_OK)
        status = check_architecture(&settings->config);
    if (status == TD_OK)
        status = check_branches(&settings->config);
    if (status == TD_OK)
        status = check_mix("data", &settings->config.data.mix);
    if (status == TD_OK)
        status = check_mix("arch", &settings->config.arch.mix);
    if (status == TD_OK)
        status = check_temperature(&settings->config);
    if (status == TD_OK)
        status = check_curvature(&settings->config);
    if (status == TD_OK)
        status = check_cells(&settings->config);
    if (status == TD_OK)
        status = check_prune(&settings->config);
    if (status == TD_OK)
        status = td_stages_check(&settings->config);
    if (status == TD_OK)
        status = td_projection_check(&settings->config);
    if (status == TD_OK)
        status = check_bench(&settings->config);
    return status;
}

td_status td_settings_require(const td_settings *settings, const char *key)
{
    const td_key *row = td_key_find(key);
    char text[TD_TEXT_BYTES];
    TD_ASSERT(row && row->type == TD_KEY_TEXT && row->shorthand);
    td_key_write(row, &settings->config, text);
    if (text[0] != '\0')
        return TD_OK;
    return td_error(TD_USAGE, "%s is not set (%s); give it with --%s", key, row->help,
                    row->shorthand);
}
