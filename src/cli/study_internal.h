/* What both ways to run a study read from its command line. */
#ifndef TAILDART_CLI_STUDY_INTERNAL_H
#define TAILDART_CLI_STUDY_INTERNAL_H

#include "cli_internal.h"
#include "taildart/campaign.h"

/* --out, --data, --launch. */
td_study_replacements td_cli_study_replacements(const td_cli_line *line);

/* --only and --task.  \return TD_USAGE */
td_status td_cli_study_selection(td_study_selection *selection,
                                 const td_cli_line *line);

/* Forget `launch` of the file, with a NOTE: the ranks of this job make the runs. */
void td_cli_study_drop_launch(td_study *study);

/* --ranks-per-run: on the ranks of this job.  Collective. */
td_status td_cli_study_share(td_comm *world, const td_cli_line *line);

#endif
