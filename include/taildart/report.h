/** Floor 5: pictures and texts of what was found. */
#ifndef TAILDART_REPORT_H
#define TAILDART_REPORT_H

#include "taildart/net_genotype.h"

/** The genotype as JSON: nodes, concat, and per cell a list of node, op, input.
 *  Not collective.  \return for td_free */
char *td_report_json(const td_genotype *genotype);

/** Both cells as one Graphviz graph.  Not collective.  \return for td_free */
char *td_report_dot(const td_genotype *genotype);

/** The picture through Graphviz's `dot -Tsvg`.
 *  Not collective.  \param [out] svg for td_free
 *  \return TD_FAILED with a hint when `dot` is not installed */
td_status td_report_svg(char **svg, const char *dot);

#endif
