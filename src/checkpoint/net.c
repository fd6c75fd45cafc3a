/* What a checkpoint says of its network and of the images that it learned from: enough
 * to use the weights without the data of the run. */
#include "taildart/checkpoint.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "layout.h"
#include "taildart/genotype_space.h"

/* ---- the network ------------------------------------------------------------- */

/* An older file says it in its configuration alone. */
static td_status net_of_config(const td_checkpoint *c, const char *path,
                               td_saved_net *net, bool *wants_auxiliary)
{
    bool is_search = c->state.edges > 0;
    td_settings *settings = td_settings_new(is_search ? TD_FOR_SEARCH : TD_FOR_TRAIN);
    td_status status = td_settings_read_text(settings, path, c->texts.config);
    const td_config *config = td_settings_config(settings);
    *net = (td_saved_net){
        .channels = config->net.channels,
        .cells = config->net.cells,
        .nodes = config->net.nodes,
        .two_branch = config->bbn.enabled ? 1 + config->bbn.split : 0,
        .pad_to = config->data.pad_to,
        .stem = config->net.stem,
    };
    *wants_auxiliary = !is_search && config->train.auxiliary;
    td_settings_free(settings);
    return status == TD_OK
               ? TD_OK
               : td_error(TD_CHECKPOINT, "%s: %s", path, td_error_message());
}

td_status td_checkpoint_pad_to(const td_checkpoint *c, const char *path, int *side)
{
    td_saved_net net = c->net;
    bool auxiliary = false;
    td_status status = net.is_known ? TD_OK : net_of_config(c, path, &net, &auxiliary);
    *side = net.pad_to;
    return status;
}

/* A damaged or forged file may announce a network that no machine holds: no more
 * parameters than there are weights (a plan leaves the auxiliary head out), or it is
 * not built. */
static td_status check_parameters(const td_checkpoint *c, const char *path,
                                  const td_net_spec *spec)
{
    td_net_plan plan;
    td_status status = td_network_plan(&plan, spec, 1);
    if (status != TD_OK)
        return td_error(TD_CHECKPOINT, "%s: %s", path, td_error_message());
    if (plan.parameters <= c->state.weight_slots->total)
        return TD_OK;
    return td_error(TD_CHECKPOINT,
                    "%s: holds %zu weights, but a network of %d channels, %d cells and "
                    "%d classes has %zu",
                    path, c->state.weight_slots->total, spec->channels, spec->cells,
                    spec->classes, plan.parameters);
}

/* What the edges of a supernet were built with. */
static td_status take_space(const td_checkpoint *c, const char *path, td_net_spec *spec)
{
    td_space space;
    const char *words = c->texts.operations ? c->texts.operations : "all";
    if (td_space_find(&space, words, spec->nodes) != TD_OK)
        return td_error(TD_CHECKPOINT, "%s: %s", path, td_error_message());
    td_net_spec_take(spec, &space);
    return TD_OK;
}

/* ---- the stage of a search ------------------------------------------------------- */

/* Ones and zeros, and an operation on every edge.  \a least: the first that counts: a
 * projection leaves edges `none` alone, which nothing can be built of. */
static td_status check_mask(const td_search_state *state, const char *path, td_op least)
{
    size_t n = td_search_state_alpha_count(state);
    int left = 0;
    bool is_mask = true;
    for (size_t i = 0; i < n; i++) {
        size_t k = i % TD_NUM_OPS;
        left = (k == 0 ? 0 : left) + (k >= (size_t) least && state->present[i] == 1);
        is_mask = is_mask && (state->present[i] == 0 || state->present[i] == 1) &&
                  (left > 0 || k < TD_NUM_OPS - 1);
    }
    if (is_mask)
        return TD_OK;
    return td_error(TD_CHECKPOINT,
                    "%s: /arch/present_* is no table of ones and zeros with an "
                    "operation for each edge: the file was changed",
                    path);
}

/* Operations that an earlier stage has dropped were not built. */
td_status td_checkpoint_take_stage(const td_checkpoint *c, const char *path,
                                   td_net_spec *spec)
{
    uint8_t present[2 * TD_MAX_EDGES];
    if (c->state.stage == 0)
        return TD_OK;
    if (c->state.stage > TD_MOST_ROWS || td_network_edges(spec) != c->state.edges)
        return td_error(TD_CHECKPOINT,
                        "%s: stage %lld of a search, with %d edges in a cell, cannot "
                        "be: the file was changed",
                        path, (long long) c->state.stage + 1, c->state.edges);
    td_status status = check_mask(&c->state, path, TD_OP_NONE + 1);
    if (status != TD_OK)
        return status;
    td_search_state_masks(&c->state, present);
    td_net_spec_keep(spec, present);
    spec->stage = (int) c->state.stage;
    return TD_OK;
}

/* ---- all of it ----------------------------------------------------------------- */

td_status td_checkpoint_spec(const td_checkpoint *c, const char *path, int batch,
                             td_net_spec *spec, td_genotype *genotype)
{
    td_saved_net net = c->net;
    bool auxiliary = net.auxiliary, is_derived = c->state.edges == 0;
    td_status status = net.is_known ? TD_OK : net_of_config(c, path, &net, &auxiliary);
    if (status == TD_OK && is_derived &&
        (td_genotype_parse(genotype, c->texts.genotype) != TD_OK ||
         td_genotype_check(genotype) != TD_OK))
        status = td_error(TD_CHECKPOINT, "%s: /genotype: %s", path, td_error_message());
    if (status != TD_OK)
        return status;
    *spec = (td_net_spec){
        .channels = net.channels,
        .cells = net.cells,
        .nodes = is_derived ? genotype->nodes : net.nodes,
        .classes = c->classes,
        .stem = (td_stem_kind) net.stem,
        .image_channels = c->image_channels,
        .height = c->height,
        .width = c->width,
        .batch = batch,
        .two_branch = net.two_branch > 0,
        .split = net.two_branch > 0 ? (td_branch_split) (net.two_branch - 1)
                                    : TD_BRANCH_CELL,
        .recompute = TD_RECOMPUTE_AUTO,
        .genotype = is_derived ? genotype : NULL,
        .head = (td_head_kind) net.head,
        .head_scale = net.head_scale,
    };
    status = is_derived ? TD_OK : take_space(c, path, spec);
    if (status != TD_OK)
        return status;
    spec->auxiliary = is_derived && auxiliary && td_network_takes_auxiliary(spec);
    status = td_checkpoint_take_stage(c, path, spec);
    return status == TD_OK ? check_parameters(c, path, spec) : status;
}

/* ---- classes ----------------------------------------------------------------- */

td_class_name *td_checkpoint_class_names(const td_checkpoint *c)
{
    TD_ASSERT(c->classes > 0);
    td_class_name *names = td_malloc((size_t) c->classes * sizeof *names);
    const char *line = c->texts.class_names;
    for (int i = 0; i < c->classes; i++) {
        snprintf(names[i], sizeof *names, "%d", i);
        if (!line)
            continue;
        size_t length = strcspn(line, "\n");
        snprintf(names[i], sizeof *names, "%.*s", (int) length, line);
        line += length + (line[length] == '\n');
    }
    return names;
}

/* ---- numbers ------------------------------------------------------------------- */

static bool are_finite(const td_real *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

static td_status not_finite(const char *path, const char *tensor)
{
    return td_error(TD_CHECKPOINT,
                    "%s: %s holds numbers that are not finite: the run had gone wrong, "
                    "or the file was changed",
                    path, tensor);
}

/* A root is taken of it. */
static td_status check_square(const td_search_state *state, const char *path,
                              const td_state_row *row)
{
    const td_real *data = *td_state_array(state, row);
    size_t n = td_state_array_numbers(state, row);
    for (size_t i = 0; i < n; i++)
        if (!(data[i] >= 0))
            return td_error(TD_CHECKPOINT,
                            "%s: %s%s%s holds %g, and a mean of squares cannot be "
                            "negative: the file was changed; an older checkpoint "
                            "of the run may be whole",
                            path, row->prefix, row->traits & TD_STATE_WHOLE ? "" : "*",
                            row->suffix, (double) data[i]);
    return TD_OK;
}

static td_status check_array(const td_search_state *state, const char *path,
                             const td_state_row *row)
{
    const td_real *data = *td_state_array(state, row);
    int parts = td_state_parts(state, row);
    for (int i = 0; i < parts; i++) {
        td_state_part part = td_state_part_at(state, row, i);
        if (!are_finite(data + part.offset, part.count))
            return not_finite(path, td_layout_part_array(row, &part).name);
    }
    return TD_OK;
}

td_status td_checkpoint_check_finite(const td_checkpoint *c, const char *path)
{
    td_status status = check_mask(&c->state, path, TD_OP_NONE);
    for (const td_state_row *row = td_state_rows; row->name && status == TD_OK; row++)
        status = check_array(&c->state, path, row);
    for (const td_state_row *row = td_state_rows; row->name && status == TD_OK; row++)
        if (row->traits & TD_STATE_SQUARE)
            status = check_square(&c->state, path, row);
    return status;
}
