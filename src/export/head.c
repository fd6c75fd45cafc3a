/* Heads of all kinds as what every program knows: a matrix and a bias.
 *
 * A frame's scale goes into its rows.  Cosines are those of rows that are divided by
 * their norms here, and of features that are divided by theirs in the network.  Two
 * heads on one trunk read the same features, so their matrices are added up. */
#include <math.h>
#include <string.h>

#include "network.h"

static double norm_of(const td_real *row, int n)
{
    double square = 0.0;
    for (int i = 0; i < n; i++)
        square += (double) row[i] * (double) row[i];
    return sqrt(square);
}

/* What all numbers of a row are multiplied by. */
static double factor_of(const td_exported *e, const td_real *row, int n)
{
    double norm = norm_of(row, n);
    if (e->spec.head == TD_HEAD_NORMALISED)
        return norm > 0.0 ? e->spec.head_scale / norm : 0.0;
    return e->spec.head == TD_HEAD_ETF ? e->spec.head_scale : 1.0;
}

/* Whether both halves of a row are of the same features.  These stand twice in what is
 * divided by its norm, which is √2 times that of one of them. */
static bool is_folded(const td_exported *e)
{
    return e->spec.two_branch && e->spec.split == TD_BRANCH_HEAD;
}

static void make_row(td_export_head *head, const td_exported *e, int c,
                     const td_real *row, int n)
{
    td_real *to = head->matrix + (size_t) c * (size_t) head->features;
    double factor = factor_of(e, row, n);
    if (is_folded(e) && head->divides)
        factor /= sqrt(2.0);
    for (int i = 0; i < head->features; i++) {
        double sum = (double) row[i] + (is_folded(e) ? (double) row[i + n / 2] : 0.0);
        to[i] = (td_real) (factor * sum);
    }
}

void td_export_head_make(td_export_head *head, const td_exported *e)
{
    const td_search_state *state = &e->saved->state;
    const td_slot *matrix = td_slots_find(state->weight_slots, "classifier.weight");
    const td_slot *bias = td_slots_find(state->weight_slots, "classifier.bias");
    TD_ASSERT(matrix && matrix->rank == 2);
    int n = matrix->dims[1];
    *head = (td_export_head){ .classes = matrix->dims[0],
                              .features = is_folded(e) ? n / 2 : n,
                              .divides = e->spec.head == TD_HEAD_NORMALISED };
    size_t classes = (size_t) head->classes, features = (size_t) head->features;
    head->matrix = td_malloc(classes * features * sizeof(td_real));
    head->bias = td_malloc(classes * sizeof(td_real));
    for (int c = 0; c < head->classes; c++)
        make_row(head, e, c, state->weights + matrix->offset + (size_t) (c * n), n);
    memset(head->bias, 0, classes * sizeof(td_real));
    if (bias)
        memcpy(head->bias, state->weights + bias->offset, classes * sizeof(td_real));
}
