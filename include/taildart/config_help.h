/** Floor 1: the keys explained, by what they are used for; `taildart help keys`, the
 *  manual pages and the completion of shells are made of this and of the table. */
#ifndef TAILDART_CONFIG_HELP_H
#define TAILDART_CONFIG_HELP_H

#include "taildart/config_keys.h"

TD_PUBLIC_BEGIN

/** What keys are used for. */
typedef struct {
    const char *name;    /**< one word: "network"                                  */
    const char *title;   /**< "The network and its cells"                          */
    const char *members; /**< beginnings of their names, with blanks between them  */
} td_key_use;

/** The uses in the order of a run. */
extern const td_key_use td_key_uses[];

/** Their number.  Not collective. */
int td_key_use_count(void);

/** The use of a key: of that member which is the longest beginning of its name.
 *  Not collective.  \return NULL where none is, which a test forbids */
const td_key_use *td_key_use_of(const td_key *key);

/** Whether \a group is the name of the key's use, or some parts of the key's name
 *  (`weights`, `weights.lr`, `lr`).  Not collective. */
bool td_key_is_in(const td_key *key, const char *group);

/** The commands that read a key: "search, data draws".  Not collective.
 *  \return for td_free */
char *td_key_readers(const td_key *key);

/** The default, and that of a training where it is another: "0.5 (train: 1)", "none".
 *  Not collective.  \return for td_free */
char *td_key_standards(const td_key *key);

/** What the key accepts, with its unit; what a training accepts beyond that.
 *  Not collective.  \return for td_free */
char *td_key_values(const td_key *key);

/** Explain the keys of a group (td_key_is_in), or all of them, use by use.
 *  Not collective.  \param [in] group  NULL for all
 *  \return for td_free; NULL where there is no such group */
char *td_keys_help(const char *group);

/** Explain one key on a screen of its own.  Not collective.  \return for td_free */
char *td_key_help(const td_key *key);

TD_PUBLIC_END

#endif
