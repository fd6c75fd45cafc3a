/* Rules between keys, each of which is valid alone. */
#include "config_internal.h"

#include <math.h>
#include <string.h>

#include "taildart/base_text.h"
#include "taildart/config_projection.h"
#include "taildart/config_stages.h"

enum { TD_MOST_KEPT = 8 /* operations of an edge */ };

static const double LEAST_TEMPERATURE = 1e-3;

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
        status = td_settings_check_idle(settings, key, reason);
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

/* Alphas over a temperature have to stay numbers; ReinMax's estimate is for 1 and above
 * (Liu et al. 2023, section 4). */
static td_status check_temperature(const td_config *config)
{
    int epochs = td_stage_longest(config);
    double least = least_of(&config->arch.temperature, epochs);
    if (least < LEAST_TEMPERATURE)
        return td_error(TD_USAGE,
                        "arch.temperature: reaches %.3g in epoch %d, where softmax is "
                        "nothing but its largest; accepted: %g and more: a larger "
                        "arch.temperature.end or gamma, or arch.relaxation gdas",
                        least, epochs - 1, LEAST_TEMPERATURE);
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

td_status td_settings_check(const td_settings *settings)
{
    td_status status = td_settings_check_all_idle(settings);
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
