/** Floor 6: cells as JSON, as graphs and as pictures. */
#ifndef TAILDART_REPORT_H
#define TAILDART_REPORT_H

#include "taildart/genotype.h"

TD_PUBLIC_BEGIN

/** Write the genotype as JSON, one pair per line: `nodes`, `concat` (the states a cell
 *  puts side by side), and for `normal` and `reduce` a list of `node`, `input` and
 *  `op`; states 0 and 1 are the cell's inputs.
 *  Not collective.  \return for td_free */
char *td_report_json(const td_genotype *genotype);

/** Write both cells as one Graphviz graph, a cluster each, from left to right; c_{k-2}
 *  and c_{k-1} are the cell's inputs, 0 … its nodes, c_{k} its output.
 *  Not collective.  \return for td_free */
char *td_report_dot(const td_genotype *genotype);

/** Draw a graph by Graphviz's `dot -Tsvg`, found in PATH and run without
 *  a shell.  Not collective.  \param [out] svg for td_free; NULL on failure
 *  \return TD_FAILED, with a hint when `dot` is not installed */
td_status td_report_svg(char **svg, const char *dot);

TD_PUBLIC_END

#endif
