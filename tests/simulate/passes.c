/* The passes of a network and the update of its weights, as a model of a node: they
 * take the seconds that a node was measured to take, and passes compute nothing.
 *
 * The linker puts these functions in front of the real ones (--wrap).  All else is the
 * program as it is: its simulated clock stands still while it works, and moves on here
 * and in messages. */
#include <smpi/smpi.h>
#include <string.h>

#include "model.h"
#include "taildart/base_exact.h"
#include "taildart/net.h"
#include "taildart/optim.h"

void __wrap_td_network_forward(td_network *net, const td_pass *pass, td_real *logits);
void __wrap_td_network_backward(td_network *net, const td_pass *pass,
                                const td_real *d_logits, td_real *grads,
                                double *d_mixture);
void __wrap_td_network_statistics(const td_network *net, int branch, int group,
                                  td_real *mean, td_real *var);
void __wrap_td_sgd_step(td_real *w, td_real *velocity, const td_real *g, size_t n,
                        double factor, double lr, double momentum, double decay);
void __real_td_sgd_step(td_real *w, td_real *velocity, const td_real *g, size_t n,
                        double factor, double lr, double momentum, double decay);

static int images_of(const td_pass *pass)
{
    int images = 0;
    for (int g = 0; g < pass->group_count; g++)
        images += pass->groups[g];
    return images;
}

/* Second order asks for both gradients at once: that is timed as one of weights. */
static bool is_arch(const td_pass *pass)
{
    return pass->request == TD_GRAD_ALPHAS;
}

/* ---- forward --------------------------------------------------------------------- */

/* Logits stay what they are, 0: every class is as likely. */
void __wrap_td_network_forward(td_network *net, const td_pass *pass, td_real *logits)
{
    model_stage stage = pass->request == TD_GRAD_NONE ? EVALUATION
                        : is_arch(pass)               ? ARCH_FORWARD
                                                      : WEIGHT_FORWARD;
    (void) net;
    (void) logits;
    smpi_execute_benched(model_seconds(stage, images_of(pass)));
}

/* As of images that are all 0: the caller has put zeros there. */
void __wrap_td_network_statistics(const td_network *net, int branch, int group,
                                  td_real *mean, td_real *var)
{
    (void) net;
    (void) branch;
    (void) group;
    (void) mean;
    (void) var;
}

/* ---- backward -------------------------------------------------------------------- */

/* Gradients that differ from rank to rank, so that ranks that were left out of a sum
 * are missed: a number of each tensor. */
static td_real gradient(size_t place)
{
    return (td_real) (1e-6 * (double) (td_base_rank() + 1) /
                      (double) (model_stages_done() + place % 97 + 1));
}

/* Bytes of a name that tell whose tensor it is: "cells.3.", "classifier.". */
static size_t owner_bytes(const char *name)
{
    const char *dot = strchr(name, '.');
    if (dot && strncmp(name, "cells.", strlen("cells.")) == 0)
        dot = strchr(dot + 1, '.');
    return dot ? (size_t) (dot - name) + 1 : strlen(name);
}

static bool is_of_cell(const td_slot *slot)
{
    return strncmp(slot->name, "cell", strlen("cell")) == 0;
}

/* Whether the tensor before slot \a i in the list is another owner's. */
static bool is_last_of_owner(const td_slots *weights, int i)
{
    const char *name = weights->slots[i].name;
    return i == 0 || strncmp(name, weights->slots[i - 1].name, owner_bytes(name)) != 0;
}

static int count_cells(const td_slots *weights)
{
    int cells = 0;
    for (int i = 0; i < weights->count; i++)
        cells += is_last_of_owner(weights, i) && is_of_cell(&weights->slots[i]);
    return cells;
}

/* The backward pass of a supernet's cell goes through some 30 phases. */
static void phases(const td_pass *pass, double seconds)
{
    enum { PHASES = 30 };
    for (int i = 0; i < PHASES; i++) {
        smpi_execute_benched(seconds / PHASES);
        if (pass->between)
            pass->between(pass->ready_context);
    }
}

/* Tensors lie from the classifier down to the stem, the last of the list first.  Every
 * cell takes the same time, as half the pixels with twice the channels are as much
 * work, and the rest takes none. */
static void weights_backward(const td_slots *weights, const td_pass *pass,
                             td_real *grads, double seconds)
{
    double *exact = pass->exact ? pass->exact->grads : NULL;
    int cells = count_cells(weights);
    for (int i = weights->count - 1; i >= 0; i--) {
        const td_slot *slot = &weights->slots[i];
        if (exact)
            exact[slot->offset] += td_exact_term(gradient(slot->offset));
        else
            grads[slot->offset] += gradient(slot->offset);
        if (!is_last_of_owner(weights, i))
            continue;
        if (is_of_cell(slot))
            phases(pass, seconds / cells);
        if (pass->ready)
            pass->ready(pass->ready_context, slot->offset + slot->count);
    }
}

void __wrap_td_network_backward(td_network *net, const td_pass *pass,
                                const td_real *d_logits, td_real *grads,
                                double *d_mixture)
{
    size_t alphas = 2 * (size_t) td_network_edges(td_network_spec(net)) * TD_NUM_OPS;
    double seconds =
        model_seconds(is_arch(pass) ? ARCH_BACKWARD : WEIGHT_BACKWARD, images_of(pass));
    (void) d_logits;
    for (size_t i = 0; d_mixture && i < alphas; i++)
        d_mixture[i] = td_exact_term(gradient(i));
    if (pass->request & TD_GRAD_WEIGHTS)
        weights_backward(td_network_weights(net), pass, grads, seconds);
    else
        smpi_execute_benched(seconds);
}

/* ---- update ---------------------------------------------------------------------- */

void __wrap_td_sgd_step(td_real *w, td_real *velocity, const td_real *g, size_t n,
                        double factor, double lr, double momentum, double decay)
{
    smpi_execute_benched(model_seconds(UPDATE, 1));
    __real_td_sgd_step(w, velocity, g, n, factor, lr, momentum, decay);
}
