/** Floor 1: the word most similar to another, for error messages. */
#ifndef TAILDART_CONFIG_NEAREST_H
#define TAILDART_CONFIG_NEAREST_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

/** Count the fewest insertions, deletions, changes and swaps of neighbours between two
 *  words (optimal string alignment); only their first 127 bytes count.
 *  Not collective. */
int td_edit_distance(const char *a, const char *b);

/** Find the word nearest to \a word, the first on a tie.
 *  Not collective.  \param [in] words (count), count > 0 */
const char *td_nearest(const char *word, const char *const *words, int count);

/** Whether \a word is probably \a candidate misspelt: at most a third of the letters
 *  wrong, in upper or lower case, or one of the words within the other.
 *  Not collective. */
bool td_is_near(const char *word, const char *candidate);

/** What an error says behind a \a word that is none of \a words: "the nearest is WORD"
 *  where one is near, otherwise "accepted: A, B, C", of many the first twenty.
 *  Not collective.  \param [in] words (count), count > 0  \return for td_free */
char *td_nearest_or_all(const char *word, const char *const *words, int count);

/** Record an error, as td_error does, that ends in "; " and td_nearest_or_all of a
 *  \a word that is none of \a words.
 *  Not collective.  \param [in] words (count), count > 0
 *  \param [in] format  what is said of the word before that  \return \a code */
td_status td_refuse_word(td_status code, const char *word, const char *const *words,
                         int count, const char *format, ...) TD_PRINTF(5, 6);

TD_PUBLIC_END

#endif
