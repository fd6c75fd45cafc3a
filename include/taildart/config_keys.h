/** Floor 1: the one table of keys, for code that lists keys: the parser of values,
 *  help, tables, YAML and the command line's shorthands. */
#ifndef TAILDART_CONFIG_KEYS_H
#define TAILDART_CONFIG_KEYS_H

#include "taildart/config.h"

TD_PUBLIC_BEGIN

typedef enum {
    TD_KEY_INT,   /**< int                                         */
    TD_KEY_INT64, /**< int64_t                                     */
    TD_KEY_REAL,  /**< double, finite                              */
    TD_KEY_BOOL,  /**< bool: true, false                           */
    TD_KEY_TEXT,  /**< char[TD_TEXT_BYTES], valid UTF-8            */
    TD_KEY_NAME,  /**< int: index into names                       */
    TD_KEY_PAIR,  /**< double[2]: [a, b]                           */
    TD_KEY_EPOCH, /**< int, or `never` (TD_NEVER)                  */
    TD_KEY_ROWS   /**< td_rows: [{a: 1, b: 2}, …]                  */
} td_key_type;

/** A row of the table. */
typedef struct {
    const char *name;           /**< "weights.lr.start"                        */
    const char *standard;       /**< the default, as a user would type it      */
    const char *standard_train; /**< the default of `train` where it differs */
    const char *unit;           /**< "epochs"; "" for none                     */
    const char *help;           /**< one line                                  */
    const char *shorthand;      /**< option without dashes, or NULL            */
    size_t offset;              /**< of the value in a td_config               */
    double low, high;           /**< limits; INFINITY for none                 */
    const char *const *names;   /**< of TD_KEY_NAME, in the order of the enum; of
                                     TD_KEY_ROWS: the members of a row         */
    int name_count;
    const char *share; /**< TD_KEY_ROWS: last member, if any; a row may lack it */
    td_key_type type;
    unsigned commands;        /**< td_config_command bits of its readers     */
    td_status refused;        /**< exit code of a bad value; 0 for TD_USAGE  */
    bool low_open, high_open; /**< the limit itself is not accepted          */
    bool train_closed;        /**< but `train` accepts the upper one         */
    bool may_differ;          /**< a continued run may change it             */
    bool takes_auto;          /**< TD_KEY_REAL: or `auto`, TD_AUTO           */
    const char *former;       /**< its default in older versions, whose saved
                                   files have it; NULL for none              */
    bool is_run;              /**< TD_KEY_TEXT: a run or a checkpoint; a run's
                                   checkpoint.h5 is kept as its directory    */
    bool takes_list;          /**< TD_KEY_TEXT: also [a, b], kept as "a, b"   */
} td_key;

/** The table, grouped by room. */
extern const td_key td_keys[];

/** The key's default for a command.  Not collective. */
const char *td_key_standard(const td_key *key, td_config_command command);

/** The number of rows of the table.  Not collective. */
int td_key_count(void);

/** Find the row of a name, NULL if there is none.  Not collective. */
const td_key *td_key_find(const char *name);

/** Find the first key of the group \a name ("weights", "weights.lr"), NULL if there is
 *  none.
 *  Not collective. */
const td_key *td_key_find_group(const char *name);

/** The key that DARTS's scripts and others call \a name (`save`: run.out); NULL where
 *  they call none so.  Not collective. */
const td_key *td_key_of_others(const char *name);

/** Name the keys that an unknown \a name was probably meant to be: those that end in it
 *  (`lr`: both learning rates), that other programs call so (`batch_size`), that have
 *  it as a word (`skips`: search.max_skips), else the nearest key or group if it is
 *  alike.
 *  Not collective.  \param [in] readers  td_config_command bits: keys of these commands
 *  are looked at first; 0 for all  \param [in] before,after  what surrounds each name
 *  \return "a, b or c", for td_free; NULL where nothing is alike */
char *td_key_suggest(const char *name, unsigned readers, const char *before,
                     const char *after);

/** The same of keys of these commands that end in \a name alone.  Not collective. */
char *td_key_ending(const char *name, unsigned readers, const char *before,
                    const char *after);

/** Whether other programs call the choice of a GPU so: `gpu`, `cuda`, `device`.
 *  Not collective. */
bool td_key_is_device(const char *name);

/** Parse \a text into the key's field of \a config, which keeps its value on an error.
 *  Not collective.  \return TD_USAGE, or the key's own code, with key, found,
 *  accepted */
td_status td_key_read(const td_key *key, const char *text, td_config *config);

/** Write the value as text that td_key_read takes back to the same bits.
 *  Not collective.  \param [out] out  holds TD_TEXT_BYTES */
void td_key_write(const td_key *key, const td_config *config, char *out);

/** Describe the values that a key accepts: "a whole number from 1 to 8".
 *  Not collective.  \return for td_free */
char *td_key_accepts(const td_key *key, td_config_command command);

/** Whether the upper limit itself is refused.  Not collective. */
bool td_key_is_high_open(const td_key *key, td_config_command command);

TD_PUBLIC_END

#endif
