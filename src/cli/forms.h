/* Every command's form, and what is made of them: manual pages, completion. */
#ifndef TAILDART_CLI_FORMS_H
#define TAILDART_CLI_FORMS_H

#include "cli_internal.h"

/* The form of a number, from 0, the parts of a command behind it; NULL behind the last.
 * Not collective. */
const td_cli_form *td_cli_form_at(int index);

/* What exit statuses mean, in lines for a terminal. */
extern const char td_cli_statuses[];

/* The name of a manual page by number, from 0: "taildart-search.1", as its file is
 * called.  Not collective.  \return for td_free; NULL behind the last */
char *td_cli_man_name(int index);

/* Write a page in the language of man(7).  Not collective.
 * \param [in] name  as above, or without the number behind the point
 * \return for td_free; NULL where there is no such page */
char *td_cli_man(const char *name);

/* Write what a shell has to load to complete command lines of taildart.
 * Not collective.  \param [in] shell  bash or zsh
 * \return for td_free; NULL for another one */
char *td_cli_completion(const char *shell);

#endif
