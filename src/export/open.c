/* From a checkpoint to a list of tensors. */
#include <stdio.h>
#include <string.h>

#include "network.h"
#include "taildart/base_memory.h"

/* ---- reading --------------------------------------------------------------------- */

/* Names and shapes have to be those of the network that the checkpoint speaks of, which
 * is built for that, and for nothing else. */
static td_status check_tensors(const td_exported *e)
{
    td_network *net = NULL;
    td_status status = td_network_new(&net, &e->spec, td_kernels_get(TD_ISA_GENERIC));
    if (status != TD_OK)
        return status;
    status = td_checkpoint_fits(e->saved, e->path, td_network_weights(net),
                                td_network_norms(net), td_network_edges(&e->spec));
    td_network_free(net);
    return status;
}

static td_status load(td_exported *e)
{
    td_memory_purpose("the network", "an export holds all of its weights at once");
    td_status status = td_checkpoint_load(&e->saved, e->path);
    if (status == TD_OK)
        status = td_checkpoint_check_finite(e->saved, e->path);
    if (status == TD_OK)
        status = td_checkpoint_spec(e->saved, e->path, 1, &e->spec, &e->genotype);
    return status == TD_OK ? check_tensors(e) : status;
}

/* ---- the list -------------------------------------------------------------------- */

static void add(td_exported *e, const td_export_tensor *tensor)
{
    e->tensors[e->count++] = *tensor;
    e->numbers += tensor->count;
}

static void add_slot(td_exported *e, const td_slot *slot, const char *behind,
                     const td_real *data)
{
    td_export_tensor tensor = { .rank = slot->rank,
                                .count = slot->count,
                                .data = data + slot->offset };
    memcpy(tensor.dims, slot->dims, sizeof tensor.dims);
    snprintf(tensor.name, sizeof tensor.name, "%s%s", slot->name, behind);
    add(e, &tensor);
}

static void add_head(td_exported *e)
{
    const td_export_head *head = &e->head;
    td_export_tensor matrix = { .name = "classifier.weight",
                                .rank = 2,
                                .dims = { head->classes, head->features },
                                .count = (size_t) (head->classes * head->features),
                                .data = head->matrix };
    td_export_tensor bias = { .name = "classifier.bias",
                              .rank = 1,
                              .dims = { head->classes },
                              .count = (size_t) head->classes,
                              .data = head->bias };
    add(e, &matrix);
    add(e, &bias);
}

static bool is_of_head(const td_slot *slot)
{
    return strncmp(slot->name, "classifier.", strlen("classifier.")) == 0;
}

static void list_tensors(td_exported *e)
{
    const td_search_state *state = &e->saved->state;
    const td_slots *weights = state->weight_slots, *norms = state->norm_slots;
    size_t most = (size_t) weights->count + 2 * (size_t) norms->count + 2;
    e->tensors = td_malloc(most * sizeof *e->tensors);
    for (int i = 0; i < weights->count; i++)
        if (!is_of_head(&weights->slots[i]))
            add_slot(e, &weights->slots[i], "", state->weights);
    add_head(e);
    for (int i = 0; i < norms->count; i++) {
        add_slot(e, &norms->slots[i], ".running_mean", state->running_mean);
        add_slot(e, &norms->slots[i], ".running_var", state->running_var);
    }
}

/* ---- all of it ------------------------------------------------------------------- */

td_status td_exported_open(td_exported *e, const char *path)
{
    *e = (td_exported){ .path = path };
    td_status status = load(e);
    if (status != TD_OK)
        return status;
    e->names = td_checkpoint_class_names(e->saved);
    td_export_head_make(&e->head, e);
    list_tensors(e);
    return TD_OK;
}

void td_exported_clear(td_exported *e)
{
    td_free(e->tensors);
    td_free(e->head.matrix);
    td_free(e->head.bias);
    td_free(e->names);
    td_checkpoint_free(e->saved);
}

const td_export_tensor *td_exported_find(const td_exported *e, const char *name)
{
    int i = 0;
    while (i < e->count && strcmp(e->tensors[i].name, name) != 0)
        i++;
    TD_ASSERT(i < e->count);
    return &e->tensors[i];
}
