/* The form of a kind of loss, which is a row of TD_LOSSES and a file. */
#ifndef TD_OBJECTIVE_LOSS_H
#define TD_OBJECTIVE_LOSS_H

#include "taildart/objective.h"

/* The loss of one image whose class is \a label, not weighted; its gradient by the
 * logits \a z (classes) overwrites \a d (classes), unless that is NULL. */
typedef double td_loss_row(const td_loss *loss, const double *z, int label, double *d);

typedef struct {
    td_loss_row *row;
    /* Compute numbers that do not change: for td_free; NULL where there are none. */
    void *(*prepare)(const td_loss_spec *spec);
} td_loss_form;

struct td_loss {
    const td_loss_form *form;
    td_loss_spec spec; /* without weights and counts */
    double *weights;   /* (classes) owned, or NULL */
    double *logits;    /* (classes) owned: of a row */
    double *gradient;  /* (classes) owned: of a row */
    void *prepared;    /* owned: by the form */
};

#define TD_LOSS_DECLARE(NAME, function, word)                                          \
    extern const td_loss_form td_loss_##function;
TD_LOSSES(TD_LOSS_DECLARE)
#undef TD_LOSS_DECLARE

/* log softmax(z)_c = (z_c − largest) − log_sum: the largest logit is taken out first,
 * so that nothing overflows and a small loss keeps its digits beside large logits. */
typedef struct {
    double largest, log_sum;
} td_softmax_scale;

td_softmax_scale td_softmax_scale_of(const double *z, int classes);
double td_log_probability(double logit, td_softmax_scale scale);

#endif
