/* The network as a graph of ONNX: from images in units of 0 to 1 to logits, mean and
 * deviation inside, any number of images at a time. */
#include "onnx.h"

#include <limits.h>
#include <string.h>

#include "../net/darts.h"
#include "taildart/store_version.h"

static const char images_name[] = "images", logits_name[] = "logits";

/* ---- cells ----------------------------------------------------------------------- */

/* The sum of what the operations of a node put out. */
static td_value put_node(td_onnx *onnx, const char *prefix,
                         const td_chosen_cell *chosen, int node, const td_value *states,
                         bool reduces)
{
    td_value terms[2 * TD_MAX_EDGES];
    int count = 0;
    for (int i = 0; i < chosen->count; i++) {
        const td_chosen *o = &chosen->operation[i];
        if (o->node != node)
            continue;
        td_value name = td_onnx_value("%s%s", prefix, o->name);
        terms[count++] = td_onnx_operation(onnx, name.name, states[o->from], o->op,
                                           reduces && o->from < TD_INPUTS ? 2 : 1);
    }
    return td_onnx_node(onnx, "Sum", td_onnx_value("%snode%d", prefix, node), terms,
                        count);
}

static td_value put_cell(td_onnx *onnx, int cell, td_value before, td_value last)
{
    const td_net_spec *spec = &onnx->of->spec;
    td_cell_plan plan = td_darts_plan(spec, cell);
    td_chosen_cell chosen = td_darts_choose(spec, &plan);
    td_value prefix = cell < spec->cells ? td_onnx_value("cells.%d.", cell)
                                         : td_onnx_value("cell_rb."),
             pre0 = td_onnx_value("%spreprocess0", prefix.name),
             pre1 = td_onnx_value("%spreprocess1", prefix.name);
    td_value states[TD_INPUTS + TD_MAX_NODES] = {
        td_onnx_squeeze(onnx, pre0.name, before, plan.after_reduction),
        td_onnx_squeeze(onnx, pre1.name, last, false)
    };
    for (int node = 0; node < chosen.nodes; node++)
        states[TD_INPUTS + node] =
            put_node(onnx, prefix.name, &chosen, node, states, plan.reduction);
    td_value out = td_onnx_value("%soutput", prefix.name);
    td_text concat = td_onnx_begin("Concat", out, states + TD_INPUTS, chosen.nodes);
    td_onnx_integer(&concat, "axis", 1);
    td_onnx_end(onnx, &concat);
    return out;
}

/* ---- from images to features, and to logits -------------------------------------- */

/* Mean or deviation as a constant for each channel. */
static td_value put_statistic(td_onnx *onnx, const char *name, const double *values)
{
    td_real reals[TD_MAX_CHANNELS];
    int channels = onnx->of->spec.image_channels;
    td_export_tensor tensor = { .rank = 4,
                                .dims = { 1, channels, 1, 1 },
                                .count = (size_t) channels,
                                .data = reals };
    for (int i = 0; i < channels; i++)
        reals[i] = (td_real) values[i];
    memcpy(tensor.name, name, strlen(name) + 1);
    td_onnx_tensor(onnx, &tensor);
    return td_onnx_value("%s", name);
}

/* Zeros around images that stem and cells could not halve. */
static td_value put_padding(td_onnx *onnx, td_value x)
{
    const td_net_spec *spec = &onnx->of->spec;
    int64_t height = td_stem_side(spec->stem, spec->height) - spec->height;
    int64_t width = td_stem_side(spec->stem, spec->width) - spec->width;
    if (height == 0 && width == 0)
        return x;
    int64_t top = td_stem_margin(spec->stem, spec->height);
    int64_t left = td_stem_margin(spec->stem, spec->width);
    const int64_t pads[] = { 0, 0, top, left, 0, 0, height - top, width - left };
    td_onnx_indices(onnx, "pads", pads, sizeof pads / sizeof *pads);
    return td_onnx_node(onnx, "Pad", td_onnx_value("padded"),
                        (const td_value[]){ x, td_onnx_value("pads") }, 2);
}

/* What cells read of images: the last output of the stem, and the one before. */
static void put_stem_layers(td_onnx *onnx, td_value x, td_value *before, td_value *last)
{
    if (onnx->of->spec.stem == TD_STEM_CIFAR) {
        *before = *last = td_onnx_norm(onnx, "stem.1",
                                       td_onnx_convolution(onnx, "stem.0", x, 1, 1, 1));
        return;
    }
    x = td_onnx_norm(onnx, "stem0.1", td_onnx_convolution(onnx, "stem0.0", x, 2, 1, 1));
    x = td_onnx_node(onnx, "Relu", td_onnx_value("stem0.2"), &x, 1);
    *before =
        td_onnx_norm(onnx, "stem0.4", td_onnx_convolution(onnx, "stem0.3", x, 2, 1, 1));
    x = td_onnx_node(onnx, "Relu", td_onnx_value("stem1.0"), before, 1);
    *last =
        td_onnx_norm(onnx, "stem1.2", td_onnx_convolution(onnx, "stem1.1", x, 2, 1, 1));
}

static void put_stem(td_onnx *onnx, td_value *before, td_value *last)
{
    const td_checkpoint *saved = onnx->of->saved;
    td_value mean = put_statistic(onnx, "mean", saved->mean),
             std = put_statistic(onnx, "std", saved->std);
    td_value x = td_onnx_value(images_name);
    x = td_onnx_node(onnx, "Sub", td_onnx_value("centred"),
                     (const td_value[]){ x, mean }, 2);
    x = td_onnx_node(onnx, "Div", td_onnx_value("normalised"),
                     (const td_value[]){ x, std }, 2);
    put_stem_layers(onnx, put_padding(onnx, x), before, last);
}

/* The means of a cell's output over its pixels. */
static td_value put_features(td_onnx *onnx, td_value x, int branch)
{
    td_value mean =
        td_onnx_node(onnx, "GlobalAveragePool", td_onnx_value("mean%d", branch), &x, 1);
    return td_onnx_node(onnx, "Flatten", td_onnx_value("features%d", branch), &mean, 1);
}

/* Two heads on one trunk have become one (head.c), so only last cells of their own give
 * features of their own. */
static td_value put_trunk(td_onnx *onnx)
{
    const td_net_spec *spec = &onnx->of->spec;
    td_value before, last, features[2];
    put_stem(onnx, &before, &last);
    for (int i = 0; i < spec->cells - 1; i++) {
        td_value out = put_cell(onnx, i, before, last);
        before = last;
        last = out;
    }
    features[0] = put_features(onnx, put_cell(onnx, spec->cells - 1, before, last), 0);
    if (!td_darts_splits_cell(spec))
        return features[0];
    features[1] = put_features(onnx, put_cell(onnx, spec->cells, before, last), 1);
    td_text node = td_onnx_begin("Concat", td_onnx_value("features"), features, 2);
    td_onnx_integer(&node, "axis", 1);
    td_onnx_end(onnx, &node);
    return td_onnx_value("features");
}

static void put_head(td_onnx *onnx, td_value x)
{
    if (onnx->of->head.divides) {
        td_value divided = td_onnx_value("directions");
        td_text node = td_onnx_begin("LpNormalization", divided, &x, 1);
        td_onnx_integer(&node, "axis", 1);
        td_onnx_integer(&node, "p", 2);
        td_onnx_end(onnx, &node);
        x = divided;
    }
    const td_value in[] = { x, td_onnx_value("classifier.weight"),
                            td_onnx_value("classifier.bias") };
    td_text node = td_onnx_begin("Gemm", td_onnx_value(logits_name), in, 3);
    td_onnx_integer(&node, "transB", 1);
    td_onnx_end(onnx, &node);
}

/* ---- the model ------------------------------------------------------------------- */

/* Training alone has the auxiliary head. */
static bool is_read(const td_export_tensor *tensor)
{
    return strncmp(tensor->name, "auxiliary_head.", strlen("auxiliary_head.")) != 0;
}

static void put_graph(td_onnx *onnx)
{
    enum { GRAPH_NAME = 2 };
    const td_exported *e = onnx->of;
    const td_net_spec *spec = &e->spec;
    td_message_word(&onnx->graph, GRAPH_NAME, "network");
    for (int i = 0; i < e->count; i++)
        if (is_read(&e->tensors[i]))
            td_onnx_tensor(onnx, &e->tensors[i]);
    td_onnx_layer_constants(onnx);
    put_head(onnx, put_trunk(onnx));
    td_onnx_end_of_graph(
        onnx, TD_ONNX_INPUT, images_name,
        (const int[]){ spec->image_channels, spec->height, spec->width }, 3);
    td_onnx_end_of_graph(onnx, TD_ONNX_OUTPUT, logits_name, &spec->classes, 1);
}

static void put_metadata(td_text *model, const char *key, const char *value)
{
    enum { MODEL_METADATA = 14, ENTRY_KEY = 1, ENTRY_VALUE = 2 };
    td_text entry = { 0 };
    td_message_word(&entry, ENTRY_KEY, key);
    td_message_word(&entry, ENTRY_VALUE, value);
    td_message_put(model, MODEL_METADATA, &entry);
}

static void put_class_names(td_text *model, const td_exported *e)
{
    td_text list = { 0 };
    for (int i = 0; i < e->spec.classes; i++) {
        td_text_write(&list, "%s", i > 0 ? ", " : "[");
        td_text_write_json(&list, e->names[i]);
    }
    td_text_write(&list, "]");
    put_metadata(model, "class_names", list.chars);
    td_free(list.chars);
}

static td_status write_model(td_text *file, const td_exported *e)
{
    enum {
        FORMAT = 1,
        PRODUCER = 2,
        PRODUCER_VERSION = 3,
        GRAPH = 7,
        OPERATORS = 8,
        OPERATORS_VERSION = 2,
        FORMAT_7 = 7 /* that of operator set 13 */
    };
    td_onnx onnx = { .of = e };
    td_text operators = { 0 };
    td_message_integer(file, FORMAT, FORMAT_7);
    td_message_word(file, PRODUCER, "taildart");
    td_message_word(file, PRODUCER_VERSION, TD_VERSION);
    put_graph(&onnx);
    td_message_put(file, GRAPH, &onnx.graph);
    td_message_integer(&operators, OPERATORS_VERSION, TD_ONNX_OPERATORS);
    td_message_put(file, OPERATORS, &operators);
    put_class_names(file, e);
    put_metadata(file, "genotype", e->saved->texts.genotype);
    put_metadata(file, "input",
                 "images: float32 (N, channels, height, width), pixels "
                 "in units of 0 to 1: bytes/255");
    return TD_OK;
}

/* ---- what it cannot hold --------------------------------------------------------- */

static td_status check(const td_exported *e)
{
    const int most =
        INT_MAX - (1 << 28); /* bytes of a message, less what is no tensor */
    if (!e->spec.genotype)
        return td_error(TD_USAGE,
                        "--to onnx: %s is of a search, whose supernet mixes all "
                        "operations; give a training of its genotype, or --to pytorch",
                        e->path);
    if (!e->saved->has_statistics)
        return td_error(TD_CHECKPOINT,
                        "--to onnx: %s is of an older version and keeps no mean and "
                        "deviation, which belong into the graph; take --to pytorch",
                        e->path);
    if (e->numbers * sizeof(float) < (size_t) most)
        return TD_OK;
    return td_error(TD_USAGE,
                    "--to onnx: %s has %zu numbers, more than the 2 GB that a file of "
                    "this format holds; take --to pytorch",
                    e->path, e->numbers);
}

static bool is_own(const char *path)
{
    static const char begin[] = "\010\007\022\010taildart";
    return td_bytes_are_at(path, 0, begin, sizeof begin - 1);
}

const td_export_format td_export_onnx = {
    .name = "onnx",
    .ending = "onnx",
    .what = "model of `taildart export`",
    .is_whole = true,
    .is_own = is_own,
    .check = check,
    .write = write_model,
};
