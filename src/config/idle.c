/* Keys that would have no effect beside others are refused, with the reason. */
#include "config_internal.h"

#include <string.h>

/* The keys that begin with \a prefix have an effect if \a is_used; if not, \a reason
 * says why, and how to change that. */
typedef struct {
    const char *prefix, *reason;
    bool is_used;
} rule;

td_status td_settings_check_idle(const td_settings *settings, const char *prefix,
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

static td_status check_rules(const td_settings *settings, const rule *rules,
                             size_t count)
{
    td_status status = TD_OK;
    for (size_t i = 0; i < count && status == TD_OK; i++)
        if (!rules[i].is_used)
            status = td_settings_check_idle(settings, rules[i].prefix, rules[i].reason);
    return status;
}

#define CHECK_RULES(settings, rules)                                                   \
    check_rules(settings, rules, sizeof(rules) / sizeof *(rules))

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

/* Heads, weights of classes, samplers. */
static td_status check_classes(const td_settings *settings)
{
    const td_config *config = &settings->config;
    const rule rules[] = {
        { "net.head_scale", "net.head is linear; set net.head to normalised or etf",
          config->net.head != TD_HEAD_LINEAR },
        { "weights.class_weights_from",
          "weights.class_weights is none; set it to another kind",
          config->weights.class_weights != TD_WEIGHTING_NONE },
        { "arch.class_weights_from",
          "arch.class_weights is none; set it to another kind",
          config->arch.class_weights != TD_WEIGHTING_NONE },
        { "data.sampler_from", "data.sampler is instance; set it to another kind",
          config->data.sampler != TD_SAMPLER_INSTANCE },
        { "arch.sampler_from", "arch.sampler is instance; set it to another kind",
          config->arch.sampler != TD_SAMPLER_INSTANCE },
    };
    return CHECK_RULES(settings, rules);
}

/* Mixing and operations on images. */
static td_status check_images(const td_settings *settings)
{
    const td_config *config = &settings->config;
    static const char no_remix[] = "data.mix is not remix; set data.mix to remix";
    static const char no_arch_remix[] = "arch.mix is not remix; set arch.mix to remix";
    static const char no_policy[] =
        "data.augment.kind is not randaugment; set data.augment.kind to randaugment";
    const rule rules[] = {
        { "data.mix_", "data.mix is none; set it to another kind",
          config->data.mix.kind != TD_MIX_NONE },
        { "arch.mix_", "arch.mix is none; set it to another kind",
          config->arch.mix.kind != TD_MIX_NONE },
        { "data.mix_kappa", no_remix, config->data.mix.kind == TD_MIX_REMIX },
        { "data.mix_tau", no_remix, config->data.mix.kind == TD_MIX_REMIX },
        { "arch.mix_kappa", no_arch_remix, config->arch.mix.kind == TD_MIX_REMIX },
        { "arch.mix_tau", no_arch_remix, config->arch.mix.kind == TD_MIX_REMIX },
        { "data.augment.operations", no_policy,
          config->data.augment.kind == TD_AUGMENT_RANDAUGMENT },
        { "data.augment.magnitude", no_policy,
          config->data.augment.kind == TD_AUGMENT_RANDAUGMENT },
    };
    return CHECK_RULES(settings, rules);
}

/* What two branches alone have. */
static td_status check_two_branches(const td_settings *settings)
{
    const td_config *config = &settings->config;
    static const char no_branches[] = "bbn.enabled is false; set bbn.enabled to true";
    const rule rules[] = {
        { "bbn.sampler",
          "bbn.enabled is false, and nothing is pasted; set bbn.enabled to true, or "
          "data.mix or arch.mix to cmo",
          config->bbn.enabled || td_mix_pastes((td_mix_kind) config->data.mix.kind) ||
              td_mix_pastes((td_mix_kind) config->arch.mix.kind) },
        { "bbn.split", no_branches, config->bbn.enabled },
        { "bbn.mixing", no_branches, config->bbn.enabled },
    };
    return CHECK_RULES(settings, rules);
}

/* What a relaxation does not have. */
static td_status check_relaxation(const td_settings *settings)
{
    const td_config *config = &settings->config;
    int kind = config->arch.relaxation;
    const rule rules[] = {
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
    };
    return CHECK_RULES(settings, rules);
}

/* What a search without alphas, or one in stages, does not have. */
static td_status check_method(const td_settings *settings)
{
    const td_config *config = &settings->config;
    static const char no_alphas[] =
        "search.method is random, which has no alphas that learn; set search.method to "
        "darts";
    static const char no_projection[] =
        "search.discretise is not perturbation; set search.discretise to perturbation";
    bool has_alphas = config->search.method != TD_METHOD_RANDOM;
    bool projects = config->search.discretise == TD_DISCRETISE_PERTURBATION;
    const rule rules[] = {
        { "search.samples", "search.method is darts; set search.method to random",
          config->search.method == TD_METHOD_RANDOM },
        { "arch.", no_alphas, has_alphas },
        { "search.order", no_alphas, has_alphas },
        { "search.discretise", no_alphas, has_alphas },
        { "search.threshold",
          "search.discretise is not threshold; set search.discretise to threshold",
          config->search.discretise == TD_DISCRETISE_THRESHOLD },
        { "search.tuning_epochs", no_projection, projects },
        { "search.projection_images", no_projection, projects },
        { "search.max_skips", no_alphas, has_alphas },
        { "search.prune", no_alphas, has_alphas },
        { "search.stages", no_alphas, has_alphas },
        { "search.prune",
          "search.stages drops operations where its stages begin; give keep there",
          config->search.stages.count == 0 },
        { "search.stop", no_alphas, has_alphas },
    };
    return CHECK_RULES(settings, rules);
}

/* Numbers of the other ways to end a search. */
static td_status check_stop(const td_settings *settings)
{
    const td_config *config = &settings->config;
    static const char no_eigenvalue[] =
        "search.stop is not eigenvalue; set search.stop to eigenvalue";
    bool is_eigenvalue = config->search.stop == TD_STOP_EIGENVALUE;
    const rule rules[] = {
        { "search.stop_start",
          "search.stop is none; set search.stop to skips or eigenvalue",
          config->search.stop != TD_STOP_NONE },
        { "search.stop_limit", "search.stop is not skips; set search.stop to skips",
          config->search.stop == TD_STOP_SKIPS },
        { "search.stop_every", no_eigenvalue, is_eigenvalue },
        { "search.stop_window", no_eigenvalue, is_eigenvalue },
        { "search.stop_delta", no_eigenvalue, is_eigenvalue },
        { "search.stop_factor", no_eigenvalue, is_eigenvalue },
    };
    return CHECK_RULES(settings, rules);
}

/* A genotype has its operations: a bench of it reads no others. */
static td_status check_given(const td_settings *settings)
{
    static const char is_given[] =
        "train.genotype is given, which has its own operations; leave that out";
    bool is_used =
        settings->command != TD_FOR_BENCH || settings->config.train.genotype[0] == '\0';
    const rule rules[] = {
        { "net.operations", is_given, is_used },
        { "bench.keep", is_given, is_used },
    };
    return CHECK_RULES(settings, rules);
}

td_status td_settings_check_all_idle(const td_settings *settings)
{
    static td_status (*const groups[])(const td_settings *) = {
        check_classes, check_two_branches, check_images, check_relaxation,
        check_method,  check_stop,         check_given,
    };
    td_status status = TD_OK;
    for (size_t i = 0; i < sizeof groups / sizeof *groups && status == TD_OK; i++)
        status = groups[i](settings);
    return status;
}
