/** Settings and helpers shared by the files of this room. */
#ifndef TAILDART_CONFIG_INTERNAL_H
#define TAILDART_CONFIG_INTERNAL_H

#include "taildart/config_keys.h"

#define TD_NEVER_WORD "never"
#define TD_AUTO_WORD "auto"

enum { TD_QUOTE_BYTES = 100 };

/** Shorten and escape a user's text so that it fits into one line.
 *  Not collective. */
void td_config_quote(const char *text, char out[TD_QUOTE_BYTES]);

/** A configuration with the origin of each value. */
struct td_settings {
    td_config config;
    td_config_command command; /**< whose keys are shown and saved    */
    td_origin *origins;        /**< (keys of the table) owned         */
};

/** Whether \a settings show and save the value of this row.
 *  Not collective. */
bool td_settings_shows(const td_settings *settings, const td_key *key);

/** Most rows of a list: its text has to fit into TD_TEXT_BYTES.  Not collective. */
static inline int td_key_most_rows(const td_key *key)
{
    return key->share ? TD_MOST_ROWS / 2 : TD_MOST_ROWS;
}

/** Rules of search.stages (stages.c).
 *  Not collective.  \return TD_USAGE naming the key and what is accepted */
td_status td_stages_check(const td_config *config);

/** Refuse keys that begin with \a prefix, are off their defaults and would have no
 *  effect: \a reason says why, and how to change that.
 *  Not collective.  \return TD_USAGE naming the first such key */
td_status td_settings_check_idle(const td_settings *settings, const char *prefix,
                                 const char *reason);

/** The same of all keys whose effect depends on another one.  Not collective. */
td_status td_settings_check_all_idle(const td_settings *settings);

#endif
