/* The sub-commands of `taildart data`. */
#ifndef TAILDART_CLI_DATA_INTERNAL_H
#define TAILDART_CLI_DATA_INTERNAL_H

#include "cli_internal.h"

extern const td_cli_form td_cli_data_import_form, td_cli_data_info_form,
    td_cli_data_draws_form;

/* Each works on a line whose settings are applied. */
td_status td_cli_data_import(const td_cli_line *line);
td_status td_cli_data_info(const td_cli_line *line);
td_status td_cli_data_draws(const td_cli_line *line);

#endif
