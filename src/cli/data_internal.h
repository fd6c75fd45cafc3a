/* The sub-commands of `taildart data`. */
#ifndef TAILDART_CLI_DATA_INTERNAL_H
#define TAILDART_CLI_DATA_INTERNAL_H

#include "cli_internal.h"
#include "taildart/data.h"

extern const td_cli_form td_cli_data_import_form, td_cli_data_info_form,
    td_cli_data_draws_form;

/* Each works on a line whose settings are applied. */
td_status td_cli_data_import(const td_cli_line *line);
td_status td_cli_data_info(const td_cli_line *line);
td_status td_cli_data_draws(const td_cli_line *line);

/* What an import changes of the data set that it read. */
typedef struct {
    const char *path;      /* borrowed: the data set, for messages  */
    const char *order;     /* borrowed; NULL: as they are           */
    char *names;           /* owned: what that file holds, or NULL  */
    double test_share;     /* 0: none                               */
    bool cuts_tail;        /* by the keys of the settings           */
    td_settings *settings; /* owned: data.imbalance, data.seed, … */
} td_cli_data_change;

/* Read the options of an import that change a data set.  change is for
 * td_cli_data_change_clear, also after an error.  \return TD_USAGE naming the option */
td_status td_cli_data_change_read(td_cli_data_change *change, const td_cli_line *line);

/* Order the classes, then hold a test part out, then cut the tail.
 * \return TD_USAGE or TD_DATA naming what does not fit */
td_status td_cli_data_change_apply(td_dataset *dataset,
                                   const td_cli_data_change *change);

/* Say what it changed; before, after: of the data set. */
void td_cli_data_change_tell(const td_cli_data_change *change,
                             const td_data_info *before, const td_data_info *after);

/* Release what the options hold. */
void td_cli_data_change_clear(td_cli_data_change *change);

#endif
