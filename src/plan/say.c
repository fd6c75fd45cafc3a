/* Words that several lines of a start need, those of its kind among them. */
#include "plan.h"
#include "taildart/augment.h"
#include "taildart/sampling_transform.h"

#include <string.h>

const char *td_plan_value(const td_plan *plan, const char *key)
{
    static char text[4][TD_TEXT_BYTES];
    static int next;
    char *out = text[next++ % 4];
    td_settings_value(plan->settings, key, out);
    return out;
}

static double rate_at(const td_plan *plan, size_t offset, int epoch)
{
    td_step_rates rates = td_plan_rates(plan->kind, plan->config, epoch);
    double value;
    memcpy(&value, (const char *) &rates + offset, sizeof value);
    return value;
}

char *td_plan_course(const td_plan *plan, size_t offset)
{
    int epochs = plan->config->search.epochs, last = epochs - 1;
    double first = rate_at(plan, offset, 0);
    double middle = rate_at(plan, offset, last / 2);
    double final = rate_at(plan, offset, last);
    if (epochs == 1 || (first == middle && middle == final))
        return td_format("%.4g", first);
    if (epochs == 2)
        return td_format("%.4g, %.4g at the end", first, final);
    return td_format("%.4g, %.4g in the middle, %.4g at the end", first, middle, final);
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
    char *mix = config->data.mix != TD_TRANSFORM_NONE
                    ? td_format(", weight steps mix pairs (%s)",
                                td_transform_name((td_transform_kind) config->data.mix))
                    : td_strdup("");
    char *line = td_format("%s, %s%s%s%s", crop,
                           !config->data.flip ? "not mirrored"
                           : may_be_text
                               ? "mirrored at random (digits, letters: data.flip false)"
                               : "mirrored at random",
                           policy, cutout, mix);
    td_free(mix);
    td_free(policy);
    td_free(cutout);
    td_free(crop);
    return line;
}
