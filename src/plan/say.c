/* Words that several lines of a start need, those of its kind among them. */
#include "plan.h"
#include "taildart/augment.h"
#include "taildart/config_stages.h"
#include "taildart/mix.h"

#include <string.h>

const char *td_plan_value(const td_plan *plan, const char *key)
{
    static char text[4][TD_TEXT_BYTES];
    static int next;
    char *out = text[next++ % 4];
    td_settings_value(plan->settings, key, out);
    return out;
}

void td_plan_write_line(td_text *text, const char *title, char *words)
{
    if (words) {
        td_text_write(text, "%-*s", TD_PLAN_INDENT, title);
        td_text_write_wrapped(text, TD_PLAN_INDENT, 80, words);
        td_text_write(text, "\n");
    }
    td_free(words);
}

static double rate_at(const td_plan *plan, size_t offset, int epoch)
{
    td_step_rates rates = td_plan_rates(plan->kind, plan->config, epoch);
    double value;
    memcpy(&value, (const char *) &rates + offset, sizeof value);
    return value;
}

const char *td_plan_whose_epochs(const td_plan *plan)
{
    return td_stage_count(plan->config) > 1 ? " of each stage" : "";
}

char *td_plan_course(const td_plan *plan, size_t offset)
{
    int epochs = td_stage_of(plan->config, 0).epochs, last = epochs - 1;
    const char *whose = td_plan_whose_epochs(plan);
    double first = rate_at(plan, offset, 0);
    double middle = rate_at(plan, offset, last / 2);
    double final = rate_at(plan, offset, last);
    if (epochs == 1 || (first == middle && middle == final))
        return td_format("%.4g", first);
    if (epochs == 2)
        return td_format("%.4g, %.4g at the end%s", first, final, whose);
    return td_format("%.4g, %.4g in the middle, %.4g at the end%s", first, middle,
                     final, whose);
}

char *td_plan_augmentation(const td_config *config, const td_data_info *info)
{
    bool may_be_text = info->channels == 1;
    char *crop =
        config->data.crop_pad > 0
            ? td_format("cropped after %d %s of padding", config->data.crop_pad,
                        td_noun(config->data.crop_pad, "pixel", "pixels"))
            : td_strdup("not cropped");
    char *cutout = config->data.cutout > 0
                       ? td_format(", a square of %d %s cut out", config->data.cutout,
                                   td_noun(config->data.cutout, "pixel", "pixels"))
                       : td_strdup("");
    const td_augment_keys *keys = &config->data.augment;
    char *policy =
        keys->kind == TD_AUGMENT_RANDAUGMENT
            ? td_format(", randaugment (%d %s of magnitude %d)", keys->operations,
                        td_noun(keys->operations, "operation", "operations"),
                        keys->magnitude)
        : keys->kind != TD_AUGMENT_NONE
            ? td_format(", %s", td_augment_policy_name((td_augment_kind) keys->kind))
            : td_strdup("");
    char *line = td_format("%s, %s%s%s", crop,
                           !config->data.flip ? "not mirrored"
                           : may_be_text
                               ? "mirrored at random (digits, letters: data.flip false)"
                               : "mirrored at random",
                           policy, cutout);
    td_free(policy);
    td_free(cutout);
    td_free(crop);
    return line;
}

char *td_plan_sampler(const td_plan *plan, td_half half)
{
    bool is_arch = half == TD_HALF_ARCH;
    const td_config *config = plan->config;
    int from = is_arch ? config->arch.sampler_from : config->data.sampler_from;
    const char *kind = td_plan_value(plan, is_arch ? "arch.sampler" : "data.sampler");
    return from > 0 ? td_format("instance, %s from epoch %d%s", kind, from,
                                td_plan_whose_epochs(plan))
                    : td_strdup(kind);
}

/* "cutmix (half of the batches, epochs 3 to 6)" */
static void write_mix(td_text *text, const td_plan *plan, const td_mix_keys *mix)
{
    double probability = td_mix_probability(mix);
    int epochs = td_stage_of(plan->config, 0).epochs;
    int last = mix->until == TD_NEVER ? epochs : mix->until;
    td_text_write(text, "%s", td_mix_name((td_mix_kind) mix->kind));
    if (td_mix_pastes((td_mix_kind) mix->kind))
        td_text_write(text, " of %s", td_plan_value(plan, "bbn.sampler"));
    if (probability < 1.0)
        td_text_write(text, ", %.3g of the batches", probability);
    if (mix->from > 0 || mix->until != TD_NEVER)
        td_text_write(text, ", epochs %d to %d%s", mix->from, last - 1,
                      td_plan_whose_epochs(plan));
}

void td_plan_tell_mixes(const td_plan *plan)
{
    const td_config *config = plan->config;
    const struct {
        const char *steps;
        const td_mix_keys *mix;
    } halves[] = { { "weight steps", &config->data.mix },
                   { "architecture steps", &config->arch.mix } };
    td_text text = { 0 };
    for (size_t h = 0; h < sizeof halves / sizeof *halves; h++) {
        if (halves[h].mix->kind == TD_MIX_NONE)
            continue;
        td_text_write(&text, "%s%s: ", text.chars ? "; " : "", halves[h].steps);
        write_mix(&text, plan, halves[h].mix);
    }
    if (text.chars)
        TD_SAY("mixed      %s", text.chars);
    td_free(text.chars);
}
