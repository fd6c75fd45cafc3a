/* Losses of batches: sums and gradients that are not yet divided by anything, so that
 * those of other ranks can be added first.  All in double: a batch has few logits, and
 * float would lose the small probabilities of a tail class. */
#include "loss.h"

#include <string.h>

#include "taildart/base_exact.h"

#define ROW(NAME, function, word) &td_loss_##function,
static const td_loss_form *const table[] = { TD_LOSSES(ROW) };
#undef ROW

td_loss *td_loss_new(const td_loss_spec *spec)
{
    TD_ASSERT(spec->classes > 0 && spec->kind >= 0 && spec->kind < TD_LOSS_COUNT);
    size_t bytes = (size_t) spec->classes * sizeof(double);
    td_loss *loss = td_malloc(sizeof *loss);
    loss->form = table[spec->kind];
    loss->spec = *spec;
    loss->spec.weights = NULL;
    loss->spec.counts = NULL;
    loss->weights =
        spec->weights ? memcpy(td_malloc(bytes), spec->weights, bytes) : NULL;
    loss->logits = td_malloc(bytes);
    loss->gradient = td_malloc(bytes);
    loss->prepared = loss->form->prepare ? loss->form->prepare(spec) : NULL;
    return loss;
}

void td_loss_free(td_loss *loss)
{
    if (!loss)
        return;
    td_free(loss->weights);
    td_free(loss->logits);
    td_free(loss->gradient);
    td_free(loss->prepared);
    td_free(loss);
}

/* ---- batches --------------------------------------------------------------------- */

static double weight_of(const td_loss *loss, int label)
{
    TD_ASSERT(label >= 0 && label < loss->spec.classes);
    return loss->weights ? loss->weights[label] : 1.0;
}

static double share_of(td_targets targets, int i)
{
    return targets.shares ? targets.shares[i] : 1.0;
}

/* A term of a sum over images. */
static double term_of(const td_loss *loss, double x)
{
    return loss->spec.exact ? td_exact_term(x) : x;
}

bool td_loss_is_weighted(const td_loss *loss)
{
    return loss->weights != NULL;
}

double td_loss_divisor(const td_loss *loss, td_targets targets, int n)
{
    double sum = 0.0;
    for (int i = 0; i < n; i++) {
        double share = share_of(targets, i);
        sum += term_of(loss, share * weight_of(loss, targets.labels[i]));
        if (share != 1.0)
            sum += term_of(loss, (1.0 - share) * weight_of(loss, targets.others[i]));
    }
    TD_ASSERT(sum >= 0.0);
    return sum;
}

/* One label of an image, by its share. */
static void add_label(const td_loss *loss, td_loss_sums *sums, td_real *d, int label,
                      double share, double scale)
{
    double weight = share * weight_of(loss, label);
    double value =
        loss->form->row(loss, loss->logits, label, d ? loss->gradient : NULL);
    sums->loss += term_of(loss, weight * value);
    sums->divisor += term_of(loss, weight);
    for (int c = 0; d && c < loss->spec.classes; c++)
        d[c] += (td_real) (weight * scale * loss->gradient[c]);
}

void td_loss_add(const td_loss *loss, td_loss_sums *sums, td_real *d_logits,
                 const td_real *logits, td_targets targets, double scale, int n)
{
    size_t classes = (size_t) loss->spec.classes;
    TD_ASSERT(n >= 0 && !targets.others == !targets.shares);
    for (int i = 0; i < n; i++) {
        const td_real *z = logits + (size_t) i * classes;
        td_real *d = d_logits ? d_logits + (size_t) i * classes : NULL;
        double share = share_of(targets, i);
        TD_ASSERT(share >= 0.0 && share <= 1.0);
        for (size_t c = 0; c < classes; c++)
            loss->logits[c] = (double) z[c];
        add_label(loss, sums, d, targets.labels[i], share, scale);
        if (share != 1.0)
            add_label(loss, sums, d, targets.others[i], 1.0 - share, scale);
        sums->correct += td_argmax(z, loss->spec.classes) == targets.labels[i];
        sums->count += 1.0;
    }
}
