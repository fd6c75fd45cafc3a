/** Floor 1: numbers in files and pages, written and read with a decimal point in every
 *  locale. */
#ifndef TAILDART_BASE_NUMBER_H
#define TAILDART_BASE_NUMBER_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

/** Read a field that is one number and nothing else, as strtod takes it in the C
 *  locale: "inf" and "nan" are numbers, too.
 *  Not collective.  \param [out] value  NaN where it is none
 *  \return whether it is one */
bool td_number_read(double *value, const char *field);

/** Read the number at the beginning of a text, as strtod does in the C locale.  errno
 *  is ERANGE where it is too large or too small for a double, 0 otherwise.
 *  Not collective.  \param [out] value  NaN where there is none
 *  \return what follows it; \a text itself where there is none */
const char *td_number_read_first(double *value, const char *text);

/** From here on this thread writes and reads numbers with a point, until
 *  td_numbers_restore.  Pairs may be nested.
 *  Not collective.  \return the locale before, for td_numbers_restore */
void *td_numbers_plain(void);

/** Give the thread back the locale \a before td_numbers_plain.  Not collective. */
void td_numbers_restore(void *before);

TD_PUBLIC_END

#endif
