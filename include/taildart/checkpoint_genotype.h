/** Floor 6: the genotypes of checkpoints and of runs. */
#ifndef TAILDART_CHECKPOINT_GENOTYPE_H
#define TAILDART_CHECKPOINT_GENOTYPE_H

#include "taildart/checkpoint.h"
#include "taildart/genotype.h"

TD_PUBLIC_BEGIN

/** Whether \a words stand for a checkpoint, not for a text or a name: a file that is
 *  HDF5 or is called so, or the directory of a run.  Not collective. */
bool td_checkpoint_is_meant(const char *words);

/** The genotype of a checkpoint: the one that it keeps or, of an older file, what its
 *  alphas say.
 *  Not collective.  \return TD_CHECKPOINT naming \a path */
td_status td_checkpoint_genotype(td_genotype *genotype, const td_checkpoint *checkpoint,
                                 const char *path);

/** The genotype that the alphas of a search's checkpoint say, under its limit on skip
 *  connections; a warning tells of a cell without operations.
 *  Not collective.  \param [in] threshold  as search.threshold, or 0
 *  \param [in] epoch  of its history, counted from 0; the last one or TD_NEVER: as they
 *  stand
 *  \return TD_CHECKPOINT naming \a path; TD_USAGE for a threshold of a training */
td_status td_checkpoint_derive(td_genotype *genotype, const td_checkpoint *checkpoint,
                               const char *path, double threshold, int epoch);

/** Columns of td_checkpoint_alphas(): a row for each operation that an edge has; beta
 *  is empty where edges have no weights; nodes and inputs are states of a cell. */
#define TD_ALPHAS_HEADER "cell,node,input,operation,alpha,weight,beta"

/** The architecture parameters of a checkpoint, and what operations weigh by them: as
 *  tables of 80 columns, or as CSV.
 *  Not collective.  \param [out] text  for td_free
 *  \return TD_USAGE naming \a path, of a training; TD_CHECKPOINT */
td_status td_checkpoint_alphas(char **text, const td_checkpoint *checkpoint,
                               const char *path, bool csv);

/** The genotype that \a words stand for: a checkpoint, the directory of a run, whose
 *  genotype.txt or else checkpoint tells, and all that td_genotype_find() takes.
 *  Not collective (rank 0).  \return as td_genotype_find(); TD_CHECKPOINT */
td_status td_checkpoint_find_genotype(td_genotype *genotype, const char *words);

/** Find the genotype of train.genotype so, and leave its Python form there: a saved run
 *  stands alone.
 *  Not collective (rank 0).  \return as td_checkpoint_find_genotype(), with the key */
td_status td_train_settle_genotype(td_settings *settings);

TD_PUBLIC_END

#endif
