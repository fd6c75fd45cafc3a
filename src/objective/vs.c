/* The vector-scaling family (Kini, Paraskevas, Oymak, Thrampoulidis 2021, eq. 3):
 * cross-entropy of logits f_c·z_c + o_c, with
 *   f_c = (n_c/n_max)^gamma    factors, 1 for the largest class
 *   o_c = tau·log(n_c/Σn)      offsets
 * n_c the images of class c.  Its settings have names of their own:
 *   gamma 0           logit adjustment (Menon et al. 2021, eq. 10)
 *   gamma 0, tau 1    balanced softmax (Ren et al. 2020, eq. 4)
 *   tau 0             class-dependent temperatures, CDT (Ye et al. 2020, eq. 5)
 *
 * LDAM (Cao et al. 2019, eq. 13) takes scale·m_y from the label's logit alone, where
 * logits are cosines times the scale: m_c = margin·(n_min/n_c)^¼. */
#include "loss.h"

#include <math.h>

/* What a class does to its logit, and takes from it where it is the label. */
typedef struct {
    double factor, offset, margin;
} change;

typedef struct {
    double *logits;   /* (classes) changed */
    change classes[]; /* (classes) */
} changes;

/* One block: changes, then the logits behind them. */
static void *prepare_with(const td_loss_spec *spec, double gamma, double tau)
{
    size_t n = (size_t) spec->classes;
    int64_t most = 0, sum = 0;
    changes *all = td_malloc(sizeof *all + n * (sizeof(change) + sizeof(double)));
    all->logits = (double *) &all->classes[n];
    for (size_t c = 0; c < n; c++) {
        TD_ASSERT(spec->counts && spec->counts[c] > 0);
        sum += spec->counts[c];
        most = spec->counts[c] > most ? spec->counts[c] : most;
    }
    for (size_t c = 0; c < n; c++) {
        double images = (double) spec->counts[c];
        all->classes[c] = (change){ pow(images / (double) most, gamma),
                                    tau * log(images / (double) sum), 0.0 };
    }
    return all;
}

static void *prepare_margins(const td_loss_spec *spec)
{
    changes *all = prepare_with(spec, 0.0, 0.0);
    int64_t least = spec->counts[0];
    for (int c = 1; c < spec->classes; c++)
        least = spec->counts[c] < least ? spec->counts[c] : least;
    for (int c = 0; c < spec->classes; c++)
        all->classes[c].margin = spec->scale * spec->margin *
                                 pow((double) least / (double) spec->counts[c], 0.25);
    return all;
}

static void *prepare_both(const td_loss_spec *spec)
{
    return prepare_with(spec, spec->gamma, spec->tau);
}

static void *prepare_balanced_softmax(const td_loss_spec *spec)
{
    return prepare_with(spec, 0.0, 1.0);
}

static void *prepare_offsets(const td_loss_spec *spec)
{
    return prepare_with(spec, 0.0, spec->tau);
}

static void *prepare_factors(const td_loss_spec *spec)
{
    return prepare_with(spec, spec->gamma, 0.0);
}

static double row(const td_loss *loss, const double *z, int label, double *d)
{
    int classes = loss->spec.classes;
    const changes *all = loss->prepared;
    for (int c = 0; c < classes; c++)
        all->logits[c] = all->classes[c].factor * z[c] + all->classes[c].offset;
    all->logits[label] -= all->classes[label].margin;
    td_softmax_scale scale = td_softmax_scale_of(all->logits, classes);
    for (int c = 0; d && c < classes; c++)
        d[c] = all->classes[c].factor *
               (exp(td_log_probability(all->logits[c], scale)) - (c == label));
    return -td_log_probability(all->logits[label], scale);
}

const td_loss_form td_loss_vs = { row, prepare_both };
const td_loss_form td_loss_balanced_softmax = { row, prepare_balanced_softmax };
const td_loss_form td_loss_logit_adjustment = { row, prepare_offsets };
const td_loss_form td_loss_cdt = { row, prepare_factors };
const td_loss_form td_loss_ldam = { row, prepare_margins };
