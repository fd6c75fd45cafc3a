#include "layout.h"

#include <stdio.h>

#define AT(member) offsetof(td_checkpoint, member)
#define PROGRESS(member) AT(progress) + offsetof(td_progress, member)

const char *const td_layout_groups[] = { "/weights",        "/buffers",  "/arch",
                                         "/optim",          "/progress", "/data",
                                         "/optim/momentum", NULL };

const td_layout_number td_layout_progress[] = {
    { "/progress/epoch", PROGRESS(epoch), TD_IMAGE_INT64, 1 },
    { "/progress/step", PROGRESS(step), TD_IMAGE_INT64, 1 },
    { "/progress/arch_steps", PROGRESS(arch_steps), TD_IMAGE_INT64, 1 },
    { "/progress/images", PROGRESS(images), TD_IMAGE_INT64, 1 },
    { "/progress/best_epoch", PROGRESS(best_epoch), TD_IMAGE_INT64, 1 },
    { "/progress/seconds", PROGRESS(seconds), TD_IMAGE_DOUBLE, 1 },
    { "/progress/epoch_sums", PROGRESS(epoch_sums), TD_IMAGE_DOUBLE, 8 },
    { "/progress/epoch_seconds", PROGRESS(epoch_seconds), TD_IMAGE_DOUBLE, 1 },
    { NULL, 0, TD_IMAGE_INT64, 0 },
};

const td_layout_member td_layout_texts[] = {
    { "/config", AT(texts.config) },
    { "/genotype", AT(texts.genotype) },
    { "/history", AT(texts.history) },
    { NULL, 0 },
};

/* Attributes that older files lack: what the file is, and what made it. */
const td_layout_member td_layout_words[] = {
    { "label", AT(texts.label) },         { "net_operations", AT(texts.operations) },
    { "command", AT(texts.command) },     { "isa", AT(texts.isa) },
    { "blas_core", AT(texts.blas_core) }, { NULL, 0 },
};

/* All are there, or none and no `network`. */
const td_layout_limited td_layout_net[] = {
    { "net_channels", AT(net.channels), 1, 4096 },
    { "net_cells", AT(net.cells), 1, 256 },
    { "net_nodes", AT(net.nodes), 1, TD_MAX_NODES },
    { "net_two_branch", AT(net.two_branch), 0, 1 + TD_BRANCH_HEAD },
    { "net_auxiliary", AT(net.auxiliary), 0, 1 },
    { "pad_to", AT(net.pad_to), 0, 4096 },
    { NULL, 0, 0, 0 },
};

/* Limits of the data room, and more ranks and shards than anyone has. */
const td_layout_limited td_layout_integers[] = {
    { "world_size", AT(world_size), 1, 1 << 20 },
    { "shards", AT(shards), 1, 1 << 20 },
    { "classes", AT(classes), 1, 100000 },
    { "height", AT(height), 1, 4096 },
    { "image_channels", AT(image_channels), 1, TD_MAX_CHANNELS },
    { "width", AT(width), 1, 4096 },
    { NULL, 0, 0, 0 },
};

static const char *const halves[2] = { "/data/weight_half", "/data/arch_half" };
/* All of these may be missing: older files load. */
const char td_layout_arch_history[] = "/arch/history";
const char td_layout_class_counts[] = "/data/class_counts";
const char td_layout_class_names[] = "/data/class_names";
const char td_layout_network[] = "network"; /* an attribute: supernet or derived */
const char td_layout_head[] = "head";       /* attributes: its kind, unless linear */
const char td_layout_head_scale[] = "head_scale"; /* and the factor of its logits */
const char td_layout_stem[] = "stem"; /* an attribute: its kind, unless cifar */
const char td_layout_relaxation[] = "relaxation"; /* an attribute: softmax, … */
const char td_layout_temperature[] = "/arch/temperature"; /* where it is not 1 */
const char td_layout_skip_bonus[] = "/arch/skip_bonus";   /* where it is not 0 */
const char td_layout_best_by[] = "best_by"; /* an attribute: balanced, top1 or loss */
const char td_layout_best_value[] = "/progress/best_value";
const char td_layout_best_before[] = "/progress/best_top1"; /* of older files */

td_image_array td_layout_part_array(const td_state_row *row, const td_state_part *part)
{
    td_image_array array = { .type = TD_IMAGE_REAL, .rank = part->rank };
    TD_ASSERT(part->rank >= 1 && part->rank <= TD_IMAGE_RANK);
    snprintf(array.name, sizeof array.name, "%s%s%s", row->prefix, part->name,
             row->suffix);
    for (int i = 0; i < part->rank; i++)
        array.dims[i] = (hsize_t) part->dims[i];
    return array;
}

td_image_array td_layout_count_array(const td_state_count *count)
{
    td_image_array array = { .type = TD_IMAGE_INT64 };
    snprintf(array.name, sizeof array.name, "%s", count->dataset);
    return array;
}

td_image_array td_layout_number_array(const td_layout_number *row)
{
    td_image_array array = { .type = row->type, .rank = row->count > 1 ? 1 : 0 };
    TD_ASSERT(row->count >= 1);
    snprintf(array.name, sizeof array.name, "%s", row->name);
    array.dims[0] = (hsize_t) row->count;
    return array;
}

td_image_array td_layout_half_array(int half, int64_t count)
{
    td_image_array array = { .type = TD_IMAGE_INT64, .rank = 1 };
    TD_ASSERT(half >= 0 && half < 2 && count >= 0);
    snprintf(array.name, sizeof array.name, "%s", halves[half]);
    array.dims[0] = (hsize_t) count;
    return array;
}

td_image_array td_layout_history_array(int64_t epochs, int edges)
{
    td_image_array array = { .type = TD_IMAGE_REAL, .rank = 4 };
    TD_ASSERT(epochs >= 0 && edges >= 0);
    snprintf(array.name, sizeof array.name, "%s", td_layout_arch_history);
    array.dims[0] = (hsize_t) epochs;
    array.dims[1] = 2;
    array.dims[2] = (hsize_t) edges;
    array.dims[3] = TD_NUM_OPS;
    return array;
}

td_image_array td_layout_counts_array(int classes)
{
    td_image_array array = { .type = TD_IMAGE_INT64, .rank = 1 };
    TD_ASSERT(classes > 0);
    snprintf(array.name, sizeof array.name, "%s", td_layout_class_counts);
    array.dims[0] = (hsize_t) classes;
    return array;
}
