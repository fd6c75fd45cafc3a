/* Numbers in the C locale.  A host program may have called setlocale; in files a
 * decimal comma would make two fields of one. */
#include "taildart/base_number.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static locale_t plain_new(void)
{
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t) 0);
    TD_CHECK(plain, "no C locale: %s", strerror(errno));
    return plain;
}

const char *td_number_read_first(double *value, const char *text)
{
    char *end = NULL;
    locale_t plain = plain_new();
    errno = 0;
    *value = strtod_l(text, &end, plain);
    int reason = errno;
    freelocale(plain);
    errno = reason;
    if (end == text)
        *value = NAN;
    return end;
}

bool td_number_read(double *value, const char *field)
{
    const char *end = td_number_read_first(value, field);
    bool is_number = end != field && *end == '\0';
    if (!is_number)
        *value = NAN;
    return is_number;
}

void *td_numbers_plain(void)
{
    return uselocale(plain_new());
}

void td_numbers_restore(void *before)
{
    freelocale(uselocale(before)); /* the one in use is td_numbers_plain's */
}
