/** Floor 2: genotypes as people give them. */
#ifndef TAILDART_GENOTYPE_FIND_H
#define TAILDART_GENOTYPE_FIND_H

#include "taildart/config.h"
#include "taildart/genotype.h"

TD_PUBLIC_BEGIN

/** The genotype that \a words stand for: a file with its Python form or its JSON, the
 *  name of a published one, or the Python form itself.
 *  Not collective.  \return TD_USAGE for a text that is wrong and a name misspelt;
 *  TD_CHECKPOINT naming a file that is not there, cannot be read or has no genotype */
td_status td_genotype_find(td_genotype *genotype, const char *words);

/** The same of a file alone, at most a megabyte of text.
 *  Not collective.  \return TD_CHECKPOINT naming it */
td_status td_genotype_read_file(td_genotype *genotype, const char *path);

/** The genotype that td_train_settle_genotype() has left in train.genotype.
 *  Not collective.  \return TD_USAGE when it is no Python form */
td_status td_train_read_genotype(td_genotype *genotype, const td_config *config);

TD_PUBLIC_END

#endif
