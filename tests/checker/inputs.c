/* Sizes, images, labels and alphas of a network's case. */
#include <string.h>

#include "checker.h"

td_stem_kind golden_stem(int multiplier)
{
    return multiplier == 1 ? TD_STEM_IMAGENET : TD_STEM_CIFAR;
}

td_net_spec golden_net_spec(golden_case *c, hid_t group, bool two_branch)
{
    td_net_spec spec = {
        .channels = golden_attribute_int(c, group, "C"),
        .cells = golden_attribute_int(c, group, "layers"),
        .nodes = golden_attribute_int(c, group, "steps"),
        .classes = golden_attribute_int(c, group, "classes"),
        .image_channels = golden_attribute_int(c, group, "in_channels"),
        .height = golden_attribute_int(c, group, "H"),
        .width = golden_attribute_int(c, group, "W"),
        .batch = golden_attribute_int(c, group, "N"),
        .two_branch = two_branch,
    };
    int stem = golden_attribute_int(c, group, "stem_multiplier");
    int concat = golden_attribute_int(c, group, "multiplier");
    bool is_built = (stem == 3 || stem == 1) && concat == spec.nodes &&
                    spec.nodes >= 1 && spec.nodes <= TD_MAX_NODES;
    if (!is_built)
        golden_fail(c, "stem_multiplier %d, steps %d, multiplier %d: not built", stem,
                    spec.nodes, concat);
    spec.stem = golden_stem(stem);
    return spec;
}

td_real *golden_read_images(golden_case *c, hid_t group, const char *name,
                            const td_net_spec *spec, int lead)
{
    size_t channels = (size_t) spec->image_channels;
    size_t pixels = (size_t) spec->height * (size_t) spec->width;
    size_t images = (size_t) lead * (size_t) spec->batch;
    golden_shape shape = { 0 };
    td_real *nchw = golden_read(c, group, name, &shape);
    if (nchw && shape.count != images * channels * pixels)
        golden_fail(c, "%s has another shape", name);
    if (golden_has_failed(c))
        return NULL;
    td_real *nhwc = GOLDEN_TAKE(c, td_real, shape.count);
    for (size_t i = 0; i < images; i++)
        for (size_t k = 0; k < channels; k++)
            for (size_t p = 0; p < pixels; p++)
                nhwc[(i * pixels + p) * channels + k] = *nchw++;
    return nhwc;
}

int32_t *golden_read_labels(golden_case *c, hid_t group, const char *name,
                            const td_net_spec *spec, int lead)
{
    golden_shape shape = { 0 };
    int32_t *labels = golden_read_i32(c, group, name, &shape);
    if (labels && shape.count != (size_t) lead * (size_t) spec->batch)
        golden_fail(c, "%s has another shape", name);
    for (size_t i = 0; i < shape.count && !golden_has_failed(c); i++)
        if (labels[i] < 0 || labels[i] >= spec->classes)
            golden_fail(c, "%s holds the class %d", name, (int) labels[i]);
    return golden_has_failed(c) ? NULL : labels;
}

td_real *golden_read_alphas(golden_case *c, hid_t group, const td_net_spec *spec)
{
    static const char *const names[2] = { "alphas_normal", "alphas_reduce" };
    const int dims[4] = { td_edge_count(spec->nodes), TD_NUM_OPS };
    size_t table = (size_t) (dims[0] * dims[1]);
    td_real *alphas = GOLDEN_TAKE(c, td_real, 2 * table);
    for (int k = 0; k < 2; k++) {
        golden_shape shape = { 0 };
        td_real *read = golden_read(c, group, names[k], &shape);
        if (read)
            golden_expect_shape(c, names[k], &shape, dims);
        if (!golden_has_failed(c))
            memcpy(alphas + (size_t) k * table, read, table * sizeof *read);
    }
    return alphas;
}
