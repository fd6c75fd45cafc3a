/** Floor 4: genotypes: cells with two operations a node. */
#ifndef TAILDART_NET_GENOTYPE_H
#define TAILDART_NET_GENOTYPE_H

#include "taildart/net.h"

TD_PUBLIC_BEGIN

/** A random genotype, the control of a search: for each node of both cells two
 *  different inputs, every pair alike, and for each of them any operation but `none`,
 *  all alike.
 *  A function of the seed: nodes of a larger cell begin like those of a smaller one.
 *  Not collective.  \param [in] nodes  1 to TD_MAX_NODES */
void td_genotype_random(td_genotype *genotype, int64_t seed, int nodes);

/** Two different inputs below its own number for each node, no `none`.
 *  Not collective. */
bool td_genotype_is_valid(const td_genotype *genotype);

/** The Python form that the DARTS code base reads, one line without a newline.
 *  Not collective.  \return for td_free */
char *td_genotype_python(const td_genotype *genotype);

/** A published genotype by name: DARTS_V1, DARTS_V2, PCDARTS, PDARTS.  Not collective.
 *  \return whether there is one of that name */
bool td_genotype_named(td_genotype *genotype, const char *name);

/** Parse the Python form.  Not collective.  \return TD_USAGE with what was found */
td_status td_genotype_parse(td_genotype *genotype, const char *text);

/** Parse genotype.json, as taildart writes it.  Not collective.  \return TD_USAGE */
td_status td_genotype_parse_json(td_genotype *genotype, const char *text);

TD_PUBLIC_END

#endif
