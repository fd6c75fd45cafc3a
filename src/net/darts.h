/* The networks of DARTS and BBN: a stem, cells, a classifier; the supernet, or the
 * network of a genotype.  darts.c builds one, darts_pass.c runs it. */
#ifndef TD_NET_DARTS_H
#define TD_NET_DARTS_H

#include "auxiliary.h"
#include "head.h"
#include "network.h"

typedef struct {
    td_stem stem;
    td_cell *cells;         /* (cell_count)                                         */
    int cell_count;         /* spec.cells, and cell_rb where branches have cells */
    td_auxiliary auxiliary; /* where spec.auxiliary is set */
    td_head head;
    int branches;
    int features;     /* of one branch                                        */
    size_t table;     /* numbers of a cell's mixture weights; 0: it has none  */
    td_real *x, *d_x; /* (rows, branches·features) the head's input           */
    double *p, *dp;   /* (2, edges, 8) mixture weights, their gradients       */
} td_darts;

extern const td_network_kind td_network_supernet, td_network_derived;

/* Whether each branch has a last cell of its own. */
static inline bool td_darts_splits_cell(const td_net_spec *spec)
{
    return spec->two_branch && spec->split == TD_BRANCH_CELL;
}

/* Whether a cell belongs to one branch only: 0, 1, or −1 for the shared ones. */
static inline int td_darts_branch(const td_net_spec *spec, int cell)
{
    TD_ASSERT(cell <= spec->cells);
    if (!td_darts_splits_cell(spec) || cell < spec->cells - 1)
        return -1;
    return cell - (spec->cells - 1);
}

/* The first output that there may be: those of stems count −1, and −2 before it. */
enum { TD_DARTS_FIRST = -TD_STEM_OUTPUTS };

/* The output of cell \a number, or of the stem. */
static inline const td_output *td_darts_output(const td_darts *d, int number)
{
    TD_ASSERT(number >= TD_DARTS_FIRST);
    return number < 0 ? td_stem_output(&d->stem, -number) : &d->cells[number].output;
}

/* ---- darts.c: how a network is laid out ----------------------------------- */

/* What a cell is built of; cell_rb has the number behind the last one. */
td_cell_plan td_darts_plan(const td_net_spec *spec, int cell);

/* The operations of such a cell of a derived network. */
td_chosen_cell td_darts_choose(const td_net_spec *spec, const td_cell_plan *plan);

/* ---- darts_pass.c: the functions of the kinds ---------------------------- */

void td_darts_forward(td_network *net, const td_context *ctx, td_real *logits);
void td_darts_evaluate(td_network *net, const td_context *ctx, td_real *logits);
void td_darts_backward(td_network *net, const td_context *ctx, const td_real *d_logits,
                       double *d_mixture);

#endif
