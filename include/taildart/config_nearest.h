/** Floor 1: the nearest of some words, for the errors that name one. */
#ifndef TAILDART_CONFIG_NEAREST_H
#define TAILDART_CONFIG_NEAREST_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

/** Fewest insertions, deletions, changes and swaps of neighbours that turn one word
 *  into the other (optimal string alignment); words longer than 127 bytes count as
 *  that long.
 *  Not collective. */
int td_edit_distance(const char *a, const char *b);

/** The word nearest to \a word, the first on a tie.
 *  Not collective.  \param [in] words (count), count > 0 */
const char *td_nearest(const char *word, const char *const *words, int count);

/** Whether \a candidate may well be what \a word was meant to be: a third of the
 *  letters wrong at most, whatever their case, or one of the words in the other.
 *  Not collective. */
bool td_is_near(const char *word, const char *candidate);

TD_PUBLIC_END

#endif
