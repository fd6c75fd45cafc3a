/** Floor 7: projection: the cell of a search, chosen by what its supernet misses
 *  (DARTS-PT: Wang, Cheng, Chen, Tang, Hsieh 2021).
 *
 *  Edges are decided one after another: each operation of one is masked in turn, those
 *  that are left share its weight, and the loss of held-out images is measured; the
 *  operation whose absence hurts most stays alone.  Then the nodes: each edge into one
 *  is taken away in turn, and the two that hurt most stay.  When a decision falls,
 *  config_projection.h says.
 */
#ifndef TAILDART_PROJECTION_H
#define TAILDART_PROJECTION_H

#include "taildart/config_projection.h"
#include "taildart/judge.h"

TD_PUBLIC_BEGIN

/** Whether losses tell candidates apart: one of them is a number at least.
 *  Not collective.  Arguments as of td_projection_choose(). */
bool td_projection_tells(const double *loss, const bool *is_there, int count);

/** Which of some candidates stay: those without which the loss is largest, the lower
 *  one on a tie.  A loss that is no number is larger than any: there is no network
 *  without that candidate.
 *  Not collective.  \param [out] stays (count)  \param [in] loss (count) without each
 *  \param [in] is_there (count) whether it is a candidate  \param [in] keep  how many
 *  stay, fewer where there are no more */
void td_projection_choose(bool *stays, const double *loss, const bool *is_there,
                          int count, int keep);

/** The edge of a cell that decision \a number is about, or the node, counted from 0,
 *  behind all edges: a permutation of edges, then of nodes with more than two inputs,
 *  drawn by seed for each cell.
 *  Not collective.  \param [in] cell  0 normal, 1 reduce
 *  \param [out] is_node  which of both */
int td_projection_place(const td_config *config, int cell, int number, bool *is_node);

/** Make the decision that falls at the end of the judge's epoch, if one does: about one
 *  edge or node of the normal cell, then one of the reduction cell; the state has what
 *  is left of them.  With the first one the momentum of the weights begins anew, and
 *  after the last one the network that is left is judged.
 *  Collective.  \param [in] judge  its `most` is not read
 *  \param [in,out] score  of all held-out images: before, and after the last decision
 *  \param [out] is_whole  false when a request to stop came meanwhile: the state is as
 *  it was
 *  \return TD_DATA where images cannot be read, TD_FAILED where the loss is no number
 *  whatever is absent */
td_status td_projection_decide(const td_judge *judge, td_score *score, bool *is_whole);

/** Passes over held-out images that all decisions take.
 *  Not collective.  \param [in] spec  of the supernet */
int td_projection_passes(const td_config *config, const td_net_spec *spec);

TD_PUBLIC_END

#endif
