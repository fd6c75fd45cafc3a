/* Functions shared by the files of this room. */
#ifndef TD_GENOTYPE_INTERNAL_H
#define TD_GENOTYPE_INTERNAL_H

#include "taildart/genotype.h"

/* The last genotype of a script or a log, from its word `Genotype` on, comments aside;
 * NULL: there is none.  count: how many there are. */
const char *td_genotype_last(const char *text, int *count);

/* Whether a published genotype has this name but for one letter, in any case. */
bool td_genotype_is_nearly_named(const char *name);

#endif
